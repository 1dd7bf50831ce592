//! `enkash sandbox`: serves a sandbox until Ctrl-C. Standard output gets exactly one line, which a program
//! can read its settings from; hints for people go to a terminal only.

use std::io::{self, IsTerminal};

use enkash_sandbox::{Credentials, Sandbox};

use crate::{
    cli,
    exit::{Exit, Failure},
    interrupts::Interrupts,
    output::Output,
};

pub(super) async fn run(arguments: cli::SandboxServer, output: &mut Output) -> Result<Exit, Failure> {
    let mut interrupts = Interrupts::listen()
        .map_err(|error| Failure::environment(format!("Ctrl-C cannot be listened for: {error}")))?;
    let mut sandbox = Sandbox::builder().port(arguments.port).start().await.map_err(|error| {
        let mut failure = Failure::from(error);
        if arguments.port != 0 {
            failure.message.push_str("\nTake another --port, or 0 for a free one.");
        }
        failure
    })?;
    output.json(sandbox.credentials())?;
    if io::stderr().is_terminal() {
        output.note(&hints(sandbox.credentials()));
    }
    tokio::select! {
        () = interrupts.reach(1) => {
            sandbox.shutdown().await;
            Ok(Exit::Done)
        }
        () = sandbox.ended() => Err(Failure::environment("the sandbox lost its port")),
    }
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
    format!(
        "The sandbox serves {} until Ctrl-C. To call it from another terminal:{exports}\n  enkash account",
        credentials.url
    )
}
