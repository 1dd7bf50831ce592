//! What an order that is read back proves: one answer for each way in which a good one can be spoiled.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    outcome::{Outcome, Unknown, UnknownReason, proof::Settled},
    redemption::order::VoucherOrder,
    tests::support::{ScriptStep, ScriptedSender, builder},
};

fn order() -> Value {
    json!({
        "orderId": "OR1", "paymentStatus": "SUCCESS", "orderStatus": "SUCCESS", "totalQuantity": 2, "totalAmount": 200.0,
        "orderAmount": 190, "paidAmount": 190, "partnerOrderReferenceId": "ORDER1",
        "voucherDetailsList": [{"cardNumber": "1", "pin": "2", "expiryDate": "2030-01-01T00:00:00"}]
    })
}

async fn settle(answers: Vec<Value>) -> Outcome<Settled> {
    let steps = answers
        .iter()
        .map(|answer| ScriptStep::Answer(200, answer.to_string().leak()));
    let redemption = builder()
        .build_with_sender(ScriptedSender::new(steps))
        .unwrap()
        .redemption_as_partner();
    let order = VoucherOrder::new("PC1", 100, 2, "ORDER1".parse().unwrap()).unwrap();
    let mut ticket = redemption.ticket(&order);
    ticket.intended_at = "2025-01-01T00:00:00Z".parse().unwrap();
    redemption.settle(ticket).within(Duration::ZERO).await
}

fn word(outcome: Outcome<Settled>) -> String {
    match outcome {
        Outcome::Unknown(Unknown {
            reason: UnknownReason::NotSettled(not_settled),
            ..
        }) => format!("{:?}", not_settled.reason),
        outcome => outcome.as_str().to_owned(),
    }
}

fn answer(order: &Value) -> Value {
    json!({"response_code": "0", "response_message": "Success", "paylod": order})
}

#[tokio::test(start_paused = true)]
async fn an_order_with_the_tickets_facts_is_a_proof() {
    let Outcome::Done(settled) = settle(vec![answer(&order())]).await else {
        panic!("not done");
    };
    assert_eq!(settled.proof.matched, ["reference", "quantity", "amount", "status"]);
    let mut whole = order();
    for (field, value) in [
        ("productCatalogId", json!("PC1")),
        ("orderReferenceId", json!("ORDER1")),
        ("quantity", json!(2)),
        ("denomination", json!(100)),
        ("brand", json!("Books")),
        ("failureReason", json!(null)),
    ] {
        whole[field] = value;
    }
    let Outcome::Done(settled) = settle(vec![answer(&whole)]).await else {
        panic!("not done");
    };
    assert_eq!(
        settled.proof.matched,
        ["reference", "quantity", "amount", "status", "product", "denomination"]
    );
}

#[tokio::test(start_paused = true)]
async fn whatever_is_other_than_it_should_be_spoils_an_order() {
    for (field, value, found) in [
        ("partnerOrderReferenceId", json!("ORDER2"), "NotFound"),
        ("partnerOrderReferenceId", json!(null), "NotFound"),
        ("orderReferenceId", json!("ORDER2"), "NotFound"),
        ("totalQuantity", json!(3), r#"FactsMismatch(["quantity"])"#),
        ("totalQuantity", json!(null), r#"FactsMismatch(["quantity"])"#),
        ("quantity", json!("two"), r#"FactsMismatch(["quantity"])"#),
        ("totalAmount", json!(200.01), r#"FactsMismatch(["amount"])"#),
        ("totalAmount", json!(""), "LookUpFailed"),
        ("productCatalogId", json!("PC2"), r#"FactsMismatch(["product"])"#),
        ("denomination", json!(200), r#"FactsMismatch(["denomination"])"#),
        (
            "voucherDetailsList",
            json!([{}, {}, {}]),
            r#"FactsMismatch(["vouchers"])"#,
        ),
        ("voucherDetailsList", json!("none"), "LookUpFailed"),
        ("orderStatus", json!(true), "LookUpFailed"),
        ("paymentStatus", json!(0), "LookUpFailed"),
        ("paymentStatus", json!(null), r#"FactsMismatch(["status"])"#),
        ("orderStatus", json!("PROCESSING"), "pending"),
        ("orderStatus", json!("success"), "pending"),
        ("paymentStatus", json!("FAILED"), "pending"),
        ("refundAmount", json!(200), r#"UnknownFields(["refundAmount"])"#),
        ("isCancelled", json!(false), r#"UnknownFields(["isCancelled"])"#),
        (
            "voucherDetailsList",
            json!([{"cardNumber": "1", "state": "VOID"}]),
            r#"UnknownFields(["voucherDetailsList.state"])"#,
        ),
    ] {
        let mut spoiled = order();
        spoiled[field] = value;
        let word = word(settle(vec![answer(&spoiled)]).await);
        assert!(
            word == found || word.starts_with(&format!("{found}(")),
            "{spoiled}: {word}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_contradicts_itself_proves_no_order() {
    let with = |field: &str, value: Value| {
        let mut answer = answer(&order());
        answer[field] = value;
        answer
    };
    for answer in [
        with("payload", json!("Success")),
        with("payload", json!({"orderId": "OR2"})),
        with("code", json!(1)),
        with("response_code", json!(null)),
        with("response_code", json!(200)),
        with("errorResponse", json!({})),
        with("refunded", json!(true)),
    ] {
        let found = word(settle(vec![answer.clone()]).await);
        assert!(
            found.starts_with("LookUpFailed") || found.starts_with("UnknownFields") || found == "NotFound",
            "{answer}: {found}"
        );
    }
    // The same order under both spellings agrees with itself.
    assert_eq!(word(settle(vec![with("payload", order())]).await), "done");
}
