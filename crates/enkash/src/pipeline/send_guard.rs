//! The last gate before reqwest. It records that a request was handed over, and lets a request that must
//! not be repeated through once only, whatever the layers above it do.

use enkash_api::BoxError;
use reqwest::{Request, Response};

use super::CallRecord;
use crate::policy::Policy;

/// A layer tried to send a request a second time that may be sent once.
#[derive(Debug, thiserror::Error)]
#[error("the request was already sent once and must not be repeated")]
pub(crate) struct SecondPassRefused;

pub(super) async fn send(
    http: &reqwest::Client,
    request: Request,
    policy: &Policy,
    record: &CallRecord,
) -> Result<Response, BoxError> {
    if policy.is_sent_once() && record.passes() > 0 {
        return Err(SecondPassRefused.into());
    }
    record.pass();
    match http.execute(request).await {
        Ok(answer) => Ok(answer),
        Err(error) => {
            record.transport_failed(&error);
            Err(error.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use enkash_api::OperationId;

    use super::*;

    /// Nothing listens on the discard port of loopback: both passes would fail in connect.
    fn request() -> Request {
        Request::new(reqwest::Method::POST, "http://127.0.0.1:9/".parse().unwrap())
    }

    #[tokio::test]
    async fn a_call_that_moves_value_passes_once() {
        let (http, record) = (reqwest::Client::new(), CallRecord::default());
        let policy = Policy::of(OperationId::CreateAllocatePoints);
        let first = send(&http, request(), policy, &record).await.unwrap_err();
        assert!(!first.is::<SecondPassRefused>());
        let second = send(&http, request(), policy, &record).await.unwrap_err();
        assert!(second.is::<SecondPassRefused>());
        assert_eq!(record.passes(), 1);
    }

    #[tokio::test]
    async fn a_read_may_pass_again() {
        let (http, record) = (reqwest::Client::new(), CallRecord::default());
        let policy = Policy::of(OperationId::GetRewardAccount);
        for _ in 0..2 {
            let error = send(&http, request(), policy, &record).await.unwrap_err();
            assert!(!error.is::<SecondPassRefused>());
        }
        assert_eq!(record.passes(), 2);
    }
}
