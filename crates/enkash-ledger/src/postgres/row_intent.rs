//! The intent to send a row of a run: only with a ticket that says what the row says, and once enough people have approved the run. One statement where it does, and a second
//! look only for the reason why not.

use enkash_postgres::Session;

use super::{
    calls,
    failure::Failure,
    read::{self, Time},
};
use crate::{
    call::CommittedIntent,
    ids::RowId,
    intended_call::{CallFacts, IntendedCall, StoredRow},
    row_state::Step,
};

/// Whether the row is the call that the ticket is about, and enough people have approved its run.
const MAY_BE_SENT: &str = "reference = $5 AND direction = $6 AND recipient IS NOT DISTINCT FROM $7
    AND amount IS NOT DISTINCT FROM $8 AND EXISTS (
        SELECT FROM enkash.scope AS scope WHERE scope.id = row.scope AND scope.company = $9 AND scope.account = $10
    ) AND (row.run IS NULL OR EXISTS (
        SELECT FROM enkash.run AS run WHERE run.id = row.run
        AND run.approvals_needed <= (SELECT count(*) FROM enkash.approval WHERE approval.run = run.id)
    ))";

pub(super) async fn begin_row(
    session: Session<'_>,
    row: RowId,
    call: &IntendedCall,
    worker: &str,
) -> Result<Option<CommittedIntent>, Failure> {
    let facts = &call.facts;
    let committed = session
        .query_opt(
            &calls::intent_sql(MAY_BE_SENT),
            &[
                &row,
                &Time::now(),
                &worker,
                &call.ticket,
                &facts.reference,
                &facts.direction,
                &facts.recipient,
                &facts.amount,
                &facts.company,
                &facts.account,
            ],
        )
        .await?;
    let Some(committed) = committed else {
        refuse(session, row, call).await?;
        return Ok(None);
    };
    let attempt = read::attempt(&committed, 0)?;
    Ok(Some(CommittedIntent { row, attempt }))
}

/// Says why a row that is pending is not sent.
async fn refuse(session: Session<'_>, row: RowId, call: &IntendedCall) -> Result<(), Failure> {
    let sql = format!(
        "SELECT row.reference, row.direction, row.recipient, row.amount, scope.company, scope.account, row.run,
             coalesce(run.approvals_needed, 0) - (SELECT count(*) FROM enkash.approval WHERE approval.run = row.run)
         FROM enkash.row AS row JOIN enkash.scope AS scope ON scope.id = row.scope
         LEFT JOIN enkash.run AS run ON run.id = row.run
         WHERE row.id = $1 AND row.state IN ({}) AND row.came_out_done_at IS NULL",
        Step::CommitIntent.source_list()
    );
    let Some(found) = session.query_opt(&sql, &[&row]).await? else {
        return Ok(());
    };
    let stored = StoredRow {
        facts: CallFacts {
            reference: found.try_get(0)?,
            direction: found.try_get(1)?,
            recipient: found.try_get(2)?,
            amount: found.try_get(3)?,
            company: found.try_get(4)?,
            account: found.try_get(5)?,
        },
        run: found.try_get(6)?,
        approvals_missing: found.try_get(7)?,
    };
    Ok(call.check(row, &stored)?)
}
