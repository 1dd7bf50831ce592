//! `enkash profile list`: the profiles of the file, and what is wrong with it.

use serde_json::json;

use super::HELP;
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
    output::{self, Format},
    settings::{self, Profile, SettingKey},
};

/// List the profiles
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct List {}

impl Command for List {
    const EFFECT: Effect = Effect::Local;

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let Some(file) = settings::profiles().map_err(CliError::bad_input)? else {
            if context.output.format == Format::Json {
                context.output.json(&json!({ "profiles": [] }))?;
            }
            let path = settings::config_path().map_err(CliError::runtime)?;
            context
                .output
                .note(&format!("note: there is no file {}", path.display()));
            return Ok(ExitStatus::Done);
        };
        let profiles = &file.profiles;
        let list = list();
        if context.output.format == Format::Json {
            context
                .output
                .json(&json!({ "path": file.path, "profiles": list.json_of_all(profiles) }))?;
        } else {
            list.write(profiles, context.output)?;
        }
        let diagnostics: Vec<_> = file
            .diagnostics
            .iter()
            .chain(profiles.iter().flat_map(|profile| &profile.diagnostics))
            .map(|diagnostic| diagnostic.in_file(&file.path))
            .collect();
        if diagnostics.is_empty() {
            return Ok(ExitStatus::Done);
        }
        Err(CliError::bad_input(diagnostics.join("\n")))
    }
}

fn list() -> output::List<Profile> {
    output::List::<Profile>::new()
        .text("name", |profile: &Profile| Some(profile.name.clone()))
        .heading("profile")
        .count("line", |profile| profile.line.try_into().ok())
        .text("base_url", |profile| {
            Some(profile.values.get(&SettingKey::BaseUrl)?.value.clone())
        })
        .heading("host")
        .count("mistakes", |profile| profile.diagnostics.len().try_into().ok())
        .in_table("name base_url")
}
