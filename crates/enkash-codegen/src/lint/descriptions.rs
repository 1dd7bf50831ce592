//! The rule that everything a user meets is described.

use serde_json::{Map, Value};

use super::context::LintContext;
use crate::spec::Diagnostic;
use crate::spec::openapi_shape::{PARAMETER, SCHEMA};
use crate::spec::references::resolve;
use crate::spec::shape::Node;

/// Operations have a summary of one line and a description; parameters, properties and schemas of a name or in a list a
/// description.
pub(super) fn present(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let mut report = |at: &_, message: String| diagnostics.push(context.diagnostic(at, message));
    for site in &context.operations {
        match text(site.map, "summary") {
            "" => report(&site.at, format!("summary: missing in {}", site.at)),
            summary if summary.trim_end().contains('\n') => {
                report(
                    &site.at.child("summary"),
                    format!("summary: of {} is more than one line", site.name()),
                );
            }
            _ => {}
        }
        if text(site.map, "description").is_empty() {
            report(&site.at, format!("description: missing in {}", site.at));
        }
    }
    for node in context.nodes(&PARAMETER) {
        if text(node.map, "description").is_empty() {
            report(
                &node.at,
                format!("description: missing in parameter {}", text(node.map, "name")),
            );
        }
    }
    for node in context.nodes(&SCHEMA) {
        if is_own_type(node) && text(node.map, "description").is_empty() {
            report(&node.at, format!("description: missing in {}", node.at));
        }
        let properties = node.map.get("properties").and_then(Value::as_object);
        for name in properties.into_iter().flat_map(Map::keys) {
            let at = node.at.child("properties").child(name);
            // A property that is only a $ref has the description of what it leads to.
            let described =
                resolve(context.document(), at.clone()).is_some_and(|(_, map)| !text(map, "description").is_empty());
            if !described {
                report(&at, format!("description: missing in {at}"));
            }
        }
    }
    diagnostics
}

/// Whether a schema becomes a type that no property describes: a component, or the object that a list or a map holds.
fn is_own_type(node: &Node<'_>) -> bool {
    let steps = node.at.steps();
    let is_held = matches!(node.at.last_step().as_str(), "items" | "additionalProperties");
    matches!(steps.as_slice(), [components, schemas, _] if components == "components" && schemas == "schemas")
        || (is_held && node.map.contains_key("properties"))
}

fn text<'a>(map: &'a Map<String, Value>, key: &str) -> &'a str {
    map.get(key).and_then(Value::as_str).map(str::trim).unwrap_or_default()
}
