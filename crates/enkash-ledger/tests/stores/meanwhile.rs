//! What waits in a run, beside calls and files that pay the same person the same amount: neither the one nor the other pays unseen.

use enkash_ledger::{CallRow, Conflict, Ledger, RowState, RunId};

use crate::{
    place::Place,
    rows::{bring_to, call, call_at, done, import, new_row, new_rows, pending, row, send, ticket, unnamed_call},
};

on_each_store!(
    a_call_without_a_reference_is_refused_while_its_payment_waits_in_a_run,
    what_was_paid_since_a_row_came_is_named,
    what_came_before_a_row_and_was_paid_since_is_named,
    what_is_no_payment_in_its_place_is_not_named,
    many_rows_that_wait_for_one_payment_are_counted,
);

const MOBILE: &str = "9111111177";

/// A run with a row of 10 for this person, between two for others.
async fn waiting(ledger: &Ledger) -> RunId {
    let rows = vec![
        new_row(2, "OTHER-1", "9000000078", "10"),
        new_row(3, "WAITS", MOBILE, "10"),
        new_row(4, "OTHER-2", "9000000079", "10"),
    ];
    import(ledger, "H1", rows).await
}

async fn pay(ledger: &Ledger, reference: &str, amount: &str, state: RowState) {
    let mut call = call(reference);
    call.ticket = ticket(reference, MOBILE, amount);
    bring_to(ledger, call, state).await;
}

/// How many rows wait for what was paid, how many of these in doubt, and the references of both.
async fn meanwhile(ledger: &Ledger, run: RunId) -> (u64, u64, Vec<(u64, String, String)>) {
    let found = ledger.paid_meanwhile(run).await.unwrap();
    let named = found.named.into_iter();
    let named = named.map(|(line, reference, other): (_, _, CallRow)| (line, reference, other.reference));
    (found.rows, found.in_doubt, named.collect())
}

async fn a_call_without_a_reference_is_refused_while_its_payment_waits_in_a_run(place: &Place) {
    let ledger = place.open().await;
    let run = waiting(&ledger).await;
    place.let_days_pass(400);
    let unnamed = |reference: &str, mobile: &str, amount: &str| {
        let mut call = unnamed_call(reference);
        call.ticket = ticket(reference, mobile, amount);
        call
    };
    let same = unnamed("R-1", MOBILE, "10");
    let refused = ledger.check(std::slice::from_ref(&same)).await.unwrap_err();
    let Some(Conflict::Waiting(waits)) = refused.as_conflict() else {
        panic!("{refused}")
    };
    assert_eq!((waits.reference.as_str(), waits.run), ("WAITS", Some((run, 2))));
    ledger.begin(same.clone()).await.unwrap_err();
    // Another amount, another person, another host, or a reference that somebody chose.
    let mut elsewhere = same.clone();
    elsewhere.scope = call_at("https://other.example", "R-1").scope;
    let chosen = same.clone().reference_given(true);
    for other in [
        unnamed("R-2", MOBILE, "11"),
        unnamed("R-3", "9000000080", "10"),
        elsewhere,
        chosen,
    ] {
        ledger.check(&[other]).await.unwrap();
    }
    // What is in doubt is hidden by nothing that waits.
    pay(&ledger, "R-4", "10", RowState::Unknown).await;
    let refused = ledger.check(std::slice::from_ref(&same)).await.unwrap_err();
    assert!(
        matches!(refused.as_conflict(), Some(Conflict::Doubt(row)) if row.reference == "R-4"),
        "{refused}"
    );
    let id = row(&ledger, "R-4").await.id;
    ledger.resolve(id, false, "ravi", "telephone").await.unwrap();
    ledger.check(std::slice::from_ref(&same)).await.unwrap_err();
    ledger.cancel_run(run).await.unwrap();
    let _intent = ledger.begin(same).await.unwrap();
}

