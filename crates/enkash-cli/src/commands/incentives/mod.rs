//! `enkash incentives`: the incentive account of a company, whose pages repeat those of the reward account. One module for
//! each subcommand.

mod transactions;
mod users;

use clap::Subcommand;

use super::{
    allocate,
    person_call::{self, Kind},
};
use crate::{
    cli,
    exit::{Exit, Failure},
    help,
    output::Output,
    session::Target,
};

#[derive(Debug, Subcommand)]
pub(crate) enum Incentives {
    /// Give an incentive to a person, or to everybody in a file
    #[command(after_help = help::INCENTIVES)]
    Allocate(cli::Allocate),
    /// Take an incentive back from a person
    #[command(after_help = help::INCENTIVES)]
    Unallocate(cli::Unallocate),
    /// List the people of the account with their cards
    #[command(after_help = users::HELP)]
    Users(cli::Cards),
    /// Look for transactions of the account
    #[command(after_help = transactions::HELP)]
    Transactions(cli::Transactions),
}

impl Incentives {
    /// Whether its result is a list, which a spreadsheet can hold.
    pub(crate) fn lists(&self) -> bool {
        match self {
            Self::Users(_) | Self::Transactions(_) => true,
            Self::Allocate(arguments) => arguments.file.is_some(),
            Self::Unallocate(_) => false,
        }
    }
}

pub(crate) const HELP: &str = "\
Examples:
  enkash --sandbox incentives users
  enkash --sandbox incentives transactions

The account is the one of ENKASH_CARD_ACCOUNT_ID, which is to be that of the
incentives.";

pub(super) async fn run(target: &Target, command: Incentives, output: &mut Output) -> Result<Exit, Failure> {
    match command {
        Incentives::Allocate(arguments) => allocate::run(target, arguments, Kind::Incentives, output).await,
        Incentives::Unallocate(arguments) => {
            person_call::unallocate(target, &arguments, Kind::Incentives, output).await
        }
        Incentives::Users(arguments) => users::run(target, arguments, output).await,
        Incentives::Transactions(arguments) => transactions::run(target, arguments, output).await,
    }
}
