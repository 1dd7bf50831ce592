//! `enkash sandbox snapshot list`.

use serde_json::Value;

use crate::{
    command::{Command, Context, Effect},
    commands::sandbox::running::RunningSandbox,
    exit::{CliError, ExitStatus},
    output::Format,
};

const HELP: &str = "\
Examples:
  enkash sandbox snapshot list
  enkash sandbox snapshot list --json";

/// List the snapshots that a sandbox keeps
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct List {
    #[command(flatten)]
    sandbox: RunningSandbox,
}

impl Command for List {
    const EFFECT: Effect = Effect::Local;

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let listed = self.sandbox.get("snapshots").await?;
        let snapshots = listed.as_array().ok_or_else(|| self.sandbox.not_a_sandbox())?;
        if context.output.format == Format::Json {
            for snapshot in snapshots {
                context.output.json(snapshot)?;
            }
            return Ok(ExitStatus::Done);
        }
        if snapshots.is_empty() {
            context.output.print_line("There is no snapshot.")?;
            return Ok(ExitStatus::Done);
        }
        let titles = ["name", "bytes", "saved at"];
        let cell = |snapshot: &Value, name| match snapshot.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => "-".to_owned(),
        };
        let row = |snapshot| ["name", "bytes", "saved_at"].map(|name| cell(snapshot, name)).to_vec();
        let rows: Vec<_> = snapshots.iter().map(row).collect();
        context.output.table(&titles, &rows)?;
        Ok(ExitStatus::Done)
    }
}
