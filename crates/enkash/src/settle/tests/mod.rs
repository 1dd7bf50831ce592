//! Settlement in time: when it looks again, when it stops, and what it may conclude from not finding anything. The
//! runtime's clock is paused and the API is a script, so nothing waits.

mod account;
mod entries;
mod many;
mod orders;
mod scripted_api;
use std::time::Duration;

use tokio::time::Instant;

use super::*;
use crate::{
    model::ticket::{CoinsIntent, Direction, Intent, PointsIntent},
    outcome::{Unknown, UnknownReason, proof::NotSettled, settlement::Settlement},
    policy::overlay::PolicyOverlay,
    tests::support::{ScriptStep, ScriptedSender, builder},
    transport::history::AttemptResult,
};

const CARDS: ScriptStep = ScriptStep::Answer(
    200,
    r#"{"code":0,"payload":{"recordsCount":1,"data":[{"enKashCardId":"EKC04AZHXP","mobile":"9000000004"}]}}"#,
);
const NOTHING: ScriptStep = ScriptStep::Answer(200, r#"{"code":0,"payload":{"recordsCount":0,"data":[]}}"#);
const FOUND: ScriptStep = ScriptStep::Answer(
    200,
    r#"{"code":0,"payload":{"recordsCount":1,"data":[{"pgReferenceNumber":"REF1","principalAmount":1,"status":"CREATED",
       "cardTransactionType":"CR","type":"ALLOCATE_POINT","enkashCardId":"EKC04AZHXP","txnDate":"2025-01-01T00:00:05Z"}]}}"#,
);
/// The path wants a card.
const WANTS_CARD: ScriptStep = ScriptStep::Answer(200, r#"{"code":1,"message":"enKashCardId is missing"}"#);

fn ticket() -> Ticket {
    let intent = PointsIntent {
        company: "CEK1PU9AOO".into(),
        account: "CAQL8YCV3".into(),
        direction: Direction::Credit,
        amount: "1".parse().unwrap(),
        mobile: Some("9000000004".into()),
        card: None,
    };
    let mut ticket = Ticket::new("REF1".parse().unwrap(), Intent::Points(intent));
    ticket.intended_at = "2025-01-01T00:00:00Z".parse().unwrap();
    ticket
}

fn settle(script: &ScriptedSender, ticket: Ticket) -> Settlement {
    builder().build_with_sender(script.clone()).unwrap().settle(ticket)
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
    // By reference alone, then whose card it is; before that, on the person's cards, whose list is kept.
    let script = ScriptedSender::new([NOTHING, CARDS, NOTHING, NOTHING, NOTHING, FOUND]);
    let start = Instant::now();
    let Outcome::Done(settled) = settle(&script, ticket()).await else {
        panic!("not done");
    };
    assert_eq!(settled.proof.lookups, 3);
    assert_eq!(settled.proof.card, Some("EKC04AZHXP".into()));
    assert_eq!(
        settled.proof.to_string(),
        "found by searchTransactions at look 3: reference, amount, direction, card, time, status, kind, mobile match \
         (recipe: unverified)"
    );
    assert_eq!(script.sent(), 6);
    // Half a second and a whole one, each a quarter shorter or longer.
    let waited = start.elapsed();
    assert!(
        waited >= Duration::from_millis(1_125) && waited <= Duration::from_millis(1_876),
        "{waited:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_reference_is_searched_alone_and_only_the_card_that_is_found_is_asked_about() {
    let script = ScriptedSender::new([FOUND, CARDS]);
    assert_eq!(settle(&script, ticket()).await.as_str(), "done");
    assert_eq!(script.sent(), 2);
}

#[tokio::test(start_paused = true)]
async fn where_a_card_is_wanted_the_persons_cards_are_searched_and_it_is_not_asked_again_without() {
    let script = ScriptedSender::new([WANTS_CARD, CARDS, NOTHING, FOUND]);
    let Outcome::Done(settled) = settle(&script, ticket()).await else {
        panic!("not done");
    };
    assert_eq!((settled.proof.lookups, script.sent()), (2, 4));
}

#[tokio::test(start_paused = true)]
async fn an_api_that_falls_over_a_search_without_a_card_or_hangs_in_it_is_asked_by_card() {
    for first in [
        vec![ScriptStep::Answer(500, ""); 3],
        vec![ScriptStep::Answer(400, "")],
        vec![ScriptStep::Hang],
    ] {
        let script = ScriptedSender::new(first.into_iter().chain([CARDS, FOUND]));
        let outcome = settle(&script, ticket()).await;
        assert_eq!(outcome.as_str(), "done", "{outcome:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn not_found_proves_nothing_however_long_it_looks() {
    let script = ScriptedSender::new([NOTHING, CARDS]);
    script.then([NOTHING, CARDS, NOTHING]);
    let start = Instant::now();
    let not_settled = why(settle(&script, ticket()).within(Duration::from_secs(120)).await);
    assert!(matches!(not_settled.reason, NotSettledReason::NotFound));
    assert!(not_settled.lookups > 8, "{not_settled}");
    assert!(start.elapsed() <= Duration::from_secs(120));
}

#[tokio::test(start_paused = true)]
async fn no_time_is_one_look() {
    let script = ScriptedSender::new([NOTHING, CARDS, NOTHING]);
    let not_settled = why(settle(&script, ticket()).within(Duration::ZERO).await);
    assert_eq!((not_settled.lookups, script.sent()), (1, 3));
}

#[tokio::test(start_paused = true)]
async fn an_api_that_hangs_does_not_hold_a_settlement_beyond_its_time() {
    let start = Instant::now();
    let hanging = ScriptedSender::always(ScriptStep::Hang);
    let not_settled = why(settle(&hanging, ticket()).within(Duration::from_secs(5)).await);
    assert!(matches!(not_settled.reason, NotSettledReason::OutOfTime));
    assert_eq!(start.elapsed(), Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn a_person_without_a_card_is_looked_for_again() {
    let script = ScriptedSender::new([NOTHING, NOTHING, NOTHING, CARDS, FOUND]);
    let Outcome::Done(settled) = settle(&script, ticket()).await else {
        panic!("not done");
    };
    assert_eq!((settled.proof.lookups, script.sent()), (2, 5));
}

#[tokio::test(start_paused = true)]
async fn a_known_card_is_not_asked_about() {
    for (steps, sent) in [
        (vec![FOUND], 1),
        (vec![NOTHING, FOUND], 2),
        (vec![WANTS_CARD, FOUND], 2),
    ] {
        let script = ScriptedSender::new(steps);
        let mut ticket = ticket();
        let Intent::Points(points) = &mut ticket.intent else {
            panic!("no points");
        };
        points.card = Some("EKC04AZHXP".into());
        points.mobile = None;
        assert_eq!(settle(&script, ticket).await.as_str(), "done");
        assert_eq!(script.sent(), sent);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failing_look_up_is_told_and_a_passing_failure_is_survived() {
    let failing = ScriptedSender::always(ScriptStep::Fail(AttemptResult::NotConnected));
    let not_settled = why(settle(&failing, ticket()).within(Duration::from_secs(5)).await);
    assert!(matches!(not_settled.reason, NotSettledReason::LookUpFailed(error) if error.is_unreachable()));

    let html = || ScriptStep::Answer(403, "<html>");
    let passing = ScriptedSender::new([html(), html(), NOTHING, CARDS, FOUND]);
    assert_eq!(settle(&passing, ticket()).await.as_str(), "done");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_no_documented_success_proves_nothing() {
    let rows = r#""payload":{"recordsCount":1,"data":[{"pgReferenceNumber":"REF1","principalAmount":1,"status":"CREATED",
        "cardTransactionType":"CR","type":"ALLOCATE_POINT","enkashCardId":"EKC04AZHXP",
        "txnDate":"2025-01-01T00:00:05Z"}]}"#;
    for (answer, is_done) in [
        (format!(r#"{{"code":0,{rows}}}"#), true),
        (format!(r#"{{"response_code":"0",{rows}}}"#), true),
        (format!("{{{rows}}}"), false),
        (format!(r#"{{"code":null,{rows}}}"#), false),
        (format!(r#"{{"code":0,"response_code":1,{rows}}}"#), false),
        (format!(r#"{{"code":0,"errorResponse":{{}},{rows}}}"#), false),
        (format!(r#"{{"code":0,"message":"FAILURE",{rows}}}"#), false),
        (
            format!(r#"{{"response_code":200,"response_message":"SUCCESS","errorResponse":null,{rows}}}"#),
            false,
        ),
        (format!(r#"{{"code":0,"code":0,{rows}}}"#), false),
        (
            format!(
                r#"{{"code":0,{}}}"#,
                rows.replace(r#""status""#, r#""status":"FAILED","status""#)
            ),
            false,
        ),
        (format!(r#"{{"code":0,{rows},"paylod":"Success"}}"#), false),
        (
            format!(r#"{{"code":0,"paylod"{}}}"#, &rows["\"payload\"".len()..]),
            true,
        ),
    ] {
        let known = {
            let mut ticket = ticket();
            if let Intent::Points(points) = &mut ticket.intent {
                points.card = Some("EKC04AZHXP".into());
            }
            ticket
        };
        for status in [200, 201, 202, 206] {
            let script = ScriptedSender::always(ScriptStep::Answer(status, answer.clone().leak()));
            let outcome = settle(&script, known.clone()).within(Duration::ZERO).await;
            assert_eq!(
                outcome.as_str() == "done",
                is_done && status == 200,
                "{status} {answer}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn coins_and_undocumented_orders_have_no_recipe_and_send_nothing() {
    let coins = CoinsIntent {
        company: "CEK1PU9AOO".into(),
        user: "EKIQB4L2".into(),
        event: "REFERRAL_EVENT".to_owned(),
    };
    for intent in [Intent::Coins(coins), Intent::UndocumentedOrder {}] {
        let script = ScriptedSender::always(FOUND);
        let ticket = Ticket::new("REF1".parse().unwrap(), intent);
        let not_settled = why(settle(&script, ticket).await);
        assert!(matches!(not_settled.reason, NotSettledReason::NoRecipe));
        assert!(not_settled.advice().contains("EnKash"));
        assert_eq!(script.sent(), 0);
    }
}

/// What one look-up concludes, for a ticket of 2025, where nothing is found.
async fn concluded(answers: &[ScriptStep], update: &str, is_loose: bool) -> &'static str {
    let overlay = format!(
        r#"{{"overlay":"1.0.0","info":{{"title":"t","version":"1"}},
           "actions":[{{"target":"$.operations.createAllocatePoints.settlement","update":{update}}}]}}"#
    );
    let mut overlay = PolicyOverlay::from_json(&overlay).unwrap();
    if is_loose {
        overlay = overlay.allow_loosening(enkash_api::OperationId::CreateAllocatePoints);
    }
    let script = ScriptedSender::new(answers.iter().cloned());
    let client = builder().policy_overlay(overlay).build_with_sender(script).unwrap();
    client.settle(ticket()).within(Duration::ZERO).await.as_str()
}

/// A recipe that is verified, and after so many seconds finds everything.
const VERIFIED: &str = r#"{"evidence":"verified","absence-proves-after-seconds":3600}"#;

#[tokio::test(start_paused = true)]
async fn absence_is_proof_only_where_a_verified_recipe_says_after_what_time() {
    let nothing = [NOTHING, CARDS, NOTHING];
    assert_eq!(concluded(&nothing, VERIFIED, true).await, "not sent");
    let never = r#"{"evidence":"verified","absence-proves-after-seconds":9000000000}"#;
    assert_eq!(concluded(&nothing, never, true).await, "unknown");
    assert_eq!(concluded(&nothing, r#"{"evidence":"verified"}"#, true).await, "unknown");
    assert_eq!(
        concluded(&nothing, r#"{"evidence":"unverified"}"#, false).await,
        "unknown"
    );
    // Without a card no transaction was looked at.
    assert_eq!(concluded(&[NOTHING, NOTHING, NOTHING], VERIFIED, true).await, "unknown");
    assert_eq!(
        concluded(&[WANTS_CARD, CARDS, NOTHING], VERIFIED, true).await,
        "not sent"
    );
}

#[tokio::test(start_paused = true)]
async fn absence_is_proof_only_where_every_list_is_whole_and_nothing_is_near() {
    let answer = |text: &'static str| ScriptStep::Answer(200, text);
    for list in [
        r#"{"code":0,"payload":{"data":[]}}"#,
        r#"{"code":0,"payload":[]}"#,
        r#"{"code":0,"payload":{"recordsCount":"0","data":[]}}"#,
        r#"{"code":0,"payload":{"recordsCount":1,"data":[]}}"#,
        r#"{"code":0,"payload":{"recordsCount":0,"data":[{}]}}"#,
        r#"{"code":0,"payload":{"recordsCount":0,"data":[],"totalPages":1}}"#,
        r#"{"code":0,"payload":{"recordsCount":0,"data":[],"hasMore":false}}"#,
        r#"{"code":0,"payload":{"recordsCount":0,"data":[]},"next":"token"}"#,
        r#"{"payload":{"recordsCount":0,"data":[]}}"#,
        r#"{"code":0,"code":0,"payload":{"recordsCount":0,"data":[]}}"#,
        r#"{"code":0,"payload":{"recordsCount":0,"data":[]},"paylod":[]}"#,
        // Case, white space, and other fields.
        r#"{"code":0,"payload":{"recordsCount":1,"data":[{"pgReferenceNumber":"ref1"}]}}"#,
        r#"{"code":0,"payload":{"recordsCount":1,"data":[{"pgReferenceNumber":" REF1"}]}}"#,
        r#"{"code":0,"payload":{"recordsCount":1,"data":[{"clientReferenceId":"REF1"}]}}"#,
        r#"{"code":0,"payload":{"recordsCount":1,"data":[{"description":"Bonus (REF1)."}]}}"#,
        r#"{"code":0,"payload":{"recordsCount":1,"data":[{"inner":{"list":["REF1"]}}]}}"#,
        r#"{"code":0,"payload":{"recordsCount":1,"data":["REF1"]}}"#,
    ] {
        let steps = [NOTHING, CARDS, answer(list)];
        assert_eq!(concluded(&steps, VERIFIED, true).await, "unknown", "{list}");
    }
    // An entry of another reference is none of ours.
    let other =
        r#"{"code":0,"payload":{"recordsCount":1,"data":[{"pgReferenceNumber":"REF10","description":"xREF1"}]}}"#;
    assert_eq!(
        concluded(&[NOTHING, CARDS, answer(other)], VERIFIED, true).await,
        "not sent"
    );
    // The list of cards has to be whole as well.
    for cards in [
        r#"{"code":0,"payload":{"recordsCount":2,"data":[{"enKashCardId":"EKC04AZHXP","mobile":"9000000004"}]}}"#,
        r#"{"code":0,"payload":{"data":[{"enKashCardId":"EKC04AZHXP","mobile":"9000000004"}]}}"#,
        r#"{"code":0,"payload":{"enKashCardId":"EKC04AZHXP","mobile":"9000000004"}}"#,
    ] {
        let steps = [NOTHING, answer(cards), NOTHING];
        assert_eq!(concluded(&steps, VERIFIED, true).await, "unknown", "{cards}");
    }
    // And every step answered.
    let lost = ScriptStep::Answer(503, "");
    assert_eq!(concluded(&[NOTHING, CARDS, lost], VERIFIED, true).await, "unknown");
}
