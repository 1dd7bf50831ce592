//! What every command says of itself, and the table that lists several of them. A new command is a file with its arguments,
//! its help and its `run`, and a line in a table.

use crate::{
    exit::{Exit, Failure},
    output::Output,
    session::Target,
};

/// What a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It moves value.
    MovesValue,
    /// It changes what the API keeps, and moves nothing.
    Changes,
    Reads,
    /// It has no request that a dry run can show.
    Local,
}

/// A command with its arguments.
pub(crate) trait Command {
    fn effect(&self) -> Effect;

    /// Whether its result is a list, which a spreadsheet can hold.
    fn lists(&self) -> bool {
        false
    }

    async fn run(self, target: &Target, output: &mut Output) -> Result<Exit, Failure>;
}

/// An enum of commands, of which clap takes one by name.
macro_rules! command_table {
    ($visibility:vis enum $table:ident { $($(#[$attribute:meta])* $name:ident($command:ty),)* }) => {
        #[derive(Debug, clap::Subcommand)]
        $visibility enum $table {
            $($(#[$attribute])* $name($command),)*
        }

        impl $crate::commands::command::Command for $table {
            fn effect(&self) -> $crate::commands::command::Effect {
                match self {
                    $(Self::$name(command) => command.effect(),)*
                }
            }

            fn lists(&self) -> bool {
                match self {
                    $(Self::$name(command) => command.lists(),)*
                }
            }

            async fn run(
                self,
                target: &$crate::session::Target,
                output: &mut $crate::output::Output,
            ) -> Result<$crate::exit::Exit, $crate::exit::Failure> {
                match self {
                    $(Self::$name(command) => command.run(target, output).await,)*
                }
            }
        }
    };
}

/// What ends the help of every command that can end in more than one way.
macro_rules! exit_codes {
    () => {
        "\
Exit codes:
  0    done
  1    the program, the machine or the portal failed; no value is in doubt
  2    the input or the usage is wrong; nothing was sent
  3    the portal refused; nothing moved in the calls that it refused
  4    unknown or not finished: value may have moved, look before you repeat
  5    the credentials were not accepted
  6    not sent
  130  ended by Ctrl-C or another signal; nothing is unknown
  141  the reader of standard output went away
Where several apply, it is the first of 4, 130, 3, 5, 6, 141, 1.

What standard output does not take of a call that moves value goes to standard
error, and the code says what became of the value (0: it moved)."
    };
}

pub(crate) use {command_table, exit_codes};
