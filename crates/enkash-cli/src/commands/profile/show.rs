//! `enkash profile show`: which settings a command would use. Secrets and the user name are never shown; where they come from
//! is.

use enkash::EncryptionMode;
use serde_json::{Value, json};

use super::HELP;
use crate::{
    command::{Command, Context, Effect},
    exit::{Exit, Failure},
    output::Format,
    settings::{ENCRYPTION_MODES, Key, Needs, Origin, Settings},
};

/// Show the settings in use, and where each comes from; never a secret
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Show {
    /// The profile; --profile and ENKASH_PROFILE name it as well
    name: Option<String>,
}

/// One setting as it is shown.
struct Shown {
    name: String,
    /// `None` where it is kept back.
    value: Option<String>,
    from: Option<Origin>,
}

impl Command for Show {
    const EFFECT: Effect = Effect::Local;

    async fn run(self, context: &mut Context<'_>) -> Result<Exit, Failure> {
        let settings = Settings::read(self.name.as_deref().or(context.target.profile.as_deref()));
        let shown = all(&settings);
        match context.output.format {
            Format::Json => {
                let rows = shown.iter().map(|setting| {
                    json!({
                        "name": setting.name,
                        "value": setting.value,
                        "is_set": setting.from.is_some(),
                        "from": setting.from.as_ref().map(|origin| as_json(origin, &settings)),
                    })
                });
                let profile = settings.profile.as_ref().map(|(_, profile)| &profile.name);
                context
                    .output
                    .json(&json!({ "profile": profile, "settings": rows.collect::<Vec<_>>() }))?;
            }
            Format::Table | Format::Csv => {
                let rows: Vec<_> = shown
                    .iter()
                    .map(|setting| {
                        let value = match (&setting.value, &setting.from) {
                            (Some(value), _) => value.clone(),
                            (None, Some(_)) => "set, not shown".to_owned(),
                            (None, None) => "-".to_owned(),
                        };
                        let from = setting.from.as_ref().map(|origin| describe(origin, &settings));
                        vec![setting.name.clone(), value, from.unwrap_or_default()]
                    })
                    .collect();
                context.output.table(&["setting", "value", "from"], &rows)?;
            }
        }
        let needs = Needs {
            account: true,
            secrets: true,
        };
        match settings.problems(needs) {
            problems if problems.is_empty() => Ok(Exit::Done),
            problems => Err(Failure::bad_input(problems.join("\n"))),
        }
    }
}

fn all(settings: &Settings) -> Vec<Shown> {
    let mut shown: Vec<_> = Key::ALL
        .into_iter()
        .map(|key| Shown {
            name: key.name().to_owned(),
            value: settings.get(key).filter(|_| key.is_shown()).map(str::to_owned),
            from: settings.values.get(&key).map(|found| found.origin.clone()),
        })
        .collect();
    shown.extend(settings.profile_hosts().map(|(tag, host)| Shown {
        name: format!("host of {tag}"),
        value: Some(host.value.clone()),
        from: Some(Origin::Profile(host.line)),
    }));
    let Some((_, profile)) = &settings.profile else {
        return shown;
    };
    shown.extend(profile.paths.iter().map(|(operation, path)| Shown {
        name: format!("path of {operation}"),
        value: Some(path.value.text.clone()),
        from: Some(Origin::Profile(path.line)),
    }));
    shown.extend(profile.response_limits.iter().map(|(name, limit)| Shown {
        name: format!("response limit of {name}"),
        value: Some(limit.value.to_string()),
        from: Some(Origin::Profile(limit.line)),
    }));
    if let Some(mode) = &profile.encryption {
        shown.push(Shown {
            name: "encryption".to_owned(),
            value: Some(label(mode.value).to_owned()),
            from: Some(Origin::Profile(mode.line)),
        });
    }
    if let Some(overlay) = &profile.policy.overlay {
        shown.push(Shown {
            name: "policy_overlay".to_owned(),
            value: Some(overlay.value.display().to_string()),
            from: Some(Origin::Profile(overlay.line)),
        });
    }
    if !profile.policy.allow_loosening.is_empty() {
        let names: Vec<_> = profile.policy.allow_loosening.iter().map(ToString::to_string).collect();
        shown.push(Shown {
            name: "allow_loosening".to_owned(),
            value: Some(names.join(", ")),
            from: Some(Origin::Profile(profile.line)),
        });
    }
    if !profile.plain_http_hosts.is_empty() {
        shown.push(Shown {
            name: "allow_plain_http".to_owned(),
            value: Some(profile.plain_http_hosts.join(", ")),
            from: Some(Origin::Profile(profile.line)),
        });
    }
    shown
}

fn label(mode: EncryptionMode) -> &'static str {
    ENCRYPTION_MODES
        .iter()
        .find(|(_, known)| *known == mode)
        .map_or("-", |(label, _)| label)
}

fn describe(origin: &Origin, settings: &Settings) -> String {
    let file = || settings.profile.as_ref().map(|(path, _)| path.display().to_string());
    match origin {
        Origin::Environment(variable) => (*variable).to_owned(),
        Origin::Profile(line) => format!("{}:{line}", file().unwrap_or_default()),
        Origin::SecretFile(path, _) => path.display().to_string(),
        Origin::Terminal => "the terminal".to_owned(),
    }
}

fn as_json(origin: &Origin, settings: &Settings) -> Value {
    let file = settings.profile.as_ref().map(|(path, _)| path);
    match origin {
        Origin::Environment(variable) => json!({ "variable": variable }),
        Origin::Profile(line) => json!({ "file": file, "line": line }),
        Origin::SecretFile(path, line) => json!({ "file": file, "line": line, "secret_file": path }),
        Origin::Terminal => json!("terminal"),
    }
}
