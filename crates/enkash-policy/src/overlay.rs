//! Applies a user's overlay to a policy at run time: the same OpenAPI Overlay file that the generator takes, with
//! targets that are plain paths. Called by `enkash::EnkashBuilder::policy_overlay`.

use serde_json::{Map, Value};

use crate::Policy;

/// Beyond this many actions an overlay is not one of a policy.
const MAX_ACTIONS: usize = 1_000;

/// Why an overlay cannot be applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct OverlayError {
    place: String,
    problem: String,
}

impl OverlayError {
    fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            problem: problem.into(),
        }
    }
}

/// The policy with the overlay's actions applied in order. Whether they loosen it is for [`loosenings`](crate::loosenings)
/// to say.
///
/// Mappings are merged one into the other, lists one behind the other, and everything else is replaced.
///
/// # Errors
///
/// The overlay has another form, a target is not there, or the result is no policy. The text names the place.
///
/// ```
/// # use serde_json::json;
/// let policy = serde_json::from_value(json!({"operations": {
///     "getCart": {"effect": "reads", "repeat": "safe", "after-401": "replay"},
/// }}))?;
/// let overlay = json!({
///     "overlay": "1.0.0", "info": {"title": "Ours", "version": "1"},
///     "actions": [{"target": "$.operations.getCart", "update": {"repeat": "never"}}],
/// });
/// let policy = enkash_policy::apply_overlay(&policy, &overlay)?;
/// assert_eq!(policy.operations["getCart"].repeat, enkash_policy::Repeat::Never);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn apply_overlay(policy: &Policy, overlay: &Value) -> Result<Policy, OverlayError> {
    let fields = known_fields(overlay, "the overlay", &["overlay", "info", "extends", "actions"])?;
    let version = fields.get("overlay").and_then(Value::as_str).unwrap_or_default();
    if !version.starts_with("1.0.") {
        return Err(OverlayError::new("overlay", "write the version 1.0.0"));
    }
    let actions = fields.get("actions").and_then(Value::as_array);
    let actions = actions
        .filter(|actions| !actions.is_empty())
        .ok_or_else(|| OverlayError::new("actions", "an overlay needs at least one action"))?;
    if actions.len() > MAX_ACTIONS {
        let problem = format!("more than {MAX_ACTIONS}");
        return Err(OverlayError::new("actions", problem));
    }
    let mut document = serde_json::to_value(policy).map_err(|error| OverlayError::new("policy", error.to_string()))?;
    for (index, action) in actions.iter().enumerate() {
        let place = format!("actions[{index}]");
        apply(&mut document, action)
            .map_err(|error| OverlayError::new(format!("{place}.{}", error.place), error.problem))?;
    }
    read(&document)
}

/// Reads each entry by itself, so that an error names its operation.
fn read(document: &Value) -> Result<Policy, OverlayError> {
    let fields = known_fields(document, "the policy", &["operations"])?;
    let entries = fields.get("operations").and_then(Value::as_object);
    let entries = entries.ok_or_else(|| OverlayError::new("operations", "is not a mapping"))?;
    let operations = entries
        .iter()
        .map(|(id, entry)| match serde_json::from_value(entry.clone()) {
            Ok(entry) => Ok((id.clone(), entry)),
            Err(error) => Err(OverlayError::new(format!("operations.{id}"), error.to_string())),
        })
        .collect::<Result<_, _>>()?;
    Ok(Policy { operations })
}

fn apply(document: &mut Value, action: &Value) -> Result<(), OverlayError> {
    let fields = known_fields(action, "", &["target", "description", "update", "remove"])?;
    let target = fields.get("target").and_then(Value::as_str);
    let target = target.ok_or_else(|| OverlayError::new("target", "is missing"))?;
    let steps = path(target).ok_or_else(|| {
        let problem = format!("'{target}' is not a plain path such as $.operations.createOrder.reference['sent-as']");
        OverlayError::new("target", problem)
    })?;
    let absent = || OverlayError::new("target", format!("'{target}' matches nothing"));
    let (update, remove) = (fields.get("update"), fields.get("remove"));
    match (update, remove) {
        (Some(update), None | Some(Value::Bool(false))) => {
            let place = steps
                .iter()
                .try_fold(document, |value, step| value.get_mut(step.as_str()));
            merge(place.ok_or_else(absent)?, update)
        }
        (None, Some(Value::Bool(true))) => {
            let (last, parents) = steps
                .split_last()
                .ok_or_else(|| OverlayError::new("target", "'$' is the whole policy, which cannot be removed"))?;
            let parent = parents
                .iter()
                .try_fold(document, |value, step| value.get_mut(step.as_str()));
            let parent = parent.and_then(Value::as_object_mut).ok_or_else(absent)?;
            parent.remove(last).map(|_| ()).ok_or_else(absent)
        }
        _ => Err(OverlayError::new("target", "write either update or remove: true")),
    }
}

