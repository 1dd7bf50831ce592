//! `cargo xtask`: see `cargo xtask --help`.

use std::process::ExitCode;

use clap::Parser;
use xtask::commands::CommandLine;

fn main() -> ExitCode {
    CommandLine::parse().run()
}
