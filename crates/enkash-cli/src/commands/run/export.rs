//! `enkash run export`: writes rows that were refused or not sent as a new file of allocations, each with a new reference that
//! the ledger links to the old one.

use std::{
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use clap::ValueEnum;
use enkash::{ClientReference, Person};
use enkash_ledger::{Amount, HistoryFilter, Ledger, RowState, Run, RunId};
use tempfile::NamedTempFile;

use super::parse_run;
use crate::{
    command::{Command, Context, Effect},
    confirm::{self, Question},
    exit::{CliError, ExitStatus},
    ledger,
    output::{Cell, Output, csv_record},
    run::parse_request,
};

const HELP: &str = "\
Examples:
  enkash run export 3 --state refused,not-sent --to rest.csv
  enkash allocate --file rest.csv

Each row gets a new reference, and the ledger keeps which row it replaces. A row
that is pending is canceled by that, so that it cannot be paid twice: also the
run that it belongs to never sends it any more. Exported again, a row has the
same new reference. Rows that are done or unknown are never exported. The file
of --to is there whole, or not at all.";

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
        let file = ExportFile::create(self.to.as_deref())?;
        let written = self.write_rows(&ledger, &run, file, context.output).await;
        let (exported, purged) = written.map_err(|failure| self.with_way_on(failure))?;
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

impl Export {
    /// What to do where only some rows were written. Those that were pending are canceled by then, and so not sent.
    fn with_way_on(&self, failure: CliError) -> CliError {
        let mut states: Vec<_> = self.state.clone();
        if states.contains(&ExportState::Pending) && !states.contains(&ExportState::NotSent) {
            states.push(ExportState::NotSent);
        }
        let states: Vec<_> = states
            .iter()
            .filter_map(|state| Some(state.to_possible_value()?.get_name().to_owned()))
            .collect();
        let way_on = format!(
            "Not all rows were written: export them again, with --state {}. What has a new reference by now keeps it.",
            states.join(",")
        );
        let message = match failure.message.trim_end_matches('.') {
            // A reader of standard output that left.
            "" => way_on,
            why => format!("{why}. {way_on}"),
        };
        CliError { message, ..failure }
    }

    /// Says how many rows were exported, and how many not because nobody knows their people any more.
    async fn write_rows(
        &self,
        ledger: &Ledger,
        run: &Run,
        mut file: ExportFile<'_>,
        output: &mut Output,
    ) -> Result<(u64, u64), CliError> {
        file.line(&HEADER.join(","), output)?;
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
                    file.line(&line(&person, amount, reference)?, output)?;
                    exported += 1;
                }
            }
        }
        file.finish()?;
        Ok((exported, purged))
    }
}

/// The gender is last, because a file may be cut where a disk is full: what is left of a row lacks it then, or is whole, and no row
/// with the beginning of a reference or of an amount is taken for one.
const HEADER: [&str; 7] = ["title", "name", "email", "mobile", "amount", "reference", "gender"];

fn line(person: &Person, amount: Amount, reference: String) -> Result<String, CliError> {
    let text = |text: &str| Cell::Text(text.to_owned());
    csv_record(&[
        text(person.title.as_str()),
        text(person.name.expose()),
        text(person.email.expose()),
        text(person.mobile.expose()),
        text(&amount.to_string()),
        Cell::Text(reference),
        text(person.gender.as_str()),
    ])
}

/// Where the rows go: into a new file that shows when it is whole and on the disk, or to standard output.
enum ExportFile<'a> {
    Draft(&'a Path, BufWriter<NamedTempFile>),
    StandardOutput,
}

impl<'a> ExportFile<'a> {
    /// A file that holds people's data is for its owner alone.
    fn create(path: Option<&'a Path>) -> Result<Self, CliError> {
        let Some(path) = path else {
            return Ok(Self::StandardOutput);
        };
        if path.symlink_metadata().is_ok() {
            return Err(CliError::bad_input(format!(
                "{} is there already: name a new file. Nothing was exported.",
                path.display()
            )));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let draft =
            NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).map_err(|error| unwritable(path, &error))?;
        Ok(Self::Draft(path, BufWriter::new(draft)))
    }

    fn line(&mut self, line: &str, output: &mut Output) -> Result<(), CliError> {
        match self {
            Self::Draft(path, file) => writeln!(file, "{line}").map_err(|error| unwritable(path, &error)),
            Self::StandardOutput => output.print_line(line),
        }
    }

    fn finish(self) -> Result<(), CliError> {
        let Self::Draft(path, file) = self else {
            return Ok(());
        };
        let file = file
            .into_inner()
            .map_err(|error| unwritable(path, &error.into_error()))?;
        let synced = file.as_file().sync_all();
        synced.map_err(|error| unwritable(path, &error))?;
        file.persist_noclobber(path)
            .map_err(|error| unwritable(path, &error.error))?;
        Ok(())
    }
}

fn unwritable(path: &Path, error: &io::Error) -> CliError {
    CliError::bad_input(format!("{} cannot be written: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use enkash::Gender;

    use super::*;
    use crate::{
        allocations_file::{AllocationRow, read},
        output::{Format, Output},
    };

    /// Whatever a disk has taken of it when it is full.
    #[test]
    fn of_a_file_that_is_cut_every_row_is_whole_or_a_mistake() {
        let (mut output, _) = Output::captured(Format::Table);
        for gender in Gender::KNOWN {
            let person = Person::new("Ms", "Asha, Rao", "a@example.com", "9000000004", *gender).unwrap();
            let amount = "1520.50".parse::<enkash::Money>().unwrap();
            let row = line(
                &person,
                Amount::try_from(amount).unwrap(),
                "01M8J2YQ5J7KSYP76AY3RRTPCP".to_owned(),
            );
            let head = HEADER.join(",") + "\n";
            let row = row.unwrap();
            let mut whole = 0;
            for end in 1..=row.len() {
                let mut file = NamedTempFile::new().unwrap();
                write!(file, "{head}{}", &row[..end]).unwrap();
                let Ok((rows, _)) = read::<AllocationRow>(file.path(), &mut output) else {
                    continue;
                };
                whole += 1;
                let [read] = rows.as_slice() else {
                    panic!("{gender}: {end}")
                };
                assert_eq!(read.reference.as_str(), "01M8J2YQ5J7KSYP76AY3RRTPCP", "{gender}: {end}");
                assert_eq!(read.amount, amount, "{gender}: {end}");
            }
            assert!(whole > 0, "{gender}");
        }
    }
}
