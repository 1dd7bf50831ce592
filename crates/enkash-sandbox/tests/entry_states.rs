//! Transactions and orders that are not simply done: pending, failed and reversed ones, by time and by a control call. After
//! each step every sum is right.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod client;

use std::time::Duration;

use client::{Client, HOLDER, ORDER, TRANSACTIONS, assert_sound, reply};
use enkash_sandbox::{ChangeError, EntryChange, EntryState, Sandbox, Seed, Switches};
use rust_decimal::Decimal;
use serde_json::{Value, json};

const MOBILE: &str = "9000000004";

async fn sandbox(switch: &str) -> Sandbox {
    let switches: Switches = switch.parse().unwrap();
    let builder = Sandbox::builder().seed(Seed::small().account_balance(1_000));
    builder.switches(switches).start().await.unwrap()
}

/// Status and type of each transaction of a reference, the newest first.
async fn shown(client: &Client, reference: &str) -> Vec<(String, String)> {
    let mut body = client.account();
    body["pgReferenceNumber"] = json!(reference);
    let (_, found) = client.post(TRANSACTIONS, &body).await;
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let rows = found["payload"]["data"].as_array().unwrap();
    rows.iter()
        .map(|row| (text(row, "status"), text(row, "type")))
        .collect()
}

fn pair(status: &str, kind: &str) -> (String, String) {
    (status.to_owned(), kind.to_owned())
}

/// What is open in the account, and what is on the card.
fn balances(sandbox: &Sandbox) -> (Decimal, Decimal) {
    assert_sound(sandbox);
    (
        sandbox.account_balance(),
        sandbox.card_balance(MOBILE).unwrap_or_default(),
    )
}

fn money(account: i64, card: i64) -> (Decimal, Decimal) {
    (account.into(), card.into())
}

#[tokio::test]
async fn a_pending_allocation_holds_its_points_and_is_done_when_its_time_comes() {
    let sandbox = sandbox("transaction_progress=pending:60").await;
    let client = Client::partner(&sandbox).await;
    let (_, answer) = client.give(MOBILE, 100.0, "REF1").await;
    assert_eq!(answer["payload"]["status"], "PENDING");
    assert_eq!(answer["payload"]["otbBalance"], 0);
    assert_eq!(balances(&sandbox), money(900, 0));
    assert_eq!(sandbox.credits("REF1"), 0);
    assert_eq!(shown(&client, "REF1").await, [pair("PENDING", "ALLOCATE_POINT")]);

    sandbox.advance(Duration::from_secs(60));
    assert_eq!(balances(&sandbox), money(900, 100));
    assert_eq!(sandbox.credits("REF1"), 1);
    assert_eq!(shown(&client, "REF1").await, [pair("CREATED", "ALLOCATE_POINT")]);
    assert_eq!(sandbox.transactions()[0].balance, Decimal::ONE_HUNDRED);
}

#[tokio::test]
async fn a_failing_allocation_gives_its_points_back() {
    let sandbox = sandbox("transaction_progress=failing:60").await;
    let client = Client::partner(&sandbox).await;
    client.give(MOBILE, 100.0, "REF1").await;
    assert_eq!(balances(&sandbox), money(900, 0));
    sandbox.advance(Duration::from_secs(61));
    assert_eq!(balances(&sandbox), money(1_000, 0));
    assert_eq!(sandbox.credits("REF1"), 0);
    assert_eq!(shown(&client, "REF1").await, [pair("FAILED", "ALLOCATE_POINT")]);
    assert_eq!(sandbox.transactions()[0].state, EntryState::Failed);
    // What failed cannot be finished any more.
    assert_eq!(
        sandbox.change_transactions("REF1", EntryChange::Finish),
        Err(ChangeError::WrongState)
    );
}

#[tokio::test]
async fn no_time_at_all_fails_an_allocation_within_its_call() {
    let sandbox = sandbox("transaction_progress=failing:0").await;
    let client = Client::partner(&sandbox).await;
    let (_, answer) = client.give(MOBILE, 100.0, "REF1").await;
    assert_eq!(answer["payload"]["status"], "FAILED");
    assert_eq!(balances(&sandbox), money(1_000, 0));
}

