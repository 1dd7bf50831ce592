//! Every way in which an overlay can loosen the policy: an error by name, and fine with leave for the operation.

use crate::policy_overlays::{ALLOCATE, action, removal, updated, verified};
use crate::*;

#[test]
fn an_operation_that_loses_its_reference_with_its_entry() {
    base()
        .with_policy_overlay("mine.yaml", &removal("$.operations.createAllocatePoints"))
        .needs_leave(
            ALLOCATE,
            &[
                "mine.yaml:4: reference: [reference] → none loosens createAllocatePoints: no echo \
               would be checked, and an unknown outcome could not be looked up; to allow it, add \
               --allow-loosening createAllocatePoints",
            ],
        );
}

#[test]
fn a_transfer_that_is_declared_to_be_something_less() {
    for (effect, meaning) in [
        (
            "changes-state",
            "the client would take it for a call that neither moves value nor logs in",
        ),
        (
            "authenticates",
            "the client would take it for a log-in, which is never encrypted",
        ),
        ("reads", "the client would take it for a call that changes nothing"),
    ] {
        let expected = format!(
            "mine.yaml:6: effect: moves-value → {effect} loosens createAllocatePoints: {meaning}; to allow it, add \
             --allow-loosening createAllocatePoints"
        );
        updated(
            "$.operations.createAllocatePoints",
            &format!("      effect: {effect}\n"),
        )
        .needs_leave(ALLOCATE, &[expected.as_str()]);
    }
}

#[test]
fn a_change_that_is_declared_to_be_a_read() {
    updated("$.operations.addToCart", "      effect: reads\n").needs_leave(
        "addToCart",
        &[
            "mine.yaml:6: effect: changes-state → reads loosens addToCart: the client would take \
           it for a call that changes nothing; to allow it, add --allow-loosening addToCart",
        ],
    );
}

#[test]
fn a_log_in_and_a_change_guard_against_different_things() {
    updated("$.operations.addToCart", "      effect: authenticates\n").needs_leave(
        "addToCart",
        &[
            "mine.yaml:6: effect: changes-state → authenticates loosens addToCart: the client \
           would take it for a log-in, which is never encrypted; to allow it, add \
           --allow-loosening addToCart",
        ],
    );
    edited(
        POLICY,
        "  addToCart:\n    effect: changes-state",
        "  addToCart:\n    effect: authenticates",
    )
    .and_updated("$.operations.addToCart", "      effect: changes-state\n")
    .needs_leave(
        "addToCart",
        &[
            "mine.yaml:6: effect: authenticates → changes-state loosens addToCart: the client \
           would take it for a call that neither moves value nor logs in; to allow it, add \
           --allow-loosening addToCart",
        ],
    );
}

#[test]
fn what_may_be_sent_again() {
    updated(
        "$.operations.addToCart",
        "      repeat: safe\n      after-401: replay\n",
    )
    .needs_leave(
        "addToCart",
        &[
            "mine.yaml:6: repeat: never → safe loosens addToCart: the client would send it again \
             after a failure that does not tell whether it happened; to allow it, add \
             --allow-loosening addToCart",
            "mine.yaml:7: after-401: unknown → replay loosens addToCart: the client would send it \
             again after a 401, which may come after the effect; to allow it, add \
             --allow-loosening addToCart",
        ],
    );
}

#[test]
fn a_reference_that_is_taken_away() {
    base()
        .with_policy_overlay(
            "mine.yaml",
            &[
                removal("$.operations.createAllocatePoints.settlement"),
                removal("$.operations.createAllocatePoints.reference"),
            ]
            .concat(),
        )
        .needs_leave(
            ALLOCATE,
            &[
                "mine.yaml:6: reference: [reference] → none loosens createAllocatePoints: no echo \
               would be checked, and an unknown outcome could not be looked up; to allow it, add \
               --allow-loosening createAllocatePoints",
            ],
        );
}

