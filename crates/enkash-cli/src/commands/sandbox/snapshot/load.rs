//! `enkash sandbox snapshot load`.

use enkash::reqwest::Method;
use enkash_sandbox::Snapshot;
use serde_json::json;

use super::Place;
use crate::{
    command::{Command, Context, Effect},
    commands::sandbox::running::RunningSandbox,
    exit::{CliError, ExitStatus},
    output::Format,
};

const HELP: &str = "\
Examples:
  enkash sandbox snapshot load before-payday
  enkash sandbox snapshot load --file before-payday.snapshot

What the sandbox has now is lost, unless it was saved. Its log of calls begins
anew, and a call in flight takes no effect.";

/// Put a sandbox back to a saved state
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Load {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    sandbox: RunningSandbox,
}

impl Command for Load {
    const EFFECT: Effect = Effect::Local;

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let place = match (self.place.name, self.place.file) {
            (Some(name), _) => {
                let path = format!("snapshots/{}/load", super::super::running::segment(&name));
                self.sandbox.act(Method::POST, &path).await?;
                name
            }
            (None, Some(path)) => {
                // What is wrong with the file is said here, with its name.
                let read = Snapshot::read(&path).and_then(|snapshot| snapshot.to_bytes());
                let bytes = read.map_err(|error| {
                    let named = path.display().to_string();
                    let text = error.to_string();
                    let place = if text.starts_with(&named) {
                        String::new()
                    } else {
                        format!("{named}: ")
                    };
                    CliError::bad_input(format!("{place}{text}. Nothing was loaded."))
                })?;
                self.sandbox.upload("state", bytes).await?;
                path.display().to_string()
            }
            (None, None) => return Err(CliError::bad_input("give a name, or --file")),
        };
        let url = self.sandbox.url();
        if context.output.format == Format::Json {
            context.output.json(&json!({ "url": url, "loaded": place }))?;
        } else {
            context
                .output
                .print_line(&format!("The sandbox at {url} is as it was saved: {place}"))?;
        }
        Ok(ExitStatus::Done)
    }
}
