//! The intent to send a row of a run: only with a ticket that says what the row says, and once enough people have approved the run.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Problem, calls};
use crate::{
    call::CommittedIntent,
    ids::RowId,
    intended_call::{CallFacts, IntendedCall, StoredRow},
    row_state::Step,
};

/// In the transaction of the writer, so nothing changes between the look and the intent.
pub(super) fn begin_row(
    connection: &Connection,
    row: RowId,
    call: &IntendedCall,
    worker: &str,
) -> Result<Option<CommittedIntent>, Problem> {
    let sql = format!(
        "SELECT row.reference, row.direction, row.recipient, row.amount, scope.company, scope.account, row.run,
             coalesce(run.approvals_needed, 0) - (SELECT count(*) FROM approval WHERE approval.run = row.run)
         FROM row JOIN scope ON scope.id = row.scope LEFT JOIN run ON run.id = row.run
         WHERE row.id = ?1 AND row.state IN ({}) AND row.came_out_done_at IS NULL",
        Step::CommitIntent.source_list()
    );
    let stored = connection.prepare_cached(&sql)?.query_row(params![row], |found| {
        Ok(StoredRow {
            facts: CallFacts {
                reference: found.get(0)?,
                direction: found.get(1)?,
                recipient: found.get(2)?,
                amount: found.get(3)?,
                company: found.get(4)?,
                account: found.get(5)?,
            },
            run: found.get(6)?,
            approvals_missing: found.get(7)?,
        })
    });
    let Some(stored) = stored.optional()? else {
        return Ok(None);
    };
    call.check(row, &stored)?;
    Ok(calls::commit_intent(connection, row, &call.ticket, worker)?)
}
