//! Whether the API takes our reference as one. Its page spells the name in two ways, so the first call that is promised
//! an echo goes alone, and where the echo is missing or another, no further call that moves value is sent: without a
//! reference nothing could ever be looked up.

use std::sync::atomic::{AtomicU8, Ordering};

use enkash_policy::OperationPolicy;
use tokio::sync::{Mutex, MutexGuard};

use crate::outcome::{UnknownReason, classify::Classification};

const UNPROVEN: u8 = 0;
const PROVEN: u8 = 1;
const FAILED: u8 = 2;

/// What the calls of one client have shown so far.
#[derive(Default)]
pub(super) struct ReferenceEchoCheck {
    state: AtomicU8,
    /// Held by the one call that goes first. Who waits for it has not been sent.
    first: Mutex<()>,
}

/// An earlier call was not answered with our reference.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotEchoed;

impl ReferenceEchoCheck {
    /// Whether nothing has to be waited for.
    pub(super) fn is_proven(&self) -> bool {
        self.state.load(Ordering::Acquire) == PROVEN
    }

    /// Waits for the turn of a call that moves value. The turn lasts until what it gives is dropped.
    pub(super) async fn wait_turn(&self, policy: &OperationPolicy) -> Result<Option<MutexGuard<'_, ()>>, NotEchoed> {
        match self.state.load(Ordering::Acquire) {
            FAILED => Err(NotEchoed),
            PROVEN => Ok(None),
            _ if !policy.is_echoed() => Ok(None),
            _ => {
                let guard = self.first.lock().await;
                match self.state.load(Ordering::Acquire) {
                    FAILED => Err(NotEchoed),
                    PROVEN => Ok(None),
                    _ => Ok(Some(guard)),
                }
            }
        }
    }

    /// Learns from what the call that had the turn was answered with. A response that says nothing leaves it open.
    pub(super) fn record(&self, policy: &OperationPolicy, classification: &Classification<impl Sized>) {
        let shown = match classification {
            Classification::Done(_) if policy.is_echoed() => PROVEN,
            Classification::Unknown(UnknownReason::OtherReference { .. } | UnknownReason::NoReference) => FAILED,
            _ => return,
        };
        // Only the first one decides: a later doubt is that call's own.
        let _ = self
            .state
            .compare_exchange(UNPROVEN, shown, Ordering::AcqRel, Ordering::Acquire);
    }
}
