//! What every command declares about itself, and the table that lists several commands. A new command is a file with its arguments,
//! its help and its `run`, and a line in a table.

use enkash::{OperationId, redemption::Redemption};
use enkash_ledger::Ledger;

use crate::{
    exit::{CliError, ExitStatus},
    ledger,
    output::Output,
    session::{CallTarget, Connection, Session},
    settings::Settings,
};

/// What a command runs with: the target of its calls, and its output.
pub(crate) struct Context<'a> {
    pub(crate) target: CallTarget,
    pub(crate) output: &'a mut Output,
}

impl Context<'_> {
    /// A client with the account of the settings.
    pub(crate) async fn session(&mut self) -> Result<Session, CliError> {
        Session::open(&self.target, self.output).await
    }

    /// A client that can log in.
    pub(crate) async fn connection(&mut self) -> Result<Connection, CliError> {
        Connection::open(&self.target, self.output).await
    }

    /// The ledger of live calls. A sandbox that lives as long as its command has none that could be read.
    pub(crate) async fn ledger(&self) -> Result<Ledger, CliError> {
        if self.target.sandbox {
            return Err(CliError::bad_input(
                "the ledger of --sandbox ends with its command, so there is none to read. Run `enkash sandbox` in another \
                 terminal, which stays, and set the environment that it shows.",
            ));
        }
        let settings = Settings::read(self.target.profile.as_deref());
        if let Some(problem) = settings.mistakes().first() {
            return Err(CliError::bad_input(problem.clone()));
        }
        ledger::open_live(settings.ledger_url().as_ref()).await
    }

    /// A client and its redemption, with the redemption user's own login or with the partner's.
    pub(crate) async fn redemption(&mut self, as_user: bool) -> Result<(Connection, Redemption), CliError> {
        Connection::open_redemption(&self.target, as_user, self.output).await
    }
}

/// What a command does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It moves value.
    MovesValue,
    /// It changes what the API keeps, and moves nothing.
    Changes,
    Reads,
    /// It passes on what other programs send, whatever that does.
    Forwards,
    /// It has no request that a dry run can show.
    #[default]
    Local,
}

impl Effect {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::MovesValue => "moves_value",
            Self::Changes => "changes",
            Self::Reads => "reads",
            Self::Forwards => "forwards",
            Self::Local => "local",
        }
    }
}

/// What a command or a table of commands declares, for those who list them.
pub(crate) enum CommandFacts {
    /// In the order of the table.
    Table(Vec<CommandFacts>),
    Leaf(LeafFacts),
}

/// What one command declares.
#[derive(Default)]
pub(crate) struct LeafFacts {
    pub(crate) effect: Effect,
    pub(crate) lists: bool,
    pub(crate) has_json: bool,
    pub(crate) csv_needs: Option<&'static str>,
    pub(crate) operations: &'static [OperationId],
    pub(crate) columns: Vec<&'static str>,
    /// The table below a command that also runs by itself.
    pub(crate) below: Option<Box<CommandFacts>>,
}

/// A command with its arguments.
pub(crate) trait Command: Sized {
    const EFFECT: Effect;
    /// Whether its result is a list, which a spreadsheet can hold.
    const LISTS: bool = false;
    /// Whether its result can be JSON. What is a script, a page or a file of its own form cannot.
    const HAS_JSON: bool = true;
    /// The option that makes its result a list, where it is none otherwise.
    const CSV_NEEDS: Option<&'static str> = None;
    /// The operations that it calls for its own purpose.
    const OPERATIONS: &'static [OperationId] = &[];

    /// The columns of its list, in their order.
    fn columns() -> Vec<&'static str> {
        Vec::new()
    }

    /// The table of commands below it, where it also runs by itself.
    fn below() -> Option<CommandFacts> {
        None
    }

    fn facts() -> CommandFacts {
        CommandFacts::Leaf(LeafFacts {
            effect: Self::EFFECT,
            lists: Self::LISTS,
            has_json: Self::HAS_JSON,
            csv_needs: Self::CSV_NEEDS,
            operations: Self::OPERATIONS,
            columns: Self::columns(),
            below: Self::below().map(Box::new),
        })
    }

    /// The same with these arguments.
    fn effect(&self) -> Effect {
        Self::EFFECT
    }

    fn lists(&self) -> bool {
        Self::LISTS
    }

    fn has_json(&self) -> bool {
        Self::HAS_JSON
    }

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError>;
}

/// An enum of commands, of which clap takes one by name. Its methods are those of [`Command`].
macro_rules! command_table {
    ($visibility:vis enum $table:ident { $($(#[$attribute:meta])* $name:ident($command:ty),)* }) => {
        #[derive(Debug, clap::Subcommand)]
        #[allow(clippy::large_enum_variant, reason = "a run parses one command")]
        $visibility enum $table {
            $($(#[$attribute])* $name($command),)*
        }

        impl $table {
            /// What its commands declare.
            pub(crate) fn facts() -> $crate::command::CommandFacts {
                use $crate::command::Command as _;
                $crate::command::CommandFacts::Table(vec![$(<$command>::facts()),*])
            }

            pub(crate) fn effect(&self) -> $crate::command::Effect {
                use $crate::command::Command as _;
                match self {
                    $(Self::$name(command) => command.effect(),)*
                }
            }

            pub(crate) fn lists(&self) -> bool {
                use $crate::command::Command as _;
                match self {
                    $(Self::$name(command) => command.lists(),)*
                }
            }

            pub(crate) fn has_json(&self) -> bool {
                use $crate::command::Command as _;
                match self {
                    $(Self::$name(command) => command.has_json(),)*
                }
            }

            pub(crate) async fn run(
                self,
                context: &mut $crate::command::Context<'_>,
            ) -> Result<$crate::exit::ExitStatus, $crate::exit::CliError> {
                use $crate::command::Command as _;
                match self {
                    $(Self::$name(command) => command.run(context).await,)*
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
  1    the program, the machine or the API failed; no value is in doubt
  2    the input or the usage is wrong; nothing was sent
  3    the API refused; nothing moved in the calls that it refused
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
