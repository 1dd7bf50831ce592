//! What came out as done after it had ended otherwise: its state stays, and in all else it counts as done. Nothing is paid in its place.

use enkash_ledger::{Conflict, Ledger, RepeatedPayment, RowState, RunId, Settled};

use crate::{
    place::Place,
    rows::{
        all, begin, bring_to, call, check_import, done, import, new_row, not_sent, pending, refused, row, send, ticket,
        unknown, unnamed_call,
    },
};

on_each_store!(
    what_came_out_as_done_counts_as_done,
    what_came_out_as_done_is_a_repetition_from_then_on,
    what_came_out_as_done_has_its_reference_for_ever,
    what_was_exported_and_came_out_as_done_is_not_paid_under_its_new_reference,
    what_is_to_be_sent_and_came_out_as_done_is_not_sent,
    what_came_out_as_done_and_is_in_doubt_again_stays_in_doubt,
    a_run_does_not_pay_what_came_out_as_done_since,
    what_came_out_as_done_before_this_version_counts_too,
);

const MOBILE: &str = "9111111177";

/// A look-up proves that the row's first attempt paid.
async fn comes_out(ledger: &Ledger, reference: &str) {
    let id = all(ledger, reference).await[0].id;
    ledger.settle(vec![Settled::new(id, 1, done())]).await.unwrap();
}

/// A run with one row of 10, which ended in this state.
async fn ended(ledger: &Ledger, reference: &str, state: RowState) -> RunId {
    let run = import(ledger, reference, vec![new_row(2, reference, MOBILE, "10")]).await;
    let row = pending(ledger, run).await.remove(0);
    match state {
        RowState::Refused => send(ledger, &row, refused()).await,
        RowState::NotDone => {
            send(ledger, &row, unknown()).await;
            ledger.resolve(row.id, false, "ravi", "telephone").await.unwrap();
        }
        _ => {
            send(ledger, &row, not_sent()).await;
            if state == RowState::Canceled {
                ledger.cancel_run(run).await.unwrap();
            }
        }
    }
    run
}

const ENDS: [RowState; 4] = [
    RowState::Refused,
    RowState::NotDone,
    RowState::Pending,
    RowState::Canceled,
];

async fn what_came_out_as_done_counts_as_done(place: &Place) {
    let ledger = place.open().await;
    for state in ENDS {
        let reference = format!("R-{state:?}");
        let run = ended(&ledger, &reference, state).await;
        assert!(!row(&ledger, &reference).await.is_done_after_all());
        comes_out(&ledger, &reference).await;
        let found = row(&ledger, &reference).await;
        assert_eq!((found.state, found.outcome()), (state, "done"));
        assert!(found.is_done_after_all() && !found.is_not_sent() && !found.is_waiting());
        let words = state.as_str().replace('_', " ");
        let (described, why) = (found.describe(), found.explanation().unwrap());
        assert!(described.starts_with("done at 20"), "{described}");
        assert!(
            described.contains(&format!(" after it stood as {words}, amount 10")),
            "{described}"
        );
        assert!(
            why.starts_with(&format!("done after all; it stood as {words}: ")),
            "{why}"
        );
        let counts = ledger.counts(run).await.unwrap();
        assert_eq!((counts.done.rows, counts.rows(), counts.left.rows), (1, 1, 0));
        assert_eq!(counts.done.amount, found.amount.unwrap());
        assert_eq!(ledger.export_row(found.id, "ELSEWHERE").await.unwrap(), None);
    }
}

/// What a new reference for that payment repeats.
async fn repeated(ledger: &Ledger) -> Option<String> {
    let rows = vec![new_row(2, "NEW", MOBILE, "10")];
    let checked = check_import(ledger, "NEW", rows).await.unwrap();
    let found = checked.found();
    assert_eq!((found.payments_waiting, found.payments_in_doubt), (0, 0));
    let other = found.repeated_payments.first()?;
    match &other.1 {
        RepeatedPayment::Earlier(row) => Some(row.reference.clone()),
        other => panic!("{other:?}"),
    }
}

async fn what_came_out_as_done_is_a_repetition_from_then_on(place: &Place) {
    let ledger = place.open().await;
    for state in [
        RowState::Refused,
        RowState::NotDone,
        RowState::Canceled,
        RowState::Pending,
    ] {
        let reference = format!("R-{state:?}");
        ended(&ledger, &reference, state).await;
        if state != RowState::Pending {
            assert_eq!(repeated(&ledger).await, None);
        }
        // It may come out weeks later, and whoever thought it was not paid would pay it now.
        place.let_days_pass(30);
        comes_out(&ledger, &reference).await;
        assert_eq!(repeated(&ledger).await, Some(reference));
        place.let_days_pass(8);
        assert_eq!(repeated(&ledger).await, None);
    }
}

