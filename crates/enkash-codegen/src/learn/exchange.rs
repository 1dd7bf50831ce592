//! A recorded call as it is learned from: what was sent and received, as JSON where it is JSON, and where it stands in which
//! file. It is made from an exchange of a recording, whose values never leave the comparison.

use enkash_recording::{Body, Exchange, Message};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::names;

/// An exchange of a recording, and where it stands, such as `monday.har, exchange 12`.
#[derive(Clone, Debug)]
pub struct RecordedExchange {
    /// Where it stands: it is printed.
    pub place: String,
    /// The exchange.
    pub exchange: Exchange,
}

/// What is known of a body.
pub(super) enum BodyContent {
    /// There was none, or it was not kept.
    Absent,
    /// JSON, or the fields of a form.
    Json(Value),
    /// Something else.
    Other,
}

impl RecordedExchange {
    /// The day on which the request was made; today, where the recording says none that can be.
    pub(super) fn date(&self) -> String {
        let now = Timestamp::now();
        let started = self.exchange.started_at;
        let is_possible = started > Timestamp::UNIX_EPOCH && started < now;
        let time = if is_possible { started } else { now };
        time.to_string().chars().take(10).collect()
    }

    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.exchange.status)
    }
}

impl BodyContent {
    pub(super) fn read(message: &Message) -> Self {
        let bytes = match &message.body {
            Body::Bytes(bytes) if !bytes.is_empty() => bytes,
            // A redacted recording leaves out what is no JSON, and its content type says so.
            Body::Omitted { .. } if message.media_type().is_some_and(|found| !names::is_json(&found)) => {
                return Self::Other;
            }
            _ => return Self::Absent,
        };
        if message.media_type().as_deref() == Some("application/x-www-form-urlencoded") {
            return Self::Json(form(bytes));
        }
        serde_json::from_slice(bytes).map_or(Self::Other, Self::Json)
    }

    pub(super) fn json(&self) -> Option<&Value> {
        match self {
            Self::Json(value) => Some(value),
            Self::Absent | Self::Other => None,
        }
    }
}

fn form(bytes: &[u8]) -> Value {
    let pairs = form_urlencoded::parse(bytes);
    let fields = pairs.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())));
    Value::Object(fields.collect::<Map<_, _>>())
}

/// Whether a body of a 2xx says that the call failed: the API answers a business failure with 200 and a code that is not 0.
pub(super) fn reports_failure(body: &Value) -> bool {
    let codes = ["code", "response_code"].into_iter().filter_map(|key| body.get(key));
    let is_success = |code: &Value| match code {
        Value::Number(number) => matches!(number.as_i64(), Some(0 | 200)),
        Value::String(text) => matches!(text.trim(), "0" | "200"),
        Value::Null => true,
        _ => false,
    };
    codes.into_iter().any(|code| !is_success(code))
}
