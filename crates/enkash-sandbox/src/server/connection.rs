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
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::{Notify, watch};
use tower_service::Service;

use super::port::{PortChange, PortHandle};
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
pub(super) async fn serve(stream: TcpStream, router: Router, port: PortHandle, mut closing: watch::Receiver<u64>) {
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
            carry_out(response, fate, port).await
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
async fn carry_out(mut response: Response<Body>, fate: Arc<Fate>, port: PortHandle) -> Result<Response<Body>, Cut> {
    match response.extensions_mut().remove::<WireAction>() {
        None => Ok(response),
        Some(WireAction::Reset) => {
            fate.reset.store(true, Ordering::Relaxed);
            Err(Cut)
        }
        Some(WireAction::GoDark(time)) => {
            // The port first: whoever has the answer must not be able to connect again.
            port.change(PortChange::Close(Some(time))).await;
            response
                .headers_mut()
                .insert(CONNECTION, HeaderValue::from_static("close"));
            Ok(response)
        }
        Some(WireAction::Close) => Ok(once_sent(response, move || fate.close.notify_one())),
        Some(WireAction::Append(bytes)) => Ok(once_sent(response, move || {
            *fate.append.lock().unwrap_or_else(PoisonError::into_inner) = Some(bytes);
        })),
    }
}

fn once_sent(response: Response<Body>, action: impl FnOnce() + Send + Unpin + 'static) -> Response<Body> {
    response.map(|body| Body::new(Watched::new(body, action)))
}

#[cfg(test)]
mod tests {
    use axum::Extension;
    use axum::routing::get;
    use http::header::CONTENT_LENGTH;
    use http_body_util::{BodyExt, Full};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn the_port_is_closed_before_anything_of_the_answer_is_sent() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let body_read = Arc::new(AtomicBool::new(false));
        let read = body_read.clone();
        let router = Router::new().route(
            "/",
            get(async move || {
                let body = Full::new(Bytes::from_static(b"the answer")).map_frame(move |frame| {
                    read.store(true, Ordering::Relaxed);
                    frame
                });
                (
                    Extension(WireAction::GoDark(Duration::from_secs(3600))),
                    [(CONTENT_LENGTH, "10")],
                    Body::new(body),
                )
            }),
        );
        let (port, mut commands) = PortHandle::new();
        let (_open, closing) = watch::channel(0);
        tokio::spawn(serve(stream, router, port, closing));
        client
            .write_all(b"GET / HTTP/1.1\r\nhost: sandbox\r\n\r\n")
            .await
            .unwrap();
        let command = commands.recv().await.unwrap();
        assert_eq!(command.change, PortChange::Close(Some(Duration::from_secs(3600))));
        assert!(!body_read.load(Ordering::Relaxed), "the answer is on its way");
        command.done.send(()).unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(
            answer.contains("connection: close\r\n") && answer.ends_with("the answer"),
            "{answer}"
        );
    }
}