async fn what_came_out_as_done_has_its_reference_for_ever(place: &Place) {
    let ledger = place.open().await;
    for state in ENDS {
        let reference = format!("R-{state:?}");
        ended(&ledger, &reference, state).await;
        comes_out(&ledger, &reference).await;
        place.let_days_pass(400);
        is_used(&ledger, &reference, &reference).await;
    }
    // Also that of a single call which would have made way, and one that has.
    bring_to(&ledger, call("S-1"), RowState::Pending).await;
    comes_out(&ledger, "S-1").await;
    is_used(&ledger, "S-1", "S-1").await;
    for (reference, state) in [("S-2", RowState::Refused), ("S-3", RowState::Pending)] {
        bring_to(&ledger, call(reference), RowState::Pending).await;
        bring_to(&ledger, call(reference), state).await;
        comes_out(&ledger, reference).await;
        is_used(&ledger, reference, reference).await;
        assert_eq!(all(&ledger, reference).await.len(), 2);
    }
}

/// Neither a call nor a file may use the reference, because of this row.
async fn is_used(ledger: &Ledger, reference: &str, by: &str) {
    for call in [call(reference), unnamed_call(reference)] {
        let error = ledger.begin(call).await.unwrap_err();
        let Some(Conflict::ReferenceUsed(row)) = error.as_conflict() else {
            panic!("{error}")
        };
        assert_eq!(row.reference, by);
    }
    // Another person and amount change nothing.
    let rows = vec![
        new_row(2, "FREE", "9000000001", "1"),
        new_row(3, reference, "9000000002", "2"),
    ];
    let checked = check_import(ledger, "USED", rows).await.unwrap();
    let found = checked.found();
    assert_eq!(
        (found.reference_problems, found.references_waiting),
        (1, 0),
        "{reference}"
    );
    let (line, row) = &found.used_references[0];
    assert_eq!((*line, row.reference.as_str()), (3, by));
    checked.commit(0).await.unwrap_err();
}

async fn what_was_exported_and_came_out_as_done_is_not_paid_under_its_new_reference(place: &Place) {
    let ledger = place.open().await;
    for state in ENDS {
        let (reference, new) = (format!("R-{state:?}"), format!("NEW-{state:?}"));
        ended(&ledger, &reference, state).await;
        let id = row(&ledger, &reference).await.id;
        assert_eq!(
            ledger.export_row(id, &new).await.unwrap().as_deref(),
            Some(new.as_str())
        );
        comes_out(&ledger, &reference).await;
        place.let_days_pass(400);
        is_used(&ledger, &new, &reference).await;
        is_used(&ledger, &reference, &reference).await;
        let why = row(&ledger, &reference).await.explanation().unwrap();
        assert!(
            why.contains(&format!(" and was written out to be paid as {new}: ")),
            "{why}"
        );
    }
}

/// Whoever was certain that it was not sent was wrong.
async fn what_is_to_be_sent_and_came_out_as_done_is_not_sent(place: &Place) {
    let ledger = place.open().await;
    let run = ended(&ledger, "A-1", RowState::Pending).await;
    let to_be_sent = pending(&ledger, run).await.remove(0);
    comes_out(&ledger, "A-1").await;
    assert!(pending(&ledger, run).await.is_empty());
    assert!(begin(&ledger, &to_be_sent).await.is_none());
    assert_eq!(row(&ledger, "A-1").await.attempts, 1);
    // It waits for nobody.
    let mut same = unnamed_call("R-1");
    same.ticket = ticket("R-1", MOBILE, "10");
    ledger.check(&[same]).await.unwrap();
}

async fn what_came_out_as_done_and_is_in_doubt_again_stays_in_doubt(place: &Place) {
    let ledger = place.open().await;
    let run = ended(&ledger, "A-1", RowState::Pending).await;
    let second = begin(&ledger, &pending(&ledger, run).await[0]).await.unwrap();
    comes_out(&ledger, "A-1").await;
    assert_eq!(row(&ledger, "A-1").await.outcome(), "unknown");
    assert_eq!(ledger.counts(run).await.unwrap().unknown.rows, 1);
    // The second attempt moved nothing, and the first did.
    ledger.conclude(second, refused()).await.unwrap();
    assert_eq!(row(&ledger, "A-1").await.outcome(), "done");
    assert_eq!(ledger.counts(run).await.unwrap().done.rows, 1);
}

async fn a_run_does_not_pay_what_came_out_as_done_since(place: &Place) {
    let ledger = place.open().await;
    ended(&ledger, "FIRST", RowState::NotDone).await;
    let id = row(&ledger, "FIRST").await.id;
    ledger.export_row(id, "SECOND").await.unwrap();
    let run = import(&ledger, "H2", vec![new_row(2, "SECOND", MOBILE, "10")]).await;
    assert_eq!(ledger.paid_meanwhile(run).await.unwrap().rows, 0);
    comes_out(&ledger, "FIRST").await;
    let found = ledger.paid_meanwhile(run).await.unwrap();
    assert_eq!((found.rows, found.in_doubt), (1, 0));
    assert_eq!(found.named[0].2.reference, "FIRST");
}

async fn what_came_out_as_done_before_this_version_counts_too(place: &Place) {
    let ledger = place.open().await;
    for reference in ["R-1", "R-2"] {
        ended(&ledger, reference, RowState::Refused).await;
    }
    comes_out(&ledger, "R-1").await;
    drop(ledger);
    place.forget_what_came_out();
    let ledger = place.open().await;
    assert_eq!(row(&ledger, "R-1").await.outcome(), "done");
    assert_eq!(row(&ledger, "R-2").await.outcome(), "refused");
}
