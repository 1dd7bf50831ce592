//! The permit by itself: it counts, and it does not trust the layers above it.

use enkash_api::OperationId;

use super::*;
use crate::{policy::Policies, transport::history::SendProgress};

fn attempt_count(operation: OperationId, state: &CallState) -> Result<(), BoxError> {
    let policies = Policies::shipped();
    SendPermit::acquire(state, policies.of(operation), None, Duration::from_secs(5), None).map(drop)
}

#[tokio::test]
async fn a_call_that_moves_value_passes_once() {
    let state = CallState::default();
    attempt_count(OperationId::CreateAllocatePoints, &state).unwrap();
    let second = attempt_count(OperationId::CreateAllocatePoints, &state).unwrap_err();
    assert!(second.is::<AlreadySent>());
    assert_eq!((state.attempt_count(), state.sent()), (1, SendProgress::HandedOver));
}

#[tokio::test]
async fn a_read_may_pass_again() {
    let state = CallState::default();
    for _ in 0..2 {
        attempt_count(OperationId::GetRewardAccount, &state).unwrap();
    }
    assert_eq!(state.attempt_count(), 2);
}
