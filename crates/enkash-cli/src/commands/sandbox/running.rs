//! A sandbox that runs, over its control routes. The actions of `enkash sandbox` ask it here, so that each fails with the same
//! words where none runs.

use std::{error::Error, time::Duration};

use enkash::reqwest::{self, Method, Response, Url, header, redirect};
use serde_json::{Value, json};

use crate::exit::CliError;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// A large state takes its time to be written and read.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// The health is a few bytes. Who asks for it waits with a restart, and a server that sends byte after byte must not hold that up.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(5);
/// The largest response about the state; what answers with more is something else.
const MAX_RESPONSE: usize = 1 << 20;
/// The largest state: a little more than the largest snapshot.
const MAX_STATE: usize = (256 << 20) + 4_096;

const JSON: &str = "application/json";
const BYTES: &str = "application/octet-stream";

/// Which sandbox is meant.
#[derive(clap::Args, Debug)]
pub(super) struct RunningSandbox {
    /// Where the sandbox runs: the url of the line that it printed
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:4010", value_parser = base_url)]
    url: Url,
}

/// What a request carries.
struct Body {
    media_type: &'static str,
    bytes: Vec<u8>,
}

fn base_url(text: &str) -> Result<Url, String> {
    let url: Url = text.parse().map_err(|error| format!("{error}"))?;
    if url.scheme() != "http" || url.path() != "/" || url.query().is_some() || !url.username().is_empty() {
        return Err("a sandbox has a URL such as http://127.0.0.1:4010".to_owned());
    }
    Ok(url)
}

/// A name as one segment of a path. One that no snapshot can have must not lead to another route.
pub(super) fn segment(name: &str) -> String {
    form_urlencoded::byte_serialize(name.as_bytes())
        .collect::<String>()
        .replace('.', "%2E")
}

impl RunningSandbox {
    pub(super) async fn get(&self, path: &str) -> Result<Value, CliError> {
        self.json(Method::GET, path, None).await
    }

    pub(super) async fn health(&self) -> Result<Value, CliError> {
        match tokio::time::timeout(HEALTH_TIMEOUT, self.get("health")).await {
            Ok(health) => health,
            Err(_) => Err(CliError::runtime(format!(
                "what answers at {} said nothing whole in {} s.",
                self.url(),
                HEALTH_TIMEOUT.as_secs()
            ))),
        }
    }

    /// With a body in JSON.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value, CliError> {
        let body = Body {
            media_type: JSON,
            bytes: body.to_string().into_bytes(),
        };
        self.json(Method::POST, path, Some(body)).await
    }

    /// Asks for an action that has no result but that it is done.
    pub(super) async fn act(&self, method: Method, path: &str) -> Result<(), CliError> {
        let response = self.json(method, path, None).await?;
        self.check_done(&response)
    }

    pub(super) async fn upload(&self, path: &str, bytes: Vec<u8>) -> Result<(), CliError> {
        let media_type = BYTES;
        let response = self.json(Method::PUT, path, Some(Body { media_type, bytes })).await?;
        self.check_done(&response)
    }

    /// Another server may say yes to everything.
    fn check_done(&self, response: &Value) -> Result<(), CliError> {
        if *response == json!({ "sandbox": "done" }) {
            Ok(())
        } else {
            Err(self.not_a_sandbox())
        }
    }

    pub(super) async fn download(&self, path: &str) -> Result<Vec<u8>, CliError> {
        let response = self.send(Method::GET, path, None).await?;
        if response.status().is_success() {
            return self.bytes(response, MAX_STATE).await;
        }
        Err(self.refusal(&self.bytes(response, MAX_RESPONSE).await?))
    }

    async fn json(&self, method: Method, path: &str, body: Option<Body>) -> Result<Value, CliError> {
        let response = self.send(method, path, body).await?;
        let is_success = response.status().is_success();
        let bytes = self.bytes(response, MAX_RESPONSE).await?;
        if is_success {
            serde_json::from_slice(&bytes).map_err(|_| self.not_a_sandbox())
        } else {
            Err(self.refusal(&bytes))
        }
    }

    async fn send(&self, method: Method, path: &str, body: Option<Body>) -> Result<Response, CliError> {
        let client = enkash_api::http_client_builder()
            .user_agent(concat!("enkash-sandbox-control/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            .no_proxy();
        let client = client
            .build()
            .map_err(|error| CliError::runtime(format!("the HTTP client cannot start: {error}")))?;
        let url = format!("{}/_sandbox/{path}", self.url());
        let mut request = client.request(method, url);
        if let Some(body) = body {
            request = request.header(header::CONTENT_TYPE, body.media_type).body(body.bytes);
        }
        request.send().await.map_err(|error| self.unreachable(&error))
    }

    async fn bytes(&self, mut response: Response, max: usize) -> Result<Vec<u8>, CliError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unreachable(&error))? {
            if bytes.len() + chunk.len() > max {
                return Err(self.not_a_sandbox());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    /// The URL without the slash at its end, as the sandbox itself prints it.
    pub(super) fn url(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    /// A refusal, in the sandbox's own words.
    fn refusal(&self, body: &[u8]) -> CliError {
        let body: Option<Value> = serde_json::from_slice(body).ok();
        let message = body
            .as_ref()
            .and_then(|body| body.get("response_message"))
            .and_then(Value::as_str);
        match message {
            Some(message) => CliError::runtime(format!("the sandbox at {} refuses: {message}", self.url())),
            None => self.not_a_sandbox(),
        }
    }

    fn unreachable(&self, error: &reqwest::Error) -> CliError {
        let mut cause: &dyn Error = error;
        while let Some(source) = cause.source() {
            cause = source;
        }
        let port = self.url.port_or_known_default().unwrap_or_default();
        CliError::runtime(format!(
            "no sandbox answers at {}: {cause}.\nStart one with `enkash sandbox --port {port}`, or name yours with --url.",
            self.url()
        ))
    }

    pub(super) fn not_a_sandbox(&self) -> CliError {
        CliError::runtime(format!(
            "what answers at {} is not a sandbox of this version. Name yours with --url.",
            self.url()
        ))
    }
}
