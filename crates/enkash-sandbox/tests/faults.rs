//! Every kind of fault, as a client sees it, and whether the money moved.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod client;

use std::time::Duration;

use client::{ACCOUNT, ALLOCATE, Client, assert_sound, reply, until};
use enkash_sandbox::{Fault, FaultRule, Operation, Sandbox, Switches, When, faults::RedirectTo, switches::LostStrikes};
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const ALLOCATION: Operation = Operation::CreateAllocatePoints;

/// A sandbox whose next allocation meets this fault.
async fn world(fault: Fault) -> (Sandbox, Client) {
    let sandbox = Sandbox::builder()
        .fault(FaultRule::on(ALLOCATION, fault).nth(1))
        .start()
        .await
        .unwrap();
    let client = Client::partner(&sandbox).await;
    (sandbox, client)
}

/// An allocation as bytes, for a connection of one's own.
fn raw_allocation(client: &Client, reference: &str) -> Vec<u8> {
    let body = client.credit("9000001234", &json!(5), reference).to_string();
    let (token, partner) = (&client.token, &client.to.partner_id);
    format!(
        "POST {ALLOCATE} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\npartnerId: {partner}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

#[tokio::test]
async fn statuses_come_before_or_after_the_effect() {
    let cases = [
        (Fault::Unauthorized(When::Before), 401, 0),
        (Fault::Unauthorized(When::After), 401, 1),
        (Fault::Forbidden(When::Before), 403, 0),
        (Fault::Forbidden(When::After), 403, 1),
        (Fault::ServerError(When::Before), 500, 0),
        (Fault::ServerError(When::After), 500, 1),
        (Fault::BadGateway(When::Before), 502, 0),
        (Fault::BadGateway(When::After), 502, 1),
        (Fault::TooManyRequests(7), 429, 0),
    ];
    for (fault, status, credits) in cases {
        let (sandbox, client) = world(fault.clone()).await;
        let body = client.credit("9000001234", &json!(5), "A");
        let response = client.request(Method::POST, ALLOCATE).json(&body).send().await.unwrap();
        assert_eq!(response.status(), status, "{fault:?}");
        let media = response.headers()["content-type"].to_str().unwrap().to_owned();
        assert_eq!(media.starts_with("text/html"), status == 502, "{fault:?}");
        let retry_after = response
            .headers()
            .get("retry-after")
            .map(|value| value.to_str().unwrap());
        assert_eq!(retry_after, (status == 429).then_some("7"), "{fault:?}");
        assert_eq!(sandbox.credits("A"), credits, "{fault:?}");
        let log = sandbox.log();
        let entry = log.last().unwrap();
        assert_eq!((entry.status, &entry.faults), (Some(status), &vec![fault.name()]));
        assert_eq!(entry.carried_out, credits == 1);
        assert_eq!(
            client.give("9000001234", 5.0, "B").await.0,
            200,
            "the fault met the first call only"
        );
        assert_sound(&sandbox);
    }
}

#[tokio::test]
async fn a_reset_ends_the_connection_before_or_after_the_effect() {
    for (when, credits) in [(When::Before, 0), (When::After, 1)] {
        let (sandbox, client) = world(Fault::Reset(when)).await;
        let mut stream = TcpStream::connect(sandbox.address()).await.unwrap();
        stream.write_all(&raw_allocation(&client, "A")).await.unwrap();
        let mut answer = Vec::new();
        let error = stream.read_to_end(&mut answer).await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        assert!(answer.is_empty());
        assert_eq!(sandbox.credits("A"), credits);
        assert_eq!(sandbox.log().last().unwrap().status, None);
        assert_eq!(sandbox.calls(ALLOCATION), 1);
        assert_sound(&sandbox);
    }
}

#[tokio::test]
async fn a_torn_body_ends_in_the_middle() {
    let (sandbox, client) = world(Fault::TornBody).await;
    let mut stream = TcpStream::connect(sandbox.address()).await.unwrap();
    stream.write_all(&raw_allocation(&client, "A")).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap();
    assert_eq!(
        body.len(),
        length.parse::<usize>().unwrap() / 2,
        "half of what the head promised"
    );
    assert_eq!(sandbox.credits("A"), 1);
    assert_sound(&sandbox);
}

#[tokio::test]
async fn a_stalled_body_goes_silent_until_the_sandbox_ends() {
    let (sandbox, client) = world(Fault::StalledBody).await;
    let mut response = client
        .request(Method::POST, ALLOCATE)
        .json(&client.credit("9000001234", &json!(5), "A"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let first = response.chunk().await.unwrap().unwrap();
    assert!(first.starts_with(b"{\"code\":0"), "{first:?}");
    assert_eq!(sandbox.credits("A"), 1);
    let rest = tokio::spawn(async move { response.chunk().await });
    sandbox.shutdown().await;
    assert!(rest.await.unwrap().is_err(), "the rest never came");
}

#[tokio::test]
async fn a_delay_comes_before_the_effect_or_holds_the_response_back() {
    for (when, credits) in [(When::Before, 0), (When::After, 1)] {
        let (sandbox, client) = world(Fault::Delay(Duration::from_secs(600), when)).await;
        let body = client.credit("9000001234", &json!(5), "A");
        let call = client.request(Method::POST, ALLOCATE).json(&body).send();
        tokio::pin!(call);
        let found = || (sandbox.credits("A"), sandbox.calls(ALLOCATION));
        tokio::select! {
            answer = &mut call => panic!("{when:?}: {answer:?}"),
            () = until("the call", || found() == (credits, 1)) => {}
        }
        // Neither the response nor the effect comes while it is held back.
        assert!(tokio::time::timeout(Duration::from_millis(300), call).await.is_err());
        assert_eq!(found(), (credits, 1), "{when:?}");
    }
    let (sandbox, client) = world(Fault::Delay(Duration::from_millis(20), When::Before)).await;
    let start = std::time::Instant::now();
    assert_eq!(client.give("9000001234", 5.0, "A").await.0, 200);
    assert!(start.elapsed() >= Duration::from_millis(20));
    assert_sound(&sandbox);
}

#[tokio::test]
async fn a_call_takes_effect_although_the_client_gave_up() {
    let (sandbox, client) = world(Fault::Delay(Duration::from_millis(300), When::Before)).await;
    let body = client.credit("9000001234", &json!(5), "A");
    let call = client.request(Method::POST, ALLOCATE).json(&body).send();
    tokio::select! {
        answer = call => panic!("{answer:?}"),
        () = until("the call", || sandbox.calls(ALLOCATION) == 1) => {}
    }
    drop(client);
    until("its effect", || sandbox.credits("A") == 1).await;
    assert_sound(&sandbox);
}

#[tokio::test]
async fn a_wrong_content_type_and_another_reference_spoil_a_right_response() {
    let (sandbox, client) = world(Fault::WrongContentType).await;
    let body = client.credit("9000001234", &json!(5), "A");
    let response = client.request(Method::POST, ALLOCATE).json(&body).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/plain");
    assert_eq!(reply(response).await.1["payload"]["pgReferenceNumber"], "A");
    assert_eq!(sandbox.credits("A"), 1);

    let (sandbox, client) = world(Fault::OtherReference).await;
    let (_, body) = client.give("9000001234", 5.0, "A").await;
    assert_eq!(
        (&body["code"], &body["payload"]["pgReferenceNumber"]),
        (&json!(0), &json!("OTHER-REFERENCE"))
    );
    assert_eq!(sandbox.credits("A"), 1);
}

#[tokio::test]
async fn a_response_can_come_twice() {
    let (sandbox, client) = world(Fault::DuplicateAnswer).await;
    let mut stream = TcpStream::connect(sandbox.address()).await.unwrap();
    stream.write_all(&raw_allocation(&client, "A")).await.unwrap();
    let mut answer = String::new();
    while answer.matches("\"pgReferenceNumber\":\"A\"").count() < 2 {
        let mut buffer = [0; 4_096];
        let read = stream.read(&mut buffer).await.unwrap();
        assert_ne!(read, 0, "{answer}");
        answer.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
    }
    assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 2);
    assert_eq!(sandbox.credits("A"), 1, "it took effect once");
    // The connection goes on all the same.
    stream.write_all(&raw_allocation(&client, "B")).await.unwrap();
    let mut buffer = [0; 4_096];
    let read = stream.read(&mut buffer).await.unwrap();
    assert!(String::from_utf8_lossy(&buffer[..read]).contains("\"pgReferenceNumber\":\"B\""));
    assert_sound(&sandbox);
}

#[tokio::test]
async fn a_redirect_points_at_the_same_address_or_at_a_dead_host() {
    for (status, to, when, credits) in [
        (302, RedirectTo::Itself, When::Before, 0),
        (307, RedirectTo::DeadHost, When::Before, 0),
        (302, RedirectTo::DeadHost, When::After, 1),
        (308, RedirectTo::Itself, When::After, 1),
    ] {
        let (sandbox, client) = world(Fault::Redirect(status, to, when)).await;
        let body = client.credit("9000001234", &json!(5), "A");
        let response = client.request(Method::POST, ALLOCATE).json(&body).send().await.unwrap();
        assert_eq!(response.status(), status);
        let location = response.headers()["location"].to_str().unwrap().to_owned();
        match to {
            RedirectTo::Itself => assert_eq!(location, format!("{}{ALLOCATE}", sandbox.url())),
            _ => {
                let dead = location
                    .strip_prefix("http://")
                    .unwrap()
                    .split('/')
                    .next()
                    .unwrap()
                    .to_owned();
                assert!(TcpStream::connect(dead).await.is_err());
            }
        }
        assert_eq!(sandbox.credits("A"), credits, "{status} {when:?}");
        assert_sound(&sandbox);
    }
}

#[tokio::test]
async fn a_kept_alive_connection_is_closed_without_a_word() {
    let (sandbox, client) = world(Fault::IdleClose).await;
    let mut stream = TcpStream::connect(sandbox.address()).await.unwrap();
    stream.write_all(&raw_allocation(&client, "A")).await.unwrap();
    let mut answer = Vec::new();
    // Long before the sandbox gives up an idle connection of its own accord.
    let end = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut answer));
    end.await.expect("the connection is closed").unwrap();
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.contains("\"pgReferenceNumber\":\"A\""), "{answer}");
    assert!(!answer.to_ascii_lowercase().contains("connection: close"), "{answer}");
    // Without the fault, the connection stays.
    let mut stream = TcpStream::connect(sandbox.address()).await.unwrap();
    for reference in ["B", "C"] {
        stream.write_all(&raw_allocation(&client, reference)).await.unwrap();
        let mut buffer = [0; 4_096];
        assert_ne!(stream.read(&mut buffer).await.unwrap(), 0);
    }
    assert_eq!(sandbox.credits("C"), 1);
    assert_sound(&sandbox);
}

