//! `enkash profile path`: where the file of profiles is, whether there is one or not.

use serde_json::json;

use super::{
    super::command::{Command, Effect},
    HELP,
};
use crate::{
    exit::{Exit, Failure},
    output::{Format, Output},
    session::Target,
    settings,
};

/// Print where the file of profiles is
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Path {}

impl Command for Path {
    fn effect(&self) -> Effect {
        Effect::Local
    }

    async fn run(self, _target: &Target, output: &mut Output) -> Result<Exit, Failure> {
        let path = settings::config_path().map_err(Failure::environment)?;
        match output.format {
            Format::Json => output.json(&json!({ "path": path, "exists": path.exists() }))?,
            Format::Table | Format::Csv => {
                output.line(&path.display().to_string())?;
                if !path.exists() {
                    output.note("note: there is no such file yet; see enkash profile --help for its form");
                }
            }
        }
        Ok(Exit::Done)
    }
}
