//! The HTTP client, with the rules that safety rests on: no redirects and no retries of its own, because
//! either could send a call twice, and plain http to this machine only. Both builders make theirs here.

use std::time::Duration;

use reqwest::{ClientBuilder, Url};

use crate::{model::invalid::InvalidInput, transport::plain_http::PlainHttpPolicy};

/// A user's own settings, applied before ours. A client has several HTTP clients.
pub(crate) type HttpHook = Box<dyn Fn(ClientBuilder) -> ClientBuilder + Send>;

/// How long a connection lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Connections {
    /// It is used again.
    Pooled,
    /// It carries one request: so a response that comes on it is the response to that request, and no server closes it as idle
    /// while the request is written.
    Unpooled,
}

/// Shorter than servers keep idle connections, so that one which the server is about to close is seldom picked. By default Apache httpd and Node.js close after 5 s, Amazon's load balancers after 60 s, nginx after
/// 75 s; what the API uses is not known.
const POOL_IDLE: Duration = Duration::from_secs(4);

pub(crate) fn build(
    connections: Connections,
    hook: Option<&HttpHook>,
    connect_timeout: Duration,
    bases: &[Url],
    plain_http: &PlainHttpPolicy,
) -> Result<reqwest::Client, InvalidInput> {
    build_with_idle(connections, POOL_IDLE, hook, connect_timeout, bases, plain_http)
}

fn build_with_idle(
    connections: Connections,
    idle: Duration,
    hook: Option<&HttpHook>,
    connect_timeout: Duration,
    bases: &[Url],
    plain_http: &PlainHttpPolicy,
) -> Result<reqwest::Client, InvalidInput> {
    let mut http = enkash_api::http_client_builder();
    if let Some(hook) = hook {
        http = hook(http);
    }
    // A proxy would carry plain http elsewhere, and what it connects to is not known here.
    if bases.iter().any(|base| plain_http.must_stay_local(base)) || bases.iter().all(is_loopback) {
        http = http.no_proxy();
    }
    if let Some(resolver) = plain_http.resolver() {
        http = http.dns_resolver(resolver);
    }
    if connections == Connections::Unpooled {
        http = http.pool_max_idle_per_host(0);
    }
    http.redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(connect_timeout)
        .pool_idle_timeout(idle)
        // It would write every byte to the log, tokens and people's data among them.
        .connection_verbose(false)
        .build()
        .map_err(|error| InvalidInput::setting(format!("the HTTP client cannot be built: {error}")))
}

pub(crate) fn base_url(base: &str) -> Result<Url, InvalidInput> {
    base.parse()
        .map_err(|error| InvalidInput::setting(format!("{base:?} is not a base URL: {error}")))
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || literal
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests;
