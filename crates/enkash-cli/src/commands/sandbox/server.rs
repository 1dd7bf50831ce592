//! Serves a sandbox until Ctrl-C. Standard output gets exactly one line, which a program can read its settings from; hints for
//! people go to a terminal only. `enkash sandbox` without a subcommand runs it.

use std::{
    fmt::Display,
    io::{self, IsTerminal},
    net::Ipv4Addr,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use enkash_sandbox::{Credentials, FaultRule, Preset, Sandbox, SandboxBuilder, SandboxError, Seed, Switches};

use crate::{
    command::Context,
    exit::{CliError, ExitStatus},
    input_file::{MAX_FAULTS, MAX_SEED, read_text},
    interrupts::Interrupts,
    likeness,
};

/// How the sandbox is set up.
#[derive(clap::Args, Debug)]
pub(super) struct SandboxServer {
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Serve other machines too, under this host name; whoever reaches it has the sandbox. Repeat it for several
    #[arg(long, value_name = "HOST")]
    expose: Vec<String>,
    /// The world to start with, in YAML; see the crate enkash-sandbox for its form
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// A day by name: its switches and its faults. --like, --switch and --faults go on top of it
    #[arg(long, value_name = "NAME", value_parser = presets())]
    preset: Option<Preset>,
    /// How to behave where EnKash's pages are silent; repeat it for several
    #[arg(long = "switch", value_name = "NAME=VALUE")]
    switches: Vec<String>,
    /// Set the switches with which the sandbox answers most as this recording; --switch goes before them
    #[arg(long, value_name = "FILE")]
    like: Vec<PathBuf>,
    /// What goes wrong, as a list of rules in YAML
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    /// Keep the state in this file, and go on from what it holds
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// How many seconds a token lives
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    token_ttl: u64,
}

impl SandboxServer {
    pub(super) async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let mut interrupts = Interrupts::listen()?;
        let switches = self.switches(context).await?;
        let mut sandbox = builder(&self)?.switches(switches).start().await.map_err(|error| {
            let is_port = matches!(error, SandboxError::Bind { .. });
            let mut failure = CliError::from(error);
            if is_port && self.port != 0 {
                failure.message.push_str("\nTake another --port, or 0 for a free one.");
            }
            failure
        })?;
        context.output.json_line(&sandbox.announcement())?;
        if io::stderr().is_terminal() {
            context.output.note(&hints(sandbox.credentials()));
        }
        tokio::select! {
            () = interrupts.wait_for(1) => {
                let violations = sandbox.violations();
                sandbox.shutdown().await;
                match violations.as_slice() {
                    [] => Ok(ExitStatus::Done),
                    faults => Err(CliError::runtime(format!(
                        "faults of the sandbox, please report them:\n{}",
                        faults.join("\n")
                    ))),
                }
            }
            () = sandbox.ended() => Err(CliError::runtime("the sandbox lost its port")),
        }
    }

    /// The switches that are given, over those that the recordings show.
    async fn switches(&self, context: &mut Context<'_>) -> Result<Switches, CliError> {
        let start = self.preset.map_or_else(Switches::new, Preset::switches);
        let mut switches = self.given(start)?;
        if !self.like.is_empty() {
            let report = likeness::compare(&self.like, switches, context.output).await?;
            likeness::lines(&report)
                .iter()
                .for_each(|line| context.output.note(line));
            switches = self.given(report.chosen)?;
        }
        Ok(switches)
    }

    fn given(&self, mut switches: Switches) -> Result<Switches, CliError> {
        for setting in &self.switches {
            let applied = switches.apply(setting);
            applied.map_err(|error| CliError::bad_input(format!("--switch {setting}: {error}")))?;
        }
        Ok(switches)
    }
}

fn builder(arguments: &SandboxServer) -> Result<SandboxBuilder, CliError> {
    let mut builder = Sandbox::builder()
        .port(arguments.port)
        .token_life(Duration::from_secs(arguments.token_ttl));
    if let Some(preset) = arguments.preset {
        builder = builder.preset(preset);
    }
    if !arguments.expose.is_empty() {
        let anywhere = Ipv4Addr::UNSPECIFIED.into();
        builder = builder.bind_beyond_loopback(anywhere, arguments.expose.iter().cloned());
    }
    if let Some(path) = &arguments.seed {
        builder = builder.seed(Seed::from_yaml(&read(path, MAX_SEED)?).map_err(|error| in_file(path, &error))?);
    }
    if let Some(path) = &arguments.faults {
        let rules = FaultRule::list_from_yaml(&read(path, MAX_FAULTS)?).map_err(|error| in_file(path, &error))?;
        builder = rules.into_iter().fold(builder, SandboxBuilder::fault);
    }
    if let Some(path) = &arguments.state {
        builder = builder.state_file(path);
    }
    Ok(builder)
}

fn read(path: &Path, max_bytes: u64) -> Result<String, CliError> {
    read_text(path, max_bytes).map_err(|error| in_file(path, &error))
}

fn in_file(path: &Path, error: &dyn Display) -> CliError {
    CliError::bad_input(format!("{}: {error}", path.display()))
}

fn hints(credentials: &Credentials) -> String {
    let settings = [
        ("ENKASH_BASE_URL", &credentials.url),
        ("ENKASH_PARTNER_ID", &credentials.partner_id),
        ("ENKASH_CLIENT_ID", &credentials.client_id),
        ("ENKASH_CLIENT_SECRET", &credentials.client_secret),
        ("ENKASH_USERNAME", &credentials.username),
        ("ENKASH_PASSWORD", &credentials.password),
        ("ENKASH_COMPANY_ID", &credentials.company_id),
        ("ENKASH_CARD_ACCOUNT_ID", &credentials.card_account_id),
    ];
    let exports: String = settings
        .iter()
        .map(|(name, value)| format!("\n  export {name}='{value}'"))
        .collect();
    let url = &credentials.url;
    let console = if cfg!(feature = "console") {
        format!("\nIn a browser: {url}/ is its console, {url}/docs the API reference.")
    } else {
        String::new()
    };
    format!(
        "The sandbox serves {url} until Ctrl-C. To call it from another terminal:{exports}\n  enkash account{console}"
    )
}

/// The names of presets, each with what happens on that day.
fn presets() -> impl TypedValueParser<Value = Preset> {
    let presets = Preset::ALL.iter();
    let values = presets.map(|preset| PossibleValue::new(preset.name()).help(preset.about()));
    PossibleValuesParser::new(values).try_map(|name| name.parse::<Preset>())
}
