//! `enkash completions`: what a shell needs to complete this command.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::{
    cli::Cli,
    exit::{Exit, Failure},
    output::Output,
};

pub(super) fn run(shell: Shell, output: &mut Output) -> Result<Exit, Failure> {
    // Into memory first: the generator panics where its writer fails, such as at a closed pipe.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "enkash", &mut script);
    let script = String::from_utf8_lossy(&script);
    output.verbatim(&script)?;
    Ok(Exit::Done)
}
