//! A reference names one call, whichever row of the ledger knows it.

#![allow(clippy::unwrap_used, reason = "a test may panic, and so may what it calls")]

use enkash::{Error, OperationId, Outcome, Ticket};
use enkash_ledger::{Conclusion, Conflict, Ledger, NewCall, RowState, Scope};

fn ticket() -> Ticket {
    let ticket = serde_json::json!({
        "operation": "createAllocatePoints", "reference": "PAYROLL-42", "intended_at": "2026-11-23T09:00:00Z",
        "company": "CEK1PU9AOO", "account": "CAQL8YCV3", "direction": "credit", "amount": 250.5, "mobile": "9000000004"
    });
    serde_json::from_value(ticket).unwrap()
}

/// The row that was not sent may make way, and the ticket that an earlier version left behind may not.
#[tokio::test]
async fn a_call_that_was_not_sent_does_not_hide_one_in_doubt_with_its_reference() {
    let ledger = Ledger::temporary().unwrap();
    let scope = Scope {
        host: "https://api.example".to_owned(),
        ..Scope::of_ticket(&ticket())
    };
    let call = || NewCall::new(scope.clone(), "allocate", ticket());
    let intent = ledger.begin(call()).await.unwrap();
    let not_sent: Outcome<()> = Outcome::NotSent(Error::fake_not_sent(OperationId::CreateAllocatePoints));
    ledger
        .conclude(intent, Conclusion::from_outcome(&not_sent))
        .await
        .unwrap();
    assert_eq!(ledger.import_tickets(&[ticket()]).await.unwrap(), 1);

    let error = ledger.begin(call()).await.unwrap_err();
    let Some(Conflict::ReferenceUsed(row)) = error.as_conflict() else {
        panic!("{error}");
    };
    assert_eq!(row.state, RowState::Unknown);
}
