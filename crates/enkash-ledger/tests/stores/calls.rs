//! Single calls: an intent before each, one end of each, and no reference twice.

use enkash_ledger::{Conflict, LedgerError, NewCall, Recorded, RowState, Settled};

use crate::{
    place::Place,
    rows::{
        all, amount, bring_to, call, call_at, check_import, done, new_row, not_sent, refused, row, ticket, unknown,
        unnamed_call,
    },
};

on_each_store!(
    every_outcome_is_kept,
    a_reference_is_used_once_in_every_state,
    a_reference_is_free_again_after_a_certain_not_sent,
    a_doubt_stops_only_a_call_whose_reference_nobody_chose,
    a_call_that_says_nothing_of_its_reference_is_refused_while_its_payment_is_in_doubt,
    a_doubt_is_about_the_same_recipient_amount_and_way,
    scopes_are_apart,
    a_ticket_without_a_host_counts_for_each_host,
    a_call_that_was_not_sent_hides_none_in_doubt,
    the_reference_of_an_exported_row_stays_used,
    a_row_whose_reference_was_taken_is_not_exported,
    a_ticket_comes_in_once,
    calls_of_one_request_begin_together_or_not_at_all,
    one_request_with_a_reference_twice_is_refused_by_name,
    a_check_writes_nothing,
    an_amount_that_cannot_be_held_is_refused,
    a_character_zero_in_a_reason_loses_no_outcome,
    several_ends_are_kept_together,
);

async fn every_outcome_is_kept(place: &Place) {
    let ledger = place.open().await;
    for (reference, conclusion, state, reason) in [
        ("R-DONE", done(), RowState::Done, None),
        ("R-NO", refused(), RowState::Refused, Some("Card is blocked")),
        ("R-LOST", unknown(), RowState::Unknown, Some("no response came")),
        ("R-NOT", not_sent(), RowState::Pending, Some("not sent")),
    ] {
        let intent = ledger.begin(call(reference)).await.unwrap();
        assert_eq!(intent.attempt(), 1);
        assert_eq!(row(&ledger, reference).await.state, RowState::Sending);
        let detail = serde_json::json!({ "card": reference });
        let recorded = ledger
            .conclude(intent, conclusion.detail(detail.clone()))
            .await
            .unwrap();
        assert_eq!(recorded, Recorded::Applied(state));

        let kept = row(&ledger, reference).await;
        assert_eq!((kept.state, kept.attempts, kept.detail), (state, 1, Some(detail)));
        assert_eq!(kept.amount, Some(amount("250.5")));
        assert_eq!(
            (kept.command.as_str(), kept.recipient.as_deref()),
            ("allocate", Some("9000000004"))
        );
        let text = kept.reason.unwrap_or_default();
        assert!(text.contains(reason.unwrap_or_default()), "{text}");
        let attempts = ledger.attempts(kept.id).await.unwrap();
        assert_eq!(attempts.len(), 1);
        assert_eq!((attempts[0].number, attempts[0].outcome), (1, Some(state)));
        assert!(attempts[0].ended_at.is_some() && attempts[0].worker.contains(':'));
    }
}

fn used(error: &LedgerError) -> &enkash_ledger::CallRow {
    match error.as_conflict() {
        Some(Conflict::ReferenceUsed(row)) => row,
        other => panic!("no used reference: {other:?} ({error})"),
    }
}

async fn a_reference_is_used_once_in_every_state(place: &Place) {
    let ledger = place.open().await;
    for state in [
        RowState::Sending,
        RowState::Done,
        RowState::Refused,
        RowState::Unknown,
        RowState::NotDone,
    ] {
        let reference = format!("R-{}", state.as_str());
        bring_to(&ledger, call(&reference), state).await;
        for error in [
            ledger.begin(call(&reference)).await.unwrap_err(),
            ledger.check(&[call(&reference)]).await.unwrap_err(),
        ] {
            assert_eq!(used(&error).state, state);
            assert!(error.to_string().contains(&used(&error).describe()), "{error}");
        }
        assert_eq!(all(&ledger, &reference).await.len(), 1);
    }
}