#[test]
fn an_echo_that_is_checked_no_more() {
    for (echo, shown) in [("null", "null"), ("payload.cardId", "payload.cardId")] {
        let expected = format!(
            "mine.yaml:6: reference.echoed-as: payload.referenceNumber → {shown} loosens createAllocatePoints: an \
             answer would count as done whatever stands in its payload.referenceNumber; to allow it, add \
             --allow-loosening createAllocatePoints"
        );
        updated(
            "$.operations.createAllocatePoints.reference",
            &format!("      echoed-as: {echo}\n"),
        )
        .needs_leave(ALLOCATE, &[expected.as_str()]);
    }
}

#[test]
fn a_name_that_the_reference_may_go_out_under_as_well() {
    updated(
        "$.operations.createAllocatePoints.reference",
        "      sent-as: [mobile]\n",
    )
    .needs_leave(
        ALLOCATE,
        &[
            "mine.yaml:6: reference.sent-as: [reference] → [reference, mobile] loosens \
           createAllocatePoints: the reference could go out as mobile, where no echo and no \
           look-up may see it; to allow it, add --allow-loosening createAllocatePoints",
        ],
    );
}

#[test]
fn another_name_that_the_reference_goes_out_under() {
    edited(POLICY, "sent-as: [reference]", "sent-as: [reference, mobile]")
        .with_policy_overlay(
            "mine.yaml",
            &[
                removal("$.operations.createAllocatePoints.reference['sent-as']"),
                action(
                    "$.operations.createAllocatePoints.reference",
                    "      sent-as: [mobile]\n",
                ),
            ]
            .concat(),
        )
        .needs_leave(
            ALLOCATE,
            &[
                "mine.yaml:8: reference.sent-as: [reference, mobile] → [mobile] loosens \
               createAllocatePoints: the reference would go out as mobile, while its echo and \
               its look-up are about the other name; to allow it, add --allow-loosening \
               createAllocatePoints",
            ],
        );
}

#[test]
fn a_recipe_that_is_declared_to_be_verified() {
    let spec = updated(
        "$.operations.createAllocatePoints.settlement",
        "      evidence: verified\n      absence-proves-after-seconds: 3600\n",
    )
    .needs_leave(
        ALLOCATE,
        &[
            "mine.yaml:6: settlement.evidence: unverified → verified loosens \
             createAllocatePoints: verified says that EnKash confirmed to you that the steps \
             find every call that happened, and how many seconds one may take to appear; write \
             that time beside it, as in {evidence: verified, absence-proves-after-seconds: \
             3600}; the client then concludes from \"not found\", so long after the intent, that \
             the call did not happen and may be sent again, and if that is wrong, value moves \
             twice; without the time, \"not found\" still proves nothing; to allow it, add \
             --allow-loosening createAllocatePoints",
            "mine.yaml:7: settlement.absence-proves-after-seconds: none → 3600 loosens \
             createAllocatePoints: what the steps do not find 3600 s after the intent would \
             count as proven not to have happened, and may be sent again; to allow it, add \
             --allow-loosening createAllocatePoints",
        ],
    );
    let settlement = &spec.operations[0].policy.settlement;
    assert_eq!(settlement.evidence, enkash_policy::SettlementEvidence::Verified);
    assert_eq!(settlement.absence_proves_after_seconds, Some(3600));
}

#[test]
fn a_recipe_where_there_was_none() {
    edited(
        POLICY,
        "      evidence: unverified
      steps:
        - {find: reference, operation: fetchOrderInfo, by: partnerOrderReferenceId}
",
        "      evidence: none\n",
    )
    .and_updated(
        "$.operations.createAllocatePoints.settlement",
        "      steps: [{find: reference, operation: fetchOrderInfo, by: partnerOrderReferenceId}]
      evidence: unverified\n",
    )
    .needs_leave(
        ALLOCATE,
        &[
            "mine.yaml:7: settlement.evidence: none → unverified loosens createAllocatePoints: \
           the client would turn unknown into done where the steps find a match in everything; \
           to allow it, add --allow-loosening createAllocatePoints",
        ],
    );
}

/// A verified recipe, with a second look-up that may settle as well.
fn verified_with_two_look_ups() -> Repository {
    verified("")
        .and(POLICY, "  getCart:", "  fetchOrderInfoByPost:")
        .and(SURFACE, "  getCart:", "  fetchOrderInfoByPost:")
        .and(REWARDS, "operationId: getCart", "operationId: fetchOrderInfoByPost")
}