/// Mappings one into the other, lists one behind the other, everything else replaced.
fn merge(place: &mut Value, update: &Value) -> Result<(), OverlayError> {
    match (place, update) {
        (Value::Object(fields), Value::Object(updates)) => {
            for (key, update) in updates {
                match fields.get_mut(key) {
                    Some(field) if !field.is_null() => merge(field, update)?,
                    _ => {
                        fields.insert(key.clone(), update.clone());
                    }
                }
            }
            Ok(())
        }
        (Value::Array(entries), Value::Array(updates)) => {
            entries.extend(updates.iter().cloned());
            Ok(())
        }
        (Value::Object(_) | Value::Array(_), _) | (_, Value::Object(_) | Value::Array(_)) => {
            let problem = format!("{update} cannot be merged with what stands there");
            Err(OverlayError::new("update", problem))
        }
        (place, update) => {
            *place = update.clone();
            Ok(())
        }
    }
}

/// The fields of a mapping that has no other ones, except extensions.
fn known_fields<'a>(value: &'a Value, place: &str, known: &[&str]) -> Result<&'a Map<String, Value>, OverlayError> {
    let fields = value
        .as_object()
        .ok_or_else(|| OverlayError::new(place, "is not a mapping"))?;
    let unknown = fields
        .keys()
        .find(|key| !known.contains(&key.as_str()) && !key.starts_with("x-"));
    match unknown {
        None => Ok(fields),
        Some(key) => Err(OverlayError::new(
            key.as_str(),
            format!("is not known here; known are {}", known.join(", ")),
        )),
    }
}

/// The steps of `$.a.b['c']`.
fn path(text: &str) -> Option<Vec<String>> {
    let mut rest = text.strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let quoted = ["['", "[\""]
            .iter()
            .find_map(|open| rest.strip_prefix(open).map(|after| (open, after)));
        let (step, after) = match quoted {
            Some((open, after)) => after.split_once(&format!("{}]", &open[1..]))?,
            None => {
                let name = rest.strip_prefix('.')?;
                name.split_at(name.find(['.', '[']).unwrap_or(name.len()))
            }
        };
        let is_plain = !step.is_empty() && step.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        if !is_plain {
            return None;
        }
        steps.push(step.to_owned());
        rest = after;
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy() -> Policy {
        let entry = json!({
            "effect": "moves-value", "repeat": "never", "after-401": "unknown",
            "reference": {"sent-as": ["a", "b"], "echoed-as": null},
        });
        serde_json::from_value(json!({"operations": {"createOrder": entry}})).unwrap()
    }

    fn applied(actions: Value) -> Result<Policy, String> {
        let overlay = json!({"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": actions});
        apply_overlay(&policy(), &overlay).map_err(|error| error.to_string())
    }

    #[test]
    fn lists_grow_and_are_replaced_by_removing_them_first() {
        let sent_as = |actions| {
            applied(actions).unwrap().operations["createOrder"]
                .reference
                .clone()
                .unwrap()
                .sent_as
        };
        let update = json!({"target": "$.operations.createOrder.reference", "update": {"sent-as": ["c"]}});
        assert_eq!(sent_as(json!([update])), ["a", "b", "c"]);
        let remove = json!({"target": "$.operations.createOrder.reference['sent-as']", "remove": true});
        assert_eq!(sent_as(json!([remove, update])), ["c"]);
    }

    #[test]
    fn what_does_not_fit_is_refused_by_its_place() {
        for (actions, part) in [
            (json!([]), "actions: an overlay needs at least one"),
            (
                json!([{"target": "$..createOrder", "update": {}}]),
                "actions[0].target: '$..createOrder' is not a plain",
            ),
            (
                json!([{"target": "$.operations.none", "update": {}}]),
                "'$.operations.none' matches nothing",
            ),
            (
                json!([{"target": "$.operations.createOrder", "update": {"repeat": []}}]),
                "actions[0].update",
            ),
            (
                json!([{"target": "$.operations.createOrder"}]),
                "write either update or remove",
            ),
            (json!([{"target": "$", "remove": true}]), "whole policy"),
            (json!([{"target": "$", "updat": 1}]), "updat: is not known"),
            (
                json!([{"target": "$.operations.createOrder", "update": {"efect": "reads"}}]),
                "operations.createOrder: unknown field",
            ),
            (
                json!([{"target": "$.operations.createOrder", "update": {"repeat": "often"}}]),
                "operations.createOrder: unknown variant",
            ),
        ] {
            let error = applied(actions.clone()).unwrap_err();
            assert!(error.contains(part), "{actions}: {error}");
        }
    }
}
