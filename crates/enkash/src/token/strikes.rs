//! Counts what the portal may have counted. Three failed log-ins in a row lock the account, and nothing
//! documents how to unlock it: one rejection is enough to stop, and a third attempt is never made by
//! itself. The rules are a table, so that a user who knows better can read them in one place.

use std::time::Duration;

use super::error::{LogInError, LogInErrorKind};

/// The portal locks the account with the third.
const LOCKS_AT: u32 = 3;

/// What a failed log-in means for the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// What each failure means. 400 and 401 with a JSON body, and a failure inside a 2xx, are the portal's
    /// own words; every other answer may be a gateway's.
    pub(super) fn of(error: &LogInError) -> Self {
        match &*error.kind {
            LogInErrorKind::Rejected { .. } => Self::Rejected,
            LogInErrorKind::Status { .. } | LogInErrorKind::Unreadable => Self::Doubtful,
            LogInErrorKind::Lost { .. } | LogInErrorKind::Interrupted => Self::Lost,
            LogInErrorKind::HeldBack { .. }
            | LogInErrorKind::Unreachable
            | LogInErrorKind::NotSent { .. }
            | LogInErrorKind::NoRuntime => Self::NotSent,
        }
    }
}

/// The count since the last success, and whether log-ins are stopped.
#[derive(Debug, Default)]
pub(super) struct Strikes {
    count: u32,
    failures: u32,
    succeeded_once: bool,
    latch: Option<LogInError>,
}

impl Strikes {
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    pub(super) fn is_latched(&self) -> bool {
        self.latch.is_some()
    }

    /// Whether a log-in may be sent at all.
    pub(super) fn permit(&self) -> Result<(), LogInError> {
        if let Some(error) = &self.latch {
            return Err(error.clone());
        }
        if self.count + 1 >= LOCKS_AT {
            return Err(LogInErrorKind::HeldBack { strikes: self.count }.into());
        }
        Ok(())
    }

    pub(super) fn succeeded(&mut self) {
        *self = Self {
            succeeded_once: true,
            ..Self::default()
        };
    }

    /// Takes a failure into account; returns how long no other log-in is sent.
    pub(super) fn failed(&mut self, error: &LogInError) -> Duration {
        self.failures = self.failures.saturating_add(1);
        let (first, most) = match Verdict::of(error) {
            Verdict::Rejected => {
                self.count += 1;
                self.latch = Some(error.clone());
                (0, 0)
            }
            Verdict::Doubtful => {
                self.count += 1;
                (30, 300)
            }
            Verdict::Lost => {
                // Credentials that worked before are not wrong now.
                self.count += u32::from(!self.succeeded_once);
                (2, 60)
            }
            Verdict::NotSent => (1, 30),
        };
        let doubled = first << self.failures.saturating_sub(1).min(8);
        Duration::from_secs(doubled.min(most))
    }

    /// The user says that the credentials are right.
    pub(super) fn reset(&mut self) {
        *self = Self {
            succeeded_once: self.succeeded_once,
            ..Self::default()
        };
    }
}
