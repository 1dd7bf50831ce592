//! Which rows of a run wait although something else was paid in their place since they came.

use rusqlite::{Connection, params};

use super::read::{self, CALL_ROW, LAST_MOVE};
use crate::{
    ids::{RowId, RunId},
    row_state::RowState,
    run::PaidMeanwhile,
    store::NAMED_PROBLEMS,
};

pub(super) fn find(connection: &Connection, run: RunId) -> rusqlite::Result<PaidMeanwhile> {
    let mut found = PaidMeanwhile::default();
    let mut statement = connection.prepare(&query())?;
    let mut rows = statement.query(params![run])?;
    while let Some(row) = rows.next()? {
        let (place, waiting, other, is_in_doubt): (i64, i64, RowId, bool) =
            (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        let waiting = u64::try_from(waiting).unwrap_or_default();
        found.rows += waiting;
        found.in_doubt += if is_in_doubt { waiting } else { 0 };
        if found.named.len() < NAMED_PROBLEMS {
            let (line, reference): (i64, String) = connection
                .prepare_cached("SELECT line, reference FROM row WHERE run = ?1 AND place = ?2")?
                .query_row(params![run, place], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let other = connection
                .prepare_cached(&format!("{CALL_ROW} WHERE row.id = ?1"))?
                .query_row(params![other], read::call_row)?;
            let line = u64::try_from(line).unwrap_or_default();
            found.named.push((line, reference, other));
        }
    }
    Ok(found)
}

/// Of each person and amount that waits, one row of before that paid or may have paid since; one in doubt is hidden by no other.
/// Each of them is looked for once, however many rows wait for it. A row that came later has a greater number, whatever the clock
/// says.
fn query() -> String {
    let in_doubt = RowState::in_doubt_list();
    format!(
        "WITH waiting AS MATERIALIZED (
             SELECT recipient, amount, min(place) AS place, count(*) AS rows, min(id) AS id, min(created_at) AS since
             FROM row INDEXED BY row_place
             WHERE run = ?1 AND state = '{pending}' AND came_out_done_at IS NULL
                 AND recipient IS NOT NULL AND amount IS NOT NULL
             GROUP BY recipient, amount
         ), places AS MATERIALIZED (
             SELECT scope.id FROM run JOIN scope AS own ON own.id = run.scope
             JOIN scope ON scope.id = own.id
                 OR scope.host = '' AND scope.company IN (own.company, '') AND scope.account IN (own.account, '')
             WHERE run.id = ?1
         ), found AS MATERIALIZED (
             SELECT waiting.place, waiting.rows, (
                 SELECT row.id FROM row INDEXED BY row_recipient
                 WHERE row.recipient = waiting.recipient AND row.amount = waiting.amount AND row.direction = 'credit'
                 AND row.run IS NOT ?1 AND (row.state IN ({may_have_paid}) OR row.came_out_done_at IS NOT NULL)
                 AND (row.id > waiting.id OR {LAST_MOVE} >= waiting.since) AND row.scope IN (SELECT id FROM places)
                 ORDER BY row.state IN ({in_doubt}) DESC, row.id LIMIT 1
             ) AS other
             FROM waiting
         )
         SELECT found.place, found.rows, row.id, row.state IN ({in_doubt})
         FROM found CROSS JOIN row ON row.id = found.other ORDER BY found.place",
        pending = RowState::Pending.as_str(),
        may_have_paid = RowState::list_of(RowState::may_have_paid)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::schema;

    #[test]
    fn what_was_paid_meanwhile_is_found_without_reading_the_whole_ledger() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection, "memory").unwrap();
        let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", query())).unwrap();
        let steps = plan.query_map(params![RunId(1)], |row| row.get::<_, String>(3));
        let steps: Vec<_> = steps.unwrap().map(Result::unwrap).collect();
        let of_rows: Vec<_> = steps
            .iter()
            .filter(|step| step.split(' ').nth(1) == Some("row"))
            .collect();
        assert_eq!(of_rows.len(), 3, "{steps:?}");
        for index in [
            "row_place (run=?",
            "row_recipient (recipient=? AND amount=?)",
            "INTEGER PRIMARY KEY (rowid=?)",
        ] {
            assert!(
                of_rows
                    .iter()
                    .any(|step| step.starts_with("SEARCH ") && step.contains(index)),
                "{index} in {steps:?}"
            );
        }
    }
}
