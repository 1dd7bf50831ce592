//! Bulk allocation: the documented messages, rows that stand for themselves, and new people only.

mod client;

use client::{BULK, Client, HOLDER, assert_error, assert_sound};
use enkash_sandbox::{Sandbox, Seed, Switches, switches::DuplicateReference};
use serde_json::{Value, json};

fn row(mobile: &str, amount: &Value, reference: &str) -> Value {
    json!({
        "title": "Mr", "name": "Asha Verma", "email": "asha.verma@example.com", "mobile": mobile,
        "loadAmount": amount, "remarks": "good", "uniqueReferenceNumber": reference,
    })
}

fn path(client: &Client, existing_too: &str) -> String {
    let (company, account) = (&client.to.company_id, &client.to.card_account_id);
    format!("{BULK}?companyId={company}&cardAccountId={account}&isPointsAllocation={existing_too}")
}

#[tokio::test]
async fn each_row_stands_for_itself() {
    let sandbox = Sandbox::builder()
        .seed(Seed::small().account_balance(100))
        .start()
        .await
        .unwrap();
    let client = Client::partner(&sandbox).await;
    let rows = json!([
        row("9000000002", &json!(60.5), "A"),
        row("9000000003", &json!(60), "B"),
        row("12345", &json!(1), "C"),
        row("9000000002", &json!(9.5), "D"),
    ]);
    let (status, body) = client.post(&path(&client, "true"), &rows).await;
    assert_eq!(status, 200);
    assert_eq!((&body["code"], &body["message"]), (&json!(0), &json!("Success")));
    let payload = &body["payload"];
    let good = payload["successBulkEnKashCardCreateDTOs"].as_array().unwrap();
    assert_eq!(good.len(), 2);
    assert_eq!(
        (&good[0]["mobile"], &good[0]["loadAmount"]),
        (&json!("9000000002"), &json!(60.5))
    );
    assert_eq!(good[0]["companyId"], client.to.company_id);
    assert_eq!(good[1]["otbBalance"], 70);
    assert_eq!(good[1]["availableBalance"], 30);
    let bad = payload["failedBulkEnKashCardCreateDTOs"].as_array().unwrap();
    assert_eq!(bad[0]["failureReason"], "Insufficient balance in card account");
    assert_eq!(bad[1]["failureReason"], "mobile: is not ten digits");
    assert_eq!(
        ["successCount", "failedCount", "totalCount"].map(|name| payload[name].clone()),
        [2, 2, 4].map(|n| json!(n))
    );
    assert_eq!(sandbox.card_balance("9000000002"), Some(70.into()));
    assert_eq!(sandbox.card_balance("9000000003"), None);
    assert_sound(&sandbox);
}

#[tokio::test]
async fn without_points_allocation_only_new_people_get_points() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let rows = json!([row(HOLDER, &json!(1), "A"), row("9000000002", &json!(1), "B")]);
    let (_, body) = client.post(&path(&client, "false"), &rows).await;
    let bad = &body["payload"]["failedBulkEnKashCardCreateDTOs"];
    assert_eq!(bad[0]["failureReason"], "User already exists");
    assert_eq!((sandbox.credits("A"), sandbox.credits("B")), (0, 1));
    let (_, body) = client.post(&path(&client, "true"), &rows).await;
    assert_eq!(body["payload"]["successCount"], 2);
    assert_eq!((sandbox.credits("A"), sandbox.credits("B")), (1, 2));
    assert_sound(&sandbox);
}

#[tokio::test]
async fn references_are_shared_with_the_single_call() {
    let switches = Switches::new().duplicate_reference(DuplicateReference::Refuse);
    let sandbox = Sandbox::builder().switches(switches).start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    client.give("9000000002", 1.0, "A").await;
    let rows = json!([
        row("9000000002", &json!(1), "A"),
        row("9000000003", &json!(1), "B"),
        row("9000000004", &json!(1), "B")
    ]);
    let (_, body) = client.post(&path(&client, "true"), &rows).await;
    assert_eq!(body["payload"]["failedCount"], 2);
    assert_eq!((sandbox.credits("A"), sandbox.credits("B")), (1, 1));
    assert_sound(&sandbox);
}

#[tokio::test]
async fn the_documented_messages_come_with_their_statuses() {
    let worlds = [
        (
            "primary: {mobile",
            "kyc_done: false\n        primary: {mobile",
            422,
            "KYC is not uploaded or under review",
        ),
        (
            "primary: {mobile",
            "bin_mapped: false\n        primary: {mobile",
            422,
            "Bin Type is not mapped on PlanMaster",
        ),
        (
            "primary: {",
            "people_: {",
            422,
            "Primary Enkash card is not present. So bulk upload cannot be done",
        ),
    ];
    let seed = include_str!("../seed/default.yaml");
    for (old, new, status, words) in worlds {
        let seed = if new.starts_with("people_") {
            seed.lines()
                .filter(|line| !line.contains("primary:"))
                .collect::<Vec<_>>()
                .join("\n")
        } else {
            seed.replace(old, new)
        };
        let sandbox = Sandbox::builder()
            .seed(Seed::from_yaml(&seed).unwrap())
            .start()
            .await
            .unwrap();
        let client = Client::partner(&sandbox).await;
        assert_error(&client.post(&path(&client, "true"), &json!([])).await, status, words);
    }
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let other = format!("{BULK}?companyId=CEK0OTHER0&cardAccountId=CA1&isPointsAllocation=true");
    let words = "Card account not found for companyId: CEK0OTHER0 and cardAccountId: CA1";
    assert_error(&client.post(&other, &json!([])).await, 404, words);
    let none = format!("{BULK}?companyId=&cardAccountId=CA1&isPointsAllocation=true");
    assert_error(
        &client.post(&none, &json!([])).await,
        422,
        "Company Id is required if it is an Enkash User",
    );
    let missing = format!("{BULK}?companyId=X");
    let reply = client.post(&missing, &json!([])).await;
    assert_error(
        &reply,
        400,
        "cardAccountId: is required; isPointsAllocation: is required",
    );
    assert_error(
        &client.post(&path(&client, "maybe"), &json!([])).await,
        422,
        "isPointsAllocation",
    );
    let rows = json!([row("9000000002", &json!(1), "A"), { "title": "Mr" }]);
    assert_error(
        &client.post(&path(&client, "true"), &rows).await,
        400,
        "[1].loadAmount: is required",
    );
    assert_eq!(
        sandbox.credits("A"),
        0,
        "a body that is not valid takes no effect at all"
    );
    assert_sound(&sandbox);
}
