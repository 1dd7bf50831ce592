//! Where credentials may go. Both levels ask here before a bearer token or a Basic credential is put
//! on a request.

use reqwest::Url;
use url::Host;

/// Credentials were about to travel unencrypted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("credentials are not sent to {host} over plain http: use https, or allow this host by name")]
#[non_exhaustive]
pub struct PlainHttpRefused {
    /// The host.
    pub host: String,
}

/// Refuses plain http except to loopback and to hosts that were opted in by name.
///
/// # Errors
///
/// [`PlainHttpRefused`] names the host.
pub fn refuse_plain_http(url: &Url, allowed_hosts: &[String]) -> Result<(), PlainHttpRefused> {
    if url.scheme() == "https" {
        return Ok(());
    }
    let is_loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    };
    let host = url.host_str().unwrap_or_default();
    if is_loopback || allowed_hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(host)) {
        return Ok(());
    }
    Err(PlainHttpRefused { host: host.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_loopback_and_for_hosts_named() {
        let check = |url: &str| refuse_plain_http(&url.parse().unwrap(), &["stub.test".to_owned()]);
        for fine in [
            "https://api.example",
            "http://127.0.0.1:8080",
            "http://localhost",
            "http://[::1]:1",
            "http://stub.test",
        ] {
            assert_eq!(check(fine), Ok(()), "{fine}");
        }
        for bad in [
            "http://api.example",
            "http://10.0.0.1",
            "http://localhost.evil.example",
            "http://127.0.0.1.evil.example",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
