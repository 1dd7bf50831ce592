//! Counts what the API may have counted, and lets one login of an account be in flight at a time. The rules stand here,
//! once; a [`StrikeLedger`](super::StrikeLedger) only keeps the record. What an end of a login means is in `effects.rs`.

mod merge;
mod rules;
mod span;

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::auth::{
    clock::wall,
    effects::{Effect, LoginFailure, pause_after},
    error::{LoginError, LoginErrorKind},
    fence::Fence,
    identity::Fingerprint,
    random::random_text,
    strikes::span::Span,
};

pub use rules::LoginRules;

/// The API locks the account with the third.
const LOCKOUT_THRESHOLD: u32 = 3;

/// Beyond this many rejected passwords of one account, the oldest is forgotten.
const REJECTIONS_KEPT: usize = 16;
/// Beyond this many ends of logins, the oldest counts again where it is recorded again.
const ENDS_KEPT: usize = 8;

/// What is kept of one account between logins. It holds fingerprints, counts and times, nothing of the credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StrikeRecord {
    /// Failed logins that the API may have counted since the last success.
    strikes: u32,
    /// The credentials that the API rejected, and with which answer; the latest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rejected: Vec<Rejection>,
    /// The credentials that last succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    succeeded: Option<Fingerprint>,
    /// The login in flight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lease: Option<Lease>,
    /// When the last login paused the next one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pause: Option<Pause>,
    /// Pauses since the last success: each is longer than the one before.
    #[serde(default, skip_serializing_if = "is_zero")]
    pauses: u32,
    /// The number of the last login that was let go.
    #[serde(default, skip_serializing_if = "Fence::is_zero")]
    fence: Fence,
    /// The logins whose failures were recorded last. Who did not hear that one was recorded may record it again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ended: Vec<LeaseId>,
    /// The logins that count as failed since the last success because their leases ended: what is told of them later does not count
    /// once more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    interrupted: Vec<LeaseId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rejection {
    credentials: Fingerprint,
    answer: String,
}

/// The right to log in. It ends by itself, because its holder may be gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lease {
    id: LeaseId,
    credentials: Fingerprint,
    span: Span,
}

/// Tells one lease from all others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct LeaseId(String);

