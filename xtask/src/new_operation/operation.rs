//! The operation itself, as lines of `spec/rewards.yaml`: summary, parameters, body, responses, evidence and what was seen.
//!
//! The plan puts them into the file. Sentences that a person has to write are marked, and lint refuses the mark.

use std::collections::BTreeSet;

use enkash_codegen::lint::MARK;
use heck::ToUpperCamelCase;
use serde_json::Value;

use super::evidence::{self, Fact, folded};
use super::filled;
use super::input::{Example, Input};
use super::json::Json;
use super::known::KnownFields;
use super::page::{FORM, Row};
use super::parameters;
use super::schemas::{Components, marked_words};
use super::shape::{BODY, Comparison, Kind, from_example, from_rows, merged};
use super::synthetic::Synthesizer;
use super::yaml::{entry, inline_scalar, scalar};

const JSON: &str = "application/json";
/// The statuses of failure that all operations share: status and component.
const FAILURES: [(&str, &str); 3] = [
    ("400", "BadRequest"),
    ("404", "NotFound"),
    ("422", "UnprocessableEntity"),
];

/// What goes into `spec/rewards.yaml`.
#[derive(Debug)]
pub(super) struct Written {
    /// Method and everything below it, without indentation.
    pub(super) operation: Vec<String>,
    /// Name and lines of the components.
    pub(super) components: Vec<(String, Vec<String>)>,
    /// What a person has to decide.
    pub(super) questions: Vec<String>,
}

/// The form of one side, and how it is known.
struct Side {
    /// `None` where nobody saw it.
    kind: Option<Kind>,
    fact: Fact,
}

/// Writes the operation under this path and tag.
pub(super) fn written(input: &mut Input, path: &str, tag: &str, document: &Value) -> Written {
    let known = KnownFields::of(document);
    let mut synthetic = Synthesizer::new(&known);
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    let taken: BTreeSet<_> = schemas.into_iter().flatten().map(|(name, _)| name.clone()).collect();
    let mut components = Components::new(&known, taken);
    let base = input.id.to_upper_camel_case();

    let mut faults = Vec::new();
    let request = side(input, &input.request_rows, input.request.as_ref(), &mut faults);
    let response = side(input, &input.response_rows, input.response.as_ref(), &mut faults);
    input
        .faults
        .extend(faults.into_iter().map(|(line, fault)| format!("line {line}: {fault}")));

    let parameters = parameters::lines(input, path, document, &known, &mut synthetic);
    let mut lines = head(input, tag);
    if !parameters.lines.is_empty() {
        lines.push("  parameters:".to_owned());
        lines.extend(parameters.lines.iter().map(|line| format!("    {line}")));
    }
    let is_read = input.method == "GET";
    let request_fact = if is_read || (request.kind.is_none() && input.is_page && input.method == "DELETE") {
        if request.kind.is_some() {
            components
                .questions
                .push("a GET sends no body, so that of the page is left out: say so in the note".to_owned());
        }
        evidence::of_parameters(input)
    } else {
        let body = request.kind.as_ref().map(|kind| components.request(&base, kind));
        let example = match (&input.request, &request.kind) {
            (Some(example), _) => Some(synthetic.value("", &example.value)),
            (None, Some(kind)) => Some(filled::value("", kind, &known)),
            (None, None) => None,
        };
        lines.extend(request_body(input.is_form, body.as_deref(), example.as_ref()));
        request.fact
    };
    let body = response.kind.as_ref().map(|kind| components.response(&base, kind));
    let failures: Vec<_> = FAILURES
        .iter()
        .filter(|(_, name)| document.pointer(&format!("/components/responses/{name}")).is_some())
        .collect();
    lines.extend(responses(body.as_deref(), &failures));

    let facts = [
        ("path", evidence::of_path(input)),
        ("request", request_fact),
        ("response", response.fact),
        ("errors", evidence::of_errors(input, !failures.is_empty())),
    ];
    lines.extend(extension(input, tag, &facts, &parameters.note));
    lines.extend(seen(input, is_read, &mut synthetic));
    let mut questions = components.questions;
    questions.extend(parameters.questions);
    questions.extend(synthetic.kept.iter().map(|text| {
        format!(
            "the examples keep what the API says, as the page prints it: \"{text}\". Make sure that it names nobody"
        )
    }));
    Written {
        operation: lines,
        components: components.built,
        questions,
    }
}

fn side(input: &Input, rows: &[Row], example: Option<&Example>, faults: &mut Vec<(usize, String)>) -> Side {
    let mut found = Comparison::default();
    let table = from_rows(rows, faults);
    let seen = example.map(|example| from_example(&example.value));
    let has_rows = table.is_some();
    let is_cut = example.is_some_and(|example| !example.complete);
    let kind = match (table, seen) {
        (Some(table), Some(seen)) => Some(merged(table, seen, BODY, is_cut, &mut found)),
        (table, seen) => table.or(seen),
    };
    // A body that is no object and no list is none that was read right.
    let kind = kind.filter(|kind| match kind {
        Kind::Object(fields) => !fields.is_empty(),
        Kind::Map(_) | Kind::List(_) => true,
        _ => false,
    });
    let fact = match &kind {
        Some(_) => evidence::of_side(input, has_rows, example, &found),
        None => evidence::of_side(input, false, None, &found),
    };
    Side { kind, fact }
}

