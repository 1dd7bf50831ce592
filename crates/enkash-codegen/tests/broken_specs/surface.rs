//! What surface.yaml has to say, and where it is found wrong.

use crate::*;

#[test]
fn an_operation_without_an_entry() {
    base().without_surface("getCart").stops_codegen(&[
        "spec/rewards.yaml:55: getCart has no entry in spec/surface.yaml, write under high-level, cli and sandbox where it can be \
         reached, each as {is: NAME} or {not: REASON}",
    ]);
}

#[test]
fn an_entry_of_no_operation() {
    edited(SURFACE, "  getCart:", "  getCard:").stops_codegen(&[
        "spec/rewards.yaml:55: getCart has no entry in spec/surface.yaml, write under high-level, cli and sandbox where it can be \
         reached, each as {is: NAME} or {not: REASON}",
        "spec/surface.yaml:6: operations.getCard: there is no operation getCard, did you mean getCart?",
    ]);
}

#[test]
fn a_reason_beside_a_name_or_neither() {
    edited(SURFACE, "{is: 'Enkash::getCart'}", "{is: a, not: b}")
        .and(SURFACE, "cli: {not: it is not built}", "cli: {}")
        .stops_codegen(&[
            "spec/surface.yaml:4: cli: is either `{is: NAME}` or `{not: REASON}`",
            "spec/surface.yaml:7: high-level: is either `{is: NAME}` or `{not: REASON}`",
        ]);
}

#[test]
fn an_operation_that_an_overlay_removes_keeps_its_entry() {
    let spec = base()
        .with_overlay(
            "mine.yaml",
            "  - target: $.paths['/api/v0/cart'].get\n    remove: true\n",
        )
        .is_fine();
    let removed = spec::RemovedOperation {
        id: "getCart".to_owned(),
        file: "mine.yaml".to_owned(),
        line: 4,
    };
    assert_eq!(spec.removed, [removed]);
    assert!(spec.surface.operations.contains_key("getCart"));
}
