//! The guard by itself: it counts, and it does not trust the layers above it.

use enkash_api::OperationId;

use super::*;
use crate::{
    pipeline::{
        CallRecord, Sent,
        script::{Script, Step, pipeline},
    },
    policy::Policies,
};

fn passes(operation: OperationId, record: &CallRecord) -> Result<(), BoxError> {
    let pipeline = pipeline(&Script::always(Step::Hang));
    let http = reqwest::Client::new();
    let policies = Policies::shipped();
    let way = Way {
        pipeline: &pipeline,
        http: &http,
        operation,
        policy: policies.of(operation),
        record,
        attempt_timeout: pipeline.timeouts.attempt,
        deadline: None,
    };
    pass(&way, None).map(drop)
}

#[tokio::test]
async fn a_call_that_moves_value_passes_once() {
    let record = CallRecord::default();
    passes(OperationId::CreateAllocatePoints, &record).unwrap();
    let second = passes(OperationId::CreateAllocatePoints, &record).unwrap_err();
    assert!(second.is::<SecondPassRefused>());
    assert_eq!((record.passes(), record.sent()), (1, Sent::HandedOver));
}

#[tokio::test]
async fn a_read_may_pass_again() {
    let record = CallRecord::default();
    for _ in 0..2 {
        passes(OperationId::GetRewardAccount, &record).unwrap();
    }
    assert_eq!(record.passes(), 2);
}
