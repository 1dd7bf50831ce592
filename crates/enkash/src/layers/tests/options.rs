//! The options of a call reach it through every handle, and a deadline through everything that is done under it.

use std::{future::Future, pin::Pin, time::Duration};

use enkash_api::OperationId;
use tokio::time::Instant;

use crate::{
    client::Enkash,
    error::Error,
    model::ticket::Ticket,
    outcome::{Outcome, UnknownReason, proof::NotSettledReason},
    raw,
    tests::support::{
        ACCOUNT, ALLOCATED, BUSY, ScriptStep, ScriptedSender, Tokens, allocation, builder, builder_without_token,
        rewards, token_source,
    },
    transport::{deadline::DeadlineExceeded, options::CallOptions},
};

const SECOND: Duration = Duration::from_secs(1);
const NOTHING: ScriptStep = ScriptStep::Answer(200, r#"{"code":0,"payload":{"recordsCount":0,"data":[]}}"#);

/// In so many seconds, or ago.
fn deadline(seconds: i64) -> CallOptions {
    let seconds = Duration::from_secs(seconds.unsigned_abs());
    CallOptions::new().deadline((Instant::now() + seconds).into_std())
}

type Read = Pin<Box<dyn Future<Output = Result<usize, Error>>>>;

/// A read of each handle, with options that the handle was given; how many attempts it took.
fn reads(enkash: &Enkash, options: CallOptions) -> Vec<(&'static str, Read)> {
    let enkash = enkash.clone();
    let other = enkash.redemption_with(token_source(Tokens::default())).unwrap();
    let rewards = enkash.rewards("CEK1PU9AOO", "CAQL8YCV3").with_options(options).unwrap();
    let incentives = enkash
        .incentives("CEK1PU9AOO", "CAQL8YCV3")
        .with_options(options)
        .unwrap();
    let redemption = other.with_options(options).unwrap();
    let partner = enkash.redemption_as_partner().with_options(options).unwrap();
    let points = enkash.points().with_options(options).unwrap();
    let sso = enkash.sso().with_options(options).unwrap();
    let transactions = rewards.clone();
    let client = enkash.with_options(options).unwrap();
    let low_level = raw::client(&client, OperationId::GetCoinBalance);
    let (from, to) = (jiff::Timestamp::UNIX_EPOCH, jiff::Timestamp::now());
    vec![
        (
            "client",
            Box::pin(async move { attempts(&client.points().balance(&"U1".into()).await) }),
        ),
        ("rewards", Box::pin(async move { attempts(&rewards.account().await) })),
        (
            "incentives",
            Box::pin(async move { attempts(&incentives.account().await) }),
        ),
        (
            "redemption",
            Box::pin(async move { attempts(&redemption.order_info("REF1").await) }),
        ),
        (
            "redemption as partner",
            Box::pin(async move { attempts(&partner.order_info("REF1").await) }),
        ),
        (
            "points",
            Box::pin(async move { attempts(&points.balance(&"U1".into()).await) }),
        ),
        (
            "sso",
            Box::pin(async move { attempts(&sso.token(&"C1".into(), &"A1".into(), &"E1".into()).await) }),
        ),
        (
            "all transactions",
            Box::pin(async move { transactions.all_transactions(from, to).next().await.map(|_| 0) }),
        ),
        (
            "raw",
            Box::pin(async move {
                let sent = low_level.get_coin_balance().user_id("U1").send().await;
                sent.map(|_| 0).map_err(|error| {
                    let reason = error
                        .find::<DeadlineExceeded>()
                        .map_or_else(|| error.to_string(), ToString::to_string);
                    Error::settings(reason)
                })
            }),
        ),
    ]
}

fn attempts<T>(result: &Result<crate::response::Response<T>, Error>) -> Result<usize, Error> {
    match result {
        Ok(response) => Ok(response.attempts().len()),
        Err(error) => Err(error.clone()),
    }
}

#[tokio::test(start_paused = true)]
async fn every_handle_has_options_of_its_own() {
    let script = ScriptedSender::always(BUSY);
    let enkash = builder().build_with_sender(script.clone()).unwrap();
    for (name, read) in reads(&enkash, CallOptions::new().attempts(1)) {
        let before = script.sent();
        read.await.unwrap_err();
        assert_eq!(script.sent() - before, 1, "{name}");
    }
    let before = script.sent();
    rewards(&enkash).account().await.unwrap_err();
    assert_eq!(
        script.sent() - before,
        3,
        "the handle that they were made from keeps its own"
    );
}

#[tokio::test(start_paused = true)]
async fn after_its_deadline_no_handle_sends_anything() {
    let script = ScriptedSender::always(ACCOUNT);
    let enkash = builder().build_with_sender(script.clone()).unwrap();
    let past = deadline(0);
    tokio::time::advance(SECOND).await;
    for (name, read) in reads(&enkash, past) {
        let error = read.await.unwrap_err().to_string();
        let source = error.contains("ended before it began");
        assert!(source, "{name}: {error}");
    }
    let late = rewards(&enkash).with_options(past).unwrap();
    let Outcome::NotSent(error) = late.allocate(allocation()).await else {
        panic!("it was sent");
    };
    assert!(error.is_timeout() && !error.was_sent(), "{error}");
    assert_eq!(script.sent(), 0);
}

#[tokio::test(start_paused = true)]
async fn several_calls_end_at_one_deadline_and_the_earlier_end_counts() {
    let script = ScriptedSender::always(ScriptStep::Hang);
    let enkash = builder().build_with_sender(script.clone()).unwrap();
    let started = Instant::now();
    let by_ten = enkash.with_options(deadline(10)).unwrap();
    let quick = by_ten
        .with_options(
            CallOptions::new()
                .attempt_timeout(6 * SECOND)
                .operation_timeout(6 * SECOND),
        )
        .unwrap();
    rewards(&quick).account().await.unwrap_err();
    assert_eq!(started.elapsed(), 6 * SECOND);
    // Neither a longer time nor a later deadline moves it.
    let longer = quick
        .with_options(CallOptions::new().operation_timeout(60 * SECOND))
        .unwrap();
    let longer = longer.with_options(deadline(60)).unwrap();
    let error = rewards(&longer).account().await.unwrap_err();
    assert_eq!(started.elapsed(), 10 * SECOND);
    assert!(error.is_timeout() && error.was_sent());
}

#[tokio::test(start_paused = true)]
async fn a_money_call_is_sent_once_and_not_at_all_where_its_deadline_is_too_near() {
    let script = ScriptedSender::always(ALLOCATED);
    let enkash = builder().build_with_sender(script.clone()).unwrap();
    let with = |options| rewards(&enkash).with_options(options).unwrap();
    // A connection may take 5 s.
    let near = with(deadline(4)).allocate(allocation()).await;
    assert_eq!((near.as_str(), script.sent()), ("not sent", 0));
    script.then([BUSY]);
    let outcome = with(deadline(20).attempts(5)).allocate(allocation()).await;
    assert_eq!((outcome.as_str(), script.sent()), ("unknown", 1));
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_token_ends_at_the_deadline() {
    let script = ScriptedSender::always(ALLOCATED);
    let enkash = builder_without_token().build_with_sender(script.clone()).unwrap();
    let started = Instant::now();
    let handle = rewards(&enkash).with_options(deadline(12)).unwrap();
    assert_eq!(handle.allocate(allocation()).await.as_str(), "not sent");
    assert_eq!((started.elapsed(), script.sent()), (12 * SECOND, 0));
}

fn ticket(enkash: &Enkash) -> Ticket {
    rewards(enkash).ticket(&allocation())
}

#[tokio::test(start_paused = true)]
async fn settlements_look_until_the_deadline_and_no_longer() {
    let script = ScriptedSender::always(NOTHING);
    let enkash = builder().build_with_sender(script.clone()).unwrap();
    let ticket = ticket(&enkash);
    let started = Instant::now();
    let outcome = enkash.with_options(deadline(9)).unwrap().settle(ticket.clone()).await;
    assert_eq!(outcome.as_str(), "unknown");
    let one = started.elapsed();
    assert!(one > 4 * SECOND && one <= 9 * SECOND, "{one:?}");

    let started = Instant::now();
    let by_nine = enkash.with_options(deadline(9)).unwrap();
    let outcomes = by_nine.settle_all([ticket.clone(), ticket.clone()]).await;
    assert!(outcomes.iter().all(Outcome::is_unknown) && outcomes.len() == 2);
    assert!(started.elapsed() <= 9 * SECOND, "{:?}", started.elapsed());

    // After it, nothing is looked up.
    let before = script.sent();
    tokio::time::advance(10 * SECOND).await;
    let Outcome::Unknown(unknown) = by_nine.settle(ticket).await else {
        panic!("it is known");
    };
    let UnknownReason::NotSettled(reason) = unknown.reason else {
        panic!("{:?}", unknown.reason);
    };
    assert!(matches!(
        reason.reason,
        NotSettledReason::OutOfTime | NotSettledReason::LookUpFailed(_)
    ));
    assert_eq!(script.sent(), before);
}

#[tokio::test(start_paused = true)]
async fn what_is_done_and_what_a_settlement_found_say_how_http_carried_it() {
    let found = r#"{"code":0,"payload":{"recordsCount":1,"data":[{"pgReferenceNumber":"REF1","principalAmount":1,
        "status":"CREATED","cardTransactionType":"CR","type":"ALLOCATE_POINT","enkashCardId":"EKC04AZHXP",
        "txnDate":"2025-01-01T00:00:05Z"}]}}"#;
    let cards =
        r#"{"code":0,"payload":{"recordsCount":1,"data":[{"enKashCardId":"EKC04AZHXP","mobile":"9000000004"}]}}"#;
    let script = ScriptedSender::new([BUSY, ScriptStep::Answer(200, found), ScriptStep::Answer(200, cards)]);
    let enkash = builder().build_with_sender(script.clone()).unwrap();
    let mut ticket = ticket(&enkash);
    ticket.intended_at = "2025-01-01T00:00:00Z".parse().unwrap();
    let Outcome::Done(settled) = enkash.settle(ticket).await else {
        panic!("not done");
    };
    let response = settled.proof.response();
    assert_eq!((response.status().as_u16(), response.attempts().len()), (200, 2));
    assert!(response.raw().is_null() && settled.proof.entry().is_object());
}
