//! `enkash incentives users`: as `enkash cards`, for an incentive account.

use super::super::{
    cards::CardFlags,
    command::{Command, Effect},
};
use crate::{
    exit::{Exit, Failure},
    output::Output,
    session::Target,
};

const HELP: &str = "\
Examples:
  enkash --sandbox incentives users
  enkash --sandbox incentives users --output json";

/// List the people of the account with their cards
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Users {
    #[command(flatten)]
    flags: CardFlags,
}

impl Command for Users {
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
