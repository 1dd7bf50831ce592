//! What a connection waits for: the disk, and another process that holds the file. Here a ledger waits for that only a moment,
//! which no user can set.

use std::{
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, types::Value};
use tempfile::TempDir;

use super::{Settings, SqliteStore, connect};
use crate::{
    call::{NewCall, Scope},
    conclusion::Conclusion,
    error::LedgerError,
    ledger::Ledger,
    row_state::RowState,
    run::{HistoryFilter, NewRun},
    store::Result,
};

struct Locked {
    _folder: TempDir,
    path: PathBuf,
    other: Connection,
}

impl Locked {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        drop(Ledger::open(&path).unwrap());
        wait_until_closed(&path);
        let other = Connection::open(&path).unwrap();
        Self {
            _folder: folder,
            path,
            other,
        }
    }

    fn open(&self) -> Result<Ledger> {
        let settings = Settings {
            busy_timeout: Duration::from_millis(20),
            ..Settings::DURABLE
        };
        SqliteStore::open(self.path.clone(), settings).map(Ledger::new)
    }

    fn run(&self, sql: &str) {
        self.other.execute_batch(sql).unwrap();
    }

    fn assert_locked(&self, error: &LedgerError) {
        assert!(error.is_unavailable(), "{error}");
        assert!(error.to_string().contains(&self.path.display().to_string()), "{error}");
        assert!(error.to_string().contains("locked"), "{error}");
    }
}

/// A ledger is closed by its own thread, which has the file for itself as it does so. SQLite leaves its log once nobody else has the
/// file open; whoever opens it next begins a log again.
fn wait_until_closed(path: &Path) {
    let connection = Connection::open(path).unwrap();
    let leave_log = || connection.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()));
    let started = Instant::now();
    while leave_log().is_err() {
        assert!(started.elapsed() < Duration::from_secs(60), "somebody has it open");
        thread::yield_now();
    }
    connection
        .query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))
        .unwrap();
    connection.close().unwrap();
}

fn call(reference: &str) -> NewCall {
    let ticket = serde_json::json!({
        "operation": "createAllocatePoints", "reference": reference, "intended_at": "2026-11-23T09:00:00Z",
        "company": "CEK1PU9AOO", "account": "CAQL8YCV3", "direction": "credit", "amount": 250.5, "mobile": "9000000004"
    });
    NewCall::new(scope(), "allocate", serde_json::from_value(ticket).unwrap()).reference_given(true)
}

fn scope() -> Scope {
    Scope {
        host: "https://api.example".to_owned(),
        company: "CEK1PU9AOO".to_owned(),
        account: "CAQL8YCV3".to_owned(),
    }
}

/// No test can cut the power, and a process that is killed loses nothing that the disk has not got yet.
#[test]
fn every_commit_waits_for_the_disk() {
    let locked = Locked::new();
    let connection = connect(&locked.path, Settings::DURABLE).unwrap();
    let ask = |pragma: &str| {
        connection
            .pragma_query_value(None, pragma, |row| row.get::<_, Value>(0))
            .unwrap()
    };
    assert_eq!(ask("journal_mode"), Value::Text("wal".to_owned()));
    assert_eq!(ask("synchronous"), Value::Integer(2), "FULL");
    assert_eq!(ask("fullfsync"), Value::Integer(1));
}

/// Whoever has the file has what stands in it, also where no table shows it.
#[tokio::test]
async fn people_who_are_forgotten_stand_nowhere_in_the_file() {
    let locked = Locked::new();
    let ledger = locked.open().unwrap();
    for number in 0..50 {
        let call = call(&format!("R-{number}")).person("Zebulon Quasimodo");
        let intent = ledger.begin(call).await.unwrap();
        let unknown = Conclusion::given_up("no response came");
        ledger.conclude(intent, unknown).await.unwrap();
    }
    let rows = ledger.history(&HistoryFilter::default(), None, 100).await.unwrap();
    for row in rows {
        ledger.resolve(row.id, true, "asha", "EnKash says so").await.unwrap();
    }
    let people_in_file = || {
        locked.run("PRAGMA wal_checkpoint(TRUNCATE)");
        let bytes = std::fs::read(&locked.path).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        text.matches("Zebulon").count() + text.matches("9000000004").count()
    };
    assert!(people_in_file() >= 100);
    assert_eq!(ledger.purge(enkash::Timestamp::now()).await.unwrap(), 50);
    assert_eq!(people_in_file(), 0);
}

#[tokio::test]
async fn no_intent_comes_out_of_a_locked_file() {
    let locked = Locked::new();
    let ledger = locked.open().unwrap();
    let sent = ledger.begin(call("SENT")).await.unwrap();
    locked.run("BEGIN IMMEDIATE");
    locked.assert_locked(&ledger.begin(call("WHILE-LOCKED")).await.unwrap_err());
    let run = NewRun::new(scope(), "allocate", "november.csv", "asha");
    locked.assert_locked(&ledger.import_run(run).await.unwrap_err());
    // Its outcome is lost: it counts as unknown.
    let lost = ledger.conclude(sent, Conclusion::given_up("no response came")).await;
    locked.assert_locked(&lost.unwrap_err());
    locked.run("ROLLBACK");

    let rows = ledger.history(&HistoryFilter::default(), None, 10).await.unwrap();
    let states: Vec<_> = rows.iter().map(|row| (row.reference.as_str(), row.state)).collect();
    assert_eq!(states, [("SENT", RowState::Sending)]);
    assert_eq!(ledger.interrupt_calls().await.unwrap(), 1);
    let intent = ledger.begin(call("WHILE-LOCKED")).await.unwrap();
    assert_eq!(intent.attempt(), 1);
}

#[tokio::test]
async fn a_file_that_another_has_for_itself_is_not_opened() {
    let locked = Locked::new();
    locked.run("PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT");
    locked.assert_locked(&locked.open().unwrap_err());
    let Locked { _folder, path, other } = locked;
    other.close().unwrap();
    drop(Ledger::open(&path).unwrap().begin(call("AFTERWARDS")).await.unwrap());
}
