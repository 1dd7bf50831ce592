//! `enkash sandbox reset`: a sandbox that runs goes back to how it was started.

use enkash::reqwest::Method;
use serde_json::json;

use super::running::RunningSandbox;
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
    output::Format,
};

const HELP: &str = "\
Examples:
  enkash sandbox reset
  enkash sandbox reset --url http://127.0.0.1:4010

What goes: transactions, people, orders, carts and coins that came after the
seed; tokens and failed logins; the log of calls; a clock that was moved; and
switches and faults other than those that the sandbox was started with. Saved
snapshots stay.";

/// Put a sandbox back to how it was started
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Reset {
    #[command(flatten)]
    sandbox: RunningSandbox,
}

impl Command for Reset {
    const EFFECT: Effect = Effect::Local;

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        self.sandbox.act(Method::POST, "reset").await?;
        let url = self.sandbox.url();
        if context.output.format == Format::Json {
            context.output.json(&json!({ "url": url, "reset": true }))?;
        } else {
            let line = format!("The sandbox at {url} is as it was started.");
            context.output.print_line(&line)?;
        }
        Ok(ExitStatus::Done)
    }
}
