//! What a row of a run is sent for: its own call, and nothing else.

use enkash::{Outcome, Ticket, ticket::Intent};
use enkash_ledger::{Conflict, Ledger, PendingRow, RowState, RunState};

use crate::{
    place::Place,
    rows::{all, check_import, import, new_rows, no, pending, row, ticket},
};

on_each_store!(
    a_ticket_of_another_call_begins_no_row,
    a_row_is_sent_with_its_own_ticket_alone,
    a_row_waits_for_the_approvals_of_its_run,
);

/// The ticket of the row, with one part that is another.
fn other_tickets(row: &PendingRow) -> Vec<(&'static str, Ticket)> {
    let (reference, mobile) = (row.reference.as_str(), row.recipient.as_str());
    let changed = |part: &str, value: serde_json::Value| {
        let mut json = serde_json::to_value(ticket(reference, mobile, "10")).unwrap();
        json[part] = value;
        serde_json::from_value(json).unwrap()
    };
    let mut to_a_card: Ticket = changed("card", "CARD1".into());
    if let Intent::Points(points) = &mut to_a_card.intent {
        points.mobile = None;
    }
    vec![
        ("reference", ticket("OTHER", mobile, "10")),
        ("recipient", ticket(reference, "9000000099", "10")),
        ("recipient", to_a_card),
        ("amount", ticket(reference, mobile, "10.01")),
        ("direction", changed("direction", "debit".into())),
        ("company", changed("company", "COTHER".into())),
        ("account", changed("account", "AOTHER".into())),
    ]
}

async fn assert_waits(ledger: &Ledger, reference: &str) {
    let found = row(ledger, reference).await;
    assert_eq!((found.state, found.attempts), (RowState::Pending, 0));
}

async fn a_ticket_of_another_call_begins_no_row(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", new_rows("A", 2)).await;
    let rows = pending(&ledger, run).await;
    for (part, other) in other_tickets(&rows[0]) {
        let error = ledger.begin_row(rows[0].id, &other).await.unwrap_err();
        assert!(error.is_invalid_input(), "{error}");
        let text = error.to_string();
        assert!(text.contains(&format!("another {part}: nothing was sent")), "{text}");
        assert!(!text.contains("90000"), "{text}");
        assert_waits(&ledger, "A-1").await;
    }
    // Nor does that of its neighbour.
    let neighbour = ticket("A-2", &rows[1].recipient, "10");
    ledger.begin_row(rows[0].id, &neighbour).await.unwrap_err();
    assert_waits(&ledger, "A-1").await;
    assert!(all(&ledger, "OTHER").await.is_empty());

    let own = ticket("A-1", &rows[0].recipient, "10.00");
    let _intent = ledger.begin_row(rows[0].id, &own).await.unwrap().unwrap();
    // Whoever comes too late is told so, whatever the ticket.
    for (_, other) in other_tickets(&rows[0]) {
        assert!(ledger.begin_row(rows[0].id, &other).await.unwrap().is_none());
    }
}

async fn a_row_is_sent_with_its_own_ticket_alone(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", new_rows("A", 2)).await;
    let rows = pending(&ledger, run).await;
    let own = ticket("A-1", &rows[0].recipient, "10");
    for (_, other) in other_tickets(&rows[0]) {
        let never = async || -> Outcome<()> { panic!("it is sent") };
        ledger.send_row(rows[0].id, &other, never).await.unwrap_err();
    }
    let sent = ledger.send_row(rows[0].id, &own, async || Outcome::Done(7)).await;
    let (outcome, not_recorded) = sent.unwrap().unwrap();
    assert!(matches!(outcome, Outcome::Done(7)) && not_recorded.is_none());
    assert_eq!(row(&ledger, "A-1").await.state, RowState::Done);
    let never = async || -> Outcome<()> { panic!("it is sent twice") };
    assert!(ledger.send_row(rows[0].id, &own, never).await.unwrap().is_none());

    let own = ticket("A-2", &rows[1].recipient, "10");
    let refused = async || Outcome::<()>::Refused(no());
    let _refused = ledger.send_row(rows[1].id, &own, refused).await.unwrap().unwrap();
    assert_eq!(row(&ledger, "A-2").await.state, RowState::Refused);
}

async fn a_row_waits_for_the_approvals_of_its_run(place: &Place) {
    let (ledger, elsewhere) = (place.open().await, place.open().await);
    let checked = check_import(&ledger, "H1", new_rows("A", 1)).await.unwrap();
    let run = checked.commit(2).await.unwrap();
    // Those of another run do not count.
    let other = check_import(&ledger, "H2", new_rows("B", 0)).await.unwrap();
    let other = other.commit(2).await.unwrap();
    for name in ["ravi", "meera"] {
        ledger.approve_run(other, name, "os").await.unwrap();
    }
    let waits = pending(&ledger, run).await.remove(0);
    let own = ticket("A-1", &waits.recipient, "10");
    for (state, name, missing) in [(RunState::Running, "ravi", 2), (RunState::HandedOut, "meera", 1)] {
        ledger.set_run_state(run, state, None).await.unwrap();
        for ledger in [&ledger, &elsewhere] {
            let error = ledger.begin_row(waits.id, &own).await.unwrap_err();
            let Some(Conflict::Unapproved {
                run: named,
                missing: count,
            }) = error.as_conflict()
            else {
                panic!("it is approved: {error}");
            };
            assert_eq!((*named, *count), (run, missing));
        }
        assert_waits(&ledger, "A-1").await;
        ledger.approve_run(run, name, "os").await.unwrap();
    }
    assert!(elsewhere.begin_row(waits.id, &own).await.unwrap().is_some());
}
