//! `enkash incentives allocate`: as `enkash allocate`, for an incentive account.

use enkash::OperationId;

use super::super::allocate::AllocateFlags;
use crate::{
    command::{Command, Context, Effect, exit_codes},
    exit::{CliError, ExitStatus},
    value::AccountKind,
};

pub(super) const HELP: &str = concat!(
    "\
Examples:
  enkash --sandbox incentives allocate --title Mr --name Vikram \\
      --email vikram@example.com --mobile 9000000007 --gender M --amount 1200
  enkash --sandbox incentives unallocate --title Mr --name Ravi \\
      --email ravi@example.com --mobile 9000000901 --gender M --amount 100

The flags are those of allocate and unallocate. The account is the one of the
settings: ENKASH_CARD_ACCOUNT_ID must name an incentive account.

",
    exit_codes!()
);

/// Give an incentive to a person, or to everybody in a file
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Allocate {
    #[command(flatten)]
    flags: AllocateFlags,
}

impl Command for Allocate {
    const EFFECT: Effect = Effect::MovesValue;
    const CSV_NEEDS: Option<&'static str> = Some("--file");
    const OPERATIONS: &'static [OperationId] = &[OperationId::CreateAllocatePoints];

    fn columns() -> Vec<&'static str> {
        crate::run::columns()
    }

    fn lists(&self) -> bool {
        self.flags.lists()
    }

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        self.flags.run(AccountKind::Incentives, context).await
    }
}
