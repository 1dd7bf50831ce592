//! `enkash doctor`: looks at everything that a live call rests on, and says what to do where something is wrong. It sends
//! one request without credentials to each host, and logs in only when it is asked to.

mod certificate;
mod check;
mod fleet;
mod hosts;
mod state_files;

use std::time::Duration;

use enkash::{
    OperationId, Timestamp,
    spec::{EvidenceLevel, OPERATIONS, Operation},
};
use serde_json::json;

use self::check::{Check, Status};
use super::token::STRIKES_THAT_LOCK;
use crate::{
    command::{Command, Context, Effect},
    command_line::called_as,
    exit::{CliError, ExitStatus},
    output::{Column, Format, Output, Table, Terminal},
    session::{CallTarget, Connection},
    settings::{Profile, Requirements, SettingKey, Settings},
    state,
};

const HELP: &str = "\
Examples:
  enkash doctor
  enkash --profile hrms doctor --login
  enkash --sandbox doctor --output json

Each host gets one HEAD request for /, without credentials. What a fleet shares
is read, and not changed. Exit code 0 when no check failed, 1 otherwise; a note
or a warning is no failure.";

/// Check settings, hosts, certificates, clock, files, fleet and strikes, without logging in
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Doctor {
    /// Log in as well, if no token is kept: a wrong password costs one of three strikes
    #[arg(long)]
    login: bool,
}

impl Command for Doctor {
    const EFFECT: Effect = Effect::Reads;
    const OPERATIONS: &'static [OperationId] = &[OperationId::IssueToken];

    /// A dry run of it would show nothing.
    fn effect(&self) -> Effect {
        Effect::Local
    }

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let checks = if context.target.sandbox {
            sandbox_checks(&context.target, self.login, context.output).await?
        } else {
            live_checks(&context.target, self.login, context.output).await
        };
        print(&checks, context.output)?;
        Ok(if checks.iter().any(|check| check.status == Status::Fail) {
            ExitStatus::Failure
        } else {
            ExitStatus::Done
        })
    }
}

async fn sandbox_checks(target: &CallTarget, login: bool, output: &mut Output) -> Result<Vec<Check>, CliError> {
    let connection = Connection::open(target, output).await?;
    let mut checks = vec![Check::ok("settings", "a sandbox that lives as long as this command")];
    let url = connection.sandbox_url().unwrap_or_default();
    checks.extend(hosts::check(&[("API host", url.to_owned())], &[]).await);
    if login {
        checks.push(login_check(&connection).await);
    }
    checks.push(paths(None));
    Ok(checks)
}

async fn live_checks(target: &CallTarget, login: bool, output: &mut Output) -> Vec<Check> {
    let settings = Settings::read(target.profile.as_deref());
    let mut checks = vec![check_settings(&settings)];
    let plain_http_hosts = settings
        .profile
        .as_ref()
        .map(|(_, profile)| profile.plain_http_hosts.clone())
        .unwrap_or_default();
    checks.extend(hosts::check(&hosts_of(&settings), &plain_http_hosts).await);
    match state::path() {
        Ok(folder) => {
            checks.push(state_files::check_files(&folder));
            checks.extend(state_files::check_ledger(&folder, settings.ledger_url().as_ref()).await);
        }
        Err(failure) => checks.push(Check::fail("state", failure.message)),
    }
    if let Some(shared) = &settings.fleet {
        checks.extend(fleet::check(shared).await);
    }
    let paths = paths(settings.profile.as_ref().map(|(_, profile)| profile));
    // What is missing for a login is reported with the settings; strikes are counted by host, client and user.
    let needs = Requirements {
        account: false,
        secrets: login,
    };
    if settings.problems(needs).is_empty()
        && let Ok(live) = settings.live(needs)
    {
        match Connection::live(target, live, output) {
            Err(failure) => checks.push(Check::fail("client", failure.message)),
            Ok(connection) => {
                checks.push(check_strikes(&connection).await);
                if login {
                    checks.push(login_check(&connection).await);
                }
            }
        }
    }
    checks.push(paths);
    checks
}

fn check_settings(settings: &Settings) -> Check {
    let problems = settings.problems(Requirements::ALL);
    if !problems.is_empty() {
        return Check::fail("settings", problems.join("; "));
    }
    let value = |key| settings.get(key).unwrap_or_default();
    let source = match &settings.profile {
        Some((_, profile)) => format!("profile {}", profile.name),
        None => "from the environment".to_owned(),
    };
    let mut text = format!(
        "{source}, partner {}, company {}, account {}",
        value(SettingKey::PartnerId),
        value(SettingKey::CompanyId),
        value(SettingKey::CardAccountId)
    );
    if settings.get(SettingKey::Password).is_none() || settings.get(SettingKey::ClientSecret).is_none() {
        text.push_str("; secrets are asked for on the terminal");
    }
    Check::ok("settings", text)
}

