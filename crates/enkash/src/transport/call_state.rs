//! What happened to one call: how far it got, each attempt, and what came back. It travels with the call
//! through the pipeline; an outcome rests on it and on nothing else.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header::DATE};
use tokio::time::Instant;

use crate::{
    envelope::json::{self, Document},
    transport::{
        history::{Attempt, AttemptResult, Attempts, History, SendProgress},
        options::CallOptions,
        retry_after,
    },
};

/// What a call is doing. It says what the time was spent on when it runs out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Stage {
    #[default]
    Start,
    Limits,
    Token,
    Backoff,
    Transport,
}

/// A response as it came, or as it was decrypted. Not to be printed: it may hold a token, and people's data.
#[derive(Clone, Default)]
pub(crate) struct RawResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl RawResponse {
    /// The server's clock.
    pub(crate) fn server_now(&self) -> Option<SystemTime> {
        retry_after::date(self.headers.get(DATE)?)
    }

    /// How long the server asks to wait, in a response that is no success.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        if self.status.is_success() {
            return None;
        }
        retry_after::read(&self.headers)
    }

    pub(crate) fn json(&self) -> Option<Document<'_>> {
        json::read(&self.body)
    }
}

/// The record of one call. Shared between the caller and the pipeline.
pub(crate) struct CallState {
    pub(crate) options: CallOptions,
    /// How long a body may be that the low level decodes. The caller reads a longer one from here.
    pub(crate) max_decoded: usize,
    pub(crate) started: Instant,
    state: Mutex<State>,
}

struct State {
    stage: Stage,
    attempts: Attempts,
    /// Since when the last attempt runs, until it has ended.
    running: Option<Instant>,
    /// When the call began, or its last attempt ended.
    idle_since: Instant,
    was_replayed_after_401: bool,
    answer: Option<RawResponse>,
}

impl Default for CallState {
    fn default() -> Self {
        Self::new(CallOptions::default())
    }
}

impl CallState {
    pub(crate) fn new(options: CallOptions) -> Self {
        let started = Instant::now();
        Self {
            options,
            max_decoded: usize::MAX,
            started,
            state: Mutex::new(State {
                stage: Stage::default(),
                attempts: Attempts::new(),
                running: None,
                idle_since: started,
                was_replayed_after_401: false,
                answer: None,
            }),
        }
    }

    /// For a caller who reads longer bodies than this itself.
    pub(crate) fn decoded_up_to(mut self, max_bytes: usize) -> Self {
        self.max_decoded = max_bytes;
        self
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that holds the lock can leave it half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn enter(&self, stage: Stage) {
        self.state().stage = stage;
    }

    pub(crate) fn stage(&self) -> Stage {
        self.state().stage
    }

    /// An attempt begins, with the token of this generation: until its end proves otherwise, the call counts as handed over.
    pub(crate) fn begin_attempt(&self, token_generation: Option<u64>) -> (Attempt, Instant) {
        let now = Instant::now();
        let mut state = self.state();
        state.answer = None;
        state.running = Some(now);
        state.stage = Stage::Transport;
        let attempt = Attempt {
            number: u32::try_from(state.attempts.len() + 1).unwrap_or(u32::MAX),
            waited: now.duration_since(state.idle_since),
            token_generation,
            result: AttemptResult::Aborted,
            elapsed: Duration::ZERO,
        };
        state.attempts.push(attempt.clone());
        (attempt, now)
    }

    /// The last attempt ended a moment ago. A call may be judged by its response, if there is one.
    pub(crate) fn end_attempt(&self, result: AttemptResult, now: Instant, answer: Option<RawResponse>) {
        let mut state = self.state();
        let began = state.running.take().unwrap_or(now);
        state.idle_since = now;
        state.answer = answer;
        if let Some(last) = state.attempts.last_mut() {
            last.result = result;
            last.elapsed = now.duration_since(began);
        }
    }

    /// The response is given up for another attempt, or is not one that a call may be judged by.
    pub(crate) fn forget_answer(&self) {
        self.state().answer = None;
    }

    /// Whether the one replay that follows a 401 is still to be had; it is used up by asking.
    pub(crate) fn take_replay_after_401(&self) -> bool {
        !std::mem::replace(&mut self.state().was_replayed_after_401, true)
    }

    pub(crate) fn attempt_count(&self) -> usize {
        self.state().attempts.len()
    }

    /// How many attempts there were, and how the last one ended.
    pub(crate) fn progress(&self) -> (usize, Option<AttemptResult>) {
        let state = self.state();
        (
            state.attempts.len(),
            state.attempts.last().map(|attempt| attempt.result),
        )
    }

    /// How far the call got.
    pub(crate) fn sent(&self) -> SendProgress {
        SendProgress::by(&self.state().attempts)
    }

    /// Whether time ran out on the last attempt.
    pub(crate) fn timed_out(&self) -> bool {
        matches!(
            self.progress().1,
            Some(AttemptResult::TimedOut | AttemptResult::Aborted)
        )
    }

    /// How long the last response asks to wait.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.state().answer.as_ref()?.retry_after()
    }

    /// What became of the call: the response that it may be judged by, which is there once, and what happened so far. An attempt
    /// that still runs counts as cut off.
    pub(crate) fn take_result(&self) -> (Option<RawResponse>, History) {
        let mut state = self.state();
        let answer = state.answer.take();
        let mut attempts = state.attempts.clone();
        if let (Some(began), Some(last)) = (state.running, attempts.last_mut()) {
            last.elapsed = began.elapsed();
        }
        let history = History {
            attempts,
            retry_after: answer.as_ref().and_then(RawResponse::retry_after),
        };
        (answer, history)
    }

    #[cfg(test)]
    pub(crate) fn history(&self) -> History {
        self.take_result().1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_call_has_one_replay_after_a_401() {
        let record = CallState::default();
        assert!(record.take_replay_after_401());
        assert!(!record.take_replay_after_401());
    }

    #[tokio::test]
    async fn an_attempt_that_still_runs_counts_as_handed_over_and_cut_off() {
        let record = CallState::default();
        assert_eq!(record.sent(), SendProgress::Never);
        record.begin_attempt(None);
        record.end_attempt(AttemptResult::NotConnected, Instant::now(), None);
        assert_eq!(record.sent(), SendProgress::ConnectFailed);
        record.begin_attempt(None);
        assert_eq!(record.sent(), SendProgress::HandedOver);
        assert!(record.timed_out());
        assert_eq!(record.history().attempts[1].result, AttemptResult::Aborted);
    }
}
