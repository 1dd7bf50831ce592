//! Which rows of a run wait although something else was paid in their place since they came.

use enkash_postgres::{Session, deadpool_postgres::ClientWrapper};

use super::{
    failure::Failure,
    read::{self, CALL_ROW, Count, LAST_MOVE},
};
use crate::{ids::RunId, row_state::RowState, run::PaidMeanwhile, store::NAMED_PROBLEMS};

/// Of each person and amount that waits, one row of before that paid or may have paid since; one in doubt is hidden by no other.
/// Each of them is looked for once, however many rows wait for it. A row that came later has a greater number, whatever the clock
/// says.
pub(super) async fn find(client: &mut ClientWrapper, run: RunId) -> Result<PaidMeanwhile, Failure> {
    let in_doubt = RowState::in_doubt_list();
    let sql = format!(
        "WITH waiting AS MATERIALIZED (
             SELECT recipient, amount, min(place) AS place, count(*) AS rows, min(id) AS id, min(created_at) AS since
             FROM enkash.row
             WHERE run = $1 AND state = '{pending}' AND came_out_done_at IS NULL
                 AND recipient IS NOT NULL AND amount IS NOT NULL
             GROUP BY recipient, amount
         ), places AS MATERIALIZED (
             SELECT scope.id FROM enkash.run AS run JOIN enkash.scope AS own ON own.id = run.scope
             JOIN enkash.scope AS scope ON scope.id = own.id
                 OR scope.host = '' AND scope.company IN (own.company, '') AND scope.account IN (own.account, '')
             WHERE run.id = $1
         ), found AS MATERIALIZED (
             SELECT waiting.place, waiting.rows, other.id AS other, other.is_in_doubt FROM waiting
             JOIN LATERAL (
                 SELECT row.id, row.state IN ({in_doubt}) AS is_in_doubt FROM enkash.row AS row
                 WHERE row.recipient = waiting.recipient AND row.amount = waiting.amount AND row.direction = 'credit'
                 AND row.run IS DISTINCT FROM $1 AND (row.state IN ({may_have_paid}) OR row.came_out_done_at IS NOT NULL)
                 AND (row.id > waiting.id OR {LAST_MOVE} >= waiting.since) AND row.scope IN (SELECT id FROM places)
                 ORDER BY is_in_doubt DESC, row.id LIMIT 1
             ) AS other ON true
         ), first AS (
             SELECT place, other FROM found ORDER BY place LIMIT $2
         )
         SELECT other.*, mine.line, mine.reference, (SELECT sum(rows)::bigint FROM found),
                (SELECT coalesce(sum(rows) FILTER (WHERE is_in_doubt), 0)::bigint FROM found)
         FROM first JOIN enkash.row AS mine ON mine.run = $1 AND mine.place = first.place
         JOIN ({CALL_ROW}) AS other ON other.id = first.other ORDER BY first.place",
        pending = RowState::Pending.as_str(),
        may_have_paid = RowState::list_of(RowState::may_have_paid)
    );
    let limit = i64::try_from(NAMED_PROBLEMS).unwrap_or(i64::MAX);
    let mut found = PaidMeanwhile::default();
    let session = Session::from(&*client);
    for named in session.query(&sql, &[&run, &limit]).await? {
        let last = named.len() - 1;
        Count(found.in_doubt) = named.try_get(last)?;
        Count(found.rows) = named.try_get(last - 1)?;
        let Count(line) = named.try_get(last - 3)?;
        found
            .named
            .push((line, named.try_get(last - 2)?, read::call_row(&named)?));
    }
    Ok(found)
}
