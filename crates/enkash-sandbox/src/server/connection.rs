//! One connection: HTTP/1.1 by hand over a stream that can be reset, closed or made to say more than it should. The accept
//! loop starts one task of this for each connection.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc, watch};
use tower_service::Service;

use super::accept::PortCommand;
use super::wire::{Watched, WireAction};

/// How long the head of a request may take, and so how long a connection may be idle.
const IDLE: Duration = Duration::from_secs(30);

/// The largest head of a request, in bytes and in headers.
const MAX_HEAD: usize = 64 * 1024;
const MAX_HEADERS: usize = 100;

/// The service will not answer: the connection is reset instead.
#[derive(Debug, thiserror::Error)]
#[error("the connection is reset, on purpose")]
struct Cut;

/// What a connection was told to do beside serving HTTP.
#[derive(Default)]
struct Fate {
    /// Reset instead of closing.
    reset: AtomicBool,
    /// Close after the answer that is being sent.
    close: Notify,
    /// Bytes to send after the answer that is being sent.
    append: Mutex<Option<Bytes>>,
}

/// A TCP stream that knows its fate.
struct FatedStream {
    stream: TcpStream,
    fate: Arc<Fate>,
    /// Bytes that are due now.
    due: Bytes,
}

impl AsyncRead for FatedStream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for FatedStream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// HTTP flushes when it has nothing more to send, so this is where appended bytes go out.
    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if let Some(bytes) = this.fate.append.lock().unwrap_or_else(PoisonError::into_inner).take() {
            this.due = bytes;
        }
        while !this.due.is_empty() {
            match Pin::new(&mut this.stream).poll_write(context, &this.due) {
                Poll::Ready(Ok(written)) => drop(this.due.split_to(written)),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
        Pin::new(&mut this.stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

impl Drop for FatedStream {
    fn drop(&mut self) {
        if self.fate.reset.load(Ordering::Relaxed) {
            // Without lingering, the end of the socket is a reset.
            let _ = self.stream.set_zero_linger();
        }
    }
}

/// Serves a connection until either side ends it, or `closing` changes and no call is under way.
pub(super) async fn serve(
    stream: TcpStream,
    router: Router,
    port: mpsc::UnboundedSender<PortCommand>,
    mut closing: watch::Receiver<u64>,
) {
    let fate = Arc::new(Fate::default());
    let io = FatedStream {
        stream,
        fate: fate.clone(),
        due: Bytes::new(),
    };
    let service = service_fn(|request: Request<Incoming>| {
        let (mut router, fate, port) = (router.clone(), fate.clone(), port.clone());
        async move {
            let response = match router.call(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            };
            carry_out(response, &fate, port)
        }
    });
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD);
    let connection = builder.serve_connection(TokioIo::new(io), service);
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = fate.close.notified() => {}
        _ = closing.changed() => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

/// Does what the route asked for beside its answer.
fn carry_out(
    mut response: Response<Body>,
    fate: &Arc<Fate>,
    port: mpsc::UnboundedSender<PortCommand>,
) -> Result<Response<Body>, Cut> {
    let Some(action) = response.extensions_mut().remove::<WireAction>() else {
        return Ok(response);
    };
    let fate = fate.clone();
    let done: Box<dyn FnOnce() + Send + Sync> = match action {
        WireAction::Reset => {
            fate.reset.store(true, Ordering::Relaxed);
            return Err(Cut);
        }
        WireAction::Close => Box::new(move || fate.close.notify_one()),
        WireAction::GoDark(time) => Box::new(move || {
            // Where the loop is gone, the port is closed anyway.
            let _ = port.send(PortCommand::CloseFor(time));
        }),
        WireAction::Append(bytes) => Box::new(move || {
            *fate.append.lock().unwrap_or_else(PoisonError::into_inner) = Some(bytes);
        }),
    };
    Ok(response.map(|body| Body::new(Watched::new(body, done))))
}
