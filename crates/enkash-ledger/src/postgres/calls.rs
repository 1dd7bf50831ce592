//! Single calls, intents and conclusions. Every change of a state here is one `UPDATE` that names the states it may come from,
//! and where an attempt decides, the attempt. Nothing is reported before the server has said that it is committed, and
//! nothing is tried again: a commit whose response is lost may have happened.

use enkash::Ticket;
use enkash_postgres::{
    Session,
    deadpool_postgres::ClientWrapper,
    tokio_postgres::{error::SqlState, types::ToSql},
};

use super::{
    failure::Failure,
    read::{self, CALL_ROW, Count, Time, text},
};
use crate::{
    call::{CallRow, CommittedIntent, NewCall, Scope},
    conclusion::{self, Conclusion, Recorded, Settled},
    error::{Conflict, LedgerError},
    ids::{RowId, RunId},
    intended_call::written,
    row_state::{Decision, RowState, Step},
    run::RunState,
};

/// The number of a scope, which is made where it is missing.
pub(super) async fn scope_id(session: Session<'_>, scope: &Scope) -> Result<i64, Failure> {
    let find = "SELECT id FROM enkash.scope WHERE host = $1 AND company = $2 AND account = $3";
    if let Some(row) = session
        .query_opt(find, &[&scope.host, &scope.company, &scope.account])
        .await?
    {
        return Ok(row.try_get(0)?);
    }
    let insert = "INSERT INTO enkash.scope (host, company, account) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    session
        .execute(insert, &[&scope.host, &scope.company, &scope.account])
        .await?;
    Ok(session
        .value(find, &[&scope.host, &scope.company, &scope.account])
        .await?)
}

/// Whether a row's scope is that of `$2`, `$3` and `$4`, or of a ticket that names no host.
const IN_SCOPE: &str = "(scope.host = $2 AND scope.company = $3 AND scope.account = $4
    OR scope.host = '' AND scope.company IN ($3, '') AND scope.account IN ($4, ''))";

/// Whether a row has its reference for itself, by an index: a canceled one gives it up, unless it is paid anew under another.
pub(super) const HAS_REFERENCE: &str = "(row.state <> 'canceled' OR row.exported_as IS NOT NULL)";

/// The rows that a reference, an SQL expression, stands for: the one that has it, those whose value moved under it although they
/// gave it up, and those whose value moved although they were written out to be paid under it. Each by an index.
pub(super) fn rows_of_reference(reference: &str) -> String {
    format!(
        "SELECT row.id FROM enkash.row AS row WHERE row.reference = {reference} AND {HAS_REFERENCE}
         UNION ALL SELECT row.id FROM enkash.row AS row WHERE row.reference = {reference} AND row.came_out_done_at IS NOT NULL
         UNION ALL SELECT row.id FROM enkash.row AS row WHERE row.exported_as = {reference} AND row.came_out_done_at IS NOT NULL"
    )
}

/// The row that this reference stands for in the scope, or without a host. One in doubt is hidden by no other, and no other by one
/// that makes way.
async fn used(session: Session<'_>, scope: &Scope, reference: &str) -> Result<Option<CallRow>, Failure> {
    let sql = format!(
        "{CALL_ROW} WHERE row.id IN ({rows}) AND {IN_SCOPE}
         ORDER BY row.state IN ({in_doubt}) DESC,
             row.state = 'pending' AND row.run IS NULL AND row.came_out_done_at IS NULL, row.id LIMIT 1",
        rows = rows_of_reference("$1"),
        in_doubt = RowState::in_doubt_list()
    );
    let values: [&(dyn ToSql + Sync); 4] = [&reference, &scope.host, &scope.company, &scope.account];
    session
        .query_opt(&sql, &values)
        .await?
        .as_ref()
        .map(read::call_row)
        .transpose()
}

/// A call for the same recipient and amount that is in doubt, or else one that a run is still to send.
async fn doubt(session: Session<'_>, call: &NewCall) -> Result<Option<CallRow>, Failure> {
    let Some(recipient) = call.recipient() else {
        return Ok(None);
    };
    let sql = format!(
        "{CALL_ROW} WHERE row.recipient = $1 AND row.amount IS NOT DISTINCT FROM $5 AND row.direction = $6
         AND (row.state IN ({in_doubt}) OR row.state = '{pending}' AND row.came_out_done_at IS NULL
             AND EXISTS (SELECT FROM enkash.run AS run WHERE run.id = row.run AND run.state IN ({open})))
         AND {IN_SCOPE} ORDER BY row.state IN ({in_doubt}) DESC, row.id LIMIT 1",
        in_doubt = RowState::in_doubt_list(),
        pending = RowState::Pending.as_str(),
        open = RunState::open_list()
    );
    let (scope, amount) = (&call.scope, call.amount().map_err(LedgerError::from)?);
    let found = session
        .query_opt(
            &sql,
            &[
                &recipient,
                &scope.host,
                &scope.company,
                &scope.account,
                &amount,
                &call.direction(),
            ],
        )
        .await?;
    found.as_ref().map(read::call_row).transpose()
}

