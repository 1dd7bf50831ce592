//! Paths in the addresses of servers.

use std::{fmt::Write, path::Path};

/// A path as one part of a URL, with its slashes encoded, too.
pub(crate) fn percent_encoded(path: &Path) -> String {
    let mut encoded = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        let _ = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => write!(encoded, "{}", char::from(*byte)),
            _ => write!(encoded, "%{byte:02X}"),
        };
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_a_url_could_read_otherwise_is_encoded() {
        let path = Path::new("/tmp/a b?c#d%e@f:g/.x_Y-9");
        assert_eq!(percent_encoded(path), "%2Ftmp%2Fa%20b%3Fc%23d%25e%40f%3Ag%2F.x_Y-9");
    }
}
