//! The components of an operation's bodies, as lines of `spec/rewards.yaml`.
//!
//! Every object is a component of its own, as the rules have it. What the names and types leave open becomes a question.

use std::collections::BTreeSet;

use enkash_codegen::lint::MARK;
use heck::ToUpperCamelCase;

use super::known::KnownFields;
use super::shape::{Field, Kind};
use super::yaml::{inline_scalar, key, scalar};

/// The fields of the two envelopes.
const ENVELOPE: [&str; 4] = ["code", "message", "response_code", "response_message"];
const UNSEEN: &str = "- $ref: '#/components/schemas/UnseenBody'";

/// A page's sentence is longer than this only where it is none.
const MAX_MEANING: usize = 300;

/// Builds the components of one operation.
pub(super) struct Components<'a> {
    known: &'a KnownFields,
    /// Names of components that are there already.
    taken: BTreeSet<String>,
    /// Whether the body is a response, where no field is required.
    is_response: bool,
    /// Name and lines, in the order in which the spec has them.
    pub(super) built: Vec<(String, Vec<String>)>,
    /// What a person has to decide.
    pub(super) questions: Vec<String>,
}

impl<'a> Components<'a> {
    pub(super) fn new(known: &'a KnownFields, taken: BTreeSet<String>) -> Self {
        Self {
            known,
            taken,
            is_response: false,
            built: Vec::new(),
            questions: Vec::new(),
        }
    }

    /// The component of a request's body; its name.
    pub(super) fn request(&mut self, base: &str, kind: &Kind) -> String {
        self.is_response = false;
        self.component(&format!("{base}Request"), kind, "say what the body asks for")
    }

    /// The component of a response; its name.
    pub(super) fn response(&mut self, base: &str, kind: &Kind) -> String {
        self.is_response = true;
        let Kind::Object(fields) = kind else {
            return self.component(&format!("{base}Response"), kind, "say what the answer holds");
        };
        if !fields
            .iter()
            .any(|field| field.name == "payload" || ENVELOPE.contains(&field.name.as_str()))
        {
            return self.component(&format!("{base}Response"), kind, "say what the answer holds");
        }
        let name = self.free(&format!("{base}Response"));
        let place = self.reserve(&name);
        let own = fields.iter().filter(|field| !ENVELOPE.contains(&field.name.as_str()));
        let properties: Vec<_> = own.flat_map(|field| self.envelope_property(base, field)).collect();
        let mut lines = vec![
            description(4, "say what the answer holds"),
            "  allOf:".to_owned(),
            "    - $ref: '#/components/schemas/Envelope'".to_owned(),
        ];
        if !properties.is_empty() {
            lines.extend(["    - type: object".to_owned(), "      properties:".to_owned()]);
            lines.extend(properties.into_iter().map(|line| format!("        {line}")));
        }
        self.built[place].1 = lines;
        name
    }

    fn envelope_property(&mut self, base: &str, field: &Field) -> Vec<String> {
        let is_plain = match &field.kind {
            Kind::Text | Kind::Boolean | Kind::Number | Kind::Unseen => true,
            Kind::Object(fields) => fields.is_empty(),
            Kind::List(items) => matches!(**items, Kind::Unseen | Kind::List(_)),
            Kind::Integer | Kind::Map(_) => false,
        };
        if field.name != "payload" || is_plain {
            return self.property(base, field);
        }
        let payload = self.free(&format!("{base}Payload"));
        let place = self.reserve(&payload);
        let first = match &field.kind {
            Kind::List(items) => {
                let row = self.component(&format!("{base}Row"), items, "say what a row is");
                vec![
                    "    - type: array".to_owned(),
                    "      items:".to_owned(),
                    format!("        {}", reference(&row)),
                ]
            }
            other => {
                let result = self.component(&format!("{base}Result"), other, "say what the result is");
                vec![format!("    - {}", reference(&result))]
            }
        };
        let mut lines = vec![
            description(4, "say what it is, or on a failure a string that repeats the message"),
            "  oneOf:".to_owned(),
        ];
        lines.extend(first);
        lines.push("    - type: string".to_owned());
        self.built[place].1 = lines;
        vec![
            "payload:".to_owned(),
            format!("  {}", meaning(field)),
            "  allOf:".to_owned(),
            format!("    - {}", reference(&payload)),
        ]
    }

