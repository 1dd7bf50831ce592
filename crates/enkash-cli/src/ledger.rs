//! Where the command remembers its live calls: a ledger in the state folder, or a temporary one where a sandbox ends with the
//! command. Commands that move value write to it before they send; `history`, `run` and `settle` read it.

use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
};

use enkash::{Secret, Timestamp};
use enkash_ledger::{CallRow, Conflict, HistoryFilter, Ledger, LedgerError, RowState, Run, RunState};

use crate::{
    command_line::{called_as, option},
    doubt,
    exit::{CliError, ExitStatus},
    state::{self, OldTickets},
};

/// In the state folder.
const NAME: &str = "ledger.db";
/// How many rows are read at a time.
const PAGE: u32 = 1000;

/// Where the ledger of the state folder is, whether it is there or not.
pub(crate) fn path_in(folder: &Path) -> PathBuf {
    folder.join(NAME)
}

/// The ledger of live calls: in this database, or in the state folder. The first time it takes in the tickets that an earlier
/// version kept in a file.
pub(crate) async fn open_live(url: Option<&Secret>) -> Result<Ledger, CliError> {
    let folder = state::private_folder()?;
    let ledger = open_at(&folder, url).await?;
    import_tickets(&folder, &ledger).await?;
    Ok(ledger)
}

/// The ledger in this database or folder, without what an earlier version left in the folder.
pub(crate) async fn open_at(folder: &Path, url: Option<&Secret>) -> Result<Ledger, CliError> {
    match url {
        Some(url) => connect(url).await,
        None => Ledger::open(path_in(folder)).map_err(unusable),
    }
}

/// The same where nothing may change: a file that is not there yet has nothing to say.
pub(crate) async fn open_for_dry_run(url: Option<&Secret>) -> Result<Ledger, CliError> {
    if url.is_some() || path_in(&state::path()?).exists() {
        return open_live(url).await;
    }
    Ledger::temporary().map_err(unusable)
}

#[cfg(feature = "postgres")]
async fn connect(url: &Secret) -> Result<Ledger, CliError> {
    Ledger::connect(url.expose()).await.map_err(unusable)
}

#[cfg(not(feature = "postgres"))]
async fn connect(_url: &Secret) -> Result<Ledger, CliError> {
    Err(CliError::not_sent(
        "the settings name a ledger in PostgreSQL, and this enkash was built without it: nothing was sent. Build it with \
         --features postgres.",
    ))
}

async fn import_tickets(folder: &Path, ledger: &Ledger) -> Result<(), CliError> {
    let kept = OldTickets::in_folder(folder);
    let refuse = |error: io::Error| {
        CliError::not_sent(format!(
            "{} holds tickets of an earlier version, and cannot be taken into the ledger: {error}. Nothing was sent.",
            kept.path().display()
        ))
    };
    let tickets = kept.tickets().map_err(refuse)?;
    if tickets.is_empty() {
        return Ok(());
    }
    ledger.import_tickets(&tickets).await.map_err(unusable)?;
    // Two tickets may have one reference: the ledger has the first, and the other stays where it was.
    let mut taken = Vec::new();
    for ticket in tickets {
        let mut filter = HistoryFilter::default();
        filter.reference = Some(ticket.reference.to_string());
        let rows = ledger.history(&filter, None, PAGE).await.map_err(unusable)?;
        if rows.iter().any(|row| row.stored_ticket().as_ref() == Some(&ticket)) {
            taken.push(ticket);
        }
    }
    kept.remove(&taken).map_err(refuse)
}

/// Calls unknown whatever is on its way and has no process any more: single calls, and the rows of runs that no process
/// has for itself. Where a worker or a single call lives, its own outcome still counts.
pub(crate) async fn interrupt_abandoned(ledger: &Ledger) -> Result<(), CliError> {
    ledger.interrupt_calls().await.map_err(unusable)?;
    let mut on_their_way = HistoryFilter::default();
    on_their_way.states = vec![RowState::Sending];
    let (mut runs, mut after) = (BTreeSet::new(), None);
    loop {
        let rows = ledger.history(&on_their_way, after, PAGE).await.map_err(unusable)?;
        let Some(last) = rows.last() else { break };
        after = Some(last.id);
        runs.extend(rows.iter().filter_map(|row| Some(row.run?.0)));
    }
    // Whatever the run's own state: a worker that died leaves rows behind in one that is paused, finished or canceled.
    for run in runs {
        if let Some(_lock) = ledger.lock_run(run).await.map_err(unusable)? {
            ledger.interrupt_run(run).await.map_err(unusable)?;
        }
    }
    Ok(())
}

