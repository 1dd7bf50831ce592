//! The parameters of a new operation, as lines of `spec/rewards.yaml`.
//!
//! What the client sets itself is left out, and named in the note of the operation.

use serde_json::Value;

use super::input::Input;
use super::known::KnownFields;
use super::page::Row;
use super::schemas::marked_words;
use super::shape::{Kind, declared};
use super::synthetic::Synthesizer;
use super::yaml::{key, scalar};
use enkash_codegen::lint::MARK;

/// Headers that the client sets.
const SET: [&str; 3] = ["authorization", "content-type", "accept"];
/// Headers that a recorded call leaves on a page.
const LEFT_OVER: [&str; 6] = ["cookie", "host", "user-agent", "content-length", "origin", "referer"];

/// The parameters, and what was found on the way.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    pub(super) lines: Vec<String>,
    pub(super) questions: Vec<String>,
    /// What a caller should know about headers.
    pub(super) note: Vec<String>,
}

/// Those of an operation with this path.
pub(super) fn lines(
    input: &Input,
    path: &str,
    document: &Value,
    known: &KnownFields,
    examples: &mut Synthesizer<'_>,
) -> Parameters {
    let mut found = Parameters::default();
    let (mut set, mut left) = (Vec::new(), Vec::new());
    let mut names: Vec<(String, String)> = Vec::new();
    for row in &input.parameters {
        let lower = row.name.to_lowercase();
        let is_in_path = path.contains(&format!("{{{}}}", row.name));
        let place = if is_in_path {
            "path"
        } else {
            row.place.as_deref().unwrap_or("query")
        };
        if SET.contains(&lower.as_str()) || LEFT_OVER.contains(&lower.as_str()) || place == "cookie" {
            let list = if SET.contains(&lower.as_str()) {
                &mut set
            } else {
                &mut left
            };
            if !list.iter().any(|name: &String| name.eq_ignore_ascii_case(&row.name)) {
                list.push(row.name.clone());
            }
            continue;
        }
        if !matches!(place, "header" | "path" | "query") || (place == "path" && !is_in_path) {
            found.questions.push(format!(
                "parameter {} (line {}): not in the path, and left out: where is it sent?",
                row.name, row.line
            ));
            continue;
        }
        if names.iter().any(|(known, at)| *known == row.name && at == place) {
            continue;
        }
        names.push((row.name.clone(), place.to_owned()));
        match shared(document, &row.name, place) {
            Some(component) => found
                .lines
                .push(format!("- $ref: '#/components/parameters/{component}'")),
            None => found.own(row, place, known, examples),
        }
    }
    for name in template_names(path) {
        if !names.iter().any(|(known, place)| known == name && place == "path") {
            found.questions.push(format!(
                "parameter {name}: stands in the path only, so its type is a guess"
            ));
            let row = Row {
                name: name.to_owned(),
                kind: "string".to_owned(),
                required: Some(true),
                ..Row::default()
            };
            found.own(&row, "path", known, examples);
        }
    }
    if !set.is_empty() {
        let words = if set.len() == 1 { "is" } else { "are" };
        found.note.push(format!(
            "Of the headers that the page names, {} {words} set by the client.",
            set.join(" and ")
        ));
    }
    if !left.is_empty() {
        found.note.push(format!(
            "The page names {} as well, left over from its sample: not sent.",
            left.join(" and ")
        ));
    }
    found
}

/// The component of a parameter that the spec has.
fn shared<'d>(document: &'d Value, name: &str, place: &str) -> Option<&'d str> {
    let components = document.pointer("/components/parameters")?.as_object()?;
    let is_it = |value: &Value| value["name"] == name && value["in"] == place;
    components
        .iter()
        .find(|(_, value)| is_it(value))
        .map(|(component, _)| component.as_str())
}

fn template_names(path: &str) -> impl Iterator<Item = &str> {
    path.split('{')
        .skip(1)
        .filter_map(|part| part.split('}').next())
        .filter(|name| !name.is_empty())
}

impl Parameters {
    fn own(&mut self, row: &Row, place: &str, known: &KnownFields, examples: &mut Synthesizer<'_>) {
        let name = &row.name;
        let format = known.text_format(name);
        let (kind, format) = match declared(&row.kind) {
            Kind::Integer => ("integer", Some("int64")),
            Kind::Boolean => ("boolean", None),
            Kind::Text => ("string", format),
            _ => {
                self.questions.push(format!(
                    "parameter {name}: its type `{}` is none of a parameter, and a text is taken",
                    row.kind
                ));
                ("string", format)
            }
        };
        if row.required.is_none() && place != "path" {
            self.questions.push(format!(
                "parameter {name}: the page does not say whether it is required; taken is no"
            ));
        }
        let example = match (kind, shown(row.values.as_deref())) {
            ("integer", found) => found
                .filter(|found| found.parse::<i32>().is_ok())
                .unwrap_or_else(|| "1".to_owned()),
            ("boolean", found) => found
                .filter(|found| found == "true" || found == "false")
                .unwrap_or_else(|| "true".to_owned()),
            (_, Some(found)) => scalar(&examples.text(name, &found)),
            (_, None) => scalar(&super::filled::text(name, known)),
        };
        self.lines.extend([
            format!("- name: {}", key(name)),
            format!("  in: {place}"),
            format!("  required: {}", place == "path" || row.required == Some(true)),
            format!(
                "  description: {}",
                scalar(&format!("{MARK} {}", marked_words(row.meaning.as_deref(), name)))
            ),
            "  schema:".to_owned(),
            format!("    type: {kind}"),
        ]);
        self.lines.extend(format.map(|format| format!("    format: {format}")));
        self.lines.push(format!("  example: {example}"));
    }
}

/// The first value that the column shows as one.
fn shown(values: Option<&str>) -> Option<String> {
    let value = values?.split('`').nth(1)?.trim();
    let is_value = !value.is_empty() && value.len() <= 80 && !value.contains(['{', '<', '…']);
    is_value.then(|| value.to_owned())
}
