//! HAR 1.2: what browsers, proxies and `enkash record` write. Reads `log.entries`, writes one entry for the writer, and brings
//! back the whole entries of a file of ours whose writing was cut off.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::bounded::{Bounded, TOO_MANY};
use super::{Recording, check_count, entry};
use crate::error::RecordingError;
use crate::exchange::{Body, Exchange, Message};
use crate::limits::{MAX_ENTRIES, MAX_HEADERS};

#[derive(Deserialize)]
struct Log<'a> {
    #[serde(borrow, default)]
    entries: Bounded<&'a RawValue, MAX_ENTRIES>,
    #[serde(rename = "_redaction", default)]
    redaction: Option<Counts>,
}

#[derive(Deserialize)]
struct Counts {
    #[serde(default)]
    rules: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(default)]
    started_date_time: Option<String>,
    #[serde(default)]
    time: Option<f64>,
    request: HarRequest,
    response: HarResponse,
    #[serde(rename = "_operation", default)]
    operation: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HarRequest {
    method: String,
    url: String,
    #[serde(default)]
    headers: Bounded<Pair, MAX_HEADERS>,
    #[serde(default)]
    post_data: Option<HarBody>,
    #[serde(default)]
    body_size: Option<i64>,
}

#[derive(Deserialize)]
struct HarResponse {
    #[serde(default)]
    status: Option<u16>,
    #[serde(default)]
    headers: Bounded<Pair, MAX_HEADERS>,
    #[serde(default)]
    content: Option<HarBody>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct HarBody {
    size: Option<i64>,
    mime_type: Option<String>,
    text: Option<String>,
    encoding: Option<String>,
    comment: Option<String>,
    params: Bounded<Pair, MAX_HEADERS>,
}

#[derive(Deserialize)]
struct Pair {
    name: String,
    #[serde(default)]
    value: Option<String>,
}

/// Reads the value of `log`.
pub(super) fn read(log: &RawValue) -> Result<Recording, RecordingError> {
    let log: Log<'_> = serde_json::from_str(log.get()).map_err(|error| {
        if error.to_string().contains(TOO_MANY) {
            return RecordingError::TooLarge {
                limit: MAX_ENTRIES as u64,
                what: "entries",
            };
        }
        RecordingError::NotARecording("`log.entries` is no list of entries; export the HAR again".to_owned())
    })?;
    let mut exchanges = Vec::new();
    for (index, raw) in log.entries.0.into_iter().enumerate() {
        exchanges.push(read_entry(index + 1, raw.get())?);
    }
    Ok(Recording {
        exchanges,
        redaction: log.redaction.map(|counts| counts.rules).unwrap_or_default(),
        cut_off: None,
    })
}

/// Reads one entry; `number` counts from 1.
fn read_entry(number: usize, text: &str) -> Result<Exchange, RecordingError> {
    let read = || -> Result<Exchange, String> {
        let entry: Entry = serde_json::from_str(text).map_err(|error| entry::problem(&error))?;
        exchange(entry)
    };
    read().map_err(|problem| RecordingError::Entry { entry: number, problem })
}

fn exchange(entry: Entry) -> Result<Exchange, String> {
    let started_at = match entry.started_date_time {
        None => Timestamp::UNIX_EPOCH,
        Some(text) => text
            .parse()
            .map_err(|_| "startedDateTime is no time as in 2026-01-01T00:00:00Z".to_owned())?,
    };
    let milliseconds = entry.time.filter(|time| (0.0..1e12).contains(time)).unwrap_or(0.0);
    let target = entry::target(&entry.request.url)?;
    let size = entry.request.body_size;
    let request = message(entry.request.headers, entry.request.post_data, size)?;
    let response = message(entry.response.headers, entry.response.content, None)?;
    Ok(Exchange {
        started_at,
        elapsed: Duration::from_secs_f64(milliseconds / 1000.0),
        origin: target.origin,
        method: entry.request.method.to_ascii_uppercase(),
        path: target.path,
        query: target.query,
        request,
        status: entry.response.status.unwrap_or(0),
        response,
        operation: entry.operation,
    })
}

fn message(
    headers: Bounded<Pair, MAX_HEADERS>,
    body: Option<HarBody>,
    body_size: Option<i64>,
) -> Result<Message, String> {
    let mut headers = entry::headers(
        headers
            .0
            .into_iter()
            .map(|pair| (pair.name, pair.value.unwrap_or_default())),
    )?;
    let Some(body) = body else {
        return Ok(Message {
            headers,
            body: Body::None,
        });
    };
    let size = body
        .size
        .or(body_size)
        .and_then(|size| u64::try_from(size).ok())
        .unwrap_or(0);
    let text = body.text.or_else(|| form_text(&body.params.0));
    let known = match text {
        Some(text) => entry::body(text, body.encoding.as_deref())?,
        None => Body::None,
    };
    let body_is_left_out = known == Body::None && size > 0;
    let mime_type = body.mime_type.filter(|mime_type| !mime_type.is_empty());
    if let Some(mime_type) = mime_type
        && !headers.iter().any(|(name, _)| name == "content-type")
    {
        entry::check_length(&mime_type, "mimeType")?;
        headers.push(("content-type".to_owned(), mime_type));
    }
    let body = if body_is_left_out {
        let reason = body.comment.unwrap_or_else(|| "not in the recording".to_owned());
        Body::Omitted { size, reason }
    } else {
        known
    };
    Ok(Message { headers, body })
}

