//! `enkash record`: serves a recorder until Ctrl-C and writes what it hears, redacted, to a HAR. Standard output gets one line, which a
//! program can read the settings of its client from; hints, progress and the manifest go to standard error.

use std::{
    collections::BTreeMap,
    io::{self, IsTerminal},
    net::Ipv4Addr,
    path::{Path, PathBuf},
};

use enkash::OperationId;
use enkash_recording::{RecordingWriter, RedactedExchange, Redactor};
use serde::Serialize;
use tokio::net::TcpListener;

use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
    interrupts::Interrupts,
    output::Output,
    record::{RecordedLogins, Recorder, Upstream},
    settings::Settings,
};

const HELP: &str = "\
Examples:
  enkash record --to calls.har
  enkash --profile hrms record --to calls.har --port 4010

Then point a client at it from another terminal, with its own login:
  ENKASH_BASE_URL=http://127.0.0.1:4010 \\
    ENKASH_TOKEN_URL=http://127.0.0.1:4010 enkash account
Every program that takes its base URL as a setting can be pointed there.

What leaves the machine is what the client sends; what is written is redacted
first: secrets, tokens, people's data and everything that the documentation
does not call harmless are replaced. `_redaction` in the file counts the rules.

A login is made by the recorder itself, with the client's credentials, and
counts in the ledger of strikes as one of a direct run: a rejected password is
sent once. Calls that move value do so, as without the recorder; the ledger of
runs takes it for a host of its own, so send a file either way and not both.";

/// Record calls to the API in a HAR without secrets and people's data: a proxy on loopback, until Ctrl-C
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Record {
    /// The file to write; one that this command wrote before is gone on with, no other is touched
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
}

/// The line of standard output.
#[derive(Serialize)]
struct Announcement<'a> {
    url: &'a str,
    file: String,
    hosts: Vec<String>,
    settings: BTreeMap<&'static str, &'a str>,
}

impl Command for Record {
    const EFFECT: Effect = Effect::Forwards;
    const OPERATIONS: &'static [OperationId] = &[OperationId::IssueToken];

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        if context.target.sandbox {
            return Err(CliError::bad_input(
                "--sandbox ends with its command. Run `enkash sandbox` in another terminal, set ENKASH_BASE_URL to its \
                 url, and record that.",
            ));
        }
        let mut interrupts = Interrupts::listen()?;
        let settings = Settings::read(context.target.profile.as_deref());
        let upstream = Upstream::from_settings(&settings)?;
        let hosts = upstream.hosts();
        let logins = RecordedLogins::new(upstream.token_url().clone(), &settings)?;
        let redactor =
            Redactor::new(upstream.document().clone()).map_err(|error| CliError::runtime(error.to_string()))?;
        let mut writer = RecordingWriter::open(&self.to).map_err(|error| CliError::bad_input(error.to_string()))?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))
            .await
            .map_err(|error| {
                let port = self.port;
                CliError::runtime(format!(
                    "cannot listen on 127.0.0.1:{port}: {error}\nTake another --port, or 0 for a free one."
                ))
            })?;
        let mut recorder = Recorder::start(listener, upstream, logins)
            .map_err(|error| CliError::runtime(format!("the port is lost: {error}")))?;
        let url = format!("http://{}", recorder.address);
        context.output.json(&Announcement {
            url: &url,
            file: self.to.display().to_string(),
            hosts,
            settings: BTreeMap::from([("ENKASH_BASE_URL", url.as_str()), ("ENKASH_TOKEN_URL", url.as_str())]),
        })?;
        if io::stderr().is_terminal() {
            context.output.note(&hints(&url));
        }
        let result = write_all(&mut recorder, &redactor, &mut writer, &mut interrupts, context.output).await;
        context.output.note(&manifest(&writer, &self.to));
        result
    }
}

/// Writes what the recorder hears until it ends.
async fn write_all(
    recorder: &mut Recorder,
    redactor: &Redactor,
    writer: &mut RecordingWriter,
    interrupts: &mut Interrupts,
    output: &mut Output,
) -> Result<ExitStatus, CliError> {
    let mut stops = 0;
    let mut failure = None;
    loop {
        tokio::select! {
            exchange = recorder.exchanges.recv() => match exchange {
                Some(exchange) if failure.is_none() => {
                    let redacted = redactor.redact(&exchange);
                    drop(exchange);
                    output.note(&progress_line(&redacted));
                    if let Err(error) = writer.append(&redacted) {
                        failure = Some(CliError::runtime(error.to_string()));
                        recorder.end();
                    }
                }
                // What comes behind a failure is not written.
                Some(_) => {}
                None => return match failure {
                    Some(failure) => Err(failure),
                    None if stops > 0 => Ok(ExitStatus::Done),
                    None => Err(CliError::runtime("the recorder lost its port")),
                },
            },
            () = interrupts.wait_for(stops + 1) => {
                stops += 1;
                if stops > 1 {
                    recorder.abort();
                    output.warn("enkash: gave up on requests in flight: the recording lacks them, and they may have been done");
                    return failure.map_or(Ok(ExitStatus::Done), Err);
                }
                recorder.end();
                output.note("enkash: takes no more requests and finishes those in flight; Ctrl-C again gives up on them");
            }
        }
    }
}

/// What was recorded, without a path: that may hold an id.
fn progress_line(redacted: &RedactedExchange) -> String {
    let exchange = redacted.exchange();
    let operation = exchange.operation.as_deref().unwrap_or("an unknown operation");
    let status = match exchange.status {
        0 => "no response".to_owned(),
        status => status.to_string(),
    };
    format!(
        "{} {operation}: {status}, {} ms",
        exchange.method,
        exchange.elapsed.as_millis()
    )
}

fn manifest(writer: &RecordingWriter, file: &Path) -> String {
    let calls = writer.entries();
    let noun = if calls == 1 { "call" } else { "calls" };
    let mut text = format!("{} has {calls} {noun}.", file.display());
    if !writer.counts().is_empty() {
        text.push_str(" What the redaction did, and how often:");
    }
    for (rule, count) in writer.counts() {
        text.push_str(&format!("\n  {rule:<20}{count:>8}"));
    }
    text
}

fn hints(url: &str) -> String {
    format!(
        "The recorder serves {url} until Ctrl-C. To call through it from another terminal:\n  \
         ENKASH_BASE_URL={url} ENKASH_TOKEN_URL={url} enkash account"
    )
}
