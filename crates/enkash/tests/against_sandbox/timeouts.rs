//! The time of a whole call, over real connections. The faults wait for an hour, so a test that passes did
//! not wait for them.

use std::time::{Duration, Instant};

use enkash::{Outcome, UnknownReason, config::CallOptions};
use enkash_sandbox::{Fault, FaultRule, Operation, Sandbox, When};

use crate::fixture::{Fixture, allocation, builder};

const HOUR: Duration = Duration::from_secs(3600);

/// Whole calls end after 3 s, in which also a busy machine sends them; the attempt timeout alone would let them live for 20 s.
async fn fixture() -> Fixture {
    let sandbox = Sandbox::start().await.unwrap();
    let enkash = builder(&sandbox)
        .connect_timeout(Duration::from_secs(1))
        .build()
        .unwrap();
    Fixture { sandbox, enkash }
}

fn quick(fixture: &Fixture) -> enkash::rewards::Rewards {
    let options = CallOptions::new().operation_timeout(Duration::from_secs(3));
    let to = fixture.sandbox.credentials();
    fixture
        .enkash
        .with_options(options)
        .unwrap()
        .rewards(to.company_id.as_str(), to.card_account_id.as_str())
}

#[tokio::test]
async fn a_money_call_that_waits_for_a_log_in_too_long_is_not_sent() {
    let fixture = fixture().await;
    fixture
        .sandbox
        .add_fault(FaultRule::on(Operation::IssueToken, Fault::Delay(HOUR, When::After)));
    let started = Instant::now();
    let Outcome::NotSent(error) = quick(&fixture).allocate(allocation("1", "REF1")).await else {
        panic!("nothing was sent");
    };
    assert!(
        started.elapsed() < Duration::from_secs(15),
        "the call ends before the login does"
    );
    assert!(
        error.is_timeout() && !error.was_sent() && error.attempts().is_empty(),
        "{error}"
    );
    assert_eq!(fixture.sandbox.calls(Operation::CreateAllocatePoints), 0);
}

#[tokio::test]
async fn a_money_call_that_waits_for_an_answer_too_long_is_unknown() {
    let fixture = fixture().await;
    fixture.enkash.token().await.unwrap();
    fixture.fault(Fault::Delay(HOUR, When::After));
    let Outcome::Unknown(unknown) = quick(&fixture).allocate(allocation("1", "REF1")).await else {
        panic!("it was sent");
    };
    let UnknownReason::NoAnswer(error) = &unknown.reason else {
        panic!("{:?}", unknown.reason);
    };
    assert!(error.is_timeout() && error.was_sent(), "{error}");
    assert_eq!(fixture.sandbox.credits("REF1"), 1);
}

#[tokio::test]
async fn a_read_that_is_repeated_ends_with_the_time_of_the_whole_call() {
    let fixture = fixture().await;
    fixture.enkash.token().await.unwrap();
    let read = Operation::GetRewardAccount;
    fixture
        .sandbox
        .add_fault(FaultRule::on(read, Fault::Reset(When::Before)).times(1));
    fixture
        .sandbox
        .add_fault(FaultRule::on(read, Fault::Delay(HOUR, When::After)));
    let started = Instant::now();
    let error = quick(&fixture).account().await.unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(15));
    assert!(error.is_timeout() && error.was_sent(), "{error}");
}
