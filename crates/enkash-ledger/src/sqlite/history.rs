//! What was asked for and what became of it: the rows, their attempts, and what is forgotten of people.

use enkash::Timestamp;
use rusqlite::{Connection, ToSql, params, params_from_iter};

use super::read::{self, CALL_ROW, LAST_MOVE, Micros};
use crate::{
    call::{Attempt, CallRow},
    ids::{RowId, RunId},
    run::HistoryFilter,
};

pub(super) fn rows(
    connection: &Connection,
    filter: &HistoryFilter,
    after: Option<RowId>,
    limit: u32,
) -> rusqlite::Result<Vec<CallRow>> {
    let (sql, values) = query(filter, after, limit);
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(values), read::call_row)?;
    rows.collect()
}

fn query(filter: &HistoryFilter, after: Option<RowId>, limit: u32) -> (String, Vec<Box<dyn ToSql>>) {
    let mut sql = format!("{CALL_ROW} WHERE row.id > ?");
    let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(after.unwrap_or(RowId(0)))];
    if let Some(run) = filter.run {
        // With the sign no index of runs is used: it would collect and sort all rows of the run for each page.
        sql.push_str(" AND +row.run = ?");
        values.push(Box::new(run));
    }
    if let Some(reference) = &filter.reference {
        sql.push_str(" AND row.reference = ?");
        values.push(Box::new(reference.clone()));
    }
    if !filter.states.is_empty() {
        let marks = vec!["?"; filter.states.len()].join(", ");
        sql.push_str(&format!(" AND row.state IN ({marks})"));
        values.extend(filter.states.iter().map(|state| -> Box<dyn ToSql> { Box::new(*state) }));
    }
    if let Some(since) = filter.since {
        sql.push_str(&format!(" AND {LAST_MOVE} >= ?"));
        values.push(Box::new(Micros(since)));
    }
    for (column, value) in [("host", &filter.host), ("company", &filter.company)] {
        if let Some(value) = value {
            sql.push_str(&format!(" AND scope.{column} IN (?, '')"));
            values.push(Box::new(value.clone()));
        }
    }
    sql.push_str(" ORDER BY row.id LIMIT ?");
    values.push(Box::new(limit));
    (sql, values)
}

pub(super) fn attempts(connection: &Connection, row: RowId) -> rusqlite::Result<Vec<Attempt>> {
    let mut statement = connection.prepare_cached(
        "SELECT number, worker, intended_at, outcome, ended_at, reason FROM attempt WHERE row = ?1 ORDER BY number",
    )?;
    let attempts = statement.query_map(params![row], |row| {
        Ok(Attempt {
            number: row.get(0)?,
            worker: row.get(1)?,
            intended_at: row.get::<_, Micros>(2)?.0,
            outcome: row.get(3)?,
            ended_at: row.get::<_, Option<Micros>>(4)?.map(|Micros(at)| at),
            reason: row.get(5)?,
        })
    })?;
    attempts.collect()
}

/// A row that may still be sent or looked up needs its person, and so does one that ended only now, however old it is or a wrong
/// clock has made it.
pub(super) fn purge(connection: &Connection, before: Timestamp) -> rusqlite::Result<u64> {
    let ended = "state IN ('done', 'refused', 'not_done', 'canceled')
                 AND max(created_at, coalesce(concluded_at, 0), coalesce(came_out_done_at, 0)) < ?1
                 AND (recipient IS NOT NULL OR request IS NOT NULL)";
    connection.execute(
        &format!("UPDATE attempt SET ticket = NULL WHERE row IN (SELECT id FROM row WHERE {ended})"),
        params![Micros(before)],
    )?;
    let rows = connection.execute(
        &format!("UPDATE row SET recipient = NULL, request = NULL WHERE {ended}"),
        params![Micros(before)],
    )?;
    Ok(rows as u64)
}

pub(super) fn events(connection: &Connection, run: Option<RunId>, limit: u32) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(
        "SELECT row.reference, event.text FROM event JOIN row ON row.id = event.row
         WHERE ?1 IS NULL OR row.run = ?1 ORDER BY event.id LIMIT ?2",
    )?;
    let events = statement.query_map(params![run, limit], |row| {
        let (reference, text): (String, String) = (row.get(0)?, row.get(1)?);
        Ok(format!("{reference}: {text}"))
    })?;
    events.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{row_state::RowState, sqlite::schema};

    #[test]
    fn a_page_of_a_run_reads_that_page_and_not_the_run() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection, "memory").unwrap();
        let mut filter = HistoryFilter {
            run: Some(RunId(1)),
            ..HistoryFilter::default()
        };
        for states in [Vec::new(), vec![RowState::Unknown, RowState::Sending]] {
            filter.states = states;
            let (sql, values) = query(&filter, Some(RowId(5)), 10);
            let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let steps = plan.query_map(params_from_iter(values), |row| row.get::<_, String>(3));
            let steps: Vec<_> = steps.unwrap().map(Result::unwrap).collect();
            assert!(steps[0].contains("INTEGER PRIMARY KEY"), "{steps:?}");
            assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{steps:?}");
        }
    }
}
