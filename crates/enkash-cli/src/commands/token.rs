//! `enkash token`: logs in once, and shows what is known of the token. The token itself is never shown.

use serde_json::json;

use crate::{
    exit::{Exit, Failure},
    output::{Format, Output, listing},
    session::Connection,
};

/// The portal locks an account with the third failure in a row.
const STRIKES_THAT_LOCK: u32 = 3;

pub(super) async fn run(sandbox: bool, output: &mut Output) -> Result<Exit, Failure> {
    let connection = Connection::open(sandbox).await?;
    let state = connection.enkash.token().await?;
    let seconds = state.lifetime_left.map(|left| left.as_secs());
    match output.format {
        Format::Json => output.json(&json!({
            "logged_in": true,
            "lifetime_left_seconds": seconds,
            "strikes": state.strikes,
            "strikes_that_lock": STRIKES_THAT_LOCK,
        }))?,
        Format::Table => {
            for line in listing(&[
                ("log-in", Some("done".to_owned())),
                ("token", seconds.map(|seconds| format!("used for {seconds} s from now"))),
                ("strikes", Some(format!("{} of {STRIKES_THAT_LOCK}", state.strikes))),
            ]) {
                output.line(&line)?;
            }
        }
    }
    Ok(Exit::Done)
}
