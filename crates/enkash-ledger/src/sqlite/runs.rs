//! Runs: where they stand, what they add up to, and who approved them.

use enkash::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::read::{self, Micros, RUN};
use crate::{
    amount::Amount,
    call::Scope,
    ids::RunId,
    run::{Approval, CountedRows, Counts, PauseReason, PendingRow, Run, RunState},
};

pub(super) fn find(
    connection: &Connection,
    scope: &Scope,
    command: &str,
    file_hash: &str,
) -> rusqlite::Result<Option<RunId>> {
    connection
        .query_row(
            "SELECT run.id FROM run JOIN scope ON scope.id = run.scope
             WHERE run.file_hash = ?1 AND run.command = ?2 AND scope.host = ?3 AND scope.company = ?4 AND scope.account = ?5
             AND run.state <> 'canceled' ORDER BY run.id DESC LIMIT 1",
            params![file_hash, command, scope.host, scope.company, scope.account],
            |row| row.get(0),
        )
        .optional()
}

pub(super) fn list(connection: &Connection, below: Option<RunId>, limit: u32) -> rusqlite::Result<Vec<Run>> {
    let sql = format!("{RUN} WHERE ?1 IS NULL OR run.id < ?1 ORDER BY run.id DESC LIMIT ?2");
    let mut statement = connection.prepare(&sql)?;
    let runs = statement.query_map(params![below, limit], read::run)?;
    runs.collect()
}

pub(super) fn get(connection: &Connection, run: RunId) -> rusqlite::Result<Option<Run>> {
    connection
        .query_row(&format!("{RUN} WHERE run.id = ?1"), params![run], read::run)
        .optional()
}

pub(super) fn counts(connection: &Connection, run: RunId) -> rusqlite::Result<Counts> {
    let mut statement = connection.prepare_cached(
        "SELECT state, attempt > 0, came_out_done_at IS NOT NULL AS came_out,
                coalesce(max(coalesce(concluded_at, 0), coalesce(came_out_done_at, 0))
                         > (SELECT balance_after_at FROM run WHERE id = ?1), false) AS is_late,
                count(*), sum(coalesce(amount, 0))
         FROM row WHERE run = ?1 GROUP BY state, attempt > 0, came_out, is_late",
    )?;
    let groups = statement.query_map(params![run], |row| {
        Ok(CountedRows {
            state: row.get(0)?,
            was_attempted: row.get(1)?,
            came_out_done: row.get(2)?,
            is_after_balance: row.get(3)?,
            rows: u64::try_from(row.get::<_, i64>(4)?).unwrap_or_default(),
            amount: row.get(5)?,
        })
    })?;
    let mut counts = Counts::default();
    for group in groups {
        counts.add(&group?);
    }
    Ok(counts)
}

pub(super) fn set_state(
    connection: &Connection,
    run: RunId,
    state: RunState,
    pause: Option<&PauseReason>,
) -> rusqlite::Result<bool> {
    let now = Micros::now();
    let (started, ended) = match state {
        RunState::Running | RunState::HandedOut => (Some(now), None),
        _ => (None, Some(now)),
    };
    let changed = connection.execute(
        "UPDATE run SET state = ?2, pause_word = ?3, pause_text = ?4, started_at = coalesce(started_at, ?5), ended_at = ?6
         WHERE id = ?1 AND state IN ('planned', 'running', 'handed_out', 'paused')",
        params![
            run,
            state,
            pause.map(|pause| &pause.word),
            pause.map(|pause| &pause.text),
            started,
            ended
        ],
    )?;
    Ok(changed == 1)
}

pub(super) fn set_balance_before(connection: &Connection, run: RunId, before: Amount) -> rusqlite::Result<()> {
    connection.execute(
        "UPDATE run SET balance_before = coalesce(balance_before, ?2) WHERE id = ?1",
        params![run, before],
    )?;
    Ok(())
}

