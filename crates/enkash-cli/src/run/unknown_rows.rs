//! What becomes of the rows of a run that are unknown: looked up together, within one limit of time, before more is sent.

use std::{pin::pin, time::Duration};

use enkash::Outcome;
use enkash_ledger::{CallRow, Conclusion, HistoryFilter, Ledger, RowState, RunId, Settled};
use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};

use crate::{exit::CliError, ledger, output::Output, session::Session};

/// How many rows are looked up at once.
const PAGE: u32 = 1000;

/// Looks up every unknown row of the run, within this time for all of them together, or once where it is zero. What stays unknown does not stop the run.
pub(super) async fn settle(
    session: &Session,
    ledger: &Ledger,
    run: RunId,
    within: Duration,
    output: &mut Output,
) -> Result<(), CliError> {
    // A time that no clock can reach is as good as none.
    let end = Instant::now().checked_add(within).filter(|_| !within.is_zero());
    let mut filter = HistoryFilter::default();
    filter.run = Some(run);
    filter.states = vec![RowState::Unknown];
    let (mut after, mut found, mut all) = (None, 0, 0);
    loop {
        let rows = ledger.history(&filter, after, PAGE).await.map_err(ledger::unusable)?;
        let Some(last) = rows.last() else { break };
        after = Some(last.id);
        all += rows.len();
        if end.is_none_or(|end| Instant::now() < end) {
            found += settle_page(session, ledger, &rows, within, end).await?;
        }
    }
    if all > 0 {
        output.note(&format!(
            "{} in flight or unknown: {found} settled, {} still unknown",
            match all {
                1 => "1 row was".to_owned(),
                all => format!("{all} rows were"),
            },
            all - found
        ));
    }
    Ok(())
}

async fn settle_page(
    session: &Session,
    ledger: &Ledger,
    rows: &[CallRow],
    within: Duration,
    end: Option<Instant>,
) -> Result<usize, CliError> {
    let stored = rows.iter().filter_map(|row| Some((row, row.stored_ticket()?)));
    let (rows, tickets): (Vec<_>, Vec<_>) = stored.unzip();
    let left = end.map_or(within, |end| end.saturating_duration_since(Instant::now()));
    let enkash = &session.connection.enkash;
    let mut settled = pin!(enkash.settle_all(tickets).within(left).into_stream());
    let mut found = 0;
    while let Some((index, outcome)) = match end {
        // A look-up in flight at the end may take longer than the limit.
        Some(end) => timeout_at(end, settled.next()).await.ok().flatten(),
        None => settled.next().await,
    } {
        let Some((row, conclusion)) = rows.get(index).zip(Conclusion::from_settlement(&outcome)) else {
            continue;
        };
        found += usize::from(!matches!(outcome, Outcome::Unknown(_)));
        ledger
            .settle(vec![Settled::new(row.id, row.attempts, conclusion)])
            .await
            .map_err(ledger::unusable)?;
    }
    Ok(found)
}
