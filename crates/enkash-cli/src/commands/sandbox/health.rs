//! `enkash sandbox health`: whether a sandbox serves, in an exit code. The health check of a container runs it, because an image
//! with nothing but this program has no other client.

use serde_json::Value;

use super::running::RunningSandbox;
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
    output::Format,
};

const HELP: &str = "\
Examples:
  enkash sandbox health
  enkash sandbox health --url http://127.0.0.1:4010

In a Dockerfile: HEALTHCHECK CMD [\"enkash\", \"sandbox\", \"health\", \"--quiet\"]

Exit codes: 0 it serves, 1 it does not, or says nothing within 5 s.";

/// Ask a sandbox whether it serves
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Health {
    #[command(flatten)]
    sandbox: RunningSandbox,
}

impl Command for Health {
    const EFFECT: Effect = Effect::Local;

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let health = self.sandbox.health().await?;
        let text = |name| health.get(name).and_then(Value::as_str);
        let (Some("ok"), Some(version)) = (text("status"), text("version")) else {
            return Err(self.sandbox.not_a_sandbox());
        };
        if context.output.format == Format::Json {
            context.output.json(&health)?;
        } else {
            let url = self.sandbox.url();
            context
                .output
                .print_line(&format!("The sandbox at {url} serves, version {version}."))?;
        }
        Ok(ExitStatus::Done)
    }
}
