//! How large a response may be: its bytes, counted while they arrive, and the values of its JSON, counted before anything
//! decodes them. The transport holds every response to it; an executor that reads the body itself calls it too.

use std::sync::LazyLock;

use bytes::Bytes;
use reqwest::{Response, ResponseBuilderExt, StatusCode, Url};

use super::BoxError;

/// The largest response that is read, in bytes.
///
/// Decoding takes memory for each value, however short it is: `[{"":0},…]` took 180 times its length. So the limit bounds the
/// values too, which are counted before anything is decoded: one entry of a list for each 256 bytes of the limit, and one field
/// for each 12 bytes, where an object or a list counts as six fields. Decoded, a response takes at most about 20 times its limit.
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

/// Bytes of the limit for one entry of a list. Whatever it is, it may become a record of hundreds of bytes.
const BYTES_FOR_AN_ENTRY: usize = 256;
/// Bytes of the limit for one field.
const BYTES_FOR_A_FIELD: usize = 12;
/// An object takes the memory of so many fields as soon as it has one.
const FIELDS_FOR_A_CONTAINER: usize = 6;
/// No valid JSON of a length up to the limit divided by this has too many values: an entry needs two bytes.
const ALLOWED_LENGTH_DIVISOR: usize = BYTES_FOR_AN_ENTRY / 2;

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

    /// Whether a body of this length has not too many values, whatever it holds.
    pub(super) fn allows_any(self, length: u64) -> bool {
        length <= (self.max_bytes / ALLOWED_LENGTH_DIVISOR) as u64
    }

    /// Counts the values of a body, of which nothing is decoded. Whatever is no JSON is left to the decoder, which stops at the
    /// first byte that is not.
    ///
    /// # Errors
    ///
    /// There are more than the limit allows.
    pub fn check_values(self, status: StatusCode, body: &[u8]) -> Result<(), ResponseTooLarge> {
        if self.allows_any(body.len() as u64) || self.allows_values(body) {
            return Ok(());
        }
        Err(self.error(status, Excess::Values))
    }

    fn allows_values(self, body: &[u8]) -> bool {
        let (max_entries, max_fields) = (self.max_bytes / BYTES_FOR_AN_ENTRY, self.max_bytes / BYTES_FOR_A_FIELD);
        let (mut entries, mut fields) = (0, 0);
        // What the open containers are, a bit for each, 1 for a list. No decoder goes deeper than 128.
        let mut is_list = 0_u128;
        let mut bytes = body.iter();
        while let Some(byte) = bytes.next() {
            match byte {
                b'{' | b'[' => {
                    fields += FIELDS_FOR_A_CONTAINER;
                    is_list = is_list << 1 | u128::from(*byte == b'[');
                }
                b'}' | b']' => is_list >>= 1,
                b',' if is_list & 1 == 1 => entries += 1,
                b',' => fields += 1,
                b'"' => skip_text(&mut bytes),
                _ => continue,
            }
            if entries > max_entries || fields > max_fields {
                return false;
            }
        }
        true
    }

    fn error(self, status: StatusCode, excess: Excess) -> ResponseTooLarge {
        ResponseTooLarge {
            status,
            max_bytes: self.max_bytes,
            excess,
        }
    }
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
mod tests;
