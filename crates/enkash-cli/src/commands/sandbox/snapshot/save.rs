//! `enkash sandbox snapshot save`.

use enkash_sandbox::{Snapshot, SnapshotError};
use serde_json::{Value, json};

use super::Place;
use crate::{
    command::{Command, Context, Effect},
    commands::sandbox::running::RunningSandbox,
    exit::{CliError, ExitStatus},
    output::Format,
};

const HELP: &str = "\
Examples:
  enkash sandbox snapshot save before-payday
  enkash sandbox snapshot save --file before-payday.snapshot

A snapshot that has the name, or stands in the file, is replaced. Anything else
in the file is left alone, and so is the state file of a sandbox that runs, or
that was killed with changes in it.";

/// Save the state of a sandbox
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Save {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    sandbox: RunningSandbox,
}

impl Command for Save {
    const EFFECT: Effect = Effect::Local;

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let (saved, place) = match (&self.place.name, &self.place.file) {
            (Some(name), _) => {
                let saved = self.sandbox.post("snapshots", &json!({ "name": name })).await?;
                if saved.get("name").and_then(Value::as_str) != Some(name) {
                    return Err(self.sandbox.not_a_sandbox());
                }
                (saved, name.clone())
            }
            (None, Some(path)) => {
                let bytes = self.sandbox.download("state").await?;
                let snapshot = Snapshot::from_bytes(&bytes).map_err(|_| self.sandbox.not_a_sandbox())?;
                snapshot.write(path).map_err(|error| match error {
                    SnapshotError::NotReplaced { .. } | SnapshotError::InUse { .. } => {
                        CliError::bad_input(format!("{error}. Nothing was saved."))
                    }
                    error => CliError::runtime(error.to_string()),
                })?;
                let shown = path.display().to_string();
                (json!({ "file": shown, "bytes": bytes.len() }), shown)
            }
            (None, None) => return Err(CliError::bad_input("give a name, or --file")),
        };
        if context.output.format == Format::Json {
            context.output.json(&saved)?;
        } else {
            let line = format!("The state of the sandbox at {} is saved: {place}", self.sandbox.url());
            context.output.print_line(&line)?;
        }
        Ok(ExitStatus::Done)
    }
}
