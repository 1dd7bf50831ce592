//! What the rounds met, for the record: an assertion that never met a fault proves nothing.

use std::{collections::BTreeMap, fmt, time::Duration};

use crate::{command::Ended, plan::Moment};

#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) rounds: u64,
    pub(crate) rows: usize,
    /// By the moment that was waited for.
    pub(crate) kills: BTreeMap<&'static str, u64>,
    pub(crate) asked_to_stop: u64,
    pub(crate) paused: u64,
    /// Second processes that were refused beside a paused one.
    pub(crate) refused_beside: u64,
    processes: u64,
    torn_lines: u64,
    told: BTreeMap<String, u64>,
    /// What became of the rows, before the last look-up.
    pub(crate) ended_as: BTreeMap<String, u64>,
    pub(crate) unknown_in_the_end: u64,
    pub(crate) faults: u64,
    pub(crate) time: Duration,
}

impl Figures {
    pub(crate) fn kills(&self) -> u64 {
        self.kills.values().sum()
    }

    pub(crate) fn killed(&mut self, at: Moment) {
        let word = match at {
            Moment::Start => "at the start",
            Moment::LookUp => "during look-ups",
            Moment::Rows(_) => "while rows are told",
            Moment::End => "at the end",
        };
        *self.kills.entry(word).or_default() += 1;
    }

    pub(crate) fn count(&mut self, ended: &Ended) {
        self.processes += 1;
        self.torn_lines += u64::from(ended.is_torn);
        for row in &ended.told {
            *self.told.entry(row.outcome.clone()).or_default() += 1;
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} rounds, {} rows, {} killed {:?}, {} asked to stop, {} paused ({} others refused beside it), {} processes, {} torn \
             lines, told {:?}, ended as {:?}, {} unknown in the end, {} faults, {} s",
            self.rounds,
            self.rows,
            self.kills(),
            self.kills,
            self.asked_to_stop,
            self.paused,
            self.refused_beside,
            self.processes,
            self.torn_lines,
            self.told,
            self.ended_as,
            self.unknown_in_the_end,
            self.faults,
            self.time.as_secs()
        )
    }
}
