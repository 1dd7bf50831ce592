//! What the sandbox tells of allocations: whether a right response left for each, and whether it was looked up afterwards.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod client;

use std::time::Duration;

use client::{ALLOCATE, BULK, Client, TRANSACTIONS, assert_sound, until};
use enkash_sandbox::{
    AllocationEntry, Fault, FaultRule, Operation, Sandbox, Switches, When,
    allocations::{AllocationState, Delivery},
    faults::RedirectTo,
    switches::TransactionLookup,
};
use reqwest::Method;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

const MOBILE: &str = "9000001234";

fn on(operation: Operation, fault: Fault) -> FaultRule {
    FaultRule::on(operation, fault).nth(1)
}

/// A sandbox whose first allocation meets this fault.
async fn world(fault: Fault) -> (Sandbox, Client) {
    let rule = on(Operation::CreateAllocatePoints, fault);
    let sandbox = Sandbox::builder().fault(rule).start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    (sandbox, client)
}

/// An allocation of which the response may not come.
async fn give(client: &Client, reference: &str) {
    let request = client.request(Method::POST, ALLOCATE);
    let body = client.credit(MOBILE, &json!(5), reference);
    if let Ok(response) = request.json(&body).send().await {
        let _ = response.bytes().await;
    }
}

fn last(sandbox: &Sandbox) -> AllocationEntry {
    sandbox.allocations().pop().unwrap()
}

#[tokio::test]
async fn only_a_right_response_makes_an_allocation_known() {
    for (fault, moved, delivery) in [
        (Fault::Reset(When::Before), false, Delivery::Lost),
        (Fault::Reset(When::After), true, Delivery::Lost),
        (Fault::TornBody, true, Delivery::Spoilt),
        (Fault::OtherReference, true, Delivery::Spoilt),
        (Fault::BadGateway(When::Before), false, Delivery::Spoilt),
        (Fault::ServerError(When::After), true, Delivery::Spoilt),
        (Fault::TooManyRequests(1), false, Delivery::Spoilt),
        (
            Fault::Redirect(307, RedirectTo::DeadHost, When::After),
            true,
            Delivery::Spoilt,
        ),
        (Fault::WrongContentType, true, Delivery::Whole),
        (Fault::IdleClose, true, Delivery::Whole),
        (Fault::DuplicateAnswer, true, Delivery::Whole),
    ] {
        let (sandbox, client) = world(fault.clone()).await;
        give(&client, "A").await;
        let entry = last(&sandbox);
        let state = match delivery {
            Delivery::Whole => AllocationState::Done,
            _ => AllocationState::Unknown,
        };
        assert_eq!((entry.state, entry.delivery), (state, delivery), "{fault:?}");
        assert_eq!(entry.reference.as_deref(), Some("A"), "{fault:?}");
        assert_eq!(entry.amount, moved.then(|| 5.into()), "{fault:?}");
        assert_eq!(entry.call, sandbox.log().last().unwrap().number, "{fault:?}");
        assert_sound(&sandbox);
    }
}

#[tokio::test]
async fn a_no_is_refused_and_taking_back_is_negative() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    client.give(MOBILE, 5.0, "A").await;
    client.take(MOBILE, 2.0, "B").await;
    client.take(MOBILE, 99.0, "C").await;
    let body = json!({ "uniqueReferenceNumber": "D".repeat(500) });
    client.post(ALLOCATE, &body).await;
    let entries = sandbox.allocations();
    let facts: Vec<_> = entries.iter().map(|entry| (entry.amount, entry.state)).collect();
    assert_eq!(
        facts,
        [
            (Some(5.into()), AllocationState::Done),
            (Some((-2).into()), AllocationState::Done),
            (None, AllocationState::Refused),
            (None, AllocationState::Refused),
        ]
    );
    assert_eq!(entries[3].reference.as_deref().map(str::len), Some(100));
}

