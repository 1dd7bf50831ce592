//! Profiles: named settings in one TOML file. The file is read as a tree that knows the place of every key, so that each
//! mistake is named by its line, all of them at once. It never holds a secret.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use enkash::{
    OperationId,
    encryption::EncryptionMode,
    reqwest::Url,
    spec::{Method, OPERATIONS, PathTemplate},
};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    key::SettingKey,
    located::Located,
    policy::PolicySettings,
    response_limits::{LimitSettings, parse_limit},
    run_limits::RunLimits,
    toml_text::parse_text,
};
use crate::{
    diagnostic::Diagnostic,
    input_file::{MAX_ITEMS, MAX_PROFILES, read_text},
    suggestion::closest,
};

/// The file with all profiles.
#[derive(Debug)]
pub(crate) struct ProfilesFile {
    pub(crate) path: PathBuf,
    pub(crate) profiles: Vec<Profile>,
    /// What is wrong outside of the profiles.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// One profile.
#[derive(Debug, Default)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) line: u64,
    pub(crate) values: BTreeMap<SettingKey, Located<String>>,
    /// The files that hold secrets.
    pub(crate) secret_files: BTreeMap<SettingKey, Located<PathBuf>>,
    /// Hosts by the tag of the spec.
    pub(crate) hosts: BTreeMap<String, Located<String>>,
    pub(crate) paths: BTreeMap<OperationId, Located<GivenPath>>,
    pub(crate) plain_http_hosts: Vec<String>,
    pub(crate) encryption: Option<Located<EncryptionMode>>,
    pub(crate) policy: PolicySettings,
    pub(crate) response_limits: LimitSettings,
    pub(crate) run_limits: RunLimits,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// A path that the user gives for an operation.
#[derive(Clone, Debug)]
pub(crate) struct GivenPath {
    /// As it stands in the file.
    pub(crate) text: String,
    pub(crate) template: PathTemplate,
}

/// The words for what is encrypted.
pub(crate) const ENCRYPTION_MODES: [(&str, EncryptionMode); 3] = [
    ("off", EncryptionMode::Off),
    ("requests", EncryptionMode::Requests),
    ("both", EncryptionMode::Both),
];

const ALLOW_LOOSENING: &str = "allow_loosening";
const APPROVALS: &str = "approvals";
const ALLOW_PLAIN_HTTP: &str = "allow_plain_http";
const ENCRYPTION: &str = "encryption";
const HOSTS: &str = "hosts";
const PATHS: &str = "paths";
const POLICY_OVERLAY: &str = "policy_overlay";
const PROFILE: &str = "profile";
const RESPONSE_LIMITS: &str = "response_limits";
const RUN_LIMITS: &str = "run_limits";

impl ProfilesFile {
    /// `None` where there is no such file.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, String> {
        match read_text(path, MAX_PROFILES) {
            Ok(text) => Ok(Some(Self::parse(path, &text))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("{} cannot be read: {error}", path.display())),
        }
    }

    fn parse(path: &Path, text: &str) -> Self {
        let mut file = Self {
            path: path.to_owned(),
            profiles: Vec::new(),
            diagnostics: Vec::new(),
        };
        let lines = Lines::new(text);
        let (tree, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            // The parser's own view of the file may be anything; its excerpt is not shown, for it may hold a secret.
            file.diagnostics = errors
                .iter()
                .map(|error| {
                    let start = error.span().map_or(0, |span| span.start);
                    Diagnostic::new(lines.number_at(start), error.message())
                })
                .collect();
            shorten(&mut file.diagnostics);
            return file;
        }
        for (key, value) in tree.get_ref() {
            let line = lines.number_at(key.span().start);
            match (key.get_ref().as_ref(), value.get_ref()) {
                (PROFILE, DeValue::Table(profiles)) => {
                    for (name, value) in profiles {
                        let line = lines.number_at(name.span().start);
                        let name = name.get_ref().to_string();
                        match value.get_ref() {
                            DeValue::Table(table) => {
                                let base = path.parent().unwrap_or(Path::new(""));
                                file.profiles.push(Profile::parse(name, line, table, base, &lines));
                            }
                            _ => file.diagnostics.push(Diagnostic::new(
                                line,
                                format!("a profile is a table: [{PROFILE}.{name}]"),
                            )),
                        }
                    }
                }
                (other, _) => file.diagnostics.push(Diagnostic::new(
                    line,
                    format!("{other} stands outside of a profile: begin one with [{PROFILE}.NAME]"),
                )),
            }
        }
        file.profiles.sort_by_key(|profile| profile.line);
        shorten(&mut file.diagnostics);
        file
    }
}

