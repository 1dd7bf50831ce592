//! One operation of the reference: what the document says of it, and how that is known. The evidence is shown in words on
//! each part, because a documented path may well come with a response that nobody saw.

use maud::{Markup, html};
use serde_json::Value;

use super::prose;
use super::schema::Schemas;
use crate::console::table::{Kind, grid};
use crate::document::{AuthScheme, OperationSpec};

/// What evidence is given for, in the order in which it is shown.
const PARTS: [&str; 4] = ["path", "request", "response", "errors"];

/// A parameter.
pub(super) struct Parameter<'a> {
    pub(super) name: &'a str,
    pub(super) place: &'a str,
    pub(super) required: bool,
    pub(super) example: Option<&'a Value>,
    about: &'a str,
    kind: String,
}

/// An operation as the served document has it.
pub(super) struct Operation<'a> {
    pub(super) id: &'static str,
    pub(super) operation: crate::operation::Operation,
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    /// The document has no path; this one is the sandbox's own.
    pub(super) unknown_path: bool,
    /// `basic`, `bearer` or `none`.
    pub(super) proof: &'static str,
    pub(super) parameters: Vec<Parameter<'a>>,
    pub(super) content_type: Option<&'a str>,
    pub(super) tag: &'a str,
    pub(super) summary: &'a str,
    stated: &'a Value,
    schemas: Schemas<'a>,
}

fn str_field<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

impl<'a> Operation<'a> {
    /// The operation of these rules in the served document.
    pub(super) fn from_spec(spec: &'a OperationSpec, document: &'a Value) -> Option<Self> {
        let schemas = Schemas::new(document);
        let item = document.get("paths")?.get(&spec.path)?;
        let stated = item.get(spec.method.as_str().to_ascii_lowercase())?;
        let parameters = list(item.get("parameters")).chain(list(stated.get("parameters")));
        Some(Operation {
            id: spec.operation.id(),
            operation: spec.operation,
            method: spec.method.as_str(),
            path: &spec.path,
            unknown_path: spec.unknown_path,
            proof: match spec.auth {
                AuthScheme::Basic => "basic",
                AuthScheme::Bearer => "bearer",
                AuthScheme::None => "none",
            },
            parameters: parameters
                .map(|parameter| {
                    let parameter = schemas.resolve(parameter);
                    Parameter {
                        name: str_field(parameter, "name"),
                        place: str_field(parameter, "in"),
                        required: parameter.get("required") == Some(&Value::Bool(true)),
                        example: parameter.get("example"),
                        about: str_field(parameter, "description"),
                        kind: parameter
                            .get("schema")
                            .map(|schema| schemas.kind(schema))
                            .unwrap_or_default(),
                    }
                })
                .collect(),
            content_type: spec.body.as_ref().map(|body| body.content_type.as_str()),
            tag: list(stated.get("tags"))
                .next()
                .and_then(Value::as_str)
                .unwrap_or_default(),
            summary: str_field(stated, "summary"),
            stated,
            schemas,
        })
    }

