//! The command line: the options that every command has, and the table of the commands. `main` parses it and hands it to
//! [`run`]. Each command stands in a file of its own.

mod account;
mod allocate;
mod bulk;
mod cards;
mod cart;
mod catalogue;
mod command_map;
mod completions;
mod doctor;
mod dry_run;
mod evidence;
mod history;
mod incentives;
mod man;
mod narrow;
mod order;
mod paths;
mod points;
mod profile;
mod raw_row;
mod reconcile;
mod record;
mod replay;
mod run;
mod sandbox;
mod schema;
mod settle;
mod sso;
mod token;
mod transactions;
mod unallocate;

use clap::{ArgAction, Args, Parser};

use crate::{
    command::{Context, Effect, command_table, exit_codes},
    command_line::{self, shell_word},
    exit::{CliError, ExitStatus},
    interrupts,
    logins::Logins,
    output::{ColorChoice, Format, Output},
    session::{CallTarget, DryRun},
};

const HELP: &str = concat!(
    "\
Examples:
  enkash --sandbox allocate --file examples/allocations.csv
  enkash --sandbox account
  enkash --profile hrms doctor
  enkash sandbox --port 4010

Live calls take their settings from the environment: ENKASH_BASE_URL,
ENKASH_TOKEN_URL (if tokens are issued elsewhere), ENKASH_PARTNER_ID,
ENKASH_CLIENT_ID, ENKASH_CLIENT_SECRET, ENKASH_USERNAME, ENKASH_PASSWORD,
ENKASH_COMPANY_ID, ENKASH_CARD_ACCOUNT_ID. What is not there comes from the
profile that --profile or ENKASH_PROFILE names: see enkash profile --help.

",
    exit_codes!(),
    "\n\nUnofficial: not made, approved or supported by EnKash."
);

/// Allocate rewards and look at accounts of the EnKash Reward APIs
#[derive(Debug, Parser)]
#[command(name = "enkash", version, after_help = HELP, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    command: Commands,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Global {
    /// Call a sandbox that lives as long as the command, and needs no account
    #[arg(long, global = true)]
    sandbox: bool,
    /// The settings of live calls under this name; the environment goes before them
    #[arg(long, global = true, value_name = "NAME", conflicts_with = "sandbox")]
    profile: Option<String>,
    /// Results for people, for programs (objects with stable names, amounts as text), or lists for spreadsheets [default: table]
    #[arg(long, global = true, value_enum, value_name = "FORM")]
    output: Option<Format>,
    /// Short for --output json
    #[arg(long, global = true, conflicts_with = "output")]
    json: bool,
    /// Print what this expression of jq makes of each line of JSON, texts as they are; implies --output json
    #[arg(long, global = true, value_name = "EXPRESSION")]
    jq: Option<String>,
    /// Show the requests that would be sent, without secrets and people's data, and send nothing
    #[arg(long, global = true)]
    dry_run: bool,
    /// Do not keep the token for the next run, and use none that was kept
    #[arg(long, global = true)]
    no_token_cache: bool,
    /// Colours: on a terminal unless NO_COLOR is set, always, or never; JSON and CSV have none
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true
    )]
    pub(crate) color: ColorChoice,
    /// No hints what to do next; ENKASH_NO_HINTS=1 says the same
    #[arg(long, global = true)]
    no_hints: bool,
    /// No progress, no notes and no hints on standard error
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Say on standard error what the program does; twice for more
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

impl Global {
    pub(crate) fn format(&self) -> Format {
        if self.json || self.jq.is_some() {
            Format::Json
        } else {
            self.output.unwrap_or(Format::Table)
        }
    }

    /// Lets the expression of `--jq` filter what is printed.
    pub(crate) fn filter(&self, output: &mut Output) -> Result<(), CliError> {
        match (&self.jq, self.output) {
            (None, _) => Ok(()),
            (Some(expression), None | Some(Format::Json)) => output.filter_by(expression),
            (Some(_), Some(Format::Table | Format::Csv)) => Err(CliError::bad_input(
                "--jq filters JSON: it goes with --output json, which it implies. Nothing was sent.",
            )),
        }
    }

