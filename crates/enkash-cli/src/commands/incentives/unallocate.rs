//! `enkash incentives unallocate`: as `enkash unallocate`, for an incentive account.

use super::{
    super::{
        command::{Command, Effect},
        unallocate::UnallocationFlags,
    },
    allocate::HELP,
};
use crate::{
    exit::{Exit, Failure},
    output::Output,
    session::Target,
    value::AccountKind,
};

/// Take an incentive back from a person
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Unallocate {
    #[command(flatten)]
    flags: UnallocationFlags,
}

impl Command for Unallocate {
    fn effect(&self) -> Effect {
        Effect::MovesValue
    }

    async fn run(self, target: &Target, output: &mut Output) -> Result<Exit, Failure> {
        self.flags.run(AccountKind::Incentives, target, output).await
    }
}
