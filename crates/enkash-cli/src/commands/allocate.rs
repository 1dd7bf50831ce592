//! `enkash allocate`: gives points to one person, or to everybody in a file.

use std::path::Path;

use rust_decimal::Decimal;

use super::{
    allocate_file::{self, Plan},
    move_value,
    person_call::{self, Account, Kind},
    tickets::Tickets,
};
use crate::{
    allocations_file::{self, FileRow, Row, Unusable},
    cli,
    exit::{Exit, Failure},
    interrupts::Interrupts,
    output::Output,
    session::{Session, Target},
};

pub(super) async fn run(
    target: &Target,
    arguments: cli::Allocate,
    kind: Kind,
    output: &mut Output,
) -> Result<Exit, Failure> {
    match &arguments.file {
        Some(path) => file(target, path, &arguments, kind, output).await,
        None => person_call::allocate(target, &arguments.call, kind, output).await,
    }
}

async fn file(
    target: &Target,
    path: &Path,
    arguments: &cli::Allocate,
    kind: Kind,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let rows: Vec<Row> = read(path, output)?;
    let tickets = arguments.tickets.as_deref();
    Tickets::check(tickets)?;
    let session = Session::open(target, output).await?;
    let account = Account::of(kind, &session);
    let what = format!(
        "allocate {:.2} in {} calls, one for each row of {}",
        sum(rows.iter().map(|row| row.amount)),
        rows.len(),
        path.display()
    );
    let connection = &session.connection;
    move_value::confirm(connection, &what, &account.in_words(), arguments.call.yes, output)?;
    let mut interrupts = Interrupts::listen()
        .map_err(|error| Failure::environment(format!("Ctrl-C cannot be listened for: {error}")))?;
    let plan = Plan {
        account: &account,
        rows: &rows,
        tickets,
        keep_going: arguments.keep_going,
    };
    allocate_file::run(&session, &plan, &mut interrupts, output).await
}

pub(super) fn sum(amounts: impl Iterator<Item = enkash::Money>) -> Decimal {
    amounts
        .filter_map(|amount| amount.exact())
        .fold(Decimal::ZERO, Decimal::saturating_add)
}

/// The rows of a file, or its mistakes on standard error.
pub(super) fn read<R: FileRow>(path: &Path, output: &mut Output) -> Result<Vec<R>, Failure> {
    allocations_file::read(path).map_err(|unusable| match unusable {
        Unusable::Unreadable(error) => Failure::bad_input(format!("{} cannot be read: {error}", path.display())),
        Unusable::Wrong(findings) => {
            for finding in &findings.items {
                output.say(&finding.in_file(path));
            }
            if let Some(more) = findings.more() {
                output.say(&more);
            }
            let count = match findings.count() {
                1 => "1 mistake".to_owned(),
                count => format!("{count} mistakes"),
            };
            Failure::bad_input(format!("{count} in {}: nothing was sent", path.display()))
        }
    })
}