#[tokio::test]
async fn refused_closes_the_port_after_the_response_and_opens_it_again() {
    let fault = FaultRule::on(Operation::IssueToken, Fault::Refused(Duration::from_millis(400))).nth(1);
    let sandbox = Sandbox::builder().fault(fault).start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let started = std::time::Instant::now();
    let error = loop {
        assert!(started.elapsed().as_secs() < 60, "the port never closed");
        // The port closes a moment after the response was read.
        match client
            .request(Method::POST, ACCOUNT)
            .json(&client.account())
            .send()
            .await
        {
            Err(error) if error.is_connect() => break error,
            _ => tokio::task::yield_now().await,
        }
    };
    let refused = std::iter::successors(std::error::Error::source(&error), |error| error.source())
        .filter_map(|error| error.downcast_ref::<std::io::Error>())
        .any(|error| error.kind() == std::io::ErrorKind::ConnectionRefused);
    assert!(refused, "{error:?}");
    let started = std::time::Instant::now();
    while TcpStream::connect(sandbox.address()).await.is_err() {
        assert!(started.elapsed().as_secs() < 60, "the port never opened again");
        tokio::task::yield_now().await;
    }
    assert_eq!(client.post(ACCOUNT, &client.account()).await.0, 200);
    assert_sound(&sandbox);
}

