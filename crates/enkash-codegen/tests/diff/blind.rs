//! Blind changes: any value of the real description is taken away or replaced. Whatever only people read is no change, and
//! everything else is named.

use enkash_codegen::diff::{Description, compare};
use enkash_codegen::spec::yaml_to_json;
use serde_json::{Value, json};

use crate::random::Random;

/// Every place of a value, as a pointer.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    if !at.is_empty() {
        found.push(at.to_owned());
    }
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                places(
                    value,
                    &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")),
                    found,
                );
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                places(value, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// Whether only people read a place: words, examples, and parts of the components that nothing uses.
fn is_for_people(pointer: &str) -> bool {
    let steps: Vec<_> = pointer.split('/').skip(1).collect();
    let names_a_field = |index: usize| index > 0 && steps[index - 1] == "properties";
    let is_words = |index: usize, step: &str| {
        matches!(
            step,
            "description" | "summary" | "title" | "example" | "examples" | "info" | "license"
        ) && !names_a_field(index)
    };
    let is_in_evidence = steps.contains(&"x-enkash");
    let is_tag = steps.first() == Some(&"tags");
    let is_prefix = |prefix: &str| pointer.starts_with(prefix);
    (!is_in_evidence && steps.iter().enumerate().any(|(index, step)| is_words(index, step)))
        || is_tag
        || is_prefix("/components/securitySchemes/bearerAuth/bearerFormat")
}

/// Whether a value says what is also meant without it.
fn is_usual(document: &Value, pointer: &str) -> bool {
    let value = document.pointer(pointer).unwrap_or(&Value::Null);
    let is_fact = pointer.contains("/x-enkash/") && !pointer.ends_with("/seen");
    if is_fact || pointer.contains("/security") {
        return false;
    }
    let (parent, key) = pointer.rsplit_once('/').unwrap_or_default();
    let beside = |key: &str| document.pointer(&format!("{parent}/{key}"));
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(list) => list.is_empty(),
        // A parameter in the path is always required, and what has fields is an object.
        Value::Bool(true) => key == "required" && beside("in") == Some(&json!("path")),
        Value::String(text) if key == "type" => text == "object" && beside("properties").is_some(),
        // The generator makes the same of a whole number without a format.
        Value::String(text) => key == "format" && text == "int64",
        _ => false,
    }
}

fn removed(document: &Value, pointer: &str) -> Option<Value> {
    let mut document = document.clone();
    let (parent, key) = pointer.rsplit_once('/')?;
    let key = key.replace("~1", "/").replace("~0", "~");
    match document.pointer_mut(parent)? {
        Value::Object(map) => _ = map.remove(&key)?,
        Value::Array(list) => _ = list.remove(key.parse().ok()?),
        _ => return None,
    }
    Some(document)
}

fn replaced(document: &Value, pointer: &str) -> Option<Value> {
    let mut document = document.clone();
    let place = document.pointer_mut(pointer)?;
    *place = match &*place {
        Value::String(text) => json!(format!("{text}x")),
        Value::Bool(value) => json!(!value),
        Value::Number(_) => json!(12_345),
        Value::Null => json!("x"),
        Value::Array(_) => json!({"x": "y"}),
        Value::Object(_) => json!(["x"]),
    };
    Some(document)
}

fn file(name: &str, text: &str, silent: fn(&str) -> bool, count: usize) {
    let document = yaml_to_json(text).expect("the description is YAML");
    let description = |value: &Value| {
        let mut files = [Value::Null, Value::Null, Value::Null, Value::Null];
        files[if name == "rewards" { 0 } else { 1 }] = value.clone();
        Description::from_values(files)
    };
    let before = description(&document);
    let mut all = Vec::new();
    places(&document, "", &mut all);
    let mut random = Random::new(7);
    let (mut tried, mut wrong) = (0, Vec::new());
    for round in 0..count {
        let Some(pointer) = random.pick(&all) else { continue };
        let change = if round % 2 == 0 { removed } else { replaced };
        let Some(after) = change(&document, pointer) else {
            continue;
        };
        tried += 1;
        let report = compare(&before, &description(&after));
        let is_silent = silent(pointer) || (round % 2 == 0 && is_usual(&document, pointer));
        if report.findings.is_empty() != is_silent {
            let found: Vec<_> = report
                .findings
                .iter()
                .map(|finding| (finding.rule, &finding.subject))
                .collect();
            wrong.push(format!(
                "{} {pointer}: {found:?}",
                if round % 2 == 0 { "removed" } else { "replaced" }
            ));
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "{} of {tried}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn no_blind_change_of_the_document_passes_in_silence() {
    file(
        "rewards",
        include_str!("../../embedded/spec/rewards.yaml"),
        is_for_people,
        200,
    );
}

#[test]
fn no_blind_change_of_the_policy_passes_in_silence() {
    file(
        "policy",
        include_str!("../../embedded/spec/policy.yaml"),
        |_| false,
        300,
    );
}
