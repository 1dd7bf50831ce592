//! The HTTP client, with the rules that safety rests on: no redirects and no retries of its own, because
//! either could send a call twice, and plain http to this machine only. Both builders make theirs here.

mod plain_http;

use std::time::Duration;

use reqwest::{ClientBuilder, Url};

pub(crate) use self::plain_http::{NotLoopback, PlainHttp};
use crate::Error;

/// A user's own settings, applied before ours.
pub(crate) type HttpHook = Box<dyn FnOnce(ClientBuilder) -> ClientBuilder + Send>;

/// Shorter than servers keep idle connections: a stale one is not picked for a call that moves value.
const POOL_IDLE: Duration = Duration::from_secs(15);

pub(crate) fn build(
    hook: Option<HttpHook>,
    connect_timeout: Duration,
    bases: &[Url],
    plain_http: &PlainHttp,
) -> Result<reqwest::Client, Error> {
    let mut http = reqwest::Client::builder();
    if let Some(hook) = hook {
        http = hook(http);
    }
    // A proxy would carry plain http elsewhere, and what it connects to is not known here.
    if bases.iter().any(|base| plain_http.stays_here(base)) || bases.iter().all(is_loopback) {
        http = http.no_proxy();
    }
    if let Some(resolver) = plain_http.resolver() {
        http = http.dns_resolver(resolver);
    }
    http.redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(connect_timeout)
        .pool_idle_timeout(POOL_IDLE)
        // It would write every byte to the log, tokens and people's data among them.
        .connection_verbose(false)
        .build()
        .map_err(|error| Error::settings(format!("the HTTP client cannot be built: {error}")))
}

pub(crate) fn base_url(base: &str) -> Result<Url, Error> {
    base.parse()
        .map_err(|error| Error::settings(format!("{base:?} is not a base URL: {error}")))
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || literal
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}
