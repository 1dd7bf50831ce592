//! How a call takes effect: as often as its faults say, with the strike of a failed login taken back where a switch says so.

use crate::faults::Fault;
use crate::operations::{Call, OperationResult, Refusal, dispatch};
use crate::store::Store;
use crate::switches::LostStrikes;

/// How often an operation is carried out, and what becomes of a failed login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Repetition {
    /// A second time, as a gateway does that repeats a request by itself.
    pub(super) twice: bool,
    /// The caller never reads the response, and a switch says that such a failed login does not count.
    pub(super) forgives_strike: bool,
}

impl Repetition {
    /// What the faults of a call say.
    pub(super) fn new(faults: &[Fault], lost_strikes: LostStrikes) -> Self {
        Repetition {
            twice: faults.contains(&Fault::DuplicateExecution),
            forgives_strike: lost_strikes == LostStrikes::NotCounted && faults.iter().any(Fault::loses_answer),
        }
    }
}

/// Lets the operation take effect. Gives the outcome that is answered, and whether anything was carried out.
pub(super) fn take_effect(store: &mut Store, call: &Call<'_>, repetition: Repetition) -> (OperationResult, bool) {
    let first_done = repetition.twice && dispatch(store, call).is_ok();
    let last = dispatch(store, call);
    if repetition.forgives_strike
        && let Err(Refusal::Status {
            strike: Some(username), ..
        }) = &last
    {
        store.logins.undo_failure(username);
    }
    let carried_out = first_done || last.is_ok();
    (last, carried_out)
}
