//! `enkash profile path`: where the file of profiles is, whether there is one or not.

use serde_json::json;

use super::HELP;
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
    output::Format,
    settings,
};

/// Print where the file of profiles is
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Path {}

impl Command for Path {
    const EFFECT: Effect = Effect::Local;

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let path = settings::config_path().map_err(CliError::runtime)?;
        match context.output.format {
            Format::Json => context.output.json(&json!({ "path": path, "exists": path.exists() }))?,
            Format::Table | Format::Csv => {
                context.output.print_line(&path.display().to_string())?;
                if !path.exists() {
                    context
                        .output
                        .note("note: there is no such file yet; see enkash profile --help for its form");
                }
            }
        }
        Ok(ExitStatus::Done)
    }
}
