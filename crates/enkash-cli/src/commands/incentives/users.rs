//! `enkash incentives users`: the people of an incentive account, told as `enkash cards` tells them.

use super::super::cards;
use crate::{
    cli,
    exit::{Exit, Failure},
    output::Output,
    session::{Session, Target},
};

pub(crate) const HELP: &str = "\
Examples:
  enkash --sandbox incentives users
  enkash --sandbox incentives users --output json";

pub(super) async fn run(target: &Target, arguments: cli::Cards, output: &mut Output) -> Result<Exit, Failure> {
    let session = Session::open(target, output).await?;
    let (company, account) = (session.rewards.company(), session.rewards.account_id());
    let incentives = session.connection.enkash.incentives(company.clone(), account.clone());
    let cards = incentives.users(cards::search(arguments)).await?.into_value();
    cards::tell(&cards, output)
}
