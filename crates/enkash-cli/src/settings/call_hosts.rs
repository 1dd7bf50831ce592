//! Where each operation is called, in one spelling: what the ledger and the questions tell hosts apart by.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use enkash::{OperationId, reqwest::Url};

use super::Located;

/// The hosts of calls: a profile may name one for a tag of the spec.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallHosts {
    base: String,
    tags: BTreeMap<String, String>,
}

impl CallHosts {
    /// Of the base URL, and of the hosts that a profile names by tag.
    pub(super) fn new<'a>(base: Option<&str>, tags: impl Iterator<Item = (&'a str, &'a Located<String>)>) -> Self {
        let tags = tags.map(|(tag, host)| (tag.to_owned(), origin(&host.value)));
        Self {
            base: base.map(origin).unwrap_or_default(),
            tags: tags.collect(),
        }
    }

    /// Where this operation is called.
    pub(crate) fn of(&self, operation: OperationId) -> &str {
        self.tags.get(operation.operation().tag).unwrap_or(&self.base)
    }

    /// Every host.
    pub(crate) fn all(&self) -> BTreeSet<&str> {
        self.tags.values().chain([&self.base]).map(String::as_str).collect()
    }
}

/// Scheme, host and port, and no more of it: a URL may carry a password. What is certainly one host has one spelling: a dot at
/// the end says nothing, and this machine has several names.
fn origin(url: &str) -> String {
    let Ok(url) = url.parse::<Url>() else {
        return String::new();
    };
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let is_this_machine = host == "localhost" || bare.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    let host = if is_this_machine { "127.0.0.1" } else { host };
    match url.port() {
        Some(port) => format!("{}://{host}:{port}", url.scheme()),
        None => format!("{}://{host}", url.scheme()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_one_host_has_one_spelling() {
        for (url, spelling) in [
            ("https://API.example.com.:443/x?y", "https://api.example.com"),
            ("http://localhost:4010/", "http://127.0.0.1:4010"),
            ("http://[::1]:4010", "http://127.0.0.1:4010"),
            ("https://u:p@api.example.com:8443", "https://api.example.com:8443"),
        ] {
            assert_eq!(origin(url), spelling);
        }
    }
}
