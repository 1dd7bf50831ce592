//! The logins that a command leaves behind. A token that is about to end is replaced beside a call, so a command may be done before its
//! login is: cut off, that login would count as one without response, and nobody else could log in for a while. Sessions name
//! their sources of tokens here, and each command ends with [`Logins::close`].

use std::{
    process,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use enkash::token::TokenSource;
use tokio::time::{Instant, timeout_at};

use crate::{
    exit::{CliError, ExitStatus},
    interrupts::Interrupts,
    output::{Output, hold_output},
};

/// How much longer than its work a command may take. A login takes less than a second, unless the host is in trouble.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// The sources of tokens of one command. Cloning shares them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Logins {
    sources: Arc<Mutex<Vec<TokenSource>>>,
    ends_on_signal: bool,
}

impl Logins {
    /// For a command that can be ended at any time and listens to no signal of its own: from its first login on, a signal ends it
    /// when that login is done, and a second signal ends it at once.
    pub(crate) fn until_signal() -> Self {
        Self {
            ends_on_signal: true,
            ..Self::default()
        }
    }

    pub(crate) fn add(&self, source: TokenSource) -> Result<(), CliError> {
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        if sources.is_empty() && self.ends_on_signal {
            let interrupts = Interrupts::listen()?;
            tokio::spawn(end_on_signal(self.clone(), interrupts));
        }
        sources.push(source);
        Ok(())
    }

    /// Waits for logins that run behind, for a while.
    pub(crate) async fn close(&self, output: &mut Output) {
        if let Err(problem) = self.wait().await {
            output.warn(&format!("warning: {problem}"));
        }
    }

    async fn wait(&self) -> Result<(), String> {
        let sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let deadline = Instant::now() + CLOSE_TIMEOUT;
        let mut problem = None;
        // They run beside each other, so the time is that of the longest.
        for source in sources {
            match timeout_at(deadline, source.close()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    problem = Some(format!(
                        "the end of the last login could not be recorded: it counts as one without response ({error})"
                    ));
                }
                Err(_) => {
                    problem = Some(format!(
                        "a login had no response for {} s and was given up: it counts as one without response",
                        CLOSE_TIMEOUT.as_secs()
                    ));
                }
            }
        }
        problem.map_or(Ok(()), Err)
    }
}

/// Ends the program from here: what it is at may be a write that nobody reads.
async fn end_on_signal(logins: Logins, mut interrupts: Interrupts) {
    interrupts.wait_for(1).await;
    tokio::select! {
        _ = logins.wait() => {}
        () = interrupts.wait_for(2) => {}
    }
    let _held = hold_output().await;
    process::exit(ExitStatus::Interrupted as i32)
}
