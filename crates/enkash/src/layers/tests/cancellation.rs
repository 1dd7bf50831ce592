//! A caller who gives up: what was taken is given back, and nothing is repeated behind their back.

use std::{future::Future, time::Duration};

use crate::{
    client::Enkash,
    error::Error,
    layers::{limits::Limits, retry::RetryPolicy},
    response::Response,
    rewards::account::AccountDetails,
    tests::support::{ACCOUNT, BUSY, ScriptStep, ScriptedSender, allocation, builder, rewards},
};

const SECOND: Duration = Duration::from_secs(1);

/// Lets a call run until it waits for something, and drops it.
async fn start_and_drop(call: impl Future) {
    let mut call = Box::pin(call);
    for _ in 0..50 {
        assert!(poll_once(call.as_mut()).await, "the call ended");
    }
}

/// Polls once, and lets other tasks run. Whether it is still pending.
async fn poll_once<F: Future>(mut future: std::pin::Pin<&mut F>) -> bool {
    tokio::task::yield_now().await;
    std::future::poll_fn(|context| std::task::Poll::Ready(future.as_mut().poll(context).is_pending())).await
}

async fn read(enkash: &Enkash) -> Result<Response<AccountDetails>, Error> {
    rewards(enkash).account().await
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_gives_its_permit_back_wherever_it_waits() {
    // In the middle of an attempt, in the queue behind one, and during back-off.
    let script = ScriptedSender::always(ScriptStep::Hang);
    let enkash = builder()
        .limits(Limits::none().concurrency(1))
        .build_with_sender(script.clone())
        .unwrap();
    start_and_drop(read(&enkash)).await;
    {
        let mut first = Box::pin(read(&enkash));
        poll_once(first.as_mut()).await;
        start_and_drop(read(&enkash)).await;
    }
    script.then([BUSY]);
    start_and_drop(read(&enkash)).await;
    script.then([ACCOUNT]);
    read(&enkash).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_call_dropped_while_it_waits_to_be_repeated_is_not_repeated_and_takes_nothing_from_the_budget() {
    let script = ScriptedSender::always(BUSY);
    let retries = RetryPolicy::default().budget(1).backoff(SECOND, SECOND);
    let enkash = builder().retries(retries).build_with_sender(script.clone()).unwrap();
    for _ in 0..10 {
        start_and_drop(read(&enkash)).await;
    }
    tokio::time::sleep(3 * SECOND).await;
    assert_eq!(script.sent(), 10, "nothing goes on behind the caller's back");
    let error = read(&enkash).await.unwrap_err();
    assert_eq!(error.attempts().len(), 2, "the budget's one repetition is still there");
}

#[tokio::test(start_paused = true)]
async fn a_repetition_that_was_sent_is_paid_for_even_if_its_call_is_dropped() {
    let script = ScriptedSender::new([BUSY, ScriptStep::Hang, BUSY]);
    let retries = RetryPolicy::default().budget(1).backoff(Duration::ZERO, Duration::ZERO);
    let enkash = builder().retries(retries).build_with_sender(script.clone()).unwrap();
    start_and_drop(read(&enkash)).await;
    assert_eq!(script.sent(), 2);
    let error = read(&enkash).await.unwrap_err();
    assert_eq!(error.attempts().len(), 1, "the budget is used up");
}

#[tokio::test(start_paused = true)]
async fn a_dropped_money_call_is_sent_once_and_never_again() {
    let script = ScriptedSender::always(ScriptStep::Hang);
    let enkash = builder().build_with_sender(script.clone()).unwrap();
    start_and_drop(rewards(&enkash).allocate(allocation())).await;
    tokio::time::sleep(600 * SECOND).await;
    assert_eq!(script.sent(), 1);
}
