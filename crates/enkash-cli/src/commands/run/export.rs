//! `enkash run export`: writes rows that were refused or not sent as a new file of allocations, each with a new reference that
//! the ledger links to the old one.

use std::{
    fs::OpenOptions,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use clap::ValueEnum;
use enkash::{ClientReference, Person};
use enkash_ledger::{Amount, HistoryFilter, RowState, RunId};

use super::parse_run;
use crate::{
    command::{Command, Context, Effect},
    confirm::{self, Question},
    exit::{CliError, ExitStatus},
    ledger,
    output::{Cell, csv_record},
    run::parse_request,
};

const HELP: &str = "\
Examples:
  enkash run export 3 --state refused,not-sent --to rest.csv
  enkash allocate --file rest.csv

Each row gets a new reference, and the ledger keeps which row it replaces. A row
that is pending is canceled by that, so that it cannot be paid twice: also the
run that it belongs to never sends it any more. Exported again, a row has the
same new reference. Rows that are done or unknown are never exported.";

/// How many rows are read at a time.
const PAGE: u32 = 500;

/// Write rows that were not paid as a new file, with new references
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Export {
    /// The run's number
    #[arg(value_parser = parse_run)]
    run: RunId,
    /// Which rows
    #[arg(long, value_enum, value_delimiter = ',', default_value = "refused,not-sent")]
    state: Vec<ExportState>,
    /// The new file; standard output without it
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// Cancel pending rows without asking
    #[arg(long)]
    yes: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ExportState {
    /// The API said no
    Refused,
    /// Attempted and certainly not sent, canceled, or not done by a person's word
    NotSent,
    /// Not attempted yet
    Pending,
}

impl ExportState {
    fn outcome(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::NotSent => "not sent",
            Self::Pending => "pending",
        }
    }
}

impl Command for Export {
    const EFFECT: Effect = Effect::Local;
    const HAS_JSON: bool = false;

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let ledger = context.ledger().await?;
        let run = ledger.run(self.run).await.map_err(ledger::unusable)?;
        let Some(_lock) = ledger.lock_run(run.id).await.map_err(ledger::unusable)? else {
            return Err(CliError::bad_input(format!(
                "another process is sending run {}: nothing was exported. Stop that first, with Ctrl-C.",
                run.id
            )));
        };
        if run.state.is_open() {
            let question = Question {
                intent: &[&format!(
                    "export rows of run {}, which is {}: this run never sends them any more",
                    run.id,
                    run.state.as_str()
                )],
                verb: "Export them",
                why: "a row that is exported is canceled in its run",
            };
            confirm::confirm(context.output, &question, self.yes)?;
        }
        let mut file = self.to.as_deref().map(create).transpose()?;
        let header = ["title", "name", "email", "mobile", "gender", "amount", "reference"];
        let mut write = |line: String, context: &mut Context<'_>| match &mut file {
            Some((path, file)) => writeln!(file, "{line}").map_err(|error| unwritable(path, &error)),
            None => context.output.print_line(&line),
        };
        write(header.join(","), context)?;
        let mut filter = HistoryFilter::default();
        filter.run = Some(run.id);
        filter.states = vec![
            RowState::Pending,
            RowState::Refused,
            RowState::NotDone,
            RowState::Canceled,
        ];
        let (mut after, mut exported, mut purged) = (None, 0_u64, 0_u64);
        loop {
            let rows = ledger.history(&filter, after, PAGE).await.map_err(ledger::unusable)?;
            let Some(last) = rows.last() else { break };
            after = Some(last.id);
            for row in rows {
                if !self.state.iter().any(|state| state.outcome() == row.outcome()) {
                    continue;
                }
                let Some((person, amount)) = row.request.as_deref().and_then(parse_request).zip(row.amount) else {
                    purged += 1;
                    continue;
                };
                let new = ClientReference::generate();
                let reference = ledger
                    .export_row(row.id, new.as_str())
                    .await
                    .map_err(ledger::unusable)?;
                if let Some(reference) = reference {
                    write(line(&person, amount, reference)?, context)?;
                    exported += 1;
                }
            }
        }
        if let Some((path, file)) = &mut file {
            let written = file.flush().and_then(|()| file.get_ref().sync_all());
            written.map_err(|error| unwritable(path, &error))?;
        }
        context
            .output
            .note(&format!("{exported} rows exported, each with a new reference"));
        if purged > 0 {
            context.output.warn(&format!(
                "{purged} rows were left out: their people were purged from the ledger"
            ));
        }
        Ok(ExitStatus::Done)
    }
}

fn line(person: &Person, amount: Amount, reference: String) -> Result<String, CliError> {
    let text = |text: &str| Cell::Text(text.to_owned());
    csv_record(&[
        text(person.title.as_str()),
        text(person.name.expose()),
        text(person.email.expose()),
        text(person.mobile.expose()),
        text(person.gender.as_str()),
        text(&amount.to_string()),
        Cell::Text(reference),
    ])
}

/// A new file with people's data, for its owner alone.
fn create(path: &Path) -> Result<(PathBuf, BufWriter<std::fs::File>), CliError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(|error| unwritable(path, &error))?;
    Ok((path.to_owned(), BufWriter::new(file)))
}

fn unwritable(path: &Path, error: &io::Error) -> CliError {
    CliError::bad_input(format!("{} cannot be written: {error}", path.display()))
}