#[tokio::test]
async fn a_search_settles_what_it_shows_and_nothing_else() {
    let (sandbox, client) = world(Fault::Reset(When::After)).await;
    sandbox.set_switches(Switches::new().transaction_lookup(TransactionLookup::Delayed(Duration::from_secs(60))));
    give(&client, "A").await;
    give(&client, "B").await;
    let search = async |reference: &str| {
        let mut body = client.account();
        body["pgReferenceNumber"] = json!(reference);
        client.post(TRANSACTIONS, &body).await;
    };
    search("B").await;
    let first = || sandbox.allocations().remove(0);
    assert_eq!((first().state, first().lookup), (AllocationState::Unknown, None));
    search("A").await;
    assert_eq!(first().state, AllocationState::Unknown, "the look-up came too early");
    assert!(!first().lookup.unwrap().found);
    sandbox.advance(Duration::from_secs(61));
    // The response of this search is lost itself, so it tells nobody anything.
    sandbox.add_fault(on(Operation::SearchTransactions, Fault::TornBody));
    let mut body = client.account();
    body["pgReferenceNumber"] = json!("A");
    let request = client.request(Method::POST, TRANSACTIONS).json(&body);
    assert!(request.send().await.unwrap().bytes().await.is_err());
    assert_eq!(first().state, AllocationState::Unknown);
    search("A").await;
    let lookup = first().lookup.unwrap();
    assert_eq!((first().state, lookup.found), (AllocationState::Settled, true));
    assert_eq!(lookup.call, sandbox.log().last().unwrap().number);
    assert_sound(&sandbox);
}

#[tokio::test]
async fn a_search_without_a_reference_settles_what_it_shows_too() {
    let (sandbox, client) = world(Fault::ServerError(When::After)).await;
    give(&client, "A").await;
    client.post(TRANSACTIONS, &client.account()).await;
    assert_eq!(last(&sandbox).state, AllocationState::Settled);
}

#[tokio::test]
async fn a_client_that_is_gone_before_its_response_cannot_know() {
    let (sandbox, client) = world(Fault::Delay(Duration::from_millis(1_500), When::After)).await;
    let body = client.credit(MOBILE, &json!(5), "A").to_string();
    let (token, partner) = (&client.token, &client.to.partner_id);
    let request = format!(
        "POST {ALLOCATE} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\npartnerId: {partner}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(sandbox.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    until("the call", || !sandbox.allocations().is_empty()).await;
    drop(stream);
    until("its end", || last(&sandbox).state != AllocationState::InFlight).await;
    assert_eq!(
        (last(&sandbox).state, last(&sandbox).delivery),
        (AllocationState::Unknown, Delivery::Lost)
    );
    assert_eq!(sandbox.credits("A"), 1);
}

#[tokio::test]
async fn a_response_that_is_held_back_is_in_flight_and_then_done() {
    let (sandbox, client) = world(Fault::Delay(Duration::from_millis(200), When::After)).await;
    let call = give(&client, "A");
    let seen = async {
        until("the call", || !sandbox.allocations().is_empty()).await;
        last(&sandbox).state
    };
    let ((), seen) = tokio::join!(call, seen);
    assert_eq!(
        (seen, last(&sandbox).state),
        (AllocationState::InFlight, AllocationState::Done)
    );
}

#[tokio::test]
async fn each_row_of_a_bulk_request_is_an_allocation() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let row = |mobile: &str, reference: &str| {
        json!({
            "title": "Mr", "name": "Asha", "email": "asha@example.com", "mobile": mobile, "loadAmount": 1,
            "uniqueReferenceNumber": reference,
        })
    };
    let (company, account) = (&client.to.company_id, &client.to.card_account_id);
    let path = format!("{BULK}?companyId={company}&cardAccountId={account}&isPointsAllocation=true");
    let rows = json!([row("9000000002", "A"), row("12345", "B"), row("9000000003", "C")]);
    assert_eq!(client.post(&path, &rows).await.0, 200);
    sandbox.add_fault(on(
        Operation::BulkCreateAllocateRewards,
        Fault::ServerError(When::Before),
    ));
    client.post(&path, &rows).await;
    let mut seen: Vec<_> = sandbox
        .allocations()
        .into_iter()
        .map(|entry| (entry.call, entry.reference.unwrap().to_string(), entry.state))
        .collect();
    seen.sort();
    let first = seen[0].0;
    let expected = [
        (first, "A", AllocationState::Done),
        (first, "B", AllocationState::Refused),
        (first, "C", AllocationState::Done),
        (first + 1, "A", AllocationState::Unknown),
        (first + 1, "B", AllocationState::Unknown),
        (first + 1, "C", AllocationState::Unknown),
    ];
    assert_eq!(
        seen,
        expected.map(|(call, reference, state)| (call, reference.to_owned(), state))
    );
}
