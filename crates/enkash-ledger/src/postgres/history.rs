//! What was asked for and what became of it: the rows, their attempts, and what is forgotten of people.

use enkash::Timestamp;
use enkash_postgres::{Session, deadpool_postgres::ClientWrapper, tokio_postgres::types::ToSql};

use super::{
    failure::Failure,
    read::{self, CALL_ROW, LAST_MOVE, Time},
};
use crate::{
    call::{Attempt, CallRow},
    ids::{RowId, RunId},
    run::HistoryFilter,
};

pub(super) async fn rows(
    session: Session<'_>,
    filter: &HistoryFilter,
    after: Option<RowId>,
    limit: u32,
) -> Result<Vec<CallRow>, Failure> {
    let mut sql = format!("{CALL_ROW} WHERE row.id > $1");
    let (after, limit, since) = (after.unwrap_or(RowId(0)), i64::from(limit), filter.since.map(Time));
    let mut values: Vec<&(dyn ToSql + Sync)> = vec![&after];
    let mut narrow = |condition: &str, value| {
        values.push(value);
        sql.push_str(&format!(
            " AND {}",
            condition.replace('?', &format!("${}", values.len()))
        ));
    };
    if let Some(run) = &filter.run {
        // The rows of a run came in the order of their places, which has an index.
        narrow(
            "row.run = ? AND row.place > coalesce((SELECT place FROM enkash.row WHERE id = $1 AND run = ?), 0)",
            run,
        );
    }
    if let Some(reference) = &filter.reference {
        narrow("row.reference = ?", reference);
    }
    if !filter.states.is_empty() {
        narrow("row.state = ANY(?::text[])", &filter.states);
    }
    if let Some(since) = &since {
        narrow(&format!("{LAST_MOVE} >= ?"), since);
    }
    if let Some(host) = &filter.host {
        narrow("scope.host IN (?, '')", host);
    }
    if let Some(company) = &filter.company {
        narrow("scope.company IN (?, '')", company);
    }
    values.push(&limit);
    let order = if filter.run.is_some() { "row.place" } else { "row.id" };
    sql.push_str(&format!(" ORDER BY {order} LIMIT ${}", values.len()));
    read::call_rows(&session.query(&sql, &values).await?)
}

pub(super) async fn attempts(session: Session<'_>, row: RowId) -> Result<Vec<Attempt>, Failure> {
    let sql = "SELECT number, worker, intended_at, outcome, ended_at, reason FROM enkash.attempt WHERE row = $1
               ORDER BY number";
    session
        .query(sql, &[&row])
        .await?
        .iter()
        .map(read::of_attempt)
        .collect()
}

/// A row that may still be sent or looked up needs its person, and so does one that ended only now, however old it is or a wrong
/// clock has made it.
pub(super) async fn purge(client: &mut ClientWrapper, before: Timestamp) -> Result<u64, Failure> {
    let ended = "state IN ('done', 'refused', 'not_done', 'canceled')
                 AND greatest(created_at, concluded_at, came_out_done_at) < $1
                 AND (recipient IS NOT NULL OR request IS NOT NULL)";
    let sql = format!(
        "WITH ended AS (
             UPDATE enkash.row SET recipient = NULL, request = NULL WHERE {ended} RETURNING id
         ), tickets AS (
             UPDATE enkash.attempt SET ticket = NULL FROM ended WHERE attempt.row = ended.id
         )
         SELECT count(*) FROM ended"
    );
    let read::Count(rows) = Session::from(&*client).value(&sql, &[&Time(before)]).await?;
    Ok(rows)
}

pub(super) async fn events(session: Session<'_>, run: Option<RunId>, limit: u32) -> Result<Vec<String>, Failure> {
    let sql = "SELECT row.reference, event.text FROM enkash.event AS event JOIN enkash.row AS row ON row.id = event.row
               WHERE $1::bigint IS NULL OR row.run = $1 ORDER BY event.id LIMIT $2";
    let rows = session.query(sql, &[&run, &i64::from(limit)]).await?;
    let events = rows.iter().map(|row| {
        let (reference, text): (&str, &str) = (row.try_get(0)?, row.try_get(1)?);
        Ok(format!("{reference}: {text}"))
    });
    events.collect()
}