pub(super) fn set_balance_after(
    connection: &Connection,
    run: RunId,
    after: Amount,
    asked_at: Timestamp,
) -> rusqlite::Result<()> {
    connection.execute(
        "UPDATE run SET balance_after = ?2, balance_after_at = ?3 WHERE id = ?1",
        params![run, after, Micros(asked_at)],
    )?;
    Ok(())
}

pub(super) fn pending_rows(
    connection: &Connection,
    run: RunId,
    after_place: u64,
    limit: u32,
) -> rusqlite::Result<Vec<PendingRow>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, place, line, reference, request, amount, recipient FROM row
         WHERE run = ?1 AND place > ?2 AND state = 'pending' AND came_out_done_at IS NULL ORDER BY place LIMIT ?3",
    )?;
    let after = i64::try_from(after_place).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![run, after, limit], |row| {
        Ok(PendingRow {
            id: row.get(0)?,
            place: row.get::<_, i64>(1)?.try_into().unwrap_or_default(),
            line: row.get::<_, i64>(2)?.try_into().unwrap_or_default(),
            reference: row.get(3)?,
            // Both are purged only once the row has ended.
            request: row.get::<_, Option<String>>(4)?.unwrap_or_default(),
            recipient: row.get::<_, Option<String>>(6)?.unwrap_or_default(),
            amount: row.get(5)?,
        })
    })?;
    rows.collect()
}

pub(super) fn largest_pending(connection: &Connection, run: RunId) -> rusqlite::Result<Option<(u64, Amount)>> {
    let sql = "SELECT line, amount FROM row INDEXED BY row_place
               WHERE run = ?1 AND state = 'pending' AND came_out_done_at IS NULL AND amount IS NOT NULL
               ORDER BY amount DESC, place LIMIT 1";
    let found = connection.query_row(sql, params![run], |row| {
        let line: i64 = row.get(0)?;
        Ok((line.try_into().unwrap_or_default(), row.get(1)?))
    });
    found.optional()
}

pub(super) fn cancel(connection: &Connection, run: RunId) -> rusqlite::Result<u64> {
    let now = Micros::now();
    let rows = connection.execute(
        "UPDATE row SET state = 'canceled', concluded_at = ?2, reason = coalesce(reason, 'the run was canceled')
         WHERE run = ?1 AND state = 'pending'",
        params![run, now],
    )?;
    connection.execute(
        "UPDATE run SET state = 'canceled', ended_at = ?2 WHERE id = ?1 AND state IN ('planned', 'running', 'handed_out', 'paused')",
        params![run, now],
    )?;
    Ok(rows as u64)
}

pub(super) fn discard(connection: &Connection, run: RunId) -> rusqlite::Result<bool> {
    let was_attempted: bool = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM row WHERE run = ?1 AND (attempt > 0 OR state <> 'pending'))",
        params![run],
        |row| row.get(0),
    )?;
    if was_attempted {
        return Ok(false);
    }
    connection.execute("DELETE FROM row WHERE run = ?1", params![run])?;
    connection.execute("DELETE FROM approval WHERE run = ?1", params![run])?;
    Ok(connection.execute("DELETE FROM run WHERE id = ?1", params![run])? == 1)
}

pub(super) fn approve(connection: &Connection, run: RunId, name: &str, source: &str) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT INTO approval (run, name, source, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        params![run, name, source, Micros::now()],
    )?;
    Ok(())
}

pub(super) fn require_approvals(connection: &Connection, run: RunId, needed: u32) -> rusqlite::Result<()> {
    let sql = "UPDATE run SET approvals_needed = max(approvals_needed, ?2) WHERE id = ?1";
    connection.execute(sql, params![run, needed])?;
    Ok(())
}

pub(super) fn approvals(connection: &Connection, run: RunId) -> rusqlite::Result<Vec<Approval>> {
    let mut statement = connection.prepare("SELECT name, source, at FROM approval WHERE run = ?1 ORDER BY at, name")?;
    let approvals = statement.query_map(params![run], |row| {
        Ok(Approval {
            name: row.get(0)?,
            source: row.get(1)?,
            at: row.get::<_, Micros>(2)?.0,
        })
    })?;
    approvals.collect()
}
