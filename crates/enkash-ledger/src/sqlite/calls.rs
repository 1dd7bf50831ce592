//! Single calls, intents and conclusions. Every change of a state here is one `UPDATE` that names the states it may come from.

use enkash::{Ticket, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    Problem,
    read::{self, CALL_ROW, Micros},
};
use crate::{
    call::{CallRow, CommittedIntent, NewCall, Scope},
    conclusion::{self, Conclusion, Recorded, Settled},
    error::{Conflict, LedgerError},
    ids::{RowId, RunId},
    intended_call::written,
    row_state::{RowState, Step},
    run::RunState,
};

/// The number of a scope, which is made where it is missing.
pub(super) fn scope_id(connection: &Connection, scope: &Scope) -> rusqlite::Result<i64> {
    let named = params![scope.host, scope.company, scope.account];
    connection
        .prepare_cached("INSERT INTO scope (host, company, account) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?
        .execute(named)?;
    connection
        .prepare_cached("SELECT id FROM scope WHERE host = ?1 AND company = ?2 AND account = ?3")?
        .query_row(named, |row| row.get(0))
}

/// Whether a row's scope is that of `?2`, `?3` and `?4`, or of a ticket that names no host.
const IN_SCOPE: &str = "(scope.host = ?2 AND scope.company = ?3 AND scope.account = ?4
    OR scope.host = '' AND scope.company IN (?3, '') AND scope.account IN (?4, ''))";

/// Whether a row has its reference for itself, by an index: a canceled one gives it up, unless it is paid anew under another.
pub(super) const HAS_REFERENCE: &str = "(row.state <> 'canceled' OR row.exported_as IS NOT NULL)";

/// The rows that a reference, an SQL expression, stands for: the one that has it, those whose value moved under it although they
/// gave it up, and those whose value moved although they were written out to be paid under it. Each by an index.
pub(super) fn rows_of_reference(reference: &str) -> String {
    format!(
        "SELECT row.id FROM row WHERE row.reference = {reference} AND {HAS_REFERENCE}
         UNION ALL SELECT row.id FROM row WHERE row.reference = {reference} AND row.came_out_done_at IS NOT NULL
         UNION ALL SELECT row.id FROM row WHERE row.exported_as = {reference} AND row.came_out_done_at IS NOT NULL"
    )
}

/// The row that this reference stands for in the scope, or without a host. One in doubt is hidden by no other, and no other by one
/// that makes way.
pub(super) fn used(connection: &Connection, scope: &Scope, reference: &str) -> rusqlite::Result<Option<CallRow>> {
    let sql = format!(
        "{CALL_ROW} WHERE row.id IN ({rows}) AND {IN_SCOPE}
         ORDER BY row.state IN ({in_doubt}) DESC,
             row.state = 'pending' AND row.run IS NULL AND row.came_out_done_at IS NULL, row.id LIMIT 1",
        rows = rows_of_reference("?1"),
        in_doubt = RowState::in_doubt_list()
    );
    connection
        .prepare_cached(&sql)?
        .query_row(
            params![reference, scope.host, scope.company, scope.account],
            read::call_row,
        )
        .optional()
}

/// A call for the same recipient and amount that is in doubt, or else one that a run is still to send.
fn doubt(connection: &Connection, call: &NewCall) -> Result<Option<CallRow>, Problem> {
    let Some(recipient) = call.recipient() else {
        return Ok(None);
    };
    let sql = format!(
        "{CALL_ROW} WHERE row.recipient = ?1 AND row.amount IS ?5 AND row.direction = ?6
         AND (row.state IN ({in_doubt}) OR row.state = '{pending}' AND row.came_out_done_at IS NULL
             AND EXISTS (SELECT 1 FROM run WHERE run.id = row.run AND run.state IN ({open})))
         AND {IN_SCOPE} ORDER BY row.state IN ({in_doubt}) DESC, row.id LIMIT 1",
        in_doubt = RowState::in_doubt_list(),
        pending = RowState::Pending.as_str(),
        open = RunState::open_list()
    );
    let scope = &call.scope;
    let amount = call.amount().map_err(LedgerError::from)?;
    let values = params![
        recipient,
        scope.host,
        scope.company,
        scope.account,
        amount,
        call.direction()
    ];
    let found = connection.prepare_cached(&sql)?.query_row(values, read::call_row);
    Ok(found.optional()?)
}

