//! `enkash completions`: what a shell needs to complete this command.

use clap::CommandFactory;
use clap_complete::Shell;

use super::Cli;
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
};

const HELP: &str = "\
Examples:
  enkash completions bash
  enkash completions zsh
  enkash completions fish

For bash, in ~/.bashrc:  source <(enkash completions bash)
For zsh, in a folder of $fpath:  enkash completions zsh > _enkash
For fish:  enkash completions fish > ~/.config/fish/completions/enkash.fish";

/// Print what a shell needs to complete this command
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Command for Completions {
    const EFFECT: Effect = Effect::Local;
    const HAS_JSON: bool = false;

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        // Into memory first: the generator panics where its writer fails, such as at a closed pipe.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "enkash", &mut script);
        let script = String::from_utf8_lossy(&script);
        context.output.verbatim(&script)?;
        Ok(ExitStatus::Done)
    }
}
