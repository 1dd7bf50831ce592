//! Single calls, intents and conclusions. Every change of a state here is one `UPDATE` that names the states it may come from.

use enkash::{Ticket, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::read::{self, CALL_ROW, Micros};
use crate::{
    call::{self, CallRow, CommittedIntent, NewCall, Recorded, Scope, Settled},
    error::{Conflict, LedgerError},
    ids::{RowId, RunId},
    row_state::{RowState, Step},
    store::Result,
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

/// The row that has this reference in the scope, or without a host. One that was certainly not sent hides no other.
pub(super) fn used(connection: &Connection, scope: &Scope, reference: &str) -> rusqlite::Result<Option<CallRow>> {
    let sql = format!(
        "{CALL_ROW} WHERE row.reference = ?1 AND {HAS_REFERENCE} AND {IN_SCOPE}
         ORDER BY row.state = 'pending' LIMIT 1"
    );
    connection
        .prepare_cached(&sql)?
        .query_row(
            params![reference, scope.host, scope.company, scope.account],
            read::call_row,
        )
        .optional()
}

/// A call for the same recipient and amount that is in doubt.
fn doubt(connection: &Connection, call: &NewCall) -> rusqlite::Result<Option<CallRow>> {
    let Some(recipient) = call.recipient() else {
        return Ok(None);
    };
    let sql = format!(
        "{CALL_ROW} WHERE row.recipient = ?1 AND row.amount IS ?5 AND row.direction = ?6
         AND row.state IN ('sending', 'unknown') AND {IN_SCOPE} ORDER BY row.id LIMIT 1"
    );
    let scope = &call.scope;
    let amount = call.amount().ok().flatten();
    let values = params![
        recipient,
        scope.host,
        scope.company,
        scope.account,
        amount,
        call.direction()
    ];
    connection
        .prepare_cached(&sql)?
        .query_row(values, read::call_row)
        .optional()
}

/// A row that was never sent, or certainly not, and belongs to no run may make way for a call with its reference.
fn makes_way(row: &CallRow) -> bool {
    row.state == RowState::Pending && row.run.is_none()
}

pub(super) fn check(connection: &Connection, calls: &[NewCall], place: &str) -> Result<()> {
    let unavailable = |error: rusqlite::Error| LedgerError::unavailable(place, error);
    for call in calls {
        call.amount()?;
        let reference = call.ticket.reference.as_str();
        let found = used(connection, &call.scope, reference).map_err(unavailable)?;
        if let Some(row) = found.filter(|row| !makes_way(row)) {
            return Err(LedgerError::conflict(Conflict::ReferenceUsed(Box::new(row))));
        }
        if !call.is_reference_given
            && let Some(row) = doubt(connection, call).map_err(unavailable)?
        {
            return Err(LedgerError::conflict(Conflict::Doubt(Box::new(row))));
        }
    }
    Ok(())
}

pub(super) fn begin(
    connection: &Connection,
    calls: &[NewCall],
    worker: &str,
    place: &str,
) -> Result<Vec<CommittedIntent>> {
    check(connection, calls, place)?;
    let mut intents = Vec::with_capacity(calls.len());
    for call in calls {
        let ticket = serde_json::to_string(&call.ticket)
            .map_err(|error| LedgerError::invalid(format!("the ticket cannot be written: {error}")))?;
        let intent = insert(connection, call)
            .and_then(|row| commit_intent(connection, row, &ticket, worker))
            .map_err(|error| LedgerError::unavailable(place, error))?;
        intents.push(intent.ok_or_else(|| LedgerError::unavailable(place, "a new row is not pending"))?);
    }
    Ok(intents)
}

/// Writes a row, pending. One with the same reference that was certainly not sent makes way.
fn insert(connection: &Connection, call: &NewCall) -> rusqlite::Result<RowId> {
    let reference = call.ticket.reference.as_str();
    if let Some(row) = used(connection, &call.scope, reference)?.filter(makes_way) {
        change(connection, row.id, None, Step::Cancel)?;
    }
    let scope = scope_id(connection, &call.scope)?;
    let amount = call.amount().ok().flatten();
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

/// The compare-and-set: the row gets the step's state where it is in one that the step may come from.
fn change(connection: &Connection, row: RowId, attempt: Option<u32>, step: Step) -> rusqlite::Result<bool> {
    let words: Vec<_> = step
        .sources()
        .iter()
        .map(|state| format!("'{}'", state.as_str()))
        .collect();
    let sql = format!(
        "UPDATE row SET state = '{}', attempt = attempt + {} WHERE id = ?1 AND (?2 IS NULL OR attempt = ?2) AND state IN ({})",
        step.target().as_str(),
        u32::from(step == Step::CommitIntent),
        words.join(", ")
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

pub(super) fn conclude(connection: &Connection, settled: &Settled) -> rusqlite::Result<Recorded> {
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

/// The row has ended, or another attempt owns it. A contradiction is written down.
fn keep(connection: &Connection, settled: &Settled) -> rusqlite::Result<Recorded> {
    let (state, attempt): (RowState, u32) = connection
        .prepare_cached("SELECT state, attempt FROM row WHERE id = ?1")?
        .query_row(params![settled.row], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let late = settled.conclusion.state();
    let contradicts = state.is_final() && late != state && late != RowState::Unknown && late != RowState::Pending;
    if contradicts || (attempt != settled.attempt && late == RowState::Done) {
        let text = format!(
            "the row is {} (attempt {attempt}), and attempt {} later came out as {}",
            state.as_str(),
            settled.attempt,
            late.as_str()
        );
        connection
            .prepare_cached("INSERT INTO event (row, at, text) VALUES (?1, ?2, ?3)")?
            .execute(params![settled.row, Micros::now(), text])?;
    }
    Ok(Recorded::Kept(state))
}

pub(super) fn interrupt(connection: &Connection, run: Option<RunId>) -> rusqlite::Result<u64> {
    let changed = connection
        .prepare_cached(
            "UPDATE row SET state = 'unknown', concluded_at = ?2,
                 reason = 'its process ended, or its outcome could not be written, before the response was recorded'
             WHERE state = 'sending' AND run IS ?1",
        )?
        .execute(params![run, Micros::now()])?;
    Ok(changed as u64)
}

pub(super) fn resolve(connection: &Connection, row: RowId, is_done: bool, text: String) -> rusqlite::Result<Recorded> {
    let attempt = connection
        .prepare_cached("SELECT attempt FROM row WHERE id = ?1")?
        .query_row(params![row], |row| row.get(0))?;
    let step = if is_done {
        Step::ResolveDone
    } else {
        Step::ResolveNotDone
    };
    conclude(
        connection,
        &Settled::new(
            row,
            attempt,
            call::Conclusion {
                step,
                reason: Some(text),
                detail: None,
            },
        ),
    )
}

pub(super) fn export(connection: &Connection, row: RowId, new_reference: &str) -> rusqlite::Result<Option<String>> {
    let (state, exported): (RowState, Option<String>) = connection
        .prepare_cached("SELECT state, exported_as FROM row WHERE id = ?1")?
        .query_row(params![row], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if !state.can_be_exported() {
        return Ok(None);
    }
    // Two rows for one payment must never both be able to leave.
    change(connection, row, None, Step::Cancel)?;
    if exported.is_some() {
        return Ok(exported);
    }
    let changed = connection
        .prepare_cached("UPDATE OR IGNORE row SET exported_as = ?2 WHERE id = ?1")?
        .execute(params![row, new_reference])?;
    // Ignored where another row has taken its reference since: that one is the payment.
    Ok((changed == 1).then(|| new_reference.to_owned()))
}

/// Takes in what an earlier version kept in a file. It names no host.
pub(super) fn import_tickets(connection: &Connection, tickets: &[Ticket], place: &str) -> Result<u64> {
    let unavailable = |error: rusqlite::Error| LedgerError::unavailable(place, error);
    let mut count = 0;
    for ticket in tickets {
        let call = NewCall::new(Scope::of_ticket(ticket), "imported ticket", ticket.clone());
        let is_there = used(connection, &call.scope, ticket.reference.as_str()).map_err(unavailable)?;
        if is_there.is_some() {
            continue;
        }
        let text = serde_json::to_string(ticket)
            .map_err(|error| LedgerError::invalid(format!("the ticket cannot be written: {error}")))?;
        let row = insert(connection, &call).map_err(unavailable)?;
        commit_intent(connection, row, &text, "an earlier version").map_err(unavailable)?;
        set_intended(connection, row, ticket.intended_at).map_err(unavailable)?;
        change(connection, row, None, Step::Interrupt).map_err(unavailable)?;
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
