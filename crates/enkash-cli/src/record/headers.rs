//! Which headers go on, in either direction: all but those that are about one connection.

use enkash_recording::Message;
use http::{HeaderMap, HeaderName, header};

/// About the connection, not about the message. `Connection` can name more of them.
const HOP_BY_HOP: [HeaderName; 7] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];
/// The same, without a name in the crate `http`.
const OTHER_HOP_BY_HOP: [&str; 2] = ["keep-alive", "proxy-connection"];

/// The headers of a request as the API gets them. It must not compress: what is compressed cannot be redacted.
pub(super) fn of_request(headers: &HeaderMap) -> HeaderMap {
    let mut kept = without_hop_by_hop(headers);
    for name in [
        header::HOST,
        header::CONTENT_LENGTH,
        header::ACCEPT_ENCODING,
        header::EXPECT,
        header::ORIGIN,
    ] {
        kept.remove(name);
    }
    kept
}

/// The headers of a response as the client gets them.
pub(super) fn of_response(headers: &HeaderMap) -> HeaderMap {
    let mut kept = without_hop_by_hop(headers);
    // It is that of the body, which is handed over whole.
    kept.remove(header::CONTENT_LENGTH);
    kept
}

fn without_hop_by_hop(headers: &HeaderMap) -> HeaderMap {
    let mut kept = headers.clone();
    let named = headers.get_all(header::CONNECTION).iter();
    let named = named
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    for name in named.filter_map(|name| name.trim().parse::<HeaderName>().ok()) {
        kept.remove(name);
    }
    for name in HOP_BY_HOP {
        kept.remove(name);
    }
    for name in OTHER_HOP_BY_HOP {
        kept.remove(name);
    }
    kept
}

/// A message as the redaction takes it. A body that is larger than a recording holds is not kept in memory.
pub(super) fn message(headers: &HeaderMap, body: &[u8]) -> Message {
    let headers = headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    });
    let body = match body.len() {
        0 => enkash_recording::Body::None,
        length if length > enkash_recording::limits::MAX_BODY_BYTES => enkash_recording::Body::Omitted {
            size: length as u64,
            reason: "too large".to_owned(),
        },
        _ => enkash_recording::Body::Bytes(body.to_vec()),
    };
    Message {
        headers: headers.collect(),
        body,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_about_the_connection_stays() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "close, X-Hop"),
            ("keep-alive", "1"),
            ("x-hop", "1"),
            ("transfer-encoding", "chunked"),
            ("authorization", "Bearer t"),
            ("partnerid", "P"),
            ("host", "127.0.0.1:1"),
            ("accept-encoding", "gzip"),
        ] {
            headers.insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        let names = |kept: &HeaderMap| {
            let mut names: Vec<_> = kept.keys().map(|name| name.as_str().to_owned()).collect();
            names.sort_unstable();
            names
        };
        assert_eq!(names(&of_request(&headers)), ["authorization", "partnerid"]);
        assert_eq!(
            names(&of_response(&headers)),
            ["accept-encoding", "authorization", "host", "partnerid"]
        );
    }
}
