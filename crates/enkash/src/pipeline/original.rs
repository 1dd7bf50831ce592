//! The request of a call, kept for as long as it may be needed once more. The layers that repeat ask it for
//! what is sent; a call that may be sent once gives it away.

use reqwest::Request;

use crate::policy::{After401, Policy, Repeat};

pub(super) struct Original {
    request: Option<Request>,
    is_kept: bool,
}

impl Original {
    pub(super) fn new(request: Request, policy: &Policy) -> Self {
        Self {
            request: Some(request),
            is_kept: policy.repeat == Repeat::Safe || policy.after_401 == After401::Replay,
        }
    }

    /// Whether there is something to send.
    pub(super) fn is_there(&self) -> bool {
        self.request.is_some()
    }

    /// The request to send, or none where it was given away. A body that cannot be copied goes out once.
    pub(super) fn next(&mut self) -> Option<Request> {
        match &self.request {
            Some(request) if self.is_kept => request.try_clone().or_else(|| self.request.take()),
            _ => self.request.take(),
        }
    }
}

#[cfg(test)]
mod tests {
    use enkash_api::OperationId;

    use super::*;

    fn original(operation: OperationId) -> Original {
        let mut request = Request::new(reqwest::Method::POST, "https://portal.test/path".parse().unwrap());
        *request.body_mut() = Some("{}".into());
        Original::new(request, Policy::of(operation))
    }

    #[test]
    fn a_call_that_may_be_sent_once_gives_its_request_away() {
        let mut money = original(OperationId::CreateAllocatePoints);
        assert!(money.next().is_some());
        assert!(!money.is_there() && money.next().is_none());
    }

    #[test]
    fn a_read_can_be_sent_again_with_the_same_bytes() {
        let mut read = original(OperationId::GetRewardAccount);
        for _ in 0..3 {
            let request = read.next().unwrap();
            assert_eq!(request.body().and_then(reqwest::Body::as_bytes), Some(&b"{}"[..]));
        }
        assert!(read.is_there());
    }
}
