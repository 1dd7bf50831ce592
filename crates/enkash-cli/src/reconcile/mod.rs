//! Compares what a run told with what the account lists: the proof that everybody was paid once. `enkash reconcile` calls it,
//! with a run of the ledger or with a report that was written as CSV. It reads the account once, and moves nothing.

mod account;
mod difference;
mod index;
mod report;
mod report_file;
mod told;
mod told_rows;

use enkash::Timestamp;
use enkash_ledger::{HistoryFilter, Ledger, RowState, Run, RunId, RunState};

use self::{
    account::AccountReading,
    difference::Rank,
    index::Index,
    report::{Printer, Summary},
    told_rows::ToldRows,
};
pub(crate) use self::{report::columns, report_file::ReportFile};
use crate::{
    exit::{CliError, ExitStatus},
    ledger,
    output::Output,
    session::Session,
};

/// How much time before and after a run is looked at: its clock and the API's may differ, and nothing documents in which time
/// zone the API reads a time.
const MARGIN: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

/// What is compared with the account.
pub(crate) struct Comparison<'a> {
    rows: ToldRows<'a>,
    /// The ledger that knows the account's other calls; a report alone has none.
    ledger: Option<(&'a Ledger, &'a Run)>,
    from: Timestamp,
    to: Timestamp,
    /// Also the rows that are as they were told.
    shows_all: bool,
}

impl<'a> Comparison<'a> {
    /// Of a run, which nobody may be sending.
    pub(crate) async fn of_run(
        ledger: &'a Ledger,
        run: &'a Run,
        session: &Session,
        shows_all: bool,
    ) -> Result<Self, CliError> {
        let scope = session.connection.scope();
        let id = run.id;
        if run.scope != scope {
            return Err(CliError::bad_input(format!(
                "run {id} is of account {} of company {} on {}, and the settings name account {} of company {} on {}: nothing \
                 was compared",
                run.scope.account, run.scope.company, run.scope.host, scope.account, scope.company, scope.host
            )));
        }
        if let Some(who) = senders(ledger, id).await? {
            return Err(CliError::bad_input(format!(
                "{who} run {id}: compare it when that has ended. Nothing was compared."
            )));
        }
        let begin = run.started_at.unwrap_or(run.created_at);
        let end = match run.state {
            RunState::Finished | RunState::Canceled => run.ended_at.unwrap_or_else(Timestamp::now),
            _ => Timestamp::now(),
        };
        Ok(Self {
            rows: ToldRows::OfRun(ledger, id),
            ledger: Some((ledger, run)),
            from: widened(begin, -1),
            to: widened(end, 1),
            shows_all,
        })
    }

    /// Of a report in a file, whose calls were made in this time.
    pub(crate) fn of_report(file: &'a ReportFile, from: Timestamp, to: Timestamp, shows_all: bool) -> Self {
        Self {
            rows: ToldRows::OfReport(file),
            ledger: None,
            from: widened(from, -1),
            to: widened(to, 1),
            shows_all,
        }
    }

    /// Reads the account once, and shows what differs: what matters most first.
    pub(crate) async fn show(&self, session: &Session, output: &mut Output) -> Result<ExitStatus, CliError> {
        let mut index = Index::new();
        self.rows
            .each(&mut |row| {
                index
                    .add(&row.reference, row.amount, row.told)
                    .map_err(CliError::bad_input)
            })
            .await?;
        index.finish().map_err(|line| self.rows.twice(line))?;
        let mut account = AccountReading::read(session, self.from, self.to, &mut index).await?;
        if let Some((ledger, run)) = self.ledger {
            account.find_in_ledger(ledger, run, &mut index).await?;
        }
        let summary = Summary::new(&self.rows, self.ledger.map(|(_, run)| run), &index, &account);
        let printer = Printer::begin(output)?;
        for rank in Rank::ALL {
            let is_wanted = self.shows_all || rank != Rank::AsTold;
            if is_wanted && summary.rows_of(rank) > 0 {
                self.rows
                    .each(&mut |row| printer.row(&row, &index, &account, rank, output))
                    .await?;
            }
            if rank == Rank::Doubt {
                printer.strangers(&account, output)?;
            }
        }
        summary.print(output)?;
        Ok(summary.exit())
    }
}

/// Who may be sending the run right now: a row that is paid while the account is read would look like a false alarm.
async fn senders(ledger: &Ledger, id: RunId) -> Result<Option<&'static str>, CliError> {
    let lock = ledger.lock_run(id).await.map_err(ledger::unusable)?;
    // Where it stands now: somebody may have gone on with it since it was read.
    let run = ledger.run(id).await.map_err(ledger::unusable)?;
    match run.state {
        RunState::Running if lock.is_none() => Ok(Some("a process is sending")),
        RunState::HandedOut => {
            let left = ledger.counts(id).await.map_err(ledger::unusable)?.left.rows;
            let mut on_their_way = HistoryFilter::default();
            on_their_way.run = Some(id);
            on_their_way.states = vec![RowState::Sending];
            let on_their_way = ledger.history(&on_their_way, None, 1).await;
            let is_sent = left > 0 || !on_their_way.map_err(ledger::unusable)?.is_empty();
            Ok(is_sent.then_some("workers are sending"))
        }
        _ => Ok(None),
    }
}

/// A time with the margin on this side of it.
fn widened(time: Timestamp, side: i8) -> Timestamp {
    match side {
        ..0 => time.checked_sub(MARGIN).unwrap_or(Timestamp::MIN),
        _ => time.checked_add(MARGIN).unwrap_or(Timestamp::MAX),
    }
}
