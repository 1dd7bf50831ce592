//! How far long work got, on standard error: a bar where that is a terminal, and now and then a plain line elsewhere.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Between two plain lines.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// The outcomes so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ProgressCounts {
    pub(crate) done: u64,
    pub(crate) refused: u64,
    pub(crate) unknown: u64,
    pub(crate) not_sent: u64,
}

impl ProgressCounts {
    fn all(self) -> u64 {
        self.done + self.refused + self.unknown + self.not_sent
    }

    fn describe(self) -> String {
        let mut text = format!("{} done, {} refused, {} unknown", self.done, self.refused, self.unknown);
        if self.not_sent > 0 {
            text.push_str(&format!(", {} not sent", self.not_sent));
        }
        text
    }
}

/// The progress of one piece of work.
pub(super) struct Progress {
    bar: ProgressBar,
    rows: u64,
    /// What is read, where nobody knows how much there is.
    noun: Option<&'static str>,
    begun: Instant,
    /// When the next plain line is due; `None` where there is a bar, or nobody wants to know.
    next_line: Option<Instant>,
}

impl Progress {
    pub(super) fn hidden() -> Self {
        Self {
            bar: ProgressBar::hidden(),
            rows: 0,
            noun: None,
            begun: Instant::now(),
            next_line: None,
        }
    }

    /// Of a list whose end nobody knows yet.
    pub(super) fn reading(noun: &'static str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let begun = Instant::now();
        let next_line = bar.is_hidden().then(|| begun + LINE_EVERY);
        let bar = match ProgressStyle::with_template("{pos} {msg} read, {elapsed}") {
            Ok(style) => bar.with_style(style).with_message(noun),
            Err(_) => bar,
        };
        Self {
            bar,
            rows: 0,
            noun: Some(noun),
            begun,
            next_line,
        }
    }

    pub(super) fn begin(rows: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(rows), ProgressDrawTarget::stderr());
        let begun = Instant::now();
        let next_line = bar.is_hidden().then(|| begun + LINE_EVERY);
        let style = ProgressStyle::with_template("{bar:24} {pos} of {len} rows{msg}, {per_sec}, {eta} left");
        let bar = match style {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        };
        Self {
            bar,
            rows,
            noun: None,
            begun,
            next_line,
        }
    }

    pub(super) fn advance(&self) {
        self.bar.inc(1);
    }

    /// Counts rows that were read; the line to write where there is no bar and one is due.
    pub(super) fn read(&mut self, rows: u64) -> Option<String> {
        self.bar.inc(rows);
        let now = Instant::now();
        if self.next_line.is_none_or(|due| now < due) {
            return None;
        }
        self.next_line = Some(now + LINE_EVERY);
        let seconds = (now - self.begun).as_secs();
        Some(format!("{} {} read in {seconds} s", self.bar.position(), self.noun?))
    }

    /// Shows the counts; the line to write where there is no bar and one is due.
    pub(super) fn set(&mut self, counts: ProgressCounts) -> Option<String> {
        self.bar.set_position(counts.all());
        self.bar.set_message(format!(": {}", counts.describe()));
        let now = Instant::now();
        if self.next_line.is_none_or(|due| now < due) {
            return None;
        }
        self.next_line = Some(now + LINE_EVERY);
        Some(plain_line(counts, self.rows, now - self.begun))
    }

    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }

    /// Writes beside the bar.
    pub(super) fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }
}

/// `1200 of 40000 rows: 1198 done, 0 refused, 2 unknown; 310 rows a second, about 125 s left`.
fn plain_line(counts: ProgressCounts, rows: u64, elapsed: Duration) -> String {
    let told = counts.all();
    let mut line = format!("{told} of {rows} rows: {}", counts.describe());
    let seconds = elapsed.as_secs();
    if let Some(rate) = told.checked_div(seconds).filter(|rate| *rate > 0) {
        let left = rows.saturating_sub(told) / rate;
        line.push_str(&format!("; {rate} rows a second, about {left} s left"));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_line_says_the_counts_the_rate_and_the_time_left() {
        let counts = ProgressCounts {
            done: 1198,
            unknown: 2,
            ..ProgressCounts::default()
        };
        assert_eq!(
            plain_line(counts, 40_000, Duration::from_secs(4)),
            "1200 of 40000 rows: 1198 done, 0 refused, 2 unknown; 300 rows a second, about 129 s left"
        );
        let line = plain_line(ProgressCounts::default(), 40_000, Duration::ZERO);
        assert_eq!(line, "0 of 40000 rows: 0 done, 0 refused, 0 unknown");
    }
}
