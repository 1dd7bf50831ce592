//! Nothing below the send guard sends a request twice: not a redirect, not a retry inside of the HTTP client,
//! not a connection that the server closed behind our back; and no setting of the user's turns that on.

use enkash::{
    AttemptResult, Enkash, EnkashBuilder, OperationId, Outcome, UnknownReason,
    reqwest::{ClientBuilder, redirect, retry},
};
use enkash_sandbox::{Fault, FaultRule, Operation, Sandbox, When, faults::RedirectTo};

use crate::fixture::{Fixture, allocation, builder};

const MONEY: Operation = Operation::CreateAllocatePoints;

async fn fixture(settings: impl FnOnce(EnkashBuilder) -> EnkashBuilder) -> Fixture {
    let sandbox = Sandbox::start().await.unwrap();
    let enkash = settings(builder(&sandbox)).build().unwrap();
    enkash.token().await.unwrap();
    Fixture { sandbox, enkash }
}

/// A user who turns on everything that could send a request twice.
pub(crate) fn careless(http: ClientBuilder) -> ClientBuilder {
    let again = retry::for_host("127.0.0.1")
        .max_retries_per_request(5)
        .classify_fn(|answer| match answer.status() {
            Some(status) if status.is_success() => answer.success(),
            _ => answer.retryable(),
        });
    http.redirect(redirect::Policy::limited(10))
        .retry(again)
        .connection_verbose(true)
        .pool_idle_timeout(None)
}