    /// A component of this kind; the name that it got.
    fn component(&mut self, name: &str, kind: &Kind, words: &str) -> String {
        let name = self.free(name);
        let place = self.reserve(&name);
        let base = name.clone();
        let mut lines = Vec::new();
        match kind {
            Kind::Object(fields) => {
                lines.extend(["  type: object".to_owned(), description(4, words)]);
                lines.extend(self.required(fields));
                let properties: Vec<_> = fields.iter().flat_map(|field| self.property(&base, field)).collect();
                if !properties.is_empty() {
                    lines.push("  properties:".to_owned());
                    lines.extend(properties.into_iter().map(|line| format!("    {line}")));
                }
            }
            Kind::Map(_) | Kind::List(_) => {
                let form = self.form("", &base, kind);
                let (first, rest) = form
                    .split_first()
                    .map_or((String::new(), &[][..]), |(first, rest)| (first.clone(), rest));
                lines.extend([format!("  {first}"), description(4, words)]);
                lines.extend(rest.iter().map(|line| format!("  {line}")));
            }
            scalar => {
                lines.extend(self.form("", &base, scalar).iter().map(|line| format!("  {line}")));
                lines.push(description(4, words));
            }
        }
        self.built[place].1 = lines;
        name
    }

    fn required(&mut self, fields: &[Field]) -> Option<String> {
        if self.is_response {
            return None;
        }
        let named = fields
            .iter()
            .filter(|field| field.required == Some(true) && field.is_in_example);
        let names: Vec<_> = named.map(|field| inline_scalar(&field.name)).collect();
        (!names.is_empty()).then(|| format!("  required: [{}]", names.join(", ")))
    }

    fn property(&mut self, owner: &str, field: &Field) -> Vec<String> {
        let form = match &field.kind {
            Kind::Text => {
                let form = self.text(owner, field);
                self.ask_about_values(owner, field);
                form
            }
            Kind::Integer | Kind::Number if self.known.text_format(&field.name).is_some() => {
                self.questions.push(format!(
                    "{owner}.{}: a number whose name is that of a secret or of a person; it is any JSON, which is never printed",
                    field.name
                ));
                self.form(&field.name, owner, &Kind::Unseen)
            }
            other => self.form(&field.name, owner, other),
        };
        let mut lines = vec![format!("{}:", key(&field.name))];
        let description = format!("  {}", meaning(field));
        match form.first().map(String::as_str) {
            // A form of one type has its description last, as the spec does; a list or a map before what it holds.
            Some("type: array" | "type: object") => {
                lines.push(format!("  {}", form[0]));
                lines.push(description);
                lines.extend(form[1..].iter().map(|line| format!("  {line}")));
            }
            Some(first) if first.starts_with("type:") => {
                lines.extend(form.iter().map(|line| format!("  {line}")));
                lines.push(description);
            }
            _ => {
                lines.push(description);
                lines.extend(form.iter().map(|line| format!("  {line}")));
            }
        }
        lines
    }

    fn text(&mut self, owner: &str, field: &Field) -> Vec<String> {
        let name = &field.name;
        if let Some(words) = self.known.words(name, None) {
            self.questions.push(format!(
                "{owner}.{name}: the spec has the words of `{words}` for this name; if they are the words of this page too, point at \
                 it by $ref"
            ));
        }
        let format = self.known.text_format(name);
        if name != "payload" && self.known.differs(name) {
            self.questions.push(format!(
                "{owner}.{name}: the spec has more than one form of this name, and the strictest is taken"
            ));
        }
        if !self.known.has(name) {
            let taken = format.map_or("a plain text".to_owned(), |format| {
                format!("format {format}, by its name")
            });
            self.questions.push(format!(
                "{owner}.{name}: no field of the spec has this name. Is it a secret (format: password), a person's (format: \
                 personal), or neither? Taken is {taken}"
            ));
        }
        let mut lines = vec!["type: string".to_owned()];
        lines.extend(format.map(|format| format!("format: {format}")));
        lines
    }

    fn ask_about_values(&mut self, owner: &str, field: &Field) {
        let words = field
            .values
            .iter()
            .flat_map(|values| values.split([',', ' ', '`', '/']));
        let is_word = |word: &&str| word.len() > 1 && word.chars().all(|next| next.is_ascii_uppercase() || next == '_');
        if words.filter(is_word).count() > 1 {
            self.questions.push(format!(
                "{owner}.{}: the table names words for it; make them a component of `enum`, if they are all there are",
                field.name
            ));
        }
    }

