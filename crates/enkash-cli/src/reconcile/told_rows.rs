//! What was told of each row, from the ledger or from a report that was written as CSV. It is read as a stream, and more than
//! once: nothing of it is kept.

use enkash_ledger::{HistoryFilter, Ledger, RunId};

use super::{
    report_file::ReportFile,
    told::{Told, ToldRow},
};
use crate::{exit::CliError, ledger};

/// How many rows are read at a time.
const PAGE: u32 = 1000;

/// Where the rows come from.
pub(super) enum ToldRows<'a> {
    OfRun(&'a Ledger, RunId),
    OfReport(&'a ReportFile),
}

impl ToldRows<'_> {
    /// Every row, in the order of its file.
    pub(super) async fn each(&self, take: &mut dyn FnMut(ToldRow) -> Result<(), CliError>) -> Result<(), CliError> {
        let (ledger, run) = match self {
            Self::OfReport(file) => return file.each(take),
            Self::OfRun(ledger, run) => (ledger, *run),
        };
        let mut filter = HistoryFilter::default();
        filter.run = Some(run);
        let mut after = None;
        loop {
            let rows = ledger.history(&filter, after, PAGE).await.map_err(ledger::unusable)?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = Some(last.id);
            for row in rows {
                let told = Told::parse(row.outcome()).unwrap_or(Told::Unknown);
                let amount = row.amount.ok_or_else(|| {
                    CliError::runtime(format!(
                        "{} has no amount in the ledger, please report it",
                        row.reference
                    ))
                })?;
                take(ToldRow {
                    line: row.line,
                    reference: row.reference,
                    amount,
                    told,
                })?;
            }
        }
    }

    /// The failure of a reference that stands twice.
    pub(super) fn twice(&self, count: usize) -> CliError {
        let place = match self {
            Self::OfRun(_, run) => format!("run {run}"),
            Self::OfReport(file) => file.place(),
        };
        CliError::bad_input(format!(
            "{count} references stand twice in {place}: nothing can be compared by them. A report of enkash run report has \
             each once."
        ))
    }
}
