//! Counts what the portal may have counted. Three failed log-ins in a row lock the account, and nothing
//! documents how to unlock it: one rejection is enough to stop, and a third attempt is never made by
//! itself. The rules stand here, once; a [`StrikeLedger`](super::StrikeLedger) only keeps the record.

use std::time::Duration;

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{
    error::{LogInError, LogInErrorKind},
    identity::Fingerprint,
};

/// The portal locks the account with the third.
const LOCKS_AT: u32 = 3;

/// Beyond this many rejected passwords of one account, the oldest is forgotten.
const REJECTIONS_KEPT: usize = 16;

/// Which answers to a log-in are the portal's own no. The defaults are cautious readings of pages that show no error at
/// all: who knows the portal better can say so here.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LogInRules {
    rejected: Vec<u16>,
}

impl Default for LogInRules {
    /// 400 and 401 with a JSON body are a rejection. A failure inside a 2xx always is. Every other answer may be a
    /// gateway's, and counts as a possible strike.
    fn default() -> Self {
        Self {
            rejected: vec![400, 401],
        }
    }
}

impl LogInRules {
    /// Takes an answer of this status with a JSON body for the portal's no: no further log-in is sent.
    #[must_use]
    pub fn rejected_by(mut self, status: StatusCode) -> Self {
        self.rejected.push(status.as_u16());
        self
    }

    pub(super) fn is_rejection(&self, status: StatusCode) -> bool {
        self.rejected.contains(&status.as_u16())
    }
}

/// What a failed log-in means for the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Verdict {
    /// The portal said no. Nothing more is sent with these credentials.
    Rejected,
    /// Something answered; whether the portal counted it is not known.
    Doubtful,
    /// It was sent and no answer came.
    Lost,
    /// It was never sent.
    NotSent,
}

impl Verdict {
    pub(super) fn of(error: &LogInError) -> Self {
        match &*error.kind {
            LogInErrorKind::Rejected { .. } => Self::Rejected,
            LogInErrorKind::Status { .. } | LogInErrorKind::Unreadable => Self::Doubtful,
            LogInErrorKind::Lost { .. } | LogInErrorKind::Interrupted => Self::Lost,
            LogInErrorKind::HeldBack { .. }
            | LogInErrorKind::Unreachable
            | LogInErrorKind::NotSent { .. }
            | LogInErrorKind::Ledger { .. }
            | LogInErrorKind::NoRuntime => Self::NotSent,
        }
    }

    /// How long no other log-in is sent after so many failures in a row.
    pub(super) fn pause(self, failures: u32) -> Duration {
        let (first, most) = match self {
            // The latch stops it for good.
            Self::Rejected => (0, 0),
            Self::Doubtful => (30, 300),
            Self::Lost => (2, 60),
            Self::NotSent => (1, 30),
        };
        let doubled: u64 = first << failures.saturating_sub(1).min(8);
        Duration::from_secs(doubled.min(most))
    }
}

/// What is kept of one account between log-ins. It holds fingerprints and counts, nothing of the credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StrikeRecord {
    /// Failed log-ins that the portal may have counted since the last success.
    strikes: u32,
    /// The credentials that the portal rejected, and with which answer; the latest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rejected: Vec<Rejection>,
    /// The credentials that last succeeded: they are known to be right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    succeeded: Option<Fingerprint>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rejection {
    credentials: Fingerprint,
    answer: String,
}

/// One step in the life of a record. A ledger loads the record of the account, [applies](Self::apply) the step, stores
/// the record, and returns the reply: all of it as one change that nobody else comes between.
#[derive(Clone, Debug)]
pub struct StrikeStep(Step);

#[derive(Clone, Debug)]
enum Step {
    Look,
    /// A log-in is about to be sent: it counts as a strike until it is known not to be one.
    Reserve,
    Failed {
        verdict: Verdict,
        answer: String,
    },
    Succeeded,
    Reset,
}

/// What a step found.
#[derive(Clone, Debug)]
pub struct StrikeReply {
    pub(super) permit: Result<(), LogInError>,
    /// Without the log-in that was just reserved.
    pub(super) strikes: u32,
    pub(super) is_latched: bool,
}

