//! Calls, rows and conclusions to test with.

use enkash::{Error, OperationId, Outcome, Ticket};
use enkash_ledger::{
    Amount, CallRow, CheckedImport, CommittedIntent, Conclusion, HistoryFilter, Ledger, LedgerError, NewCall, NewRow,
    NewRun, PendingRow, RowState, RunId, Scope,
};

pub(crate) const MOBILE: &str = "9000000004";

pub(crate) fn scope_at(host: &str) -> Scope {
    Scope {
        host: host.to_owned(),
        company: "CEK1PU9AOO".to_owned(),
        account: "CAQL8YCV3".to_owned(),
    }
}

pub(crate) fn scope() -> Scope {
    scope_at("https://api.example")
}

pub(crate) fn ticket(reference: &str, mobile: &str, amount: &str) -> Ticket {
    let json = format!(
        r#"{{"operation": "createAllocatePoints", "reference": "{reference}", "intended_at": "2026-11-23T09:00:00Z",
            "company": "CEK1PU9AOO", "account": "CAQL8YCV3", "direction": "credit", "amount": {amount},
            "mobile": "{mobile}", "card": null}}"#
    );
    serde_json::from_str(&json).expect("a ticket")
}

pub(crate) fn call_at(host: &str, reference: &str) -> NewCall {
    let ticket = ticket(reference, MOBILE, "250.5");
    NewCall::new(scope_at(host), "allocate", ticket)
        .reference_given(true)
        .person("Asha")
}

/// A call whose reference somebody chose.
pub(crate) fn call(reference: &str) -> NewCall {
    call_at("https://api.example", reference)
}

/// A call whose reference nobody chose.
pub(crate) fn unnamed_call(reference: &str) -> NewCall {
    call(reference).reference_given(false)
}

pub(crate) fn done() -> Conclusion {
    Conclusion::from_outcome(&Outcome::Done(()))
}

pub(crate) fn refused() -> Conclusion {
    Conclusion::from_outcome(&Outcome::<()>::Refused(no()))
}

pub(crate) fn not_sent() -> Conclusion {
    Conclusion::from_outcome(&Outcome::<()>::NotSent(Error::fake_not_sent(
        OperationId::CreateAllocatePoints,
    )))
}

pub(crate) fn unknown() -> Conclusion {
    Conclusion::given_up("no response came")
}

pub(crate) fn no() -> Error {
    Error::fake_refused(OperationId::CreateAllocatePoints, "1", "Card is blocked")
}

/// Brings a call to this state: by its own response, by a person, or by nobody.
pub(crate) async fn bring_to(ledger: &Ledger, call: NewCall, state: RowState) {
    let intent = ledger.begin(call).await.expect("an intent");
    let row = intent.row();
    let conclusion = match state {
        RowState::Sending => return,
        RowState::Done => done(),
        RowState::Refused => refused(),
        RowState::Pending => not_sent(),
        _ => unknown(),
    };
    ledger.conclude(intent, conclusion).await.expect("it is recorded");
    match state {
        RowState::NotDone => {
            ledger
                .resolve(row, false, "ravi", "the bank says no")
                .await
                .expect("a word");
        }
        RowState::Canceled => panic!("only a row that is pending is canceled"),
        _ => {}
    }
}

pub(crate) fn with_reference(reference: &str) -> HistoryFilter {
    let mut filter = HistoryFilter::default();
    filter.reference = Some(reference.to_owned());
    filter
}

/// All rows with this reference, in the order in which they came.
pub(crate) async fn all(ledger: &Ledger, reference: &str) -> Vec<CallRow> {
    ledger
        .history(&with_reference(reference), None, 100)
        .await
        .expect("history")
}

/// The last row with this reference.
pub(crate) async fn row(ledger: &Ledger, reference: &str) -> CallRow {
    all(ledger, reference).await.pop().expect("a row with this reference")
}

pub(crate) fn amount(rupees: &str) -> Amount {
    Amount::try_from(rupees.parse::<enkash::Money>().expect("an amount")).expect("an exact amount")
}

pub(crate) fn new_row(line: u64, reference: &str, mobile: &str, rupees: &str) -> NewRow {
    NewRow {
        line,
        reference: reference.to_owned(),
        recipient: mobile.to_owned(),
        request: r#"{"name":"Asha"}"#.to_owned(),
        amount: amount(rupees),
    }
}

/// Rows for as many people, with references that begin with this word.
pub(crate) fn new_rows(word: &str, count: u64) -> Vec<NewRow> {
    (1..=count)
        .map(|n| new_row(n + 1, &format!("{word}-{n}"), &format!("90000{n:05}"), "10"))
        .collect()
}

pub(crate) fn new_run() -> NewRun {
    NewRun::new(scope(), "allocate", "payroll.csv", "asha")
}

/// Imports these rows and checks them.
pub(crate) async fn check_import(
    ledger: &Ledger,
    file_hash: &str,
    rows: Vec<NewRow>,
) -> Result<CheckedImport, LedgerError> {
    let mut import = ledger.import_run(new_run()).await?;
    // In two parts, as a file comes.
    let (first, second) = rows.split_at(rows.len() / 2);
    import.push(first.to_vec()).await?;
    import.push(second.to_vec()).await?;
    import.finish(file_hash).await
}

/// Imports these rows as a run, also where they pay somebody again.
pub(crate) async fn import(ledger: &Ledger, file_hash: &str, rows: Vec<NewRow>) -> RunId {
    let checked = check_import(ledger, file_hash, rows)
        .await
        .expect("the rows can be checked");
    let run = checked.commit_with_repetitions(0).await;
    run.expect("the run can be committed")
}

pub(crate) async fn pending(ledger: &Ledger, run: RunId) -> Vec<PendingRow> {
    ledger.pending_rows(run, 0, 1000).await.expect("pending rows")
}

/// Commits the intent to send a row of a run.
pub(crate) async fn begin(ledger: &Ledger, row: &PendingRow) -> Option<CommittedIntent> {
    let ticket = ticket(&row.reference, &row.recipient, &row.amount.to_string());
    ledger.begin_row(row.id, &ticket).await.expect("the ledger can be used")
}

/// Sends a row of a run, to this end.
pub(crate) async fn send(ledger: &Ledger, row: &PendingRow, conclusion: Conclusion) {
    let intent = begin(ledger, row).await.expect("the row is pending");
    ledger.conclude(intent, conclusion).await.expect("it is recorded");
}
