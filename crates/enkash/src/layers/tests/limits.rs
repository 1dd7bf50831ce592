//! The client's own limits.

use std::time::Duration;

use tokio::time::Instant;

use crate::{
    client::Enkash,
    layers::limits::Limits,
    outcome::Outcome,
    tests::support::{ACCOUNT, BUSY, ScriptStep, ScriptedSender, allocation, builder, rewards},
    transport::options::CallOptions,
};

const SECOND: Duration = Duration::from_secs(1);

fn reads(enkash: &Enkash, count: usize) -> Vec<tokio::task::JoinHandle<Duration>> {
    let started = Instant::now();
    (0..count)
        .map(|_| {
            let enkash = enkash.clone();
            tokio::spawn(async move {
                let _ = rewards(&enkash).account().await;
                started.elapsed()
            })
        })
        .collect()
}

async fn all(calls: Vec<tokio::task::JoinHandle<Duration>>) -> Vec<Duration> {
    let mut ends = Vec::new();
    for call in calls {
        ends.push(call.await.unwrap());
    }
    ends
}

#[tokio::test(start_paused = true)]
async fn no_more_calls_are_under_way_than_allowed() {
    let script = ScriptedSender::always(ACCOUNT.after(SECOND));
    let enkash = builder()
        .limits(Limits::none().concurrency(3))
        .build_with_sender(script.clone())
        .unwrap();
    let ends = all(reads(&enkash, 12)).await;
    assert_eq!(script.max_in_flight(), 3);
    assert_eq!(ends.iter().max(), Some(&(4 * SECOND)));
}

#[tokio::test(start_paused = true)]
async fn requests_are_spaced_after_a_burst() {
    let script = ScriptedSender::always(ACCOUNT);
    let enkash = builder()
        .limits(Limits::none().rate(5, SECOND))
        .build_with_sender(script.clone())
        .unwrap();
    let ends = all(reads(&enkash, 10)).await;
    assert!(ends.is_sorted(), "who comes first goes first: {ends:?}");
    assert!(ends[4] < Duration::from_millis(10), "{ends:?}");
    for (nth, end) in ends[5..].iter().enumerate() {
        let due = Duration::from_millis(200 * (nth as u64 + 1));
        assert!(*end >= due && *end < due + Duration::from_millis(50), "{ends:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn repetitions_count_as_requests() {
    let script = ScriptedSender::always(BUSY);
    let enkash = builder()
        .limits(Limits::none().rate(1, 10 * SECOND))
        .build_with_sender(script.clone())
        .unwrap();
    let started = Instant::now();
    rewards(&enkash).account().await.unwrap_err();
    assert_eq!(script.sent(), 3);
    assert!(started.elapsed() >= 20 * SECOND, "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn without_limits_nothing_waits() {
    let script = ScriptedSender::always(ACCOUNT.after(SECOND));
    let enkash = builder().build_with_sender(script.clone()).unwrap();
    let ends = all(reads(&enkash, 200)).await;
    assert!(ends.iter().all(|end| *end == SECOND));
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_time_ends_in_the_queue_was_not_sent() {
    for limits in [Limits::none().concurrency(1), Limits::none().rate(1, 3600 * SECOND)] {
        let script = ScriptedSender::always(ScriptStep::Hang);
        let enkash = builder().limits(limits).build_with_sender(script.clone()).unwrap();
        let first = tokio::spawn({
            let enkash = enkash.clone();
            async move { rewards(&enkash).account().await.map(drop) }
        });
        while script.sent() == 0 {
            tokio::task::yield_now().await;
        }
        let quick = enkash
            .with_options(CallOptions::new().operation_timeout(10 * SECOND))
            .unwrap();
        let started = Instant::now();
        let Outcome::NotSent(error) = rewards(&quick).allocate(allocation()).await else {
            panic!("nothing was sent");
        };
        assert_eq!(started.elapsed(), 10 * SECOND);
        assert!(error.is_timeout() && !error.was_sent() && error.attempts().is_empty());
        assert!(
            error.to_string().contains("waited for the client's own limits"),
            "{error}"
        );
        let error = rewards(&quick).account().await.unwrap_err();
        assert!(error.is_timeout() && !error.was_sent());
        assert_eq!(script.sent(), 1);
        first.abort();
    }
}

#[test]
fn limits_that_let_nothing_through_are_refused() {
    for limits in [
        Limits::none().concurrency(0),
        Limits::none().rate(0, SECOND),
        Limits::none().rate(1, Duration::ZERO),
        Limits::none().rate(1, Duration::MAX),
    ] {
        let error = builder().limits(limits).build().unwrap_err();
        assert!(error.is_invalid_input(), "{limits:?}");
    }
}
