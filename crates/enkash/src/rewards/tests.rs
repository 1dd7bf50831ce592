//! Answers that say success and do not hold what they should: never an empty list, and always with what is missing. Orders,
//! products and coins are here too, because the rule is one.

use super::*;
use crate::tests::support::{ScriptStep, ScriptedSender, builder, rewards};

async fn read(answer: &'static str, what: &str) -> Result<usize, String> {
    let enkash = builder()
        .build_with_sender(ScriptedSender::always(ScriptStep::Answer(200, answer)))
        .unwrap();
    let (rewards, redemption) = (rewards(&enkash), enkash.redemption_as_partner());
    let result = match what {
        "cards" => rewards.cards(CardSearch::all()).await.map(|cards| cards.value().len()),
        "account" => rewards.account().await.map(|_| 1),
        "order" => redemption.order_info("REF1").await.map(|_| 1),
        "product" => redemption.product(&"PC1".into()).await.map(|_| 1),
        "cart" => redemption.cart().await.map(|rows| rows.value().len()),
        other => panic!("{other}"),
    };
    result.map_err(|error| {
        assert!(error.was_sent() && !error.is_refused(), "{error}");
        error.to_string()
    })
}

#[tokio::test(start_paused = true)]
async fn a_success_without_its_value_says_what_is_missing() {
    for (what, answer, missing) in [
        ("cards", r#"{"code":0}"#, "`payload`"),
        ("cards", r#"{"code":0,"payload":null}"#, "`payload`"),
        ("cards", r#"{"code":0,"payload":"Success"}"#, "`payload`"),
        ("cards", r#"{"code":0,"payload":{}}"#, "`payload.data`"),
        ("cards", r#"{"code":0,"payload":{"recordsCount":28}}"#, "`payload.data`"),
        (
            "cards",
            r#"{"code":0,"payload":{"recordsCount":28,"data":null}}"#,
            "`payload.data`",
        ),
        (
            "cards",
            r#"{"code":0,"payload":{"recordsCount":28,"data":[]}}"#,
            "`payload.data`",
        ),
        ("account", r#"{"code":0,"payload":{}}"#, "`payload.availableBalance`"),
        ("order", r#"{"code":0}"#, "`payload`"),
        ("order", r#"{"code":0,"paylod":{}}"#, "`payload.orderId`"),
        (
            "order",
            r#"{"code":0,"payload":"Success","paylod":{"orderId":"1"}}"#,
            "`payload`",
        ),
        ("product", r#"{"code":0,"payload":{}}"#, "`payload.productCatalogId`"),
        ("cart", r#"{"code":0}"#, "`payload`"),
    ] {
        let error = read(answer, what).await.unwrap_err();
        assert!(error.contains(missing), "{what}: {answer}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_there_is_read_and_an_empty_list_is_one_where_the_answer_says_so() {
    for (what, answer, rows) in [
        ("cards", r#"{"code":0,"payload":{"recordsCount":0}}"#, 0),
        ("cards", r#"{"code":0,"payload":{"recordsCount":0,"data":null}}"#, 0),
        ("cards", r#"{"code":0,"payload":{"data":[]}}"#, 0),
        ("cards", r#"{"code":0,"payload":{"enKashCardId":"EKC1"}}"#, 1),
        ("order", r#"{"code":0,"paylod":{"orderId":"1"}}"#, 1),
        ("order", r#"{"code":0,"payload":null,"paylod":{"orderId":"1"}}"#, 1),
        ("order", r#"{"code":0,"payload":{"orderId":"1"},"paylod":"Success"}"#, 1),
        ("cart", r#"{"code":0,"payload":[]}"#, 0),
    ] {
        assert_eq!(read(answer, what).await, Ok(rows), "{what}: {answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn transactions_without_a_list_are_not_an_empty_list() {
    for (answer, rows) in [
        (r#"{"code":0}"#, None),
        (r#"{"code":0,"payload":{"recordsCount":28}}"#, None),
        (r#"{"code":0,"payload":{"recordsCount":28,"data":[]}}"#, None),
        (r#"{"code":0,"payload":{"total":1}}"#, None),
        (r#"{"code":0,"payload":{"recordsCount":0}}"#, Some(0)),
        (r#"{"code":0,"payload":{"pgReferenceNumber":"REF1"}}"#, Some(1)),
        (r#"{"code":0,"paylod":[{}]}"#, Some(1)),
    ] {
        let enkash = builder()
            .build_with_sender(ScriptedSender::always(ScriptStep::Answer(200, answer)))
            .unwrap();
        let found = rewards(&enkash).transactions(TransactionSearch::all()).await.unwrap();
        assert_eq!(found.value().rows().map(|rows| rows.len()), rows, "{answer}");
    }
}

const MOVEMENT: &str = r#"{"code":0,"payload":{"recordsCount":8000,"data":[{"enkashCardTxnId":"T1","pgReferenceNumber":"REF1",
    "principalAmount":"4.5","balance":null,"cardTransactionType":"CR","status":7,"txnDate":1700000000000,"cardHolderName":"Meera",
    "type":{},"unheard":1}]}}"#;

#[tokio::test(start_paused = true)]
async fn a_transaction_is_read_field_by_field_and_a_cut_list_says_so() {
    let enkash = builder()
        .build_with_sender(ScriptedSender::always(ScriptStep::Answer(200, MOVEMENT)))
        .unwrap();
    let found = rewards(&enkash).transactions(TransactionSearch::all()).await.unwrap();
    let rows = found.value().rows().unwrap();
    assert_eq!((rows.len(), found.total_count()), (1, Some(8000)));
    let row = &rows[0];
    assert_eq!(row.id.as_ref().map(|id| id.as_str()), Some("T1"));
    assert_eq!((row.amount, row.balance), ("4.5".parse().ok(), None));
    assert_eq!(row.direction, Some(TransactionType::Cr));
    assert_eq!(
        (row.status.as_deref(), row.kind.as_deref()),
        (Some("7"), None),
        "{row:?}"
    );
    assert_eq!(row.at.as_deref(), Some("1700000000000"));
    assert_eq!(row.raw()["unheard"], 1);
    assert!(!format!("{row:?}").contains("Meera"), "{row:?}");
}
