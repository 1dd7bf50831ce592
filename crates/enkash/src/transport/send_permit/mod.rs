//! The last gate before reqwest. It records that a request is handed over, and lets a request that must not
//! be repeated through once only, whatever the layers above it do. Nothing reaches the sender without a
//! [`SendPermit`], and a pass is used up by sending: what "not sent" says rests on that.

use std::time::Duration;

use enkash_api::BoxError;
use enkash_policy::OperationPolicy;
use reqwest::{Request, Response};
use tokio::time::Instant;

use crate::transport::{
    call_state::{CallState, Stage},
    deadline::{Deadline, DeadlineExceeded},
    history::Attempt,
    sender::{HttpSender, SendError},
};

/// A layer tried to send a request a second time that may be sent once.
#[derive(Debug, thiserror::Error)]
#[error("the request was already sent once and must not be repeated")]
pub(crate) struct AlreadySent;

/// Proof that the gate was passed: one request may go out with it.
pub(crate) struct SendPermit {
    pub(crate) attempt: Attempt,
    pub(crate) began: Instant,
}

impl SendPermit {
    /// Lets one attempt through, or says why not.
    pub(crate) fn acquire(
        state: &CallState,
        policy: &OperationPolicy,
        deadline: Option<Deadline>,
        connect_timeout: Duration,
        token_generation: Option<u64>,
    ) -> Result<Self, BoxError> {
        if policy.is_sent_once() {
            if state.attempt_count() > 0 {
                return Err(AlreadySent.into());
            }
            state.enter(Stage::Transport);
            // With no more time left than a connection may take, the end could not be told from a lost response.
            if deadline.is_some_and(|deadline| deadline.left() <= connect_timeout) {
                return Err(DeadlineExceeded::new(state).into());
            }
        }
        let (attempt, began) = state.begin_attempt(token_generation);
        Ok(Self { attempt, began })
    }

    /// Hands the request over.
    pub(crate) fn send<S: HttpSender>(
        self,
        sender: &S,
        http: &reqwest::Client,
        request: Request,
    ) -> impl Future<Output = Result<Response, SendError>> + Send {
        sender.send(http, request)
    }
}

#[cfg(test)]
mod tests;
