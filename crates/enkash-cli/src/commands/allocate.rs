//! `enkash allocate`: gives points to one person, or to everybody in a file.

use enkash::Allocation;

use super::{
    allocate_file,
    move_value::{self, SingleCall},
};
use crate::{
    allocations_file::{self, Unusable},
    cli,
    exit::{Exit, Failure},
    interrupts::Interrupts,
    output::Output,
    session::{Session, Target},
};

pub(super) async fn run(target: &Target, arguments: cli::Allocate, output: &mut Output) -> Result<Exit, Failure> {
    if let Some(path) = &arguments.file {
        return file(target, path, output).await;
    }
    let call = SingleCall::read("allocate", "to", &arguments.call)?;
    let session = Session::open(target, output).await?;
    let row = &call.row;
    let allocation = Allocation::to_person(row.person.clone(), row.amount, row.reference.clone());
    let ticket = session.rewards.ticket_of(&allocation);
    move_value::run(&session, &call, ticket, session.rewards.allocate(allocation), output).await
}

async fn file(target: &Target, path: &std::path::Path, output: &mut Output) -> Result<Exit, Failure> {
    if !target.sandbox {
        return Err(Failure::bad_input(
            "--file works with --sandbox only: a live file is a job for a disbursement run, which can be resumed and \
             settled, and this version has none yet. Nothing was sent. Add --sandbox to try the file, or send single \
             calls without --file.",
        ));
    }
    let rows = allocations_file::read(path).map_err(|unusable| refuse(path, unusable, output))?;
    let mut interrupts = Interrupts::listen()
        .map_err(|error| Failure::environment(format!("Ctrl-C cannot be listened for: {error}")))?;
    let session = Session::open(target, output).await?;
    allocate_file::run(&session, &rows, &mut interrupts, output).await
}

fn refuse(path: &std::path::Path, unusable: Unusable, output: &mut Output) -> Failure {
    match unusable {
        Unusable::Unreadable(error) => Failure::bad_input(format!("{} cannot be read: {error}", path.display())),
        Unusable::Wrong(findings) => {
            for finding in &findings {
                output.say(&finding.in_file(path));
            }
            let count = match findings.len() {
                1 => "1 mistake".to_owned(),
                count => format!("{count} mistakes"),
            };
            Failure::bad_input(format!("{count} in {}: nothing was sent", path.display()))
        }
    }
}