    fn media(&self) -> Option<&'a Value> {
        self.stated.get("requestBody")?.get("content")?.get(self.content_type?)
    }

    /// The examples of the body: name, summary, value.
    pub(super) fn examples(&self) -> Vec<(&'a str, &'a str, &'a Value)> {
        let examples = self
            .media()
            .and_then(|media| media.get("examples"))
            .and_then(Value::as_object);
        let examples = examples.into_iter().flatten();
        examples
            .filter_map(|(name, example)| Some((name.as_str(), str_field(example, "summary"), example.get("value")?)))
            .collect()
    }

    fn evidence(&self, part: &str) -> &'a Value {
        let evidence = self
            .stated
            .pointer("/x-enkash/evidence")
            .and_then(|evidence| evidence.get(part));
        evidence.unwrap_or(&Value::Null)
    }

    /// The whole article with the form that tries the operation, folded up under one line.
    pub(super) fn show(&self, calls: u64, form: &Markup) -> Markup {
        html! {
            details.operation id={ "operation-" (self.id) } {
                summary {
                    span.method.(self.method) { (self.method) }
                    span.path { (self.path) }
                    span.summary { (self.summary) }
                    span.badges { @for part in PARTS { (badge(part, str_field(self.evidence(part), "level"))) } }
                }
                // What a link points at: a browser opens the fold that it is in.
                article id=(self.id) aria-label=(self.summary) {
                    div.reading {
                        p.hint {
                            "operation " code { (self.id) } ", proof: " (self.proof) ", "
                            @if calls == 0 { "not called yet" } @else {
                                a href={ "/?operation=" (self.id) "#log" } {
                                    (calls) @if calls == 1 { " request so far" } @else { " requests so far" }
                                }
                            }
                        }
                        @if self.unknown_path { (placeholder()) }
                        (prose::block(str_field(self.stated, "description")))
                        (self.pages())
                        (self.evidence_list())
                        (self.parameter_table())
                        (self.body())
                        (self.responses())
                        (self.seen())
                    }
                    (form)
                }
            }
        }
    }

    fn pages(&self) -> Markup {
        let pages = list(self.stated.pointer("/x-enkash/pages"));
        let note = self.stated.pointer("/x-enkash/note").and_then(Value::as_str);
        html! {
            h3 { "Docs pages" }
            ul.prose {
                @for page in pages {
                    li {
                        (str_field(page, "title")) span.muted { ", " (str_field(page, "section")) }
                        @match page.get("id").and_then(Value::as_str) {
                            Some(id) => { " " code { (id) } },
                            None => span.muted { " (could not be read)" },
                        }
                    }
                }
            }
            @if let Some(note) = note { p.prose { (prose::inline(note)) } }
        }
    }

    fn evidence_list(&self) -> Markup {
        html! {
            h3 { "How this is known" }
            dl.evidence {
                @for part in PARTS {
                    @let evidence = self.evidence(part);
                    dt { (badge(part, str_field(evidence, "level"))) }
                    dd {
                        @if let Some(page) = evidence.get("page").and_then(Value::as_str) { code { (page) } " " }
                        @if let Some(count) = evidence.get("count").and_then(Value::as_u64) {
                            span.muted { "seen " (count) " times, last on " (str_field(evidence, "date")) ". " }
                        }
                        (prose::inline(str_field(evidence, "note")))
                    }
                }
            }
        }
    }

    fn parameter_table(&self) -> Markup {
        let columns = ["Name", "In", "Type", "Meaning"].map(|name| (name, Kind::Text));
        let rows = self.parameters.iter().map(|parameter| {
            let cells = [
                html! {
                    code { (parameter.name) }
                    @if parameter.required { " " span.required { "required" } }
                },
                html! { (parameter.place) },
                html! { (parameter.kind) },
                prose::inline(parameter.about),
            ];
            cells.into()
        });
        html! {
            @if !self.parameters.is_empty() {
                h3 { "Parameters" }
                (grid("Parameters", Some("fields"), columns, rows))
            }
        }
    }

    fn body(&self) -> Markup {
        let schema = self.media().and_then(|media| media.get("schema"));
        html! {
            @if let (Some(schema), Some(content_type)) = (schema, self.content_type) {
                h3 { "Request body " (badge("request", str_field(self.evidence("request"), "level"))) }
                p.hint { code { (content_type) } }
                (self.schemas.show("Fields of the request body", schema))
            }
        }
    }

    fn responses(&self) -> Markup {
        let responses = self.stated.get("responses").and_then(Value::as_object);
        html! {
            h3 { "Responses" }
            @for (status, response) in responses.into_iter().flatten() {
                @let response = self.schemas.resolve(response);
                @let success = status.starts_with('2');
                @let part = if success { "response" } else { "errors" };
                @let schema = response.pointer("/content/application~1json/schema");
                details.response open[success] {
                    summary {
                        span.status.(if success { "good" } else { "warn" }) { (status) }
                        " " (prose::inline(str_field(response, "description")))
                        " " (badge(part, str_field(self.evidence(part), "level")))
                    }
                    @if let Some(schema) = schema { (self.schemas.show(&format!("Fields of a {status}"), schema)) }
                }
            }
        }
    }

    /// What the documentation prints, as it prints it.
    fn seen(&self) -> Markup {
        let seen: Vec<&Value> = list(self.stated.pointer("/x-enkash/seen")).collect();
        html! {
            @if !seen.is_empty() {
                details.response {
                    summary { "Examples that the docs pages print (" (seen.len()) ")" }
                    @for example in seen {
                        p.hint {
                            (str_field(example, "kind")) " on " code { (str_field(example, "page")) }
                            @if example.get("complete") == Some(&Value::Bool(false)) { ", cut off there" }
                            @if !str_field(example, "note").is_empty() { ". " (prose::inline(str_field(example, "note"))) }
                        }
                        @if let Some(value) = example.get("value") {
                            pre tabindex="0" { (serde_json::to_string_pretty(value).unwrap_or_default()) }
                        }
                    }
                }
            }
        }
    }
}

/// How well a part is known: in words, with a sign and a line of its own beside the colour.
pub(super) fn badge(part: &str, level: &str) -> Markup {
    let sign = match level {
        "documented" => "●",
        "observed" => "◕",
        "inferred" => "◐",
        _ => "○",
    };
    html! {
        span.badge.(level) { span aria-hidden="true" { (sign) } " " (part) " " strong { (level) } }
    }
}

fn placeholder() -> Markup {
    html! {
        p.notice {
            strong { "Nobody saw the path of this operation. " }
            "The method and path here are the sandbox's own choice, so that it can be tried. They say nothing about the real service."
        }
    }
}