#[tokio::test]
async fn nothing_that_a_user_turns_on_in_the_http_client_sends_a_money_call_twice() {
    for fault in [
        Fault::Redirect(302, RedirectTo::Itself, When::Before),
        Fault::Redirect(307, RedirectTo::Itself, When::After),
        Fault::Redirect(302, RedirectTo::DeadHost, When::Before),
        Fault::Redirect(308, RedirectTo::DeadHost, When::After),
        Fault::BadGateway(When::After),
        Fault::ServerError(When::After),
        Fault::TooManyRequests(0),
        Fault::Reset(When::Before),
        Fault::Reset(When::After),
    ] {
        let fixture = fixture(|builder| builder.configure_http(careless)).await;
        fixture.fault(fault.clone());
        let Outcome::Unknown(unknown) = fixture.rewards().allocate(allocation("1", "REF1")).await else {
            panic!("{fault:?} proves nothing");
        };
        assert_eq!(fixture.sandbox.calls(MONEY), 1, "{fault:?}");
        assert_eq!(unknown.attempts().len(), 1, "{fault:?}");
        let (UnknownReason::NoAnswer(error) | UnknownReason::UnclearAnswer(error)) = &unknown.reason else {
            panic!("{:?}", unknown.reason);
        };
        assert!(error.was_sent(), "{fault:?}: {error:?}");
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    for status in [302, 307, 308] {
        for to in [RedirectTo::Itself, RedirectTo::DeadHost] {
            let fixture = fixture(|builder| builder).await;
            fixture.fault(Fault::Redirect(status, to, When::Before));
            let Outcome::Unknown(unknown) = fixture.rewards().allocate(allocation("1", "REF1")).await else {
                panic!("a redirect proves nothing");
            };
            let AttemptResult::Answered(answered) = unknown.attempts()[0].result else {
                panic!("{:?}", unknown.attempts());
            };
            assert_eq!(answered.as_u16(), status);
        }
    }
}

/// What programs build their own HTTP client with, for the low level or for the token middleware.
#[tokio::test]
async fn an_http_client_of_our_builder_follows_no_redirect() {
    for status in [302, 307, 308] {
        let fixture = fixture(|builder| builder).await;
        fixture.fault(Fault::Redirect(status, RedirectTo::Itself, When::Before));
        let http = enkash::http_client_builder().no_proxy().build().unwrap();
        let url = format!(
            "{}{}",
            fixture.sandbox.url(),
            OperationId::CreateAllocatePoints.operation().path
        );
        let answer = http.post(url).body("{}").send().await.unwrap();
        assert_eq!((answer.status().as_u16(), fixture.sandbox.calls(MONEY)), (status, 1));
    }
}

/// The worst redirect: the money moved, and whoever follows it to the dead host fails to connect, which looks like a call
/// that was never sent.
#[tokio::test]
async fn a_call_that_was_executed_and_then_redirected_to_a_dead_host_is_unknown_and_never_not_sent() {
    for status in [302, 307, 308] {
        let fixture = fixture(|builder| builder.configure_http(careless)).await;
        fixture.fault(Fault::Redirect(status, RedirectTo::DeadHost, When::After));
        let outcome = fixture.rewards().allocate(allocation("1", "REF1")).await;
        assert_eq!(fixture.sandbox.credits("REF1"), 1, "{status}");
        let Outcome::Unknown(unknown) = outcome else {
            panic!("{status}: the money moved, and nobody can know: {outcome:?}");
        };
        assert_eq!(fixture.sandbox.calls(MONEY), 1, "{status}");
        let [attempt] = unknown.attempts() else {
            panic!("{status}: {:?}", unknown.attempts());
        };
        assert_eq!(attempt.result.to_string(), format!("HTTP {status}"));
        let UnknownReason::UnclearAnswer(error) = &unknown.reason else {
            panic!("{status}: {:?}", unknown.reason);
        };
        assert!(error.was_sent() && !error.is_unreachable(), "{status}: {error:?}");
    }
}

/// Money calls in a row on connections that the server closes after each response. Where the client has not noticed yet,
/// it writes to a closed connection: that must end in doubt or in a new connection, and never in a second sending.
#[tokio::test]
async fn a_connection_closed_behind_our_back_sends_nothing_twice() {
    let fixture = fixture(|builder| builder.configure_http(|http| http.pool_idle_timeout(None))).await;
    fixture.sandbox.add_fault(FaultRule::everywhere(Fault::IdleClose));
    for round in 0..40 {
        let reference = format!("REF{round}");
        let calls = fixture.sandbox.calls(MONEY);
        let outcome = fixture.rewards().allocate(allocation("1", &reference)).await;
        assert!(fixture.sandbox.calls(MONEY) <= calls + 1, "{outcome:?}");
        match (outcome.as_str(), fixture.sandbox.credits(&reference)) {
            ("done", 1) | ("unknown", 0 | 1) => {}
            (word, credits) => panic!("{word} with {credits} credits: {outcome:?}"),
        }
    }
    assert!(fixture.sandbox.audit().is_empty());
}

#[tokio::test]
async fn a_reset_on_a_connection_that_was_used_before_is_not_repeated_on_another() {
    for when in [When::Before, When::After] {
        let fixture = fixture(|builder| builder).await;
        assert_eq!(
            fixture.rewards().allocate(allocation("1", "REF1")).await.as_str(),
            "done"
        );
        fixture.fault(Fault::Reset(when));
        let Outcome::Unknown(unknown) = fixture.rewards().allocate(allocation("1", "REF2")).await else {
            panic!("{when:?} proves nothing");
        };
        assert_eq!(unknown.attempts()[0].result, AttemptResult::ConnectionLost);
        assert_eq!(fixture.sandbox.calls(MONEY), 2);
        assert_eq!(fixture.sandbox.credits("REF2"), usize::from(when == When::After));
    }
}

#[tokio::test]
async fn an_answer_that_nobody_asked_for_is_not_taken_for_the_next_one() {
    let fixture = fixture(|builder| builder).await;
    fixture
        .sandbox
        .add_fault(FaultRule::on(MONEY, Fault::DuplicateAnswer).times(1));
    assert_eq!(
        fixture.rewards().allocate(allocation("1", "REF1")).await.as_str(),
        "done"
    );
    match fixture.rewards().allocate(allocation("1", "REF2")).await {
        Outcome::Done(done) => assert_eq!(done.value().reference.as_str(), "REF2"),
        Outcome::Unknown(_) => {}
        other => panic!("{other:?}"),
    }
    assert!(fixture.sandbox.credits("REF2") <= 1);
}

/// A clone that a user made before is the same client.
#[tokio::test]
async fn a_dead_host_was_sent_nothing_and_says_so_in_its_attempt() {
    let fixture = fixture(|builder| builder).await;
    let enkash: Enkash = fixture.enkash.clone();
    fixture.sandbox.refuse_connections().await;
    let to = fixture.sandbox.credentials();
    let rewards = enkash.rewards(to.company_id.as_str(), to.card_account_id.as_str());
    let Outcome::NotSent(error) = rewards.allocate(allocation("1", "REF1")).await else {
        panic!("nothing was sent");
    };
    assert!(error.is_unreachable() && !error.was_sent());
    let named = format!("the host http://{} could not be reached: ", fixture.sandbox.address());
    assert!(error.to_string().contains(&named), "{error}");
    assert_eq!(error.attempts()[0].result, AttemptResult::NotConnected);
}
