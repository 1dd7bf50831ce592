//! `enkash allocate`: gives points to one person, or to everybody in a file.

mod file;
mod report;

use std::path::{Path, PathBuf};

use self::file::FileRun;
use crate::{
    allocations_file::{self, AllocationRow, sum},
    command::{Command, Context, Effect, exit_codes},
    exit::{CliError, ExitStatus},
    interrupts::Interrupts,
    value::{self, AccountKind, Action, AllocationFlags, TicketSink},
};

const HELP: &str = concat!(
    "\
Examples:
  enkash --sandbox allocate --file examples/allocations.csv
  enkash --sandbox allocate --title Ms --name Meera --email meera@example.com \\
      --mobile 9000000004 --gender F --amount 250.50
  enkash --sandbox --json allocate --file examples/allocations.csv
  enkash --sandbox allocate --file examples/allocations.csv --output csv
  enkash allocate --title Ms --name Meera --email meera@example.com \\
      --mobile 9000000004 --gender F --amount 250.50 --reference BONUS-2026-0042
  enkash --profile hrms allocate --dry-run --title Ms --name Meera \\
      --email meera@example.com --mobile 9000000004 --gender F --amount 250.50

The file is CSV in UTF-8 with the header
title,name,email,mobile,gender,amount,reference (in any order), and has at most
100,000 rows. Its mistakes are shown as FILE:LINE:COLUMN before anything is
sent: the first hundred, and how many more there are.

A live run asks once for the whole file. Before each call its ticket is written
into the new file that --tickets names; enkash settle --file reads it. Without
--tickets it is shown, and kept in the state folder until its outcome is shown
(see enkash help settle). The run stops at the first row that is unknown or that
cannot log in, unless --keep-going is there, and before a row whose ticket or
whose result could not be written. The first Ctrl-C lets the call in flight
finish, and so do SIGTERM, SIGQUIT and a terminal that closes; a second one
gives up on it. With nohup a terminal that closes stops nothing.

--dry-run shows the request, with amount and reference and without the person,
and sends nothing, not even a login; it needs no password.

",
    exit_codes!()
);

/// Give points to a person, or to everybody in a file
#[derive(clap::Args, Debug)]
#[command(
    after_help = HELP,
    override_usage = "enkash [--sandbox] allocate --title TITLE --name NAME --email EMAIL --mobile MOBILE \
                      --gender GENDER --amount AMOUNT [--reference REFERENCE] [--yes | --dry-run]\n       \
                      enkash [--sandbox] allocate --file FILE [--tickets FILE] [--keep-going] [--yes | --dry-run]"
)]
pub(crate) struct Allocate {
    #[command(flatten)]
    flags: AllocateFlags,
}

// Shared with `incentives`.
#[derive(clap::Args, Debug)]
pub(super) struct AllocateFlags {
    /// Allocate every row of this CSV file, one call after the other
    #[arg(
        long,
        conflicts_with_all = ["title", "name", "email", "mobile", "gender", "amount", "reference"]
    )]
    file: Option<PathBuf>,
    /// Write each ticket into this new file before its call, not to standard error
    #[arg(long, value_name = "FILE", requires = "file")]
    tickets: Option<PathBuf>,
    /// Go on after a row that is unknown, or that could not log in
    #[arg(long, requires = "file")]
    keep_going: bool,
    #[command(flatten)]
    call: AllocationFlags,
}

impl Command for Allocate {
    const EFFECT: Effect = Effect::MovesValue;

    fn lists(&self) -> bool {
        self.flags.lists()
    }

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        self.flags.run(AccountKind::Rewards, context).await
    }
}

impl AllocateFlags {
    pub(super) fn lists(&self) -> bool {
        self.file.is_some()
    }

    pub(super) async fn run(&self, kind: AccountKind, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        match &self.file {
            Some(path) => self.run_file(path, kind, context).await,
            None => value::run_single(&self.call, kind, Action::Allocate, context).await,
        }
    }

    async fn run_file(
        &self,
        path: &Path,
        kind: AccountKind,
        context: &mut Context<'_>,
    ) -> Result<ExitStatus, CliError> {
        let rows: Vec<AllocationRow> = allocations_file::read(path, context.output)?;
        let tickets = self.tickets.as_deref();
        TicketSink::refuse_existing(tickets)?;
        let session = context.session().await?;
        let what = format!(
            "allocate {:.2} in {} calls, one for each row of {}",
            sum(rows.iter().map(|row| row.amount)),
            rows.len(),
            path.display()
        );
        let place = kind.describe(&session.rewards);
        value::confirm(&session.connection, &what, &place, self.call.yes, context.output)?;
        let mut interrupts = Interrupts::listen()?;
        let run = FileRun {
            session: &session,
            rows: &rows,
            tickets,
            keep_going: self.keep_going,
        };
        run.run(&mut interrupts, context.output).await
    }
}
