//! The import of a run: one transaction on a connection of its own. The rows are copied into a table that only it sees; once all
//! are there, a few statements over all of them find what is wrong. Nothing shows before the commit, and a connection that
//! ends takes everything back.

use std::{collections::BTreeSet, pin::pin, time::Duration};

use async_trait::async_trait;
use enkash::Timestamp;
use enkash_postgres::{
    Session,
    deadpool_postgres::ClientWrapper,
    tokio_postgres::{binary_copy::BinaryCopyInWriter, types::Type},
    within,
};
use jiff::SignedDuration;

use super::{
    LONG_TIMEOUT,
    calls::{self, HAS_REFERENCE},
    failure::Failure,
    read::{self, CALL_ROW, Count, LAST_MOVE, Time},
};
use crate::{
    error::LedgerError,
    ids::RunId,
    row_state::RowState,
    run::{ImportedRun, NewRow, NewRun, RepeatedPayment, RunState},
    store::{Import, NAMED_PROBLEMS, REPETITION_DAYS, Result},
};

const BEGIN: &str = "
BEGIN;
CREATE TEMPORARY TABLE staged (
    place     bigint NOT NULL,
    line      bigint NOT NULL,
    reference text NOT NULL,
    recipient text NOT NULL,
    request   text NOT NULL,
    amount    bigint NOT NULL
) ON COMMIT DROP;
";

pub(super) struct PostgresImport {
    client: ClientWrapper,
    place: String,
    run: NewRun,
    scope: i64,
    id: RunId,
    found: ImportedRun,
}

impl PostgresImport {
    pub(super) async fn begin(client: ClientWrapper, place: String, run: NewRun) -> std::result::Result<Self, Failure> {
        // Before the transaction: nobody else has to wait for this one with a new scope.
        let scope = calls::scope_id(Session::from(&client), &run.scope).await?;
        client.batch_execute(BEGIN).await?;
        Ok(Self {
            client,
            place,
            run,
            scope,
            id: RunId(0),
            found: ImportedRun::default(),
        })
    }

    async fn stage(&mut self, rows: &[NewRow]) -> std::result::Result<(), Failure> {
        let columns = [Type::INT8, Type::INT8, Type::TEXT, Type::TEXT, Type::TEXT, Type::INT8];
        let sink = self
            .client
            .copy_in("COPY pg_temp.staged FROM STDIN (FORMAT binary)")
            .await?;
        let mut writer = pin!(BinaryCopyInWriter::new(sink, &columns));
        for row in rows {
            let found = &mut self.found;
            found.rows += 1;
            found.total = found.total.checked_add(row.amount).map_err(LedgerError::from)?;
            if found.largest.is_none_or(|(_, largest)| row.amount > largest) {
                found.largest = Some((row.line, row.amount));
            }
            let (place, line) = (Count(found.rows), Count(row.line));
            writer
                .as_mut()
                .write(&[&place, &line, &row.reference, &row.recipient, &row.request, &row.amount])
                .await?;
        }
        writer.as_mut().finish().await?;
        Ok(())
    }

