//! The command line, as clap reads it. Only the shape stands here; what a command does is in `commands`.

mod money;

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand};

pub(crate) use self::money::{
    Allocate, Bulk, BulkMode, OrderCreate, OrderUndocumented, PointsAllocate, Settle, SingleCall, Unallocate,
};
use crate::{
    commands::{cart, catalogue, incentives, order, points, sso},
    help,
    output::Format,
    session::{DryRun, Target},
};

/// Allocate rewards and look at accounts of the EnKash Reward APIs
#[derive(Debug, Parser)]
#[command(name = "enkash", version, after_help = help::TOP, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Global {
    /// Call a sandbox that lives as long as the command, and needs no account
    #[arg(long, global = true)]
    pub(crate) sandbox: bool,
    /// The settings of live calls under this name; the environment goes before them
    #[arg(long, global = true, value_name = "NAME", conflicts_with = "sandbox")]
    pub(crate) profile: Option<String>,
    /// Results for people, for programs (objects with stable names, amounts as text), or lists for spreadsheets
    #[arg(long, global = true, value_enum, value_name = "FORM", default_value = "table")]
    output: Format,
    /// Short for --output json
    #[arg(long, global = true, conflicts_with = "output")]
    json: bool,
    /// Show the requests that would be sent, without secrets and people's data, and send nothing
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,
    /// Do not keep the token for the next run, and use none that was kept
    #[arg(long, global = true)]
    no_token_cache: bool,
    /// No progress and no notes on standard error
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Say on standard error what the program does; twice for more
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

impl Global {
    pub(crate) fn format(&self) -> Format {
        if self.json { Format::Json } else { self.output }
    }

    /// What the command calls.
    pub(crate) fn target(&self) -> Target {
        Target {
            sandbox: self.sandbox,
            profile: self.profile.clone(),
            keeps_token: !self.no_token_cache,
            dry_run: self.dry_run.then(DryRun::default),
            ..Target::default()
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Give points to a person, or to everybody in a file
    #[command(
        after_help = help::ALLOCATE,
        override_usage = "enkash [--sandbox] allocate --title TITLE --name NAME --email EMAIL --mobile MOBILE \
                          --gender GENDER --amount AMOUNT [--reference REFERENCE] [--yes | --dry-run]\n       \
                          enkash [--sandbox] allocate --file FILE [--tickets FILE] [--keep-going] [--yes | --dry-run]"
    )]
    Allocate(Allocate),
    /// Take points back from a person
    #[command(
        after_help = help::UNALLOCATE,
        override_usage = "enkash [--sandbox] unallocate --title TITLE --name NAME --email EMAIL --mobile MOBILE \
                          --gender GENDER --amount AMOUNT [--reference REFERENCE] [--person-checked] \
                          [--yes | --dry-run]"
    )]
    Unallocate(Unallocate),
    /// Give points to everybody in a file by one request
    #[command(after_help = help::BULK)]
    Bulk(Bulk),
    /// Look up what became of a call that moved value, from its ticket; moves nothing
    #[command(after_help = help::SETTLE)]
    Settle(Settle),
    /// Show the account: its balance and its totals
    #[command(after_help = help::ACCOUNT)]
    Account,
    /// Log in if no token is kept, and show the state of the token; never the token
    #[command(after_help = help::TOKEN)]
    Token(Token),
    /// List the cards of the account, with the people who hold them
    #[command(visible_alias = "users", after_help = help::CARDS)]
    Cards(Cards),
    /// Look for transactions of the account
    #[command(after_help = help::TRANSACTIONS)]
    Transactions(Transactions),
    /// The incentive account: allocate, take back, its people and its transactions
    #[command(subcommand, after_help = incentives::HELP)]
    Incentives(incentives::Incentives),
    /// Search the catalogue of vouchers, at a path that you give
    #[command(after_help = catalogue::search::HELP)]
    Catalog(catalogue::search::Catalog),
    /// Show a product with its denominations
    #[command(after_help = catalogue::product::HELP)]
    Product(catalogue::product::Product),
    /// Show details of a product, at a path that you give
    #[command(after_help = catalogue::details::HELP)]
    ProductDetails(catalogue::details::ProductDetails),
    /// The cart of the redemption user
    #[command(subcommand, after_help = cart::HELP)]
    Cart(cart::Cart),
    /// Orders of vouchers
    #[command(subcommand, after_help = order::HELP)]
    Order(order::Order),
    /// Coins, and the events that give them
    #[command(subcommand, after_help = points::HELP)]
    Points(points::Points),
    /// Sign-in of card holders
    #[command(subcommand, after_help = help::SSO)]
    Sso(Sso),
    /// The named settings of live calls
    #[command(subcommand, after_help = help::PROFILE)]
    Profile(Profile),
    /// Check settings, hosts, certificates, clock, files and strikes, without logging in
    #[command(after_help = help::DOCTOR)]
    Doctor(Doctor),
    /// List the operations whose path the portal does not show, and say how to give one
    #[command(after_help = help::PATHS)]
    Paths,
    /// Print the JSON Schema of one of the API's types
    #[command(after_help = help::SCHEMA)]
    Schema(Schema),
    /// Print what a shell needs to complete this command
    #[command(after_help = help::COMPLETIONS)]
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Run a sandbox until Ctrl-C; one line of JSON says how to reach it
    #[command(after_help = help::sandbox())]
    Sandbox(SandboxServer),
}