#[test]
fn other_steps_than_those_that_are_verified() {
    verified_with_two_look_ups()
        .with_policy_overlay(
            "mine.yaml",
            &[
                removal("$.operations.createAllocatePoints.settlement.steps[0]"),
                action(
                    "$.operations.createAllocatePoints.settlement.steps",
                    "      {find: reference, operation: fetchOrderInfoByPost, by: partnerOrderReferenceId}\n",
                ),
            ]
            .concat(),
        )
        .needs_leave(
            ALLOCATE,
            &[
                "mine.yaml:7: settlement.steps: [{find: reference, operation: fetchOrderInfo, by: \
               partnerOrderReferenceId}] → [{find: reference, operation: fetchOrderInfoByPost, \
               by: partnerOrderReferenceId}] loosens createAllocatePoints: what is verified are \
               the steps as they were; write evidence: unverified unless the new ones are too; \
               to allow it, add --allow-loosening createAllocatePoints",
            ],
        );
}

#[test]
fn fewer_steps_than_those_that_are_verified() {
    let step = "        - {find: reference, operation: fetchOrderInfo, by: partnerOrderReferenceId}\n";
    let second = step.replace("fetchOrderInfo", "fetchOrderInfoByPost");
    verified_with_two_look_ups()
        .and(POLICY, step, &format!("{step}{second}"))
        .with_policy_overlay(
            "mine.yaml",
            &removal("$.operations.createAllocatePoints.settlement.steps[0]"),
        )
        .needs_leave(
            ALLOCATE,
            &[
                "mine.yaml:4: settlement.steps: [{find: reference, operation: fetchOrderInfo, by: \
               partnerOrderReferenceId}, {find: reference, operation: fetchOrderInfoByPost, by: \
               partnerOrderReferenceId}] → [{find: reference, operation: fetchOrderInfoByPost, \
               by: partnerOrderReferenceId}] loosens createAllocatePoints: what is verified are \
               the steps as they were; write evidence: unverified unless the new ones are too; \
               to allow it, add --allow-loosening createAllocatePoints",
            ],
        );
}

#[test]
fn absence_that_proves_something_earlier() {
    let settlement = "$.operations.createAllocatePoints.settlement";
    let hour = || verified("      absence-proves-after-seconds: 3600\n");
    hour()
        .and_updated(settlement, "      absence-proves-after-seconds: 3599\n")
        .needs_leave(
            ALLOCATE,
            &[
                "mine.yaml:6: settlement.absence-proves-after-seconds: 3600 → 3599 loosens \
               createAllocatePoints: what the steps do not find 3599 s after the intent would \
               count as proven not to have happened, and may be sent again; to allow it, add \
               --allow-loosening createAllocatePoints",
            ],
        );
    hour()
        .and_updated(settlement, "      absence-proves-after-seconds: 7200\n")
        .is_fine();
}

#[test]
fn absence_that_proves_something_where_verified_alone_did_not() {
    verified("")
        .and_updated(
            "$.operations.createAllocatePoints.settlement",
            "      absence-proves-after-seconds: 60\n",
        )
        .needs_leave(
            ALLOCATE,
            &[
                "mine.yaml:6: settlement.absence-proves-after-seconds: none → 60 loosens \
               createAllocatePoints: what the steps do not find 60 s after the intent would \
               count as proven not to have happened, and may be sent again; to allow it, add \
               --allow-loosening createAllocatePoints",
            ],
        );
}

#[test]
fn an_entry_for_an_operation_that_had_none() {
    let without = || {
        edited(
            POLICY,
            "  updateCart:
    effect: changes-state
    repeat: never
    after-401: unknown
",
            "",
        )
    };
    without()
        .and_updated(
            "$.operations",
            "      updateCart:
        effect: changes-state
        repeat: never
        after-401: unknown\n",
        )
        .needs_leave(
            "updateCart",
            &[
                "mine.yaml:7: effect: moves-value → changes-state loosens updateCart: the client \
               would take it for a call that neither moves value nor logs in; to allow it, add \
               --allow-loosening updateCart",
            ],
        );
}
