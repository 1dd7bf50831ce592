//! Redacts headers. One that is not in the list keeps its name, and so does one whose value has another form than it should.

use super::words::is_short_number;
use super::{Rule, Work};

/// Whether a value has the form that it should have.
type HasForm = fn(&str) -> bool;

/// The headers whose value may be kept, and the form that it must have.
const KEPT: [(&str, HasForm); 12] = [
    ("accept", is_media_type),
    ("accept-encoding", are_tokens),
    ("allow", are_tokens),
    ("cache-control", are_tokens),
    ("connection", are_tokens),
    ("content-encoding", are_tokens),
    ("content-length", is_short_number),
    ("content-type", is_media_type),
    ("pragma", are_tokens),
    ("retry-after", is_short_number),
    ("transfer-encoding", are_tokens),
    ("vary", are_tokens),
];

const REDACTED: &str = "[redacted]";

impl Work<'_> {
    pub(super) fn header(&mut self, name: &str, value: &str) -> (String, String) {
        let lower = name.to_ascii_lowercase();
        let kept = KEPT.iter().find(|(listed, _)| *listed == lower);
        if kept.is_some_and(|(_, has_form)| has_form(value)) {
            self.count(Rule::KeptHeader);
            return (lower, value.to_owned());
        }
        if lower == "authorization" {
            self.count(Rule::Secret);
            let scheme = ["Basic", "Bearer"].into_iter().find(|scheme| {
                let start = value.get(..scheme.len());
                start.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
            });
            let value = scheme.map_or_else(
                || super::value::SECRET.to_owned(),
                |scheme| format!("{scheme} [secret]"),
            );
            return (lower, value);
        }
        let view = self.redactor.document.parameter(self.operation, "header", &lower);
        if view.has_type(&["string"]) {
            let value = self.text(&view, &lower, value);
            return (lower, value);
        }
        self.count(Rule::Header);
        let is_name = lower.len() <= 64 && lower.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        let name = if is_name { lower } else { self.name(&lower, true) };
        (name, REDACTED.to_owned())
    }
}

/// A media type, with a charset at most.
fn is_media_type(value: &str) -> bool {
    let (media, parameter) = value.split_once(';').unwrap_or((value, ""));
    let is_media = match media.trim() {
        "*/*" => true,
        media => media.len() <= 60 && media.split('/').count() == 2 && media.split('/').all(is_subtype),
    };
    let parameter = parameter.trim().to_ascii_lowercase();
    is_media
        && matches!(
            parameter.as_str(),
            "" | "charset=utf-8" | "charset=\"utf-8\"" | "charset=iso-8859-1"
        )
}

fn is_subtype(part: &str) -> bool {
    !part.is_empty()
        && part
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || b"-+.".contains(&byte))
}

/// Words with commas, and numbers of seconds, as in `private, max-age=60`.
fn are_tokens(value: &str) -> bool {
    value.len() <= 100
        && value.split(',').all(|token| {
            let (word, number) = token.trim().split_once('=').unwrap_or((token.trim(), "0"));
            word.len() <= 20
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_alphabetic() || byte == b'-' || byte == b'*')
                && is_short_number(number)
        })
}
