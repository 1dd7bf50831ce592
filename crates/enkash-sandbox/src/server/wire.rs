//! What happens below HTTP. A route that plays a fault leaves a [`ConnectionAction`] in its response's extensions, and the
//! connection carries it out; the bodies that never end well are here too.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::watch;

/// What the connection shall do with a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ConnectionAction {
    /// Do not send it: reset the connection.
    Reset,
    /// Send it, then close the connection without having said so.
    Close,
    /// Close the port for this long, and then send it.
    ClosePort(Duration),
    /// Send it, and these bytes after it.
    Append(Bytes),
}

/// The body broke off, on purpose.
#[derive(Debug, thiserror::Error)]
#[error("the body ends here, on purpose")]
pub(crate) struct BodyAborted;

/// How a body that breaks off goes on after its first half.
enum AfterHalf {
    /// It waits so many polls, that the first half is flushed, and breaks off.
    Breaks(u8),
    /// It waits for the end of the sandbox.
    Stalls(Pin<Box<dyn Future<Output = ()> + Send>>),
}

/// A body that says how long it is and sends only half of that.
pub(crate) struct TruncatedBody {
    half: Option<Bytes>,
    whole: u64,
    rest: AfterHalf,
}

impl TruncatedBody {
    fn new(whole: &Bytes, rest: AfterHalf) -> Self {
        TruncatedBody {
            half: Some(whole.slice(..whole.len() / 2)),
            whole: whole.len() as u64,
            rest,
        }
    }

    /// Breaks off after the first half.
    pub(crate) fn torn(whole: &Bytes) -> Self {
        TruncatedBody::new(whole, AfterHalf::Breaks(2))
    }

    /// Goes silent after the first half.
    pub(crate) fn stalled(whole: &Bytes, mut ending: watch::Receiver<bool>) -> Self {
        let end = async move {
            let _ = ending.wait_for(|ending| *ending).await;
        };
        TruncatedBody::new(whole, AfterHalf::Stalls(Box::pin(end)))
    }
}

impl Body for TruncatedBody {
    type Data = Bytes;
    type Error = BodyAborted;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyAborted>>> {
        let body = self.get_mut();
        if let Some(half) = body.half.take() {
            return Poll::Ready(Some(Ok(Frame::data(half))));
        }
        match &mut body.rest {
            AfterHalf::Breaks(0) => Poll::Ready(Some(Err(BodyAborted))),
            AfterHalf::Breaks(waits) => {
                *waits -= 1;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            AfterHalf::Stalls(end) => end.as_mut().poll(context).map(|()| Some(Err(BodyAborted))),
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.whole)
    }
}

/// A body that says when it is done with: sent, or dropped.
pub(crate) struct NotifyOnEnd<B, F: FnOnce()> {
    body: Pin<Box<B>>,
    done: Option<F>,
}

impl<B, F: FnOnce()> NotifyOnEnd<B, F> {
    pub(crate) fn new(body: B, done: F) -> Self {
        NotifyOnEnd {
            body: Box::pin(body),
            done: Some(done),
        }
    }
}

impl<B, F: FnOnce()> Drop for NotifyOnEnd<B, F> {
    fn drop(&mut self) {
        if let Some(done) = self.done.take() {
            done();
        }
    }
}

/// A body that says when it is dropped before anything of it was taken: the client was gone.
pub(crate) struct NotifyIfUnread<B, F: FnOnce()> {
    body: Pin<Box<B>>,
    unread: Option<F>,
}

impl<B, F: FnOnce()> NotifyIfUnread<B, F> {
    pub(crate) fn new(body: B, unread: F) -> Self {
        NotifyIfUnread {
            body: Box::pin(body),
            unread: Some(unread),
        }
    }
}

impl<B, F: FnOnce()> Drop for NotifyIfUnread<B, F> {
    fn drop(&mut self) {
        if let Some(unread) = self.unread.take() {
            unread();
        }
    }
}

impl<B: Body, F: FnOnce() + Unpin> Body for NotifyIfUnread<B, F> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.get_mut();
        this.unread = None;
        this.body.as_mut().poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B: Body, F: FnOnce() + Unpin> Body for NotifyOnEnd<B, F> {
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
