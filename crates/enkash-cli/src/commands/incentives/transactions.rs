//! `enkash incentives transactions`: movements of an incentive account, told as `enkash transactions` tells them.

use super::super::transactions;
use crate::{
    cli,
    exit::{Exit, Failure},
    output::Output,
    session::{Session, Target},
};

pub(crate) const HELP: &str = "\
Examples:
  enkash --sandbox incentives transactions
  enkash --sandbox incentives transactions --reference BONUS-2026-0042";

pub(super) async fn run(target: &Target, arguments: cli::Transactions, output: &mut Output) -> Result<Exit, Failure> {
    let search = transactions::search(arguments)?;
    let session = Session::open(target, output).await?;
    let (company, account) = (session.rewards.company(), session.rewards.account_id());
    let incentives = session.connection.enkash.incentives(company.clone(), account.clone());
    let found = incentives.transactions(search).await?;
    transactions::tell(&found, output)
}
