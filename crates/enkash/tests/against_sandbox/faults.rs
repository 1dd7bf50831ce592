//! What becomes of a money call when something goes wrong. In each case the outcome must be true: never
//! "not sent" or "refused" for points that moved, never "done" for points that did not.

use std::time::Duration;

use enkash::Outcome;
use enkash_sandbox::{Fault, Operation, Sandbox, When, faults::RedirectTo};

use crate::fixture::{Fixture, allocation, builder};

#[tokio::test]
async fn after_any_fault_the_outcome_is_true_and_nothing_is_repeated() {
    let cases = [
        (Fault::Reset(When::Before), "unknown"),
        (Fault::Reset(When::After), "unknown"),
        (Fault::TornBody, "unknown"),
        (Fault::BadGateway(When::Before), "unknown"),
        (Fault::BadGateway(When::After), "unknown"),
        (Fault::Unauthorized(When::After), "unknown"),
        (Fault::Forbidden(When::Before), "unknown"),
        (Fault::Forbidden(When::After), "unknown"),
        (Fault::TooManyRequests(1), "unknown"),
        (Fault::ServerError(When::Before), "unknown"),
        (Fault::ServerError(When::After), "unknown"),
        (Fault::Redirect(302, RedirectTo::Itself, When::Before), "unknown"),
        (Fault::Redirect(307, RedirectTo::Itself, When::After), "unknown"),
        (Fault::Redirect(302, RedirectTo::DeadHost, When::After), "unknown"),
        (Fault::OtherReference, "unknown"),
        (Fault::WrongContentType, "done"),
        (Fault::DuplicateAnswer, "done"),
        (Fault::IdleClose, "done"),
    ];
    for (fault, expected) in cases {
        let fixture = Fixture::start().await;
        fixture.enkash.token().await.unwrap();
        fixture.fault(fault.clone());
        let outcome = fixture.rewards().allocate(allocation("1", "REF1")).await;
        assert_eq!(outcome.as_str(), expected, "{fault:?}: {outcome:?}");
        assert_eq!(fixture.sandbox.calls(Operation::CreateAllocatePoints), 1, "{fault:?}");
        let credits = fixture.sandbox.credits("REF1");
        match outcome {
            Outcome::Done(_) => assert_eq!(credits, 1, "{fault:?}"),
            Outcome::Refused(_) | Outcome::NotSent(_) => assert_eq!(credits, 0, "{fault:?}"),
            _ => {}
        }
    }
}

#[tokio::test]
async fn an_answer_that_never_comes_is_unknown() {
    for fault in [Fault::StalledBody, Fault::Delay(Duration::from_secs(3600), When::After)] {
        let sandbox = Sandbox::start().await.unwrap();
        let enkash = builder(&sandbox)
            .connect_timeout(Duration::from_secs(1))
            .attempt_timeout(Duration::from_secs(3))
            .build()
            .unwrap();
        let fixture = Fixture { sandbox, enkash };
        fixture.enkash.token().await.unwrap();
        fixture.fault(fault.clone());
        let Outcome::Unknown(unknown) = fixture.rewards().allocate(allocation("1", "REF1")).await else {
            panic!("{fault:?}");
        };
        let enkash::UnknownReason::NoAnswer(error) = unknown.reason else {
            panic!("{:?}", unknown.reason);
        };
        assert!(error.is_timeout() && error.was_sent(), "{fault:?}: {error:?}");
    }
}

#[tokio::test]
async fn a_host_that_refuses_connections_was_sent_nothing() {
    let fixture = Fixture::start().await;
    fixture.enkash.token().await.unwrap();
    fixture.sandbox.refuse_connections().await;
    let Outcome::NotSent(error) = fixture.rewards().allocate(allocation("1", "REF1")).await else {
        panic!("nothing was sent");
    };
    assert!(!error.was_sent());
    fixture.sandbox.accept_connections().await;
    assert_eq!(
        fixture.rewards().allocate(allocation("1", "REF1")).await.as_str(),
        "done"
    );
    assert_eq!(fixture.sandbox.credits("REF1"), 1);
}

#[tokio::test]
async fn a_ticket_survives_being_stored() {
    let fixture = Fixture::start().await;
    fixture.enkash.token().await.unwrap();
    fixture.fault(Fault::ServerError(When::After));
    let Outcome::Unknown(unknown) = fixture.rewards().allocate(allocation("2.50", "REF1")).await else {
        panic!("a 500 proves nothing");
    };
    let stored = serde_json::to_string(&unknown.ticket).unwrap();
    let restored: enkash::Ticket = serde_json::from_str(&stored).unwrap();
    assert_eq!(restored, unknown.ticket);
    assert_eq!(restored.operation(), enkash::OperationId::CreateAllocatePoints);
    assert!(!format!("{restored:?}").contains("9000000004"));
}