pub(super) async fn check(session: Session<'_>, calls: &[NewCall]) -> Result<(), Failure> {
    for call in calls {
        call.amount().map_err(LedgerError::from)?;
        let found = used(session, &call.scope, call.ticket.reference.as_str()).await?;
        if let Some(row) = found.filter(|row| !row.makes_way()) {
            return Err(LedgerError::conflict(Conflict::ReferenceUsed(Box::new(row))).into());
        }
        if !call.is_reference_given
            && let Some(row) = doubt(session, call).await?
        {
            return Err(LedgerError::conflict(Conflict::of_open(row)).into());
        }
    }
    Ok(())
}

pub(super) async fn begin(
    client: &mut ClientWrapper,
    calls: &[NewCall],
    worker: &str,
) -> Result<Vec<CommittedIntent>, Failure> {
    let begun = try_begin(client, calls, worker).await;
    if begun
        .as_ref()
        .is_err_and(|failure| failure.is(&SqlState::UNIQUE_VIOLATION))
    {
        // Another process was faster with a reference. Now it can be named.
        check(Session::from(&*client), calls).await?;
    }
    begun
}

async fn try_begin(
    client: &mut ClientWrapper,
    calls: &[NewCall],
    worker: &str,
) -> Result<Vec<CommittedIntent>, Failure> {
    let transaction = client.transaction().await?;
    let session = Session::from(&transaction);
    await_others(session, calls).await?;
    check(session, calls).await?;
    let mut intents = Vec::with_capacity(calls.len());
    for call in calls {
        let ticket = written(&call.ticket)?;
        let row = insert(session, call).await?;
        let intent = commit_intent(session, row, &ticket, worker, Time::now()).await?;
        intents.push(intent.ok_or_else(|| LedgerError::invalid("a new row is not pending"))?);
    }
    transaction.commit().await?;
    Ok(intents)
}

/// What an import locks alone, and calls lock together: the name of a scope's payments, of host, company and account.
pub(super) const SCOPE_LOCK: &str =
    "'enkash ledger: payments of ' || jsonb_build_array($1::text, $2::text, $3::text)::text";

/// Lets calls for one recipient be checked one after the other, and none while a file of their scope is imported or tickets without
/// a host come in.
async fn await_others(session: Session<'_>, calls: &[NewCall]) -> Result<(), Failure> {
    let scopes = calls.iter().map(|call| &call.scope);
    let mut scopes: Vec<_> = scopes
        .map(|scope| [&scope.host, &scope.company, &scope.account])
        .collect();
    scopes.sort_unstable();
    scopes.dedup();
    let sql = format!("SELECT pg_advisory_xact_lock_shared(hashtextextended({SCOPE_LOCK}, 0))");
    for [host, company, account] in scopes {
        session.query(&sql, &[host, company, account]).await?;
    }
    let mut recipients: Vec<_> = calls.iter().filter_map(NewCall::recipient).collect();
    recipients.sort_unstable();
    recipients.dedup();
    let sql = "SELECT pg_advisory_xact_lock_shared(hashtextextended('enkash ledger: tickets', 0))
               UNION ALL
               SELECT pg_advisory_xact_lock(hashtextextended('enkash ledger: recipient ' || recipient, 0))
               FROM unnest($1::text[]) AS recipient";
    session.query(sql, &[&recipients]).await?;
    Ok(())
}

/// Writes a row, pending. Those with the same reference that were certainly not sent make way.
async fn insert(session: Session<'_>, call: &NewCall) -> Result<RowId, Failure> {
    let reference = call.ticket.reference.as_str();
    while let Some(row) = used(session, &call.scope, reference).await? {
        if !row.makes_way() || !change(session, row.id, Step::Cancel).await? {
            return Err(LedgerError::conflict(Conflict::ReferenceUsed(Box::new(row))).into());
        }
    }
    let scope = scope_id(session, &call.scope).await?;
    let amount = call.amount().map_err(LedgerError::from)?;
    let sql =
        "INSERT INTO enkash.row (scope, command, reference, direction, recipient, request, amount, state, created_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, 'pending', $8) RETURNING id";
    Ok(session
        .value(
            sql,
            &[
                &scope,
                &call.command,
                &reference,
                &call.direction(),
                &call.recipient(),
                &call.request(),
                &amount,
                &Time::now(),
            ],
        )
        .await?)
}

