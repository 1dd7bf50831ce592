//! Plain pairs: `{"request": {…}, "response": {…}}`, one a line or in an array. For whoever has calls and no HAR.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::bounded::{Bounded, TOO_MANY};
use super::{Recording, check_count, entry, not_json};
use crate::error::RecordingError;
use crate::exchange::{Body, Exchange, Message};
use crate::json::Json;
use crate::limits::{MAX_ENTRIES, MAX_HEADERS};

#[derive(Deserialize)]
struct PairEntry {
    #[serde(default)]
    started_at: Option<String>,
    #[serde(default)]
    elapsed_ms: Option<u32>,
    request: PairRequest,
    response: PairResponse,
}

#[derive(Deserialize)]
struct PairRequest {
    method: String,
    url: String,
    #[serde(default)]
    headers: Option<Json>,
    #[serde(default)]
    body: Option<Json>,
}

#[derive(Deserialize)]
struct PairResponse {
    status: u16,
    #[serde(default)]
    headers: Option<Json>,
    #[serde(default)]
    body: Option<Json>,
}

/// Reads an array of pairs.
pub(super) fn read_array(text: &str) -> Result<Recording, RecordingError> {
    let items: Bounded<&RawValue, MAX_ENTRIES> = serde_json::from_str(text).map_err(|error| {
        if error.to_string().contains(TOO_MANY) {
            return RecordingError::TooLarge {
                limit: MAX_ENTRIES as u64,
                what: "entries",
            };
        }
        not_json(&error)
    })?;
    read_all(items.0.into_iter().map(Ok))
}

/// Reads pairs that follow one another.
pub(super) fn read_all<'a>(
    values: impl Iterator<Item = Result<&'a RawValue, serde_json::Error>>,
) -> Result<Recording, RecordingError> {
    let mut recording = Recording::default();
    for (index, value) in values.enumerate() {
        let number = index + 1;
        check_count(number)?;
        let read = || -> Result<Exchange, String> {
            let value = value.map_err(|_| "it is not JSON".to_owned())?;
            let entry: PairEntry = serde_json::from_str(value.get()).map_err(|error| entry::problem(&error))?;
            exchange(entry)
        };
        let exchange = read().map_err(|problem| RecordingError::Entry { entry: number, problem })?;
        recording.exchanges.push(exchange);
    }
    Ok(recording)
}

fn exchange(entry: PairEntry) -> Result<Exchange, String> {
    let started_at = match entry.started_at {
        None => Timestamp::UNIX_EPOCH,
        Some(text) => text
            .parse()
            .map_err(|_| "started_at is no time as in 2026-01-01T00:00:00Z".to_owned())?,
    };
    let target = entry::target(&entry.request.url)?;
    Ok(Exchange {
        started_at,
        elapsed: Duration::from_millis(entry.elapsed_ms.unwrap_or(0).into()),
        origin: target.origin,
        method: entry.request.method.to_ascii_uppercase(),
        path: target.path,
        query: target.query,
        request: message(entry.request.headers, entry.request.body)?,
        status: entry.response.status,
        response: message(entry.response.headers, entry.response.body)?,
        operation: None,
    })
}

fn message(headers: Option<Json>, body: Option<Json>) -> Result<Message, String> {
    let fields = match headers {
        None | Some(Json::Null) => Vec::new(),
        Some(Json::Object(fields)) => fields,
        Some(_) => return Err("its headers are no object of texts".to_owned()),
    };
    if fields.len() > MAX_HEADERS {
        return Err(format!("it has more than {MAX_HEADERS} headers"));
    }
    let pairs = fields.into_iter().map(|(name, value)| match value {
        Json::Text(value) => Ok((name, value)),
        _ => Err("the value of a header is no text".to_owned()),
    });
    let mut headers = entry::headers(pairs.collect::<Result<Vec<_>, _>>()?.into_iter())?;
    let has_type = headers.iter().any(|(name, _)| name == "content-type");
    let body = match body {
        None | Some(Json::Null) => Body::None,
        // A text is the body itself; everything else is JSON.
        Some(Json::Text(text)) => entry::body(text, None)?,
        Some(value) => {
            if !has_type {
                headers.push(("content-type".to_owned(), "application/json".to_owned()));
            }
            entry::body(value.to_string(), None)?
        }
    };
    Ok(Message { headers, body })
}
