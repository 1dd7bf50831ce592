//! Point Management: coin events and users' coins.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod client;

use client::{Client, HOLDER, SEARCH, assert_error, assert_failure, assert_sound};
use enkash_sandbox::{Sandbox, Switches, switches::DuplicateReference};
use serde_json::{Value, json};

const CONFIG: &str = "/api/v0/enkash-coins/create-coins-config";
const ALLOCATE: &str = "/api/v0/enkash-coins/allocate-coin";

async fn holder_id(client: &Client) -> String {
    let (_, body) = client.post(SEARCH, &client.account()).await;
    let rows = body["payload"]["data"].as_array().unwrap().clone();
    let row = rows.iter().find(|row| row["mobile"] == HOLDER).unwrap();
    row["userId"].as_str().unwrap().to_owned()
}

fn event(client: &Client, name: &str, amount: i64) -> Value {
    json!({ "configuration": "DEFAULT", "companyId": client.to.company_id, "event": name, "amount": amount })
}

fn give(client: &Client, name: &str, user: &str, request: &str) -> Value {
    json!({ "companyId": client.to.company_id, "event": name, "requestId": request, "userId": user })
}

#[tokio::test]
async fn an_event_is_made_read_and_changed() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let (_, made) = client.post(CONFIG, &event(&client, "MEAL_CARD_PAYMENT", 6)).await;
    let id = made["payload"]["coinConfigId"].as_str().unwrap().to_owned();
    assert!(id.starts_with("WCC") && id.len() == 9, "{id}");
    let path = format!("/api/v0/enkash-coins/{id}");
    assert_eq!(client.get(&path).await.1, made);
    let (_, changed) = client
        .patch(&path, &json!({ "amount": 10, "configuration": "CUSTOM" }))
        .await;
    let expected = json!({ "coinConfigId": id, "configuration": "CUSTOM", "event": "MEAL_CARD_PAYMENT", "amount": 10 });
    assert_eq!(changed["payload"], expected);
    assert_eq!(client.get(&path).await.1, changed);

    assert_failure(
        &client.post(CONFIG, &event(&client, "MEAL_CARD_PAYMENT", 6)).await,
        "Coin event already exists",
    );
    assert_failure(
        &client.patch(&path, &json!({ "event": "REFERRAL_EVENT" })).await,
        "Coin event already exists",
    );
    assert_error(
        &client.get("/api/v0/enkash-coins/WCC0").await,
        404,
        "Coin event not found",
    );
    assert_error(
        &client.patch("/api/v0/enkash-coins/WCC0", &json!({ "amount": 1 })).await,
        404,
        "Coin event not found",
    );
    assert_error(&client.patch(&path, &json!({ "amount": -1 })).await, 422, "amount");
    assert_error(
        &client.post(CONFIG, &json!({ "event": "X" })).await,
        400,
        "amount: is required",
    );
    assert_sound(&sandbox);
}

#[tokio::test]
async fn an_event_fixes_how_many_coins_are_given() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let user = holder_id(&client).await;
    let balance = format!("/api/v0/coins/balance?userId={user}");
    assert_eq!(
        client.get(&balance).await.1,
        json!({ "response_code": 0, "response_message": "Success", "payload": 0 })
    );
    let (_, body) = client
        .post(ALLOCATE, &give(&client, "REFERRAL_EVENT", &user, "REQ1"))
        .await;
    assert_eq!(body["payload"], "Successfully allocated enkash Coins");
    assert_eq!(client.get(&balance).await.1["payload"], 25);
    assert_eq!(sandbox.coin_balance(HOLDER), Some(25));
    assert_eq!(sandbox.coin_balance("9000009999"), None);
    client.post(CONFIG, &event(&client, "HUGE", i64::MAX)).await;
    let huge = client.post(ALLOCATE, &give(&client, "HUGE", &user, "REQ2")).await;
    assert_failure(&huge, "Coin balance is too large");
    assert_eq!(client.get(&balance).await.1["payload"], 25);

    assert_failure(
        &client.post(ALLOCATE, &give(&client, "NONE", &user, "R")).await,
        "Coin event not found",
    );
    assert_failure(
        &client
            .post(ALLOCATE, &give(&client, "REFERRAL_EVENT", "EK0", "R"))
            .await,
        "User not found",
    );
    assert_failure(&client.get("/api/v0/coins/balance?userId=EK0").await, "User not found");
    let mut other = give(&client, "REFERRAL_EVENT", &user, "R");
    other["companyId"] = json!("CEK0OTHER0");
    assert_failure(&client.post(ALLOCATE, &other).await, "Company not found");

    let holder = Client::holder(&sandbox).await;
    assert_eq!(
        holder.get(&balance).await.1["payload"],
        25,
        "card holders see their own coins"
    );
    let refused = holder
        .post(ALLOCATE, &give(&client, "REFERRAL_EVENT", &user, "R"))
        .await;
    assert_failure(&refused, "A card holder's log-in cannot manage coins");
    assert_sound(&sandbox);
}

#[tokio::test]
async fn a_request_id_that_comes_twice_does_what_the_switch_says() {
    for (switch, coins) in [
        (DuplicateReference::CreditAgain, 50),
        (DuplicateReference::Refuse, 25),
        (DuplicateReference::ReplayFirst, 25),
        (DuplicateReference::SuccessWithoutCredit, 25),
    ] {
        let switches = Switches::new().duplicate_reference(switch);
        let sandbox = Sandbox::builder().switches(switches).start().await.unwrap();
        let client = Client::partner(&sandbox).await;
        let user = holder_id(&client).await;
        client
            .post(ALLOCATE, &give(&client, "REFERRAL_EVENT", &user, "REQ1"))
            .await;
        let second = client
            .post(ALLOCATE, &give(&client, "REFERRAL_EVENT", &user, "REQ1"))
            .await;
        if switch == DuplicateReference::Refuse {
            assert_failure(&second, "Transaction ID already exists.");
        } else {
            assert_eq!(second.1["response_code"], 0);
        }
        let balance = client.get(&format!("/api/v0/coins/balance?userId={user}")).await;
        assert_eq!(balance.1["payload"], coins, "{switch}");
        assert_sound(&sandbox);
    }
}
