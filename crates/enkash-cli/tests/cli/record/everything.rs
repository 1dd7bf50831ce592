//! Every operation of the sandbox called with people who exist nowhere else, and the forms in which a value could leak.

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::STANDARD};
use enkash::reqwest::Method;
use enkash_sandbox::Sandbox;
use serde_json::{Value, json};

use super::http;

/// People who exist nowhere else: whatever of them stands in the recording has leaked.
pub(super) const CANARIES: [(&str, &str); 7] = [
    ("firstName", "Zynthia Quillfeather"),
    ("name", "Orlovsky Brandtkamp"),
    ("cardHolderName", "Wilhelmsen Ockham"),
    ("email", "zq.canary+77@mail.example"),
    ("mobile", "9000077331"),
    ("remarks", "for Quillfeather's jubilee"),
    ("description", "Ockham asked for it"),
];

/// A body with canaries for people, and beside them fields that no page has.
fn with_canaries(body: &Value) -> Value {
    match body {
        Value::Array(items) => items.iter().map(with_canaries).collect(),
        Value::Object(fields) => {
            let replaced = fields.iter().map(|(name, value)| {
                let canary = CANARIES.iter().find(|(field, _)| field == name);
                let value = canary.map_or_else(|| with_canaries(value), |(_, canary)| json!(canary));
                (name.clone(), value)
            });
            Value::Object(replaced.collect())
        }
        other => other.clone(),
    }
}

/// Every text of a body that names somebody or something: all but words, short ones and messages.
fn named_values(body: &Value, found: &mut BTreeSet<String>) {
    match body {
        Value::Array(items) => items.iter().for_each(|item| named_values(item, found)),
        Value::Object(fields) => fields.values().for_each(|value| named_values(value, found)),
        Value::String(text) if text.len() >= 6 && text.bytes().any(|byte| byte.is_ascii_digit()) => {
            found.insert(text.clone());
        }
        _ => {}
    }
}

/// Calls every operation that the sandbox documents, with its own examples; the values that came and went.
pub(super) async fn call_everything(url: &str, sandbox: &Sandbox, token: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let document: Value = serde_json::from_str(&sandbox.document()).unwrap();
    let resolve = |value: &Value| match value["$ref"].as_str() {
        Some(reference) => document.pointer(&reference[1..]).unwrap().clone(),
        None => value.clone(),
    };
    let (mut called, mut values) = (BTreeSet::new(), BTreeSet::new());
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(id) = operation["operationId"].as_str().filter(|id| *id != "issueToken") else {
                continue;
            };
            let mut target = path.clone();
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("note", "zq.canary+77@mail.example");
            let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes()).unwrap();
            let mut headers = Vec::new();
            for parameter in operation["parameters"].as_array().into_iter().flatten().map(resolve) {
                let name = parameter["name"].as_str().unwrap();
                let example = &parameter["example"];
                let example = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
                match parameter["in"].as_str().unwrap() {
                    "path" => target = target.replace(&format!("{{{name}}}"), &example),
                    "query" => drop(query.append_pair(name, &example)),
                    _ => headers.push((name.to_owned(), example)),
                }
            }
            let media = &operation["requestBody"]["content"]["application/json"];
            let examples = media["examples"]
                .as_object()
                .into_iter()
                .flat_map(|examples| examples.values());
            let mut bodies: Vec<Option<Value>> =
                examples.map(|example| Some(with_canaries(&example["value"]))).collect();
            if bodies.is_empty() {
                bodies.push(None);
            }
            let target = format!("{url}{target}?{}", query.finish());
            for body in bodies {
                let mut request = http().request(method.clone(), &target);
                request = request
                    .header("authorization", format!("Bearer {token}"))
                    .header("x-person", "Zynthia");
                for (name, value) in &headers {
                    request = request.header(name, value);
                }
                if let Some(body) = body {
                    named_values(&body, &mut values);
                    request = request
                        .header("content-type", "application/json")
                        .body(body.to_string());
                }
                let response = request.send().await.unwrap();
                if let Ok(body) = serde_json::from_str(&response.text().await.unwrap()) {
                    named_values(&body, &mut values);
                }
            }
            called.insert(id.to_owned());
        }
    }
    (called, values)
}

/// Raw, in the forms of Base64, and encoded for a URL.
pub(super) fn forms(canary: &str) -> Vec<String> {
    let url = form_urlencoded::byte_serialize(canary.as_bytes()).collect::<String>();
    // What surrounds a text shifts its Base64: without its ends it is the same.
    let shifted = (0..3).map(|shift| {
        let padded = [&b"xx"[..shift.min(2)], canary.as_bytes()].concat();
        let encoded = STANDARD.encode(&padded);
        let end = encoded.len().saturating_sub(4);
        encoded.get(4.min(end)..end).unwrap_or_default().to_owned()
    });
    let mut forms: Vec<_> = shifted.filter(|form| form.len() >= 8).collect();
    forms.extend([canary.to_owned(), url, STANDARD.encode(canary)]);
    forms
}
