//! From columns to values and back, for every query.

use std::{error::Error, time::SystemTime};

use bytes::BytesMut;
use enkash::Timestamp;
use enkash_postgres::tokio_postgres::{
    Row,
    types::{FromSql, IsNull, ToSql, Type, to_sql_checked},
};

use super::failure::Failure;
use crate::{
    amount::Amount,
    call::{CallRow, Scope},
    ids::{RowId, RunId},
    row_state::{Decision, RowState},
    run::{PauseReason, Run, RunState},
};

type AnyError = Box<dyn Error + Sync + Send>;

/// A value that the database holds as another type, which knows the format.
macro_rules! column {
    ($type:ty as $held:ty, |$value:ident| $to:expr, |$read:ident| $from:expr) => {
        impl ToSql for $type {
            fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, AnyError> {
                let $value = self;
                $to.to_sql(kind, out)
            }

            fn accepts(kind: &Type) -> bool {
                <$held as ToSql>::accepts(kind)
            }

            to_sql_checked!();
        }

        impl<'a> FromSql<'a> for $type {
            fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, AnyError> {
                let $read = <$held>::from_sql(kind, raw)?;
                $from
            }

            fn accepts(kind: &Type) -> bool {
                <$held as FromSql<'_>>::accepts(kind)
            }
        }
    };
}

/// A time, to the microsecond.
#[derive(Clone, Copy, Debug)]
pub(super) struct Time(pub(super) Timestamp);

impl Time {
    pub(super) fn now() -> Self {
        Self(Timestamp::now())
    }
}

/// A number that is never below zero.
#[derive(Clone, Copy, Debug)]
pub(super) struct Count(pub(super) u64);

column!(Time as SystemTime, |time| SystemTime::try_from(time.0)?, |read| Ok(
    Self(Timestamp::try_from(read)?)
));
column!(Count as i64, |count| i64::try_from(count.0)?, |read| Ok(Self(
    u64::try_from(read)?
)));
column!(Amount as i64, |amount| amount.millionths(), |read| Ok(
    Self::from_millionths(read)
));
column!(RunId as i64, |run| run.0, |read| Ok(Self(read)));
column!(RowId as i64, |row| row.0, |read| Ok(Self(read)));
column!(RowState as &str, |state| state.as_str(), |read| Self::parse(read)
    .ok_or_else(|| "a newer version wrote this state".into()));
column!(RunState as &str, |state| state.as_str(), |read| Self::parse(read)
    .ok_or_else(|| "a newer version wrote this state".into()));
column!(Decision as &str, |decision| decision.as_str(), |read| Self::parse(read)
    .ok_or_else(|| "a newer version wrote this decision".into()));

/// What a text column can hold: PostgreSQL knows no character zero.
pub(super) fn text(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

fn time(row: &Row, column: usize) -> Result<Option<Timestamp>, Failure> {
    Ok(row.try_get::<_, Option<Time>>(column)?.map(|Time(time)| time))
}

fn count(row: &Row, column: usize) -> Result<Option<u64>, Failure> {
    Ok(row.try_get::<_, Option<Count>>(column)?.map(|Count(count)| count))
}

/// The number of an attempt.
pub(super) fn attempt(row: &Row, column: usize) -> Result<u32, Failure> {
    let Count(number) = row.try_get(column)?;
    Ok(u32::try_from(number).unwrap_or(u32::MAX))
}

/// A row of calls, joined with its scope and its last attempt.
pub(super) const CALL_ROW: &str = "
SELECT row.id, row.run, row.place, row.line, scope.host, scope.company, scope.account, row.command, row.reference,
       row.recipient, row.request, row.amount, row.state, row.attempt, row.decision, row.created_at, row.intended_at,
       row.concluded_at, row.reason, row.detail, row.exported_as, row.replaces, attempt.ticket, row.came_out_done_at
FROM enkash.row AS row
JOIN enkash.scope AS scope ON scope.id = row.scope
LEFT JOIN enkash.attempt AS attempt ON attempt.row = row.id AND attempt.number = row.attempt
";

/// When a row last moved. It may have come into the ledger long before it was paid.
pub(super) const LAST_MOVE: &str = "greatest(row.created_at, row.intended_at, row.concluded_at, row.came_out_done_at)";

pub(super) fn call_row(row: &Row) -> Result<CallRow, Failure> {
    let run: Option<RunId> = row.try_get(1)?;
    let detail: Option<&str> = row.try_get(19)?;
    let Time(created_at) = row.try_get(15)?;
    Ok(CallRow {
        id: row.try_get(0)?,
        run: run.zip(count(row, 2)?),
        line: count(row, 3)?,
        scope: Scope {
            host: row.try_get(4)?,
            company: row.try_get(5)?,
            account: row.try_get(6)?,
        },
        command: row.try_get(7)?,
        reference: row.try_get(8)?,
        recipient: row.try_get(9)?,
        request: row.try_get(10)?,
        amount: row.try_get(11)?,
        state: row.try_get(12)?,
        attempts: attempt(row, 13)?,
        decision: row.try_get(14)?,
        created_at,
        intended_at: time(row, 16)?,
        concluded_at: time(row, 17)?,
        reason: row.try_get(18)?,
        detail: detail.and_then(|detail| serde_json::from_str(detail).ok()),
        exported_as: row.try_get(20)?,
        replaces: row.try_get(21)?,
        ticket: row.try_get(22)?,
        came_out_done_at: time(row, 23)?,
    })
}

/// A run, joined with its scope.
pub(super) const RUN: &str = "
SELECT run.id, scope.host, scope.company, scope.account, run.command, run.file_name, run.file_hash, run.rows, run.total,
       run.state, run.pause_word, run.pause_text, run.created_by, run.created_at, run.started_at, run.ended_at,
       run.balance_before, run.balance_after, run.balance_after_at, run.approvals_needed
FROM enkash.run AS run
JOIN enkash.scope AS scope ON scope.id = run.scope
";

pub(super) fn run(row: &Row) -> Result<Run, Failure> {
    let (word, text): (Option<String>, Option<String>) = (row.try_get(10)?, row.try_get(11)?);
    let Time(created_at) = row.try_get(13)?;
    Ok(Run {
        id: row.try_get(0)?,
        scope: Scope {
            host: row.try_get(1)?,
            company: row.try_get(2)?,
            account: row.try_get(3)?,
        },
        command: row.try_get(4)?,
        file_name: row.try_get(5)?,
        file_hash: row.try_get(6)?,
        rows: count(row, 7)?.unwrap_or_default(),
        total: row.try_get(8)?,
        state: row.try_get(9)?,
        pause: word.zip(text).map(|(word, text)| PauseReason { word, text }),
        created_by: row.try_get(12)?,
        created_at,
        started_at: time(row, 14)?,
        ended_at: time(row, 15)?,
        balance_before: row.try_get(16)?,
        balance_after: row.try_get(17)?,
        balance_after_at: time(row, 18)?,
        approvals_needed: attempt(row, 19)?,
    })
}

pub(super) fn call_rows(rows: &[Row]) -> Result<Vec<CallRow>, Failure> {
    rows.iter().map(call_row).collect()
}

/// An attempt, from the columns that history asks for.
pub(super) fn of_attempt(row: &Row) -> Result<crate::call::Attempt, Failure> {
    let Time(intended_at) = row.try_get(2)?;
    Ok(crate::call::Attempt {
        number: attempt(row, 0)?,
        worker: row.try_get(1)?,
        intended_at,
        outcome: row.try_get(3)?,
        ended_at: time(row, 4)?,
        reason: row.try_get(5)?,
    })
}