async fn a_reference_is_free_again_after_a_certain_not_sent(place: &Place) {
    let ledger = place.open().await;
    bring_to(&ledger, call("R-1"), RowState::Pending).await;
    ledger.check(&[call("R-1")]).await.unwrap();
    let intent = ledger.begin(call("R-1")).await.unwrap();
    ledger.conclude(intent, done()).await.unwrap();
    let states: Vec<_> = all(&ledger, "R-1").await.iter().map(|row| row.state).collect();
    assert_eq!(states, [RowState::Canceled, RowState::Done]);
}

async fn a_doubt_stops_only_a_call_whose_reference_nobody_chose(place: &Place) {
    let ledger = place.open().await;
    for (n, state) in [RowState::Sending, RowState::Unknown].into_iter().enumerate() {
        let place = format!("https://{n}.example");
        bring_to(&ledger, call_at(&place, "R-1"), state).await;
        let unnamed = call_at(&place, "R-2").reference_given(false);
        let error = ledger.begin(unnamed).await.unwrap_err();
        let Some(Conflict::Doubt(doubt)) = error.as_conflict() else {
            panic!("no doubt: {error}");
        };
        assert_eq!((doubt.reference.as_str(), doubt.state), ("R-1", state));
        let _intent = ledger.begin(call_at(&place, "R-3")).await.unwrap();
    }
    for state in [RowState::Done, RowState::Refused, RowState::NotDone, RowState::Pending] {
        let place = format!("https://{}.example", state.as_str());
        bring_to(&ledger, call_at(&place, "R-1"), state).await;
        let _intent = ledger
            .begin(call_at(&place, "R-2").reference_given(false))
            .await
            .unwrap();
    }
}

async fn a_call_that_says_nothing_of_its_reference_is_refused_while_its_payment_is_in_doubt(place: &Place) {
    let ledger = place.open().await;
    let pay = async || {
        let mut again = ticket("R-1", "9000000004", "250.5");
        again.reference = enkash::ClientReference::generate();
        let call = NewCall::new(crate::rows::scope(), "payroll", again);
        let lost = enkash::Outcome::<()>::Refused(crate::rows::no());
        ledger.send(call, async || lost).await
    };
    bring_to(&ledger, call("R-1"), RowState::Unknown).await;
    let error = pay().await.unwrap_err();
    assert!(matches!(error.as_conflict(), Some(Conflict::Doubt(_))), "{error}");
    let id = row(&ledger, "R-1").await.id;
    ledger.resolve(id, false, "ravi", "telephone").await.unwrap();
    let (_refused, not_recorded) = pay().await.unwrap();
    assert!(not_recorded.is_none());
}

async fn a_doubt_is_about_the_same_recipient_amount_and_way(place: &Place) {
    let ledger = place.open().await;
    bring_to(&ledger, call("R-1"), RowState::Unknown).await;
    let mut taken_back = ticket("R-2", "9000000004", "250.5");
    if let enkash::ticket::Intent::Points(points) = &mut taken_back.intent {
        points.direction = enkash::ticket::Direction::Debit;
    }
    for other in [
        taken_back,
        ticket("R-3", "9000000005", "250.5"),
        ticket("R-4", "9000000004", "250.51"),
    ] {
        let mut unnamed = unnamed_call("R-5");
        unnamed.ticket = other;
        ledger.check(&[unnamed]).await.unwrap();
    }
    assert!(ledger.check(&[unnamed_call("R-6")]).await.is_err());
}

