//! The proxy itself: takes connections, hands each request on, and reports every exchange. A request that was sent is finished and
//! reported also where the client went away: what a call did is worth more than who waited for it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use enkash::{Timestamp, reqwest};
use enkash_recording::{Exchange, Message};
use http::{Method, Request, Response, StatusCode, request::Parts};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc, watch},
    task::JoinSet,
    time::timeout,
};

use super::{
    headers,
    recorded_logins::{LoginResult, RecordedLogins},
    request_check::{self, RequestCheck, RequestKind},
    response::{Refusal, WholeResponse},
    upstream::Upstream,
};

/// How long the head of a request may take, and so how long a connection may be idle.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// How long the body of a request may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(60);
/// How long what is in flight may take once it ends: longer than any request does, so that it is for clients that do not read.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(130);
const MAX_HEAD_BYTES: usize = 64 * 1024;
const MAX_HEADERS: usize = 100;
/// Each may hold a whole request and a whole response.
const MAX_CONNECTIONS: usize = 32;
const MAX_REQUEST_BYTES: usize = 8 * 1024 * 1024;
/// Twice what the client reads of a list by default.
const MAX_RESPONSE_BYTES: usize = 32 * 1024 * 1024;

/// What serves the requests of one recorder.
pub(super) struct Server {
    pub(super) check: RequestCheck,
    pub(super) upstream: Upstream,
    pub(super) logins: RecordedLogins,
    pub(super) exchanges: mpsc::Sender<Exchange>,
}

/// No whole response came. The client's connection is cut, as the API's was: a made-up response might be taken for a no.
#[derive(Debug, thiserror::Error)]
#[error("no whole response came from the API")]
struct NoResponse;

/// Serves until it is told to end, and then until nothing is in flight.
pub(super) async fn run(listener: TcpListener, server: Arc<Server>, mut ending: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else {
            break;
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = ending.wait_for(|ending| *ending) => break,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, _)) => {
                let (server, ending) = (Arc::clone(&server), ending.clone());
                connections.spawn(async move {
                    serve(stream, server, ending).await;
                    drop(permit);
                });
            }
            Err(error) => {
                // Out of file descriptors, most likely: give the others time to end.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
    drop(listener);
    let all = async { while connections.join_next().await.is_some() {} };
    if timeout(SHUTDOWN_GRACE, all).await.is_err() {
        connections.shutdown().await;
    }
    server.logins.close().await;
}

async fn serve(stream: TcpStream, server: Arc<Server>, mut ending: watch::Receiver<bool>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request: Request<Incoming>| {
        let server = Arc::clone(&server);
        // On a task of its own, so that it ends by itself where the client goes away.
        let handled = tokio::spawn(async move { server.handle(request).await });
        async move { handled.await.unwrap_or(Err(NoResponse)) }
    });
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD_BYTES);
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = ending.wait_for(|ending| *ending) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

impl Server {
    async fn handle(&self, request: Request<Incoming>) -> Result<WholeResponse, NoResponse> {
        let (parts, body) = request.into_parts();
        let checked = match self.check.head(&parts) {
            Ok(kind) => read_body(body).await.map(|body| (kind, body)),
            Err(refusal) => Err(refusal),
        };
        match checked {
            Ok((RequestKind::Login, body)) => Ok(self.log_in(&parts, &body).await),
            Ok((RequestKind::Call, body)) => match request_check::body(&body) {
                Ok(()) => self.forward(&parts, body).await,
                Err(refusal) => Ok(refusal.into_response()),
            },
            Err(refusal) => Ok(refusal.into_response()),
        }
    }

    async fn log_in(&self, parts: &Parts, body: &[u8]) -> WholeResponse {
        let begun = Begun::new(parts, body, self.upstream.token_url());
        match self.logins.log_in(&parts.headers, body).await {
            LoginResult::Own(response) => response,
            LoginResult::Answered(answer) => {
                let message = headers::message(&answer.headers, &answer.body);
                self.report(begun.ended(answer.status, message)).await;
                answer.to_response()
            }
        }
    }

    async fn forward(&self, parts: &Parts, body: Bytes) -> Result<WholeResponse, NoResponse> {
        let path = parts.uri.path();
        let url = self.upstream.target(parts.method.as_str(), path, parts.uri.query());
        let begun = Begun::new(parts, &body, &url);
        let request = self.upstream.http.request(parts.method.clone(), url);
        let sent = request
            .headers(headers::of_request(&parts.headers))
            .body(body)
            .send()
            .await;
        let response = match sent {
            Ok(response) => response,
            Err(error) if error.is_connect() => {
                let reason = format!("the host of the API cannot be reached: {}", root_cause(&error));
                return Ok(Refusal::new(StatusCode::BAD_GATEWAY, reason).into_response());
            }
            Err(_) => {
                self.report(begun.lost()).await;
                return Err(NoResponse);
            }
        };
        let (status, api_headers) = (response.status(), response.headers().clone());
        let Some(body) = whole_body(response).await else {
            self.report(begun.lost()).await;
            return Err(NoResponse);
        };
        self.report(begun.ended(status, headers::message(&api_headers, &body)))
            .await;
        let is_head = parts.method == Method::HEAD;
        let mut response = Response::new(Full::new(if is_head { Bytes::new() } else { body }));
        *response.status_mut() = status;
        *response.headers_mut() = headers::of_response(&api_headers);
        Ok(response)
    }

    /// Where nobody writes any more, the recorder is about to end.
    async fn report(&self, exchange: Exchange) {
        let _ = self.exchanges.send(exchange).await;
    }
}

/// The first half of an exchange.
struct Begun {
    exchange: Exchange,
    since: Instant,
}

impl Begun {
    fn new(parts: &Parts, body: &[u8], url: &reqwest::Url) -> Self {
        let query = parts.uri.query().unwrap_or_default();
        let query =
            form_urlencoded::parse(query.as_bytes()).map(|(name, value)| (name.into_owned(), value.into_owned()));
        let exchange = Exchange {
            started_at: Timestamp::now(),
            elapsed: Duration::ZERO,
            origin: Some(url.origin().ascii_serialization()),
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path().to_owned(),
            query: query.collect(),
            request: headers::message(&parts.headers, body),
            status: 0,
            response: Message::default(),
            operation: None,
        };
        Self {
            exchange,
            since: Instant::now(),
        }
    }

    /// It was sent, and no whole response came.
    fn lost(self) -> Exchange {
        Exchange {
            elapsed: self.since.elapsed(),
            ..self.exchange
        }
    }

    fn ended(self, status: StatusCode, response: Message) -> Exchange {
        Exchange {
            status: status.as_u16(),
            response,
            ..self.lost()
        }
    }
}

/// The innermost source: what really happened. The URL is in none but the outermost.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

async fn read_body(body: Incoming) -> Result<Bytes, Refusal> {
    let read = timeout(BODY_TIMEOUT, Limited::new(body, MAX_REQUEST_BYTES).collect()).await;
    let whole = read.ok().and_then(Result::ok);
    whole.map(http_body_util::Collected::to_bytes).ok_or_else(|| {
        Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the body is larger than {MAX_REQUEST_BYTES} bytes, or did not come whole"),
        )
    })
}

async fn whole_body(mut response: reqwest::Response) -> Option<Bytes> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if body.len() + chunk.len() > MAX_RESPONSE_BYTES {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body.freeze())
}
