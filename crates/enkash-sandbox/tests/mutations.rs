//! Responses that nobody promised: executed twice, changed, or in a sibling product's envelope. What a mutation changes in the
//! response changes nothing that happened.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod client;

use client::{ACCOUNT, ALLOCATE, Client, assert_failure, assert_sound};
use enkash_sandbox::{
    Fault, FaultRule, Operation, Sandbox, Switches, When,
    faults::{Mutation, Mutations, Position},
    switches::{CodeType, DuplicateReference, Encryption, EnvelopeSpelling},
};
use reqwest::Method;
use serde_json::{Value, json};

const ALLOCATION: Operation = Operation::CreateAllocatePoints;

fn mutated(mutations: impl IntoIterator<Item = Mutation>) -> Fault {
    Fault::MutatedResponse(Mutations::new(mutations).unwrap(), When::After)
}

/// The status and text of an allocation that meets a fault.
async fn met(sandbox: &Sandbox, client: &Client, fault: Fault, amount: f64, reference: &str) -> (u16, String) {
    sandbox.add_fault(FaultRule::on(ALLOCATION, fault).times(1));
    let body = client.credit("9000001234", &json!(amount), reference);
    let response = client.request(Method::POST, ALLOCATE).json(&body).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn executed_twice_does_what_the_switch_says_and_shows_the_second_response() {
    for (duplicates, credits, is_failure) in [
        (DuplicateReference::CreditAgain, 2, false),
        (DuplicateReference::Refuse, 1, true),
        (DuplicateReference::ReplayFirst, 1, false),
        (DuplicateReference::SuccessWithoutCredit, 1, false),
    ] {
        let sandbox = Sandbox::builder()
            .switches(Switches::new().duplicate_reference(duplicates))
            .start()
            .await
            .unwrap();
        let client = Client::partner(&sandbox).await;
        sandbox.add_fault(FaultRule::on(ALLOCATION, Fault::DuplicateExecution).times(1));
        let reply = client.give("9000001234", 5.0, "A").await;
        if is_failure {
            assert_failure(&reply, "Transaction ID already exists.");
        } else {
            assert_eq!((reply.0.as_u16(), &reply.1["code"]), (200, &json!(0)));
        }
        assert_eq!(sandbox.credits("A"), credits, "{duplicates}");
        let entry = sandbox.log().pop().unwrap();
        assert!(
            entry.carried_out && entry.faults == ["duplicate-execution"],
            "{entry:?}"
        );
        assert_eq!(sandbox.calls(ALLOCATION), 1);
        assert_sound(&sandbox);
    }
}

#[tokio::test]
async fn a_mutation_changes_the_response_and_not_what_happened() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let mutations = [
        Mutation::Status(202),
        Mutation::double("code", "1", Position::After),
        Mutation::set("message", "\"QUEUED\""),
        Mutation::copy("payload", "paylod"),
        Mutation::set("paylod.pgReferenceNumber", "\"B\""),
        Mutation::Append("{}".to_owned()),
    ];
    let (status, text) = met(&sandbox, &client, mutated(mutations), 5.0, "A").await;
    assert_eq!(status, 202);
    assert!(
        text.starts_with(r#"{"code":0,"code":1,"message":"QUEUED","payload":{"#),
        "{text}"
    );
    assert!(
        text.contains(r#""pgReferenceNumber":"A""#) && text.contains(r#""pgReferenceNumber":"B""#),
        "{text}"
    );
    assert!(text.ends_with("}}{}"), "{text}");
    let entry = sandbox.log().pop().unwrap();
    assert_eq!((entry.status, entry.faults), (Some(202), vec!["mutated-response"]));
    assert!(entry.carried_out);
    assert_eq!(sandbox.credits("A"), 1);

    // A refusal is changed as well, and nothing happens.
    let mutations = [Mutation::set("response_code", "0")];
    let (_, text) = met(&sandbox, &client, mutated(mutations), 9_999_999.0, "C").await;
    assert!(
        text.contains(r#""response_code":0,"response_message":"Insufficient"#),
        "{text}"
    );
    assert_eq!(sandbox.credits("C"), 0);
    // A response that is no longer as documented is no fault of the sandbox.
    assert_sound(&sandbox);
}

#[tokio::test]
async fn a_call_can_be_answered_as_if_it_took_effect_and_take_none() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    client.give("9000001234", 5.0, "A").await;
    let accepted = Mutations::new([Mutation::Status(202)]).unwrap();
    let fault = Fault::MutatedResponse(accepted, When::Before);
    let (status, text) = met(&sandbox, &client, fault, 7.0, "B").await;
    assert_eq!(status, 202);
    assert!(text.contains(r#""pgReferenceNumber":"B","otbBalance":12"#), "{text}");
    assert_eq!(
        (sandbox.credits("B"), sandbox.card_balance("9000001234")),
        (0, Some(5.into()))
    );
    let entry = sandbox.log().pop().unwrap();
    assert!(!entry.carried_out && entry.faults == ["mutated-response"], "{entry:?}");
    assert_eq!(client.give("9000001234", 1.0, "C").await.1["payload"]["otbBalance"], 6);
    assert_sound(&sandbox);
}

#[tokio::test]
async fn mutations_are_made_before_it_is_encrypted() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let plain = met(&sandbox, &client, mutated([Mutation::set("code", "7")]), 5.0, "A")
        .await
        .1;
    assert!(plain.starts_with(r#"{"code":7"#), "{plain}");
    sandbox.set_switches(Switches::new().encryption(Encryption::Both));
    sandbox.clear_faults();
    sandbox.add_fault(FaultRule::everywhere(mutated([Mutation::Status(206)])));
    let sealed = json!({ "request": SEALED_ACCOUNT });
    let (status, body) = client.post(ACCOUNT, &sealed).await;
    assert_eq!(status, 206);
    assert!(
        body["request"].is_string() && body.as_object().unwrap().len() == 1,
        "{body}"
    );
    assert_sound(&sandbox);
}

/// Encrypted as in `forms.rs`: `{"companyId":"CEK0SANDBX","cardAccountId":"CA0SNDBX1"}`.
const SEALED_ACCOUNT: &str = "dZTHFvhfg2ycCJAV6j7fusjVYQ6dBs0TrDpCIB0v60GJbMhM63AB+/xl4uKxc2dJJGyYV0owBfl0WSHER7qpkA==";

#[tokio::test]
async fn a_siblings_envelope_has_another_success_and_another_failure() {
    let switches = Switches::new().envelope(EnvelopeSpelling::Sibling);
    let sandbox = Sandbox::builder().switches(switches).start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let (status, body) = client.give("9000001234", 5.0, "A").await;
    assert_eq!(
        (status.as_u16(), &body["payload"]["pgReferenceNumber"]),
        (200, &json!("A"))
    );
    let names: Vec<_> = body.as_object().unwrap().keys().collect();
    assert_eq!(names, ["errorResponse", "payload", "response_code", "response_message"]);
    assert_eq!(
        (
            &body["errorResponse"],
            &body["response_code"],
            &body["response_message"]
        ),
        (&Value::Null, &json!(200), &json!("SUCCESS"))
    );
    for (amount, in_status, code) in [(9_999_999.0, 200, 422), (-1.0, 422, 422)] {
        let (status, body) = client.give("9000001234", amount, "B").await;
        assert_eq!(
            (status.as_u16(), &body["response_code"]),
            (in_status, &json!(code)),
            "{body}"
        );
        assert_eq!(
            (&body["response_message"], &body["payload"]),
            (&json!("FAILURE"), &Value::Null)
        );
        assert!(body["errorResponse"]["message"].is_string(), "{body}");
    }
    sandbox.set_switches(switches.code_type(CodeType::Text));
    assert_eq!(client.give("9000001234", 5.0, "C").await.1["response_code"], "200");
    // Whatever the envelope, a login has none.
    assert!(client.login(&client.to.username, &client.to.password).await.1["access_token"].is_string());
    assert_sound(&sandbox);
}
