//! The request of a call, kept for as long as it may be needed once more. The layers that repeat ask it for what is sent; a call
//! that may be sent once gives it away.

use std::time::Duration;

use enkash_policy::After401;
use enkash_policy::OperationPolicy;
use enkash_policy::Repeat;
use http::{HeaderName, HeaderValue, Method, Version};
use reqwest::Request;
use smallvec::SmallVec;

/// The request of one call.
pub(crate) struct Original {
    request: Option<Request>,
    may_be_repeated: bool,
    copy: RequestCopy,
}

impl Original {
    /// The request of a call.
    pub(crate) fn new(request: Request, policy: &OperationPolicy) -> Self {
        Self {
            request: Some(request),
            may_be_repeated: policy.repeat == Repeat::Safe || policy.after_401 == After401::Replay,
            copy: RequestCopy::default(),
        }
    }

    /// Whether there is something to send.
    pub(crate) fn is_there(&self) -> bool {
        self.request.is_some() || self.copy.is_there()
    }

    /// The request to send, or none where it was given away. A body that cannot be copied goes out once.
    pub(crate) fn next(&mut self) -> Option<Request> {
        match self.request.take() {
            Some(request) => {
                if self.may_be_repeated {
                    self.copy.take(&request);
                }
                Some(request)
            }
            None => self.copy.request(),
        }
    }
}

/// A request in one piece of memory, or none. Nearly no copy is ever sent: so one of the usual size has its place already,
/// and throwing it away is no work. `Request::try_clone` allocates five times, for threads to take each other's memory away.
#[derive(Default)]
struct RequestCopy {
    method: Method,
    version: Version,
    timeout: Option<Duration>,
    has_body: bool,
    /// The URL, the body if there is one, then each header's name and value.
    bytes: SmallVec<[u8; 256]>,
    /// Where the parts end, in that order.
    ends: SmallVec<[u32; 12]>,
}

impl RequestCopy {
    fn is_there(&self) -> bool {
        !self.ends.is_empty()
    }

    /// Copies the request. A body that can be read once only leaves no copy.
    fn take(&mut self, request: &Request) {
        if self.add_all(request).is_none() {
            *self = Self::default();
        }
    }

    fn add_all(&mut self, request: &Request) -> Option<()> {
        self.method = request.method().clone();
        self.version = request.version();
        self.timeout = request.timeout().copied();
        self.has_body = request.body().is_some();
        self.add(request.url().as_str().as_bytes())?;
        if let Some(body) = request.body() {
            self.add(body.as_bytes()?)?;
        }
        for (name, value) in request.headers() {
            self.add(name.as_str().as_bytes())?;
            // The mark of a secret value is kept as well.
            self.bytes.push(u8::from(value.is_sensitive()));
            self.add(value.as_bytes())?;
        }
        Some(())
    }

    fn add(&mut self, part: &[u8]) -> Option<()> {
        self.bytes.extend_from_slice(part);
        self.ends.push(u32::try_from(self.bytes.len()).ok()?);
        Some(())
    }

    fn request(&self) -> Option<Request> {
        let mut start = 0;
        let mut parts = self.ends.iter().map(|end| {
            let end = *end as usize;
            &self.bytes[std::mem::replace(&mut start, end)..end]
        });
        let url = std::str::from_utf8(parts.next()?).ok()?.parse().ok()?;
        let mut request = Request::new(self.method.clone(), url);
        *request.version_mut() = self.version;
        *request.timeout_mut() = self.timeout;
        if self.has_body {
            *request.body_mut() = Some(parts.next()?.to_vec().into());
        }
        while let (Some(name), Some([mark, value @ ..])) = (parts.next(), parts.next()) {
            let mut value = HeaderValue::from_bytes(value).ok()?;
            value.set_sensitive(*mark != 0);
            request.headers_mut().append(HeaderName::from_bytes(name).ok()?, value);
        }
        Some(request)
    }
}

#[cfg(test)]
mod tests {
    use enkash_api::OperationId;

    use super::*;
    use crate::policy::Policies;

    fn original(operation: OperationId) -> Original {
        let mut request = Request::new(reqwest::Method::POST, "https://portal.test/path".parse().unwrap());
        *request.body_mut() = Some("{}".into());
        Original::new(request, Policies::shipped().of(operation))
    }

    #[test]
    fn a_call_that_may_be_sent_once_gives_its_request_away() {
        let mut money = original(OperationId::CreateAllocatePoints);
        assert!(money.next().is_some());
        assert!(!money.is_there() && money.next().is_none());
    }

    fn assert_same(copy: &Request, request: &Request) {
        let bytes = |request: &Request| request.body().map(|body| body.as_bytes().unwrap().to_vec());
        assert_eq!(bytes(copy), bytes(request));
        assert_eq!((copy.method(), copy.url()), (request.method(), request.url()));
        assert_eq!((copy.version(), copy.timeout()), (request.version(), request.timeout()));
        assert_eq!(copy.headers(), request.headers());
        let marks =
            |request: &Request| -> Vec<_> { request.headers().values().map(HeaderValue::is_sensitive).collect() };
        assert_eq!(marks(copy), marks(request));
    }

    #[test]
    fn a_copy_is_the_same_request() {
        let url: reqwest::Url = "https://portal.test/a%2Fb/?q=%E0%A4%85&q=".parse().unwrap();
        let mut request = Request::new(Method::PATCH, url);
        for body in [None, Some(""), Some("{}"), Some(&*"long ".repeat(1000))] {
            *request.body_mut() = body.map(|body| body.to_owned().into());
            let mut copy = RequestCopy::default();
            copy.take(&request);
            assert_same(&copy.request().unwrap(), &request);

            let mut secret = HeaderValue::from_static("secret");
            secret.set_sensitive(true);
            let odd = HeaderValue::from_bytes(b" \xff\t").unwrap();
            for value in [secret, odd, HeaderValue::from_static("")] {
                request.headers_mut().append("x-many", value);
            }
            *request.timeout_mut() = Some(Duration::from_secs(7));
            *request.version_mut() = Version::HTTP_10;
        }
    }

    #[test]
    fn a_body_that_streams_goes_out_once() {
        let mut request = Request::new(Method::POST, "https://portal.test/".parse().unwrap());
        let chunks = futures_util::stream::iter([Ok::<_, std::io::Error>("chunk")]);
        *request.body_mut() = Some(reqwest::Body::wrap_stream(chunks));
        let mut read = Original::new(request, Policies::shipped().of(OperationId::GetRewardAccount));
        assert!(read.next().is_some() && !read.is_there());
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
