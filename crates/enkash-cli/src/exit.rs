//! How the program ends: the documented exit codes, and the failure that every command returns. Commands
//! turn errors of the client and of the environment into a [`CliError`] here, so that one kind of trouble
//! ends everywhere with the same code and the same advice.

use std::{
    io::{self, IsTerminal},
    process::ExitCode,
};

use enkash_api::escape_controls;

use crate::command_line::called_as;

/// The exit codes, as `--help` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    Done = 0,
    /// The program, the machine or the API failed, and nothing is in doubt.
    Failure = 1,
    BadInput = 2,
    Refused = 3,
    /// A call that moves value may or may not have happened.
    Unknown = 4,
    Credentials = 5,
    NotSent = 6,
    Interrupted = 130,
    BrokenPipe = 141,
}

impl ExitStatus {
    /// Each with what the help says of it.
    pub(crate) const ALL: &'static [(Self, &'static str)] = &[
        (Self::Done, "done"),
        (
            Self::Failure,
            "the program, the machine or the API failed; no value is in doubt",
        ),
        (Self::BadInput, "the input or the usage is wrong; nothing was sent"),
        (
            Self::Refused,
            "the API refused; nothing moved in the calls that it refused",
        ),
        (
            Self::Unknown,
            "unknown or not finished: value may have moved, look before you repeat",
        ),
        (Self::Credentials, "the credentials were not accepted"),
        (Self::NotSent, "not sent"),
        (
            Self::Interrupted,
            "ended by Ctrl-C or another signal; nothing is unknown",
        ),
        (Self::BrokenPipe, "the reader of standard output went away"),
    ];

    /// What a run of many calls ends with: what became of value goes first, and of that what needs a person's eye first.
    pub(crate) fn worst_of(all: impl IntoIterator<Item = Self>) -> Self {
        const BY_URGENCY: [ExitStatus; 8] = [
            ExitStatus::Unknown,
            ExitStatus::Interrupted,
            ExitStatus::Refused,
            ExitStatus::Credentials,
            ExitStatus::NotSent,
            ExitStatus::BrokenPipe,
            ExitStatus::Failure,
            ExitStatus::BadInput,
        ];
        let urgency = |exit: &Self| BY_URGENCY.iter().position(|known| known == exit);
        let ended = all.into_iter().filter_map(|exit| urgency(&exit)).min();
        ended.map_or(Self::Done, |place| BY_URGENCY[place])
    }

    /// What an error of the client means for the one who called. It is not for calls that move value: those
    /// have outcomes.
    pub(crate) fn from_error(error: &enkash::Error) -> Self {
        if error.is_invalid_input() {
            Self::BadInput
        } else if error.is_account_at_risk() || error.status().is_some_and(|status| status.as_u16() == 401) {
            Self::Credentials
        } else if error.is_refused() {
            Self::Refused
        } else if !error.was_sent() {
            Self::NotSent
        } else {
            Self::Failure
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(exit: ExitStatus) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command ended early.
#[derive(Debug)]
pub(crate) struct CliError {
    pub(crate) exit: ExitStatus,
    /// Printed on standard error; empty where nobody reads it.
    pub(crate) message: String,
}

/// What to do after a login that the API counted or may have counted; the library words its own advice for programs.
pub(crate) fn credentials_advice(error: &enkash::Error) -> Option<String> {
    let reset = format!(
        "`{} token --reset-strikes` lets the next run log in again; for the redemption user's login add --as-user.",
        called_as()
    );
    if error.is_credentials_rejected() {
        Some(format!(
            "Later runs send no login with these credentials either. Correct them: others are tried at once. If you know that \
             these are right, {reset}"
        ))
    } else if error.is_account_at_risk() {
        // The next failure could be the third.
        Some(format!(
            "Later runs send no login for this account either, whatever the credentials. Find out by other means that they are \
             right: then {reset}"
        ))
    } else {
        None
    }
}

impl CliError {
    fn new(exit: ExitStatus, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { exit, message }
    }

    pub(crate) fn bad_input(message: impl Into<String>) -> Self {
        Self::new(ExitStatus::BadInput, message)
    }

    pub(crate) fn not_sent(message: impl Into<String>) -> Self {
        Self::new(ExitStatus::NotSent, message)
    }

    pub(crate) fn runtime(message: impl Into<String>) -> Self {
        Self::new(ExitStatus::Failure, message)
    }

    /// Standard output cannot be written.
    pub(crate) fn from_output(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::new(ExitStatus::BrokenPipe, ""),
            _ => Self::runtime(format!("standard output cannot be written: {error}")),
        }
    }
}

fn too_large_advice(error: &enkash::Error) -> Option<&'static str> {
    error
        .is_response_too_large()
        .then_some("If such a response is right, raise the limit in a profile, under [profile.NAME.response_limits].")
}

