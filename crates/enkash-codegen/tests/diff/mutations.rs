//! Random changes of the real description: each is named, in the category that it touches, and none passes in silence.

use std::sync::OnceLock;

use enkash_codegen::diff::{Category, Report, Severity, compare};
use enkash_codegen::spec::yaml_to_json;
use serde_json::{Value, json};

use crate::pairs::Side;
use crate::random::Random;

fn real() -> Side {
    static REAL: OnceLock<Side> = OnceLock::new();
    let read = |text| yaml_to_json(text).expect("the description is YAML");
    let real = REAL.get_or_init(|| Side {
        document: read(include_str!("../../embedded/spec/rewards.yaml")),
        policy: read(include_str!("../../embedded/spec/policy.yaml")),
        surface: read(include_str!("../../embedded/spec/surface.yaml")),
        sandbox: read(include_str!("../../embedded/spec/sandbox.overlay.yaml")),
    });
    real.clone()
}

/// What a mutation did: the rules that may name it, what the subject holds, and the category that must have it.
struct Did {
    what: String,
    rules: &'static [&'static str],
    subject: String,
    category: Category,
    severity: Severity,
}

fn did(
    what: &str,
    rules: &'static [&'static str],
    subject: &str,
    category: Category,
    severity: Severity,
) -> Option<Did> {
    Some(Did {
        what: format!("{what} {subject}"),
        rules,
        subject: subject.to_owned(),
        category,
        severity,
    })
}

type Mutation = fn(&mut Side, &mut Random) -> Option<Did>;

const MUTATIONS: [Mutation; 30] = [
    field_removed,
    field_added,
    field_renamed,
    field_of_another_type,
    field_without_format,
    field_required,
    field_refers,
    field_deprecated,
    field_with_unknown_key,
    items_of_another_type,
    word_added,
    word_removed,
    type_removed,
    type_added,
    operation_removed,
    operation_renamed,
    path_changed,
    method_changed,
    tag_changed,
    security_changed,
    parameter_added,
    parameter_of_another_type,
    parameter_removed,
    status_removed,
    status_added,
    evidence_changed,
    note_changed,
    example_removed,
    policy_changed,
    wrapper_renamed,
];

fn keys(value: &Value) -> Vec<String> {
    value
        .as_object()
        .map(|map| map.keys().cloned().collect())
        .unwrap_or_default()
}

/// A component with fields of its own, and the pointer to them.
fn object(side: &Side, random: &mut Random) -> Option<(String, String)> {
    let mut found = Vec::new();
    for name in keys(&side.document["components"]["schemas"]) {
        let schema = &side.document["components"]["schemas"][&name];
        if schema.get("properties").is_some() {
            found.push((name.clone(), format!("/components/schemas/{name}")));
        }
        for (index, part) in schema["allOf"].as_array().into_iter().flatten().enumerate() {
            if part.get("properties").is_some() {
                found.push((name.clone(), format!("/components/schemas/{name}/allOf/{index}")));
            }
        }
    }
    random.pick(&found).cloned()
}

/// A field of it that fulfils a condition: the subject, its pointer, its name, the pointer of the object.
fn field(side: &Side, random: &mut Random, is_fit: fn(&Value) -> bool) -> Option<[String; 4]> {
    let (name, at) = object(side, random)?;
    let properties = side.document.pointer(&format!("{at}/properties"))?;
    let fit: Vec<_> = keys(properties)
        .into_iter()
        .filter(|key| is_fit(&properties[key]))
        .collect();
    let key = random.pick(&fit)?.clone();
    Some([format!("{name}.{key}"), format!("{at}/properties/{key}"), key, at])
}

fn set(side: &mut Side, pointer: &str, key: &str, value: Value) -> Option<()> {
    side.document.pointer_mut(pointer)?[key] = value;
    Some(())
}

fn remove(side: &mut Side, pointer: &str, key: &str) -> Option<Value> {
    side.document.pointer_mut(pointer)?.as_object_mut()?.remove(key)
}

/// Removes a field, also from the names that are required.
fn take(side: &mut Side, object: &str, key: &str) -> Option<Value> {
    if let Some(required) = side.document.pointer_mut(&format!("{object}/required")) {
        required.as_array_mut()?.retain(|name| name != key);
    }
    remove(side, &format!("{object}/properties"), key)
}