impl LeaseId {
    pub(crate) fn new() -> Self {
        Self(random_text())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pause {
    span: Span,
    reason: String,
}

/// One step in the life of a record. A ledger loads the record of the account, [applies](Self::apply) the step, stores
/// the record, and returns the reply: all of it as one change that nobody else comes between.
#[derive(Clone, Debug)]
pub struct LedgerUpdate {
    step: Step,
    now: SystemTime,
    /// The same moment, or one shortly before, by the clock of who asks.
    asked: SystemTime,
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Look,
    /// A login is about to be sent. The holder of the lease may ask again.
    Reserve {
        lease: LeaseId,
        length: Duration,
    },
    /// It gave no token. To record an end again changes nothing.
    Failed {
        lease: LeaseId,
        error: LoginError,
    },
    Succeeded {
        lease: LeaseId,
    },
    Reset,
}

impl Step {
    /// The lease whose login it tells the end of.
    pub(crate) fn ended_lease(&self) -> Option<&LeaseId> {
        match self {
            Self::Failed { lease, .. } | Self::Succeeded { lease } => Some(lease),
            Self::Look | Self::Reserve { .. } | Self::Reset => None,
        }
    }
}

/// What a step found.
#[derive(Clone, Debug)]
pub struct LedgerReply {
    pub(crate) permit: Permit,
    pub(crate) strikes: u32,
    pub(crate) is_latched: bool,
    /// Until when no login of the account is sent, where time is all that is missing.
    pub(crate) paused_until: Option<SystemTime>,
    /// The number of the last login that was let go.
    pub(crate) fence: Fence,
}

/// Whether a login may be sent.
#[derive(Clone, Debug)]
pub(crate) enum Permit {
    Granted,
    /// Another one is in flight; its lease ends after this time.
    Wait(Duration),
    Refused(LoginError),
}

impl LedgerUpdate {
    pub(crate) fn new(step: Step, now: SystemTime) -> Self {
        let asked = now;
        Self { step, now, asked }
    }

    /// The same step by another clock than that of this machine. **Do:** where a ledger is shared by machines, give the clock
    /// of the database, so that they agree on when a login in flight counts as lost.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Self {
        Self { now: wall(now), ..self }
    }

    /// Changes the record. `credentials` is the fingerprint under the ledger's own key. A record that is as before need not be
    /// stored.
    pub fn apply(&self, record: &mut StrikeRecord, credentials: &Fingerprint) -> LedgerReply {
        let mut reply = self.apply_by_own_clock(record, credentials);
        // Who asks compares it with another clock.
        let theirs = |time: SystemTime| {
            self.asked
                .checked_add(time.duration_since(self.now).unwrap_or_default())
        };
        reply.paused_until = reply.paused_until.and_then(theirs);
        if let Permit::Refused(error) = &mut reply.permit {
            error.retry_at = error.retry_at.and_then(theirs);
        }
        reply
    }

    fn apply_by_own_clock(&self, record: &mut StrikeRecord, credentials: &Fingerprint) -> LedgerReply {
        let now = self.now;
        let mut permit = Permit::Granted;
        match &self.step {
            Step::Look => {
                let mut seen = record.clone();
                seen.catch_up(now);
                return seen.reply(Permit::Granted, credentials, now);
            }
            Step::Reserve { lease, length } => {
                record.catch_up(now);
                permit = record.permit(lease, credentials, now);
                if matches!(permit, Permit::Granted) && record.lease.is_none() {
                    record.fence = record.fence.next(now);
                    record.lease = Some(Lease {
                        id: lease.clone(),
                        credentials: credentials.clone(),
                        span: Span::new(now, *length),
                    });
                }
            }
            Step::Failed { lease, .. } if record.ended.contains(lease) => {}
            Step::Failed { lease, error } => {
                let failure = LoginFailure::from_error(error);
                let is_told = record.release(lease) && failure == LoginFailure::NotSent;
                record.take_back_interruption(lease);
                record.failed(failure, error, credentials, now);
                // What had no effect would drive out what must not have one twice.
                if !is_told {
                    remember(&mut record.ended, lease);
                }
            }
            Step::Succeeded { lease } => {
                // One that outlived its lease may have come before what others counted since: it forgives nothing.
                if record.release(lease) {
                    record.forgive();
                    // It makes nobody else's password right.
                    record.forget_rejection_of(credentials);
                    record.succeeded = Some(credentials.clone());
                }
            }
            Step::Reset => {
                record.catch_up(now);
                record.forgive();
                record.rejected.clear();
            }
        }
        record.reply(permit, credentials, now)
    }
}

impl StrikeRecord {
    /// Whether the record holds nothing back: a ledger need not keep it.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.strikes == 0 && self.rejected.is_empty() && self.lease.is_none() && self.pause.is_none()
    }

    fn reply(&self, permit: Permit, credentials: &Fingerprint, now: SystemTime) -> LedgerReply {
        let is_latched = self.rejection_of(credentials).is_some();
        let waits_for_time = !is_latched && !self.is_held_back();
        let pause = self.pause.as_ref().filter(|_| waits_for_time);
        LedgerReply {
            permit,
            strikes: self.strikes,
            is_latched,
            paused_until: pause.and_then(|pause| pause.span.end(now)),
            fence: self.fence,
        }
    }

    /// The record as of now. A lease that has ended was that of a login which nobody will tell the end of.
    fn catch_up(&mut self, now: SystemTime) {
        if let Some(lease) = &mut self.lease {
            lease.span.begin_by(now);
            if let Some(end) = lease.span.ended(now) {
                let (id, credentials) = (lease.id.clone(), lease.credentials.clone());
                self.lease = None;
                let error = LoginErrorKind::Interrupted.into();
                if self.failed(LoginFailure::Interrupted, &error, &credentials, end).counts {
                    remember(&mut self.interrupted, &id);
                }
            }
        }
        if let Some(pause) = &mut self.pause {
            pause.span.begin_by(now);
            if pause.span.ended(now).is_some() {
                self.pause = None;
            }
        }
    }

