//! Changes of operations, of their evidence, policy and surface.

use enkash_codegen::diff::{Category, Severity};
use serde_json::json;

use super::{Did, did, keys, remove, set};
use crate::pairs::Side;
use crate::random::Random;

/// An operation: its id, the pointer to it, the pointer to its path, its method.
pub(super) fn operation(side: &Side, random: &mut Random) -> Option<[String; 4]> {
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

pub(super) fn operation_removed(side: &mut Side, random: &mut Random) -> Option<Did> {
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

pub(super) fn operation_renamed(side: &mut Side, random: &mut Random) -> Option<Did> {
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

pub(super) fn path_changed(side: &mut Side, random: &mut Random) -> Option<Did> {
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

pub(super) fn method_changed(side: &mut Side, random: &mut Random) -> Option<Did> {
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

pub(super) fn tag_changed(side: &mut Side, random: &mut Random) -> Option<Did> {
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

pub(super) fn security_changed(side: &mut Side, random: &mut Random) -> Option<Did> {
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

pub(super) fn parameter_added(side: &mut Side, random: &mut Random) -> Option<Did> {
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
pub(super) fn parameter(side: &Side, random: &mut Random) -> Option<(String, String, usize)> {
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

pub(super) fn parameter_of_another_type(side: &mut Side, random: &mut Random) -> Option<Did> {
    let (subject, at, index) = parameter(side, random)?;
    let parameter = side.document.pointer_mut(&format!("{at}/{index}"))?;
    if parameter["schema"]["type"] != "string" {
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

pub(super) fn parameter_removed(side: &mut Side, random: &mut Random) -> Option<Did> {
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

pub(super) fn status_removed(side: &mut Side, random: &mut Random) -> Option<Did> {
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

pub(super) fn status_added(side: &mut Side, random: &mut Random) -> Option<Did> {
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

pub(super) fn evidence_changed(side: &mut Side, random: &mut Random) -> Option<Did> {
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

pub(super) fn note_changed(side: &mut Side, random: &mut Random) -> Option<Did> {
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

pub(super) fn example_removed(side: &mut Side, random: &mut Random) -> Option<Did> {
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

pub(super) fn policy_changed(side: &mut Side, random: &mut Random) -> Option<Did> {
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

pub(super) fn wrapper_renamed(side: &mut Side, random: &mut Random) -> Option<Did> {
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
