//! What happens below HTTP. A route that plays a fault leaves a [`WireAction`] in its answer's extensions, and the
//! connection carries it out; the bodies that never end well are here too.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::watch;

/// What the connection shall do with an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WireAction {
    /// Do not send it: reset the connection.
    Reset,
    /// Send it, then close the connection without having said so.
    Close,
    /// Close the port for this long, and then send it.
    GoDark(Duration),
    /// Send it, and these bytes after it.
    Append(Bytes),
}

/// The body broke off, on purpose.
#[derive(Debug, thiserror::Error)]
#[error("the body ends here, on purpose")]
pub(crate) struct BrokenOff;

/// How a body that breaks off goes on after its first half.
enum Rest {
    /// It waits so many polls, that the first half is flushed, and breaks off.
    Breaks(u8),
    /// It waits for the end of the sandbox.
    Stalls(Pin<Box<dyn Future<Output = ()> + Send>>),
}

/// A body that says how long it is and sends only half of that.
pub(crate) struct HalfBody {
    half: Option<Bytes>,
    whole: u64,
    rest: Rest,
}

impl HalfBody {
    fn new(whole: &Bytes, rest: Rest) -> Self {
        HalfBody {
            half: Some(whole.slice(..whole.len() / 2)),
            whole: whole.len() as u64,
            rest,
        }
    }

    /// Breaks off after the first half.
    pub(crate) fn torn(whole: &Bytes) -> Self {
        HalfBody::new(whole, Rest::Breaks(2))
    }

    /// Goes silent after the first half.
    pub(crate) fn stalled(whole: &Bytes, mut ending: watch::Receiver<bool>) -> Self {
        let end = async move {
            let _ = ending.wait_for(|ending| *ending).await;
        };
        HalfBody::new(whole, Rest::Stalls(Box::pin(end)))
    }
}

impl Body for HalfBody {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        let body = self.get_mut();
        if let Some(half) = body.half.take() {
            return Poll::Ready(Some(Ok(Frame::data(half))));
        }
        match &mut body.rest {
            Rest::Breaks(0) => Poll::Ready(Some(Err(BrokenOff))),
            Rest::Breaks(waits) => {
                *waits -= 1;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Rest::Stalls(end) => end.as_mut().poll(context).map(|()| Some(Err(BrokenOff))),
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.whole)
    }
}

/// A body that says when it is done with: sent, or dropped.
pub(crate) struct Watched<B, F: FnOnce()> {
    body: Pin<Box<B>>,
    done: Option<F>,
}

impl<B, F: FnOnce()> Watched<B, F> {
    pub(crate) fn new(body: B, done: F) -> Self {
        Watched {
            body: Box::pin(body),
            done: Some(done),
        }
    }
}

impl<B, F: FnOnce()> Drop for Watched<B, F> {
    fn drop(&mut self) {
        if let Some(done) = self.done.take() {
            done();
        }
    }
}

impl<B: Body, F: FnOnce() + Unpin> Body for Watched<B, F> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        self.get_mut().body.as_mut().poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