impl Command {
    /// Whether its result is a list, which a spreadsheet can hold.
    pub(crate) fn lists(&self) -> bool {
        match self {
            Self::Account | Self::Cards(_) | Self::Transactions(_) | Self::Bulk(_) | Self::Settle(_) => true,
            Self::Catalog(_) | Self::Product(_) | Self::ProductDetails(_) | Self::Cart(_) => true,
            Self::Incentives(command) => command.lists(),
            Self::Order(command) => command.lists(),
            Self::Allocate(arguments) => arguments.file.is_some(),
            _ => false,
        }
    }

    /// Whether it has a request that a dry run can show.
    pub(crate) fn calls_the_portal(&self) -> bool {
        match self {
            Self::Allocate(_)
            | Self::Unallocate(_)
            | Self::Bulk(_)
            | Self::Settle(_)
            | Self::Account
            | Self::Cards(_)
            | Self::Transactions(_)
            | Self::Incentives(_)
            | Self::Catalog(_)
            | Self::Product(_)
            | Self::ProductDetails(_)
            | Self::Cart(_)
            | Self::Order(_)
            | Self::Points(_)
            | Self::Sso(_) => true,
            Self::Token(arguments) => !arguments.reset_strikes,
            Self::Profile(_)
            | Self::Doctor(_)
            | Self::Paths
            | Self::Schema(_)
            | Self::Completions { .. }
            | Self::Sandbox(_) => false,
        }
    }
}

#[derive(Args, Debug)]
pub(crate) struct Token {
    /// Forget the failed log-ins that were counted, so that the next run logs in again; sends nothing
    #[arg(long)]
    pub(crate) reset_strikes: bool,
    /// The token and the strikes of the redemption user, not of the partner
    #[arg(long)]
    pub(crate) as_user: bool,
    /// Reset without asking
    #[arg(long, requires = "reset_strikes")]
    pub(crate) yes: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Cards {
    /// Only this card
    #[arg(long, value_name = "ID")]
    pub(crate) card: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Transactions {
    /// Only those with this reference
    #[arg(long)]
    pub(crate) reference: Option<String>,
    /// Only those of this card
    #[arg(long, value_name = "ID")]
    pub(crate) card: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Sso {
    /// Get a sign-in token for the holder of a card
    #[command(after_help = help::SSO)]
    Token(SsoToken),
    /// Make the link that signs the holder of a card in
    #[command(after_help = sso::link::HELP)]
    Link(sso::link::Link),
}

#[derive(Args, Debug)]
pub(crate) struct SsoToken {
    /// The card of the person who shall sign in
    #[arg(long, value_name = "ID")]
    pub(crate) card: String,
    /// Show the token: whoever has it is signed in as that person
    #[arg(long)]
    pub(crate) reveal: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Doctor {
    /// Log in as well, if no token is kept: a wrong password costs one of three strikes
    #[arg(long)]
    pub(crate) login: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Schema {
    /// The type, such as AllocatePointsRequest
    #[arg(value_name = "TYPE", required_unless_present = "list")]
    pub(crate) name: Option<String>,
    /// List all types
    #[arg(long, conflicts_with = "name")]
    pub(crate) list: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Profile {
    /// List the profiles
    #[command(after_help = help::PROFILE)]
    List,
    /// Show the settings in use, and where each comes from; never a secret
    #[command(after_help = help::PROFILE)]
    Show {
        /// The profile; --profile and ENKASH_PROFILE name it as well
        name: Option<String>,
    },
    /// Print where the file of profiles is
    #[command(after_help = help::PROFILE)]
    Path,
}

#[derive(Args, Debug)]
pub(crate) struct SandboxServer {
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Serve other machines too, under this host name; whoever reaches it has the sandbox. Repeat it for several
    #[arg(long, value_name = "HOST")]
    pub(crate) expose: Vec<String>,
    /// The world to start with, in YAML; see the crate enkash-sandbox for its form
    #[arg(long, value_name = "FILE")]
    pub(crate) seed: Option<PathBuf>,
    /// How to behave where the portal's pages are silent; repeat it for several
    #[arg(long = "switch", value_name = "NAME=VALUE")]
    pub(crate) switches: Vec<String>,
    /// What goes wrong, as a list of rules in YAML
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,
    /// How many seconds a token lives
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) token_ttl: u64,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_holds_together() {
        super::Cli::command().debug_assert();
    }
}
