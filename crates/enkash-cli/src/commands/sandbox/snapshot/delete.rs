//! `enkash sandbox snapshot delete`.

use enkash::reqwest::Method;
use serde_json::json;

use crate::{
    command::{Command, Context, Effect},
    commands::sandbox::running::{RunningSandbox, segment},
    exit::{CliError, ExitStatus},
    output::Format,
};

const HELP: &str = "\
Examples:
  enkash sandbox snapshot delete before-payday";

/// Delete a snapshot that a sandbox keeps
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Delete {
    /// Its name in the sandbox
    name: String,
    #[command(flatten)]
    sandbox: RunningSandbox,
}

impl Command for Delete {
    const EFFECT: Effect = Effect::Local;

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let path = format!("snapshots/{}", segment(&self.name));
        self.sandbox.act(Method::DELETE, &path).await?;
        if context.output.format == Format::Json {
            context.output.json(&json!({ "deleted": self.name }))?;
        } else {
            context
                .output
                .print_line(&format!("The snapshot {} is deleted.", self.name))?;
        }
        Ok(ExitStatus::Done)
    }
}
