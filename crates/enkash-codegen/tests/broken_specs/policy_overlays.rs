//! Overlays of the policy: what tightens passes, whose lines are blamed, and what leave to loosen is good for.

use crate::*;

pub(crate) const ALLOCATE: &str = "createAllocatePoints";

/// The base spec with a policy overlay of one update, whose first line is the sixth of its file.
pub(crate) fn updated(target: &str, update: &str) -> Repository {
    base().and_updated(target, update)
}

impl Repository {
    pub(crate) fn and_updated(self, target: &str, update: &str) -> Self {
        self.with_policy_overlay("mine.yaml", &action(target, update))
    }

    /// Code generation and lint report exactly this, and nothing once the operation may be loosened.
    #[track_caller]
    pub(crate) fn needs_leave(self, operation: &str, expected: &[&str]) -> spec::Spec {
        self.stops_codegen(expected);
        self.allowing(operation).is_fine()
    }
}

pub(crate) fn action(target: &str, update: &str) -> String {
    format!("  - target: {target}\n    update:\n{update}")
}

pub(crate) fn removal(target: &str) -> String {
    format!("  - target: {target}\n    remove: true\n")
}

/// A recipe that is verified before any overlay.
pub(crate) fn verified(absence: &str) -> Repository {
    edited(
        POLICY,
        "evidence: unverified\n",
        &format!("evidence: verified\n{absence}"),
    )
}

#[test]
fn what_tightens_passes() {
    let spec = edited(POLICY, "sent-as: [reference]", "sent-as: [reference, mobile]")
        .with_policy_overlay(
            "mine.yaml",
            &[
                action(
                    "$.operations.getCart",
                    "      effect: moves-value\n      repeat: never\n",
                ),
                action("$.operations.addToCart", "      effect: moves-value\n"),
                action("$.operations.updateCart", "      note: Mine.\n"),
                removal("$.operations.createAllocatePoints.reference['sent-as']"),
                action(
                    "$.operations.createAllocatePoints.reference",
                    "      sent-as: [reference]\n",
                ),
                removal("$.operations.createAllocatePoints.settlement.steps"),
                action("$.operations.createAllocatePoints.settlement", "      evidence: none\n"),
            ]
            .concat(),
        )
        .with_policy_overlay(
            "more.yaml",
            &action("$.operations.getCart", "      after-401: unknown\n"),
        )
        .is_fine();
    let of = |id: &str| {
        &spec
            .operations
            .iter()
            .find(|operation| operation.id == id)
            .unwrap()
            .policy
    };
    assert_eq!(of("getCart"), &enkash_policy::OperationPolicy::strictest());
    assert_eq!(of("addToCart").effect, enkash_policy::Effect::MovesValue);
    assert_eq!(of(ALLOCATE).reference.as_ref().unwrap().sent_as, ["reference"]);
    assert_eq!(of(ALLOCATE).settlement, enkash_policy::Settlement::default());
}

#[test]
fn an_operation_that_loses_its_entry_moves_value() {
    let spec = base()
        .with_policy_overlay("mine.yaml", &removal("$.operations.addToCart"))
        .is_fine();
    let operation = spec.operations.iter().find(|operation| operation.id == "addToCart");
    assert_eq!(operation.unwrap().policy, enkash_policy::OperationPolicy::strictest());
}

#[test]
fn an_operation_that_settles_another_must_stay_a_read() {
    let expected = &["spec/policy.yaml:12: operation: fetchOrderInfo does more than read, so it cannot settle"];
    updated(
        "$.operations.fetchOrderInfo",
        "      effect: changes-state\n      repeat: never\n",
    )
    .stops_codegen(expected);
    base()
        .with_policy_overlay("mine.yaml", &removal("$.operations.fetchOrderInfo"))
        .stops_codegen(expected);
}

#[test]
fn an_echo_that_is_checked_from_now_on() {
    edited(POLICY, "echoed-as: payload.referenceNumber", "echoed-as: null")
        .and_updated(
            "$.operations.createAllocatePoints.reference",
            "      echoed-as: payload.referenceNumber\n",
        )
        .is_fine();
}

#[test]
fn a_recipe_that_is_verified_no_more() {
    let settlement = "$.operations.createAllocatePoints.settlement";
    verified("")
        .and_updated(settlement, "      evidence: unverified\n")
        .is_fine();
    verified("      absence-proves-after-seconds: 3600\n")
        .and_updated(settlement, "      evidence: unverified\n")
        .stops_codegen(&[
            "spec/policy.yaml:11: absence-proves-after-seconds: allowed only beside evidence: \
             verified, here it is unverified; remove it, or write null in an overlay, unless \
             EnKash confirmed that the steps find every call",
        ]);
    verified("      absence-proves-after-seconds: 3600\n")
        .and_updated(
            settlement,
            "      evidence: unverified\n      absence-proves-after-seconds: null\n",
        )
        .is_fine();
}