pub(super) fn check(connection: &Connection, calls: &[NewCall]) -> Result<(), Problem> {
    for call in calls {
        call.amount().map_err(LedgerError::from)?;
        let found = used(connection, &call.scope, call.ticket.reference.as_str())?;
        if let Some(row) = found.filter(|row| !row.makes_way()) {
            return Err(LedgerError::conflict(Conflict::ReferenceUsed(Box::new(row))).into());
        }
        if !call.is_reference_given
            && let Some(row) = doubt(connection, call)?
        {
            return Err(LedgerError::conflict(Conflict::of_open(row)).into());
        }
    }
    Ok(())
}

pub(super) fn begin(connection: &Connection, calls: &[NewCall], worker: &str) -> Result<Vec<CommittedIntent>, Problem> {
    check(connection, calls)?;
    let mut intents = Vec::with_capacity(calls.len());
    for call in calls {
        let ticket = written(&call.ticket)?;
        let row = insert(connection, call)?;
        let intent = commit_intent(connection, row, &ticket, worker)?;
        intents.push(intent.ok_or_else(|| LedgerError::invalid("a new row is not pending"))?);
    }
    Ok(intents)
}

/// Writes a row, pending. Those with the same reference that were certainly not sent make way.
fn insert(connection: &Connection, call: &NewCall) -> Result<RowId, Problem> {
    let reference = call.ticket.reference.as_str();
    while let Some(row) = used(connection, &call.scope, reference)? {
        if !row.makes_way() {
            return Err(LedgerError::conflict(Conflict::ReferenceUsed(Box::new(row))).into());
        }
        change(connection, row.id, None, Step::Cancel)?;
    }
    let scope = scope_id(connection, &call.scope)?;
    let amount = call.amount().map_err(LedgerError::from)?;
    connection
        .prepare_cached(
            "INSERT INTO row (scope, command, reference, direction, recipient, request, amount, state, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'pending', ?8)",
        )?
        .execute(params![
            scope,
            call.command,
            reference,
            call.direction(),
            call.recipient(),
            call.request(),
            amount,
            Micros::now()
        ])?;
    Ok(RowId(connection.last_insert_rowid()))
}

/// The compare-and-set: the row gets the step's state where it is in one that the step may come from. What came out as done is not
/// sent, whatever its state.
fn change(connection: &Connection, row: RowId, attempt: Option<u32>, step: Step) -> rusqlite::Result<bool> {
    let sql = format!(
        "UPDATE row SET state = '{}', attempt = attempt + {is_intent} WHERE id = ?1 AND (?2 IS NULL OR attempt = ?2)
         AND state IN ({}) AND NOT ({is_intent} AND came_out_done_at IS NOT NULL)",
        step.target().as_str(),
        step.source_list(),
        is_intent = u32::from(step == Step::CommitIntent)
    );
    Ok(connection.prepare_cached(&sql)?.execute(params![row, attempt])? == 1)
}

