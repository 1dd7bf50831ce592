use serde_json::json;

use super::*;
use enkash_policy::Effect;
use enkash_policy::Repeat;

fn overlay(target: &str, update: Value) -> PolicyOverlay {
    PolicyOverlay::from_value(json!({
        "overlay": "1.0.0", "info": {"title": "t", "version": "1"},
        "actions": [{"target": format!("$.operations.{target}"), "update": update}],
    }))
}

fn applied(target: &str, update: Value, allowed: &[OperationId]) -> Result<Arc<Policies>, String> {
    let overlay = overlay(target, update);
    let overlay = allowed.iter().fold(overlay, |overlay, id| overlay.allow_loosening(*id));
    Policies::shipped()
        .with_overlays(&[overlay])
        .map_err(|error| error.to_string())
}

#[test]
fn what_tightens_is_applied_and_what_loosens_needs_its_operation_named() {
    let policies = applied("getCart", json!({"repeat": "never"}), &[]).unwrap();
    assert_eq!(policies.of(OperationId::GetCart).repeat, Repeat::Never);

    let code = || json!({"refusal-codes": ["7"]});
    let error = applied("createOrder.outcome", code(), &[]).unwrap_err();
    assert!(
        error.contains("outcome.refusal-codes: [1] → [1, 7] loosens createOrder"),
        "{error}"
    );
    let error = applied("createOrder.outcome", code(), &[OperationId::GetCart]).unwrap_err();
    assert!(error.contains("name createOrder beside"), "{error}");
    let policies = applied("createOrder.outcome", code(), &[OperationId::CreateOrder]).unwrap();
    assert_eq!(policies.of(OperationId::CreateOrder).outcome.refusal_codes, ["1", "7"]);
}

#[test]
fn a_permission_that_nothing_needs_is_an_error() {
    let error = applied("getCart", json!({"repeat": "never"}), &[OperationId::GetCart]).unwrap_err();
    assert!(error.contains("does not loosen getCart"), "{error}");
}

#[test]
fn no_permission_lets_a_money_call_repeat_or_a_code_say_yes_and_no() {
    let allowed = [OperationId::CreateOrder];
    let error = applied("createOrder", json!({"repeat": "safe"}), &allowed).unwrap_err();
    assert!(error.contains("may move it twice"), "{error}");
    let error = applied("createOrder.outcome", json!({"refusal-codes": ["0"]}), &allowed).unwrap_err();
    assert!(error.contains("0 is one of the success-codes too"), "{error}");
}

#[test]
fn what_is_not_an_overlay_of_this_policy_is_refused() {
    let error = applied("createOrder", json!({"efect": "reads"}), &[]).unwrap_err();
    assert!(
        error.contains("operations.createOrder: unknown field `efect`"),
        "{error}"
    );
    assert!(PolicyOverlay::from_json("{").is_err());
    assert!(PolicyOverlay::from_json(r#"{"actions":[],"actions":[]}"#).is_err());
    assert!(PolicyOverlay::from_json(&" ".repeat(MAX_BYTES + 1)).is_err());
    assert_eq!(
        Policies::shipped().of(OperationId::CreateOrder).effect,
        Effect::MovesValue
    );
}

#[test]
fn an_operation_that_the_low_level_was_generated_without_stands_in_no_overlays_way() {
    let shipped = &Policies::shipped().document;
    let mut document = enkash_policy::Policy {
        operations: shipped.operations.clone(),
    };
    let entry = document.operations["getCart"].clone();
    document.operations.insert("gone".to_owned(), entry);
    let policies = Policies::for_low_level(document);
    let tightened = Arc::new(policies).with_overlays(&[overlay("getCart", json!({"repeat": "never"}))]);
    assert!(tightened.is_ok(), "{tightened:?}");
}
