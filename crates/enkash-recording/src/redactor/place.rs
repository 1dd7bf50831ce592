//! Redacts what stands around the bodies: host, method, path and query.

use percent_encoding::percent_decode_str;

use super::words::{is_field_name, is_path_word};
use super::{Rule, Work};
use crate::exchange::Exchange;
use crate::limits::MAX_HEADERS;

const METHODS: [&str; 9] = [
    "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE",
];

/// The domain of the API: which of its hosts answers is worth knowing.
const DOMAIN: &str = ".enkash.in";

/// What stands for a host that may be anybody's.
const OTHER_HOST: &str = "https://host.invalid";

impl Work<'_> {
    pub(super) fn origin(&mut self, origin: Option<&str>) -> Option<String> {
        let origin = origin?;
        let host = origin.split("://").nth(1).unwrap_or_default();
        let is_host = host
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte));
        let is_of_the_api = origin.starts_with("https://") && is_host && host.ends_with(DOMAIN);
        if is_of_the_api || self.redactor.document.knows_origin(origin) {
            return Some(origin.to_owned());
        }
        self.count(Rule::Host);
        Some(OTHER_HOST.to_owned())
    }

    pub(super) fn method(&mut self, method: &str) -> String {
        if METHODS.contains(&method) {
            return method.to_owned();
        }
        self.count(Rule::Method);
        "OTHER".to_owned()
    }

    /// The path: its literal segments where the document has it, else those that look like words.
    pub(super) fn path(&mut self, exchange: &Exchange) -> String {
        let document = &self.redactor.document;
        let base = document.base_length(&exchange.path);
        let templates = self.operation.and_then(|operation| {
            let whole = operation.parameters_of(&exchange.method, &exchange.path);
            let whole = whole.map(|parameters| (0, parameters));
            whole.or_else(|| {
                Some((
                    base,
                    operation.parameters_of(&exchange.method, exchange.path.get(base..)?)?,
                ))
            })
        });
        let (base, parameters) = templates.unwrap_or((0, Vec::new()));
        let before = exchange.path.get(..base).unwrap_or_default().trim_start_matches('/');
        let base_segments = if base == 0 { 0 } else { before.split('/').count() };
        let mut path = String::new();
        for (at, segment) in exchange.path.trim_start_matches('/').split('/').enumerate() {
            path.push('/');
            let documented = at.checked_sub(base_segments).and_then(|at| parameters.get(at));
            match documented {
                Some(None) => path.push_str(segment),
                Some(Some(name)) => path.push_str(&self.path_value(name, segment)),
                None => path.push_str(&self.path_segment(segment)),
            }
        }
        path
    }

    fn path_segment(&mut self, segment: &str) -> String {
        if segment.is_empty() {
            return String::new();
        }
        if is_path_word(segment) {
            self.count(Rule::KeptSegment);
            return segment.to_owned();
        }
        self.path_value("", segment)
    }

    fn path_value(&mut self, name: &str, segment: &str) -> String {
        let view = self.redactor.document.parameter(self.operation, "path", name);
        let decoded = percent_decode_str(segment).decode_utf8_lossy();
        self.count(Rule::PathSegment);
        let placeholder = if view.has_format("password") {
            super::value::SECRET.to_owned()
        } else {
            self.redactor.placeholders.text(&decoded)
        };
        form_urlencoded::byte_serialize(placeholder.as_bytes()).collect()
    }

    pub(super) fn query(&mut self, query: &[(String, String)]) -> Vec<(String, String)> {
        let pairs = query.iter().take(MAX_HEADERS);
        pairs
            .map(|(name, value)| {
                let view = self.redactor.document.parameter(self.operation, "query", name);
                let value = self.text(&view, name, value);
                (self.name(name, false), value)
            })
            .collect()
    }

    /// The name of a field or of a query value.
    pub(super) fn name(&mut self, name: &str, is_data: bool) -> String {
        // In a map by id a name is kept only if it is a word in capitals.
        let is_kept = if is_data {
            super::words::are_words(name)
        } else {
            is_field_name(name)
        };
        if is_kept {
            return name.to_owned();
        }
        self.count(Rule::Name);
        self.redactor.placeholders.text(name)
    }
}
