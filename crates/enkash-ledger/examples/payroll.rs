//! A program of your own that pays a list once: it may be killed at any moment and started again. Here against a sandbox, with
//! a ledger that ends with the program.
//!
//!     cargo run -p enkash-ledger --example payroll

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;

use enkash::{
    ClientReference, Enkash, Money, Person,
    rewards::{Allocation, Rewards},
};
use enkash_ledger::{Amount, Counts, Ledger, NewRow, NewRun, PauseReason, PendingRow, RunId, RunState, Scope};
use enkash_sandbox::{Credentials, Sandbox};
use serde::{Deserialize, Serialize};

/// Your own list: reference, name, mobile number, amount.
const LIST: [(&str, &str, &str, &str); 3] = [
    ("PAYROLL-1", "Asha Rao", "9000000101", "250.50"),
    ("PAYROLL-2", "Ravi Kumar", "9000000102", "99.99"),
    ("PAYROLL-3", "Meera Nair", "9000000103", "1000"),
];

/// How many rows are read from the ledger at a time.
const PAGE: u32 = 500;

/// What a call needs of a person beside the mobile number, as the ledger keeps it: history shows the `name`.
#[derive(Serialize, Deserialize)]
struct Employee {
    name: String,
    email: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::start().await?;
    let to = sandbox.credentials();
    let enkash = Enkash::from_settings(to.settings())?;
    let rewards = enkash.rewards(&to.company_id, &to.card_account_id);

    // Live: `Ledger::open("payroll.db")`, and the host of the API.
    let ledger = Ledger::temporary()?;
    let counts = pay(&ledger, &rewards, scope(to)).await?;
    println!(
        "{} of {} rows done, {} unknown",
        counts.done.rows,
        counts.rows(),
        counts.unknown.rows
    );
    Ok(())
}

fn scope(to: &Credentials) -> Scope {
    Scope {
        host: to.url.clone(),
        company: to.company_id.clone(),
        account: to.card_account_id.clone(),
    }
}

/// Pays what is left of the list, and says where all of it stands.
async fn pay(ledger: &Ledger, rewards: &Rewards, scope: Scope) -> Result<Counts, Box<dyn Error>> {
    let run = plan(ledger, scope).await?;
    // Whoever holds the lock is alone: what is still on its way was left behind by a process that died.
    let Some(_lock) = ledger.lock_run(run).await? else {
        return Err("another process sends this run".into());
    };
    ledger.interrupt_run(run).await?;
    // Somebody else may have paid these since the run was planned, or may have tried to.
    if let Some((line, reference, other)) = ledger.paid_meanwhile(run).await?.named.first() {
        let other = format!("{}, {}", other.reference, other.describe());
        return Err(format!("line {line}, {reference}, may be paid already: {other}; look at it first").into());
    }
    ledger.set_run_state(run, RunState::Running, None).await?;
    send(ledger, rewards, run).await?;
    let counts = ledger.counts(run).await?;
    let pause = PauseReason {
        word: "not_sent".to_owned(),
        text: "rows could not be sent".to_owned(),
    };
    match counts.left.rows {
        0 => ledger.set_run_state(run, RunState::Finished, None).await?,
        _ => ledger.set_run_state(run, RunState::Paused, Some(&pause)).await?,
    };
    Ok(counts)
}

/// The run of the list: the one that is there, or a new one.
async fn plan(ledger: &Ledger, scope: Scope) -> Result<RunId, Box<dyn Error>> {
    // What tells one list from another; for a file its SHA-256.
    let name = "payroll 2026-11";
    if let Some(run) = ledger.find_run(&scope, "payroll", name).await? {
        return Ok(run);
    }
    let mut import = ledger
        .import_run(NewRun::new(scope, "payroll", name, "payroll program"))
        .await?;
    let rows = (1..).zip(LIST).map(|(line, (reference, name, mobile, amount))| {
        let employee = Employee {
            name: name.to_owned(),
            email: "payroll@example.com".to_owned(),
        };
        Ok(NewRow {
            line,
            reference: reference.to_owned(),
            recipient: mobile.to_owned(),
            request: serde_json::to_string(&employee)?,
            amount: Amount::try_from(amount.parse::<Money>()?)?,
        })
    });
    let rows = rows.collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    import.push(rows).await?;
    // Refuses a list that pays somebody again: `found()` names the rows, and a person says whether each is a payment of its own.
    Ok(import.finish(name).await?.commit(0).await?)
}