    /// Now it is known how the login ended.
    fn take_back_interruption(&mut self, lease: &LeaseId) {
        let others = self.interrupted.len();
        self.interrupted.retain(|interrupted| interrupted != lease);
        if self.interrupted.len() < others {
            self.strikes = self.strikes.saturating_sub(1);
        }
    }

    fn rejection_of(&self, credentials: &Fingerprint) -> Option<&Rejection> {
        self.rejected
            .iter()
            .find(|rejection| rejection.credentials == *credentials)
    }

    fn forget_rejection_of(&mut self, credentials: &Fingerprint) {
        self.rejected.retain(|rejection| rejection.credentials != *credentials);
    }

    fn forgive(&mut self) {
        self.strikes = 0;
        self.pauses = 0;
        self.pause = None;
        self.interrupted.clear();
    }

    /// Gives the lease back. `false` where it has ended, and others may have logged in since.
    fn release(&mut self, id: &LeaseId) -> bool {
        let is_held = self.lease.as_ref().is_some_and(|lease| lease.id == *id);
        if is_held {
            self.lease = None;
        }
        is_held
    }

    /// One more failure could lock the account. That these credentials succeeded once does not help: they may have been
    /// changed since.
    fn is_held_back(&self) -> bool {
        self.strikes.saturating_add(1) >= LOCKOUT_THRESHOLD
    }

    fn permit(&self, id: &LeaseId, credentials: &Fingerprint, now: SystemTime) -> Permit {
        if let Some(rejection) = self.rejection_of(credentials) {
            let answer = rejection.answer.clone();
            return Permit::Refused(LoginErrorKind::Rejected { answer }.into());
        }
        if self.is_held_back() {
            let strikes = self.strikes;
            return Permit::Refused(LoginErrorKind::Withheld { strikes }.into());
        }
        if let Some(pause) = &self.pause {
            let reason = pause.reason.clone();
            let error = LoginError::from(LoginErrorKind::Paused { reason });
            return Permit::Refused(error.until(pause.span.end(now)));
        }
        match &self.lease {
            Some(lease) if lease.id != *id => Permit::Wait(lease.span.left(now)),
            _ => Permit::Granted,
        }
    }

    fn failed(
        &mut self,
        failure: LoginFailure,
        error: &LoginError,
        credentials: &Fingerprint,
        when: SystemTime,
    ) -> Effect {
        let effect = failure.effect(self.succeeded.as_ref() == Some(credentials));
        if effect.counts {
            self.strikes = self.strikes.saturating_add(1);
        }
        if effect.latches {
            self.latch(error, credentials);
        }
        if effect.pauses {
            self.pauses = self.pauses.saturating_add(1);
            self.pause = Some(Pause {
                span: Span::new(when, pause_after(self.pauses)),
                reason: error.kind.to_string(),
            });
        }
        effect
    }

    fn latch(&mut self, error: &LoginError, credentials: &Fingerprint) {
        self.forget_rejection_of(credentials);
        if self.rejected.len() >= REJECTIONS_KEPT {
            self.rejected.remove(0);
        }
        let answer = match &*error.kind {
            LoginErrorKind::Rejected { answer } => answer.clone(),
            _ => String::new(),
        };
        self.rejected.push(Rejection {
            credentials: credentials.clone(),
            answer,
        });
        if self.succeeded.as_ref() == Some(credentials) {
            self.succeeded = None;
        }
    }
}

/// Puts it behind the others, of which the oldest goes.
fn remember(leases: &mut Vec<LeaseId>, lease: &LeaseId) {
    if leases.len() >= ENDS_KEPT {
        leases.remove(0);
    }
    leases.push(lease.clone());
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests;
