//! What a process told after the ledger had returned, and whether its file still says so.

use std::{collections::HashMap, fmt, path::Path};

use enkash_ledger::{CommittedIntent, Recorded, RowState};
use rusqlite::{Connection, OpenFlags, OptionalExtension};

/// Something that the ledger has promised to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fact {
    pub(crate) row: i64,
    pub(crate) attempt: u32,
    /// How it ended; `None` where its intent was committed.
    pub(crate) end: Option<RowState>,
}

impl Fact {
    pub(crate) fn of_intent(intent: &CommittedIntent) -> Self {
        Self {
            row: intent.row().to_string().parse().unwrap(),
            attempt: intent.attempt(),
            end: None,
        }
    }

    /// `None` where the ledger kept another state.
    pub(crate) fn of_end(self, recorded: Recorded) -> Option<Self> {
        match recorded {
            Recorded::Applied(state) => Some(Self {
                end: Some(state),
                ..self
            }),
            _ => None,
        }
    }

    pub(crate) fn parse(line: &str) -> Self {
        let mut words = line.split(' ');
        let mut next = || words.next().unwrap();
        Self {
            row: next().parse().unwrap(),
            attempt: next().parse().unwrap(),
            end: RowState::parse(next()).filter(|state| *state != RowState::Sending),
        }
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.end.unwrap_or(RowState::Sending);
        write!(f, "{} {} {}", self.row, self.attempt, state.as_str())
    }
}

/// All that was told of a ledger.
#[derive(Default)]
pub(crate) struct Facts {
    attempts: HashMap<(i64, u32), Option<RowState>>,
}

impl Facts {
    /// # Panics
    ///
    /// Where two processes have the right to send the same attempt.
    pub(crate) fn add(&mut self, fact: Fact) {
        let before = self.attempts.insert((fact.row, fact.attempt), fact.end);
        match fact.end {
            None => assert_eq!(before, None, "two may send row {} attempt {}", fact.row, fact.attempt),
            Some(_) => assert_eq!(before, Some(None), "row {} ended twice", fact.row),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.attempts.len()
    }

    /// # Panics
    ///
    /// Where the file has lost something.
    pub(crate) fn assert_kept(&self, file: &Path) {
        let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        for (&(row, attempt), &end) in &self.attempts {
            let place = format!("row {row} attempt {attempt}, told to be {end:?}");
            let found = read(&connection, row, attempt).unwrap_or_else(|| panic!("{place}, is lost"));
            let (state, last, outcome) = found;
            assert!(last >= attempt, "{place}, has only {last} attempts");
            if end.is_some() {
                assert_eq!(outcome, end, "{place}");
            }
            let is_as_told = match end {
                // Its end may be recorded, and its process killed before it told.
                _ if last > attempt => outcome == Some(RowState::Pending),
                None => state != RowState::Pending || outcome == Some(RowState::Pending),
                // Its reference may be used by another row since.
                Some(RowState::Pending) => matches!(state, RowState::Pending | RowState::Canceled),
                Some(end) => state == end,
            };
            assert!(is_as_told, "{place}, is {state:?} with {last} attempts");
        }
        let sound: String = query(&connection, "PRAGMA integrity_check");
        assert_eq!(sound, "ok");
        let open_twice: i64 = query(
            &connection,
            "SELECT count(*) FROM (SELECT row FROM attempt WHERE outcome IS NULL GROUP BY row HAVING count(*) > 1)",
        );
        assert_eq!(open_twice, 0, "rows have two attempts without an end");
    }
}

/// The row's state, its last attempt, and how this attempt ended.
fn read(connection: &Connection, row: i64, attempt: u32) -> Option<(RowState, u32, Option<RowState>)> {
    let mut statement = connection
        .prepare_cached(
            "SELECT row.state, row.attempt, attempt.outcome FROM row JOIN attempt ON attempt.row = row.id
             WHERE row.id = ?1 AND attempt.number = ?2",
        )
        .unwrap();
    let found = statement.query_row((row, attempt), |row| {
        let (state, outcome): (String, Option<String>) = (row.get(0)?, row.get(2)?);
        Ok((state, row.get(1)?, outcome))
    });
    let (state, last, outcome) = found.optional().unwrap()?;
    Some((
        RowState::parse(&state).unwrap(),
        last,
        outcome.map(|word| RowState::parse(&word).unwrap()),
    ))
}

fn query<T: rusqlite::types::FromSql>(connection: &Connection, sql: &str) -> T {
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}