    /// Has advice name commands as this user would type them.
    pub(crate) fn set_called_as(&self) {
        let mut command = "enkash".to_owned();
        if self.sandbox {
            command.push_str(" --sandbox");
        }
        if let Some(profile) = &self.profile {
            command.push_str(&format!(" --profile {}", shell_word(profile)));
        }
        command_line::set_called_as(command);
    }

    /// Lets the output say what to do next.
    pub(crate) fn hint(&self, output: &mut Output) {
        let is_silenced = std::env::var_os("ENKASH_NO_HINTS").is_some_and(|value| !value.is_empty());
        output.show_hints(!self.no_hints && !is_silenced);
    }

    /// What the command calls.
    fn target(&self) -> CallTarget {
        CallTarget {
            sandbox: self.sandbox,
            profile: self.profile.clone(),
            keeps_token: !self.no_token_cache,
            dry_run: self.dry_run.then(DryRun::default),
            ..CallTarget::default()
        }
    }
}

command_table! {
    enum Commands {
        Allocate(allocate::Allocate),
        Unallocate(unallocate::Unallocate),
        Bulk(bulk::Bulk),
        Settle(settle::Settle),
        #[command(subcommand, about = run::ABOUT, after_help = run::HELP)]
        Run(run::Run),
        History(history::History),
        Reconcile(reconcile::Reconcile),
        Account(account::Account),
        Token(token::Token),
        #[command(visible_alias = "users")]
        Cards(cards::Cards),
        Transactions(transactions::Transactions),
        #[command(subcommand, about = incentives::ABOUT, after_help = incentives::HELP)]
        Incentives(incentives::Incentives),
        Catalog(catalogue::search::Catalog),
        Product(catalogue::product::Product),
        ProductDetails(catalogue::details::ProductDetails),
        #[command(subcommand, about = cart::ABOUT, after_help = cart::HELP)]
        Cart(cart::Cart),
        #[command(subcommand, about = order::ABOUT, after_help = order::HELP)]
        Order(order::Order),
        #[command(subcommand, about = points::ABOUT, after_help = points::HELP)]
        Points(points::Points),
        #[command(subcommand, about = sso::ABOUT, after_help = sso::token::HELP)]
        Sso(sso::Sso),
        #[command(subcommand, about = profile::ABOUT, after_help = profile::HELP)]
        Profile(profile::Profile),
        Doctor(doctor::Doctor),
        Paths(paths::Paths),
        #[command(name = "commands")]
        Map(command_map::ListCommands),
        Schema(schema::Schema),
        Completions(completions::Completions),
        Man(man::ManPages),
        Sandbox(sandbox::Sandbox),
        Record(record::Record),
        Replay(replay::Replay),
    }
}

pub(crate) async fn run(cli: Cli, output: &mut Output) -> Result<ExitStatus, CliError> {
    let (mut target, command) = (cli.global.target(), cli.command);
    if output.format == Format::Csv && (target.dry_run.is_some() || !command.lists()) {
        let lists = command_map::lists().join(", ");
        return Err(CliError::bad_input(format!(
            "--output csv is for lists: {lists}. Nothing was sent."
        )));
    }
    if output.is_filtered() && !command.has_json() {
        return Err(CliError::bad_input(
            "--jq filters JSON, and this command prints none. Nothing was done.",
        ));
    }
    if target.dry_run.is_some() && matches!(command.effect(), Effect::Local | Effect::Forwards) {
        return Err(CliError::bad_input(
            "--dry-run is for commands that call the API. Nothing was done.",
        ));
    }
    interrupts::survive_full_files();
    if command.effect() == Effect::Reads {
        target.logins = Logins::until_signal();
    }
    let (dry_run, logins) = (target.dry_run.clone(), target.logins.clone());
    let result = command.run(&mut Context { target, output }).await;
    logins.close(output).await;
    match dry_run.map(|dry_run| dry_run.take()) {
        Some(requests) if !requests.is_empty() => {
            dry_run::show(&requests, output)?;
            Ok(ExitStatus::Done)
        }
        // A dry run did not come so far, and says why.
        _ => result,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_holds_together() {
        super::Cli::command().debug_assert();
    }
}
