//! Evidence, policy and credentials.

use crate::*;

#[test]
fn no_evidence() {
    edited(
        REWARDS,
        "      x-enkash:
        pages:
          - {id: null, title: Get Cart, section: Redemption}
        evidence:
          path: {level: documented, note: By the navigation.}
          request: {level: documented, note: It has no parameters.}
          response: {level: unknown, note: No copy of the page was found.}
          errors: {level: unknown, note: No copy of the page was found.}
",
        "",
    )
    .stops_codegen(&["spec/rewards.yaml:55: x-enkash: missing in getCart, it says how the operation is known"]);
}

#[test]
fn a_mistyped_x_enkash() {
    edited(
        REWARDS,
        "      x-enkash:
        pages:
          - {id: api-1,",
        "      x-enksh:
        pages:
          - {id: api-1,",
    )
    .stops_codegen(&[
        "spec/rewards.yaml:40: x-enksh: unknown key in POST /api/v0/create-allocate-points, \
         did you mean x-enkash?",
    ]);
}

#[test]
fn an_unknown_level_of_evidence() {
    edited(REWARDS, "response: {level: inferred,", "response: {level: infered,").stops_codegen(&[
        "spec/rewards.yaml:46: level: 'infered' in x-enkash.evidence.response of POST \
         /api/v0/create-allocate-points is none of documented, observed, inferred, unknown, did you \
         mean inferred?",
    ]);
}

#[test]
fn one_side_without_evidence() {
    edited(REWARDS, "          errors: {level: inferred, page: doc-1}\n", "")
        .stops_codegen(&["spec/rewards.yaml:136: errors: missing in x-enkash.evidence of PATCH /api/v0/cart"]);
}

#[test]
fn no_pages() {
    edited(
        REWARDS,
        "        pages:
          - {id: api-3, title: Update Cart, section: Redemption}
",
        "        pages: []\n",
    )
    .stops_codegen(&["spec/rewards.yaml:134: pages: updateCart names no page"]);
}

#[test]
fn a_fact_without_a_source() {
    edited(
        REWARDS,
        "request: {level: inferred, page: api-4}",
        "request: {level: inferred}",
    )
    .is_found_by_lint(&[
        "spec/rewards.yaml:138: request: of updateCart is inferred, name the page or say why \
         in a note",
    ]);
}

#[test]
fn an_overlay_raises_evidence_to_observed() {
    let spec = base()
        .with_overlay(
            "mine.yaml",
            "  - target: $.paths[*][?@.operationId == 'updateCart']['x-enkash'].evidence
    update:
      request: {level: observed, date: '2026-11-28', count: 12}
  - target: $.paths[*][?@.operationId == 'updateCart']['x-enkash']
    update:
      observed:
        - {side: errors, status: 502, media-type: text/html, date: '2026-11-28', count: 1}
",
        )
        .is_fine();
    let operation = spec
        .operations
        .iter()
        .find(|operation| operation.id == "updateCart")
        .unwrap();
    let request = &operation.evidence.request;
    assert_eq!(
        (request.level, request.date.as_deref(), request.count),
        (spec::Level::Observed, Some("2026-11-28"), Some(12))
    );
    assert_eq!(operation.observed[0].status, Some(502));
}

#[test]
fn observed_evidence_without_its_day_or_its_count() {
    edited(
        REWARDS,
        "request: {level: inferred, page: api-4}",
        "request: {level: observed, page: api-4}",
    )
    .stops_codegen(&[
        "spec/rewards.yaml:138: count: x-enkash.evidence.request of PATCH /api/v0/cart needs the number of exchanges \
         that showed it",
        "spec/rewards.yaml:138: date: x-enkash.evidence.request of PATCH /api/v0/cart needs the day on which it was \
         last seen, such as '2026-11-28'",
    ]);
    edited(
        REWARDS,
        "request: {level: inferred, page: api-4}",
        "request: {level: observed, date: yesterday, count: 0}",
    )
    .stops_codegen(&[
        "spec/rewards.yaml:138: count: x-enkash.evidence.request of PATCH /api/v0/cart needs the number of exchanges \
         that showed it",
        "spec/rewards.yaml:138: date: x-enkash.evidence.request of PATCH /api/v0/cart needs the day on which it was \
         last seen, such as '2026-11-28'",
    ]);
}

#[test]
fn a_day_or_a_count_of_what_was_not_observed() {
    edited(
        REWARDS,
        "request: {level: inferred, page: api-4}",
        "request: {level: inferred, page: api-4, date: '2026-11-28', count: 2}",
    )
    .stops_codegen(&[
        "spec/rewards.yaml:138: count: of request of updateCart is for observed, not for inferred",
        "spec/rewards.yaml:138: date: of request of updateCart is for observed, not for inferred",
    ]);
}

#[test]
fn a_documented_request_without_an_example() {
    edited(
        REWARDS,
        "        seen:
          - {kind: request, page: api-5, complete: true, value: {quantity: 1}}
",
        "",
    )
    .is_found_by_lint(&[
        "spec/rewards.yaml:96: seen: the request of addToCart is documented, but no example \
         of it stands here; if the page has none, write \"no example\" into the note of the \
         evidence",
    ]);
}

#[test]
fn a_request_with_a_status() {
    edited(
        REWARDS,
        "          - {kind: request, page: api-5,",
        "          - {kind: request, status: 200, page: api-5,",
    )
    .is_found_by_lint(&["spec/rewards.yaml:105: status: a request has none, in x-enkash.seen.0 of POST /api/v0/cart"]);
}

#[test]
fn no_policy() {
    edited(
        POLICY,
        "  addToCart:
    effect: changes-state
    repeat: never
    after-401: unknown
",
        "",
    )
    .stops_codegen(&[
        "spec/rewards.yaml:75: addToCart has no entry in spec/policy.yaml, write what it \
         does with value",
    ]);
}

#[test]
fn a_policy_for_an_unknown_operation() {
    edited(POLICY, "  updateCart:", "  updateCrat:").stops_codegen(&[
        "spec/policy.yaml:22: operations.updateCrat: there is no operation updateCrat, did \
         you mean updateCart?",
        "spec/rewards.yaml:106: updateCart has no entry in spec/policy.yaml, write what it \
         does with value",
    ]);
}

#[test]
fn a_step_with_an_unknown_operation() {
    edited(POLICY, "operation: fetchOrderInfo", "operation: fetchOrderInfos").stops_codegen(&[
        "spec/policy.yaml:12: operations.createAllocatePoints.settlement.steps.0.operation: \
         there is no operation fetchOrderInfos, did you mean fetchOrderInfo?",
    ]);
}

#[test]
fn a_mistyped_effect() {
    edited(POLICY, "effect: moves-value", "effect: move-value").stops_codegen(&[
        "spec/policy.yaml:3: effect: 'move-value' in operations.createAllocatePoints is none \
         of authenticates, reads, changes-state, moves-value, did you mean moves-value?",
    ]);
}

#[test]
fn a_mistyped_key_of_a_policy() {
    edited(
        POLICY,
        "    after-401: unknown\n    reference",
        "    after-410: unknown\n    reference",
    )
    .stops_codegen(&[
        "spec/policy.yaml:5: after-410: unknown key in operations.createAllocatePoints, did \
         you mean after-401?",
    ]);
}

#[test]
fn a_transfer_that_may_be_repeated() {
    edited(
        POLICY,
        "    repeat: never
    after-401: unknown
    reference",
        "    repeat: safe
    after-401: unknown
    reference",
    )
    .stops_codegen(&[
        "spec/policy.yaml:4: repeat: cannot be safe, createAllocatePoints moves value: a \
         repetition may move it twice",
    ]);
}

#[test]
fn a_settlement_without_steps() {
    edited(
        POLICY,
        "      steps:
        - {find: reference, operation: fetchOrderInfo, by: partnerOrderReferenceId}
",
        "",
    )
    .stops_codegen(&["spec/policy.yaml:9: steps: missing, a settlement with evidence says how it is done"]);
}

#[test]
fn a_settlement_that_changes_something() {
    edited(
        POLICY,
        "  fetchOrderInfo:
    effect: reads
    repeat: safe
",
        "  fetchOrderInfo:
    effect: changes-state
    repeat: never
",
    )
    .stops_codegen(&["spec/policy.yaml:12: operation: fetchOrderInfo does more than read, so it cannot settle"]);
}

#[test]
fn a_step_that_the_client_has_no_code_for() {
    for (before, after, written) in [
        (
            "operation: fetchOrderInfo",
            "operation: getCart",
            "{find: reference, operation: getCart, by: partnerOrderReferenceId}",
        ),
        (
            "by: partnerOrderReferenceId",
            "by: mobile",
            "{find: reference, operation: fetchOrderInfo, by: mobile}",
        ),
        (
            "find: reference",
            "find: card",
            "{find: card, operation: fetchOrderInfo, by: partnerOrderReferenceId}",
        ),
    ] {
        let expected = format!(
            "spec/policy.yaml:12: steps: the client has no look-up {written}; it has \
             {{find: card, operation: searchCards, by: mobile}}, \
             {{find: reference, operation: searchTransactions, by: pgReferenceNumber}}, \
             {{find: reference, operation: fetchOrderInfo, by: partnerOrderReferenceId}}, \
             {{find: reference, operation: fetchOrderInfoByPost, by: partnerOrderReferenceId}}"
        );
        edited(POLICY, before, after).stops_codegen(&[expected.as_str()]);
    }
}

#[test]
fn steps_that_look_for_a_reference_that_is_not_there() {
    edited(
        POLICY,
        "    reference:
      sent-as: [reference]
      echoed-as: payload.referenceNumber
",
        "",
    )
    .stops_codegen(&[
        "spec/policy.yaml:8: steps: they look for a reference, and createAllocatePoints has \
         none",
    ]);
}

#[test]
fn a_verified_settlement_that_finds_no_reference() {
    edited(POLICY, "evidence: unverified", "evidence: verified")
        .and(
            POLICY,
            "{find: reference, operation: fetchOrderInfo, by: partnerOrderReferenceId}",
            "{find: card, operation: searchCards, by: mobile}",
        )
        .and(POLICY, "  getCart:", "  searchCards:")
        .and(SURFACE, "  getCart:", "  searchCards:")
        .and(REWARDS, "operationId: getCart", "operationId: searchCards")
        .stops_codegen(&[
            "spec/policy.yaml:11: steps: none finds the reference, so there is nothing that could \
             be verified",
        ]);
}

#[test]
fn a_transfer_with_a_reference_that_nothing_looks_up() {
    edited(
        POLICY,
        "      evidence: unverified
      steps:
        - {find: reference, operation: fetchOrderInfo, by: partnerOrderReferenceId}
",
        "      evidence: none
",
    )
    .is_fine();
}

#[test]
fn absence_that_proves_something_although_nothing_is_verified() {
    edited(
        POLICY,
        "evidence: unverified\n",
        "evidence: unverified\n      absence-proves-after-seconds: 3600\n",
    )
    .stops_codegen(&[
        "spec/policy.yaml:11: absence-proves-after-seconds: allowed only beside evidence: \
         verified, here it is unverified; remove it, or write null in an overlay, unless EnKash \
         confirmed that the steps find every call",
    ]);
}

#[test]
fn absence_that_proves_something_at_once() {
    edited(
        POLICY,
        "evidence: unverified\n",
        "evidence: verified\n      absence-proves-after-seconds: 0\n",
    )
    .stops_codegen(&[
        "spec/policy.yaml:11: absence-proves-after-seconds: 0 would prove that a call did not \
         happen while it is on its way; write how many seconds one may take to appear",
    ]);
}

#[test]
fn absence_that_proves_something_after_no_whole_number_of_seconds() {
    for (written, found) in [("1.5", "a number"), ("-1", "a number"), ("1h", "a text")] {
        let expected = format!(
            "spec/policy.yaml:11: absence-proves-after-seconds: a whole number of 0 or more is expected in \
             operations.createAllocatePoints.settlement, not {found}"
        );
        edited(
            POLICY,
            "evidence: unverified\n",
            &format!("evidence: verified\n      absence-proves-after-seconds: {written}\n"),
        )
        .stops_codegen(&[expected.as_str()]);
    }
}

#[test]
fn absence_that_proves_something_after_a_time_that_is_known() {
    let spec = edited(
        POLICY,
        "evidence: unverified\n",
        "evidence: verified\n      absence-proves-after-seconds: 3600\n",
    )
    .is_fine();
    let settlement = &spec.operations[0].policy.settlement;
    assert_eq!(settlement.absence_proves_after_seconds, Some(3600));
}

#[test]
fn a_reference_that_is_not_sent() {
    edited(POLICY, "sent-as: [reference]", "sent-as: [refrence]").stops_codegen(&[
        "spec/policy.yaml:7: sent-as: refrence is not sent by createAllocatePoints, did you \
         mean reference?",
    ]);
}

#[test]
fn an_echo_that_is_not_answered() {
    edited(POLICY, "payload.referenceNumber", "payload.pgReferenceNumber").stops_codegen(&[
        "spec/policy.yaml:8: echoed-as: payload.pgReferenceNumber is not in the answer of \
         createAllocatePoints",
    ]);
}

#[test]
fn basic_credentials_in_a_comment() {
    edited(
        POLICY,
        "    note: Why.",
        "    note: Why. # Basic QUJDREVGR0hJSktMTU5PUFFS",
    )
    .is_found_by_lint(&[
        "spec/policy.yaml:13: looks like Basic credentials: everything in spec/ is \
         synthetic, replace it",
    ]);
}

#[test]
fn a_real_looking_mobile() {
    edited(
        REWARDS,
        "          - kind: request
            page: api-1
            complete: true
            value: {mobile: '9000000001'",
        "          - kind: request
            page: api-1
            complete: true
            value: {mobile: '9876501234'",
    )
    .is_found_by_lint(&[
        "spec/rewards.yaml:52: looks like an Indian mobile number: everything in spec/ is \
         synthetic, replace it",
    ]);
}
