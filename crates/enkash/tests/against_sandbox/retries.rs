//! Reads are repeated over real connections, and what moves value is not. Waits are set to nothing: how long
//! they are is proved in virtual time.

use std::time::Duration;

use enkash::{
    AttemptResult, Enkash,
    config::{CallOptions, RetryPolicy},
};
use enkash_sandbox::{Fault, FaultRule, Operation, Sandbox, When};

use crate::fixture::{Fixture, allocation, builder};

const READ: Operation = Operation::GetRewardAccount;

async fn fixture() -> Fixture {
    let sandbox = Sandbox::start().await.unwrap();
    let at_once = RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO);
    let enkash = builder(&sandbox).retries(at_once).build().unwrap();
    enkash.token().await.unwrap();
    Fixture { sandbox, enkash }
}

#[tokio::test]
async fn a_read_outlives_two_failures_that_pass_by_themselves() {
    for fault in [
        Fault::Reset(When::Before),
        Fault::Reset(When::After),
        Fault::TornBody,
        Fault::BadGateway(When::Before),
        Fault::TooManyRequests(0),
    ] {
        let fixture = fixture().await;
        fixture.sandbox.add_fault(FaultRule::on(READ, fault.clone()).times(2));
        let account = fixture.rewards().account().await.unwrap();
        assert_eq!(account.attempts().len(), 3, "{fault:?}");
        assert_eq!(fixture.sandbox.calls(READ), 3, "{fault:?}");
    }
}

#[tokio::test]
async fn an_answer_that_stalls_is_given_up_and_asked_for_again() {
    let sandbox = Sandbox::start().await.unwrap();
    let enkash = builder(&sandbox)
        .connect_timeout(Duration::from_secs(1))
        .attempt_timeout(Duration::from_secs(3))
        .operation_timeout(Duration::from_secs(20))
        .retries(RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO))
        .build()
        .unwrap();
    let fixture = Fixture { sandbox, enkash };
    fixture.enkash.token().await.unwrap();
    fixture
        .sandbox
        .add_fault(FaultRule::on(READ, Fault::StalledBody).times(1));
    let account = fixture.rewards().account().await.unwrap();
    assert_eq!(account.attempts()[0].result, AttemptResult::TimedOut);
    assert_eq!(account.attempts().len(), 2);
}

#[tokio::test]
async fn a_read_that_goes_on_failing_ends_with_its_last_answer() {
    let fixture = fixture().await;
    fixture
        .sandbox
        .add_fault(FaultRule::on(READ, Fault::TooManyRequests(0)));
    let error = fixture.rewards().account().await.unwrap_err();
    assert!(error.is_rate_limited() && error.was_sent(), "{error}");
    assert_eq!(error.retry_after(), Some(Duration::ZERO));
    assert_eq!(error.attempts().len(), 3);
    assert_eq!(fixture.sandbox.calls(READ), 3);
}

#[tokio::test]
async fn a_portal_that_asks_for_an_hour_is_not_asked_again() {
    let fixture = fixture().await;
    fixture
        .sandbox
        .add_fault(FaultRule::on(READ, Fault::TooManyRequests(3600)));
    let error = fixture.rewards().account().await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
    assert_eq!(fixture.sandbox.calls(READ), 1);
}

#[tokio::test]
async fn a_read_whose_replay_gets_no_token_says_why() {
    let fixture = fixture().await;
    fixture.sandbox.revoke_tokens();
    let forbidden = Fault::Forbidden(When::Before);
    fixture
        .sandbox
        .add_fault(FaultRule::on(Operation::IssueToken, forbidden));
    let error = fixture.rewards().account().await.unwrap_err();
    let url = fixture.sandbox.url().trim_end_matches('/');
    let why = format!("no token: the login at {url} failed with HTTP 403");
    assert!(error.to_string().contains(&why), "{error}");
    assert!(error.was_sent(), "the first attempt was");
    assert_eq!(error.attempts()[0].result.to_string(), "HTTP 401");
    assert_eq!(fixture.sandbox.calls(READ), 1);
}

#[tokio::test]
async fn a_call_can_do_without() {
    let fixture = fixture().await;
    fixture
        .sandbox
        .add_fault(FaultRule::on(READ, Fault::BadGateway(When::Before)).times(1));
    let once: Enkash = fixture.enkash.with_options(CallOptions::new().attempts(1)).unwrap();
    let to = fixture.sandbox.credentials();
    let rewards = once.rewards(to.company_id.as_str(), to.card_account_id.as_str());
    assert_eq!(rewards.account().await.unwrap_err().status().unwrap().as_u16(), 502);
    assert_eq!(fixture.sandbox.calls(READ), 1);
}

#[tokio::test]
async fn a_money_call_and_a_call_that_changes_state_are_sent_once() {
    for (fault, word) in [
        (Fault::TooManyRequests(0), "unknown"),
        (Fault::BadGateway(When::Before), "unknown"),
        (Fault::Reset(When::Before), "unknown"),
    ] {
        let fixture = fixture().await;
        assert_eq!(
            fixture.rewards().allocate(allocation("1", "REF1")).await.as_str(),
            "done"
        );
        fixture.sandbox.add_fault(FaultRule::everywhere(fault.clone()));
        let outcome = fixture.rewards().allocate(allocation("1", "REF2")).await;
        assert_eq!(outcome.as_str(), word, "{fault:?}");
        assert_eq!(fixture.sandbox.calls(Operation::CreateAllocatePoints), 2, "{fault:?}");

        let rewards = fixture.rewards();
        let card = enkash::ids::EnKashCardId::from("EKCDM5AVZY");
        let sso = fixture.enkash.sso();
        let error = sso
            .token(rewards.company(), rewards.account_id(), &card)
            .await
            .unwrap_err();
        assert_eq!(error.attempts().len(), 1, "{fault:?}");
        assert_eq!(fixture.sandbox.calls(Operation::CreateSsoToken), 1, "{fault:?}");
    }
}
