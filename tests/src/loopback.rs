//! A real HTTP server on loopback that writes down what reaches it and gives one prepared answer to
//! everything. The contract tests let the generated client talk to it.

use std::{collections::BTreeMap, convert::Infallible};

use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, sync::mpsc, task::JoinHandle};

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Received {
    /// The method.
    pub method: String,
    /// The path as it was written, without the query.
    pub path: String,
    /// The query, decoded, in its order.
    pub query: Vec<(String, String)>,
    /// The headers, names in small letters. A header that came twice has both values.
    pub headers: BTreeMap<String, Vec<String>>,
    /// The body.
    pub body: Bytes,
}

/// What the server answers.
#[derive(Clone, Debug)]
pub struct CannedResponse {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(&'static str, &'static str)>,
    /// The body.
    pub body: Vec<u8>,
}

impl CannedResponse {
    /// JSON with this status.
    #[must_use]
    pub fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("content-type", "application/json")],
            body: body.into(),
        }
    }
}

/// The server. It ends when it is dropped.
pub struct Loopback {
    base_url: String,
    received: mpsc::UnboundedReceiver<Received>,
    accepting: JoinHandle<()>,
}

impl Loopback {
    /// Starts a server on a free port.
    ///
    /// # Panics
    ///
    /// Loopback has no free port.
    pub async fn answering(prepared: CannedResponse) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port on loopback");
        let base_url = format!(
            "http://{}",
            listener.local_addr().expect("a bound socket has an address")
        );
        let (note, received) = mpsc::unbounded_channel();
        let accepting = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (note, prepared) = (note.clone(), prepared.clone());
                let service = service_fn(move |request| answer(request, note.clone(), prepared.clone()));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(socket), service));
            }
        });
        Self {
            base_url,
            received,
            accepting,
        }
    }

    /// `http://127.0.0.1:…`, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Everything that reached the server since the last look. A request is written down before it is
    /// answered, so after a call has ended nothing of it can still be missing.
    pub fn received(&mut self) -> Vec<Received> {
        std::iter::from_fn(|| self.received.try_recv().ok()).collect()
    }

    /// The one request that reached the server since the last look.
    ///
    /// # Panics
    ///
    /// There was none, or more than one.
    pub fn only_request(&mut self) -> Received {
        let mut received = self.received();
        assert_eq!(received.len(), 1, "one request was expected: {received:?}");
        received.remove(0)
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn answer(
    request: Request<Incoming>,
    note: mpsc::UnboundedSender<Received>,
    prepared: CannedResponse,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in &head.headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        headers.entry(name.as_str().to_owned()).or_default().push(value);
    }
    let query = head.uri.query().unwrap_or_default();
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    // Nobody looks any more when the test is over.
    let _ = note.send(Received {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        headers,
        body,
    });

    let mut response = Response::new(Full::new(Bytes::from(prepared.body)));
    *response.status_mut() = prepared.status.try_into().expect("a status of three digits");
    for (name, value) in prepared.headers {
        response
            .headers_mut()
            .append(name, http::HeaderValue::from_static(value));
    }
    Ok(response)
}
