//! The times of a call: which combinations are refused, and what is known when one runs out.

use std::time::Duration;

use tokio::time::Instant;

use crate::{
    outcome::{Outcome, UnknownReason},
    tests::support::{
        ACCOUNT, ALLOCATED, BUSY, ScriptStep, ScriptedSender, allocation, builder, builder_without_token, rewards,
    },
    transport::{history::AttemptResult, options::CallOptions},
};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_money_call_cut_off_after_it_was_handed_over_is_unknown() {
    let script = ScriptedSender::always(ScriptStep::Hang);
    let enkash = builder()
        .attempt_timeout(60 * SECOND)
        .operation_timeout(60 * SECOND)
        .build_with_sender(script.clone())
        .unwrap();
    let started = Instant::now();
    let Outcome::Unknown(unknown) = rewards(&enkash).allocate(allocation()).await else {
        panic!("it was handed over");
    };
    assert_eq!(started.elapsed(), 60 * SECOND);
    let UnknownReason::NoAnswer(error) = &unknown.reason else {
        panic!("{:?}", unknown.reason);
    };
    assert!(error.is_timeout() && error.was_sent());
    assert_eq!(unknown.attempts().len(), 1);
    assert_eq!(unknown.attempts()[0].result, AttemptResult::Aborted);
    assert_eq!(unknown.attempts()[0].elapsed, 60 * SECOND);
    assert_eq!(error.attempts(), unknown.attempts());
}

#[tokio::test(start_paused = true)]
async fn an_attempt_ends_with_its_own_time_and_a_read_is_sent_again() {
    let script = ScriptedSender::new([ScriptStep::Hang, ACCOUNT]);
    let enkash = builder().build_with_sender(script.clone()).unwrap();
    let started = Instant::now();
    let answer = rewards(&enkash).account().await.unwrap();
    assert!(started.elapsed() >= 30 * SECOND && started.elapsed() < 31 * SECOND);
    assert_eq!(answer.attempts()[0].result, AttemptResult::TimedOut);
    assert_eq!(answer.attempts()[0].elapsed, 30 * SECOND);

    script.then([ScriptStep::Hang]);
    let Outcome::Unknown(unknown) = rewards(&enkash).allocate(allocation()).await else {
        panic!("it was handed over");
    };
    assert_eq!(unknown.attempts()[0].result, AttemptResult::TimedOut);
    let UnknownReason::NoAnswer(error) = &unknown.reason else {
        panic!("{:?}", unknown.reason);
    };
    assert!(error.is_timeout() && error.was_sent());
}

#[tokio::test(start_paused = true)]
async fn a_money_call_cut_off_before_it_was_handed_over_is_not_sent() {
    let script = ScriptedSender::always(ALLOCATED);
    let enkash = builder_without_token()
        .operation_timeout(30 * SECOND)
        .build_with_sender(script.clone())
        .unwrap();
    let started = Instant::now();
    let Outcome::NotSent(error) = rewards(&enkash).allocate(allocation()).await else {
        panic!("nothing was sent");
    };
    assert_eq!(started.elapsed(), 30 * SECOND);
    assert!(error.is_timeout() && !error.was_sent());
    assert!(
        error.to_string().contains("waited for a token; nothing was sent"),
        "{error}"
    );
    assert_eq!(script.sent(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_money_call_is_not_handed_over_when_it_could_only_end_in_doubt() {
    // The limit lets the second call go 28 s later; then 2 s are left, and a connection may take 5.
    let script = ScriptedSender::always(ALLOCATED);
    let limits = crate::layers::limits::Limits::none().rate(1, 28 * SECOND);
    let enkash = builder()
        .limits(limits)
        .operation_timeout(30 * SECOND)
        .build_with_sender(script.clone())
        .unwrap();
    assert_eq!(rewards(&enkash).allocate(allocation()).await.as_str(), "done");
    let Outcome::NotSent(error) = rewards(&enkash).allocate(allocation()).await else {
        panic!("it was sent");
    };
    assert!(
        error.is_timeout() && error.to_string().contains("was about to be sent"),
        "{error}"
    );
    assert_eq!(script.sent(), 1);
    // A read loses nothing by trying.
    let _ = rewards(&enkash).account().await;
    assert_eq!(script.sent(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_whole_operation_includes_repetitions_and_the_waits_between() {
    let script = ScriptedSender::always(BUSY.after(20 * SECOND));
    let enkash = builder()
        .operation_timeout(50 * SECOND)
        .build_with_sender(script.clone())
        .unwrap();
    let started = Instant::now();
    let error = rewards(&enkash).account().await.unwrap_err();
    assert_eq!(started.elapsed(), 50 * SECOND);
    assert!(error.is_timeout() && error.was_sent());
    let results: Vec<_> = error.attempts().iter().map(|attempt| attempt.result).collect();
    assert_eq!(results.len(), 3);
    assert_eq!(results[2], AttemptResult::Aborted);
}

#[tokio::test(start_paused = true)]
async fn a_call_may_have_times_of_its_own() {
    let script = ScriptedSender::always(ScriptStep::Hang);
    let enkash = builder().build_with_sender(script).unwrap();
    let quick = enkash
        .with_options(CallOptions::new().operation_timeout(7 * SECOND))
        .unwrap();
    let started = Instant::now();
    rewards(&quick).account().await.unwrap_err();
    assert_eq!(started.elapsed(), 7 * SECOND);
    // What a later clone does not set, it keeps.
    let quick = quick.with_options(CallOptions::new().attempts(1)).unwrap();
    let started = Instant::now();
    rewards(&quick).account().await.unwrap_err();
    assert_eq!(started.elapsed(), 7 * SECOND);
    let started = Instant::now();
    rewards(&enkash).account().await.unwrap_err();
    assert_eq!(
        started.elapsed(),
        90 * SECOND,
        "three times the attempt's timeout unless set"
    );
}

#[test]
fn times_that_do_not_fit_together_are_refused() {
    let refused = |builder: crate::client::builder::EnkashBuilder| builder.build().unwrap_err().to_string();
    let connect = refused(builder().connect_timeout(30 * SECOND));
    assert!(connect.contains("connect timeout must be shorter"), "{connect}");
    let operation = refused(builder().operation_timeout(29 * SECOND));
    assert!(
        operation.contains("must not be longer than the operation"),
        "{operation}"
    );

    let enkash = builder().build().unwrap();
    for options in [
        CallOptions::new().operation_timeout(5 * SECOND),
        CallOptions::new().attempt_timeout(5 * SECOND),
        CallOptions::new()
            .attempt_timeout(40 * SECOND)
            .operation_timeout(39 * SECOND),
        CallOptions::new().attempts(0),
    ] {
        assert!(
            enkash.with_options(options).unwrap_err().is_invalid_input(),
            "{options:?}"
        );
    }
    assert!(builder().operation_timeout(Duration::MAX).build().is_ok());
}
