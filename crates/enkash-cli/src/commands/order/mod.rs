//! `enkash order`: orders of vouchers. One module for each subcommand.

mod create;
mod list;
mod show;

use clap::Subcommand;

pub(super) use self::create::reference_of;
use crate::{
    cli,
    exit::{Exit, Failure},
    help,
    output::Output,
    session::Target,
};

#[derive(Debug, Subcommand)]
pub(crate) enum Order {
    /// Buy vouchers of one product and one face value
    #[command(after_help = help::ORDER)]
    Create(cli::OrderCreate),
    /// Send your own body to the page "create order" (lower case), whose path and form nobody knows
    #[command(after_help = help::ORDER)]
    Undocumented(cli::OrderUndocumented),
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
  enkash --sandbox order create --product PC0SANDBOXBOOKS1 \\
      --denomination 100 --quantity 2
  enkash --sandbox order list
  enkash order create --product PC0SANDBOXBOOKS1 --denomination 100 \\
      --quantity 1 --reference ORDER-2026-0042
  enkash order show ORDER-2026-0042";

pub(super) async fn run(target: &Target, command: Order, output: &mut Output) -> Result<Exit, Failure> {
    match command {
        Order::Create(arguments) => create::create(target, arguments, output).await,
        Order::Undocumented(arguments) => create::undocumented(target, arguments, output).await,
        Order::Show(arguments) => show::run(target, arguments, output).await,
        Order::List(arguments) => list::run(target, arguments, output).await,
    }
}
