//! Runs: where they stand, what they add up to, and who approved them.

use enkash::Timestamp;
use enkash_postgres::{Session, deadpool_postgres::ClientWrapper, tokio_postgres::error::SqlState};

use super::{
    failure::Failure,
    read::{self, Count, RUN, Time, text},
};
use crate::{
    amount::Amount,
    call::Scope,
    ids::RunId,
    row_state::Step,
    run::{Approval, CountedRows, Counts, PauseReason, PendingRow, Run, RunState},
};

pub(super) async fn find(
    session: Session<'_>,
    scope: &Scope,
    command: &str,
    file_hash: &str,
) -> Result<Option<RunId>, Failure> {
    let sql = "SELECT run.id FROM enkash.run AS run JOIN enkash.scope AS scope ON scope.id = run.scope
               WHERE run.file_hash = $1 AND run.command = $2 AND scope.host = $3 AND scope.company = $4
               AND scope.account = $5 AND run.state <> 'canceled' ORDER BY run.id DESC LIMIT 1";
    let found = session
        .query_opt(
            sql,
            &[&file_hash, &command, &scope.host, &scope.company, &scope.account],
        )
        .await?;
    Ok(found.map(|row| row.try_get(0)).transpose()?)
}

pub(super) async fn list(session: Session<'_>, below: Option<RunId>, limit: u32) -> Result<Vec<Run>, Failure> {
    let sql = format!("{RUN} WHERE $1::bigint IS NULL OR run.id < $1 ORDER BY run.id DESC LIMIT $2");
    session
        .query(&sql, &[&below, &i64::from(limit)])
        .await?
        .iter()
        .map(read::run)
        .collect()
}

pub(super) async fn get(session: Session<'_>, run: RunId) -> Result<Option<Run>, Failure> {
    let found = session.query_opt(&format!("{RUN} WHERE run.id = $1"), &[&run]).await?;
    found.as_ref().map(read::run).transpose()
}

pub(super) async fn counts(session: Session<'_>, run: RunId) -> Result<Counts, Failure> {
    let sql = "SELECT state, attempt > 0, came_out_done_at IS NOT NULL,
                      coalesce(greatest(concluded_at, came_out_done_at)
                               > (SELECT balance_after_at FROM enkash.run WHERE id = $1), false),
                      count(*), sum(coalesce(amount, 0))::bigint
               FROM enkash.row WHERE run = $1 GROUP BY 1, 2, 3, 4";
    let mut counts = Counts::default();
    for group in session.query(sql, &[&run]).await? {
        let Count(rows) = group.try_get(4)?;
        counts.add(&CountedRows {
            state: group.try_get(0)?,
            was_attempted: group.try_get(1)?,
            came_out_done: group.try_get(2)?,
            is_after_balance: group.try_get(3)?,
            rows,
            amount: group.try_get(5)?,
        });
    }
    Ok(counts)
}

pub(super) async fn set_state(
    session: Session<'_>,
    run: RunId,
    state: RunState,
    pause: Option<&PauseReason>,
) -> Result<bool, Failure> {
    let now = Time::now();
    let (started, ended) = match state {
        RunState::Running | RunState::HandedOut => (Some(now), None),
        _ => (None, Some(now)),
    };
    let (word, why) = (
        pause.map(|pause| text(&pause.word)),
        pause.map(|pause| text(&pause.text)),
    );
    let sql =
        "UPDATE enkash.run SET state = $2, pause_word = $3, pause_text = $4, started_at = coalesce(started_at, $5),
                                     ended_at = $6
               WHERE id = $1 AND state IN ('planned', 'running', 'handed_out', 'paused')";
    let changed = session
        .execute(sql, &[&run, &state, &word, &why, &started, &ended])
        .await?;
    Ok(changed == 1)
}

pub(super) async fn set_balance_before(session: Session<'_>, run: RunId, before: Amount) -> Result<(), Failure> {
    let sql = "UPDATE enkash.run SET balance_before = coalesce(balance_before, $2) WHERE id = $1";
    session.execute(sql, &[&run, &before]).await?;
    Ok(())
}

pub(super) async fn set_balance_after(
    session: Session<'_>,
    run: RunId,
    after: Amount,
    asked_at: Timestamp,
) -> Result<(), Failure> {
    let sql = "UPDATE enkash.run SET balance_after = $2, balance_after_at = $3 WHERE id = $1";
    session.execute(sql, &[&run, &after, &Time(asked_at)]).await?;
    Ok(())
}

