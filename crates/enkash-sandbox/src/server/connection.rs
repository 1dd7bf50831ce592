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
use super::wire::{ConnectionAction, NotifyOnEnd};

/// How long the head of a request may take, and so how long a connection may be idle.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// The largest head of a request, in bytes and in headers.
const MAX_HEAD_BYTES: usize = 64 * 1024;
const MAX_HEADERS: usize = 100;

/// The service will not answer: the connection is reset instead.
#[derive(Debug, thiserror::Error)]
#[error("the connection is reset, on purpose")]
struct ResetRequested;

/// What a connection does beside serving HTTP, because a fault asks for it.
#[derive(Default)]
struct ConnectionFaults {
    /// Reset instead of closing.
    reset: AtomicBool,
    /// Close after the response that is being sent.
    close: Notify,
    /// Bytes to send after the response that is being sent.
    append: Mutex<Option<Bytes>>,
}

/// A TCP stream that can reset, or send more bytes than HTTP asked for.
struct FaultyStream {
    stream: TcpStream,
    faults: Arc<ConnectionFaults>,
    /// Bytes that are due now.
    due: Bytes,
}

impl AsyncRead for FaultyStream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for FaultyStream {
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
        if let Some(bytes) = this.faults.append.lock().unwrap_or_else(PoisonError::into_inner).take() {
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

impl Drop for FaultyStream {
    fn drop(&mut self) {
        if self.faults.reset.load(Ordering::Relaxed) {
            // Without lingering, the end of the socket is a reset.
            let _ = self.stream.set_zero_linger();
        }
    }
}

/// Serves a connection until either side ends it, or `closing` changes and no call is in flight.
pub(super) async fn serve(stream: TcpStream, router: Router, port: PortHandle, mut closing: watch::Receiver<u64>) {
    let faults = Arc::new(ConnectionFaults::default());
    let io = FaultyStream {
        stream,
        faults: faults.clone(),
        due: Bytes::new(),
    };
    let service = service_fn(|request: Request<Incoming>| {
        let (mut router, faults, port) = (router.clone(), faults.clone(), port.clone());
        async move {
            let response = match router.call(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            };
            apply_action(response, faults, port).await
        }
    });
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD_BYTES);
    let connection = builder.serve_connection(TokioIo::new(io), service);
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = faults.close.notified() => {}
        _ = closing.changed() => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

/// Does what the route asked for beside its response.
async fn apply_action(
    mut response: Response<Body>,
    faults: Arc<ConnectionFaults>,
    port: PortHandle,
) -> Result<Response<Body>, ResetRequested> {
    match response.extensions_mut().remove::<ConnectionAction>() {
        None => Ok(response),
        Some(ConnectionAction::Reset) => {
            faults.reset.store(true, Ordering::Relaxed);
            Err(ResetRequested)
        }
        Some(ConnectionAction::ClosePort(time)) => {
            // The port first: whoever has the response must not be able to connect again.
            port.change(PortChange::Close(Some(time))).await;
            response
                .headers_mut()
                .insert(CONNECTION, HeaderValue::from_static("close"));
            Ok(response)
        }
        Some(ConnectionAction::Close) => Ok(once_sent(response, move || faults.close.notify_one())),
        Some(ConnectionAction::Append(bytes)) => Ok(once_sent(response, move || {
            *faults.append.lock().unwrap_or_else(PoisonError::into_inner) = Some(bytes);
        })),
    }
}

fn once_sent(response: Response<Body>, action: impl FnOnce() + Send + Unpin + 'static) -> Response<Body> {
    response.map(|body| Body::new(NotifyOnEnd::new(body, action)))
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
    async fn the_port_is_closed_before_anything_of_the_response_is_sent() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let body_read = Arc::new(AtomicBool::new(false));
        let read = body_read.clone();
        let router = Router::new().route(
            "/",
            get(async move || {
                let body = Full::new(Bytes::from_static(b"the response")).map_frame(move |frame| {
                    read.store(true, Ordering::Relaxed);
                    frame
                });
                (
                    Extension(ConnectionAction::ClosePort(Duration::from_secs(3600))),
                    [(CONTENT_LENGTH, "12")],
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
        assert!(!body_read.load(Ordering::Relaxed), "the response is on its way");
        command.done.send(()).unwrap();
        let mut response = String::new();
        client.read_to_string(&mut response).await.unwrap();
        assert!(
            response.contains("connection: close\r\n") && response.ends_with("the response"),
            "{response}"
        );
    }
}
