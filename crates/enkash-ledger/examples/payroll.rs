//! A program of your own that pays a list once: it may be killed at any moment and started again. Here against a sandbox, with
//! a ledger that ends with the program.
//!
//!     cargo run -p enkash-ledger --example payroll

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use enkash::{ClientReference, Enkash, Money, Person, rewards::Allocation};
use enkash_ledger::{Amount, Conclusion, Ledger, NewRow, NewRun, RunId, RunState, Scope};
use enkash_sandbox::Sandbox;

/// Your own list: reference, mobile number, amount.
const LIST: [(&str, &str, &str); 3] = [
    ("PAYROLL-1", "9000000101", "250.50"),
    ("PAYROLL-2", "9000000102", "99.99"),
    ("PAYROLL-3", "9000000103", "1000"),
];

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let to = sandbox.credentials();
    let enkash = Enkash::from_settings(to.settings())?;
    let rewards = enkash.rewards(&to.company_id, &to.card_account_id);

    // Live: `Ledger::open("payroll.db")`, and the host of the API.
    let ledger = Ledger::temporary()?;
    let scope = Scope {
        host: to.url.clone(),
        company: to.company_id.clone(),
        account: to.card_account_id.clone(),
    };
    let run = plan(&ledger, &scope).await?;
    // Whoever holds the lock is alone: what is still on its way was left behind by a process that died.
    let Some(_lock) = ledger.lock_run(run).await? else {
        return Err("another process sends this run".into());
    };
    ledger.interrupt_run(run).await?;
    ledger.set_run_state(run, RunState::Running, None).await?;
    for row in ledger.pending_rows(run, 0, 1000).await? {
        let person = Person::new("Ms", "Employee", "payroll@example.com", row.request.as_str(), "F")?;
        let amount = Money::try_from(row.amount.as_decimal())?;
        let reference: ClientReference = row.reference.parse()?;
        let allocation = Allocation::for_person(person, amount, reference);
        let Some(intent) = ledger.begin_row(row.id, &rewards.ticket(&allocation)).await? else {
            continue;
        };
        let outcome = rewards.allocate(allocation).await;
        ledger.conclude(intent, Conclusion::from_outcome(&outcome)).await?;
        println!("{}  {outcome}", row.reference);
    }
    let counts = ledger.counts(run).await?;
    println!(
        "{} of {} rows done, {} unknown",
        counts.done.rows,
        counts.rows(),
        counts.unknown.rows
    );
    Ok(())
}

/// The run of the list: the one that is there, or a new one.
async fn plan(ledger: &Ledger, scope: &Scope) -> Result<RunId, Box<dyn std::error::Error>> {
    // What tells one list from another; for a file its SHA-256.
    let name = "payroll 2026-11";
    if let Some(run) = ledger.find_run(scope, "payroll", name).await? {
        return Ok(run);
    }
    let mut import = ledger
        .import_run(NewRun::new(scope.clone(), "payroll", name, "payroll program"))
        .await?;
    let rows = (1..).zip(LIST).map(|(line, (reference, mobile, amount))| {
        Ok(NewRow {
            line,
            reference: reference.to_owned(),
            recipient: mobile.to_owned(),
            request: mobile.to_owned(),
            amount: Amount::try_from(amount.parse::<Money>()?)?,
        })
    });
    let rows = rows.collect::<Result<Vec<_>, Box<dyn std::error::Error>>>()?;
    import.push(rows).await?;
    Ok(import.finish(name).await?.commit(0).await?)
}
