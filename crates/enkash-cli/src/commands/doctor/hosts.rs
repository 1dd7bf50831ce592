//! Asks each host for `/`, without credentials: whether it is there, how long its certificate is valid, and how far its
//! clock is from ours. Any status will do.

use std::{
    error::Error,
    time::{Duration, Instant, SystemTime},
};

use super::{certificate::valid_until, check::Check, format_duration};
use enkash::reqwest::{self, Client, Response, Url, redirect, tls::TlsInfo};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// With less than this left, somebody should see to the certificate.
const CERTIFICATE_WARNING: Duration = Duration::from_secs(14 * 86_400);
/// `Date` counts whole seconds, and the response takes its time.
const CLOCK_SKEW_OK_SECS: f64 = 2.0;
/// As long as a token lives by the text of the pages.
const CLOCK_SKEW_MAX_SECS: f64 = 300.0;

/// Checks every host once, and the clock by the first that says the time.
pub(super) async fn check(hosts: &[(&'static str, String)], plain_http_hosts: &[String]) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut clock = None;
    let mut seen: Vec<String> = Vec::new();
    for (name, url) in hosts {
        // A wrong URL is reported with the settings.
        let Ok(url) = url.parse::<Url>() else {
            continue;
        };
        let origin = url.origin().ascii_serialization();
        if seen.contains(&origin) {
            continue;
        }
        let (check, offset) = probe(name, &url, plain_http_hosts).await;
        checks.push(check);
        clock = clock.or(offset);
        seen.push(origin);
    }
    if let Some(seconds) = clock {
        checks.push(clock_check(seconds));
    } else if !checks.is_empty() {
        checks.push(Check::note("clock", "not checked: no host said the time"));
    }
    checks
}

async fn probe(name: &'static str, url: &Url, plain_http_hosts: &[String]) -> (Check, Option<f64>) {
    let origin = url.origin().ascii_serialization();
    if let Err(error) = enkash_api::origin::refuse_plain_http(url, plain_http_hosts) {
        return (Check::fail(name, format!("{origin}: {error}")), None);
    }
    let client = match client(url) {
        Ok(client) => client,
        Err(error) => return (Check::fail(name, format!("{origin}: {}", root_cause(&error))), None),
    };
    let mut root = url.clone();
    root.set_path("/");
    root.set_query(None);
    let (started, wall) = (Instant::now(), SystemTime::now());
    match client.head(root).send().await {
        Err(error) => {
            let reason = reason(url, &error).await;
            (Check::fail(name, format!("{origin} {reason}")), None)
        }
        Ok(response) => {
            let took = started.elapsed();
            let offset = offset(&response, wall + took / 2);
            let status = format!("{origin} answers in {} ms", took.as_millis());
            (certificate_check(name, status, &response), offset)
        }
    }
}

fn client(url: &Url) -> Result<Client, reqwest::Error> {
    let mut client = enkash_api::http_client_builder()
        .user_agent(concat!("enkash-doctor/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(REQUEST_TIMEOUT)
        .tls_info(true);
    if url.scheme() == "http" {
        client = client.no_proxy();
    }
    client.build()
}

/// Why there is no response, in a few words.
async fn reason(url: &Url, error: &reqwest::Error) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    // A proxy may know a name that we do not: it is looked up only now.
    let is_literal = url.domain().is_none();
    if error.is_connect() && !is_literal {
        let looked_up = tokio::time::timeout(CONNECT_TIMEOUT, tokio::net::lookup_host((host, port))).await;
        if !matches!(looked_up, Ok(Ok(_))) {
            return "is not known to DNS".to_owned();
        }
    }
    if error.is_timeout() {
        return format!("did not respond within {} s", REQUEST_TIMEOUT.as_secs());
    }
    format!("cannot be reached: {}", root_cause(error))
}

/// The innermost source: what really happened. The URL is in none but the outermost.
fn root_cause(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

fn certificate_check(name: &'static str, status: String, response: &Response) -> Check {
    let tls = response.extensions().get::<TlsInfo>();
    let Some(ends) = tls.and_then(TlsInfo::peer_certificate).and_then(valid_until) else {
        return Check::ok(name, status);
    };
    let left = ends.duration_since(SystemTime::now()).unwrap_or_default();
    let text = format!("{status}, certificate valid for {}", format_duration(left));
    if left < CERTIFICATE_WARNING {
        Check::warn(name, text)
    } else {
        Check::ok(name, text)
    }
}

/// How many seconds the server is before us; behind us where negative.
fn offset(response: &Response, ours: SystemTime) -> Option<f64> {
    let date = response.headers().get(reqwest::header::DATE)?.to_str().ok()?;
    // On average it is half a second more than the whole seconds that it says.
    let theirs = httpdate::parse_http_date(date).ok()? + Duration::from_millis(500);
    Some(match theirs.duration_since(ours) {
        Ok(ahead) => ahead.as_secs_f64(),
        Err(behind) => -behind.duration().as_secs_f64(),
    })
}

fn clock_check(offset: f64) -> Check {
    let size = offset.abs();
    let text = format!(
        "{size:.1} s {} the server",
        if offset > 0.0 { "behind" } else { "ahead of" }
    );
    if size <= CLOCK_SKEW_OK_SECS {
        Check::ok("clock", "right, as far as the server's Date tells")
    } else if size <= CLOCK_SKEW_MAX_SECS {
        Check::warn("clock", format!("{text}: fine for tokens of 300 s"))
    } else {
        Check::fail(
            "clock",
            format!("{text}: tokens that are kept and the times in tickets are wrong by as much, so set it"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_right_within_what_can_be_known() {
        let word = |offset| clock_check(offset).status.as_str();
        assert_eq!(
            [word(0.3), word(-1.9), word(4.2), word(-299.0), word(301.0)],
            ["ok", "ok", "warn", "warn", "fail"]
        );
        assert!(clock_check(4.2).detail.starts_with("4.2 s behind the server"));
        assert!(clock_check(-4.2).detail.starts_with("4.2 s ahead of the server"));
    }
}
