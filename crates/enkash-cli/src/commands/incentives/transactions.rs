//! `enkash incentives transactions`: as `enkash transactions`, for an incentive account.

use super::super::{
    command::{Command, Effect},
    transactions::TransactionFlags,
};
use crate::{
    exit::{Exit, Failure},
    output::Output,
    session::Target,
};

const HELP: &str = "\
Examples:
  enkash --sandbox incentives transactions
  enkash --sandbox incentives transactions --reference BONUS-2026-0042";

/// Look for transactions of the account
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Transactions {
    #[command(flatten)]
    flags: TransactionFlags,
}

impl Command for Transactions {
    fn effect(&self) -> Effect {
        Effect::Reads
    }

    fn lists(&self) -> bool {
        true
    }

    async fn run(self, target: &Target, output: &mut Output) -> Result<Exit, Failure> {
        self.flags.run(target, output).await
    }
}