fn form_text(params: &[Pair]) -> Option<String> {
    if params.is_empty() {
        return None;
    }
    let mut form = form_urlencoded::Serializer::new(String::new());
    for pair in params {
        form.append_pair(&pair.name, pair.value.as_deref().unwrap_or_default());
    }
    Some(form.finish())
}

/// How a file of ours begins: the writer writes it, and knows its own files by it.
pub(crate) const PREFIX: &str =
    "{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"enkash-recording\",\"version\":\"0.1\"},\"entries\":[\n";

/// The whole entries of a file of ours: each stands on a line of its own, with a comma before all but the first. `None` where the
/// file is not ours.
pub(crate) fn whole_lines(text: &str) -> Option<Vec<&str>> {
    let rest = text.strip_prefix(PREFIX)?;
    let lines = rest
        .split_inclusive('\n')
        .map_while(|line| Some(line.strip_suffix('\n')?.trim_start_matches(',')));
    let whole = lines.take_while(|line| line.starts_with('{') && serde_json::from_str::<Entry>(line).is_ok());
    Some(whole.take(MAX_ENTRIES + 1).collect())
}

/// Reads what is whole of a file of ours whose writing was cut off.
pub(super) fn recover(text: &str) -> Option<Result<Recording, RecordingError>> {
    let lines = whole_lines(text)?;
    let read = || -> Result<Recording, RecordingError> {
        check_count(lines.len())?;
        let mut recording = Recording::default();
        for (index, line) in lines.iter().enumerate() {
            recording.exchanges.push(read_entry(index + 1, line)?);
            for (rule, count) in entry_counts(line) {
                let total: &mut u64 = recording.redaction.entry(rule).or_default();
                *total = total.saturating_add(count);
            }
        }
        recording.cut_off = Some(format!(
            "the file was cut off after {} whole entries: its writing was interrupted",
            lines.len()
        ));
        Ok(recording)
    };
    Some(read())
}

/// What was redacted in an entry of ours.
pub(crate) fn entry_counts(line: &str) -> BTreeMap<String, u64> {
    #[derive(Deserialize)]
    struct Counted {
        #[serde(rename = "_redaction", default)]
        redaction: BTreeMap<String, u64>,
    }
    serde_json::from_str::<Counted>(line)
        .map(|entry| entry.redaction)
        .unwrap_or_default()
}

/// One entry of a HAR.
pub(crate) fn to_entry(exchange: &Exchange, counts: &BTreeMap<&str, u64>) -> Value {
    let origin = exchange.origin.as_deref().unwrap_or("https://host.invalid");
    let mut url = format!("{origin}{}", exchange.path);
    if !exchange.query.is_empty() {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&exchange.query)
            .finish();
        url = format!("{url}?{query}");
    }
    let milliseconds = exchange.elapsed.as_secs_f64() * 1000.0;
    let mut request = json!({
        "method": exchange.method, "url": url, "httpVersion": "HTTP/1.1", "cookies": [],
        "headers": pairs(&exchange.request.headers), "queryString": pairs(&exchange.query),
        "headersSize": -1, "bodySize": exchange.request.body.size(),
    });
    if exchange.request.body != Body::None {
        request["postData"] = har_body(&exchange.request);
    }
    json!({
        "startedDateTime": exchange.started_at.to_string(),
        "time": milliseconds,
        "request": request,
        "response": {
            "status": exchange.status, "statusText": "", "httpVersion": "HTTP/1.1", "cookies": [],
            "headers": pairs(&exchange.response.headers), "content": har_body(&exchange.response),
            "redirectURL": "", "headersSize": -1, "bodySize": exchange.response.body.size(),
        },
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "_operation": exchange.operation,
        "_redaction": counts,
    })
}

fn pairs(pairs: &[(String, String)]) -> Value {
    pairs
        .iter()
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect()
}

fn har_body(message: &Message) -> Value {
    let media_type = message.header("content-type").unwrap_or_default();
    let mut body = json!({"size": message.body.size(), "mimeType": media_type});
    match &message.body {
        Body::None => {}
        Body::Bytes(bytes) => body["text"] = String::from_utf8_lossy(bytes).into(),
        Body::Omitted { reason, .. } => body["comment"] = reason.as_str().into(),
    }
    body
}