impl StrikeStep {
    pub(super) const LOOK: Self = Self(Step::Look);
    pub(super) const RESERVE: Self = Self(Step::Reserve);
    pub(super) const SUCCEEDED: Self = Self(Step::Succeeded);
    pub(super) const RESET: Self = Self(Step::Reset);

    pub(super) fn failed(error: &LogInError) -> Self {
        let answer = match &*error.kind {
            LogInErrorKind::Rejected { answer } => answer.clone(),
            _ => String::new(),
        };
        Self(Step::Failed {
            verdict: Verdict::of(error),
            answer,
        })
    }

    /// Changes the record. `credentials` is the fingerprint under the ledger's own key.
    pub fn apply(&self, record: &mut StrikeRecord, credentials: &Fingerprint) -> StrikeReply {
        let mut permit = Ok(());
        let mut strikes = None;
        match &self.0 {
            Step::Look => permit = record.permit(credentials),
            Step::Reserve => {
                strikes = Some(record.strikes);
                permit = record.permit(credentials);
                if permit.is_ok() {
                    record.strikes += record.doubt(credentials);
                }
            }
            Step::Failed { verdict, answer } => record.failed(*verdict, answer, credentials),
            Step::Succeeded => {
                record.strikes = 0;
                // It ends the row of failures, and makes nobody else's password right.
                record.forget_rejection_of(credentials);
                record.succeeded = Some(credentials.clone());
            }
            Step::Reset => {
                record.strikes = 0;
                record.rejected.clear();
            }
        }
        StrikeReply {
            permit,
            strikes: strikes.unwrap_or(record.strikes),
            is_latched: record.rejection_of(credentials).is_some(),
        }
    }
}

impl StrikeRecord {
    /// Whether the record says nothing: a ledger need not keep it.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.strikes == 0 && self.rejected.is_empty()
    }

    fn rejection_of(&self, credentials: &Fingerprint) -> Option<&Rejection> {
        self.rejected
            .iter()
            .find(|rejection| rejection.credentials == *credentials)
    }

    fn forget_rejection_of(&mut self, credentials: &Fingerprint) {
        self.rejected.retain(|rejection| rejection.credentials != *credentials);
    }

    fn is_known_good(&self, credentials: &Fingerprint) -> bool {
        self.succeeded.as_ref() == Some(credentials)
    }

    /// Credentials that worked before are not wrong now: a lost answer of theirs is no strike.
    fn doubt(&self, credentials: &Fingerprint) -> u32 {
        u32::from(!self.is_known_good(credentials))
    }

    fn permit(&self, credentials: &Fingerprint) -> Result<(), LogInError> {
        if let Some(rejection) = self.rejection_of(credentials) {
            return Err(LogInErrorKind::Rejected {
                answer: rejection.answer.clone(),
            }
            .into());
        }
        if self.strikes.saturating_add(1) >= LOCKS_AT && !self.is_known_good(credentials) {
            return Err(LogInErrorKind::HeldBack { strikes: self.strikes }.into());
        }
        Ok(())
    }

    /// The reservation becomes what it turned out to be.
    fn failed(&mut self, verdict: Verdict, answer: &str, credentials: &Fingerprint) {
        let reserved = self.doubt(credentials);
        // A success of other credentials has wiped the reservation, and may have come before this one at the portal.
        self.strikes = self.strikes.max(reserved);
        match verdict {
            Verdict::Lost => {}
            Verdict::NotSent => self.strikes = self.strikes.saturating_sub(reserved),
            Verdict::Doubtful => self.strikes += 1 - reserved,
            Verdict::Rejected => {
                self.strikes += 1 - reserved;
                self.forget_rejection_of(credentials);
                if self.rejected.len() >= REJECTIONS_KEPT {
                    self.rejected.remove(0);
                }
                self.rejected.push(Rejection {
                    credentials: credentials.clone(),
                    answer: answer.to_owned(),
                });
                if self.is_known_good(credentials) {
                    self.succeeded = None;
                }
            }
        }
    }
}
