//! How many rows a second a ledger takes through import, intent and conclusion, with many calls at once and nothing sent:
//!
//!     cargo run --release -p enkash-ledger --features postgres --example rows_per_second -- DATABASE [ROWS] [AT-ONCE]
//!
//! `DATABASE` is a file that is not there yet, or the URL of a PostgreSQL database.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use enkash::{Money, Outcome, Ticket};
use enkash_ledger::{Amount, Conclusion, Ledger, LedgerError, NewRow, NewRun, PendingRow, RunId, Scope};
use tokio::task::JoinSet;

/// How many rows are pushed at a time.
const BATCH: u64 = 2000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let database = arguments.next().ok_or("name a file or a URL")?;
    let rows = arguments.next().map_or(Ok(5000), |rows| rows.parse())?;
    let at_once = arguments.next().map_or(Ok(32), |count| count.parse())?;
    let ledger = open(&database).await?;

    let started = Instant::now();
    let run = import(&ledger, rows).await?;
    report("imported", rows, started);

    let mut pending = Vec::new();
    while let page = ledger.pending_rows(run, pending.len() as u64, 10_000).await?
        && !page.is_empty()
    {
        pending.extend(page);
    }
    let started = Instant::now();
    send(&ledger, pending, at_once).await?;
    report("begun and concluded", rows, started);
    Ok(())
}

#[cfg(feature = "postgres")]
async fn open(database: &str) -> Result<Ledger, LedgerError> {
    match database.contains("://") {
        true => Ledger::connect(database).await,
        false => Ledger::open(database),
    }
}

#[cfg(not(feature = "postgres"))]
async fn open(database: &str) -> Result<Ledger, LedgerError> {
    Ledger::open(database)
}

#[expect(clippy::print_stdout, reason = "it is what the example is for")]
fn report(what: &str, rows: u64, started: Instant) {
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "{what} {rows} rows in {seconds:.2} s: {:.0} a second",
        rows as f64 / seconds
    );
}

async fn import(ledger: &Ledger, rows: u64) -> Result<RunId, Box<dyn std::error::Error>> {
    // Every run has references of its own.
    let name = std::process::id();
    let scope = Scope {
        host: "https://api.example".to_owned(),
        company: "CEK1PU9AOO".to_owned(),
        account: "CAQL8YCV3".to_owned(),
    };
    let amount = Amount::try_from("250.5".parse::<Money>()?)?;
    let mut import = ledger
        .import_run(NewRun::new(scope, "allocate", "rate.csv", "rate"))
        .await?;
    let mut first = 1;
    while first <= rows {
        let lines = first..=rows.min(first + BATCH - 1);
        first += BATCH;
        let rows = lines.map(|line| NewRow {
            line,
            reference: format!("RATE-{name}-{line}"),
            recipient: format!("90000{line:05}"),
            request: r#"{"title":"MR","name":"Asha Rao","email":"asha@example.com","gender":"MALE"}"#.to_owned(),
            amount,
        });
        import.push(rows.collect()).await?;
    }
    let checked = import.finish(&format!("rate {name}")).await?;
    // The people are the same each time.
    Ok(checked.commit_with_repetitions(0).await?)
}

fn ticket(row: &PendingRow) -> Ticket {
    let json = serde_json::json!({
        "operation": "createAllocatePoints", "reference": row.reference, "intended_at": "2026-11-23T09:00:00Z",
        "company": "CEK1PU9AOO", "account": "CAQL8YCV3", "direction": "credit", "amount": 250.5, "mobile": row.recipient
    });
    serde_json::from_value(json).expect("a ticket")
}

async fn send(ledger: &Ledger, rows: Vec<PendingRow>, at_once: usize) -> Result<(), Box<dyn std::error::Error>> {
    let (rows, next) = (Arc::new(rows), Arc::new(AtomicUsize::new(0)));
    let mut senders = JoinSet::new();
    for _ in 0..at_once {
        let (ledger, rows, next) = (ledger.clone(), Arc::clone(&rows), Arc::clone(&next));
        senders.spawn(async move {
            while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
                if let Some(intent) = ledger.begin_row(row.id, &ticket(row)).await? {
                    let done = Conclusion::from_outcome(&Outcome::Done(()));
                    ledger.conclude(intent, done).await?;
                }
            }
            Ok::<_, LedgerError>(())
        });
    }
    while let Some(sender) = senders.join_next().await {
        sender??;
    }
    Ok(())
}
