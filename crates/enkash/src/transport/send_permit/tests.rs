//! The permit by itself: it counts, and it does not trust the layers above it.

use enkash_api::OperationId;

use super::*;
use crate::{policy::Policies, transport::history::Sent};

fn passes(operation: OperationId, state: &CallRecord) -> Result<(), BoxError> {
    let policies = Policies::shipped();
    Pass::acquire(state, policies.of(operation), None, Duration::from_secs(5), None).map(drop)
}

#[tokio::test]
async fn a_call_that_moves_value_passes_once() {
    let state = CallRecord::default();
    passes(OperationId::CreateAllocatePoints, &state).unwrap();
    let second = passes(OperationId::CreateAllocatePoints, &state).unwrap_err();
    assert!(second.is::<SecondPassRefused>());
    assert_eq!((state.passes(), state.sent()), (1, Sent::HandedOver));
}

#[tokio::test]
async fn a_read_may_pass_again() {
    let state = CallRecord::default();
    for _ in 0..2 {
        passes(OperationId::GetRewardAccount, &state).unwrap();
    }
    assert_eq!(state.passes(), 2);
}
