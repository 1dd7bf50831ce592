//! The last gate before reqwest. It records that a request is handed over, and lets a request that must not
//! be repeated through once only, whatever the layers above it do. Nothing reaches the wire without a
//! [`Pass`], and a pass is used up by sending: what "not sent" says rests on that.

use enkash_api::BoxError;
use reqwest::{Request, Response};
use tokio::time::Instant;

use super::{
    Way,
    attempt::Attempt,
    record::Stage,
    timeouts::OutOfTime,
    wire::{Wire, WireError},
};

/// A layer tried to send a request a second time that may be sent once.
#[derive(Debug, thiserror::Error)]
#[error("the request was already sent once and must not be repeated")]
pub(crate) struct SecondPassRefused;

/// Proof that the gate was passed: one request may go out with it.
pub(super) struct Pass {
    pub(super) attempt: Attempt,
    pub(super) began: Instant,
}

/// Lets one attempt through, or says why not.
pub(super) fn pass<W: Wire>(way: &Way<'_, W>, token_generation: Option<u64>) -> Result<Pass, BoxError> {
    let record = way.record;
    if way.policy.is_sent_once() {
        if record.passes() > 0 {
            return Err(SecondPassRefused.into());
        }
        record.enter(Stage::Transport);
        // With no more time left than a connection may take, the end could not be told from a lost answer.
        if way
            .deadline
            .is_some_and(|deadline| deadline.left() <= way.pipeline.timeouts.connect)
        {
            return Err(OutOfTime::of(record).into());
        }
    }
    let (attempt, began) = record.begin_attempt(token_generation);
    Ok(Pass { attempt, began })
}

impl Pass {
    /// Hands the request over.
    pub(super) fn send<'a, W: Wire>(
        self,
        way: &Way<'a, W>,
        request: Request,
    ) -> impl Future<Output = Result<Response, WireError>> + Send + use<'a, W> {
        way.pipeline.wire.send(way.http, request)
    }
}

#[cfg(test)]
mod tests;
