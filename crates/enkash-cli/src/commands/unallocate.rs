//! `enkash unallocate`: takes points back from one person.

use enkash::OperationId;

use crate::{
    command::{Command, Context, Effect, exit_codes},
    exit::{CliError, ExitStatus},
    value::{self, AccountKind, Action, AllocationFlags},
};

const HELP: &str = concat!(
    "\
Examples:
  enkash --sandbox unallocate --title Mr --name Ravi --email ravi@example.com \\
      --mobile 9000000901 --gender M --amount 100
  enkash unallocate --title Mr --name Ravi --email ravi@example.com \\
      --mobile 9000000901 --gender M --amount 100 --reference UNDO-2026-0042

Before the call the person is compared with the card that has this mobile
number: the API finds people by nothing else. Another name or e-mail address
ends the command. --person-checked leaves the comparison out.

",
    exit_codes!()
);

/// Take points back from a person
#[derive(clap::Args, Debug)]
#[command(
    after_help = HELP,
    override_usage = "enkash [--sandbox] unallocate --title TITLE --name NAME --email EMAIL --mobile MOBILE \
                      --gender GENDER --amount AMOUNT [--reference REFERENCE] [--person-checked] [--yes | --dry-run]"
)]
pub(crate) struct Unallocate {
    #[command(flatten)]
    flags: UnallocationFlags,
}

// Shared with `incentives`.
#[derive(clap::Args, Debug)]
pub(super) struct UnallocationFlags {
    /// Do not compare the person with the card of this mobile number: you have checked it
    #[arg(long)]
    person_checked: bool,
    #[command(flatten)]
    call: AllocationFlags,
}

impl UnallocationFlags {
    pub(super) async fn run(&self, kind: AccountKind, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let action = Action::Unallocate {
            is_person_checked: self.person_checked,
        };
        value::run_single(&self.call, kind, action, context).await
    }
}

impl Command for Unallocate {
    const EFFECT: Effect = Effect::MovesValue;
    const OPERATIONS: &'static [OperationId] = &[OperationId::CreateAllocatePoints];

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        self.flags.run(AccountKind::Rewards, context).await
    }
}
