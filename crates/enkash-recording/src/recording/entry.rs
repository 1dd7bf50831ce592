//! What the entries of both forms share: the parts of a URL, bodies and headers within their bounds, and errors that say what
//! is wrong without the value.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::exchange::Body;
use crate::limits::{MAX_BODY_BYTES, MAX_HEADERS, MAX_TEXT_BYTES};

/// The parts of a URL, or of a path with a query.
pub(super) struct Target {
    pub(super) origin: Option<String>,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
}

/// Takes a URL apart.
pub(super) fn target(url: &str) -> Result<Target, String> {
    check_length(url, "the URL")?;
    let without_fragment = url.split('#').next().unwrap_or_default();
    let (before_query, query) = without_fragment.split_once('?').unwrap_or((without_fragment, ""));
    let (origin, path) = match before_query.split_once("://") {
        None => (None, before_query),
        Some((scheme, rest)) => {
            let (host, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
            // Who logs in within a URL is not part of the host.
            let host = host.rsplit('@').next().unwrap_or_default();
            (Some(format!("{scheme}://{host}").to_ascii_lowercase()), path)
        }
    };
    if !path.starts_with('/') {
        return Err("its URL has no path: write one that begins with a slash".to_owned());
    }
    let query: Vec<_> = form_urlencoded::parse(query.as_bytes())
        .take(MAX_HEADERS + 1)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    if query.len() > MAX_HEADERS {
        return Err(format!("its URL has more than {MAX_HEADERS} query values"));
    }
    Ok(Target {
        origin,
        path: path.to_owned(),
        query,
    })
}

pub(super) fn check_length(text: &str, what: &str) -> Result<(), String> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(format!("{what} is longer than {MAX_TEXT_BYTES} bytes"));
    }
    Ok(())
}

/// Headers with their names in lower case. Those of HTTP/2 that begin with a colon are left out.
pub(super) fn headers(pairs: impl Iterator<Item = (String, String)>) -> Result<Vec<(String, String)>, String> {
    let mut headers = Vec::new();
    for (name, value) in pairs {
        check_length(&name, "the name of a header")?;
        check_length(&value, "the value of a header")?;
        if !name.starts_with(':') {
            headers.push((name.to_ascii_lowercase(), value));
        }
    }
    Ok(headers)
}

/// A body from its text. One that is larger than a body may be is kept as its size.
pub(super) fn body(text: String, encoding: Option<&str>) -> Result<Body, String> {
    let bytes = match encoding {
        None => text.into_bytes(),
        Some(name) if name.eq_ignore_ascii_case("base64") => {
            if text.len() / 4 * 3 > MAX_BODY_BYTES + 3 {
                return Ok(too_large(text.len() as u64 / 4 * 3));
            }
            let decoded = STANDARD.decode(text.as_bytes());
            decoded.map_err(|_| "its body says that it is Base64 and is not".to_owned())?
        }
        Some(_) => return Err("its body has an encoding that is not base64".to_owned()),
    };
    Ok(match bytes.len() {
        0 => Body::None,
        length if length > MAX_BODY_BYTES => too_large(length as u64),
        _ => Body::Bytes(bytes),
    })
}

fn too_large(size: u64) -> Body {
    Body::Omitted {
        size,
        reason: format!("larger than {MAX_BODY_BYTES} bytes"),
    }
}

/// What serde says is wrong, without the value that it may quote.
pub(super) fn problem(error: &serde_json::Error) -> String {
    if error.to_string().contains(super::bounded::TOO_MANY) {
        return format!("it has more than {MAX_HEADERS} headers, query values or form fields");
    }
    match error.classify() {
        serde_json::error::Category::Data => {
            format!(
                "a field is missing or has another type than it should, at column {}",
                error.column()
            )
        }
        _ => "it is not JSON, or nests too deep".to_owned(),
    }
}