async fn what_was_paid_since_a_row_came_is_named(place: &Place) {
    let ledger = place.open().await;
    for (state, mobile) in [
        (RowState::Done, "9111111101"),
        (RowState::Unknown, "9111111102"),
        (RowState::Sending, "9111111103"),
    ] {
        let (waits, paid) = (format!("WAITS-{state:?}"), format!("PAID-{state:?}"));
        let run = import(&ledger, &waits, vec![new_row(3, &waits, mobile, "10")]).await;
        assert_eq!(meanwhile(&ledger, run).await, (0, 0, vec![]));
        let mut call = call(&paid);
        call.ticket = ticket(&paid, mobile, "10");
        bring_to(&ledger, call, state).await;
        let in_doubt = u64::from(state != RowState::Done);
        assert_eq!(meanwhile(&ledger, run).await, (1, in_doubt, vec![(3, waits, paid)]));
    }
}

async fn what_came_before_a_row_and_was_paid_since_is_named(place: &Place) {
    let ledger = place.open().await;
    let older = waiting(&ledger).await;
    let younger = import(&ledger, "H2", vec![new_row(2, "YOUNGER", MOBILE, "10")]).await;
    assert_eq!(meanwhile(&ledger, younger).await, (0, 0, vec![]));
    send(&ledger, &pending(&ledger, older).await[1], done()).await;
    let named = vec![(2, "YOUNGER".to_owned(), "WAITS".to_owned())];
    assert_eq!(meanwhile(&ledger, younger).await, (1, 0, named));
    assert_eq!(meanwhile(&ledger, older).await, (0, 0, vec![]));
}

async fn what_is_no_payment_in_its_place_is_not_named(place: &Place) {
    let ledger = place.open().await;
    // Whoever imported the row was told of these.
    pay(&ledger, "EARLIER", "10", RowState::Done).await;
    let run = waiting(&ledger).await;
    pay(&ledger, "AMOUNT", "11", RowState::Done).await;
    for state in [RowState::Refused, RowState::NotDone, RowState::Pending] {
        pay(&ledger, &format!("{state:?}"), "10", state).await;
    }
    let mut elsewhere = call_at("https://other.example", "ELSEWHERE");
    elsewhere.ticket = ticket("ELSEWHERE", MOBILE, "10");
    bring_to(&ledger, elsewhere, RowState::Done).await;
    assert_eq!(meanwhile(&ledger, run).await, (0, 0, vec![]));
    // Nor is a row of the file itself, nor what is not left.
    let twice = import(
        &ledger,
        "H2",
        vec![
            new_row(2, "TWICE-1", "9000000090", "10"),
            new_row(3, "TWICE-2", "9000000090", "10"),
        ],
    )
    .await;
    send(&ledger, &pending(&ledger, twice).await[0], done()).await;
    assert_eq!(meanwhile(&ledger, twice).await, (0, 0, vec![]));
    // What an earlier version left behind names no host.
    ledger.import_tickets(&[ticket("OLD", MOBILE, "10")]).await.unwrap();
    let named = vec![(3, "WAITS".to_owned(), "OLD".to_owned())];
    assert_eq!(meanwhile(&ledger, run).await, (1, 1, named));
}

async fn many_rows_that_wait_for_one_payment_are_counted(place: &Place) {
    let ledger = place.open().await;
    let twice = [
        new_row(200, "LAST-1", MOBILE, "10"),
        new_row(201, "LAST-2", MOBILE, "10"),
    ];
    let rows = new_rows("A", 150).into_iter().chain(twice);
    let run = import(&ledger, "H1", rows.collect()).await;
    for row in new_rows("B", 150) {
        let mut call = call(&row.reference);
        call.ticket = ticket(&row.reference, &row.recipient, "10");
        bring_to(&ledger, call, RowState::Done).await;
    }
    pay(&ledger, "LAST", "10", RowState::Unknown).await;
    let (rows, in_doubt, named) = meanwhile(&ledger, run).await;
    assert_eq!((rows, in_doubt, named.len()), (152, 2, 100));
    assert_eq!(named[99], (101, "A-100".to_owned(), "B-100".to_owned()));
}
