//! The request of a call, kept for as long as it may be needed once more. The layers that repeat ask it for what is sent; a call
//! that may be sent once gives it away.

use enkash_policy::{After401, OperationPolicy, Repeat};
use reqwest::Request;

/// The request of one call.
pub(crate) struct ReplayableRequest {
    request: Option<Request>,
    may_be_repeated: bool,
}

impl ReplayableRequest {
    /// The request of a call.
    pub(crate) fn new(request: Request, policy: &OperationPolicy) -> Self {
        Self {
            request: Some(request),
            may_be_repeated: policy.repeat == Repeat::Safe || policy.after_401 == After401::Replay,
        }
    }

    /// Whether there is something to send.
    pub(crate) fn is_there(&self) -> bool {
        self.request.is_some()
    }

    /// The request to send, or none where it was given away. A body that cannot be copied goes out once.
    pub(crate) fn take_or_clone(&mut self) -> Option<Request> {
        let copy = match self.may_be_repeated {
            true => self.request.as_ref()?.try_clone(),
            false => None,
        };
        std::mem::replace(&mut self.request, copy)
    }
}

#[cfg(test)]
mod tests {
    use enkash_api::OperationId;

    use super::*;
    use crate::policy::Policies;

    fn original(operation: OperationId) -> ReplayableRequest {
        let mut request = Request::new(reqwest::Method::POST, "https://portal.test/path".parse().unwrap());
        *request.body_mut() = Some("{}".into());
        ReplayableRequest::new(request, Policies::shipped().of(operation))
    }

    #[test]
    fn a_call_that_may_be_sent_once_gives_its_request_away() {
        let mut money = original(OperationId::CreateAllocatePoints);
        assert!(money.take_or_clone().is_some());
        assert!(!money.is_there() && money.take_or_clone().is_none());
    }

    #[test]
    fn a_body_that_streams_goes_out_once() {
        let mut request = Request::new(reqwest::Method::POST, "https://portal.test/".parse().unwrap());
        let chunks = futures_util::stream::iter([Ok::<_, std::io::Error>("chunk")]);
        *request.body_mut() = Some(reqwest::Body::wrap_stream(chunks));
        let mut read = ReplayableRequest::new(request, Policies::shipped().of(OperationId::GetRewardAccount));
        assert!(read.take_or_clone().is_some() && !read.is_there());
    }

    #[test]
    fn a_read_can_be_sent_again_with_the_same_bytes() {
        let mut read = original(OperationId::GetRewardAccount);
        for _ in 0..3 {
            let request = read.take_or_clone().unwrap();
            assert_eq!(request.body().and_then(reqwest::Body::as_bytes), Some(&b"{}"[..]));
        }
        assert!(read.is_there());
    }
}
