//! `enkash points`: coins, and the events that say how many coins something is worth. One module for each subcommand.

mod allocate;
mod balance;
mod event;

use clap::Subcommand;

use crate::{
    cli,
    exit::{Exit, Failure},
    help,
    output::Output,
    session::Target,
};

#[derive(Debug, Subcommand)]
pub(crate) enum Points {
    /// Give the coins of an event to a person
    #[command(after_help = help::POINTS)]
    Allocate(cli::PointsAllocate),
    /// Show how many coins a person has
    #[command(after_help = balance::HELP)]
    Balance(balance::Balance),
    /// The events that give coins
    #[command(subcommand, after_help = event::HELP)]
    Event(event::Event),
}

pub(crate) const HELP: &str = "\
Examples:
  enkash --sandbox points balance --user EKCEL2FA
  enkash --sandbox points event create --event JOINED --coins 10";

pub(super) async fn run(target: &Target, command: Points, output: &mut Output) -> Result<Exit, Failure> {
    match command {
        Points::Allocate(arguments) => allocate::allocate(target, arguments, output).await,
        Points::Balance(arguments) => balance::run(target, arguments, output).await,
        Points::Event(command) => event::run(target, command, output).await,
    }
}
