//! What must be true, held against the sandbox's own books: after each process what it told, and at the end of the run the
//! ledger, its report, the account's balance and the reconciliation.

use std::collections::BTreeMap;

use enkash_sandbox::{Operation, Sandbox};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::command::{Ended, ToldRow};

/// The word of every process about every row, and the references of the file with their amounts.
pub(crate) struct Oracle {
    amounts: BTreeMap<String, Decimal>,
    opening: Decimal,
    machines: usize,
    told: Vec<ToldRow>,
}

/// How often each reference was credited, in the sandbox's books.
struct Credits(BTreeMap<String, usize>);

impl Credits {
    fn of(sandbox: &Sandbox) -> Self {
        let mut credits = BTreeMap::new();
        for transaction in sandbox.transactions() {
            *credits.entry(transaction.reference).or_default() += 1;
        }
        Self(credits)
    }

    fn get(&self, reference: &str) -> usize {
        self.0.get(reference).copied().unwrap_or_default()
    }
}

impl Oracle {
    pub(crate) fn new(amounts: BTreeMap<String, Decimal>, opening: Decimal, machines: usize) -> Self {
        Self {
            amounts,
            opening,
            machines,
            told: Vec::new(),
        }
    }

    /// Holds what a process told against the books of now. `is_alone`: nobody else has sent anything since it was started.
    pub(crate) fn after_process(&mut self, ended: &Ended, sandbox: &Sandbox, is_alone: bool) -> Result<(), String> {
        let credits = Credits::of(sandbox);
        for row in &ended.told {
            let count = credits.get(&row.reference);
            let is_true = match row.outcome.as_str() {
                "done" => count == 1,
                "refused" => count == 0,
                "not sent" | "pending" if is_alone => count == 0,
                "not sent" | "pending" => count <= 1,
                "unknown" => count <= 1,
                _ => false,
            };
            if !is_true || !self.amounts.contains_key(&row.reference) {
                return Err(format!("{row:?} was told, and it is credited {count} times\n{ended}"));
            }
        }
        if let Some(summary) = &ended.summary {
            self.check_sum(summary)?;
        }
        self.told.extend(ended.told.iter().cloned());
        Ok(())
    }

    fn check_sum(&self, summary: &Value) -> Result<(), String> {
        let count = |name: &str| summary[name].as_u64().unwrap_or_default();
        let sum: u64 = ["done", "refused", "pending", "not_sent", "unknown"]
            .map(count)
            .iter()
            .sum();
        match sum == count("rows") && sum == self.amounts.len() as u64 {
            true => Ok(()),
            false => Err(format!(
                "the counts do not add up to {} rows: {summary}",
                self.amounts.len()
            )),
        }
    }

    /// At the end of the run: `report` is what `run report` says of it.
    pub(crate) fn at_the_end(&self, report: &Ended, sandbox: &Sandbox) -> Result<BTreeMap<String, u64>, String> {
        let credits = Credits::of(sandbox);
        let mut wrong: Vec<String> = Vec::new();
        for (reference, count) in &credits.0 {
            if *count > 1 || !self.amounts.contains_key(reference) {
                wrong.push(format!("{reference} is credited {count} times"));
            }
        }
        // What was told once is for good, in the books and in the ledger.
        let in_ledger: BTreeMap<_, _> = report.told.iter().map(|row| (&row.reference, &row.outcome)).collect();
        for row in self
            .told
            .iter()
            .filter(|row| ["done", "refused"].contains(&row.outcome.as_str()))
        {
            let (count, now) = (credits.get(&row.reference), in_ledger.get(&row.reference));
            if count != usize::from(row.outcome == "done") || now != Some(&&row.outcome) {
                wrong.push(format!(
                    "{row:?} was told, it is credited {count} times, and the ledger says {now:?}"
                ));
            }
        }
        wrong.extend(self.check_report(report, &credits).err());
        // At most one attempt of a row ever reached the API.
        let (calls, ended) = (sandbox.calls(Operation::CreateAllocatePoints), counts(&report.told));
        let sent: u64 = ["done", "refused", "unknown"]
            .iter()
            .filter_map(|word| ended.get(*word))
            .sum();
        if calls > sent {
            wrong.push(format!("the API got {calls} calls for {sent} rows: {ended:?}"));
        }
        let gone = self.opening - sandbox.account_balance();
        let credited: Decimal = credits
            .0
            .keys()
            .filter_map(|reference| self.amounts.get(reference))
            .sum();
        if gone != credited {
            wrong.push(format!(
                "the balance went down by {gone}, and the rows that are credited add up to {credited}"
            ));
        }
        // Where a worker that was paused is certain of "not sent" after the others ended the run, the row stays for an export.
        let is_left = |word: &str| ended.contains_key(word);
        if is_left("pending") || self.machines == 1 && is_left("not sent") {
            wrong.push(format!("the run is over, and rows are left: {ended:?}"));
        }
        wrong.extend(sandbox.audit());
        match wrong.is_empty() {
            true => Ok(ended),
            false => Err(format!("{}\n{report}", wrong.join("\n"))),
        }
    }