#[tokio::test]
async fn a_reversal_is_a_state_or_a_second_transaction() {
    for (switch, rows) in [
        (
            "transaction_progress=reversed:60",
            vec![pair("REVERSED", "ALLOCATE_POINT")],
        ),
        (
            "transaction_progress=reversal:60",
            vec![pair("CREATED", "REVERSAL"), pair("CREATED", "ALLOCATE_POINT")],
        ),
    ] {
        let sandbox = sandbox(switch).await;
        let client = Client::partner(&sandbox).await;
        let (_, answer) = client.give(MOBILE, 100.0, "REF1").await;
        assert_eq!(answer["payload"]["status"], Value::Null);
        assert_eq!(balances(&sandbox), money(900, 100));
        sandbox.advance(Duration::from_secs(60));
        assert_eq!(balances(&sandbox), money(1_000, 0), "{switch}");
        assert_eq!(shown(&client, "REF1").await, rows, "{switch}");
    }
}

#[tokio::test]
async fn points_that_are_spent_are_not_reversed() {
    let sandbox = sandbox("transaction_progress=reversed:60").await;
    let client = Client::partner(&sandbox).await;
    client.give(MOBILE, 100.0, "REF1").await;
    sandbox.set_switches(Switches::new());
    client.take(MOBILE, 40.0, "REF2").await;
    sandbox.advance(Duration::from_secs(60));
    assert_eq!(balances(&sandbox), money(940, 60));
    assert_eq!(shown(&client, "REF1").await, [pair("CREATED", "ALLOCATE_POINT")]);
    assert_eq!(
        sandbox.change_transactions("REF1", EntryChange::AddReversal),
        Err(ChangeError::Spent)
    );
}

#[tokio::test]
async fn a_transaction_is_undone_once() {
    // REF1 by itself, and then by hand; REF2 by hand alone. REF3 is on the same card, and keeps its points.
    let sandbox = sandbox("transaction_progress=reversal:60").await;
    let client = Client::partner(&sandbox).await;
    client.give(MOBILE, 100.0, "REF1").await;
    sandbox.set_switches(Switches::new());
    client.give(MOBILE, 100.0, "REF2").await;
    client.give(MOBILE, 100.0, "REF3").await;
    sandbox.advance(Duration::from_secs(60));
    assert_eq!(shown(&client, "REF1").await.len(), 2);
    assert_eq!(balances(&sandbox), money(800, 200));
    assert_eq!(sandbox.change_transactions("REF2", EntryChange::AddReversal), Ok(1));
    for reference in ["REF1", "REF2"] {
        for change in [EntryChange::AddReversal, EntryChange::Reverse] {
            assert_eq!(
                sandbox.change_transactions(reference, change),
                Err(ChangeError::WrongState),
                "{reference} {change:?}"
            );
        }
    }
    assert_eq!(balances(&sandbox), money(900, 100));
    assert_eq!(sandbox.audit(), Vec::<String>::new());
}

#[tokio::test]
async fn points_taken_back_wait_fail_and_are_reversed_too() {
    let sandbox = sandbox("").await;
    let client = Client::partner(&sandbox).await;
    client.give(MOBILE, 100.0, "REF1").await;
    sandbox.set_switches("transaction_progress=pending:86400".parse().unwrap());
    client.take(MOBILE, 30.0, "BACK1").await;
    client.take(MOBILE, 20.0, "BACK2").await;
    assert_eq!(balances(&sandbox), money(900, 50));
    assert_eq!(sandbox.change_transactions("BACK1", EntryChange::Fail), Ok(1));
    assert_eq!(balances(&sandbox), money(900, 80));
    assert_eq!(sandbox.change_transactions("BACK2", EntryChange::Finish), Ok(1));
    assert_eq!(balances(&sandbox), money(920, 80));
    assert_eq!(sandbox.change_transactions("BACK2", EntryChange::AddReversal), Ok(1));
    assert_eq!(balances(&sandbox), money(900, 100));
    // Nothing is left that could happen by itself.
    sandbox.advance(Duration::from_secs(86_400));
    assert_eq!(balances(&sandbox), money(900, 100));
}

