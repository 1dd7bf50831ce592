//! A reference names one call, whichever row of the ledger knows it.

#![allow(clippy::unwrap_used, reason = "a test may panic, and so may what it calls")]

use enkash::{Error, Money, OperationId, Outcome, Ticket};
use enkash_ledger::{Conclusion, Conflict, HistoryFilter, Ledger, NewCall, NewRow, NewRun, RowId, RowState, Scope};

fn ticket() -> Ticket {
    let ticket = serde_json::json!({
        "operation": "createAllocatePoints", "reference": "PAYROLL-42", "intended_at": "2026-11-23T09:00:00Z",
        "company": "CEK1PU9AOO", "account": "CAQL8YCV3", "direction": "credit", "amount": 250.5, "mobile": "9000000004"
    });
    serde_json::from_value(ticket).unwrap()
}

fn scope() -> Scope {
    Scope {
        host: "https://api.example".to_owned(),
        ..Scope::of_ticket(&ticket())
    }
}

fn call() -> NewCall {
    NewCall::new(scope(), "allocate", ticket())
}

async fn begin_and_not_send(ledger: &Ledger) -> RowId {
    let intent = ledger.begin(call()).await.unwrap();
    let row = intent.row();
    let not_sent: Outcome<()> = Outcome::NotSent(Error::fake_not_sent(OperationId::CreateAllocatePoints));
    ledger
        .conclude(intent, Conclusion::from_outcome(&not_sent))
        .await
        .unwrap();
    row
}

/// The state of the row that keeps a call from using the reference.
async fn who_has_it(ledger: &Ledger) -> RowState {
    let error = ledger.begin(call()).await.unwrap_err();
    match error.as_conflict() {
        Some(Conflict::ReferenceUsed(row)) => row.state,
        _ => panic!("{error}"),
    }
}

/// The row that was not sent may make way, and the ticket that an earlier version left behind may not.
#[tokio::test]
async fn a_call_that_was_not_sent_does_not_hide_one_in_doubt_with_its_reference() {
    let ledger = Ledger::temporary().unwrap();
    begin_and_not_send(&ledger).await;
    assert_eq!(ledger.import_tickets(&[ticket()]).await.unwrap(), 1);

    assert_eq!(who_has_it(&ledger).await, RowState::Unknown);
}

/// The row whose payment goes on elsewhere keeps its reference, or both could leave.
#[tokio::test]
async fn the_reference_of_an_exported_row_stays_used() {
    let ledger = Ledger::temporary().unwrap();
    let row = begin_and_not_send(&ledger).await;
    let exported = ledger.export_row(row, "NEW-1").await.unwrap();
    assert_eq!(exported.as_deref(), Some("NEW-1"));
    assert_eq!(who_has_it(&ledger).await, RowState::Canceled);
    assert_eq!(ledger.export_row(row, "NEW-2").await.unwrap(), exported);

    let run = NewRun::new(scope(), "allocate", "november.csv", "asha");
    let mut import = ledger.import_run(run).await.unwrap();
    let row = NewRow {
        line: 2,
        reference: ticket().reference.to_string(),
        recipient: "9000000004".to_owned(),
        request: "{}".to_owned(),
        amount: "250.5".parse::<Money>().unwrap().try_into().unwrap(),
    };
    import.push(vec![row]).await.unwrap();
    assert_eq!(import.found().reference_problems, 1);
    assert!(import.commit("hash", 0).await.is_err());
}

/// Its payment goes on in the row that took its place.
#[tokio::test]
async fn a_row_whose_reference_was_taken_is_not_exported() {
    let ledger = Ledger::temporary().unwrap();
    let row = begin_and_not_send(&ledger).await;
    drop(ledger.begin(call()).await.unwrap());
    assert_eq!(ledger.export_row(row, "NEW-1").await.unwrap(), None);
    let rows = ledger.history(&HistoryFilter::default(), None, 10).await.unwrap();
    let states: Vec<_> = rows.iter().map(|row| (row.state, row.exported_as.clone())).collect();
    assert_eq!(states, [(RowState::Canceled, None), (RowState::Sending, None)]);
}
