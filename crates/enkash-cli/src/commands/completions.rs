//! `enkash completions`: what a shell needs to complete this command.

use clap::CommandFactory;
use clap_complete::Shell;

use super::{
    Cli,
    command::{Command, Effect},
};
use crate::{
    exit::{Exit, Failure},
    output::Output,
    session::Target,
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
    fn effect(&self) -> Effect {
        Effect::Local
    }

    async fn run(self, _target: &Target, output: &mut Output) -> Result<Exit, Failure> {
        // Into memory first: the generator panics where its writer fails, such as at a closed pipe.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "enkash", &mut script);
        let script = String::from_utf8_lossy(&script);
        output.verbatim(&script)?;
        Ok(Exit::Done)
    }
}
