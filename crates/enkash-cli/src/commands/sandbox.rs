//! `enkash sandbox`: serves a sandbox until Ctrl-C. Standard output gets exactly one line, which a program
//! can read its settings from; hints for people go to a terminal only.

use std::{
    fmt::Display,
    io::{self, IsTerminal},
    net::Ipv4Addr,
    path::Path,
    time::Duration,
};

use enkash_sandbox::{Credentials, FaultRule, Sandbox, SandboxBuilder, Seed, Switches};

use crate::{
    cli,
    exit::{Exit, Failure},
    input_file::{MAX_FAULTS, MAX_SEED, read_text},
    interrupts::Interrupts,
    output::Output,
};

pub(super) async fn run(arguments: cli::SandboxServer, output: &mut Output) -> Result<Exit, Failure> {
    let mut interrupts = Interrupts::listen()
        .map_err(|error| Failure::environment(format!("Ctrl-C cannot be listened for: {error}")))?;
    let mut sandbox = builder(&arguments)?.start().await.map_err(|error| {
        let mut failure = Failure::from(error);
        if arguments.port != 0 {
            failure.message.push_str("\nTake another --port, or 0 for a free one.");
        }
        failure
    })?;
    output.line(&sandbox.announcement())?;
    if io::stderr().is_terminal() {
        output.note(&hints(sandbox.credentials()));
    }
    tokio::select! {
        () = interrupts.reach(1) => {
            let violations = sandbox.violations();
            sandbox.shutdown().await;
            match violations.as_slice() {
                [] => Ok(Exit::Done),
                faults => Err(Failure::environment(format!(
                    "faults of the sandbox, please report them:\n{}",
                    faults.join("\n")
                ))),
            }
        }
        () = sandbox.ended() => Err(Failure::environment("the sandbox lost its port")),
    }
}

fn builder(arguments: &cli::SandboxServer) -> Result<SandboxBuilder, Failure> {
    let mut builder = Sandbox::builder()
        .port(arguments.port)
        .token_life(Duration::from_secs(arguments.token_ttl));
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
    let mut switches = Switches::new();
    for setting in &arguments.switches {
        switches
            .apply(setting)
            .map_err(|error| Failure::bad_input(format!("--switch {setting}: {error}")))?;
    }
    Ok(builder.switches(switches))
}

fn read(path: &Path, max_bytes: u64) -> Result<String, Failure> {
    read_text(path, max_bytes).map_err(|error| in_file(path, &error))
}

fn in_file(path: &Path, error: &dyn Display) -> Failure {
    Failure::bad_input(format!("{}: {error}", path.display()))
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