fn unreachable_advice(error: &enkash::Error) -> Option<String> {
    let advice = || format!("`{} doctor` checks each host that your settings name.", called_as());
    error.is_unreachable().then(advice)
}

/// The API's own words, where the text of the error leaves them out because they may name a person. A terminal has a person
/// before it; anything else may be a log.
fn own_words(message: &str, is_terminal: bool) -> String {
    match is_terminal {
        true => format!("The API's own words: {}", escape_controls(message)),
        false => "On a terminal this command shows the API's own words.".to_owned(),
    }
}

impl From<enkash::Error> for CliError {
    fn from(error: enkash::Error) -> Self {
        let exit = ExitStatus::from_error(&error);
        let advice = credentials_advice(&error)
            .or_else(|| too_large_advice(&error).map(str::to_owned))
            .or_else(|| unreachable_advice(&error))
            .or_else(|| {
                let message = error.message().filter(|_| error.message_may_name_a_person())?;
                Some(own_words(message, io::stderr().is_terminal()))
            });
        let advice = advice.map(|advice| format!("\n{advice}"));
        Self {
            exit,
            message: format!("{error}{}", advice.unwrap_or_default()),
        }
    }
}

impl From<enkash_sandbox::SandboxError> for CliError {
    fn from(error: enkash_sandbox::SandboxError) -> Self {
        // A state file that cannot be used is named by its own error, with everything that helps.
        if let enkash_sandbox::SandboxError::StateFile(error) = &error {
            return Self::bad_input(format!("the sandbox cannot start: {error}"));
        }
        let cause = std::error::Error::source(&error)
            .map(|cause| format!(": {cause}"))
            .unwrap_or_default();
        Self::runtime(format!("the sandbox cannot start: {error}{cause}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_name_a_person_is_shown_on_a_terminal_alone() {
        let message = "no account for Meera\u{1b}[2J";
        assert_eq!(
            own_words(message, true),
            r"The API's own words: no account for Meera\u001b[2J"
        );
        assert!(!own_words(message, false).contains("Meera"));
    }

    #[test]
    fn unknown_wins_and_refused_wins_over_not_sent() {
        let worst = |all: &[ExitStatus]| ExitStatus::worst_of(all.iter().copied());
        assert_eq!(
            worst(&[
                ExitStatus::Done,
                ExitStatus::NotSent,
                ExitStatus::Refused,
                ExitStatus::Unknown,
                ExitStatus::Interrupted
            ]),
            ExitStatus::Unknown
        );
        assert_eq!(
            worst(&[
                ExitStatus::NotSent,
                ExitStatus::Refused,
                ExitStatus::Done,
                ExitStatus::Credentials
            ]),
            ExitStatus::Refused
        );
        assert_eq!(
            worst(&[ExitStatus::NotSent, ExitStatus::Credentials]),
            ExitStatus::Credentials
        );
        assert_eq!(worst(&[ExitStatus::Done, ExitStatus::NotSent]), ExitStatus::NotSent);
        assert_eq!(worst(&[ExitStatus::Done, ExitStatus::Done]), ExitStatus::Done);
        assert_eq!(worst(&[]), ExitStatus::Done);
    }
}
