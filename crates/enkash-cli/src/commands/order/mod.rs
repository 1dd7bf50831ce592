//! `enkash order`: orders of vouchers. One module for each subcommand.

mod list;
mod show;

use clap::Subcommand;

use crate::{
    exit::{Exit, Failure},
    output::Output,
    session::Target,
};

#[derive(Debug, Subcommand)]
pub(crate) enum Order {
    /// Show an order; the codes and pins of its vouchers with --reveal only
    #[command(after_help = show::HELP)]
    Show(show::Show),
    /// Look for orders, a page of them or all
    #[command(after_help = list::HELP)]
    List(list::List),
}

impl Order {
    /// Whether its result is a list, which a spreadsheet can hold.
    pub(crate) fn lists(&self) -> bool {
        matches!(self, Self::List(_))
    }
}

pub(crate) const HELP: &str = "\
Examples:
  enkash --sandbox order list
  enkash order show ORDER-2026-0042";

pub(super) async fn run(target: &Target, command: Order, output: &mut Output) -> Result<Exit, Failure> {
    match command {
        Order::Show(arguments) => show::run(target, arguments, output).await,
        Order::List(arguments) => list::run(target, arguments, output).await,
    }
}
