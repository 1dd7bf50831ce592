//! What the schedules of a run met, for the record: an assertion that never met a fault proves nothing.

use std::{collections::BTreeMap, fmt};

use enkash_sandbox::LogEntry;

use crate::oracle::{Oracle, ReportedOutcome};

#[derive(Debug, Default)]
pub(crate) struct RunStats {
    pub(crate) schedules: u64,
    calls: u64,
    told: BTreeMap<ReportedOutcome, u64>,
    effects: usize,
    settlements: u64,
    settled: u64,
    strangers: u64,
    requests: usize,
    faults: BTreeMap<&'static str, u64>,
}

impl RunStats {
    pub(crate) fn count(&mut self, oracle: &Oracle, effects: usize, log: &[LogEntry]) {
        self.schedules += 1;
        self.calls += oracle.calls.len() as u64;
        for (_, told) in oracle.calls.iter().flat_map(|call| &call.rows) {
            *self.told.entry(*told).or_default() += 1;
        }
        self.effects += effects;
        self.settlements += oracle.settlements.len() as u64;
        self.settled += oracle
            .settlements
            .iter()
            .filter(|settlement| settlement.word == "done")
            .count() as u64;
        self.strangers += oracle.strangers;
        self.requests += log.len();
        for fault in log.iter().flat_map(|entry| &entry.faults) {
            *self.faults.entry(fault).or_default() += 1;
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.schedules += other.schedules;
        self.calls += other.calls;
        other
            .told
            .into_iter()
            .for_each(|(told, count)| *self.told.entry(told).or_default() += count);
        self.effects += other.effects;
        self.settlements += other.settlements;
        self.settled += other.settled;
        self.strangers += other.strangers;
        self.requests += other.requests;
        other
            .faults
            .into_iter()
            .for_each(|(fault, count)| *self.faults.entry(fault).or_default() += count);
    }
}

impl fmt::Display for RunStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} schedules, {} calls that move value, {} requests",
            self.schedules, self.calls, self.requests
        )?;
        writeln!(f, "intents were told: {:?}", self.told)?;
        writeln!(f, "movements of points: {}", self.effects)?;
        writeln!(f, "settlements: {}, proven: {}", self.settlements, self.settled)?;
        writeln!(f, "clients with a wrong password: {}", self.strangers)?;
        let faults: u64 = self.faults.values().sum();
        write!(f, "faults played: {faults} {:?}", self.faults)
    }
}