#[tokio::test]
async fn a_failed_login_whose_response_is_lost_counts_or_does_not() {
    for (switch, locked) in [(LostStrikes::Counted, true), (LostStrikes::NotCounted, false)] {
        let sandbox = Sandbox::builder()
            .switches(Switches::new().lost_strikes(switch))
            .fault(FaultRule::on(Operation::IssueToken, Fault::Reset(When::After)))
            .start()
            .await
            .unwrap();
        let client = Client::new(&sandbox);
        for _ in 0..3 {
            assert!(client.login_request(&client.to.username, "wrong").send().await.is_err());
        }
        assert_eq!(sandbox.is_locked(&client.to.username), locked, "{switch}");
    }
}

#[tokio::test]
async fn rules_are_added_and_taken_away_while_it_runs() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    sandbox.add_fault(FaultRule::everywhere(Fault::ServerError(When::Before)).times(2));
    assert_eq!(client.give("9000001234", 1.0, "A").await.0, 500);
    assert_eq!(client.post(ACCOUNT, &client.account()).await.0, 500);
    assert_eq!(client.post(ACCOUNT, &client.account()).await.0, 200);
    sandbox.add_fault(FaultRule::everywhere(Fault::ServerError(When::Before)));
    sandbox.clear_faults();
    assert_eq!(client.post(ACCOUNT, &client.account()).await.0, 200);
    assert_sound(&sandbox);
}