/// Every host that a call may go to, by what it is for.
fn hosts_of(settings: &Settings) -> Vec<(&'static str, String)> {
    let base = settings
        .get(SettingKey::BaseUrl)
        .map(|url| ("API host", url.to_owned()));
    let token = settings
        .get(SettingKey::TokenUrl)
        .map(|url| ("token host", url.to_owned()));
    let tags = settings
        .profile_hosts()
        .map(|(_, host)| ("tag host", host.value.clone()));
    token.into_iter().chain(base).chain(tags).collect()
}

async fn check_strikes(connection: &Connection) -> Check {
    let tokens = connection.enkash.token_source();
    let state = match tokens.query_state().await {
        Ok(state) => state,
        Err(error) => return Check::fail("strikes", error.to_string()),
    };
    let mut text = format!("{} of {STRIKES_THAT_LOCK}", state.strikes);
    if let Some(kept) = &connection.state
        && let Some(token) = kept.cached_token(tokens.identity()).await
        && let Ok(ago) = Duration::try_from(Timestamp::now().duration_since(token.issued_at))
    {
        text.push_str(&format!(
            "; the last login that is kept succeeded {} ago",
            format_duration(ago)
        ));
    }
    let enkash = called_as();
    if state.is_latched {
        return Check::fail(
            "strikes",
            format!("{text}; the API rejected these credentials: correct them, or see {enkash} token --reset-strikes"),
        );
    }
    if state.strikes + 1 >= STRIKES_THAT_LOCK {
        return Check::fail(
            "strikes",
            format!(
                "{text}; no login is sent, because one more failure could lock the account: see {enkash} token --reset-strikes"
            ),
        );
    }
    if let Some(Ok(left)) = state
        .paused_until
        .map(|until| Duration::try_from(until.duration_since(Timestamp::now())))
    {
        text.push_str(&format!(
            "; the last login gave no token, and none is sent for another {}",
            format_duration(left)
        ));
        return Check::warn("strikes", text);
    }
    match state.strikes {
        0 => Check::ok("strikes", text),
        _ => Check::warn("strikes", text),
    }
}

async fn login_check(connection: &Connection) -> Check {
    match connection.enkash.token().await {
        Ok(state) => {
            let left = state.lifetime_left.unwrap_or_default();
            Check::ok(
                "log-in",
                format!("there is a token, good for {}", format_duration(left)),
            )
        }
        Err(error) => Check::fail("log-in", CliError::from(error).message),
    }
}

fn paths(profile: Option<&Profile>) -> Check {
    let missing: Vec<_> = unknown_paths()
        .filter(|operation| profile.is_none_or(|profile| !profile.paths.contains_key(&operation.id)))
        .map(|operation| operation.name)
        .collect();
    match missing.len() {
        0 => Check::ok("paths", "every operation has a path"),
        count => Check::note(
            "paths",
            format!(
                "{count} operations need a path from you: {} (see enkash help paths)",
                missing.join(", ")
            ),
        ),
    }
}

/// The operations whose path nobody saw.
fn unknown_paths() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS
        .iter()
        .filter(|operation| operation.evidence.path == EvidenceLevel::Unknown)
}

/// A time in the largest unit that says enough.
fn format_duration(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds / 60),
        seconds @ 7200..172_800 => format!("{} h", seconds / 3600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

fn print(checks: &[Check], output: &mut Output) -> Result<(), CliError> {
    match output.format {
        Format::Json => {
            let failed = checks.iter().filter(|check| check.status == Status::Fail).count();
            output.json(&json!({ "failed": failed, "checks": checks }))
        }
        Format::Table | Format::Csv => {
            let column = || Column::new("", false);
            let columns = vec![column(), column().status(), column()];
            let rows: Vec<_> = checks
                .iter()
                .map(|check| {
                    let detail = check.detail.replace('\n', "; ");
                    vec![check.name.to_owned(), check.status.as_str().to_owned(), detail]
                })
                .collect();
            // Sentences may be folded by a terminal, and need no names above them.
            let terminal = Terminal {
                width: None,
                ..output.terminal()
            };
            let lines = Table::render(columns, &rows, terminal);
            output.print_escaped_lines(&lines[1..])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_said_in_its_largest_unit() {
        for (seconds, said) in [
            (0, "0 s"),
            (119, "119 s"),
            (720, "12 min"),
            (7200, "2 h"),
            (5_270_400, "61 days"),
        ] {
            assert_eq!(format_duration(Duration::from_secs(seconds)), said);
        }
    }
}
