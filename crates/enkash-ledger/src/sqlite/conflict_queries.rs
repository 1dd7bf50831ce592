//! What an import asks to find what a file would pay again. None of it reads more of the ledger with each row of the file.

use rusqlite::{Connection, params};

use super::{
    calls::{self, HAS_REFERENCE},
    read::{CALL_ROW, LAST_MOVE},
};
use crate::{
    row_state::RowState,
    run::{NewRun, RunState},
};

/// What is asked for each row of the file.
pub(super) struct Queries {
    pub(super) used: String,
    pub(super) open: String,
    pub(super) repetition: String,
}

impl Queries {
    /// `has_late` says whether a row of the ledger came out as done after it had ended otherwise.
    pub(super) fn new(has_late: bool) -> Self {
        let of_reference = match has_late {
            true => format!("row.id IN ({})", calls::rows_of_reference("?1")),
            false => format!("row.reference = ?1 AND {HAS_REFERENCE}"),
        };
        let in_doubt = RowState::in_doubt_list();
        let may_pay = RowState::list_of(RowState::may_pay);
        Self {
            used: format!(
                "{CALL_ROW} WHERE {of_reference} AND (
                     scope.id = ?2 AND (NOT ?3 OR row.came_out_done_at IS NOT NULL) OR
                 scope.host = '' AND scope.company IN (?4, '') AND scope.account IN (?5, ''))
                 ORDER BY row.state IN ({in_doubt}) DESC, row.id LIMIT 1"
            ),
            open: format!(
                "{CALL_ROW} WHERE row.id = (SELECT id FROM temp.open_payment WHERE recipient = ?1 AND amount = ?2)"
            ),
            repetition: format!(
                "{CALL_ROW} WHERE row.recipient = ?1 AND row.amount = ?2 AND row.scope = ?3 AND row.direction = 'credit'
                 AND (row.run = ?4 OR ({LAST_MOVE} >= ?5 AND (row.state IN ({may_pay}) OR row.came_out_done_at IS NOT NULL)))
                 ORDER BY row.id LIMIT 1"
            ),
        }
    }
}

/// Who is to get how much from a row in doubt, or else from one that waits in a run, however old they are: for each person and amount
/// the first such row, in a table that only this import sees. To look for it among all rows of a person, once for each row of the
/// file, would take longer with each of them. Says whether there is one.
pub(super) fn collect_open(connection: &Connection, run: &NewRun, scope: i64) -> rusqlite::Result<bool> {
    connection.execute_batch(
        "CREATE TEMPORARY TABLE open_payment (
             recipient TEXT NOT NULL, amount INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (recipient, amount)
         ) STRICT, WITHOUT ROWID",
    )?;
    let in_doubt = connection.execute(&in_doubt_query(), params![scope, run.scope.company, run.scope.account])?;
    let waiting = connection.execute(&waiting_query(), params![scope])?;
    Ok(in_doubt + waiting > 0)
}

/// Also what an earlier version left behind without a host. Without its index this would read the whole ledger.
fn in_doubt_query() -> String {
    format!(
        "INSERT INTO temp.open_payment
         SELECT row.recipient, row.amount, min(row.id) FROM row INDEXED BY row_open JOIN scope ON scope.id = row.scope
         WHERE row.state IN ({}) AND row.direction = 'credit' AND row.recipient IS NOT NULL AND row.amount IS NOT NULL
         AND (scope.id = ?1 OR scope.host = '' AND scope.company IN (?2, '') AND scope.account IN (?3, ''))
         GROUP BY row.recipient, row.amount",
        RowState::in_doubt_list()
    )
}

/// Reads the rows of the runs that are open, and no others.
fn waiting_query() -> String {
    format!(
        "INSERT INTO temp.open_payment
         SELECT row.recipient, row.amount, min(row.id) FROM run CROSS JOIN row INDEXED BY row_place ON row.run = run.id
         WHERE run.scope = ?1 AND run.state IN ({}) AND row.state = '{}' AND row.came_out_done_at IS NULL
         AND row.direction = 'credit' AND row.recipient IS NOT NULL AND row.amount IS NOT NULL
         GROUP BY row.recipient, row.amount ON CONFLICT DO NOTHING",
        RunState::open_list(),
        RowState::Pending.as_str()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Ledger;

    /// Whether a step uses the index, or one of several.
    fn is_by(step: &str, indexes: &str) -> bool {
        match indexes.starts_with('I') {
            true => step.contains(indexes),
            false => indexes.split(' ').any(|index| step.contains(index)),
        }
    }

    /// How SQLite would find the rows of the ledger.
    fn steps(connection: &Connection, sql: &str) -> Vec<String> {
        let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps = plan.raw_query().mapped(|step| step.get::<_, String>(3));
        let steps = steps.map(Result::unwrap);
        steps.filter(|step| step.split(' ').nth(1) == Some("row")).collect()
    }

    #[test]
    fn nothing_that_an_import_asks_reads_the_whole_ledger() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        drop(Ledger::open(&path).unwrap());
        let connection = Connection::open(&path).unwrap();
        let scope = crate::call::Scope {
            host: String::new(),
            company: String::new(),
            account: String::new(),
        };
        let run = NewRun::new(scope, "allocate", "file.csv", "asha");
        assert!(!collect_open(&connection, &run, 1).unwrap());
        let (queries, with_late) = (Queries::new(false), Queries::new(true));
        for (sql, index) in [
            (in_doubt_query(), "INDEX row_open (state=?)"),
            (waiting_query(), "INDEX row_place (run=?)"),
            (queries.open, "INTEGER PRIMARY KEY (rowid=?)"),
            (queries.used, "INDEX row_reference (reference=?"),
            (
                with_late.used,
                "(rowid=? row_reference (reference=? row_came_out_done (reference=? row_exported (exported_as=?",
            ),
            (queries.repetition, "INDEX row_recipient (recipient=? AND amount=?)"),
        ] {
            let steps = steps(&connection, &sql);
            assert!(
                !steps.is_empty()
                    && steps
                        .iter()
                        .all(|step| step.starts_with("SEARCH row ") && is_by(step, index)),
                "{steps:?} of {sql}"
            );
        }
    }
}
