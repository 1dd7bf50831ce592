//! Where a large response is decoded: not on the thread that serves the other calls.

use std::thread::ThreadId;

use enkash_api::{OperationId, ResponseValue};
use serde::{Deserialize, Deserializer, de::IgnoredAny};

use crate::{
    raw,
    tests::support::{ScriptStep, ScriptedSender, builder},
};

/// Knows where it was decoded.
struct DecodedOn(ThreadId);

impl<'de> Deserialize<'de> for DecodedOn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer)?;
        Ok(Self(std::thread::current().id()))
    }
}

#[tokio::test]
async fn a_large_response_is_decoded_on_another_thread() {
    let body = format!(r#"{{"code":0,"payload":"{}"}}"#, "x".repeat(200_000));
    let script = ScriptedSender::always(ScriptStep::Answer(200, body.leak()));
    let enkash = builder().build_with_sender(script).unwrap();
    let read = enkash.call(
        OperationId::GetRewardAccount,
        async |client| {
            let call = client.get_reward_account().body(account()).partner_id("P");
            let shown = call.send().await?;
            let (status, headers) = (shown.status(), shown.headers().clone());
            assert!(shown.into_inner().payload.is_none(), "the low level decoded it");
            Ok(ResponseValue::new(
                DecodedOn(std::thread::current().id()),
                status,
                headers,
            ))
        },
        Ok,
    );
    let DecodedOn(thread) = read.await.unwrap().into_value();
    assert_ne!(thread, std::thread::current().id());
}

#[tokio::test]
async fn the_low_level_by_itself_decodes_a_large_response() {
    let body = format!(r#"{{"code":0,"payload":"{}"}}"#, "x".repeat(200_000));
    let script = ScriptedSender::always(ScriptStep::Answer(200, body.leak()));
    let enkash = builder().build_with_sender(script).unwrap();
    let client = raw::client(&enkash, OperationId::GetRewardAccount);
    let response = client
        .get_reward_account()
        .body(account())
        .partner_id("P")
        .send()
        .await
        .unwrap();
    let payload = response.into_inner().payload.unwrap();
    assert_eq!(payload.text().map(str::len), Some(200_000));
}

fn account() -> enkash_api::types::builder::RewardAccountRequest {
    enkash_api::types::RewardAccountRequest::builder()
        .company_id("C")
        .card_account_id("A")
}