/// Sends each row that is pending, under its intent.
async fn send(ledger: &Ledger, rewards: &Rewards, run: RunId) -> Result<(), Box<dyn Error>> {
    let mut place = 0;
    loop {
        let page = ledger.pending_rows(run, place, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        place = last.place;
        for row in page {
            let allocation = allocation(&row)?;
            let ticket = rewards.ticket(&allocation);
            let sent = ledger
                .send_row(row.id, &ticket, || rewards.allocate(allocation))
                .await?;
            let Some((outcome, not_recorded)) = sent else { continue };
            println!("{}  {outcome}", row.reference);
            if let Some(error) = not_recorded {
                return Err(error.into());
            }
        }
    }
}

/// The reference, the person and the amount come from the row, or the ledger refuses the ticket.
fn allocation(row: &PendingRow) -> Result<Allocation, Box<dyn Error>> {
    let Employee { name, email } = serde_json::from_str(&row.request)?;
    let person = Person::new("Ms", name, email, row.recipient.as_str(), "F")?;
    let amount = Money::try_from(row.amount.as_decimal())?;
    let reference: ClientReference = row.reference.parse()?;
    Ok(Allocation::for_person(person, amount, reference))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use enkash_ledger::{Conclusion, HistoryFilter, NewCall};

    use super::*;

    #[tokio::test]
    async fn the_example_pays_its_list_once_and_knows_whom() {
        let sandbox = Sandbox::start().await.unwrap();
        let to = sandbox.credentials();
        let enkash = Enkash::from_settings(to.settings()).unwrap();
        let rewards = enkash.rewards(&to.company_id, &to.card_account_id);
        let ledger = Ledger::temporary().unwrap();
        for _ in 0..2 {
            let counts = pay(&ledger, &rewards, scope(to)).await.unwrap();
            assert_eq!((counts.done.rows, counts.rows()), (3, 3));
        }
        let rows = ledger.history(&HistoryFilter::default(), None, 10).await.unwrap();
        let sent: Vec<_> = rows.iter().map(|row| (row.person().unwrap(), row.attempts)).collect();
        let listed = LIST.map(|(_, name, ..)| (name.to_owned(), 1));
        assert_eq!(sent, listed);
    }

    /// Before the run is planned, and after.
    #[tokio::test]
    async fn the_example_pays_nothing_that_is_in_doubt_elsewhere() {
        let sandbox = Sandbox::start().await.unwrap();
        let to = sandbox.credentials();
        let enkash = Enkash::from_settings(to.settings()).unwrap();
        let rewards = enkash.rewards(&to.company_id, &to.card_account_id);
        for is_planned in [false, true] {
            let ledger = Ledger::temporary().unwrap();
            if is_planned {
                plan(&ledger, scope(to)).await.unwrap();
            }
            let (_, name, mobile, amount) = LIST[1];
            let person = Person::new("Ms", name, "payroll@example.com", mobile, "F").unwrap();
            let amount = amount.parse::<Money>().unwrap();
            let elsewhere = Allocation::for_person(person, amount, ClientReference::generate());
            let call = NewCall::new(scope(to), "bonus", rewards.ticket(&elsewhere)).reference_given(true);
            let intent = ledger.begin(call).await.unwrap();
            let lost = Conclusion::given_up("no response came");
            ledger.conclude(intent, lost).await.unwrap();
            pay(&ledger, &rewards, scope(to)).await.unwrap_err();
            let rows = ledger.history(&HistoryFilter::default(), None, 10).await.unwrap();
            assert_eq!(rows.iter().map(|row| row.attempts).sum::<u32>(), 1);
        }
    }
}
