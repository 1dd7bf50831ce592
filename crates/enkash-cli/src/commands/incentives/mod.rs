//! `enkash incentives`: the incentive account of a company, whose pages repeat those of the reward account.

mod allocate;
mod transactions;
mod unallocate;
mod users;

use super::command::command_table;

pub(super) const ABOUT: &str = "The incentive account: allocate, take back, its people and its transactions";

pub(super) const HELP: &str = "\
Examples:
  enkash --sandbox incentives users
  enkash --sandbox incentives transactions

The account is the one of ENKASH_CARD_ACCOUNT_ID, which is to be that of the
incentives.";

command_table! {
    pub(crate) enum Incentives {
        Allocate(allocate::Allocate),
        Unallocate(unallocate::Unallocate),
        Users(users::Users),
        Transactions(transactions::Transactions),
    }
}
