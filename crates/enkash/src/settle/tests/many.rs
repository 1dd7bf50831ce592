//! Many tickets at once, and lists that are cut: what is asked, how often, and what is concluded.

use std::time::Duration;

use enkash_api::OperationId;
use futures_util::StreamExt;
use serde_json::json;

use crate::{
    outcome::{Outcome, UnknownReason},
    policy::overlay::PolicyOverlay,
    settle::{
        tests::scripted_api::{Habits, ScriptedApi, row, ticket},
        *,
    },
    tests::support::builder,
};

fn word(outcome: &Outcome<Settled>) -> String {
    match outcome {
        Outcome::Done(settled) => format!("done, {} entries", settled.proof.entries),
        Outcome::Unknown(unknown) => match &unknown.reason {
            UnknownReason::NotSettled(not_settled) => format!("{:?}", not_settled.reason),
            other => panic!("{other:?}"),
        },
        other => other.as_str().to_owned(),
    }
}

async fn settle_all(api: &ScriptedApi, tickets: Vec<Ticket>) -> Vec<String> {
    let outcomes = api.client().settle_all(tickets).within(Duration::ZERO).await;
    outcomes.iter().map(word).collect()
}

async fn settle_one(api: &ScriptedApi, reference: &str, person: usize) -> String {
    let settled = api
        .client()
        .settle(ticket(reference, person))
        .within(Duration::ZERO)
        .await;
    word(&settled)
}

fn reference(number: usize) -> String {
    format!("REF-{number:04}")
}

/// One allocation for each person.
fn one_for_each(people: usize) -> (Vec<serde_json::Value>, Vec<Ticket>) {
    let all = 0..people;
    let rows = all
        .clone()
        .map(|person| row(&format!("T{person}"), &reference(person), person, 5 + person as i64));
    (
        rows.collect(),
        all.map(|person| ticket(&reference(person), person)).collect(),
    )
}

