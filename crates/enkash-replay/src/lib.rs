#![doc = include_str!("../README.md")]

mod answer;
mod error;
mod player;
mod report;
mod search;
mod shape;
mod substitution;

use enkash_recording::Recording;
use enkash_sandbox::Switches;

pub use error::ReplayError;
pub use report::{Comparison, FieldDifference, OperationReport, Report, SwitchChoice};

/// More exchanges than this are not played: the first ones are.
pub const MAX_EXCHANGES: usize = 200;

/// Plays a recording against sandboxes, and finds the switches with which they agree most. `start` is what is set already, and
/// stays unless another value of a switch agrees more.
///
/// # Errors
///
/// A sandbox cannot be started or reached.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use enkash_recording::Recording;
/// use enkash_sandbox::Switches;
///
/// let recording = Recording::from_slice(br#"{
///     "request": {"method": "POST", "url": "/oauth/token", "headers": {"content-type": "application/x-www-form-urlencoded"},
///         "body": "username=a&password=b&grant_type=password&clientId=c"},
///     "response": {"status": 200, "body": {"accessToken": "t", "tokenType": "bearer", "refreshToken": "r", "expiresIn": 300,
///         "scope": "read"}}
/// }"#)?;
/// let report = enkash_replay::compare(&recording, Switches::new()).await?;
/// let choice = report.switches.iter().find(|choice| choice.name == "token_casing").ok_or("it is a switch")?;
/// assert_eq!((choice.value.as_str(), choice.is_shown), ("camel", true));
/// # Ok(()) }
/// ```
pub async fn compare(recording: &Recording, start: Switches) -> Result<Report, ReplayError> {
    search::Search::new(recording, start)?.run().await
}
