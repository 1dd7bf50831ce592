//! `enkash incentives`: the incentive account of a company, whose pages repeat those of the reward account. One module for
//! each subcommand.

mod transactions;
mod users;

use clap::Subcommand;

use crate::{
    cli,
    exit::{Exit, Failure},
    output::Output,
    session::Target,
};

#[derive(Debug, Subcommand)]
pub(crate) enum Incentives {
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
        Incentives::Users(arguments) => users::run(target, arguments, output).await,
        Incentives::Transactions(arguments) => transactions::run(target, arguments, output).await,
    }
}
