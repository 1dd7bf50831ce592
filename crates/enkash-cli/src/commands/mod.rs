//! What each command does. `main` hands the command line to [`run`], which picks the module of that name;
//! each opens its own session, writes to the output it is given, and returns the exit code.

mod account;
mod allocate;
mod allocate_file;
mod bulk;
mod cards;
pub(crate) mod cart;
pub(crate) mod catalogue;
mod completions;
mod doctor;
mod dry_run;
pub(crate) mod incentives;
mod move_value;
pub(crate) mod order;
mod paths;
mod person_call;
pub(crate) mod points;
mod profile;
mod sandbox;
mod schema;
mod settle;
pub(crate) mod sso;
mod tally;
mod tickets;
mod token;
mod transactions;

use enkash::{EvidenceLevel, OperationId};
use serde::Serialize;

use self::person_call::Kind;
use crate::{
    cli::{Cli, Command, Sso},
    exit::{Exit, Failure},
    output::{Format, Output},
    session::Target,
};

pub(crate) async fn run(cli: Cli, output: &mut Output) -> Result<Exit, Failure> {
    let target = &cli.global.target();
    if output.format == Format::Csv && (target.dry_run.is_some() || !cli.command.lists()) {
        return Err(Failure::bad_input(
            "--output csv is for lists: account, cards, transactions, incentives, catalog, product, product-details, cart, \
             order list, bulk, settle, and allocate --file. Nothing was sent.",
        ));
    }
    let Some(dry_run) = &target.dry_run else {
        return command(target, cli.command, output).await;
    };
    if !cli.command.calls_the_portal() {
        return Err(Failure::bad_input(
            "--dry-run is for commands that call the portal. Nothing was done.",
        ));
    }
    let result = command(target, cli.command, output).await;
    match dry_run.take() {
        // It did not come so far, and says why.
        requests if requests.is_empty() => result,
        requests => {
            dry_run::tell(&requests, output)?;
            Ok(Exit::Done)
        }
    }
}

async fn command(target: &Target, command: Command, output: &mut Output) -> Result<Exit, Failure> {
    match command {
        Command::Allocate(arguments) => allocate::run(target, arguments, Kind::Rewards, output).await,
        Command::Unallocate(arguments) => person_call::unallocate(target, &arguments, Kind::Rewards, output).await,
        Command::Bulk(arguments) => bulk::run(target, arguments, output).await,
        Command::Settle(arguments) => settle::run(target, arguments, output).await,
        Command::Account => account::run(target, output).await,
        Command::Token(arguments) => token::run(target, arguments, output).await,
        Command::Cards(arguments) => cards::run(target, arguments, output).await,
        Command::Transactions(arguments) => transactions::run(target, arguments, output).await,
        Command::Incentives(command) => incentives::run(target, command, output).await,
        Command::Catalog(arguments) => catalogue::search::run(target, arguments, output).await,
        Command::Product(arguments) => catalogue::product::run(target, arguments, output).await,
        Command::ProductDetails(arguments) => catalogue::details::run(target, arguments, output).await,
        Command::Cart(command) => cart::run(target, command, output).await,
        Command::Order(command) => order::run(target, command, output).await,
        Command::Points(command) => points::run(target, command, output).await,
        Command::Sso(Sso::Token(arguments)) => sso::run(target, arguments, output).await,
        Command::Sso(Sso::Link(arguments)) => sso::link::run(target, arguments, output).await,
        Command::Profile(command) => profile::run(target, command, output),
        Command::Doctor(arguments) => doctor::run(target, arguments, output).await,
        Command::Paths => paths::run(target, output),
        Command::Schema(arguments) => schema::run(&arguments, output),
        Command::Completions { shell } => completions::run(shell, output),
        Command::Sandbox(arguments) => sandbox::run(arguments, output).await,
    }
}

/// How well an operation is known, as results in JSON say it.
#[derive(Serialize)]
struct EvidenceJson {
    path: String,
    response: String,
}

impl EvidenceJson {
    fn of(operation: OperationId) -> Self {
        let evidence = operation.operation().evidence;
        Self {
            path: evidence.path.to_string(),
            response: evidence.response.to_string(),
        }
    }
}

/// An answer that says success, without a list where lists of the API stand. It is not an empty one.
fn no_list(raw: &str) -> Failure {
    Failure::environment(format!(
        "the portal said yes, and `payload.data` is missing: its answer has no list where its other lists stand{raw}"
    ))
}

/// Says so where the portal does not document how to ask or what comes back.
fn note_evidence(output: &mut Output, operation: OperationId) {
    let evidence = operation.operation().evidence;
    let path = match evidence.path {
        EvidenceLevel::Documented => None,
        level => Some(format!("the path is {level}")),
    };
    let response = match evidence.response {
        EvidenceLevel::Documented => None,
        EvidenceLevel::Unknown => Some("nobody saw the answer's form".to_owned()),
        level => Some(format!("the answer's form is {level}")),
    };
    let parts: Vec<_> = path.into_iter().chain(response).collect();
    if !parts.is_empty() {
        output.note(&format!(
            "note: {}; the portal's pages do not document it",
            parts.join(", and ")
        ));
    }
}
