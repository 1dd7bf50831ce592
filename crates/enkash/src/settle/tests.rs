//! Settlement in time: when it looks again, when it stops, and what it may conclude from not finding anything. The
//! runtime's clock is paused and the portal is a script, so nothing waits.

use std::time::Duration;

use enkash_api::OperationId;
use tokio::time::Instant;

use super::*;
use crate::{
    CoinsIntent, Direction, PointsIntent,
    pipeline::{
        AttemptResult,
        script::{Script, Step, builder},
    },
    policy::{Policies, Settlement, SettlementEvidence},
};

const CARDS: Step = Step::Answer(
    200,
    r#"{"code":0,"payload":{"recordsCount":1,"data":[{"enKashCardId":"EKC04AZHXP","mobile":"9000000004"}]}}"#,
);
const NOTHING: Step = Step::Answer(200, r#"{"code":0,"payload":{"recordsCount":0,"data":[]}}"#);
const FOUND: Step = Step::Answer(
    200,
    r#"{"code":0,"payload":{"recordsCount":1,"data":[{"pgReferenceNumber":"REF1","principalAmount":1,
       "cardTransactionType":"CR","enkashCardId":"EKC04AZHXP","txnDate":"2099-01-01T00:00:00Z"}]}}"#,
);

fn ticket() -> Ticket {
    let intent = PointsIntent {
        company: "CEK1PU9AOO".into(),
        account: "CAQL8YCV3".into(),
        direction: Direction::Credit,
        amount: "1".parse().unwrap(),
        mobile: Some("9000000004".into()),
        card: None,
    };
    Ticket::new("REF1".parse().unwrap(), Intent::Points(intent))
}

fn settle(script: &Script, ticket: Ticket) -> Settle {
    builder().build_on(script.clone()).unwrap().settle(ticket)
}

fn why(outcome: Outcome<Settled>) -> NotSettled {
    let Outcome::Unknown(Unknown {
        reason: UnknownReason::NotSettled(not_settled),
        ..
    }) = outcome
    else {
        panic!("{outcome:?}");
    };
    not_settled
}