fn field_removed(side: &mut Side, random: &mut Random) -> Option<Did> {
    let [subject, _, key, object] = field(side, random, |_| true)?;
    take(side, &object, &key)?;
    did(
        "removed",
        &["field-removed"],
        &subject,
        Category::Rust,
        Severity::CompileTime,
    )
}

fn field_added(side: &mut Side, random: &mut Random) -> Option<Did> {
    let (name, at) = object(side, random)?;
    set(
        side,
        &format!("{at}/properties"),
        "brandNew",
        json!({"type": "boolean"}),
    )?;
    did(
        "added",
        &["field-added"],
        &format!("{name}.brandNew"),
        Category::Rust,
        Severity::Compatible,
    )
}

fn field_renamed(side: &mut Side, random: &mut Random) -> Option<Did> {
    let [subject, _, key, object] = field(side, random, |field| field.get("description").is_some())?;
    let field = take(side, &object, &key)?;
    set(side, &format!("{object}/properties"), &format!("{key}Anew"), field)?;
    did(
        "renamed",
        &["field-renamed"],
        &subject,
        Category::Rust,
        Severity::CompileTime,
    )
}

fn field_of_another_type(side: &mut Side, random: &mut Random) -> Option<Did> {
    let [subject, at, ..] = field(side, random, |field| field["type"] != "boolean")?;
    *side.document.pointer_mut(&at)? = json!({"type": "boolean"});
    let rules = &["type-changed", "type-narrowed"];
    did(
        "made a truth value of",
        rules,
        &subject,
        Category::Rust,
        Severity::CompileTime,
    )
}

fn field_without_format(side: &mut Side, random: &mut Random) -> Option<Did> {
    let ours = |field: &Value| {
        ["money", "personal", "password"]
            .iter()
            .any(|format| field["format"] == *format)
    };
    let [subject, at, ..] = field(side, random, ours)?;
    remove(side, &at, "format")?;
    did(
        "took the format of",
        &["format-changed"],
        &subject,
        Category::Rust,
        Severity::CompileTime,
    )
}

fn field_required(side: &mut Side, random: &mut Random) -> Option<Did> {
    let [subject, _, key, object] = field(side, random, |_| true)?;
    let object = side.document.pointer_mut(&object)?;
    let mut required = object
        .get("required")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let was = required.iter().any(|name| *name == key);
    required.retain(|name| *name != key);
    if !was {
        required.push(key.into());
    }
    object["required"] = required.into();
    let rules: &[&str] = if was { &["field-optional"] } else { &["field-required"] };
    did(
        "turned whether it is required:",
        rules,
        &subject,
        Category::Rust,
        Severity::Compatible,
    )
}

fn field_refers(side: &mut Side, random: &mut Random) -> Option<Did> {
    let [subject, at, ..] = field(side, random, |field| field.get("type").is_some())?;
    *side.document.pointer_mut(&at)? = json!({"$ref": "#/components/schemas/VoucherDetails"});
    did(
        "made a voucher of",
        &["type-changed"],
        &subject,
        Category::Rust,
        Severity::CompileTime,
    )
}

fn field_deprecated(side: &mut Side, random: &mut Random) -> Option<Did> {
    let [subject, at, ..] = field(side, random, |field| field.get("type").is_some())?;
    set(side, &at, "deprecated", true.into())?;
    let is_used = subject.split('.').next() != Some("TransactionRecord");
    let category = if is_used { Category::Wire } else { Category::Rust };
    did("deprecated", &["deprecated"], &subject, category, Severity::Compatible)
}

fn field_with_unknown_key(side: &mut Side, random: &mut Random) -> Option<Did> {
    let [subject, at, ..] = field(side, random, |field| field.get("$ref").is_none())?;
    set(side, &at, "x-unit", "cm".into())?;
    did(
        "wrote an unknown key into",
        &["unclassified"],
        &subject,
        Category::Wire,
        Severity::Unclassified,
    )
}