    async fn check(&mut self, file_hash: &str) -> std::result::Result<(), Failure> {
        let session = Session::from(&self.client);
        // Until the commit: another import, or a call, does not see these rows before, and would pay the same people beside them.
        let lock = format!(
            "SELECT pg_advisory_xact_lock(hashtextextended({}, 0))",
            calls::SCOPE_LOCK
        );
        let of = &self.run.scope;
        session.query(&lock, &[&of.host, &of.company, &of.account]).await?;
        self.found.twin = self.twin(session, file_hash).await?;
        self.client.batch_execute("ANALYZE pg_temp.staged").await?;
        self.id = self.insert_run(session, file_hash).await?;
        let inserted = self.insert_rows(session).await?;
        find_references(session, self.id, self.scope, &self.run, inserted, &mut self.found).await?;
        find_repetitions(session, self.id, self.scope, &self.run, &mut self.found).await?;
        count_open(session, self.id, &mut self.found).await?;
        let known = "SELECT count(*) FROM pg_temp.staged AS staged WHERE EXISTS (
                         SELECT FROM enkash.row WHERE row.recipient = staged.recipient AND row.run IS DISTINCT FROM $1
                         AND (row.state = 'done' OR row.came_out_done_at IS NOT NULL))";
        let Count(known) = session.value(known, &[&self.id]).await?;
        self.found.known_recipients = known;
        Ok(())
    }

    /// Of two processes that import one file at once, the second waited for the first, and finds its run.
    async fn twin(
        &self,
        session: Session<'_>,
        file_hash: &str,
    ) -> std::result::Result<Option<(RunId, RunState)>, Failure> {
        let sql = "SELECT id, state FROM enkash.run WHERE file_hash = $1 AND scope = $2 AND command = $3
                   AND state <> 'canceled' ORDER BY id DESC LIMIT 1";
        let twin = session
            .query_opt(sql, &[&file_hash, &self.scope, &self.run.command])
            .await?;
        twin.map(|twin| Ok((twin.try_get(0)?, twin.try_get(1)?))).transpose()
    }

    async fn insert_run(&self, session: Session<'_>, file_hash: &str) -> std::result::Result<RunId, Failure> {
        let sql =
            "INSERT INTO enkash.run (scope, command, file_name, file_hash, rows, total, state, created_by, created_at,
                                           approvals_needed)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0) RETURNING id";
        Ok(session
            .value(
                sql,
                &[
                    &self.scope,
                    &self.run.command,
                    &self.run.file_name,
                    &file_hash,
                    &Count(self.found.rows),
                    &self.found.total,
                    &RunState::Planned,
                    &self.run.created_by,
                    &Time::now(),
                ],
            )
            .await?)
    }

    /// Says how many of them have a new reference. The others are left out. Nobody else gets one of these references from here
    /// on: whoever tries waits for this transaction.
    async fn insert_rows(&self, session: Session<'_>) -> std::result::Result<u64, Failure> {
        let sql = format!(
            "INSERT INTO enkash.row AS row (run, place, line, scope, command, reference, direction, recipient, request, amount,
                                           state, created_at, replaces)
                   SELECT $1, place, line, $2, $3, reference, 'credit', recipient, request, amount, 'pending', $4,
                          (SELECT row.reference FROM enkash.row WHERE row.exported_as = staged.reference LIMIT 1)
                   FROM pg_temp.staged AS staged ORDER BY place
                   ON CONFLICT (reference, scope) WHERE {HAS_REFERENCE} DO NOTHING"
        );
        Ok(session
            .execute(&sql, &[&self.id, &self.scope, &self.run.command, &Time::now()])
            .await?)
    }

    async fn within<T>(
        place: &str,
        limit: Duration,
        work: impl Future<Output = std::result::Result<T, Failure>>,
    ) -> Result<T> {
        within(limit, work).await.map_err(|failure| failure.at(place))
    }
}

/// Which references stand twice in the file, or were used before: also by what an earlier version left behind without a host.
async fn find_references(
    session: Session<'_>,
    run: RunId,
    scope: i64,
    of: &NewRun,
    inserted: u64,
    found: &mut ImportedRun,
) -> std::result::Result<(), Failure> {
    let sql =
        "CREATE TEMPORARY TABLE used_reference (place bigint PRIMARY KEY, line bigint, other bigint, in_file boolean)
               ON COMMIT DROP";
    session.batch_execute(sql).await?;
    let has_hostless = "SELECT EXISTS (SELECT FROM enkash.scope WHERE host = '')";
    let has_late = "SELECT EXISTS (SELECT FROM enkash.row WHERE came_out_done_at IS NOT NULL)";
    let has_late = session.value::<bool>(has_late, &[]).await?;
    if inserted == found.rows && !has_late && !session.value::<bool>(has_hostless, &[]).await? {
        return Ok(());
    }
    let of_reference = match has_late {
        true => format!("row.id IN ({})", calls::rows_of_reference("staged.reference")),
        false => format!("row.reference = staged.reference AND {HAS_REFERENCE}"),
    };
    let sql = format!(
        "INSERT INTO pg_temp.used_reference
               SELECT staged.place, staged.line, other.id, coalesce(other.run = $1, false)
               FROM pg_temp.staged AS staged
               LEFT JOIN enkash.row AS mine ON mine.run = $1 AND mine.place = staged.place
               JOIN LATERAL (
                   SELECT row.id, row.run FROM enkash.row JOIN enkash.scope AS scope ON scope.id = row.scope
                   WHERE {of_reference} AND (
                       row.scope = $2 AND (mine.id IS NULL OR row.came_out_done_at IS NOT NULL)
                       OR scope.host = '' AND scope.company IN ($3, '') AND scope.account IN ($4, ''))
                   ORDER BY row.state IN ({in_doubt}) DESC, row.id LIMIT 1
               ) AS other ON true",
        in_doubt = RowState::in_doubt_list()
    );
    let problems = session
        .execute(&sql, &[&run, &scope, &of.scope.company, &of.scope.account])
        .await?;
    found.reference_problems = problems;
    let limit = i64::try_from(NAMED_PROBLEMS).unwrap_or(i64::MAX);
    let sql =
        "SELECT used.line, row.line FROM pg_temp.used_reference AS used JOIN enkash.row AS row ON row.id = used.other
               WHERE used.in_file ORDER BY used.place LIMIT $1";
    for problem in session.query(sql, &[&limit]).await? {
        let (Count(line), Count(first)) = (problem.try_get(0)?, problem.try_get(1)?);
        found.repeated_references.push((line, first));
    }
    let sql = format!(
        "SELECT other.*, used.line FROM pg_temp.used_reference AS used JOIN ({CALL_ROW}) AS other ON other.id = used.other
         WHERE NOT used.in_file ORDER BY used.place LIMIT $1"
    );
    for problem in session.query(&sql, &[&limit]).await? {
        let Count(line) = problem.try_get(problem.len() - 1)?;
        found.used_references.push((line, read::call_row(&problem)?));
    }
    Ok(())
}

