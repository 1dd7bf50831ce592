//! The switches that give answers another form: envelopes, result codes, error bodies, encryption.

mod client;

use client::{ACCOUNT, ALLOCATE, Client, TRANSACTIONS, assert_sound, reply};
use enkash_sandbox::{
    Sandbox, Switches,
    switches::{CodeType, Encryption, EnvelopeSpelling, ErrorBody},
};
use reqwest::Method;
use serde_json::{Value, json};

fn spelling(body: &Value) -> &'static str {
    match (body.get("code").is_some(), body.get("response_code").is_some()) {
        (true, false) => "code",
        (false, true) => "response_code",
        _ => "neither",
    }
}

#[tokio::test]
async fn the_envelope_follows_its_switch() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let spellings = async || {
        let success = client.give("9000001234", 1.0, "A").await.1;
        let failure = client.give("9000001234", 9_999_999.0, "B").await.1;
        let account = client.post(ACCOUNT, &client.account()).await.1;
        [spelling(&success), spelling(&failure), spelling(&account)]
    };
    assert_eq!(
        spellings().await,
        ["code", "response_code", "response_code"],
        "as the pages show them"
    );
    sandbox.set_switches(Switches::new().envelope(EnvelopeSpelling::Code));
    assert_eq!(spellings().await, ["code"; 3]);
    sandbox.set_switches(Switches::new().envelope(EnvelopeSpelling::ResponseCode));
    assert_eq!(spellings().await, ["response_code"; 3]);
    sandbox.set_switches(Switches::new().envelope(EnvelopeSpelling::Mixed));
    let [first, second, third] = spellings().await;
    assert!(first != second && first == third, "{first} {second} {third}");
    assert_sound(&sandbox);
}

#[tokio::test]
async fn result_codes_can_be_strings() {
    let sandbox = Sandbox::builder()
        .switches(Switches::new().code_type(CodeType::Text))
        .start()
        .await
        .unwrap();
    let client = Client::partner(&sandbox).await;
    assert_eq!(client.give("9000001234", 1.0, "A").await.1["code"], "0");
    assert_eq!(
        client.give("9000001234", 9_999_999.0, "B").await.1["response_code"],
        "1"
    );
    let order =
        json!({ "productCatalogId": "PC0SANDBOXTEA001", "denomination": 250, "quantity": 1, "orderReferenceId": "O" });
    client.post(client::ORDER, &order).await;
    let order = "/api/v0/partner/fetch-order-details/O";
    assert_eq!(client.get(order).await.1["response_code"], "0");
    sandbox.set_switches(Switches::new().code_type(CodeType::Number));
    assert_eq!(client.get(order).await.1["response_code"], 0);
    assert_sound(&sandbox);
}

#[tokio::test]
async fn error_bodies_can_be_empty_or_html() {
    let sandbox = Sandbox::builder()
        .switches(Switches::new().error_body(ErrorBody::Html))
        .start()
        .await
        .unwrap();
    let client = Client::new(&sandbox);
    let response = client
        .request(Method::POST, ACCOUNT)
        .json(&client.account())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 401);
    assert!(
        response.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    assert!(response.text().await.unwrap().starts_with("<html>"));
    sandbox.set_switches(Switches::new().error_body(ErrorBody::Empty));
    let response = client
        .request(Method::POST, ACCOUNT)
        .json(&client.account())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 401);
    assert!(response.headers().get("content-type").is_none());
    assert_eq!(response.text().await.unwrap(), "");
    assert_sound(&sandbox);
}

/// Encrypted outside of this crate from the steps of the guide, with the default seed's client secret:
/// `{"companyId":"CEK0SANDBX","cardAccountId":"CA0SNDBX1"}`.
const ENCRYPTED: &str = "dZTHFvhfg2ycCJAV6j7fusjVYQ6dBs0TrDpCIB0v60GJbMhM63AB+/xl4uKxc2dJJGyYV0owBfl0WSHER7qpkA==";

#[tokio::test]
async fn bodies_are_encrypted_where_the_switch_says_so() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let wrapped = json!({ "request": ENCRYPTED });

    sandbox.set_switches(Switches::new().encryption(Encryption::Requests));
    let (status, body) = client.post(ACCOUNT, &wrapped).await;
    assert_eq!(
        (status.as_u16(), &body["payload"]["companyName"]),
        (200, &json!("Sandbox Traders"))
    );
    for wrong in [
        client.account(),
        json!({ "request": "AAAA" }),
        json!({ "request": 5 }),
        json!(ENCRYPTED),
    ] {
        client::assert_error(&client.post(ACCOUNT, &wrong).await, 422, "Invalid encrypted request.");
    }

    sandbox.set_switches(Switches::new().encryption(Encryption::Both));
    let (_, body) = client.post(ACCOUNT, &wrapped).await;
    let text = body["request"].as_str().unwrap();
    assert!(text.len() > 100 && body.as_object().unwrap().len() == 1, "{body}");
    assert_eq!(
        client.login(&client.to.username, &client.to.password).await.0,
        200,
        "a log-in is never encrypted"
    );

    sandbox.set_switches(Switches::new().encryption(Encryption::BareString));
    let (_, bare) = client.post(TRANSACTIONS, &json!(ENCRYPTED)).await;
    assert!(bare.as_str().unwrap().len() > 20, "{bare}");
    assert_eq!(
        client.post(ACCOUNT, &json!(ENCRYPTED)).await.1,
        body["request"],
        "the same text, bare"
    );
    assert_eq!(client.post(ALLOCATE, &wrapped).await.0, 422);

    let plain = client
        .request(Method::POST, ACCOUNT)
        .body(ENCRYPTED)
        .header("content-type", "application/json");
    assert_eq!(
        reply(plain.send().await.unwrap()).await.0,
        400,
        "Base64 alone is not JSON"
    );
    assert_sound(&sandbox);
}
