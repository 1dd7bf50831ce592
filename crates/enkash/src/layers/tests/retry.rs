//! What is repeated, how often, and after which wait.

use std::time::Duration;

use enkash_api::{OPERATIONS, OperationId};
use enkash_policy::Repeat;
use tokio::time::Instant;

use crate::{
    layers::{limits::Limits, retry::RetryPolicy},
    outcome::{Outcome, UnknownReason},
    policy::Policies,
    tests::support::{ACCOUNT, BUSY, ScriptStep, ScriptedSender, allocation, builder, pipeline, rewards},
    transport::{
        history::{AttemptResult, SendProgress},
        options::CallOptions,
    },
};

const READ: OperationId = OperationId::GetRewardAccount;

/// Everything that passes by itself.
fn passing() -> Vec<ScriptStep> {
    vec![
        ScriptStep::Fail(AttemptResult::NotConnected),
        ScriptStep::Fail(AttemptResult::ConnectionLost),
        ScriptStep::Fail(AttemptResult::TimedOut),
        ScriptStep::Answer(429, ""),
        ScriptStep::Answer(502, "<html>"),
        ScriptStep::Answer(503, ""),
        ScriptStep::Answer(504, ""),
    ]
}

#[tokio::test(start_paused = true)]
async fn of_every_operation_only_those_are_repeated_whose_policy_says_safe() {
    let mut reads = 0;
    for operation in OPERATIONS {
        for step in passing() {
            let script = ScriptedSender::always(step.clone());
            let started = Instant::now();
            let (_, record) = pipeline(&script).send(operation.id).await;
            let is_safe = Policies::shipped().of(operation.id).repeat == Repeat::Safe;
            reads += usize::from(is_safe);
            let expected = if is_safe { 3 } else { 1 };
            assert_eq!(script.sent(), expected, "{}: {step:?}", operation.name);
            assert_eq!(record.history().attempts.len(), expected);
            // The retry layer does not even try: the send guard behind it is the second line.
            assert_eq!(started.elapsed().is_zero(), !is_safe, "{}: {step:?}", operation.name);
        }
    }
    assert!(reads > 0);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_repeated_on_a_path_that_the_user_gave() {
    for operation in OPERATIONS {
        for step in passing() {
            let script = ScriptedSender::always(step.clone());
            let (_, record) = pipeline(&script).send_on_given_path(operation.id).await;
            assert_eq!(script.sent(), 1, "{}: {step:?}", operation.name);
            assert_eq!(record.history().attempts.len(), 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_setting_lets_a_money_call_repeat() {
    for step in passing() {
        let script = ScriptedSender::always(step.clone());
        let enkash = builder()
            .retries(RetryPolicy::default().attempts(9))
            .build_with_sender(script.clone());
        let enkash = enkash.unwrap().with_options(CallOptions::new().attempts(9)).unwrap();
        let started = Instant::now();
        let outcome = rewards(&enkash).allocate(allocation()).await;
        assert_eq!((script.sent(), started.elapsed()), (1, Duration::ZERO), "{step:?}");
        match (&step, outcome) {
            (ScriptStep::Fail(AttemptResult::NotConnected), Outcome::NotSent(_)) => {}
            (ScriptStep::Fail(_), Outcome::Unknown(unknown)) => {
                assert!(matches!(unknown.reason, UnknownReason::NoAnswer(_)))
            }
            (ScriptStep::Answer(status, _), Outcome::Unknown(unknown)) => {
                let UnknownReason::UnclearAnswer(error) = unknown.reason else {
                    panic!("{:?}", unknown.reason);
                };
                assert_eq!(error.status().map(|status| status.as_u16()), Some(*status));
            }
            (step, outcome) => panic!("{step:?}: {outcome:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_does_not_pass_by_itself_is_not_repeated() {
    let mut steps: Vec<_> = [200, 302, 400, 403, 404, 408, 409, 422, 500, 501]
        .map(|status| ScriptStep::Answer(status, "{}"))
        .into();
    steps.push(ScriptStep::Fail(AttemptResult::TooLarge));
    for step in steps {
        let script = ScriptedSender::always(step.clone());
        let _ = pipeline(&script).send(READ).await;
        assert_eq!(script.sent(), 1, "{step:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_that_fails_twice_succeeds_and_says_how_it_went() {
    let script = ScriptedSender::new([
        BUSY,
        ScriptStep::Fail(AttemptResult::ConnectionLost).after(Duration::from_secs(2)),
        ACCOUNT,
    ]);
    let enkash = builder().build_with_sender(script.clone()).unwrap();
    let answer = rewards(&enkash).account().await.unwrap();
    let results: Vec<_> = answer
        .attempts()
        .iter()
        .map(|attempt| attempt.result.to_string())
        .collect();
    assert_eq!(results, ["HTTP 503", "the connection broke", "HTTP 200"]);
    assert_eq!(answer.attempts()[1].elapsed, Duration::from_secs(2));
    assert!(
        answer
            .attempts()
            .iter()
            .all(|attempt| attempt.token_generation == Some(1))
    );
    let numbers: Vec<_> = answer.attempts().iter().map(|attempt| attempt.number).collect();
    assert_eq!(numbers, [1, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn the_waits_double_and_the_history_shows_them() {
    let (_, record) = pipeline(&ScriptedSender::always(BUSY)).send(READ).await;
    let waits: Vec<_> = record.history().attempts.iter().map(|attempt| attempt.waited).collect();
    assert_eq!(waits, [0, 100, 200].map(Duration::from_millis));
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_waited_for_up_to_a_cap() {
    // A date is read by the clock of the machine, which goes on: what passes of it on the way is waited less.
    let wall = std::time::Instant::now();
    let later = httpdate::fmt_http_date(std::time::SystemTime::now() + Duration::from_secs(10));
    for (value, least) in [("7".to_owned(), 7), (later, 8)] {
        let script = ScriptedSender::new([ScriptStep::WithHeader(429, "retry-after", value), ACCOUNT]);
        let started = Instant::now();
        let (answer, _) = pipeline(&script).send(READ).await;
        assert_eq!(answer.unwrap(), 200);
        let waited = started.elapsed();
        assert!(
            waited + wall.elapsed() >= Duration::from_secs(least) && waited < Duration::from_secs(11),
            "{waited:?}"
        );
    }

    let script = ScriptedSender::always(ScriptStep::WithHeader(429, "retry-after", "21".to_owned()));
    let enkash = builder().build_with_sender(script.clone()).unwrap();
    let started = Instant::now();
    let error = rewards(&enkash).account().await.unwrap_err();
    assert_eq!((script.sent(), started.elapsed()), (1, Duration::ZERO));
    assert!(error.is_rate_limited() && error.was_sent());
    assert_eq!(error.retry_after(), Some(Duration::from_secs(21)));
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_does_not_fit_into_the_calls_time_is_not_begun() {
    let script = ScriptedSender::always(ScriptStep::WithHeader(503, "retry-after", "15".to_owned()));
    let enkash = builder()
        .operation_timeout(Duration::from_secs(40))
        .build_with_sender(script.clone());
    let started = Instant::now();
    let error = rewards(&enkash.unwrap()).account().await.unwrap_err();
    // Two waits of 15 s fit into 40 s with two attempts; a call that began a third would end as a timeout.
    assert_eq!(error.status().map(|status| status.as_u16()), Some(503));
    assert!(!error.is_timeout());
    assert_eq!(script.sent(), 3);
    assert!(started.elapsed() < Duration::from_secs(31));

    script.then([ScriptStep::WithHeader(503, "retry-after", "15".to_owned())]);
    let enkash = builder()
        .connect_timeout(Duration::from_secs(1))
        .attempt_timeout(Duration::from_secs(10))
        .operation_timeout(Duration::from_secs(12))
        .build_with_sender(script.clone());
    let started = Instant::now();
    let error = rewards(&enkash.unwrap()).account().await.unwrap_err();
    assert_eq!(error.status().map(|status| status.as_u16()), Some(503));
    assert_eq!((script.sent(), started.elapsed()), (4, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn all_calls_share_one_budget() {
    let script = ScriptedSender::always(BUSY);
    let enkash = builder()
        .retries(RetryPolicy::default().budget(5))
        .build_with_sender(script.clone());
    let enkash = enkash.unwrap();
    let calls: Vec<_> = (0..100)
        .map(|_| {
            let enkash = enkash.clone();
            tokio::spawn(async move { rewards(&enkash).account().await.unwrap_err() })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().status().unwrap().as_u16(), 503);
    }
    assert_eq!(script.sent(), 105);
}

#[tokio::test(start_paused = true)]
async fn retries_can_be_off_for_a_client_and_for_a_call() {
    let script = ScriptedSender::always(BUSY);
    let off = builder()
        .retries(RetryPolicy::off())
        .build_with_sender(script.clone())
        .unwrap();
    rewards(&off).account().await.unwrap_err();
    assert_eq!(script.sent(), 1);

    let on = builder().build_with_sender(script.clone()).unwrap();
    let once = on.with_options(CallOptions::new().attempts(1)).unwrap();
    rewards(&once).account().await.unwrap_err();
    assert_eq!(script.sent(), 2);
    rewards(&on).account().await.unwrap_err();
    assert_eq!(script.sent(), 5, "the client itself is unchanged");
}

#[tokio::test(start_paused = true)]
async fn attempts_that_never_connected_were_not_sent() {
    let script = ScriptedSender::always(ScriptStep::Fail(AttemptResult::NotConnected));
    let enkash = builder().build_with_sender(script.clone()).unwrap();
    let error = rewards(&enkash).account().await.unwrap_err();
    assert!(error.is_unreachable() && !error.was_sent());
    assert_eq!(error.attempts().len(), 3);
    let Outcome::NotSent(error) = rewards(&enkash).allocate(allocation()).await else {
        panic!("nothing was sent");
    };
    assert_eq!(error.attempts().len(), 1);

    // One that connected is enough to have been seen.
    script.then([
        ScriptStep::Fail(AttemptResult::NotConnected),
        ScriptStep::Fail(AttemptResult::ConnectionLost),
    ]);
    let (_, record) = pipeline(&script).send(READ).await;
    assert_eq!(record.sent(), SendProgress::HandedOver);
}

#[tokio::test(start_paused = true)]
async fn a_repetition_that_is_not_sent_says_why_and_not_what_came_before() {
    let script = ScriptedSender::always(BUSY);
    let limits = Limits::none().rate(1, Duration::from_secs(3600));
    let enkash = builder().limits(limits).build_with_sender(script.clone()).unwrap();
    let error = rewards(&enkash).account().await.unwrap_err();
    assert!(
        error.is_timeout() && error.was_sent() && error.status().is_none(),
        "{error}"
    );
    assert!(error.to_string().contains("the client's own limits"), "{error}");
    assert_eq!(error.attempts().len(), 1);
}
