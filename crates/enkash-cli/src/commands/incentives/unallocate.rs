//! `enkash incentives unallocate`: as `enkash unallocate`, for an incentive account.

use enkash::OperationId;

use super::{super::unallocate::UnallocationFlags, allocate::HELP};
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
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
    const EFFECT: Effect = Effect::MovesValue;
    const OPERATIONS: &'static [OperationId] = &[OperationId::CreateAllocatePoints];

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        self.flags.run(AccountKind::Incentives, context).await
    }
}
