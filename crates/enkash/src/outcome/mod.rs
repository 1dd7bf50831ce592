//! What became of a call that moves value. `Result` cannot say "maybe", so a money call returns an
//! [`Outcome`]. The rules stand in `classify`, in one place, and rest on what was sent and what came back.

pub(crate) mod classify;
pub(crate) mod facts;
pub(crate) mod proof;
pub(crate) mod refusal;
pub(crate) mod settlement;

use std::{fmt, sync::Arc};

use crate::{
    error::Error,
    model::ticket::Ticket,
    outcome::{
        proof::NotSettled,
        settlement::{Settlement, Settler},
    },
    response::Response,
    transport::history::{Attempt, History},
};

/// What became of a call that moves value.
///
/// Only [`Done`](Self::Done), [`Refused`](Self::Refused) and [`NotSent`](Self::NotSent) are certain. After
/// [`Unknown`](Self::Unknown), never repeat the call with a new reference: look first.
///
/// # Cancellation
///
/// A call whose future is dropped has no outcome, and may have happened: treat it as unknown, with the ticket that you stored
/// before it. To end a call in time, give it a [`deadline`](crate::config::CallOptions::deadline): that ends it with an outcome.
#[derive(Clone, Debug)]
#[must_use = "value may have moved: look at the outcome"]
pub enum Outcome<T> {
    /// It happened: the API said so explicitly, and repeated our reference where its pages promise that.
    Done(T),
    /// The API accepted it, and names a state that is not the one state of success that its pages show. That may be one on
    /// the way or, for all that is known, one that is final. Look it up with [`Enkash::settle`](crate::Enkash::settle).
    Pending(Pending),
    /// The API said no, in its own words. Nothing moved.
    Refused(Error),
    /// It never reached the API. It may be sent again, with the same reference.
    NotSent(Error),
    /// It may or may not have happened. The ticket is what to look it up with: see [`Unknown::settle`].
    Unknown(Unknown),
}

/// A call that the API accepted and has not finished.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Pending {
    /// What to look it up with.
    pub ticket: Ticket,
    response: Arc<Response<()>>,
}

impl Pending {
    pub(crate) fn new(ticket: Ticket, response: Response<()>) -> Self {
        Self {
            ticket,
            response: Arc::new(response),
        }
    }

    /// The response that names the state: its status, its headers, its attempts and its raw JSON. After a settlement it is that
    /// of the last look-up.
    #[must_use]
    pub fn response(&self) -> &Response<()> {
        &self.response
    }

    /// The same for one of several intents that travelled in one call.
    pub(crate) fn with_ticket(self, ticket: Ticket) -> Self {
        Self { ticket, ..self }
    }
}

/// A call that may or may not have happened.
#[derive(Clone)]
#[non_exhaustive]
pub struct Unknown {
    /// What to look it up with.
    pub ticket: Ticket,
    /// Why it is not known.
    pub reason: UnknownReason,
    history: Arc<History>,
    settler: Arc<dyn Settler>,
}

impl Unknown {
    pub(crate) fn new(ticket: Ticket, reason: UnknownReason, history: Arc<History>, settler: Arc<dyn Settler>) -> Self {
        Self {
            ticket,
            reason,
            history,
            settler,
        }
    }

    /// Looks up what became of the call, until that is known or a minute has passed: see [`Settlement`].
    ///
    /// Nothing that moves value is sent.
    pub fn settle(&self) -> Settlement {
        Settlement::new(Arc::clone(&self.settler), self.ticket.clone())
    }

    /// The one time that the call was handed to the transport; empty for a ticket that another process stored.
    /// **Do:** log it beside the ticket.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        &self.history.attempts
    }

    /// The same for one of several intents that travelled in one call.
    pub(crate) fn with_ticket(self, ticket: Ticket) -> Self {
        Self { ticket, ..self }
    }
}

impl fmt::Debug for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unknown")
            .field("ticket", &self.ticket)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

