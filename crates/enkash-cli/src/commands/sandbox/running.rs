//! A sandbox that runs, over its control routes. The actions of `enkash sandbox` ask it here, so that each fails with the same
//! words where none runs.

use std::{error::Error, time::Duration};

use enkash::reqwest::{self, Client, Method, Response, Url, redirect};
use serde_json::Value;

use crate::exit::CliError;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// A large state takes its time to be written and read.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// The largest response about the state; a page of something else is not read to its end.
const MAX_RESPONSE: usize = 1 << 20;

/// Which sandbox is meant.
#[derive(clap::Args, Debug)]
pub(super) struct RunningSandbox {
    /// Where the sandbox runs: the url of the line that it printed
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:4010", value_parser = base_url)]
    url: Url,
}

fn base_url(text: &str) -> Result<Url, String> {
    let url: Url = text.parse().map_err(|error| format!("{error}"))?;
    if url.scheme() != "http" || url.path() != "/" || url.query().is_some() || !url.username().is_empty() {
        return Err("a sandbox has a URL such as http://127.0.0.1:4010".to_owned());
    }
    Ok(url)
}

impl RunningSandbox {
    pub(super) async fn get(&self, path: &str) -> Result<Value, CliError> {
        let response = self.send(Method::GET, path).await?;
        self.json(response).await
    }

    async fn send(&self, method: Method, path: &str) -> Result<Response, CliError> {
        let client = Client::builder()
            .user_agent(concat!("enkash-sandbox-control/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            .no_proxy();
        let client = client
            .build()
            .map_err(|error| CliError::runtime(format!("the HTTP client cannot start: {error}")))?;
        let mut url = self.url.clone();
        url.set_path(&format!("/_sandbox/{path}"));
        let sent = client.request(method, url).send().await;
        sent.map_err(|error| self.unreachable(&error))
    }

    /// The JSON of an answer; a refusal is the error, in the sandbox's own words.
    async fn json(&self, mut response: Response) -> Result<Value, CliError> {
        let status = response.status();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unreachable(&error))? {
            if body.len() + chunk.len() > MAX_RESPONSE {
                return Err(self.not_a_sandbox());
            }
            body.extend_from_slice(&chunk);
        }
        let value: Value = serde_json::from_slice(&body).map_err(|_| self.not_a_sandbox())?;
        if status.is_success() {
            return Ok(value);
        }
        let message = value.get("response_message").and_then(Value::as_str);
        Err(match message {
            Some(message) => CliError::runtime(format!("the sandbox at {} refuses: {message}", self.url())),
            None => self.not_a_sandbox(),
        })
    }

    /// The URL without the slash at its end, as the sandbox itself prints it.
    pub(super) fn url(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
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