#[tokio::test(start_paused = true)]
async fn many_tickets_share_their_requests_and_fetch_the_list_of_cards_once() {
    let (rows, tickets) = one_for_each(300);
    for (habits, most_searches) in [
        (Habits::default(), 3),
        // Each list is cut at ten rows.
        (
            Habits {
                cap: 10,
                ..Habits::default()
            },
            3 * 11,
        ),
        // Only by card: one search for each.
        (
            Habits {
                wants_card: true,
                ..Habits::default()
            },
            302,
        ),
    ] {
        let api = ScriptedApi::new(habits, 300, rows.clone());
        let settled = settle_all(&api, tickets.clone()).await;
        assert!(settled.iter().all(|word| word == "done, 1 entries"), "{settled:?}");
        assert!(api.searches().len() <= most_searches, "{}", api.searches().len());
        assert_eq!(api.card_searches(), (1, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn outcomes_come_in_the_order_of_their_tickets_and_as_a_stream_as_soon_as_they_are_known() {
    let (mut rows, mut tickets) = one_for_each(5);
    rows.remove(1);
    // Of another account, and twice the same.
    if let crate::model::ticket::Intent::Points(points) = &mut tickets[3].intent {
        points.account = "CA0OTHERS".into();
    }
    tickets.push(tickets[0].clone());
    let api = ScriptedApi::new(Habits::default(), 5, rows);
    let words = settle_all(&api, tickets.clone()).await;
    let done = "done, 1 entries";
    assert_eq!(words, [done, "NotFound", done, done, done, done]);

    let client = api.client();
    let settled: Vec<_> = client
        .settle_all(tickets)
        .into_stream()
        .map(|(index, _)| index)
        .collect()
        .await;
    // The one that is not found is looked for until its time ends.
    assert_eq!(settled.last(), Some(&1));
    let mut all = settled.clone();
    all.sort_unstable();
    assert_eq!(all, [0, 1, 2, 3, 4, 5]);
    assert!(client.settle_all([]).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_list_of_cards_is_kept_while_nobody_is_missing_in_it() {
    let tickets: Vec<_> = (0..20).map(|person| ticket(&reference(person), person)).collect();
    for (people, is_kept) in [(20, true), (19, false)] {
        let api = ScriptedApi::new(Habits::default(), people, Vec::new());
        let outcomes = api.client().settle_all(tickets.clone()).await;
        assert!(outcomes.iter().all(|outcome| word(outcome) == "NotFound"));
        assert_eq!(api.card_searches().0 == 1, is_kept, "{:?}", api.card_searches());
    }
}

#[tokio::test(start_paused = true)]
async fn a_cut_list_is_read_on_by_shorter_times_and_each_movement_is_counted_once() {
    // A server that does not look at the reference: a card with 40 movements, the newest first, ten of them shown.
    let habits = Habits {
        cap: 10,
        wants_card: true,
        filters_by_reference: false,
        ..Habits::default()
    };
    let others = |count: usize| {
        (0..count).map(|number| {
            row(
                &format!("O{number}"),
                &reference(number),
                1,
                100 + number as i64 * 1_000,
            )
        })
    };
    let mut rows: Vec<_> = others(40).collect();
    rows.push(row("T1", "REF1", 1, 5));
    let api = ScriptedApi::new(habits.clone(), 3, rows.clone());
    assert_eq!(settle_one(&api, "REF1", 1).await, "done, 1 entries");
    assert!(api.searches().len() < 64);
    let filter = api.searches().last().unwrap()["txnDateFrom"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        filter.len() == "2025-01-24T08:47:01.505Z".len() && filter.ends_with('Z'),
        "{filter}"
    );

    // What took it back is found behind the cut, and so is a second payment.
    let mut taken_back = row("T2", "REF1", 1, 900);
    taken_back["type"] = json!("REVERSAL");
    taken_back["cardTransactionType"] = json!("DR");
    let api = ScriptedApi::new(habits.clone(), 3, [rows.clone(), vec![taken_back]].concat());
    assert_eq!(
        settle_one(&api, "REF1", 1).await,
        r#"FactsMismatch(["direction", "kind"])"#
    );
    let again = row("T3", "REF1", 1, 20_000);
    let api = ScriptedApi::new(habits, 3, [rows, vec![again]].concat());
    assert_eq!(settle_one(&api, "REF1", 1).await, "done, 2 entries");
}

#[tokio::test(start_paused = true)]
async fn what_stays_cut_proves_nothing_and_is_said_and_ends_soon() {
    let cut = Habits {
        cap: 10,
        wants_card: true,
        filters_by_reference: false,
        ..Habits::default()
    };
    let mut rows: Vec<_> = (0..40)
        .map(|number| row(&format!("O{number}"), &reference(number), 1, 100 + number as i64))
        .collect();
    // The newest, so that it is shown at once: what is hidden may take it back.
    rows.push(row("T1", "REF1", 1, 5_000));
    for (habits, most_searches) in [
        // It does not look at times: the first step brings nothing new.
        (
            Habits {
                filters_by_time: false,
                ..cut.clone()
            },
            5,
        ),
        // It takes them for other times, so that the parts do not show what is there.
        (
            Habits {
                hours_off: -9_000,
                ..cut.clone()
            },
            70,
        ),
        (
            Habits {
                hours_off: 9_000,
                ..cut.clone()
            },
            70,
        ),
    ] {
        let api = ScriptedApi::new(habits, 3, rows.clone());
        assert_eq!(
            settle_one(&api, "REF1", 1).await,
            "Incomplete { shown: 10, of: Some(41), field: None }"
        );
        assert!(api.searches().len() <= most_searches, "{}", api.searches().len());
        // Nor is anything that is not shown absent.
        assert!(settle_one(&api, "REF2", 1).await.starts_with("Incomplete"));
    }
}

#[tokio::test(start_paused = true)]
async fn an_api_that_ignores_references_is_asked_by_card_after_the_first_batch() {
    let (rows, tickets) = one_for_each(300);
    let habits = Habits {
        cap: 50,
        filters_by_reference: false,
        filters_by_time: false,
        ..Habits::default()
    };
    let api = ScriptedApi::new(habits, 300, rows);
    let settled = settle_all(&api, tickets).await;
    assert!(settled.iter().all(|word| word == "done, 1 entries"), "{settled:?}");
    // Two groups at the same time, of which each learns it.
    assert!(api.searches().len() <= 300 + 2 * 4, "{}", api.searches().len());
    assert_eq!(api.card_searches().0, 1);
}

#[tokio::test(start_paused = true)]
async fn a_cut_list_of_cards_stops_a_proof_of_absence_only() {
    let habits = Habits {
        hides_cards: 2,
        ..Habits::default()
    };
    let api = ScriptedApi::new(habits.clone(), 12, vec![row("T1", "REF1", 11, 5)]);
    // Its card is not in the list, and is asked about alone.
    assert_eq!(settle_one(&api, "REF1", 11).await, "done, 1 entries");
    let tickets = (0..12).map(|person| ticket(&reference(person), person)).collect();
    let rows = vec![row("T1", &reference(11), 11, 5), row("T2", &reference(3), 3, 5)];
    let api = ScriptedApi::new(habits, 12, rows);
    let settled = settle_all(&api, tickets).await;
    let done: Vec<_> = settled
        .iter()
        .enumerate()
        .filter(|(_, word)| word.starts_with("done"))
        .collect();
    assert_eq!(
        done.iter().map(|(index, _)| *index).collect::<Vec<_>>(),
        [3, 11],
        "{settled:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_entry_on_another_persons_card_is_no_proof() {
    let api = ScriptedApi::new(Habits::default(), 3, vec![row("T1", "REF1", 2, 5)]);
    assert_eq!(settle_one(&api, "REF1", 1).await, r#"FactsMismatch(["card"])"#);
    // A reference that is an amount by chance is not mentioned by it.
    let habits = Habits {
        wants_card: true,
        filters_by_reference: false,
        ..Habits::default()
    };
    let mut jitter = row("T2", "REF2", 1, 9);
    jitter["balance"] = json!(77);
    let api = ScriptedApi::new(habits, 3, vec![row("T1", "77", 1, 5), jitter]);
    assert_eq!(settle_one(&api, "77", 1).await, "done, 1 entries");
    // A list that does not count can hold a proof.
    let habits = Habits {
        counts: false,
        ..Habits::default()
    };
    let api = ScriptedApi::new(habits, 3, vec![row("T1", "REF1", 1, 5)]);
    assert_eq!(settle_one(&api, "REF1", 1).await, "done, 1 entries");
}

#[tokio::test(start_paused = true)]
async fn a_field_that_nobody_documents_stops_a_proof_until_it_is_named_by_an_overlay() {
    let mut entry = row("T1", "REF1", 1, 5);
    entry["origin"] = json!("APP");
    let api = ScriptedApi::new(Habits::default(), 3, vec![entry]);
    assert_eq!(settle_one(&api, "REF1", 1).await, r#"UnknownFields(["origin"])"#);
    let overlay = PolicyOverlay::from_value(json!({
        "overlay": "1.0.0", "info": {"title": "t", "version": "1"},
        "actions": [{
            "target": "$.operations.createAllocatePoints.settlement.entry",
            "update": {"other-fields": ["origin"]},
        }],
    }));
    assert!(
        builder()
            .policy_overlay(overlay.clone())
            .build_with_sender(api.clone())
            .is_err()
    );
    let overlay = overlay.allow_loosening(OperationId::CreateAllocatePoints);
    let client = builder().policy_overlay(overlay).build_with_sender(api).unwrap();
    let settled = client.settle(ticket("REF1", 1)).within(Duration::ZERO).await;
    assert_eq!(word(&settled), "done, 1 entries");
}

#[tokio::test(start_paused = true)]
async fn a_description_is_good_where_an_overlay_lists_it_whole() {
    let overlay = PolicyOverlay::from_value(json!({
        "overlay": "1.0.0", "info": {"title": "t", "version": "1"},
        "actions": [{
            "target": "$.operations.createAllocatePoints.settlement.entry",
            "update": {"descriptions": ["Points allocated"]},
        }],
    }));
    let build = |overlay: PolicyOverlay, api: ScriptedApi| builder().policy_overlay(overlay).build_with_sender(api);
    for (description, is_good) in [
        ("Points allocated", true),
        ("Points allocated, rolled back", false),
        ("points allocated", false),
        ("Rolled back", false),
    ] {
        let mut entry = row("T1", "REF1", 1, 5);
        entry["description"] = json!(description);
        let api = ScriptedApi::new(Habits::default(), 3, vec![entry]);
        assert!(build(overlay.clone(), api.clone()).is_err());
        let permitted = overlay.clone().allow_loosening(OperationId::CreateAllocatePoints);
        let client = build(permitted, api).unwrap();
        let settled = client.settle(ticket("REF1", 1)).within(Duration::ZERO).await;
        let expected = if is_good {
            "done, 1 entries"
        } else {
            r#"UnknownFields(["description"])"#
        };
        assert_eq!(word(&settled), expected, "{description}");
    }
}

#[test]
fn a_field_that_may_mean_further_rows_cuts_a_list() {
    use crate::envelope::list::List;
    use crate::settle::listing::Completeness;
    use crate::settle::listing::completeness;

    let of = |mut payload: serde_json::Value, top: &str| {
        payload["data"] = json!([{}, {}]);
        let mut answer = json!({"code": 0, "payload": payload});
        if !top.is_empty() {
            answer[top] = json!(null);
        }
        let list = List::from_response(&answer).unwrap();
        match completeness(&answer, &list, &["known".to_owned()]) {
            Completeness::Whole => "whole".to_owned(),
            Completeness::Uncounted => "uncounted".to_owned(),
            Completeness::Cut(cut) => format!("cut by {}", cut.field.unwrap_or_else(|| "count".to_owned())),
        }
    };
    for (payload, found) in [
        (json!({"recordsCount": 2}), "whole"),
        (
            json!({"recordsCount": 2, "next": null, "cursor": "", "known": 7}),
            "whole",
        ),
        (json!({}), "uncounted"),
        (json!({"recordsCount": null}), "uncounted"),
        (json!({"recordsCount": 3}), "cut by count"),
        (json!({"recordsCount": 1}), "cut by count"),
        (json!({"recordsCount": "2"}), "cut by count"),
        (json!({"recordsCount": 2.0}), "cut by count"),
        (json!({"recordsCount": -2}), "cut by count"),
        // One page, in the usual words, says that it is all, and is not documented.
        (
            json!({"recordsCount": 2, "pageNumber": 0, "totalPages": 1, "last": true}),
            "uncounted",
        ),
        (
            json!({"totalElements": 2, "size": 20, "hasNext": false, "first": true}),
            "uncounted",
        ),
        (json!({"recordsCount": 2, "totalPages": 2}), "cut by totalPages"),
        (json!({"recordsCount": 2, "last": false}), "cut by last"),
        (json!({"recordsCount": 2, "totalElements": 3}), "cut by totalElements"),
        (json!({"recordsCount": 2, "pageSize": 2}), "cut by pageSize"),
        (json!({"recordsCount": 2, "page": 1}), "cut by page"),
        (json!({"recordsCount": 2, "hasMore": "no"}), "cut by hasMore"),
        (json!({"recordsCount": 2, "nextToken": "x"}), "cut by nextToken"),
        (json!({"recordsCount": 2, "anything": false}), "cut by anything"),
    ] {
        assert_eq!(of(payload.clone(), ""), found, "{payload}");
    }
    assert_eq!(of(json!({"recordsCount": 2}), "timestamp"), "cut by timestamp");
    assert_eq!(of(json!({"recordsCount": 2}), "known"), "whole");
}
