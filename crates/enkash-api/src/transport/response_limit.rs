//! How large a response may be: its bytes, counted while they arrive, and the values of its JSON, counted before anything
//! decodes them. The transport holds every response to it; an executor that reads the body itself calls it too.

use std::sync::LazyLock;

use bytes::Bytes;
use reqwest::{Response, ResponseBuilderExt, StatusCode, Url};

use super::BoxError;

/// The largest response that is read, in bytes.
///
/// Decoding takes memory for each value, however short it is: `[{"":0},…]` took 180 times its length. So the limit also bounds
/// the values: for each 8 bytes of it the JSON may have one, and a list or an object counts as ten. Decoded, a response takes
/// at most about 20 times its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponseLimit {
    max_bytes: usize,
}

/// A response was not read to its end, or not decoded, because it is larger than its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the response (HTTP {}) has more {excess} than its limit of {max_bytes} bytes allows", status.as_u16())]
#[non_exhaustive]
pub struct ResponseTooLarge {
    /// The status.
    pub status: StatusCode,
    /// The limit.
    pub max_bytes: usize,
    excess: Excess,
}

/// What there is too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Excess {
    #[error("bytes")]
    Bytes,
    #[error("JSON values")]
    Values,
}

/// A response has no whole body.
#[derive(Debug, thiserror::Error)]
pub enum ResponseBodyError {
    /// It is larger than its limit.
    #[error(transparent)]
    TooLarge(#[from] ResponseTooLarge),
    /// It did not arrive.
    #[error(transparent)]
    Lost(#[from] reqwest::Error),
}

impl ResponseBodyError {
    /// The reason itself, which callers look for by its type.
    pub(super) fn into_reason(self) -> BoxError {
        match self {
            Self::TooLarge(error) => error.into(),
            Self::Lost(error) => error.into(),
        }
    }
}

/// Bytes of the limit for one value.
const BYTES_FOR_A_VALUE: usize = 8;
/// An object or a list takes the memory of so many other values, even when it is empty.
const CONTAINER_WEIGHT: usize = 10;

impl ResponseLimit {
    /// At most so many bytes.
    #[must_use]
    pub const fn bytes(max_bytes: usize) -> Self {
        Self { max_bytes }
    }

    /// The limit.
    #[must_use]
    pub const fn max_bytes(self) -> usize {
        self.max_bytes
    }

    /// Reads the whole body. Where it is too large the rest stays unread, and the connection is not used again once the response
    /// is dropped.
    ///
    /// # Errors
    ///
    /// The body is longer than the limit, or did not arrive.
    pub async fn read(self, response: &mut Response) -> Result<Bytes, ResponseBodyError> {
        self.check_length(response, response.content_length().unwrap_or_default())?;
        // Most come in one piece, which is kept as it is.
        let first = response.chunk().await?.unwrap_or_default();
        self.check_length(response, first.len() as u64)?;
        let Some(mut next) = response.chunk().await? else {
            return Ok(first);
        };
        let mut body = first.to_vec();
        loop {
            self.check_length(response, (body.len() + next.len()) as u64)?;
            body.extend_from_slice(&next);
            match response.chunk().await? {
                Some(chunk) => next = chunk,
                None => return Ok(body.into()),
            }
        }
    }

    fn check_length(self, response: &Response, length: u64) -> Result<(), ResponseTooLarge> {
        if length <= self.max_bytes as u64 {
            return Ok(());
        }
        Err(self.error(response.status(), Excess::Bytes))
    }

    /// Whether a body of this length can exceed nothing, whatever it holds.
    pub(super) fn allows_any(self, length: u64) -> bool {
        let max_weight = self.max_bytes / BYTES_FOR_A_VALUE;
        length.saturating_mul(CONTAINER_WEIGHT as u64) <= max_weight as u64
    }

    /// Counts the values of a body, of which nothing is decoded. Whatever is no JSON is left to the decoder, which stops at the
    /// first byte that is not.
    ///
    /// # Errors
    ///
    /// There are more than the limit allows.
    pub fn check_values(self, status: StatusCode, body: &[u8]) -> Result<(), ResponseTooLarge> {
        let max_weight = self.max_bytes / BYTES_FOR_A_VALUE;
        if self.allows_any(body.len() as u64) || weight_of(body, max_weight) <= max_weight {
            return Ok(());
        }
        Err(self.error(status, Excess::Values))
    }

    fn error(self, status: StatusCode, excess: Excess) -> ResponseTooLarge {
        ResponseTooLarge {
            status,
            max_bytes: self.max_bytes,
            excess,
        }
    }
}

/// What the values of a body weigh, counted no further than just above the most that may be.
fn weight_of(body: &[u8], max_weight: usize) -> usize {
    let mut weight = 0;
    let mut bytes = body.iter();
    while let Some(byte) = bytes.next()
        && weight <= max_weight
    {
        match byte {
            b'{' | b'[' => weight += CONTAINER_WEIGHT,
            b',' => weight += 1,
            b'"' => skip_text(&mut bytes),
            _ => {}
        }
    }
    weight
}

/// Goes to the quote that ends a text.
fn skip_text(bytes: &mut std::slice::Iter<'_, u8>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
}

/// A response with the body that was read of it. It has a URL, because reqwest would make one up by parsing it, each time; and
/// not the real one, because an error would show what may be a person's data.
#[must_use]
pub fn with_body(mut response: Response, body: Bytes) -> http::Response<Bytes> {
    static PLACEHOLDER_URL: LazyLock<Option<Url>> = LazyLock::new(|| "http://no.url".parse().ok());
    let mut shell = http::response::Builder::new();
    if let Some(extensions) = shell.extensions_mut() {
        *extensions = std::mem::take(response.extensions_mut());
    }
    if let Some(url) = &*PLACEHOLDER_URL {
        shell = shell.url(url.clone());
    }
    let (mut parts, ()) = shell.body(()).unwrap_or_default().into_parts();
    parts.status = response.status();
    parts.headers = std::mem::take(response.headers_mut());
    http::Response::from_parts(parts, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: ResponseLimit = ResponseLimit::bytes(80_000);

    fn check(body: &str) -> Result<(), ResponseTooLarge> {
        LIMIT.check_values(StatusCode::OK, body.as_bytes())
    }

    fn list_of(item: &str, count: usize) -> String {
        format!("[{}]", vec![item; count].join(","))
    }

    #[test]
    fn values_are_counted_outside_of_texts_only() {
        // The list itself weighs 10, each comma 1.
        assert!(check(&list_of("0", 9_991)).is_ok());
        assert!(check(&list_of("0", 9_992)).is_err());
        assert!(check(&list_of("{}", 908)).is_ok());
        assert!(check(&list_of("{}", 910)).is_err());
        assert!(check(&list_of(r#"{"":0}"#, 910)).is_err());
        for text in [",[{", r#"\","#, r#"\\\"[["#, "\u{1F600}[,"] {
            assert!(check(&format!("[\"{}\"]", text.repeat(9_000))).is_ok(), "{text}");
        }
        // The text ends before the brackets, in each of these.
        for text in ["", r"\\", r#"\""#] {
            assert!(
                check(&format!("[\"{text}\",{}]", list_of("[]", 910))).is_err(),
                "{text}"
            );
        }
    }

    #[test]
    fn nesting_is_counted_like_a_list() {
        assert!(check(&"[".repeat(1_001)).is_err());
        assert!(check(&"[".repeat(1_000)).is_ok());
    }

    #[test]
    fn an_error_says_the_limit_and_what_exceeds_it() {
        let error = check(&list_of("0", 10_000)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the response (HTTP 200) has more JSON values than its limit of 80000 bytes allows"
        );
    }
}