#[tokio::test]
async fn a_pending_transaction_that_is_too_old_to_be_kept_is_finished() {
    let builder = Sandbox::builder()
        .max_transactions(2)
        .seed(Seed::small().account_balance(1_000));
    let switches = "transaction_progress=failing:600".parse().unwrap();
    let sandbox = builder.switches(switches).start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    for number in 0..5 {
        client.give(MOBILE, 10.0, &format!("REF{number}")).await;
        assert_sound(&sandbox);
    }
    assert_eq!(balances(&sandbox), money(950, 30));
    sandbox.advance(Duration::from_secs(600));
    assert_eq!(balances(&sandbox), money(970, 30));
}

#[tokio::test]
async fn the_rows_of_a_bulk_call_wait_too() {
    let sandbox = sandbox("transaction_progress=pending:60").await;
    let client = Client::partner(&sandbox).await;
    let row = json!({ "title": "Mr", "name": "Asha", "email": "a@example.com", "mobile": MOBILE, "loadAmount": 5,
        "uniqueReferenceNumber": "REF1" });
    let path = format!(
        "{}?companyId={}&cardAccountId={}&isPointsAllocation=true",
        client::BULK,
        client.to.company_id,
        client.to.card_account_id
    );
    let (_, answer) = client.post(&path, &json!([row])).await;
    let done = &answer["payload"]["successBulkEnKashCardCreateDTOs"][0];
    assert_eq!(done["status"], "PENDING", "{answer}");
    assert_eq!(balances(&sandbox), money(995, 0));
    sandbox.advance(Duration::from_secs(60));
    assert_eq!(balances(&sandbox), money(995, 5));
}

async fn order(client: &Client, reference: &str) -> Value {
    let body = json!({ "orderReferenceId": reference, "productCatalogId": "PC0SANDBOXBOOKS1", "denomination": 100,
        "quantity": 2 });
    let (status, order) = client.post(ORDER, &body).await;
    assert_eq!(status, 200, "{order}");
    order["payload"].clone()
}

fn states(order: &Value) -> (&str, &str, usize) {
    let text = |name: &str| order[name].as_str().unwrap();
    let vouchers = order["voucherDetailsList"].as_array().unwrap().len();
    (text("orderStatus"), text("paymentStatus"), vouchers)
}

async fn fetched(client: &Client, reference: &str) -> Value {
    let (_, found) = client
        .get(&format!("/api/v0/partner/fetch-order-details/{reference}"))
        .await;
    found["paylod"].clone()
}

#[tokio::test]
async fn an_order_waits_fails_and_is_reversed_and_what_was_paid_comes_back() {
    for (progress, at_once, later) in [
        ("pending:60", ("PENDING", "SUCCESS", 0), ("SUCCESS", "SUCCESS", 2)),
        ("failing:60", ("PENDING", "SUCCESS", 0), ("FAILED", "REFUNDED", 0)),
        ("reversed:60", ("SUCCESS", "SUCCESS", 2), ("REVERSED", "REFUNDED", 0)),
        ("failing:0", ("FAILED", "REFUNDED", 0), ("FAILED", "REFUNDED", 0)),
    ] {
        let sandbox = sandbox(&format!("order_progress={progress}")).await;
        let client = Client::holder(&sandbox).await;
        let before = sandbox.card_balance(HOLDER);
        assert_eq!(states(&order(&client, "ORDER1").await), at_once, "{progress}");
        sandbox.advance(Duration::from_secs(60));
        assert_eq!(states(&fetched(&client, "ORDER1").await), later, "{progress}");
        let is_back = sandbox.card_balance(HOLDER) == before;
        assert_eq!(is_back, later.1 == "REFUNDED", "{progress}");
        assert_sound(&sandbox);
    }
}

