//! What a call asks memory for. Up to 1,032 bytes glibc's allocator serves from the thread's own cache; for a larger piece
//! threads wait for each other, twice for each call.

use std::time::Duration;

use enkash_api::OperationId;
use http::HeaderValue;
use reqwest::{Method, Request};

use crate::{
    http_client::PlainHttp,
    pipeline::{CallRecord, Pipeline},
};

const LARGEST: usize = 1032;

#[test]
fn a_call_is_small_enough_for_memory_without_a_lock() {
    // Every call has this type, a log-in too.
    let basic = HeaderValue::from_static("Basic credential");
    let pipeline = Pipeline::for_log_in(basic, PlainHttp::default(), Duration::from_secs(30));
    let (http, record) = (reqwest::Client::new(), CallRecord::default());
    let request = Request::new(Method::POST, "https://portal.test/path".parse().unwrap());
    let call = pipeline.run(&http, request, OperationId::GetRewardAccount.into(), &record);
    assert!(size_of_val(&call) <= LARGEST, "{}", size_of_val(&call));
    // A record is shared, with two counters in front of it.
    let record = size_of::<CallRecord>() + 2 * size_of::<usize>();
    assert!(record <= LARGEST, "{record}");
}
