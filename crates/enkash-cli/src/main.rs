//! The command `enkash`. It reads the command line, hands it to the command of that name, and ends with an
//! exit code that tells the outcome.

mod allocations_file;
mod command;
mod command_line;
mod commands;
mod confirm;
mod diagnostic;
mod doubt;
mod duration;
mod exit;
mod fleet;
mod input_file;
mod interrupts;
mod ledger;
mod likeness;
mod logins;
mod operator;
mod output;
mod reconcile;
mod record;
mod run;
mod session;
mod settings;
mod state;
mod suggestion;
mod value;

use std::{borrow::Cow, process::ExitCode};

use clap::{CommandFactory, FromArgMatches};
use enkash_api::escape_controls;
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{
    commands::{Cli, Global},
    exit::{CliError, ExitStatus},
    output::{ColorChoice, Format, Output},
};

fn main() -> ExitCode {
    #[cfg(feature = "jq")]
    if std::env::args_os()
        .nth(1)
        .is_some_and(|first| first == output::JQ_PROCESS_ARGUMENT)
    {
        return output::serve_jq();
    }
    let color = ColorChoice::from_arguments(std::env::args_os());
    let cli = match parse(color) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, color),
    };
    log(&cli.global);
    cli.global.set_called_as();
    let mut output = Output::to_standard(cli.global.format(), cli.global.quiet, cli.global.color);
    cli.global.hint(&mut output);
    let filtered = cli.global.filter(&mut output);
    match filtered.and_then(|()| run(cli, &mut output)) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            if !failure.message.is_empty() {
                output.warn(&format!("enkash: {}", failure.message));
            }
            failure.exit.into()
        }
    }
}

fn parse(color: ColorChoice) -> Result<Cli, clap::Error> {
    let mut command = Cli::command().color(color.into());
    let matches = command.try_get_matches_from_mut(std::env::args_os())?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// Help, the version, or what is wrong with the arguments, which may hold anything.
fn usage(error: &clap::Error, color: ColorChoice) -> ExitCode {
    let steers = |line: &str| matches!(escape_controls(line), Cow::Owned(_));
    let text = error.render().to_string();
    if error.use_stderr() && text.lines().any(steers) {
        let mut output = Output::to_standard(Format::Table, false, color);
        output.warn(text.trim_end());
        return ExitStatus::BadInput.into();
    }
    error.exit()
}

fn run(cli: Cli, output: &mut Output) -> Result<ExitStatus, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::runtime(format!("the program cannot start its runtime: {error}")))?;
    let result = runtime.block_on(commands::run(cli, output));
    // A name that is still being looked up must not hold the program.
    runtime.shutdown_background();
    result
}

/// Logs go to standard error, without colour. Only this project's crates log unless asked twice.
fn log(global: &Global) {
    let ours =
        |level| Targets::new().with_targets(["enkash", "enkash_api", "enkash_sandbox"].map(|name| (name, level)));
    let targets = match global.verbose {
        0 => return,
        1 => ours(tracing::Level::DEBUG),
        _ => ours(tracing::Level::TRACE).with_default(tracing::Level::DEBUG),
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(output::log_lines())
        .with_ansi(false);
    tracing_subscriber::registry().with(lines).with(targets).init();
}
