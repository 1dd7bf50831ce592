//! Where the file of profiles is, and the one profile that a command names in it.

use std::{env, path::PathBuf};

use etcetera::AppStrategy;

use super::profile::{Profile, ProfilesFile};
use crate::{state, suggestion::closest};

/// Names the file of profiles in place of the platform's own.
pub(super) const CONFIG: &str = "ENKASH_CONFIG";

/// Where the profiles are, whether there are any or not.
pub(crate) fn config_path() -> Result<PathBuf, String> {
    if let Some(named) = env::var_os(CONFIG).filter(|named| !named.is_empty()) {
        return Ok(named.into());
    }
    match state::app_folders() {
        Some(places) => Ok(places.config_dir().join("config.toml")),
        None => Err(format!(
            "no home folder is known: name the file of profiles with {CONFIG}"
        )),
    }
}

/// The file of profiles; `None` where there is none.
pub(crate) fn profiles() -> Result<Option<ProfilesFile>, String> {
    ProfilesFile::read(&config_path()?)
}

/// One profile, or why it cannot be used.
pub(super) fn load(name: &str) -> Result<(PathBuf, Profile), String> {
    let Some(file) = profiles()? else {
        return Err(format!(
            "there is no profile {name:?}, because there is no file {}",
            config_path()?.display()
        ));
    };
    if !file.diagnostics.is_empty() {
        let diagnostics: Vec<_> = file
            .diagnostics
            .iter()
            .map(|diagnostic| diagnostic.in_file(&file.path))
            .collect();
        return Err(diagnostics.join("\n"));
    }
    let known: Vec<String> = file.profiles.iter().map(|profile| profile.name.clone()).collect();
    let path = file.path.clone();
    match file.profiles.into_iter().find(|profile| profile.name == name) {
        Some(profile) => Ok((path, profile)),
        None => {
            let known: Vec<_> = known.iter().map(String::as_str).collect();
            let hint = match closest(name, &known) {
                Some(meant) => format!("did you mean {meant}?"),
                None if known.is_empty() => "it has none".to_owned(),
                None => format!("it has {}", known.join(", ")),
            };
            Err(format!("there is no profile {name:?} in {}; {hint}", path.display()))
        }
    }
}
