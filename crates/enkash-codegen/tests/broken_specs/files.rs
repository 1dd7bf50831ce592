//! Files as a whole: absent, empty, of another encoding, or with the line ends of another system.

use crate::*;

#[test]
fn the_base_spec_keeps_every_rule() {
    let spec = base().is_fine();
    let ids: Vec<_> = spec.operations.iter().map(|operation| operation.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "createAllocatePoints",
            "getCart",
            "addToCart",
            "updateCart",
            "fetchOrderInfo"
        ]
    );
}

#[test]
fn a_byte_order_mark_and_crlf_change_nothing() {
    let unix = base().is_fine();
    let mut windows = base();
    for file in [REWARDS, POLICY, SANDBOX, SURFACE] {
        let text = windows.text(file).replace('\n', "\r\n");
        windows = windows.and_replaced(file, format!("\u{feff}{text}"));
    }
    let windows = windows.is_fine();
    assert_eq!(windows.document, unix.document);
    assert_eq!(windows.sandbox_document, unix.sandbox_document);
    assert_eq!(windows.policy, unix.policy);
}

#[test]
fn crlf_does_not_move_the_lines() {
    let broken = edited(REWARDS, "operationId: addToCart", "operationID: addToCart");
    let text = broken.text(REWARDS).replace('\n', "\r\n");
    broken.and_replaced(REWARDS, text).stops_codegen(&[
        "spec/rewards.yaml:76: operationID: unknown key in POST /api/v0/cart, did you mean \
         operationId?",
    ]);
}

#[test]
fn an_empty_file() {
    replaced(REWARDS, "").stops_codegen(&["spec/rewards.yaml:1: the file is empty"]);
}

#[test]
fn a_file_of_comments() {
    replaced(POLICY, "# nothing here\n").stops_codegen(&["spec/policy.yaml:1: the file is empty"]);
}

#[test]
fn a_file_that_is_a_list() {
    replaced(POLICY, "- a\n- b\n")
        .stops_codegen(&["spec/policy.yaml:1: the document is a list where a mapping is expected"]);
}

#[test]
fn a_file_that_is_not_utf8() {
    replaced(POLICY, b"operations:\n  # caf\xe9\n")
        .stops_codegen(&["spec/policy.yaml:2: this line is not UTF-8: save the file as UTF-8"]);
}

#[test]
fn files_that_are_not_there() {
    let empty = base();
    for file in [REWARDS, POLICY, SANDBOX, SURFACE] {
        fs::remove_file(empty.root.join(file)).unwrap();
    }
    let found = empty.lint();
    assert_eq!(found.len(), 4, "{found:#?}");
    for (found, file) in found.iter().zip([POLICY, REWARDS, SANDBOX, SURFACE]) {
        assert!(found.starts_with(&format!("{file}:1: cannot be read: ")), "{found}");
    }
}

#[test]
fn mistakes_in_several_files_are_reported_together_and_sorted() {
    edited(REWARDS, "operationId: addToCart", "operationID: addToCart")
        .and(REWARDS, "          type: number", "          type: numbr")
        .and(POLICY, "effect: moves-value", "effect: move-value")
        .and(SANDBOX, "overlay: 1.0.0", "overlay: [1")
        .stops_codegen(&[
            "spec/policy.yaml:3: effect: 'move-value' in operations.createAllocatePoints is none of authenticates, \
             reads, changes-state, moves-value, did you mean moves-value?",
            "spec/rewards.yaml:76: operationID: unknown key in POST /api/v0/cart, did you mean operationId?",
            "spec/rewards.yaml:225: type: 'numbr' in components.schemas.AllocateRequest.properties.amount is none of \
             string, number, integer, boolean, array, object, did you mean number?",
            "spec/sandbox.overlay.yaml:2: not YAML: did not find expected ',' or ']': \
             check the indentation and the quotes of this line and of the one above it",
        ]);
}