    /// The lines of a form, without its description.
    fn form(&mut self, name: &str, owner: &str, kind: &Kind) -> Vec<String> {
        let line = |text: &str| text.to_owned();
        match kind {
            Kind::Unseen => vec![line("allOf:"), format!("  {UNSEEN}")],
            Kind::Boolean => vec![line("type: boolean")],
            Kind::Number => vec![line("type: number"), line("format: money")],
            Kind::Integer if self.known.is_money(name) => {
                let note = "whole in the example, and an amount elsewhere in the spec: it is taken as one";
                self.questions.push(format!("{owner}.{name}: {note}"));
                vec![line("type: number"), line("format: money")]
            }
            Kind::Integer => {
                if !self.known.has(name) {
                    self.questions.push(format!(
                        "{owner}.{name}: a whole number that the spec does not know. If it is an amount: type: number, format: money"
                    ));
                } else if self.known.is_text(name) {
                    self.questions.push(format!(
                        "{owner}.{name}: a number here, and a text elsewhere in the spec"
                    ));
                }
                vec![line("type: integer"), line("format: int64")]
            }
            Kind::Text => {
                let mut lines = vec![line("type: string")];
                lines.extend(self.known.text_format(name).map(|format| format!("format: {format}")));
                lines
            }
            Kind::Object(fields) if fields.is_empty() => self.form(name, owner, &Kind::Unseen),
            Kind::Object(_) => {
                let to = self.component(&nested(owner, name), kind, "say what it is");
                vec![line("allOf:"), format!("  - {}", reference(&to))]
            }
            Kind::Map(values) => self.held("type: object", "additionalProperties", name, owner, values),
            Kind::List(items) => self.held("type: array", "items", name, owner, items),
        }
    }

    /// A list or a map, with what it holds.
    fn held(&mut self, kind: &str, holder: &str, name: &str, owner: &str, held: &Kind) -> Vec<String> {
        let mut lines = vec![kind.to_owned(), format!("{holder}:")];
        match held {
            Kind::Object(fields) if !fields.is_empty() => {
                let to = self.component(&format!("{}Item", nested(owner, name)), held, "say what one of them is");
                lines.push(format!("  {}", reference(&to)));
            }
            Kind::Unseen | Kind::Object(_) => lines.push("  $ref: '#/components/schemas/UnseenBody'".to_owned()),
            Kind::List(_) | Kind::Map(_) => {
                self.questions
                    .push(format!("{owner}.{name}: lists in lists are taken as any JSON"));
                lines.push("  $ref: '#/components/schemas/UnseenBody'".to_owned());
            }
            scalar => lines.extend(self.form(name, owner, scalar).iter().map(|line| format!("  {line}"))),
        }
        lines
    }

    fn free(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut number = 1;
        while !self.taken.insert(name.clone()) {
            number += 1;
            name = format!("{wanted}{number}");
        }
        name
    }

    fn reserve(&mut self, name: &str) -> usize {
        self.built.push((name.to_owned(), Vec::new()));
        self.built.len() - 1
    }
}

fn nested(owner: &str, name: &str) -> String {
    let owner = ["Request", "Response", "Result", "Payload"]
        .iter()
        .find_map(|ending| owner.strip_suffix(ending))
        .unwrap_or(owner);
    format!("{owner}{}", name.to_upper_camel_case()).to_upper_camel_case()
}

fn reference(name: &str) -> String {
    format!("$ref: '#/components/schemas/{name}'")
}

fn description(indent: usize, words: &str) -> String {
    format!("{}description: '{MARK} {words}'", " ".repeat(indent - 2))
}

/// The description of a field: the page's sentence, marked. One that seems to hold somebody's data is left out.
fn meaning(field: &Field) -> String {
    format!("description: {}", scalar(&format!("{MARK} {}", sentence(field))))
}

fn sentence(field: &Field) -> String {
    if let Some(contradiction) = &field.contradiction {
        return format!("{contradiction}, so it is any JSON until somebody finds out");
    }
    marked_words(field.meaning.as_deref(), &field.name)
}

/// A page's sentence as it may stand behind a mark.
pub(super) fn marked_words(meaning: Option<&str>, name: &str) -> String {
    let nothing = || format!("say what {name} is, and its unit where it has one");
    let Some(meaning) = meaning else { return nothing() };
    let one_line = meaning.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = one_line
        .chars()
        .filter(|next| !next.is_control())
        .take(MAX_MEANING)
        .collect();
    if !enkash_codegen::lint::sensitive_kinds(&short).is_empty() {
        return format!("{} (the page's sentence seems to hold somebody's data)", nothing());
    }
    short
}
