//! Reads recordings: HAR 1.2, and plain pairs of request and response. Whoever learns from calls starts here. Nothing that a
//! file says is trusted: every size is bounded, and an error names its entry and never its values.

mod bounded;
mod entry;
pub(crate) mod har;
mod pairs;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::RecordingError;
use crate::exchange::Exchange;
use crate::limits::{MAX_ENTRIES, MAX_FILE_BYTES};

/// Calls that were recorded.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Recording {
    /// The calls, in the order of the file.
    pub exchanges: Vec<Exchange>,
    /// What was redacted and how often, by rule; empty where the file does not say.
    pub redaction: BTreeMap<String, u64>,
    /// Why the end of the file is missing, where it is: the calls before it are whole.
    pub cut_off: Option<String>,
}

/// What tells the forms apart.
#[derive(Deserialize)]
struct Probe<'a> {
    #[serde(borrow)]
    log: Option<&'a RawValue>,
    #[serde(borrow)]
    request: Option<&'a RawValue>,
}

impl Recording {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is no recording, is too large, or has an entry that cannot be used.
    pub fn read(path: impl AsRef<Path>) -> Result<Recording, RecordingError> {
        let path = path.as_ref();
        let io = |error| RecordingError::io(path, error);
        let metadata = std::fs::metadata(path).map_err(io)?;
        if !metadata.is_file() {
            return Err(RecordingError::NotARecording(format!(
                "{} is no file; name a HAR file",
                path.display()
            )));
        }
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(io)?;
        file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
        Recording::from_slice(&bytes)
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    ///
    /// As for [`Recording::read`].
    ///
    /// ```
    /// use enkash_recording::Recording;
    ///
    /// let pairs = br#"{"request": {"method": "GET", "url": "/api/v0/cart"}, "response": {"status": 200, "body": {"code": 0}}}"#;
    /// let recording = Recording::from_slice(pairs)?;
    /// assert_eq!(recording.exchanges[0].status, 200);
    /// # Ok::<(), enkash_recording::RecordingError>(())
    /// ```
    pub fn from_slice(bytes: &[u8]) -> Result<Recording, RecordingError> {
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(RecordingError::TooLarge {
                limit: MAX_FILE_BYTES,
                what: "bytes",
            });
        }
        let text = as_text(bytes)?;
        if text.trim_start().starts_with('[') {
            return pairs::read_array(text);
        }
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
        let first = match values.next() {
            Some(Ok(first)) => first,
            Some(Err(error)) => return har::recover(text).unwrap_or_else(|| Err(not_json(&error))),
            None => {
                return Err(RecordingError::NotARecording(
                    "the file is empty; record into it first".to_owned(),
                ));
            }
        };
        let probe = serde_json::from_str::<Probe<'_>>(first.get()).ok();
        match probe {
            Some(Probe { log: Some(log), .. }) => match values.next() {
                None => har::read(log),
                Some(_) => Err(RecordingError::NotARecording(
                    "something stands after the end of the HAR; remove it".to_owned(),
                )),
            },
            Some(Probe { request: Some(_), .. }) => {
                let all = std::iter::once(Ok(first)).chain(values);
                pairs::read_all(all)
            }
            _ => Err(RecordingError::NotARecording(
                "the file has neither `log`, as a HAR has, nor `request` and `response`, as plain pairs have"
                    .to_owned(),
            )),
        }
    }
}

fn as_text(bytes: &[u8]) -> Result<&str, RecordingError> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(RecordingError::NotARecording(
            "the file is UTF-16; save it as UTF-8".to_owned(),
        ));
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        RecordingError::NotARecording(format!("the file is not UTF-8 at byte {at}; save it as UTF-8"))
    })
}

/// Where the file stops being JSON, without what stands there.
fn not_json(error: &serde_json::Error) -> RecordingError {
    let (line, column) = (error.line(), error.column());
    RecordingError::NotARecording(format!(
        "the file is not JSON from line {line}, column {column} on; export it again, or remove what follows"
    ))
}

/// Counts entries against the bound.
fn check_count(count: usize) -> Result<(), RecordingError> {
    if count > MAX_ENTRIES {
        return Err(RecordingError::TooLarge {
            limit: MAX_ENTRIES as u64,
            what: "entries",
        });
    }
    Ok(())
}