impl Profile {
    fn parse(name: String, line: u64, table: &DeTable<'_>, base: &Path, lines: &Lines) -> Self {
        let mut profile = Self {
            name,
            line,
            ..Self::default()
        };
        for (key, value) in table {
            let line = lines.number_at(key.span().start);
            if let Err(text) = profile.read_setting(key.get_ref(), value, line, base, lines) {
                profile.diagnostics.push(Diagnostic::new(line, text));
            }
        }
        profile.diagnostics.sort_by_key(|diagnostic| diagnostic.line);
        shorten(&mut profile.diagnostics);
        profile
    }

    fn read_setting(
        &mut self,
        name: &str,
        value: &Spanned<DeValue<'_>>,
        line: u64,
        base: &Path,
        lines: &Lines,
    ) -> Result<(), String> {
        if self.read_key(name, value, line, base)? {
            return Ok(());
        }
        match name {
            ALLOW_LOOSENING => {
                let names = parse_list(name, value, "operations, such as [\"createOrder\"]")?;
                self.policy.allow_loosening = names
                    .iter()
                    .map(|name| parse_operation(name))
                    .collect::<Result<_, _>>()?;
            }
            POLICY_OVERLAY => {
                let value = resolve(&parse_text(name, value)?, base);
                self.policy.overlay = Some(Located { value, line });
            }
            ALLOW_PLAIN_HTTP => {
                self.plain_http_hosts = parse_list(name, value, "hosts, such as [\"stub.internal\"]")?;
            }
            ENCRYPTION => {
                let word = parse_text(name, value)?;
                let known = ENCRYPTION_MODES.map(|(word, _)| word);
                let mode = ENCRYPTION_MODES.into_iter().find(|(known, _)| *known == word);
                let (_, value) = mode.ok_or_else(|| format!("{name} is one of {}", known.join(", ")))?;
                self.encryption = Some(Located { value, line });
            }
            HOSTS => {
                let hosts = self.entries(name, value, lines, |tag, url| {
                    Ok((tag.to_owned(), parse_host(tag, url)?))
                })?;
                self.hosts.extend(hosts);
            }
            PATHS => {
                let paths = self.entries(name, value, lines, parse_path)?;
                self.paths.extend(paths);
            }
            RESPONSE_LIMITS => {
                let limits = self.entries(name, value, lines, parse_limit)?;
                self.response_limits.extend(limits);
            }
            RUN_LIMITS => self.read_run_limits(name, value, lines, RunLimits::read_limit)?,
            APPROVALS => self.read_run_limits(name, value, lines, RunLimits::read_tier)?,
            _ => return Err(unknown("setting", name, &known_keys())),
        }
        Ok(())
    }

    /// Takes a setting that is one text, or the file of a secret. Says whether the name is one of those.
    fn read_key(&mut self, name: &str, value: &Spanned<DeValue<'_>>, line: u64, base: &Path) -> Result<bool, String> {
        if let Some(key) = SettingKey::ALL.into_iter().find(|key| key.name() == name) {
            if let Some(file_key) = key.file_key() {
                return Err(format!(
                    "{name} stands here in plain text, where backups and other people find it: take it out, and have it \
                     changed if anybody else could read it. Put it alone into a file that only you can read and name \
                     that with {file_key}, or set {}",
                    key.variable()
                ));
            }
            let text = parse_text(name, value)?;
            if key.is_url() {
                check_url(&text).map_err(|problem| format!("{name} {problem}"))?;
            }
            self.values.insert(key, Located { value: text, line });
            return Ok(true);
        }
        if let Some(key) = SettingKey::ALL.into_iter().find(|key| key.file_key() == Some(name)) {
            let value = resolve(&parse_text(name, value)?, base);
            self.secret_files.insert(key, Located { value, line });
            return Ok(true);
        }
        Ok(false)
    }

    fn read_run_limits(
        &mut self,
        name: &str,
        value: &Spanned<DeValue<'_>>,
        lines: &Lines,
        read: impl Fn(&mut RunLimits, &str, &Spanned<DeValue<'_>>) -> Result<(), String>,
    ) -> Result<(), String> {
        for (key, value) in parse_table(name, value)? {
            if let Err(text) = read(&mut self.run_limits, key.get_ref(), value) {
                let line = lines.number_at(key.span().start);
                self.diagnostics.push(Diagnostic::new(line, text));
            }
        }
        Ok(())
    }

    /// The entries of a table that can be read; what is wrong with others is kept as a diagnostic.
    fn entries<K, V>(
        &mut self,
        name: &str,
        value: &Spanned<DeValue<'_>>,
        lines: &Lines,
        read: impl Fn(&str, &Spanned<DeValue<'_>>) -> Result<(K, V), String>,
    ) -> Result<Vec<(K, Located<V>)>, String> {
        let mut entries = Vec::new();
        for (key, value) in parse_table(name, value)? {
            let line = lines.number_at(key.span().start);
            match read(key.get_ref(), value) {
                Ok((key, value)) => entries.push((key, Located { value, line })),
                Err(text) => self.diagnostics.push(Diagnostic::new(line, text)),
            }
        }
        Ok(entries)
    }
}

fn known_keys() -> Vec<&'static str> {
    let texts = SettingKey::ALL
        .into_iter()
        .filter(|key| !key.is_secret())
        .map(SettingKey::name);
    let files = SettingKey::ALL.into_iter().filter_map(SettingKey::file_key);
    texts
        .chain(files)
        .chain([
            ALLOW_LOOSENING,
            ALLOW_PLAIN_HTTP,
            APPROVALS,
            ENCRYPTION,
            HOSTS,
            PATHS,
            POLICY_OVERLAY,
            RESPONSE_LIMITS,
            RUN_LIMITS,
        ])
        .collect()
}

/// A name that does not exist, with the one that was probably meant.
fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    match closest(name, known) {
        Some(meant) => format!("there is no {what} {name:?}; did you mean {meant}?"),
        None => format!("there is no {what} {name:?}; there are {}", known.join(", ")),
    }
}

