//! What happened to one call: whether it was handed to the transport, and what came back. An outcome rests
//! on this and on nothing else.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use bytes::Bytes;
use http::StatusCode;
use serde_json::Value;

/// How far a call got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sent {
    /// It never passed the send guard.
    #[default]
    Never,
    /// It passed once, and no connection was made.
    ConnectFailed,
    /// It was handed to a connection: from here on the portal may have acted on it.
    HandedOver,
}

/// An answer as it came.
#[derive(Clone)]
pub(crate) struct RawAnswer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
    /// The server's clock, by its `Date` header.
    pub(crate) date: Option<SystemTime>,
}

impl RawAnswer {
    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// The record of one call. Shared between the caller and the pipeline.
#[derive(Default)]
pub(crate) struct CallRecord {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    passes: u32,
    sent: Sent,
    timed_out: bool,
    answer: Option<RawAnswer>,
}

impl CallRecord {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a pass through the send guard; from now on the call counts as handed over.
    pub(super) fn pass(&self) -> u32 {
        let mut state = self.state();
        state.passes += 1;
        state.sent = Sent::HandedOver;
        state.timed_out = false;
        state.answer = None;
        state.passes
    }

    pub(super) fn passes(&self) -> u32 {
        self.state().passes
    }

    /// The transport failed. Only a first pass that never connected proves that nothing was sent.
    pub(super) fn transport_failed(&self, error: &reqwest::Error) {
        let mut state = self.state();
        state.timed_out = error.is_timeout();
        if state.passes == 1 && error.is_connect() {
            state.sent = Sent::ConnectFailed;
        }
    }

    pub(super) fn answer_was_lost(&self, error: &reqwest::Error) {
        self.state().timed_out = error.is_timeout();
    }

    pub(super) fn answered(&self, answer: RawAnswer) {
        self.state().answer = Some(answer);
    }

    pub(crate) fn sent(&self) -> Sent {
        self.state().sent
    }

    pub(crate) fn timed_out(&self) -> bool {
        self.state().timed_out
    }

    pub(crate) fn answer(&self) -> Option<RawAnswer> {
        self.state().answer.clone()
    }
}