/// Who is to get how much from a row in doubt, or else from one that waits in a run, however old they are: for each person and amount
/// the first such row. To look for it among all rows of a person, once for each row of the file, would take longer with each of
/// them.
async fn collect_open(session: Session<'_>, run: RunId, scope: i64, of: &NewRun) -> std::result::Result<(), Failure> {
    let sql = "CREATE TEMPORARY TABLE open_payment (
                   recipient text NOT NULL, amount bigint NOT NULL, id bigint NOT NULL, PRIMARY KEY (recipient, amount)
               ) ON COMMIT DROP";
    session.batch_execute(sql).await?;
    // Also what an earlier version left behind without a host.
    let sql = format!(
        "INSERT INTO pg_temp.open_payment
         SELECT row.recipient, row.amount, min(row.id)
         FROM enkash.row AS row JOIN enkash.scope AS scope ON scope.id = row.scope
         WHERE row.state IN ({}) AND row.direction = 'credit' AND row.recipient IS NOT NULL AND row.amount IS NOT NULL
         AND (row.scope = $1 OR scope.host = '' AND scope.company IN ($2, '') AND scope.account IN ($3, ''))
         GROUP BY row.recipient, row.amount",
        RowState::in_doubt_list()
    );
    session
        .execute(&sql, &[&scope, &of.scope.company, &of.scope.account])
        .await?;
    let sql = format!(
        "INSERT INTO pg_temp.open_payment
         SELECT row.recipient, row.amount, min(row.id) FROM enkash.run AS run JOIN enkash.row AS row ON row.run = run.id
         WHERE run.scope = $1 AND run.id <> $2 AND run.state IN ({}) AND row.state = '{}' AND row.came_out_done_at IS NULL
         AND row.direction = 'credit' AND row.recipient IS NOT NULL AND row.amount IS NOT NULL
         GROUP BY row.recipient, row.amount ON CONFLICT DO NOTHING",
        RunState::open_list(),
        RowState::Pending.as_str()
    );
    session.execute(&sql, &[&scope, &run]).await?;
    Ok(session.batch_execute("ANALYZE pg_temp.open_payment").await?)
}

/// Which rows with a new reference pay the same amount to the same person: as an earlier row of the file, as a call of the last
/// days, or as one in doubt. What is in doubt or waits is hidden by no other.
async fn find_repetitions(
    session: Session<'_>,
    run: RunId,
    scope: i64,
    of: &NewRun,
    found: &mut ImportedRun,
) -> std::result::Result<(), Failure> {
    let now = Timestamp::now();
    let days = SignedDuration::from_hours(24 * REPETITION_DAYS);
    let recent = Time(now.checked_sub(days).unwrap_or(now));
    collect_open(session, run, scope, of).await?;
    let sql = "CREATE TEMPORARY TABLE repeated_payment (place bigint, line bigint, other bigint) ON COMMIT DROP";
    session.batch_execute(sql).await?;
    let sql = format!(
        "INSERT INTO pg_temp.repeated_payment
               SELECT staged.place, staged.line, coalesce(open.id, other.id) FROM pg_temp.staged AS staged
               LEFT JOIN pg_temp.open_payment AS open
                   ON open.recipient = staged.recipient AND open.amount = staged.amount
               LEFT JOIN LATERAL (
                   SELECT row.id FROM enkash.row
                   WHERE row.recipient = staged.recipient AND row.amount = staged.amount AND row.scope = $2
                   AND row.direction = 'credit' AND (row.run = $1 AND row.place < staged.place
                       OR row.run IS DISTINCT FROM $1 AND {LAST_MOVE} >= $3
                           AND (row.state IN ({may_pay}) OR row.came_out_done_at IS NOT NULL))
                   ORDER BY row.id LIMIT 1
               ) AS other ON true
               WHERE coalesce(open.id, other.id) IS NOT NULL
               AND NOT EXISTS (SELECT FROM pg_temp.used_reference AS used WHERE used.place = staged.place)",
        may_pay = RowState::list_of(RowState::may_pay)
    );
    found.repeated_payment_count = session.execute(&sql, &[&run, &scope, &recent]).await?;
    let limit = i64::try_from(NAMED_PROBLEMS).unwrap_or(i64::MAX);
    let sql = format!(
        "SELECT other.*, repeated.line FROM pg_temp.repeated_payment AS repeated
         JOIN ({CALL_ROW}) AS other ON other.id = repeated.other ORDER BY repeated.place LIMIT $1"
    );
    for problem in session.query(&sql, &[&limit]).await? {
        let Count(line) = problem.try_get(problem.len() - 1)?;
        let other = read::call_row(&problem)?;
        let other = match (other.run, other.line) {
            (Some((of, _)), Some(first)) if of == run => RepeatedPayment::InFile(first),
            _ => RepeatedPayment::Earlier(Box::new(other)),
        };
        found.repeated_payments.push((line, other));
    }
    Ok(())
}