pub(super) fn commit_intent(
    connection: &Connection,
    row: RowId,
    ticket: &str,
    worker: &str,
) -> rusqlite::Result<Option<CommittedIntent>> {
    if !change(connection, row, None, Step::CommitIntent)? {
        return Ok(None);
    }
    let now = Micros::now();
    let attempt = connection
        .prepare_cached("UPDATE row SET intended_at = ?2 WHERE id = ?1 RETURNING attempt")?
        .query_row(params![row, now], |row| row.get(0))?;
    connection
        .prepare_cached("INSERT INTO attempt (row, number, worker, intended_at, ticket) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![row, attempt, worker, now, ticket])?;
    Ok(Some(CommittedIntent { row, attempt }))
}

pub(super) fn conclude(connection: &Connection, settled: &Settled) -> Result<Recorded, Problem> {
    let Settled {
        row,
        attempt,
        conclusion,
    } = settled;
    let (step, now) = (conclusion.step, Micros::now());
    let is_applied = change(connection, *row, Some(*attempt), step)?;
    if matches!(step.decision(), Some(crate::row_state::Decision::Attempt)) {
        connection
            .prepare_cached(
                "UPDATE attempt SET outcome = ?3, ended_at = ?4, reason = ?5 WHERE row = ?1 AND number = ?2 AND outcome IS NULL",
            )?
            .execute(params![row, attempt, step.target(), now, conclusion.reason])?;
    }
    if !is_applied {
        return keep(connection, settled);
    }
    let detail = conclusion.detail.as_ref().map(ToString::to_string);
    connection
        .prepare_cached(
            "UPDATE row SET decision = ?2, concluded_at = ?3, reason = ?4, detail = coalesce(?5, detail) WHERE id = ?1",
        )?
        .execute(params![row, step.decision(), now, conclusion.reason, detail])?;
    Ok(Recorded::Applied(step.target()))
}

/// The row has ended, or another attempt owns it. A contradiction is written down, and the row counts as done where it says so.
fn keep(connection: &Connection, settled: &Settled) -> Result<Recorded, Problem> {
    let (state, attempt) = standing(connection, settled.row)?;
    if let Some(text) = settled.contradiction(state, attempt) {
        connection
            .prepare_cached("INSERT INTO event (row, at, text) VALUES (?1, ?2, ?3)")?
            .execute(params![settled.row, Micros::now(), text])?;
        if settled.conclusion.state() == RowState::Done {
            connection
                .prepare_cached("UPDATE row SET came_out_done_at = coalesce(came_out_done_at, ?2) WHERE id = ?1")?
                .execute(params![settled.row, Micros::now()])?;
        }
    }
    Ok(Recorded::Kept(state))
}

/// Where a row stands, and its last attempt.
fn standing(connection: &Connection, row: RowId) -> Result<(RowState, u32), Problem> {
    let found = connection
        .prepare_cached("SELECT state, attempt FROM row WHERE id = ?1")?
        .query_row(params![row], |found| Ok((found.get(0)?, found.get(1)?)))
        .optional()?;
    Ok(found.ok_or_else(|| LedgerError::no_row(row))?)
}

pub(super) fn interrupt(connection: &Connection, run: Option<RunId>) -> rusqlite::Result<u64> {
    let step = Step::Interrupt;
    let sql = format!(
        "UPDATE row SET state = '{}', concluded_at = ?2, reason = ?3 WHERE state IN ({}) AND run IS ?1",
        step.target().as_str(),
        step.source_list()
    );
    let changed = connection
        .prepare_cached(&sql)?
        .execute(params![run, Micros::now(), conclusion::INTERRUPTED])?;
    Ok(changed as u64)
}

pub(super) fn interrupt_places(connection: &Connection, run: RunId, first: u64, last: u64) -> rusqlite::Result<u64> {
    let step = Step::Interrupt;
    let sql = format!(
        "UPDATE row SET state = '{}', concluded_at = ?2, reason = ?3
         WHERE state IN ({}) AND run = ?1 AND place BETWEEN ?4 AND ?5",
        step.target().as_str(),
        step.source_list()
    );
    let place = |place: u64| i64::try_from(place).unwrap_or(i64::MAX);
    let changed = connection.prepare_cached(&sql)?.execute(params![
        run,
        Micros::now(),
        conclusion::INTERRUPTED,
        place(first),
        place(last)
    ])?;
    Ok(changed as u64)
}

pub(super) fn resolve(connection: &Connection, row: RowId, conclusion: Conclusion) -> Result<Recorded, Problem> {
    let (_, attempt) = standing(connection, row)?;
    conclude(connection, &Settled::new(row, attempt, conclusion))
}

pub(super) fn export(connection: &Connection, row: RowId, new_reference: &str) -> Result<Option<String>, Problem> {
    let (state, _) = standing(connection, row)?;
    let may_be_done: bool = connection
        .prepare_cached("SELECT came_out_done_at IS NOT NULL FROM row WHERE id = ?1")?
        .query_row(params![row], |found| found.get(0))?;
    if !state.can_be_exported() || may_be_done {
        return Ok(None);
    }
    // Two rows for one payment must never both be able to leave.
    change(connection, row, None, Step::Cancel)?;
    // Ignored where another row has taken its reference since: that one is the payment.
    let exported = connection
        .prepare_cached(
            "UPDATE OR IGNORE row SET exported_as = coalesce(exported_as, ?2) WHERE id = ?1 RETURNING exported_as",
        )?
        .query_row(params![row, new_reference], |row| row.get(0))
        .optional()?;
    Ok(exported)
}

/// Takes in what an earlier version kept in a file. It names no host.
pub(super) fn import_tickets(connection: &Connection, tickets: &[Ticket]) -> Result<u64, Problem> {
    let mut count = 0;
    for ticket in tickets {
        let call = NewCall::new(Scope::of_ticket(ticket), "imported ticket", ticket.clone());
        if used(connection, &call.scope, ticket.reference.as_str())?.is_some() {
            continue;
        }
        let row = insert(connection, &call)?;
        commit_intent(connection, row, &written(ticket)?, "an earlier version")?;
        set_intended(connection, row, ticket.intended_at)?;
        change(connection, row, None, Step::Interrupt)?;
        count += 1;
    }
    Ok(count)
}

fn set_intended(connection: &Connection, row: RowId, at: Timestamp) -> rusqlite::Result<()> {
    connection.execute(
        "UPDATE row SET intended_at = ?2 WHERE id = ?1",
        params![row, Micros(at)],
    )?;
    connection.execute(
        "UPDATE attempt SET intended_at = ?2 WHERE row = ?1",
        params![row, Micros(at)],
    )?;
    Ok(())
}
