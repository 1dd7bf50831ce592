//! `enkash replay`: plays a recording against the sandbox and says how far it can be trusted. Nothing goes to the API.

use std::path::PathBuf;

use enkash_sandbox::Switches;

use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
    likeness,
    output::Format,
};

const HELP: &str = "\
Examples:
  enkash replay examples/recording.json
  enkash replay examples/recording.json --switch code_type=string
  enkash replay examples/recording.json --output json

Each call of the recording goes to a sandbox that lives as long as the
comparison: statuses, outcomes and the fields of responses are compared, values
are not. Then each switch of the sandbox is tried, and the report says with
which ones it agrees most, what of them the recording does not show, and what
still differs. enkash sandbox --like FILE starts a sandbox with these switches.

Nothing is sent to the API, and no value of the recording is shown.";

/// Play a recording against the sandbox: where it answers otherwise, and which switches make it agree
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Replay {
    /// A HAR, or pairs of request and response in JSON
    #[arg(required = true, value_name = "FILE")]
    recordings: Vec<PathBuf>,
    /// A switch of the sandbox to begin with; repeat it for several
    #[arg(long = "switch", value_name = "NAME=VALUE")]
    switches: Vec<String>,
}

impl Command for Replay {
    const EFFECT: Effect = Effect::Local;

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let mut start = Switches::new();
        for setting in &self.switches {
            let applied = start.apply(setting);
            applied.map_err(|error| CliError::bad_input(format!("--switch {setting}: {error}")))?;
        }
        let report = likeness::compare(&self.recordings, start, context.output).await?;
        if context.output.format == Format::Json {
            context.output.json(&report)?;
        } else {
            context.output.print_lines(likeness::lines(&report))?;
        }
        Ok(ExitStatus::Done)
    }
}