async fn scopes_are_apart(place: &Place) {
    let ledger = place.open().await;
    bring_to(&ledger, call("R-1"), RowState::Done).await;
    let mut scopes = [call("R-1").scope, call("R-1").scope, call("R-1").scope];
    scopes[0].host = "https://other.example".to_owned();
    scopes[1].company = "C2".to_owned();
    scopes[2].account = "A2".to_owned();
    for scope in scopes {
        let mut elsewhere = unnamed_call("R-1");
        elsewhere.scope = scope;
        let _intent = ledger.begin(elsewhere).await.unwrap();
    }
}

async fn a_ticket_without_a_host_counts_for_each_host(place: &Place) {
    let ledger = place.open().await;
    let imported = ledger
        .import_tickets(&[ticket("OLD-1", "9000000004", "250.5")])
        .await
        .unwrap();
    assert_eq!(imported, 1);
    let old = row(&ledger, "OLD-1").await;
    assert_eq!((old.state, old.attempts), (RowState::Unknown, 1));
    assert_eq!(old.intended_at.unwrap().to_string(), "2026-11-23T09:00:00Z");
    assert_eq!(old.stored_ticket().unwrap().reference.as_str(), "OLD-1");
    for host in ["https://api.example", "https://other.example"] {
        let error = ledger.begin(call_at(host, "OLD-1")).await.unwrap_err();
        assert_eq!(used(&error).id, old.id);
        let error = ledger
            .begin(call_at(host, "NEW-1").reference_given(false))
            .await
            .unwrap_err();
        assert!(matches!(error.as_conflict(), Some(Conflict::Doubt(_))), "{error}");
    }
    let mut other_company = call("OLD-1");
    other_company.scope.company = "C2".to_owned();
    let _intent = ledger.begin(other_company).await.unwrap();

    // Once it is certainly not sent, it makes way as any other.
    let not_sent = enkash_ledger::Conclusion::from_settlement(&enkash::Outcome::NotSent(crate::rows::no())).unwrap();
    ledger.settle(vec![Settled::new(old.id, 1, not_sent)]).await.unwrap();
    let _intent = ledger.begin(call("OLD-1")).await.unwrap();
}

/// The row that was not sent may make way, and the ticket that an earlier version left behind may not.
async fn a_call_that_was_not_sent_hides_none_in_doubt(place: &Place) {
    let ledger = place.open().await;
    bring_to(&ledger, call("R-1"), RowState::Pending).await;
    let imported = ledger.import_tickets(&[ticket("R-1", "9000000004", "250.5")]).await;
    assert_eq!(imported.unwrap(), 1);
    let error = ledger.begin(call("R-1")).await.unwrap_err();
    assert_eq!(used(&error).state, RowState::Unknown);
}

/// The row whose payment goes on elsewhere keeps its reference, or both could leave.
async fn the_reference_of_an_exported_row_stays_used(place: &Place) {
    let ledger = place.open().await;
    bring_to(&ledger, call("R-1"), RowState::Pending).await;
    let id = row(&ledger, "R-1").await.id;
    let exported = ledger.export_row(id, "NEW-1").await.unwrap();
    assert_eq!(exported.as_deref(), Some("NEW-1"));
    let error = ledger.begin(call("R-1")).await.unwrap_err();
    assert_eq!(used(&error).state, RowState::Canceled);
    assert_eq!(ledger.export_row(id, "NEW-2").await.unwrap(), exported);

    let rows = vec![new_row(2, "R-1", "9000000004", "250.5")];
    let checked = check_import(&ledger, "H1", rows).await.unwrap();
    assert_eq!(checked.found().reference_problems, 1);
    assert_eq!(checked.found().used_references[0].1.id, id);
}

/// Its payment goes on in the row that took its place.
async fn a_row_whose_reference_was_taken_is_not_exported(place: &Place) {
    let ledger = place.open().await;
    bring_to(&ledger, call("R-1"), RowState::Pending).await;
    let id = row(&ledger, "R-1").await.id;
    let _intent = ledger.begin(call("R-1")).await.unwrap();
    assert_eq!(ledger.export_row(id, "NEW-1").await.unwrap(), None);
    let rows = all(&ledger, "R-1").await;
    let states: Vec<_> = rows.iter().map(|row| (row.state, row.exported_as.clone())).collect();
    assert_eq!(states, [(RowState::Canceled, None), (RowState::Sending, None)]);
}

