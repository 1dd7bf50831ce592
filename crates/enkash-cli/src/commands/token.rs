//! `enkash token`: logs in if no token is kept, and shows what is known of the token and of failed logins. The token
//! itself is never shown. With `--reset-strikes` it sends nothing and forgets the failures.

use enkash::{OperationId, Timestamp};
use serde_json::json;

use crate::{
    command::{Command, Context, Effect},
    confirm::{Question, confirm},
    exit::{CliError, ExitStatus},
    output::{Format, Output, key_value_lines},
    session::Connection,
    state::LoginState,
};

/// The API locks an account with the third failure in a row.
pub(super) const STRIKES_THAT_LOCK: u32 = 3;

const HELP: &str = "\
Examples:
  enkash --sandbox token
  enkash --sandbox token --output json
  enkash token --reset-strikes
  enkash token --as-user

The token is kept for the next run, and so is the count of failed logins, in
files that only you can read: in the platform's state folder, or in
ENKASH_STATE_DIR. A fleet keeps both in a database, for all its processes (see
enkash help profile). The third failure in a row locks the account, so the
first that the API rejects stops all further logins with the same credentials.
--no-token-cache keeps no token; failures are counted all the same.";

/// Log in if no token is kept, and show the state of the token; never the token
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Token {
    /// Forget the failed logins that were counted, so that the next run logs in again; sends nothing
    #[arg(long)]
    reset_strikes: bool,
    /// The token and the strikes of the redemption user, not of the partner
    #[arg(long)]
    as_user: bool,
    /// Reset without asking
    #[arg(long, requires = "reset_strikes")]
    yes: bool,
}

impl Command for Token {
    const EFFECT: Effect = Effect::Reads;
    const OPERATIONS: &'static [OperationId] = &[OperationId::IssueToken];

    fn effect(&self) -> Effect {
        if self.reset_strikes {
            Effect::Local
        } else {
            Self::EFFECT
        }
    }

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let (connection, _redemption) = context.redemption(self.as_user).await?;
        if self.reset_strikes {
            return forget_strikes(&connection, self.yes, context.output).await;
        }
        let started = Timestamp::now();
        connection.enkash.token().await?;
        let tokens = connection.enkash.token_source();
        // The ledger's own count: a token that was kept needs no login, which would have asked it.
        let state = tokens.query_state().await?;
        let (kept, place) = match &connection.state {
            Some(state) => (state.cached_token(tokens.identity()).await, state.token_place()),
            None => (None, None),
        };
        let from_earlier_run = kept.is_some_and(|kept| kept.issued_at < started);
        let seconds = state.lifetime_left.map(|left| left.as_secs());
        match context.output.format {
            Format::Json => context.output.json(&json!({
                "logged_in": true,
                "from_earlier_run": from_earlier_run,
                "lifetime_left_seconds": seconds,
                "kept_in": place,
                "strikes": state.strikes,
                "strikes_that_lock": STRIKES_THAT_LOCK,
            }))?,
            Format::Table | Format::Csv => {
                let login = if from_earlier_run {
                    "not needed: the token of an earlier run is good"
                } else {
                    "done"
                };
                context.output.print_lines(key_value_lines(&[
                    ("log-in", Some(login.to_owned())),
                    ("token", seconds.map(|seconds| format!("used for {seconds} s from now"))),
                    ("kept in", place),
                    ("strikes", Some(format!("{} of {STRIKES_THAT_LOCK}", state.strikes))),
                ]))?;
            }
        }
        Ok(ExitStatus::Done)
    }
}

async fn forget_strikes(connection: &Connection, yes: bool, output: &mut Output) -> Result<ExitStatus, CliError> {
    let tokens = connection.enkash.token_source();
    let before = tokens.query_state().await?;
    let fleet = connection.state.as_ref().and_then(LoginState::fleet_place);
    let fleet = fleet.map(|place| format!(" by the fleet in {place}, for all its processes"));
    let counted = format!(
        "{} of {STRIKES_THAT_LOCK} failed logins are counted{}{}.",
        before.strikes,
        fleet.unwrap_or_default(),
        if before.is_latched {
            ", and the API rejected these credentials"
        } else {
            ""
        },
    );
    let question = Question {
        intent: &[
            &counted,
            "The API keeps its own count: if the credentials are wrong, one more login may lock the account, and no page \
             says how to unlock it.",
        ],
        verb: "Reset the strikes",
        why: "the next run will log in again",
    };
    confirm(output, &question, yes)?;
    tokens.reset_latch().await?;
    match output.format {
        Format::Json => output.json(&json!({
            "reset": true,
            "strikes_before": before.strikes,
            "strikes": 0,
            "strikes_that_lock": STRIKES_THAT_LOCK,
        }))?,
        Format::Table | Format::Csv => output.print_line(&format!(
            "strikes  0 of {STRIKES_THAT_LOCK}; the next run logs in again"
        ))?,
    }
    Ok(ExitStatus::Done)
}
