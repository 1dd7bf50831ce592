//! What the processes do: they begin calls and record how they ended, as fast as they can, and tell each fact once the ledger
//! has returned. No call is sent: nothing here depends on an API.

use std::{
    fs,
    path::{Path, PathBuf},
    process,
};

use enkash::{Error, OperationId, Outcome, Ticket};
use enkash_ledger::{CommittedIntent, Conclusion, Ledger, LedgerError, NewCall, NewRow, NewRun, RunId, Scope};

use crate::{child, facts::Fact};

pub(crate) const SENDS_UNTIL_IT_IS_KILLED: &str = "sender::sends_until_it_is_killed";
pub(crate) const SENDS_ONE_AFTER_THE_OTHER: &str = "sender::sends_one_after_the_other";
const COMPANY: &str = "CEK1PU9AOO";
const ACCOUNT: &str = "CAQL8YCV3";

/// A call with this reference. All are for the same person, and many in doubt.
pub(crate) fn call(reference: &str) -> NewCall {
    NewCall::new(scope(), "allocate", ticket(reference, "9000000004")).reference_given(true)
}

fn scope() -> Scope {
    Scope {
        host: "https://api.example".to_owned(),
        company: COMPANY.to_owned(),
        account: ACCOUNT.to_owned(),
    }
}

fn ticket(reference: &str, mobile: &str) -> Ticket {
    let ticket = serde_json::json!({
        "operation": "createAllocatePoints", "reference": reference, "intended_at": "2026-11-23T09:00:00Z",
        "company": COMPANY, "account": ACCOUNT, "direction": "credit", "amount": 250.5, "mobile": mobile, "card": null
    });
    serde_json::from_value(ticket).unwrap()
}

/// Each way an attempt can end, in turn.
pub(crate) fn conclusion(number: u32) -> Conclusion {
    let operation = OperationId::CreateAllocatePoints;
    match number % 4 {
        0 => Conclusion::from_outcome(&Outcome::Done(())),
        1 => Conclusion::from_outcome::<()>(&Outcome::Refused(Error::fake_refused(operation, "1", "no"))),
        2 => Conclusion::from_outcome::<()>(&Outcome::NotSent(Error::fake_not_sent(operation))),
        _ => Conclusion::given_up("no response came"),
    }
}

/// Begins the call, records how it ended, and says what the ledger has promised.
pub(crate) async fn send(
    ledger: &Ledger,
    call: NewCall,
    number: u32,
    mut told: impl FnMut(Fact),
) -> Result<(), LedgerError> {
    let intent = ledger.begin(call).await?;
    conclude(ledger, intent, number, &mut told).await
}

async fn conclude(
    ledger: &Ledger,
    intent: CommittedIntent,
    number: u32,
    told: &mut impl FnMut(Fact),
) -> Result<(), LedgerError> {
    let fact = Fact::of_intent(&intent);
    told(fact);
    let recorded = ledger.conclude(intent, conclusion(number)).await?;
    fact.of_end(recorded).into_iter().for_each(told);
    Ok(())
}

fn tell(fact: Fact) {
    child::tell(&fact.to_string());
}

/// A run for processes to share.
pub(crate) async fn import(ledger: &Ledger, rows: u64) -> RunId {
    let mut import = ledger.import_run(new_run()).await.unwrap();
    import.push(self::rows(rows)).await.unwrap();
    let checked = import.finish("hash").await.unwrap();
    checked.commit_with_repetitions(0).await.unwrap()
}

pub(crate) fn new_run() -> NewRun {
    NewRun::new(scope(), "allocate", "november.csv", "asha")
}

/// For another person than the calls, of which many are in doubt.
pub(crate) fn rows(count: u64) -> Vec<NewRow> {
    let amount = "250.5".parse::<enkash::Money>().unwrap();
    let row = |line| NewRow {
        line,
        reference: format!("ROW-{line}"),
        recipient: "9000000005".to_owned(),
        request: "{}".to_owned(),
        amount: amount.try_into().unwrap(),
    };
    (2..count + 2).map(row).collect()
}

/// Several calls at once, of its own and of the run that others send as well.
#[test]
fn sends_until_it_is_killed() {
    let Some(path) = child::ledger_path() else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.unwrap().block_on(async {
        let ledger = Ledger::open(path).unwrap();
        // As a process does that resumes what another has left. The other may live.
        ledger.interrupt_calls().await.unwrap();
        let run = ledger.runs(None, 1).await.unwrap().pop();
        let tasks = [send_calls(ledger.clone(), 0), send_calls(ledger.clone(), 1)];
        let tasks = tasks.map(tokio::spawn);
        if let Some(run) = run {
            ledger.interrupt_run(run.id).await.unwrap();
            send_run(&ledger, run.id).await;
        }
        for task in tasks {
            task.await.unwrap();
        }
    });
}

async fn send_calls(ledger: Ledger, task: u32) {
    for number in 0.. {
        let call = call(&format!("CALL-{}-{task}-{number}", process::id()));
        send(&ledger, call, number, tell).await.unwrap();
    }
}

/// Rows that were certainly not sent are pending again, and come once more.
async fn send_run(ledger: &Ledger, run: RunId) {
    loop {
        let rows = ledger.pending_rows(run, 0, 8).await.unwrap();
        if rows.is_empty() {
            return;
        }
        for row in rows {
            let ticket = ticket(&row.reference, &row.recipient);
            let Some(intent) = ledger.begin_row(row.id, &ticket).await.unwrap() else {
                continue;
            };
            let number = u32::try_from(row.place).unwrap() + 2 * intent.attempt();
            conclude(ledger, intent, number, &mut tell).await.unwrap();
        }
    }
}

/// With how long the log was by then, so that the test knows what stands where.
#[test]
fn sends_one_after_the_other() {
    let Some(path) = child::ledger_path() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let ledger = Ledger::open(&path).unwrap();
        for number in 0.. {
            let tell = |fact| child::tell(&format!("{} {fact}", log_length(&path)));
            send(&ledger, call(&format!("CALL-{number}")), number, tell)
                .await
                .unwrap();
        }
    });
}

fn log_length(ledger: &Path) -> u64 {
    fs::metadata(log_of(ledger)).unwrap().len()
}

/// SQLite's write-ahead log beside the file.
pub(crate) fn log_of(ledger: &Path) -> PathBuf {
    ledger.with_extension("db-wal")
}