fn items_of_another_type(side: &mut Side, random: &mut Random) -> Option<Did> {
    let [subject, at, ..] = field(side, random, |field| field["type"] == "array")?;
    set(side, &at, "items", json!({"type": "boolean"}))?;
    let subject = format!("{subject}[]");
    did(
        "made truth values of",
        &["type-changed", "type-narrowed"],
        &subject,
        Category::Rust,
        Severity::CompileTime,
    )
}

fn words(side: &Side, random: &mut Random) -> Option<String> {
    let schemas = &side.document["components"]["schemas"];
    let found: Vec<_> = keys(schemas)
        .into_iter()
        .filter(|name| schemas[name].get("enum").is_some())
        .collect();
    random.pick(&found).cloned()
}

fn word_added(side: &mut Side, random: &mut Random) -> Option<Did> {
    let name = words(side, random)?;
    side.document["components"]["schemas"][&name]["enum"]
        .as_array_mut()?
        .push("BRAND_NEW".into());
    did(
        "added",
        &["word-added"],
        &format!("{name}.BRAND_NEW"),
        Category::Rust,
        Severity::Compatible,
    )
}

fn word_removed(side: &mut Side, random: &mut Random) -> Option<Did> {
    let name = words(side, random)?;
    let words = side.document["components"]["schemas"][&name]["enum"].as_array_mut()?;
    let gone = random.pick(words)?.clone();
    words.retain(|word| *word != gone);
    let subject = format!("{name}.{}", gone.as_str()?);
    did(
        "removed",
        &["word-removed"],
        &subject,
        Category::Rust,
        Severity::CompileTime,
    )
}

fn type_removed(side: &mut Side, random: &mut Random) -> Option<Did> {
    // Payloads have no type of their own.
    let schemas = &side.document["components"]["schemas"];
    let found: Vec<_> = keys(schemas)
        .into_iter()
        .filter(|name| schemas[name].get("oneOf").is_none())
        .collect();
    let name = random.pick(&found)?.clone();
    remove(side, "/components/schemas", &name)?;
    did(
        "removed",
        &["type-removed"],
        &name,
        Category::Rust,
        Severity::CompileTime,
    )
}

fn type_added(side: &mut Side, _: &mut Random) -> Option<Did> {
    let schema = json!({"type": "object", "properties": {"size": {"type": "boolean"}}});
    set(side, "/components/schemas", "BrandNew", schema)?;
    did(
        "added",
        &["type-added"],
        "BrandNew",
        Category::Rust,
        Severity::Compatible,
    )
}

/// An operation: its id, the pointer to it, the pointer to its path, its method.
fn operation(side: &Side, random: &mut Random) -> Option<[String; 4]> {
    let mut found = Vec::new();
    for path in keys(&side.document["paths"]) {
        for method in keys(&side.document["paths"][&path]) {
            let item = format!("/paths/{}", path.replace('~', "~0").replace('/', "~1"));
            if let Some(id) = side.document["paths"][&path][&method]["operationId"].as_str() {
                found.push([id.to_owned(), format!("{item}/{method}"), item, method]);
            }
        }
    }
    random.pick(&found).cloned()
}

fn operation_removed(side: &mut Side, random: &mut Random) -> Option<Did> {
    let [id, _, item, method] = operation(side, random)?;
    remove(side, &item, &method)?;
    did(
        "removed",
        &["operation-removed"],
        &id,
        Category::Wire,
        Severity::RunTime,
    )
}

fn operation_renamed(side: &mut Side, random: &mut Random) -> Option<Did> {
    let [id, at, ..] = operation(side, random)?;
    set(side, &at, "operationId", "brandNew".into())?;
    did(
        "renamed",
        &["operation-renamed"],
        &id,
        Category::Rust,
        Severity::CompileTime,
    )
}

fn path_changed(side: &mut Side, random: &mut Random) -> Option<Did> {
    let [id, _, item, _] = operation(side, random)?;
    let path = item.trim_start_matches("/paths/").replace("~1", "/").replace("~0", "~");
    let moved = remove(side, "/paths", &path)?;
    set(side, "/paths", &format!("/v9{path}"), moved)?;
    did(
        "moved",
        &["path-changed", "path-found"],
        &id,
        Category::Wire,
        Severity::Compatible,
    )
}