    /// Every row is in the report once, and is what the books say.
    fn check_report(&self, report: &Ended, credits: &Credits) -> Result<(), String> {
        let outcomes: BTreeMap<_, _> = report
            .told
            .iter()
            .map(|row| (&row.reference, row.outcome.as_str()))
            .collect();
        if report.told.len() != self.amounts.len() || !outcomes.keys().copied().eq(self.amounts.keys()) {
            return Err(format!(
                "the report has {} rows of {}",
                report.told.len(),
                self.amounts.len()
            ));
        }
        for (reference, outcome) in outcomes {
            let count = credits.get(reference);
            let is_true = match outcome {
                "done" => count == 1,
                "unknown" => count <= 1,
                _ => count == 0,
            };
            if !is_true {
                return Err(format!(
                    "{reference} is {outcome} in the ledger, and credited {count} times"
                ));
            }
        }
        let summary = report.summary.as_ref().ok_or("the report has no summary")?;
        self.check_sum(summary)?;
        for (outcome, count) in counts(&report.told) {
            if summary[outcome.replace(' ', "_")].as_u64() != Some(count) {
                return Err(format!("{count} rows are {outcome}, and the summary says {summary}"));
            }
        }
        let done: Decimal = report
            .told
            .iter()
            .filter(|row| row.outcome == "done")
            .filter_map(|row| self.amounts.get(&row.reference))
            .sum();
        let allocated = summary["allocated"]
            .as_str()
            .and_then(|text| text.parse::<Decimal>().ok());
        match allocated == Some(done) {
            true => Ok(()),
            false => Err(format!("{done} are done, and the summary says {summary}")),
        }
    }

    /// After a look-up without faults: what is still unknown was never credited.
    pub(crate) fn after_settling(&self, report: &Ended, sandbox: &Sandbox) -> Result<u64, String> {
        let credits = Credits::of(sandbox);
        let unknown: Vec<_> = report.told.iter().filter(|row| row.outcome == "unknown").collect();
        match unknown.iter().find(|row| credits.get(&row.reference) > 0) {
            Some(row) => Err(format!(
                "{} is credited, and no look-up proves it\n{report}",
                row.reference
            )),
            None => Ok(unknown.len() as u64),
        }
    }

    /// `summary` is what `reconcile` says.
    pub(crate) fn check_reconciliation(&self, ended: &Ended, unknown: u64) -> Result<(), String> {
        let summary = ended.summary.clone().unwrap_or_default();
        let wanted = [
            ("rows", self.amounts.len() as u64),
            ("alarms", 0),
            ("differences", 0),
            ("doubts", unknown),
            ("unknown_to_us", 0),
        ];
        let is_whole = summary["list_whole"] == true && summary["proven"] == (unknown == 0);
        match is_whole
            && wanted
                .iter()
                .all(|(name, count)| summary[*name].as_u64() == Some(*count))
        {
            true => Ok(()),
            false => Err(format!("the reconciliation is not {wanted:?}: {summary}\n{ended}")),
        }
    }
}

fn counts(rows: &[ToldRow]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(row.outcome.clone()).or_default() += 1;
    }
    counts
}