async fn a_ticket_comes_in_once(place: &Place) {
    let ledger = place.open().await;
    let tickets = [ticket("OLD-1", "9000000004", "1"), ticket("OLD-2", "9000000004", "1")];
    assert_eq!(ledger.import_tickets(&tickets).await.unwrap(), 2);
    assert_eq!(ledger.import_tickets(&tickets).await.unwrap(), 0);
}

async fn calls_of_one_request_begin_together_or_not_at_all(place: &Place) {
    let ledger = place.open().await;
    bring_to(&ledger, call("R-2"), RowState::Done).await;
    let error = ledger
        .begin_all(vec![call("R-1"), call("R-2"), call("R-3")])
        .await
        .unwrap_err();
    assert_eq!(used(&error).reference, "R-2");
    assert!(all(&ledger, "R-1").await.is_empty());

    let intents = ledger.begin_all(vec![call("R-1"), call("R-3")]).await.unwrap();
    assert_eq!(intents.len(), 2);
    for (intent, reference) in intents.iter().zip(["R-1", "R-3"]) {
        assert_eq!(row(&ledger, reference).await.id, intent.row());
    }
}

async fn one_request_with_a_reference_twice_is_refused_by_name(place: &Place) {
    let ledger = place.open().await;
    let error = ledger
        .begin_all(vec![call("R-1"), call("R-2"), call("R-1")])
        .await
        .unwrap_err();
    assert_eq!(used(&error).reference, "R-1");
    assert!(all(&ledger, "R-2").await.is_empty());
}

async fn a_check_writes_nothing(place: &Place) {
    let ledger = place.open().await;
    ledger.check(&[call("R-1")]).await.unwrap();
    assert!(all(&ledger, "R-1").await.is_empty());
}

async fn an_amount_that_cannot_be_held_is_refused(place: &Place) {
    let ledger = place.open().await;
    let mut tiny = call("R-1");
    tiny.ticket = ticket("R-1", "9000000004", "0.0000001");
    for error in [
        ledger.check(&[tiny.clone()]).await.unwrap_err(),
        ledger.begin(tiny).await.unwrap_err(),
    ] {
        assert!(error.is_invalid_input(), "{error}");
    }
    assert!(all(&ledger, "R-1").await.is_empty());
}

async fn a_character_zero_in_a_reason_loses_no_outcome(place: &Place) {
    let ledger = place.open().await;
    let intent = ledger.begin(call("R-1")).await.unwrap();
    let odd = enkash_ledger::Conclusion::given_up("cut\0off").detail(serde_json::json!({ "text": "cut\0off" }));
    ledger.conclude(intent, odd).await.unwrap();
    let kept = row(&ledger, "R-1").await;
    assert_eq!(kept.state, RowState::Unknown);
    assert!(kept.reason.unwrap().starts_with("cut"));
    assert_eq!(kept.detail, Some(serde_json::json!({ "text": "cut\0off" })));
}

async fn several_ends_are_kept_together(place: &Place) {
    let ledger = place.open().await;
    let calls = (1..=5).map(|n| call(&format!("R-{n}"))).collect();
    let intents = ledger.begin_all(calls).await.unwrap();
    let ends = [done(), refused(), unknown(), not_sent(), done()];
    let recorded = ledger
        .conclude_all(intents.into_iter().zip(ends).collect())
        .await
        .unwrap();
    use RowState::{Done, Pending, Refused, Unknown};
    let states = [Done, Refused, Unknown, Pending, Done];
    assert_eq!(recorded, states.map(Recorded::Applied));
    for (n, state) in states.into_iter().enumerate() {
        assert_eq!(row(&ledger, &format!("R-{}", n + 1)).await.state, state);
    }
}
