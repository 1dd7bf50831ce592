//! From columns to values, for every query.

use enkash::Timestamp;
use rusqlite::{
    Row,
    types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef},
};

use crate::{
    amount::Amount,
    call::{CallRow, Scope},
    ids::{RowId, RunId},
    row_state::{Decision, RowState},
    run::{PauseReason, Run, RunState},
};

/// A time as the tables hold it: microseconds since 1970, UTC.
#[derive(Clone, Copy)]
pub(super) struct Micros(pub(super) Timestamp);

impl Micros {
    pub(super) fn now() -> Self {
        Self(Timestamp::now())
    }
}

impl ToSql for Micros {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.as_microsecond().into())
    }
}

impl FromSql for Micros {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let time = Timestamp::from_microsecond(value.as_i64()?);
        time.map(Self).map_err(|error| FromSqlError::Other(Box::new(error)))
    }
}

impl ToSql for Amount {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.millionths().into())
    }
}

impl FromSql for Amount {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(Self::from_millionths)
    }
}

macro_rules! words {
    ($($type:ty),*) => {
        $(
            impl ToSql for $type {
                fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                    Ok(self.as_str().into())
                }
            }

            impl FromSql for $type {
                fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                    Self::parse(value.as_str()?).ok_or(FromSqlError::InvalidType)
                }
            }
        )*
    };
}

words!(RowState, Decision, RunState);

macro_rules! numbers {
    ($($type:ident),*) => {
        $(
            impl ToSql for $type {
                fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                    Ok(self.0.into())
                }
            }

            impl FromSql for $type {
                fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                    value.as_i64().map(Self)
                }
            }
        )*
    };
}

numbers!(RunId, RowId);

/// A row of calls, joined with its scope and its last attempt.
pub(super) const CALL_ROW: &str = "
SELECT row.id, row.run, row.place, row.line, scope.host, scope.company, scope.account, row.command, row.reference,
       row.recipient, row.request, row.amount, row.state, row.attempt, row.decision, row.created_at, row.intended_at,
       row.concluded_at, row.reason, row.detail, row.exported_as, row.replaces, attempt.ticket, row.came_out_done_at
FROM row
JOIN scope ON scope.id = row.scope
LEFT JOIN attempt ON attempt.row = row.id AND attempt.number = row.attempt
";

/// When a row last moved. It may have come into the ledger long before it was paid.
pub(super) const LAST_MOVE: &str =
    "max(row.created_at, coalesce(row.intended_at, row.created_at), coalesce(row.concluded_at, row.created_at),
         coalesce(row.came_out_done_at, row.created_at))";

pub(super) fn call_row(row: &Row<'_>) -> rusqlite::Result<CallRow> {
    let run: Option<RunId> = row.get(1)?;
    let place: Option<i64> = row.get(2)?;
    let line: Option<i64> = row.get(3)?;
    let detail: Option<String> = row.get(19)?;
    let time = |column| {
        row.get::<_, Option<Micros>>(column)
            .map(|time| time.map(|Micros(time)| time))
    };
    Ok(CallRow {
        id: row.get(0)?,
        run: run.zip(place.and_then(|place| place.try_into().ok())),
        line: line.and_then(|line| line.try_into().ok()),
        scope: Scope {
            host: row.get(4)?,
            company: row.get(5)?,
            account: row.get(6)?,
        },
        command: row.get(7)?,
        reference: row.get(8)?,
        recipient: row.get(9)?,
        request: row.get(10)?,
        amount: row.get(11)?,
        state: row.get(12)?,
        attempts: row.get(13)?,
        decision: row.get(14)?,
        created_at: row.get::<_, Micros>(15)?.0,
        intended_at: time(16)?,
        concluded_at: time(17)?,
        reason: row.get(18)?,
        detail: detail.and_then(|detail| serde_json::from_str(&detail).ok()),
        exported_as: row.get(20)?,
        replaces: row.get(21)?,
        ticket: row.get(22)?,
        came_out_done_at: time(23)?,
    })
}

/// A run, joined with its scope.
pub(super) const RUN: &str = "
SELECT run.id, scope.host, scope.company, scope.account, run.command, run.file_name, run.file_hash, run.rows, run.total,
       run.state, run.pause_word, run.pause_text, run.created_by, run.created_at, run.started_at, run.ended_at,
       run.balance_before, run.balance_after, run.balance_after_at, run.approvals_needed
FROM run
JOIN scope ON scope.id = run.scope
";

pub(super) fn run(row: &Row<'_>) -> rusqlite::Result<Run> {
    let pause_word: Option<String> = row.get(10)?;
    let pause_text: Option<String> = row.get(11)?;
    let time = |column| {
        row.get::<_, Option<Micros>>(column)
            .map(|time| time.map(|Micros(time)| time))
    };
    Ok(Run {
        id: row.get(0)?,
        scope: Scope {
            host: row.get(1)?,
            company: row.get(2)?,
            account: row.get(3)?,
        },
        command: row.get(4)?,
        file_name: row.get(5)?,
        file_hash: row.get(6)?,
        rows: row.get::<_, i64>(7)?.try_into().unwrap_or_default(),
        total: row.get(8)?,
        state: row.get(9)?,
        pause: pause_word
            .zip(pause_text)
            .map(|(word, text)| PauseReason { word, text }),
        created_by: row.get(12)?,
        created_at: row.get::<_, Micros>(13)?.0,
        started_at: time(14)?,
        ended_at: time(15)?,
        balance_before: row.get(16)?,
        balance_after: row.get(17)?,
        balance_after_at: time(18)?,
        approvals_needed: row.get(19)?,
    })
}