/// The compare-and-set where no attempt decides.
async fn change(session: Session<'_>, row: RowId, step: Step) -> Result<bool, Failure> {
    let sql = format!(
        "UPDATE enkash.row SET state = '{}' WHERE id = $1 AND state IN ({})",
        step.target().as_str(),
        step.source_list()
    );
    Ok(session.execute(&sql, &[&row]).await? == 1)
}

/// One statement, and so one round trip: compare, set, and write the attempt down. What came out as done is not sent, whatever its
/// state, nor what is not so.
pub(super) fn intent_sql(condition: &str) -> String {
    let step = Step::CommitIntent;
    format!(
        "WITH intent AS (
             UPDATE enkash.row SET state = '{}', attempt = attempt + 1, intended_at = $2
             WHERE id = $1 AND state IN ({}) AND came_out_done_at IS NULL AND {condition} RETURNING id, attempt
         )
         INSERT INTO enkash.attempt (row, number, worker, intended_at, ticket)
         SELECT id, attempt, $3, $2, $4 FROM intent RETURNING number",
        step.target().as_str(),
        step.source_list()
    )
}

/// The intent for a row that was made of the ticket.
async fn commit_intent(
    session: Session<'_>,
    row: RowId,
    ticket: &str,
    worker: &str,
    at: Time,
) -> Result<Option<CommittedIntent>, Failure> {
    let values: [&(dyn ToSql + Sync); 4] = [&row, &at, &worker, &ticket];
    let Some(committed) = session.query_opt(&intent_sql("TRUE"), &values).await? else {
        return Ok(None);
    };
    let attempt = read::attempt(&committed, 0)?;
    Ok(Some(CommittedIntent { row, attempt }))
}

pub(super) async fn conclude(client: &mut ClientWrapper, all: &[Settled]) -> Result<Vec<Recorded>, Failure> {
    if let [settled] = all
        && apply(Session::from(&*client), settled).await?
    {
        return Ok(vec![Recorded::Applied(settled.conclusion.state())]);
    }
    let transaction = client.transaction().await?;
    let session = Session::from(&transaction);
    // Whoever records the same rows takes them in the same order, so that nobody waits for ever.
    let rows: Vec<_> = all.iter().map(|settled| settled.row).collect();
    session
        .query(
            "SELECT FROM enkash.row WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE",
            &[&rows],
        )
        .await?;
    let mut recorded = Vec::with_capacity(all.len());
    for settled in all {
        recorded.push(if apply(session, settled).await? {
            Recorded::Applied(settled.conclusion.state())
        } else {
            keep(session, settled).await?
        });
    }
    transaction.commit().await?;
    Ok(recorded)
}

/// The compare-and-set of an attempt's end or of what was found out later: one statement. Says whether it applied.
async fn apply(session: Session<'_>, settled: &Settled) -> Result<bool, Failure> {
    let Settled {
        row,
        attempt,
        conclusion,
    } = settled;
    let step = conclusion.step;
    let target = step.target().as_str();
    let ended = match step.decision() {
        Some(Decision::Attempt) => format!(
            ", ended AS (
                 UPDATE enkash.attempt SET outcome = '{target}', ended_at = $4, reason = $5 FROM applied
                 WHERE attempt.row = applied.id AND number = $2 AND outcome IS NULL
             )"
        ),
        _ => String::new(),
    };
    let sql = format!(
        "WITH applied AS (
             UPDATE enkash.row
             SET state = '{target}', decision = $3, concluded_at = $4, reason = $5, detail = coalesce($6, detail)
             WHERE id = $1 AND attempt = $2 AND state IN ({}) RETURNING id
         ) {ended}
         SELECT id FROM applied",
        step.source_list()
    );
    let reason = conclusion.reason.as_deref().map(text);
    let detail = conclusion.detail.as_ref().map(ToString::to_string);
    let number = Count(u64::from(*attempt));
    let applied = session
        .query_opt(&sql, &[row, &number, &step.decision(), &Time::now(), &reason, &detail])
        .await?;
    Ok(applied.is_some())
}

/// The row has ended, or another attempt owns it. A contradiction is written down, and the row counts as done where it says so.
async fn keep(session: Session<'_>, settled: &Settled) -> Result<Recorded, Failure> {
    let (row, number) = (settled.row, Count(u64::from(settled.attempt)));
    let (state, attempt) = standing(session, row).await?;
    if settled.conclusion.step.decision() == Some(Decision::Attempt) {
        let sql = "UPDATE enkash.attempt SET outcome = $3, ended_at = $4, reason = $5
                   WHERE row = $1 AND number = $2 AND outcome IS NULL";
        let reason = settled.conclusion.reason.as_deref().map(text);
        session
            .execute(
                sql,
                &[&row, &number, &settled.conclusion.state(), &Time::now(), &reason],
            )
            .await?;
    }
    if let Some(contradiction) = settled.contradiction(state, attempt) {
        let sql = "INSERT INTO enkash.event (row, at, text) VALUES ($1, $2, $3)";
        session.execute(sql, &[&row, &Time::now(), &contradiction]).await?;
        if settled.conclusion.state() == RowState::Done {
            let sql = "UPDATE enkash.row SET came_out_done_at = coalesce(came_out_done_at, $2) WHERE id = $1";
            session.execute(sql, &[&row, &Time::now()]).await?;
        }
    }
    Ok(Recorded::Kept(state))
}