fn method_changed(side: &mut Side, random: &mut Random) -> Option<Did> {
    let [id, _, item, method] = operation(side, random)?;
    let moved = remove(side, &item, &method)?;
    set(side, &item, "put", moved)?;
    did(
        "changed the method of",
        &["method-changed"],
        &id,
        Category::Wire,
        Severity::RunTime,
    )
}

fn tag_changed(side: &mut Side, random: &mut Random) -> Option<Did> {
    let [id, at, ..] = operation(side, random)?;
    set(side, &at, "tags", json!(["Somewhere Else"]))?;
    did(
        "changed the tag of",
        &["tag-changed"],
        &id,
        Category::Wire,
        Severity::Behaviour,
    )
}

fn security_changed(side: &mut Side, random: &mut Random) -> Option<Did> {
    let [id, at, ..] = operation(side, random)?;
    set(side, &at, "security", json!([{"bearerAuth": [], "basicAuth": []}]))?;
    did(
        "changed the credentials of",
        &["security-changed"],
        &id,
        Category::Wire,
        Severity::RunTime,
    )
}

fn parameter_added(side: &mut Side, random: &mut Random) -> Option<Did> {
    let [id, at, ..] = operation(side, random)?;
    let operation = side.document.pointer_mut(&at)?;
    if operation.get("parameters").is_none() {
        operation["parameters"] = json!([]);
    }
    let parameter = json!({"name": "brandNew", "in": "query", "schema": {"type": "boolean"}});
    operation["parameters"].as_array_mut()?.push(parameter);
    let subject = format!("{id} query brandNew");
    did(
        "added",
        &["parameter-added"],
        &subject,
        Category::Rust,
        Severity::Compatible,
    )
}

/// A parameter that stands in the operation: the subject and its pointer.
fn parameter(side: &Side, random: &mut Random) -> Option<(String, String, usize)> {
    let [id, at, ..] = operation(side, random)?;
    let parameters = side.document.pointer(&at)?["parameters"].as_array()?;
    let own: Vec<_> = (0..parameters.len())
        .filter(|index| parameters[*index].get("name").is_some())
        .collect();
    let index = *random.pick(&own)?;
    let parameter = &parameters[index];
    let subject = format!("{id} {} {}", parameter["in"].as_str()?, parameter["name"].as_str()?);
    Some((subject, format!("{at}/parameters"), index))
}

fn parameter_of_another_type(side: &mut Side, random: &mut Random) -> Option<Did> {
    let (subject, at, index) = parameter(side, random)?;
    let parameter = side.document.pointer_mut(&format!("{at}/{index}"))?;
    if parameter["schema"]["type"] == "integer" {
        return None;
    }
    parameter["schema"] = json!({"type": "integer", "format": "int64"});
    did(
        "made a number of",
        &["type-changed"],
        &subject,
        Category::Rust,
        Severity::CompileTime,
    )
}

fn parameter_removed(side: &mut Side, random: &mut Random) -> Option<Did> {
    let (subject, at, index) = parameter(side, random)?;
    side.document.pointer_mut(&at)?.as_array_mut()?.remove(index);
    did(
        "removed",
        &["parameter-removed"],
        &subject,
        Category::Rust,
        Severity::CompileTime,
    )
}

fn status_removed(side: &mut Side, random: &mut Random) -> Option<Did> {
    let [id, at, ..] = operation(side, random)?;
    let statuses = keys(&side.document.pointer(&at)?["responses"]);
    let status = random.pick(&statuses)?.clone();
    remove(side, &format!("{at}/responses"), &status)?;
    let subject = format!("{id} response {status}");
    did(
        "removed",
        &["status-removed"],
        &subject,
        Category::Wire,
        Severity::Behaviour,
    )
}

fn status_added(side: &mut Side, random: &mut Random) -> Option<Did> {
    let [id, at, ..] = operation(side, random)?;
    set(
        side,
        &format!("{at}/responses"),
        "418",
        json!({"description": "A teapot."}),
    )?;
    let subject = format!("{id} response 418");
    did(
        "added",
        &["status-added"],
        &subject,
        Category::Wire,
        Severity::Compatible,
    )
}

