//! `enkash allocate`: gives points to one person, or to everybody in a file, which is a run.

use enkash::OperationId;

use std::path::PathBuf;

use crate::{
    command::{Command, Context, Effect, exit_codes},
    exit::{CliError, ExitStatus},
    run::{self, ImportOptions, SendOptions},
    value::{self, AccountKind, Action, AllocationFlags},
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
10,000,000 rows. Its mistakes are shown as FILE:LINE:COLUMN before anything is
sent: the first hundred, and how many more there are.

A file is a run. Every row is in the ledger before it is sent, so the same
command again continues where the run stopped, whatever stopped it, and pays
nobody twice; a finished run sends nothing and repeats its report. A reference
that was used is refused. See enkash run --help.

The first row goes alone, then --concurrency rows at once. The run pauses by
itself where the credentials are not accepted, where the account does not hold
the next amount, where rows are refused or not sent one after the other, and
where many rows are unknown, unless --keep-going is there. The first Ctrl-C lets
the calls in flight finish, and so do SIGTERM, SIGQUIT and a terminal that
closes; a second one gives up on them. With nohup a terminal that closes stops
nothing.

--dry-run checks the file against the ledger, shows what the run would do and
its first request, with amount and reference and without the person, and sends
nothing, not even a login; it needs no password.

",
    exit_codes!()
);

/// Give points to a person, or to everybody in a file
#[derive(clap::Args, Debug)]
#[command(
    after_help = HELP,
    override_usage = "enkash [--sandbox] allocate --title TITLE --name NAME --email EMAIL --mobile MOBILE \
                      --gender GENDER --amount AMOUNT [--reference REFERENCE] [--yes | --dry-run]\n       \
                      enkash [--sandbox] allocate --file FILE [--concurrency N] [--allow-duplicates] [--allow-short] \
                      [--keep-going] [--new-run] [--settle-within DURATION] [--tickets FILE] [--workers] [--yes | --dry-run]"
)]
pub(crate) struct Allocate {
    #[command(flatten)]
    flags: AllocateFlags,
}

// Shared with `incentives`.
#[derive(clap::Args, Debug)]
pub(super) struct AllocateFlags {
    /// Allocate every row of this CSV file, as a run
    #[arg(
        long,
        conflicts_with_all = ["title", "name", "email", "mobile", "gender", "amount", "reference"]
    )]
    file: Option<PathBuf>,
    /// Also where a person gets the same amount twice, in the file, within seven days or while one waits; never while one is unknown
    #[arg(long, requires = "file")]
    allow_duplicates: bool,
    /// Do not continue the run of the same file: it must have new references
    #[arg(long, requires = "file")]
    new_run: bool,
    #[command(flatten)]
    options: SendOptions,
    #[command(flatten)]
    call: AllocationFlags,
}

impl Command for Allocate {
    const EFFECT: Effect = Effect::MovesValue;
    const CSV_NEEDS: Option<&'static str> = Some("--file");
    const OPERATIONS: &'static [OperationId] = &[OperationId::CreateAllocatePoints];

    fn columns() -> Vec<&'static str> {
        run::columns()
    }

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
        let Some(path) = &self.file else {
            if let Some(flag) = self.options.first_flag() {
                return Err(CliError::bad_input(format!("{flag} is for --file: nothing was sent")));
            }
            return value::run_single(&self.call, kind, Action::Allocate, context).await;
        };
        let options = SendOptions {
            yes: self.call.yes,
            ..self.options.clone()
        };
        let import = ImportOptions {
            allow_duplicates: self.allow_duplicates,
            new_run: self.new_run,
        };
        run::start_file(path, kind, import, &options, context).await
    }
}