/// How many of all that was found stand at a row of before that is in doubt, that a run is still to send, or that was written out to
/// be paid anew.
async fn count_open(session: Session<'_>, run: RunId, found: &mut ImportedRun) -> std::result::Result<(), Failure> {
    let ([in_doubt, waiting, exported], runs) = open_of(session, run, "used_reference").await?;
    (found.references_in_doubt, found.references_waiting) = (in_doubt, waiting);
    (found.references_exported, found.reference_runs) = (exported, runs);
    let ([in_doubt, waiting, _], runs) = open_of(session, run, "repeated_payment").await?;
    (found.payments_in_doubt, found.payments_waiting, found.payment_runs) = (in_doubt, waiting, runs);
    Ok(())
}

/// Of one table of what was found: how many are in doubt, wait or were written out, each counted once, and the runs of the first two.
async fn open_of(
    session: Session<'_>,
    run: RunId,
    table: &'static str,
) -> std::result::Result<([u64; 3], BTreeSet<RunId>), Failure> {
    let in_doubt = format!("row.state IN ({})", RowState::in_doubt_list());
    let waiting = format!(
        "row.state = '{}' AND row.run IS NOT NULL AND row.came_out_done_at IS NULL",
        RowState::Pending.as_str()
    );
    let before = format!(
        "FROM pg_temp.{table} AS found JOIN enkash.row AS row ON row.id = found.other WHERE row.run IS DISTINCT FROM $1"
    );
    let sql = format!(
        "SELECT count(*) FILTER (WHERE {in_doubt}), count(*) FILTER (WHERE {waiting}),
                count(*) FILTER (WHERE row.exported_as IS NOT NULL AND NOT ({in_doubt} OR {waiting}))
         {before}"
    );
    let mut counts = [0; 3];
    for counted in session.query(&sql, &[&run]).await? {
        for (place, count) in counts.iter_mut().enumerate() {
            Count(*count) = counted.try_get(place)?;
        }
    }
    let sql = format!(
        "SELECT DISTINCT row.run {before} AND row.run IS NOT NULL AND ({in_doubt} OR {waiting}) ORDER BY 1 LIMIT $2"
    );
    let limit = i64::try_from(NAMED_PROBLEMS).unwrap_or(i64::MAX);
    let mut runs = BTreeSet::new();
    for named in session.query(&sql, &[&run, &limit]).await? {
        runs.insert(named.try_get(0)?);
    }
    Ok((counts, runs))
}

#[async_trait]
impl Import for PostgresImport {
    async fn push(&mut self, rows: Vec<NewRow>) -> Result<()> {
        let place = self.place.clone();
        Self::within(&place, LONG_TIMEOUT, self.stage(&rows)).await
    }

    async fn finish(&mut self, file_hash: &str) -> Result<ImportedRun> {
        let place = self.place.clone();
        Self::within(&place, LONG_TIMEOUT, self.check(file_hash)).await?;
        Ok(self.found.clone())
    }

    async fn commit(self: Box<Self>, approvals_needed: u32) -> Result<RunId> {
        let commit = async {
            let sql = "UPDATE enkash.run SET approvals_needed = $2 WHERE id = $1";
            let needed = Count(u64::from(approvals_needed));
            // In a transaction that was undone already this fails, where `COMMIT` alone would not.
            Session::from(&self.client).execute(sql, &[&self.id, &needed]).await?;
            self.client.batch_execute("COMMIT").await?;
            // So that the queries of this run are planned for it at once. Without it they are slower, and no more.
            let _ = self.client.batch_execute("ANALYZE enkash.row").await;
            Ok(self.id)
        };
        Self::within(&self.place, LONG_TIMEOUT, commit).await
    }
}