pub(super) async fn pending_rows(
    session: Session<'_>,
    run: RunId,
    after_place: u64,
    limit: u32,
) -> Result<Vec<PendingRow>, Failure> {
    let sql = "SELECT id, place, line, reference, request, amount, recipient FROM enkash.row
               WHERE run = $1 AND place > $2 AND state = 'pending' AND came_out_done_at IS NULL ORDER BY place LIMIT $3";
    let after = i64::try_from(after_place).unwrap_or(i64::MAX);
    let rows = session.query(sql, &[&run, &after, &i64::from(limit)]).await?;
    let rows = rows.iter().map(|row| {
        let (Count(place), Count(line)) = (row.try_get(1)?, row.try_get(2)?);
        Ok(PendingRow {
            id: row.try_get(0)?,
            place,
            line,
            reference: row.try_get(3)?,
            // Both are purged only once the row has ended.
            request: row.try_get::<_, Option<String>>(4)?.unwrap_or_default(),
            recipient: row.try_get::<_, Option<String>>(6)?.unwrap_or_default(),
            amount: row.try_get(5)?,
        })
    });
    rows.collect()
}

pub(super) async fn largest_pending(session: Session<'_>, run: RunId) -> Result<Option<(u64, Amount)>, Failure> {
    let sql = "SELECT line, amount FROM enkash.row
               WHERE run = $1 AND state = 'pending' AND came_out_done_at IS NULL AND amount IS NOT NULL
               ORDER BY amount DESC, place LIMIT 1";
    let found = session.query_opt(sql, &[&run]).await?;
    let largest = found.map(|row| {
        let Count(line) = row.try_get(0)?;
        Ok((line, row.try_get(1)?))
    });
    largest.transpose()
}

pub(super) async fn cancel(client: &mut ClientWrapper, run: RunId) -> Result<u64, Failure> {
    let (step, now) = (Step::Cancel, Time::now());
    let transaction = client.transaction().await?;
    let session = Session::from(&transaction);
    let sql = format!(
        "UPDATE enkash.row SET state = '{}', concluded_at = $2, reason = coalesce(reason, 'the run was canceled')
         WHERE run = $1 AND state IN ({})",
        step.target().as_str(),
        step.source_list()
    );
    let rows = session.execute(&sql, &[&run, &now]).await?;
    let sql = "UPDATE enkash.run SET state = 'canceled', ended_at = $2
               WHERE id = $1 AND state IN ('planned', 'running', 'handed_out', 'paused')";
    session.execute(sql, &[&run, &now]).await?;
    transaction.commit().await?;
    Ok(rows)
}

/// A row that somebody is about to send stays, and with it the run: the delete waits for whoever commits an intent.
pub(super) async fn discard(client: &mut ClientWrapper, run: RunId) -> Result<bool, Failure> {
    let transaction = client.transaction().await?;
    let session = Session::from(&transaction);
    let sql = "DELETE FROM enkash.row WHERE run = $1 AND attempt = 0 AND state = 'pending'";
    session.execute(sql, &[&run]).await?;
    if session
        .value("SELECT EXISTS (SELECT FROM enkash.row WHERE run = $1)", &[&run])
        .await?
    {
        return Ok(false);
    }
    session
        .execute("DELETE FROM enkash.approval WHERE run = $1", &[&run])
        .await?;
    let is_gone = session.execute("DELETE FROM enkash.run WHERE id = $1", &[&run]).await? == 1;
    transaction.commit().await?;
    Ok(is_gone)
}

/// Takes the lock of a run, which lasts as long as the connection. Whoever held it a moment ago may still be leaving, so it
/// waits a little before it says no.
pub(super) async fn lock(client: &ClientWrapper, run: RunId) -> Result<bool, Failure> {
    // A server may be told to end sessions that are idle, as this one will be.
    let settings = "SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout';
                    SET lock_timeout = '1s'";
    client.batch_execute(settings).await?;
    let name = format!("enkash ledger: run {run}");
    let locked = Session::from(client)
        .query("SELECT pg_advisory_lock(hashtextextended($1, 0))", &[&name])
        .await;
    match locked {
        Ok(_) => Ok(true),
        Err(error) if error.is(&SqlState::LOCK_NOT_AVAILABLE) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn approve(session: Session<'_>, run: RunId, name: &str, source: &str) -> Result<(), Failure> {
    let sql = "INSERT INTO enkash.approval (run, name, source, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    session.execute(sql, &[&run, &name, &source, &Time::now()]).await?;
    Ok(())
}

pub(super) async fn require_approvals(session: Session<'_>, run: RunId, needed: u32) -> Result<(), Failure> {
    let sql = "UPDATE enkash.run SET approvals_needed = greatest(approvals_needed, $2) WHERE id = $1";
    session.execute(sql, &[&run, &Count(u64::from(needed))]).await?;
    Ok(())
}

pub(super) async fn approvals(session: Session<'_>, run: RunId) -> Result<Vec<Approval>, Failure> {
    let sql = "SELECT name, source, at FROM enkash.approval WHERE run = $1 ORDER BY at, name";
    let rows = session.query(sql, &[&run]).await?;
    let approvals = rows.iter().map(|row| {
        let Time(at) = row.try_get(2)?;
        Ok(Approval {
            name: row.try_get(0)?,
            source: row.try_get(1)?,
            at,
        })
    });
    approvals.collect()
}