/// A time of the ledger for people and programs: UTC, to the second.
pub(crate) fn format_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A time or a day, UTC.
pub(crate) fn parse_time(text: &str) -> Result<Timestamp, String> {
    let day = format!("{text}T00:00:00Z");
    text.parse()
        .or_else(|_| day.parse())
        .map_err(|_| "a time is 2026-11-27T09:00:00Z, or a day is 2026-11-27".to_owned())
}

/// Where a run stands, with `interrupted` where its process is gone.
pub(crate) async fn run_state(ledger: &Ledger, run: &Run) -> Result<&'static str, CliError> {
    if run.state == RunState::Running {
        let lock = ledger.lock_run(run.id).await.map_err(unusable)?;
        if lock.is_some() {
            return Ok("interrupted");
        }
    }
    Ok(run.state.as_str())
}

/// The ledger is not to be had: without it nothing may be sent.
pub(crate) fn unusable(error: LedgerError) -> CliError {
    let exit = match error.is_invalid_input() {
        true => ExitStatus::BadInput,
        false => ExitStatus::NotSent,
    };
    CliError {
        exit,
        message: format!("{error}. Nothing was sent."),
    }
}

/// The ledger speaks against a call. `flags` are those of the call that a look-up wants as well.
pub(crate) fn refusal(error: LedgerError, flags: &str) -> CliError {
    let on_purpose = "give it a reference of its own with --reference";
    refused(error, flags, on_purpose, |_| ExitStatus::NotSent)
}

/// The same for rows that go out together, which end as a file does.
pub(crate) fn refusal_of_rows(error: LedgerError) -> CliError {
    refused(error, "", "add --allow-duplicates", |row| {
        match row.state.is_in_doubt() {
            true => ExitStatus::Unknown,
            false => ExitStatus::BadInput,
        }
    })
}

/// `on_purpose` is how a person says that a repetition is meant, and `repeats` how one ends.
fn refused(error: LedgerError, flags: &str, on_purpose: &str, repeats: impl Fn(&CallRow) -> ExitStatus) -> CliError {
    let on_purpose = format!("If this is another payment on purpose, {on_purpose}.");
    let (row, exit, remedy) = match error.as_conflict() {
        Some(Conflict::ReferenceUsed(row)) => {
            let (exit, remedy) = after_use(row, flags);
            (row, exit, remedy)
        }
        Some(Conflict::Doubt(row)) => {
            let settle = doubt::settle();
            let remedy = format!("Find out what became of it first: {settle}{flags}. {on_purpose}");
            (row, repeats(row), remedy)
        }
        Some(Conflict::Waiting(row)) => (row, repeats(row), format!("{} {on_purpose}", advice_for_waiting(row))),
        _ => return unusable(error),
    };
    let shown = option("--reference", &row.reference);
    CliError {
        exit,
        message: format!(
            "{error}. Nothing was sent. {remedy}\n{} history {shown} shows it.",
            called_as()
        ),
    }
}

/// What a person does whose reference was used before. Only what has ended may be followed by a payment under another one.
fn after_use(row: &CallRow, flags: &str) -> (ExitStatus, String) {
    const NEW: &str = "A new payment needs a new reference.";
    let enkash = called_as();
    let remedy = match (row.state, row.run, &row.exported_as) {
        (state, _, other) if row.is_done_after_all() => {
            let exported = other.as_ref().map_or_else(String::new, |other| {
                format!(
                    " It was written out to be paid as {other}: look what became of that, with {enkash} history {}.",
                    option("--reference", other)
                )
            });
            format!(
                "Its value moved although it stood as {}: pay nothing in its place.{exported}",
                state.as_str().replace('_', " ")
            )
        }
        (RowState::Done, _, _) => NEW.to_owned(),
        (RowState::Refused | RowState::NotDone | RowState::Canceled, _, Some(other)) => format!(
            "It was written out to be paid as {other}: look first what became of that, with {enkash} history {}.",
            option("--reference", other)
        ),
        (RowState::NotDone, _, None) => format!("A person says that no value moved. Where that is certain: {NEW}"),
        (RowState::Refused | RowState::Canceled, _, None) | (RowState::Pending, None, _) => NEW.to_owned(),
        (RowState::Pending, Some(_), _) => advice_for_waiting(row),
        // Also states of a newer version. The call's value may have moved, and the code says so.
        _ => return (ExitStatus::Unknown, doubt::advice_for_earlier(row, flags)),
    };
    (ExitStatus::BadInput, remedy)
}

/// What a person does about a row that a run is still to send.
fn advice_for_waiting(row: &CallRow) -> String {
    let (enkash, run) = (
        called_as(),
        row.run.map_or_else(String::new, |(run, _)| run.to_string()),
    );
    format!(
        "It waits to be sent there: cancel that run first with {enkash} run cancel {run}, or continue it with {enkash} run resume \
         {run}, which pays it there."
    )
}