#[tokio::test(start_paused = true)]
async fn it_looks_again_until_it_finds() {
    let script = Script::of([CARDS, NOTHING, CARDS, NOTHING, CARDS, FOUND]);
    let start = Instant::now();
    let Outcome::Done(settled) = settle(&script, ticket()).await else {
        panic!("not done");
    };
    assert_eq!(settled.proof.looks, 3);
    assert_eq!(settled.proof.card, Some("EKC04AZHXP".into()));
    assert_eq!(
        settled.proof.to_string(),
        "found by searchTransactions at look 3: reference, amount, direction, card, time match (recipe: unverified)"
    );
    // Half a second and a whole one, each a quarter shorter or longer.
    let waited = start.elapsed();
    assert!(
        waited >= Duration::from_millis(1_125) && waited <= Duration::from_millis(1_876),
        "{waited:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn not_found_proves_nothing_however_long_it_looks() {
    let script = Script::of([CARDS, NOTHING, CARDS, NOTHING, CARDS, NOTHING, CARDS, NOTHING]);
    script.then(std::iter::repeat_n([CARDS, NOTHING], 50).flatten());
    let start = Instant::now();
    let not_settled = why(settle(&script, ticket()).within(Duration::from_secs(120)).await);
    assert!(matches!(not_settled.why, WhyNotSettled::NotFound));
    assert!(not_settled.looks > 8, "{not_settled}");
    assert!(start.elapsed() <= Duration::from_secs(120));
}

#[tokio::test(start_paused = true)]
async fn no_time_is_one_look() {
    let script = Script::of([CARDS, NOTHING]);
    let not_settled = why(settle(&script, ticket()).within(Duration::ZERO).await);
    assert_eq!((not_settled.looks, script.sent()), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn a_portal_that_hangs_does_not_hold_a_settlement_beyond_its_time() {
    let start = Instant::now();
    let hanging = Script::always(Step::Hang);
    let not_settled = why(settle(&hanging, ticket()).within(Duration::from_secs(5)).await);
    assert!(matches!(not_settled.why, WhyNotSettled::OutOfTime));
    assert_eq!(start.elapsed(), Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn a_person_without_a_card_is_looked_for_again() {
    let script = Script::of([NOTHING, CARDS, FOUND]);
    let Outcome::Done(settled) = settle(&script, ticket()).await else {
        panic!("not done");
    };
    assert_eq!(settled.proof.looks, 2);
}

#[tokio::test(start_paused = true)]
async fn a_known_card_is_not_searched_for() {
    let script = Script::of([FOUND]);
    let mut ticket = ticket();
    let Intent::Points(points) = &mut ticket.intent else {
        panic!("no points");
    };
    points.card = Some("EKC04AZHXP".into());
    points.mobile = None;
    assert_eq!(settle(&script, ticket).await.word(), "done");
    assert_eq!(script.sent(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failing_look_up_is_told_and_a_passing_failure_is_survived() {
    let failing = Script::always(Step::Fail(AttemptResult::NotConnected));
    let not_settled = why(settle(&failing, ticket()).within(Duration::from_secs(5)).await);
    assert!(matches!(not_settled.why, WhyNotSettled::LookUpFailed(error) if error.is_unreachable()));

    let passing = Script::of([Step::Answer(403, "<html>"), CARDS, FOUND]);
    assert_eq!(settle(&passing, ticket()).await.word(), "done");
}

#[tokio::test(start_paused = true)]
async fn coins_and_undocumented_orders_have_no_recipe_and_send_nothing() {
    let coins = CoinsIntent {
        company: "CEK1PU9AOO".into(),
        user: "EKIQB4L2".into(),
        event: "REFERRAL_EVENT".to_owned(),
    };
    for intent in [Intent::Coins(coins), Intent::UndocumentedOrder {}] {
        let script = Script::always(FOUND);
        let ticket = Ticket::new("REF1".parse().unwrap(), intent);
        let not_settled = why(settle(&script, ticket).await);
        assert!(matches!(not_settled.why, WhyNotSettled::NoRecipe));
        assert!(not_settled.advice().contains("EnKash"));
        assert_eq!(script.sent(), 0);
    }
}

/// What one look concludes, for a ticket of an hour ago, where nothing is found.
async fn concluded(answers: [Step; 2], evidence: SettlementEvidence, after: Option<Duration>) -> &'static str {
    let policies = Policies::shipped();
    let recipe = Settlement {
        evidence,
        absence_proves_after_seconds: after.map(|after| after.as_secs()),
        ..policies.of(OperationId::CreateAllocatePoints).settlement.clone()
    };
    let mut ticket = ticket();
    ticket.intended_at -= Duration::from_secs(3_600);
    let settle = settle(&Script::of(answers), ticket).within(Duration::ZERO);
    settle.run_by(&recipe).await.word()
}

#[tokio::test(start_paused = true)]
async fn absence_is_proof_only_where_a_verified_recipe_says_after_what_time() {
    use SettlementEvidence::{Unverified, Verified};
    let (hour, longer) = (Some(Duration::from_secs(3_600)), Some(Duration::from_secs(3_700)));
    assert_eq!(concluded([CARDS, NOTHING], Verified, hour).await, "not sent");
    assert_eq!(concluded([CARDS, NOTHING], Verified, longer).await, "unknown");
    assert_eq!(concluded([CARDS, NOTHING], Verified, None).await, "unknown");
    assert_eq!(concluded([CARDS, NOTHING], Unverified, hour).await, "unknown");
    // Without a card no transaction was looked at.
    assert_eq!(concluded([NOTHING, NOTHING], Verified, hour).await, "unknown");
    assert_eq!(
        concluded([CARDS, Step::Answer(503, "")], Verified, hour).await,
        "unknown"
    );
}