/// Where a row stands, and its last attempt. In a transaction it stays so.
async fn standing(session: Session<'_>, row: RowId) -> Result<(RowState, u32), Failure> {
    let found = session
        .query_opt(
            "SELECT state, attempt FROM enkash.row WHERE id = $1 FOR UPDATE",
            &[&row],
        )
        .await?
        .ok_or_else(|| LedgerError::no_row(row))?;
    Ok((found.try_get(0)?, read::attempt(&found, 1)?))
}

pub(super) async fn interrupt(session: Session<'_>, run: Option<RunId>) -> Result<u64, Failure> {
    let step = Step::Interrupt;
    let sql = format!(
        "UPDATE enkash.row SET state = '{}', concluded_at = $2, reason = $3
         WHERE state IN ({}) AND run IS NOT DISTINCT FROM $1",
        step.target().as_str(),
        step.source_list()
    );
    Ok(session
        .execute(&sql, &[&run, &Time::now(), &conclusion::INTERRUPTED])
        .await?)
}

pub(super) async fn interrupt_places(session: Session<'_>, run: RunId, first: u64, last: u64) -> Result<u64, Failure> {
    let step = Step::Interrupt;
    let sql = format!(
        "UPDATE enkash.row SET state = '{}', concluded_at = $2, reason = $3
         WHERE state IN ({}) AND run = $1 AND place BETWEEN $4 AND $5",
        step.target().as_str(),
        step.source_list()
    );
    let (first, last) = (Count(first), Count(last));
    Ok(session
        .execute(&sql, &[&run, &Time::now(), &conclusion::INTERRUPTED, &first, &last])
        .await?)
}

pub(super) async fn resolve(
    client: &mut ClientWrapper,
    row: RowId,
    conclusion: Conclusion,
) -> Result<Recorded, Failure> {
    let (state, attempt) = standing(Session::from(&*client), row).await?;
    let recorded = conclude(client, &[Settled::new(row, attempt, conclusion)]).await?;
    Ok(recorded.first().copied().unwrap_or(Recorded::Kept(state)))
}

pub(super) async fn export(
    client: &mut ClientWrapper,
    row: RowId,
    new_reference: &str,
) -> Result<Option<String>, Failure> {
    let transaction = client.transaction().await?;
    let session = Session::from(&transaction);
    let (state, _) = standing(session, row).await?;
    let came_out = "SELECT came_out_done_at IS NOT NULL FROM enkash.row WHERE id = $1";
    let may_be_done: bool = session.value(came_out, &[&row]).await?;
    if !state.can_be_exported() || may_be_done {
        return Ok(None);
    }
    // Two rows for one payment must never both be able to leave.
    change(session, row, Step::Cancel).await?;
    let sql = "UPDATE enkash.row SET exported_as = coalesce(exported_as, $2) WHERE id = $1 RETURNING exported_as";
    match session.value(sql, &[&row, &new_reference]).await {
        Ok(exported) => {
            transaction.commit().await?;
            Ok(Some(exported))
        }
        // Another row has taken its reference since: that one is the payment.
        Err(error) if error.is(&SqlState::UNIQUE_VIOLATION) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Takes in what an earlier version kept in a file. It names no host.
pub(super) async fn import_tickets(client: &mut ClientWrapper, tickets: &[Ticket]) -> Result<u64, Failure> {
    let transaction = client.transaction().await?;
    let session = Session::from(&transaction);
    let lock = "SELECT pg_advisory_xact_lock(hashtextextended('enkash ledger: tickets', 0))";
    session.query(lock, &[]).await?;
    let mut count = 0;
    for ticket in tickets {
        let call = NewCall::new(Scope::of_ticket(ticket), "imported ticket", ticket.clone());
        if used(session, &call.scope, ticket.reference.as_str()).await?.is_some() {
            continue;
        }
        let row = insert(session, &call).await?;
        commit_intent(
            session,
            row,
            &written(ticket)?,
            "an earlier version",
            Time(ticket.intended_at),
        )
        .await?;
        change(session, row, Step::Interrupt).await?;
        count += 1;
    }
    transaction.commit().await?;
    Ok(count)
}
