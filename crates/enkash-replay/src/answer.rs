//! A response as it is compared: one of the recording or one of the sandbox, with its status, its JSON and its shape. The player
//! makes both and asks how they compare.

use enkash_recording::{Body, Exchange};
use serde_json::Value;

use crate::error::ReplayError;
use crate::report::Verdict;
use crate::shape::Shape;

/// A response as it is compared.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) json: Option<Value>,
    shape: Option<Shape>,
}

impl Answer {
    pub(crate) fn recorded(exchange: &Exchange) -> Self {
        let media_type = exchange.response.media_type();
        let (json, shape) = match &exchange.response.body {
            Body::None => (None, Some(Shape::of_other("nothing"))),
            Body::Bytes(bytes) => content(bytes),
            // A redacted recording leaves out what is no JSON.
            Body::Omitted { .. } if media_type.is_some_and(|found| !found.contains("json")) => {
                (None, Some(Shape::of_other("no JSON")))
            }
            Body::Omitted { .. } => (None, None),
        };
        Self {
            status: exchange.status,
            json,
            shape,
        }
    }

    pub(crate) async fn received(response: reqwest::Response) -> Result<Self, ReplayError> {
        let status = response.status().as_u16();
        let (json, shape) = content(&response.bytes().await?);
        Ok(Self { status, json, shape })
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status) && !self.json.as_ref().is_some_and(reports_failure)
    }

    pub(crate) fn compare(&self, sandbox: &Answer, has_counts: bool) -> Verdict {
        if self.status != sandbox.status {
            return Verdict::OtherStatus {
                recorded: self.status,
                sandbox: sandbox.status,
            };
        }
        if self.is_success() != sandbox.is_success() {
            return Verdict::OtherOutcome;
        }
        let (Some(recorded), Some(answered)) = (&self.shape, &sandbox.shape) else {
            return Verdict::Same;
        };
        match recorded.differences(answered, has_counts) {
            differences if differences.is_empty() => Verdict::Same,
            differences => Verdict::OtherShape(differences),
        }
    }
}

fn content(bytes: &[u8]) -> (Option<Value>, Option<Shape>) {
    if bytes.is_empty() {
        return (None, Some(Shape::of_other("nothing")));
    }
    match serde_json::from_slice::<Value>(bytes) {
        Ok(value) => {
            let shape = Shape::new(&value);
            (Some(value), Some(shape))
        }
        Err(_) => (None, Some(Shape::of_other("no JSON"))),
    }
}

/// Whether a body says that the call failed.
fn reports_failure(body: &Value) -> bool {
    let codes = ["code", "response_code"].into_iter().filter_map(|key| body.get(key));
    let is_success = |code: &Value| match code {
        Value::Number(number) => matches!(number.as_i64(), Some(0 | 200)),
        Value::String(text) => matches!(text.trim(), "0" | "200"),
        _ => true,
    };
    codes.into_iter().any(|code| !is_success(code))
}

/// The access token of a login, however it is spelled.
pub(crate) fn token(body: &Value) -> Option<String> {
    ["access_token", "accessToken"]
        .iter()
        .find_map(|name| text_of(body, name, 0))
}

/// The first text of this name.
pub(crate) fn text_of(value: &Value, name: &str, depth: usize) -> Option<String> {
    match value {
        Value::Object(map) => {
            let own = map.get(name).and_then(Value::as_str).map(str::to_owned);
            own.or_else(|| {
                map.values()
                    .filter(|_| depth < 8)
                    .find_map(|value| text_of(value, name, depth + 1))
            })
        }
        Value::Array(values) => values
            .iter()
            .filter(|_| depth < 8)
            .find_map(|value| text_of(value, name, depth + 1)),
        _ => None,
    }
}