fn head(input: &Input, tag: &str) -> Vec<String> {
    let title = marked_words(input.title.as_deref(), "the operation");
    vec![
        format!("{}:", input.method.to_lowercase()),
        format!("  operationId: {}", input.id),
        format!("  tags: [{}]", inline_scalar(tag)),
        format!("  summary: {}", scalar(&format!("{MARK} {title}"))),
        format!("  description: '{MARK} say what it does, and what a caller has to know before the call'"),
    ]
}

fn request_body(is_form: bool, component: Option<&str>, example: Option<&Json>) -> Vec<String> {
    let mut lines = vec![
        "  requestBody:".to_owned(),
        format!("    required: {}", component.is_some()),
    ];
    if component.is_none() {
        lines.push("    description: Not known. Any JSON.".to_owned());
    }
    let media_type = if is_form { FORM } else { JSON };
    lines.extend(content("    ", media_type, component));
    let (name, summary, value) = match (component, example) {
        (Some(_), Some(value)) => ("example", format!("'{MARK} say what this sends'"), value.clone()),
        _ => (
            "empty",
            "Nothing; nobody saw what this call takes".to_owned(),
            Json::Object(Vec::new()),
        ),
    };
    lines.extend([
        "        examples:".to_owned(),
        format!("          {name}:"),
        format!("            summary: {summary}"),
    ]);
    lines.extend(entry(12, "value", &value));
    lines
}

fn responses(component: Option<&str>, failures: &[&(&str, &str)]) -> Vec<String> {
    let description = match component {
        Some(_) => format!("'{MARK} say what it answers, and what a failure looks like'"),
        None => "Nobody saw this answer; 200 is assumed.".to_owned(),
    };
    let mut lines = vec![
        "  responses:".to_owned(),
        "    '200':".to_owned(),
        format!("      description: {description}"),
    ];
    lines.extend(content("      ", JSON, component));
    for (status, name) in failures {
        lines.push(format!("    '{status}':"));
        lines.push(format!("      $ref: '#/components/responses/{name}'"));
    }
    lines
}

fn content(pad: &str, media_type: &str, component: Option<&str>) -> Vec<String> {
    vec![
        format!("{pad}content:"),
        format!("{pad}  {media_type}:"),
        format!("{pad}    schema:"),
        format!(
            "{pad}      $ref: '#/components/schemas/{}'",
            component.unwrap_or("UnseenBody")
        ),
    ]
}

fn extension(input: &Input, tag: &str, facts: &[(&str, Fact)], note: &[String]) -> Vec<String> {
    let page_id = input.page_id.as_deref().map_or("null".to_owned(), inline_scalar);
    let title = input.title.as_deref().map_or_else(
        || inline_scalar(&format!("{MARK} the title of the page")),
        |title| inline_scalar(&title.chars().take(100).collect::<String>()),
    );
    let mut lines = vec![
        "  x-enkash:".to_owned(),
        "    pages:".to_owned(),
        format!(
            "      - {{id: {page_id}, title: {title}, section: {}}}",
            inline_scalar(tag)
        ),
        "    evidence:".to_owned(),
    ];
    for (side, fact) in facts {
        lines.extend(fact.lines(side).into_iter().map(|line| format!("      {line}")));
    }
    if !note.is_empty() {
        lines.extend(
            folded("note", &note.join(" "))
                .into_iter()
                .map(|line| format!("    {line}")),
        );
    }
    lines
}

/// The examples as the page prints them, made synthetic.
fn seen(input: &Input, is_read: bool, synthetic: &mut Synthesizer<'_>) -> Vec<String> {
    let request = input
        .request
        .as_ref()
        .filter(|_| !is_read)
        .map(|example| ("request", example));
    let response = input.response.as_ref().map(|example| ("response", example));
    let mut lines = Vec::new();
    for (kind, example) in request.into_iter().chain(response) {
        lines.push(format!("      - kind: {kind}"));
        if kind == "response" {
            lines.push(format!("        status: {}", example.status.unwrap_or(200)));
        }
        let page = input.page_id.as_deref().map_or("null".to_owned(), inline_scalar);
        lines.extend([
            format!("        page: {page}"),
            format!("        complete: {}", example.complete),
        ]);
        if !example.broken_lines.is_empty() {
            lines.push("        note: Not JSON as it is printed; what could be read stands here.".to_owned());
        } else if !example.complete {
            lines.push("        note: The page says that it is cut.".to_owned());
        }
        lines.extend(entry(8, "value", &synthetic.value("", &example.value)));
    }
    match lines.is_empty() {
        true => vec!["    seen: []".to_owned()],
        false => std::iter::once("    seen:".to_owned()).chain(lines).collect(),
    }
}
