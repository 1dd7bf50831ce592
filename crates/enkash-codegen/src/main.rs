//! `enkash-codegen`: see `enkash-codegen --help`.

mod command;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    command::CommandLine::parse().run()
}
