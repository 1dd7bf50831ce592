//! Which host could not be reached, and why, where that is known for sure. Nothing of a path or a query is in it.

use std::{error::Error, fmt, io};

/// A host that no connection was made to. It is written behind the words for the host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unreached {
    origin: Option<String>,
    cause: Option<&'static str>,
}

impl Unreached {
    /// Of an error of the HTTP client's that still has its URL.
    pub(crate) fn new(error: &reqwest::Error) -> Self {
        let origin = error.url().map(|url| url.origin().ascii_serialization());
        let is_https = error.url().is_some_and(|url| url.scheme() == "https");
        let cause = match error.is_timeout() {
            true => Some("no connection was made in time"),
            false => cause(error, is_https),
        };
        Self { origin, cause }
    }
}

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(origin) = &self.origin {
            write!(f, " {origin}")?;
        }
        f.write_str(" could not be reached")?;
        match self.cause {
            Some(cause) => write!(f, ": {cause}"),
            None => Ok(()),
        }
    }
}

/// The first source that says it without doubt. A proxy's failures look the same, so no cause names who refused.
fn cause(error: &reqwest::Error, is_https: bool) -> Option<&'static str> {
    let mut next = error.source();
    while let Some(error) = next {
        let kind = error.downcast_ref().map(innermost_kind);
        let found = match kind {
            // The type of this error is private to the HTTP client.
            None if is_of_dns(&error.to_string()) => Some("its name was not resolved"),
            Some(io::ErrorKind::ConnectionRefused) => Some("the connection was refused"),
            Some(io::ErrorKind::ConnectionReset) => Some("the connection was reset"),
            Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => Some("there is no way to it"),
            Some(io::ErrorKind::TimedOut) => Some("no connection was made in time"),
            // While a connection is made, only TLS reads what can be wrong.
            Some(io::ErrorKind::InvalidData) if is_https => Some("TLS failed"),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
        next = error.source();
    }
    None
}

/// An error of the system's in another one is none of its sources.
fn innermost_kind(error: &io::Error) -> io::ErrorKind {
    let mut innermost = error;
    while let Some(inner) = innermost.get_ref().and_then(|inner| inner.downcast_ref()) {
        innermost = inner;
    }
    innermost.kind()
}

fn is_of_dns(text: &str) -> bool {
    text == "dns error" || text.starts_with("dns error: ")
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use reqwest::dns::{Name, Resolve, Resolving};

    use super::*;

    /// Resolves no name.
    struct NoNames;

    impl Resolve for NoNames {
        fn resolve(&self, _: Name) -> Resolving {
            Box::pin(async { Err("nobody knows it".into()) })
        }
    }

    async fn unreached(url: &str) -> String {
        let http = enkash_api::http_client_builder()
            .no_proxy()
            .dns_resolver(std::sync::Arc::new(NoNames))
            .build()
            .unwrap();
        let error = http.get(url).send().await.unwrap_err();
        Unreached::new(&error).to_string()
    }

    #[tokio::test]
    async fn the_host_is_named_with_what_is_known_of_the_cause() {
        assert_eq!(
            unreached("http://127.0.0.1:1/9000000004?q=canary").await,
            " http://127.0.0.1:1 could not be reached: the connection was refused"
        );
        assert_eq!(
            unreached("https://no-such-host.invalid/").await,
            " https://no-such-host.invalid could not be reached: its name was not resolved"
        );
        let plain = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = plain.local_addr().unwrap();
        let answering = std::thread::spawn(move || {
            use std::io::{Read, Write};
            let (mut stream, _) = plain.accept().unwrap();
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
        });
        let of_tls = unreached(&format!("https://{address}/")).await;
        let named = format!(" https://{address} could not be reached");
        // Other TLS libraries do not all say that it was they who failed.
        let is_silent = cfg!(feature = "native-tls") && of_tls == named;
        assert!(is_silent || of_tls == format!("{named}: TLS failed"), "{of_tls}");
        answering.join().unwrap();
        assert_eq!(Unreached::default().to_string(), " could not be reached");
    }
}