/// Why an outcome is not known.
#[derive(Clone)]
#[non_exhaustive]
pub enum UnknownReason {
    /// The request was sent and no response came.
    NoAnswer(Error),
    /// A response came that proves nothing: an undocumented status, a body that cannot be read or decrypted, or a
    /// code that is missing or contradicts another.
    UnclearAnswer(Error),
    /// The API said yes, and repeated another reference than ours.
    OtherReference {
        /// What it repeated, as it wrote it. That may be anything, a person's data too, so `Debug` and `Display` leave it out.
        echoed: String,
    },
    /// The API said yes, and did not repeat our reference where its pages promise that.
    NoReference,
    /// Settlement looked, and could not prove what became of it.
    NotSettled(NotSettled),
}

impl<T> Outcome<T> {
    /// The result, if it is certain that the call happened.
    #[must_use]
    pub fn done(&self) -> Option<&T> {
        match self {
            Self::Done(result) => Some(result),
            _ => None,
        }
    }

    /// The result itself, if it is certain that the call happened; the outcome otherwise.
    ///
    /// # Errors
    ///
    /// Every outcome that is not done, as it was.
    pub fn into_done(self) -> Result<T, Box<Self>> {
        match self {
            Self::Done(result) => Ok(result),
            other => Err(Box::new(other)),
        }
    }

    /// What to settle the call with, where it is pending or unknown.
    #[must_use]
    pub fn ticket(&self) -> Option<&Ticket> {
        match self {
            Self::Pending(pending) => Some(&pending.ticket),
            Self::Unknown(unknown) => Some(&unknown.ticket),
            Self::Done(_) | Self::Refused(_) | Self::NotSent(_) => None,
        }
    }

    /// Whether it is certain that the call happened.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }

    /// Whether the call was accepted and has not finished.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        matches!(self, Self::Pending(_))
    }

    /// Whether it is certain that the call was refused.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        matches!(self, Self::Refused(_))
    }

    /// Whether it is certain that the call was not sent.
    #[must_use]
    pub fn is_not_sent(&self) -> bool {
        matches!(self, Self::NotSent(_))
    }

    /// Whether the call may or may not have happened.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    /// The outcome as a label: `done`, `pending`, `refused`, `not sent` or `unknown`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Done(_) => "done",
            Self::Pending(_) => "pending",
            Self::Refused(_) => "refused",
            Self::NotSent(_) => "not sent",
            Self::Unknown(_) => "unknown",
        }
    }

    /// The same outcome with another result.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Outcome<U> {
        match self {
            Self::Done(result) => Outcome::Done(f(result)),
            Self::Pending(pending) => Outcome::Pending(pending),
            Self::Refused(error) => Outcome::Refused(error),
            Self::NotSent(error) => Outcome::NotSent(error),
            Self::Unknown(unknown) => Outcome::Unknown(unknown),
        }
    }
}

/// The outcome and why it is not done: `refused: …`, `unknown: …`. Nothing secret or personal.
impl<T> fmt::Display for Outcome<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())?;
        match self {
            Self::Done(_) | Self::Pending(_) => Ok(()),
            Self::Refused(error) | Self::NotSent(error) => write!(f, ": {error}"),
            Self::Unknown(unknown) => write!(f, ": {}", unknown.reason),
        }
    }
}

impl fmt::Debug for UnknownReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAnswer(error) => f.debug_tuple("NoAnswer").field(error).finish(),
            Self::UnclearAnswer(error) => f.debug_tuple("UnclearAnswer").field(error).finish(),
            // It is the server's text.
            Self::OtherReference { .. } => f.debug_struct("OtherReference").finish_non_exhaustive(),
            Self::NoReference => f.write_str("NoReference"),
            Self::NotSettled(reason) => f.debug_tuple("NotSettled").field(reason).finish(),
        }
    }
}

impl fmt::Display for UnknownReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAnswer(error) | Self::UnclearAnswer(error) => error.fmt(f),
            Self::OtherReference { .. } => {
                f.write_str("the response repeats another reference than the one that was sent")
            }
            Self::NoReference => f.write_str("the response says yes and does not repeat the reference"),
            Self::NotSettled(reason) => reason.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests;
