//! `enkash sandbox`: serves a sandbox, and steers one that runs. Without a subcommand it serves.

mod health;
mod reset;
mod running;
mod server;
mod snapshot;

use crate::{
    command::{Command, CommandFacts, Context, Effect, command_table},
    exit::{CliError, ExitStatus},
};

const HELP: &str = "\
Examples:
  enkash sandbox
  enkash sandbox --port 4010 --switch duplicate_reference=refuse
  enkash sandbox --faults examples/faults.yaml --token-ttl 60
  enkash sandbox --preset payday-from-hell
  enkash sandbox --port 4010 --expose enkash
  enkash sandbox --like examples/recording.json
  enkash sandbox --port 4010 --state sandbox.state
  enkash sandbox health

The line has: url, client_id, client_secret, username, password, partner_id,
company_id, card_account_id, and stated_paths: where the operations are served
whose path no page shows. All of it is synthetic. Clock, switches, faults, log
and ledger are under /_sandbox of the same address.

With --state, what was answered is in the file before the answer leaves: the
next sandbox with this file and the same seed goes on from there, also after a
kill. A --switch or --faults other than the last time's goes before the file.
Only you can read the file, and one sandbox at a time can use it. It keeps no
credentials of a login but the seed's own. Beside it are FILE.lock,
FILE.snapshots and, while it is written anew, FILE.enkash-draft. Once the file
is moved, removed or written over, nothing is answered any more.

Switches, the default first:";

const FAULTS: &str = "

Faults, for the rules in a file of --faults; `when` is before the effect or
after it. Every rule may have operation, nth, from, times and probability:";

/// The narrowest terminal that people use.
const WIDTH: usize = 79;

/// Run a sandbox until Ctrl-C; one line of JSON says how to reach it
#[derive(clap::Args, Debug)]
#[command(after_help = help(), args_conflicts_with_subcommands = true)]
pub(crate) struct Sandbox {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    server: server::SandboxServer,
}

command_table! {
    enum Action {
        Health(health::Health),
        Reset(reset::Reset),
        #[command(subcommand, about = snapshot::ABOUT, after_help = snapshot::HELP)]
        Snapshot(snapshot::SnapshotAction),
    }
}

impl Command for Sandbox {
    const EFFECT: Effect = Effect::Local;

    fn effect(&self) -> Effect {
        self.action.as_ref().map_or(Self::EFFECT, Action::effect)
    }

    fn below() -> Option<CommandFacts> {
        Some(Action::facts())
    }

    fn lists(&self) -> bool {
        self.action.as_ref().is_some_and(Action::lists)
    }

    fn has_json(&self) -> bool {
        self.action.as_ref().is_none_or(Action::has_json)
    }

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        match self.action {
            Some(action) => action.run(context).await,
            None => self.server.run(context).await,
        }
    }
}

/// The help of the sandbox, with every switch and every kind of fault that it has.
fn help() -> String {
    let mut text = HELP.to_owned();
    for switch in enkash_sandbox::Switches::TABLE {
        text.push('\n');
        wrap(&mut text, 2, &format!("{}: {}", switch.name, switch.about));
        for (value, meaning) in switch.values {
            wrap(&mut text, 6, &format!("{value}: {meaning}"));
        }
    }
    text.push_str(FAULTS);
    for kind in enkash_sandbox::Fault::TABLE {
        text.push('\n');
        wrap(&mut text, 2, &format!("{}: {}", kind.name, kind.about));
        wrap(&mut text, 6, kind.example);
    }
    text
}

/// Adds a text in lines that a terminal shows whole.
fn wrap(text: &mut String, indent: usize, words: &str) {
    let mut column = WIDTH;
    for word in words.split_whitespace() {
        let width = word.chars().count();
        if column + 1 + width > WIDTH {
            text.push('\n');
            text.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        } else {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += width;
    }
}