/// `what` describes the items, with an example.
fn parse_list(name: &str, value: &Spanned<DeValue<'_>>, what: &str) -> Result<Vec<String>, String> {
    match value.get_ref() {
        DeValue::Array(items) => items.iter().map(|item| parse_text(name, item)).collect(),
        _ => Err(format!("{name} must be a list of {what}")),
    }
}

fn parse_table<'a, 'i>(name: &str, value: &'a Spanned<DeValue<'i>>) -> Result<&'a DeTable<'i>, String> {
    match value.get_ref() {
        DeValue::Table(table) => Ok(table),
        _ => Err(format!("{name} must be a table: [profile.NAME.{name}]")),
    }
}

fn parse_host(tag: &str, value: &Spanned<DeValue<'_>>) -> Result<String, String> {
    let mut tags: Vec<_> = OPERATIONS.iter().map(|operation| operation.tag).collect();
    tags.sort_unstable();
    tags.dedup();
    if !tags.contains(&tag) {
        return Err(unknown("tag", tag, &tags));
    }
    let url = parse_text(tag, value)?;
    check_url(&url).map_err(|problem| format!("the host of {tag} {problem}"))?;
    Ok(url)
}

fn parse_path(name: &str, value: &Spanned<DeValue<'_>>) -> Result<(OperationId, GivenPath), String> {
    let operation = parse_operation(name)?;
    let text = parse_text(name, value)?;
    let form = || {
        format!(
            "{name} must be a method and a path, such as \"{} /api/v0/…\"",
            operation.operation().method
        )
    };
    let (method, path) = text.split_once(' ').ok_or_else(form)?;
    let is_capitals = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
    let method = Method::from_bytes(method.as_bytes())
        .ok()
        .filter(|_| is_capitals)
        .ok_or_else(form)?;
    let template = PathTemplate::new(method, path.trim()).map_err(|error| format!("{name}: {error}"))?;
    Ok((operation, GivenPath { text, template }))
}

fn parse_operation(name: &str) -> Result<OperationId, String> {
    if let Some(operation) = OPERATIONS.iter().find(|operation| operation.name == name) {
        return Ok(operation.id);
    }
    let names: Vec<_> = OPERATIONS.iter().map(|operation| operation.name).collect();
    Err(match closest(name, &names) {
        Some(meant) => format!("there is no operation {name:?}; did you mean {meant}?"),
        None => format!("there is no operation {name:?}; `enkash paths` lists them"),
    })
}

/// What keeps a text from being a base URL. The text itself is not repeated: a URL may carry a password.
pub(super) fn check_url(text: &str) -> Result<(), String> {
    match text.parse::<Url>() {
        Ok(url) if url.has_host() && url.username().is_empty() && url.password().is_none() => Ok(()),
        Ok(_) => Err("must be a URL with a host and without a user name".to_owned()),
        Err(error) => Err(format!("is not a URL: {error}; it begins with https://")),
    }
}

/// A path that does not begin at the root begins at the folder of the file that names it, or at home.
fn resolve(text: &str, base: &Path) -> PathBuf {
    if let Some(rest) = text.strip_prefix("~/")
        && let Ok(home) = etcetera::home_dir()
    {
        return home.join(rest);
    }
    base.join(text)
}

/// Keeps the first diagnostics of a long list, and says how many there were beside them.
fn shorten(diagnostics: &mut Vec<Diagnostic>) {
    let more = diagnostics.len().saturating_sub(MAX_ITEMS);
    let Some(first) = diagnostics.get(MAX_ITEMS) else {
        return;
    };
    let line = first.line;
    diagnostics.truncate(MAX_ITEMS);
    diagnostics.push(Diagnostic::new(line, format!("here, or below, stand {more} more")));
}

/// Where the lines of a text end.
struct Lines(Vec<usize>);

impl Lines {
    fn new(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at).collect())
    }

    /// The line of a byte, from 1.
    fn number_at(&self, byte: usize) -> u64 {
        1 + self.0.partition_point(|end| *end < byte) as u64
    }
}

#[cfg(test)]
mod tests;