#[test]
fn steps_and_names_that_are_written_once_more() {
    updated(
        "$.operations.createAllocatePoints",
        "      settlement:
        steps: [{find: reference, operation: fetchOrderInfo, by: partnerOrderReferenceId}]
      reference:
        sent-as: [reference]\n",
    )
    .stops_codegen(&[
        "mine.yaml:7: steps: {find: reference, operation: fetchOrderInfo, by: \
         partnerOrderReferenceId} stands there twice; an overlay adds to a list, so remove the \
         list first",
        "mine.yaml:9: sent-as: reference stands there twice; an overlay adds to a list, so \
         remove the list first",
    ]);
}

#[test]
fn the_last_of_several_overlays_is_blamed() {
    base()
        .with_policy_overlay(
            "first.yaml",
            &action("$.operations.addToCart", "      effect: moves-value\n"),
        )
        .with_policy_overlay(
            "second.yaml",
            &action("$.operations.addToCart", "      effect: reads\n"),
        )
        .needs_leave(
            "addToCart",
            &[
                "second.yaml:6: effect: changes-state → reads loosens addToCart: the client would \
               take it for a call that changes nothing; to allow it, add --allow-loosening \
               addToCart",
            ],
        );
}

#[test]
fn leave_for_one_operation_is_no_leave_for_another() {
    updated("$.operations.addToCart", "      effect: reads\n")
        .with_policy_overlay("more.yaml", &action("$.operations.updateCart", "      effect: reads\n"))
        .allowing("addToCart")
        .stops_codegen(&[
            "more.yaml:6: effect: changes-state → reads loosens updateCart: the client would take \
             it for a call that changes nothing; to allow it, add --allow-loosening updateCart",
        ]);
}

#[test]
fn leave_that_nothing_needs() {
    updated("$.operations.addToCart", "      effect: moves-value\n")
        .allowing("addToCart")
        .stops_codegen(&[
            "spec/policy.yaml:18: --allow-loosening addToCart: no overlay loosens it, so leave the \
             flag out",
        ]);
}

#[test]
fn leave_for_an_operation_that_does_not_exist() {
    updated("$.operations.addToCart", "      effect: reads\n")
        .allowing("addToCrat")
        .stops_codegen(&[
            "mine.yaml:6: effect: changes-state → reads loosens addToCart: the client would take \
             it for a call that changes nothing; to allow it, add --allow-loosening addToCart",
            "spec/policy.yaml:1: --allow-loosening addToCrat: there is no operation addToCrat, \
             did you mean addToCart?",
        ]);
}

#[test]
fn leave_to_loosen_is_no_leave_to_repeat_a_transfer() {
    updated("$.operations.createAllocatePoints", "      repeat: safe\n")
        .allowing(ALLOCATE)
        .stops_codegen(&[
            "mine.yaml:6: repeat: cannot be safe, createAllocatePoints moves value: a repetition \
             may move it twice",
        ]);
}

#[test]
fn a_policy_overlay_is_blamed_for_its_own_lines() {
    updated("$.operations.addToCart", "      effect: read\n").stops_codegen(&[
        "mine.yaml:6: effect: 'read' in operations.addToCart is none of authenticates, reads, \
         changes-state, moves-value, did you mean reads?",
    ]);
    updated("$.operations.addToCrat", "      effect: reads\n")
        .stops_codegen(&["mine.yaml:4: target: '$.operations.addToCrat' matches nothing"]);
    updated(
        "$.operations",
        "      addToCrat: {effect: reads, repeat: safe, after-401: replay}\n",
    )
    .stops_codegen(&["mine.yaml:6: operations.addToCrat: there is no operation addToCrat, did you mean addToCart?"]);
    updated(
        "$.operations.createAllocatePoints.reference",
        "      echoed-as: payload.id\n",
    )
    .allowing(ALLOCATE)
    .stops_codegen(&["mine.yaml:6: echoed-as: payload.id is not in the answer of createAllocatePoints"]);
}

#[test]
fn a_policy_overlay_is_an_overlay() {
    let overlay = "overlay: 1.0.0\ninfo: {title: Mine}\nactions:\n  - target: $\n    udpate: {}\n";
    base()
        .with_policy_overlay("mine.yaml", "")
        .and_replaced("mine.yaml", overlay)
        .stops_codegen(&[
            "mine.yaml:2: version: missing in info",
            "mine.yaml:5: udpate: unknown key in actions.0, did you mean update?",
        ]);
}

#[test]
fn every_rule_is_held_against_the_policy_after_the_overlays() {
    updated(
        "$.operations.createAllocatePoints.settlement.steps",
        "      {find: card, operation: getCart, by: mobile}\n",
    )
    .stops_codegen(&[
        "mine.yaml:5: steps: the client has no look-up {find: card, operation: getCart, by: \
         mobile}; it has {find: card, operation: searchCards, by: mobile}, {find: reference, \
         operation: searchTransactions, by: pgReferenceNumber}, {find: reference, operation: \
         fetchOrderInfo, by: partnerOrderReferenceId}, {find: reference, operation: \
         fetchOrderInfoByPost, by: partnerOrderReferenceId}",
    ]);
}