#[tokio::test]
async fn the_control_routes_change_transactions_and_orders() {
    let sandbox = sandbox("transaction_progress=pending:600,order_progress=pending:600").await;
    let client = Client::partner(&sandbox).await;
    client.give(MOBILE, 100.0, "REF1").await;
    order(&client, "ORDER1").await;
    let change = async |what: &str, reference: &str, change: &str| {
        let body = json!({ "reference": reference, "change": change });
        let url = format!("{}/_sandbox/{what}", client.to.url);
        let (status, body) = reply(client.http.post(url).json(&body).send().await.unwrap()).await;
        (status.as_u16(), body)
    };
    assert_eq!(
        change("transactions", "REF1", "fail").await,
        (200, json!({ "changed": 1 }))
    );
    assert_eq!(change("transactions", "REF1", "finish").await.0, 409);
    assert_eq!(change("transactions", "REF2", "fail").await.0, 404);
    assert_eq!(change("transactions", "REF1", "undo").await.0, 400);
    assert_eq!(change("orders", "ORDER1", "add-reversal").await.0, 409);
    assert_eq!(
        change("orders", "ORDER1", "finish").await,
        (200, json!({ "changed": 1 }))
    );
    assert_eq!(
        change("orders", "ORDER1", "reverse").await,
        (200, json!({ "changed": 1 }))
    );
    assert_eq!(change("orders", "ORDER2", "reverse").await.0, 404);
    assert_eq!(balances(&sandbox), money(1_000, 0));
}

#[tokio::test]
async fn the_oldest_people_are_forgotten_and_their_points_stay_in_the_sums() {
    let builder = Sandbox::builder()
        .max_people(3)
        .seed(Seed::small().account_balance(1_000));
    let sandbox = builder.start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    for number in 0..6 {
        client
            .give(&format!("900000070{number}"), 10.0, &format!("REF{number}"))
            .await;
        assert_sound(&sandbox);
    }
    let found: Vec<_> = (0..6)
        .map(|number| sandbox.card_balance(&format!("900000070{number}")))
        .collect();
    let kept = Some(Decimal::TEN);
    assert_eq!(found, [None, None, None, kept, kept, kept]);
    // People of the seed are never forgotten.
    assert!(sandbox.card_balance(HOLDER).is_some());
    let (_, cards) = client.post(client::SEARCH, &client.account()).await;
    let shown = cards["payload"]["data"].as_array().unwrap();
    let has = |mobile: &str| shown.iter().any(|card| card["mobile"] == mobile);
    assert!(!has("9000000700") && has("9000000705"), "{cards}");
    assert_eq!(shown.len(), cards["payload"]["recordsCount"].as_u64().unwrap() as usize);
    // Somebody who was forgotten is a new person.
    client.give("9000000700", 1.0, "AGAIN").await;
    assert_eq!(sandbox.card_balance("9000000700"), Some(Decimal::ONE));
    assert_eq!(sandbox.account_balance(), Decimal::from(939));
    assert_sound(&sandbox);
}

#[tokio::test]
async fn a_change_of_somebody_who_was_forgotten_loses_no_points() {
    let builder = Sandbox::builder()
        .max_people(1)
        .seed(Seed::small().account_balance(1_000));
    let switches = "transaction_progress=pending:60".parse().unwrap();
    let sandbox = builder.switches(switches).start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    client.give(MOBILE, 10.0, "REF1").await;
    client.give("9000000005", 20.0, "REF2").await;
    sandbox.advance(Duration::from_secs(60));
    assert_sound(&sandbox);
    assert_eq!(sandbox.card_balance("9000000005"), Some(Decimal::from(20)));
    assert_eq!(sandbox.change_transactions("REF1", EntryChange::Reverse), Ok(1));
    assert_eq!(sandbox.account_balance(), Decimal::from(980));
    assert_sound(&sandbox);
}
