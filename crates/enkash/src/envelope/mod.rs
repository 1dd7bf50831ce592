//! The envelopes of the API, read from raw JSON: `code`/`message` and `response_code`/`response_message`, with codes as
//! numbers or texts, and `paylod` beside `payload`. Reads, money calls and settlement all ask here, and nowhere else.

pub(crate) mod failure_scan;
pub(crate) mod json;
pub(crate) mod list;
pub(crate) mod refusal_texts;

use std::borrow::Cow;

use enkash_api::OperationId;

use crate::envelope::json::{Json, Scalar};

/// The names of a result code.
const CODES: [&str; 2] = ["code", "response_code"];
/// The names of the text beside it.
const MESSAGES: [&str; 2] = ["message", "response_message"];
/// The names of the payload; the second is a page's spelling mistake.
const PAYLOADS: [&str; 2] = ["payload", "paylod"];
/// A sibling product's envelope names a failure so; no page of rewards does.
const ERROR: &str = "errorResponse";
/// The word of that envelope for a failure.
const FAILURE: &str = "FAILURE";
/// The documented code of success.
const SUCCESS: &str = "0";

/// The envelope of a response.
#[derive(Debug)]
pub(crate) struct Envelope<'a, J> {
    json: &'a J,
}

/// What an envelope says of the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EnvelopeStatus {
    /// A documented zero in every code that is there, and no sign of a failure.
    Success,
    /// Another code in every code that is there.
    Failure { code: String },
    /// Codes, or a code and a sign of failure, that contradict each other.
    Contradiction,
    /// No code: perhaps there is no envelope.
    Absent,
}

impl<J> Clone for Envelope<'_, J> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<J> Copy for Envelope<'_, J> {}

impl<'a, J: Json> Envelope<'a, J> {
    pub(crate) fn new(json: &'a J) -> Self {
        Self { json }
    }

    pub(crate) fn status(self) -> EnvelopeStatus {
        let Some(first) = self.codes().next() else {
            return EnvelopeStatus::Absent;
        };
        match self.codes().filter(|code| code == SUCCESS).count() {
            0 => EnvelopeStatus::Failure {
                code: printable_code(&first),
            },
            successes if successes == self.codes().count() && !self.has_failure_sign() => EnvelopeStatus::Success,
            _ => EnvelopeStatus::Contradiction,
        }
    }

    /// Every code that is there, as text: a whole number as it is. Null is none, and what can be no code has a text that is none.
    pub(crate) fn codes(self) -> impl Iterator<Item = Cow<'a, str>> {
        self.values(CODES).map(|code| match code.scalar() {
            Scalar::Text(text) => Cow::Borrowed(text),
            Scalar::Number(number) if number.is_f64() => format!("{number} (not a whole number)").into(),
            Scalar::Number(number) => match number.as_u64() {
                Some(0) => SUCCESS.into(),
                _ => number.to_string().into(),
            },
            Scalar::Bool(value) => value.to_string().into(),
            Scalar::Null | Scalar::List | Scalar::Object => "{}".into(),
        })
    }

    /// Whether something says that the call failed, whatever the codes say.
    pub(crate) fn has_failure_sign(self) -> bool {
        self.has_error_response()
            || self.messages().any(|message| {
                message
                    .as_text()
                    .is_some_and(|text| text.trim().eq_ignore_ascii_case(FAILURE))
            })
    }

    /// Whether the envelope of the sibling product names an error.
    pub(crate) fn has_error_response(self) -> bool {
        self.values([ERROR]).next().is_some()
    }

    /// The messages that are there, of whatever type.
    pub(crate) fn messages(self) -> impl Iterator<Item = &'a J> {
        self.values(MESSAGES)
    }

    /// The payload: the misspelt one only where there is no other.
    pub(crate) fn payload(self) -> Option<&'a J> {
        self.values(PAYLOADS).next()
    }

    /// Whether both spellings of the payload are there and say different things.
    pub(crate) fn payloads_disagree(self) -> bool {
        let mut payloads = self.values(PAYLOADS);
        payloads
            .next()
            .is_some_and(|first| payloads.any(|other| !first.is_same(other)))
    }

    /// A field at the top that belongs to no envelope.
    pub(crate) fn unknown_field(self, known: &[String]) -> Option<&'a str> {
        let is_known = |name: &str| {
            CODES.contains(&name)
                || MESSAGES.contains(&name)
                || PAYLOADS.contains(&name)
                || name == ERROR
                || known.iter().any(|known| known == name)
        };
        self.json.names().find(|name| !is_known(name))
    }

    /// The API's words. Its guide repeats them in `payload`, which is looked at only where it cannot hold a token. A text
    /// that holds JSON is no words: it may hold people's data, and this is printed.
    pub(crate) fn message(self, operation: OperationId) -> Option<&'a str> {
        let gives_a_token = matches!(operation, OperationId::CreateSsoToken | OperationId::IssueToken);
        let is_json = |text: &&str| text.trim_start().starts_with(['{', '[', '"']);
        self.messages()
            .find_map(Json::as_text)
            .or_else(|| self.payload().filter(|_| !gives_a_token)?.as_text())
            .filter(|text| !is_json(text))
    }

    /// A value by its dotted path, such as `payload.pgReferenceNumber`.
    pub(crate) fn at(self, path: &str) -> Option<&'a J> {
        let (first, rest) = path.split_once('.').unwrap_or((path, ""));
        let start = match first {
            "payload" => self.payload()?,
            name => self.json.get(name)?,
        };
        rest.split('.')
            .filter(|step| !step.is_empty())
            .try_fold(start, |value, step| value.get(step))
    }

    /// The values of these names that are there and not null.
    fn values<const N: usize>(self, names: [&'static str; N]) -> impl Iterator<Item = &'a J> {
        names
            .into_iter()
            .filter_map(move |name| self.json.get(name).filter(|value| !value.is_null()))
    }
}

/// A code for people. What is not a short word or number may hold people's data.
fn printable_code(code: &str) -> String {
    const MAX_LENGTH: usize = 64;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " _-.+()".contains(c);
    if code.len() <= MAX_LENGTH && code.chars().all(is_plain) {
        return code.to_owned();
    }
    "something that is no code".to_owned()
}

#[cfg(test)]
mod tests;
