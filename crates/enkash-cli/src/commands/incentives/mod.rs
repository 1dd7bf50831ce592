//! `enkash incentives`: the incentive account of a company, whose pages repeat those of the reward account.

mod allocate;
mod unallocate;

use super::{cards::Cards, transactions::Transactions};
use crate::command::command_table;

pub(super) const ABOUT: &str = "The incentive account: allocate, take back, its people and its transactions";

pub(super) const HELP: &str = "\
Examples:
  enkash --sandbox incentives users
  enkash --sandbox incentives transactions

The account is the one of ENKASH_CARD_ACCOUNT_ID, which is to be that of the
incentives.";

const USERS_HELP: &str = "\
Examples:
  enkash --sandbox incentives users
  enkash --sandbox incentives users --output json";

const TRANSACTIONS_HELP: &str = "\
Examples:
  enkash --sandbox incentives transactions
  enkash --sandbox incentives transactions --reference BONUS-2026-0042";

command_table! {
    pub(crate) enum Incentives {
        Allocate(allocate::Allocate),
        Unallocate(unallocate::Unallocate),
        #[command(about = "List the people of the account with their cards", after_help = USERS_HELP)]
        Users(Cards),
        #[command(after_help = TRANSACTIONS_HELP)]
        Transactions(Transactions),
    }
}
