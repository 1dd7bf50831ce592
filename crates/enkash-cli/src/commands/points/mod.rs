//! `enkash points`: coins, and the events that say how many coins something is worth.

mod allocate;
mod balance;
mod event;

use crate::command::command_table;

pub(super) const ABOUT: &str = "Coins, and the events that give them";

pub(super) const HELP: &str = "\
Examples:
  enkash --sandbox points balance --user EKCEL2FA
  enkash --sandbox points event create --event JOINED --coins 10";

command_table! {
    pub(crate) enum Points {
        Allocate(allocate::Allocate),
        Balance(balance::Balance),
        #[command(subcommand, about = event::ABOUT, after_help = event::HELP)]
        Event(event::Event),
    }
}
