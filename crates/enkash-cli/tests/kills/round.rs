//! A round: a sandbox with faults, a file of rows, and the ledger of their run. Processes of the run are started and collected
//! here, and in the end everything that can be asked about the run is asked.

use std::{
    collections::BTreeMap,
    fmt::Write,
    fs, hint,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use enkash_sandbox::{Operation, Sandbox, Seed, Switches, switches::DuplicateReference};
use rust_decimal::Decimal;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::{
    command::{Ended, Process},
    figures::Figures,
    oracle::Oracle,
    plan::{Plan, Way},
};

/// A delayed effect comes long before. A request that was cut off half way is never logged, so there has to be an end.
const QUIET_AFTER: Duration = Duration::from_secs(5);
const MAX_CALLS: usize = 1_000_000;

pub(crate) struct Round<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) sandbox: Sandbox,
    pub(crate) figures: &'a mut Figures,
    runtime: &'a Runtime,
    oracle: Oracle,
    folder: Folder,
    /// The ledger's database; the file in the state folder without it.
    ledger_url: Option<String>,
    /// The last processes, for a failure.
    history: Vec<String>,
}

/// A folder that goes away with the round.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Plays a plan on this ledger. `mishaps` is everything that happens until the run is over.
pub(crate) fn play(
    plan: &Plan,
    ledger_url: Option<String>,
    runtime: &Runtime,
    figures: &mut Figures,
    mishaps: impl FnOnce(&mut Round<'_>) -> Result<(), String>,
) -> Result<(), String> {
    let started = Instant::now();
    let opening = Decimal::from(1_000_000_000);
    let builder = Sandbox::builder()
        .seed(Seed::small().account_balance(opening))
        .rng_seed(plan.seed)
        // The worst that an API can do with a reference that it knows.
        .switches(Switches::new().duplicate_reference(DuplicateReference::CreditAgain))
        // Other tests do; here it would be most of the time.
        .check_responses(false)
        .max_calls(MAX_CALLS);
    let name = format!("kills-{}-{}-{}", std::process::id(), plan.machines, plan.seed);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // What an earlier process of the same number left there.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let (file, amounts) = file_of(plan.rows);
    fs::write(folder.join("rows.csv"), file).unwrap();
    let mut round = Round {
        plan,
        sandbox: runtime.block_on(builder.start()).unwrap(),
        figures,
        runtime,
        oracle: Oracle::new(amounts, opening, plan.machines),
        folder: Folder(folder),
        ledger_url,
        history: Vec::new(),
    };
    let played = round
        .begin()
        .and_then(|()| mishaps(&mut round))
        .and_then(|()| round.check());
    if let Err(failure) = played {
        let last = round.history.len().saturating_sub(5);
        let processes = round.history[last..].join("\n");
        return Err(format!("{failure}\n\nthe last processes:\n{processes}"));
    }
    let log = round.sandbox.log();
    let faults = log.iter().map(|entry| entry.faults.len() as u64);
    round.figures.faults += faults.sum::<u64>();
    round.figures.rounds += 1;
    round.figures.rows += plan.rows;
    round.figures.time += started.elapsed();
    Ok(())
}

impl Round<'_> {
    fn begin(&mut self) -> Result<(), String> {
        if self.plan.starts_logged_in {
            for machine in 0..self.plan.machines {
                self.run(machine, &["token", "--output", "json"])?;
            }
        }
        for rule in &self.plan.faults {
            self.sandbox.add_fault(rule.clone());
        }
        Ok(())
    }

    /// Starts a process that sends rows of the run.
    pub(crate) fn start(&self, way: Way, machine: usize) -> Process {
        let file = self.folder.0.join("rows.csv");
        let concurrency = self.plan.concurrency.to_string();
        let mut arguments = match way {
            Way::File => vec!["allocate", "--file", file.to_str().unwrap(), "--yes"],
            Way::Resume => vec!["run", "resume", "--yes"],
            Way::HandOut => vec!["allocate", "--file", file.to_str().unwrap(), "--yes", "--workers"],
            Way::Work => vec!["run", "work", "--until-done"],
        };
        let options = [
            "--keep-going",
            "--settle-within",
            "1s",
            "--output",
            "json",
            "--concurrency",
        ];
        arguments.extend(options);
        arguments.push(&concurrency);
        self.process(machine, &arguments)
    }

    fn process(&self, machine: usize, arguments: &[&str]) -> Process {
        let state = self.folder.0.join(format!("machine-{machine}"));
        Process::start(
            arguments,
            &state,
            self.sandbox.credentials(),
            self.ledger_url.as_deref(),
        )
    }

    /// Waits for the end of a process of the run, and holds what it told against the books. `is_alone`: no other process has
    /// sent rows since it was started.
    pub(crate) fn collect(&mut self, process: Process, machine: usize, is_alone: bool) -> Result<Ended, String> {
        let ended = process.ended()?;
        self.figures.count(&ended);
        self.history.push(ended.to_string());
        self.oracle.after_process(&ended, &self.sandbox, is_alone)?;
        if ended.is_kept_from_login {
            // A process that was killed in a login may have spent a strike, and logins pause. Who knows that the password is
            // right says so.
            self.run(machine, &["token", "--reset-strikes", "--yes", "--output", "json"])?;
        }
        Ok(ended)
    }

    /// Another command, to its end.
    pub(crate) fn run(&mut self, machine: usize, arguments: &[&str]) -> Result<Ended, String> {
        let ended = self.process(machine, arguments).ended()?;
        self.history.push(ended.to_string());
        Ok(ended)
    }

    /// Where the run stands by the ledger; empty where it has none.
    pub(crate) fn state(&mut self) -> Result<String, String> {
        let listed = self.run(0, &["run", "list", "--output", "json"])?;
        let state = listed.others.first().and_then(|run: &Value| run["state"].as_str());
        Ok(state.unwrap_or_default().to_owned())
    }

    /// Everything that can be asked about a run that is over, before a last look-up and after it.
    fn check(&mut self) -> Result<(), String> {
        self.come_to_rest();
        let state = self.state()?;
        if state != "finished" {
            return Err(format!("the run is {state:?}"));
        }
        let report = self.run(0, &["run", "report", "1", "--output", "json"])?;
        let ended_as = self.oracle.at_the_end(&report, &self.sandbox)?;
        for (outcome, count) in &ended_as {
            *self.figures.ended_as.entry(outcome.clone()).or_default() += count;
        }
        let reconciled = self.run(0, &["reconcile", "--run", "1", "--output", "json"])?;
        let unknown = ended_as.get("unknown").copied().unwrap_or_default();
        self.oracle.check_reconciliation(&reconciled, unknown)?;
        self.run(0, &["settle", "--within", "0s", "--output", "json"])?;
        let report = self.run(0, &["run", "report", "1", "--output", "json"])?;
        self.oracle.at_the_end(&report, &self.sandbox)?;
        let unknown = self.oracle.after_settling(&report, &self.sandbox)?;
        let reconciled = self.run(0, &["reconcile", "--run", "1", "--output", "json"])?;
        self.oracle.check_reconciliation(&reconciled, unknown)?;
        self.figures.unknown_in_the_end += unknown;
        let login = self.sandbox.credentials().username.as_str();
        match self.sandbox.is_locked(login) {
            true => Err("the account is locked".to_owned()),
            false => Ok(()),
        }
    }

    /// No more faults, and everything that is under way comes to its end.
    fn come_to_rest(&self) {
        self.sandbox.clear_faults();
        self.runtime.block_on(self.sandbox.refuse_connections());
        let end = Instant::now() + QUIET_AFTER;
        let is_quiet = || {
            let came: u64 = Operation::ALL.iter().map(|of| self.sandbox.calls(*of)).sum();
            self.sandbox.log().len() as u64 >= came
        };
        while !is_quiet() && Instant::now() < end {
            thread::sleep(Duration::from_millis(20));
        }
        self.runtime.block_on(self.sandbox.accept_connections());
    }
}

/// A file of so many rows, and the amount of each. No two amounts are the same, and every fifth person has two rows.
fn file_of(rows: usize) -> (String, BTreeMap<String, Decimal>) {
    let mut file = "title,name,email,mobile,gender,amount,reference\n".to_owned();
    let mut amounts = BTreeMap::new();
    for row in 0..rows {
        let person = row % (rows * 4 / 5).max(1);
        let (amount, reference) = (Decimal::new(row as i64 + 1, 2), format!("KILL-{row:05}"));
        let person = format!("Mr,Person {person},p{person}@example.com,90000{person:05},M");
        writeln!(file, "{person},{amount},{reference}").unwrap();
        amounts.insert(reference, amount);
    }
    (file, amounts)
}

/// Waits to the microsecond.
pub(crate) fn spin(time: Duration) {
    let end = Instant::now() + time;
    thread::sleep(time.saturating_sub(Duration::from_millis(2)));
    while Instant::now() < end {
        hint::spin_loop();
    }
}