fn evidence_changed(side: &mut Side, random: &mut Random) -> Option<Did> {
    let [id, at, ..] = operation(side, random)?;
    let part = *random.pick(&["path", "request", "response", "errors"])?;
    let fact = side.document.pointer_mut(&format!("{at}/x-enkash/evidence/{part}"))?;
    let (level, rules): (_, &[_]) = match fact["level"].as_str()? {
        "documented" => (*random.pick(&["inferred", "unknown"])?, &["evidence-lowered"]),
        _ => ("documented", &["evidence-raised"]),
    };
    fact["level"] = level.into();
    did(
        "changed the evidence of",
        rules,
        &format!("{id} {part}"),
        Category::Evidence,
        Severity::Compatible,
    )
}

fn note_changed(side: &mut Side, random: &mut Random) -> Option<Did> {
    let [id, at, ..] = operation(side, random)?;
    let part = *random.pick(&["path", "request", "response", "errors"])?;
    set(
        side,
        &format!("{at}/x-enkash/evidence/{part}"),
        "note",
        "Somebody looked again.".into(),
    )?;
    let subject = format!("{id} {part}");
    did(
        "changed the note of",
        &["evidence-note-changed"],
        &subject,
        Category::Evidence,
        Severity::Compatible,
    )
}

fn example_removed(side: &mut Side, random: &mut Random) -> Option<Did> {
    let [id, at, ..] = operation(side, random)?;
    let seen = side
        .document
        .pointer_mut(&format!("{at}/x-enkash/seen"))?
        .as_array_mut()?;
    seen.pop()?;
    did(
        "removed an example of",
        &["seen-removed"],
        &id,
        Category::Evidence,
        Severity::Compatible,
    )
}

fn policy_changed(side: &mut Side, random: &mut Random) -> Option<Did> {
    let ids = keys(&side.policy["operations"]);
    let id = random.pick(&ids)?.clone();
    let (key, a, b) = *random.pick(&[
        ("effect", "reads", "moves-value"),
        ("repeat", "safe", "never"),
        ("after-401", "replay", "unknown"),
    ])?;
    let entry = &mut side.policy["operations"][&id];
    entry[key] = if entry[key] == a { b } else { a }.into();
    let rules = &["policy-loosened", "policy-tightened"];
    did(
        "changed the policy of",
        rules,
        &format!("{id} {key}"),
        Category::Policy,
        Severity::Compatible,
    )
}

fn wrapper_renamed(side: &mut Side, random: &mut Random) -> Option<Did> {
    let ids = keys(&side.surface["operations"]);
    let id = random.pick(&ids)?.clone();
    side.surface["operations"][&id]["high-level"] = json!({"is": "Enkash::brand_new"});
    let rules = &["wrapper-renamed", "wrapper-added", "wrapper-removed"];
    did(
        "changed the wrapper of",
        rules,
        &id,
        Category::HighLevel,
        Severity::Compatible,
    )
}

fn is_named(report: &Report, did: &Did) -> bool {
    report.findings.iter().any(|finding| {
        did.rules.contains(&finding.rule)
            && (finding.subject == did.subject || finding.subject.starts_with(&format!("{} ", did.subject)))
            && finding.severity_of(did.category) >= did.severity
    })
}

#[test]
fn each_of_three_hundred_changes_of_the_real_description_is_named_in_its_category() {
    let before = real();
    let description = before.description();
    let mut random = Random::new(20_260_131);
    let (mut made, mut wrong) = (0, Vec::new());
    let mut kinds = [0; MUTATIONS.len()];
    for round in 0.. {
        if made == 300 {
            break;
        }
        assert!(round < 3000, "mutations find nothing to change");
        let mut after = before.clone();
        let kind = round % MUTATIONS.len();
        let Some(did) = MUTATIONS[kind](&mut after, &mut random) else {
            continue;
        };
        if after == before {
            continue;
        }
        (made, kinds[kind]) = (made + 1, kinds[kind] + 1);
        let report = compare(&description, &after.description());
        if !is_named(&report, &did) {
            let found: Vec<_> = report
                .findings
                .iter()
                .map(|finding| (finding.rule, &finding.subject))
                .collect();
            wrong.push(format!("{}: {found:?}", did.what));
        }
    }
    assert!(kinds.iter().all(|count| *count > 0), "{kinds:?}");
    assert!(wrong.is_empty(), "{} of {made}\n{}", wrong.len(), wrong.join("\n"));
}
