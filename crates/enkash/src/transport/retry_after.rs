//! Reads `Retry-After`: a number of seconds, or a date. A date is held against the server's own clock where
//! the response shows it, so that a wrong clock on this machine changes nothing.

use std::time::{Duration, SystemTime};

use http::{
    HeaderMap, HeaderValue,
    header::{DATE, RETRY_AFTER},
};

/// How long to wait, counted from when the response came. `None` where nothing is asked for, or nothing readable.
pub(crate) fn read(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are as good as for ever.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::from(u32::MAX))));
    }
    let until = httpdate::parse_http_date(text).ok()?;
    let now = headers.get(DATE).and_then(date).unwrap_or_else(SystemTime::now);
    Some(until.duration_since(now).unwrap_or_default())
}

/// A point in time in a header, such as the server's clock in `Date`.
pub(crate) fn date(value: &HeaderValue) -> Option<SystemTime> {
    httpdate::parse_http_date(value.to_str().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "Sun, 22 Nov 2026 10:00:00 GMT";

    fn seconds(value: &str) -> Option<u64> {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap()), (DATE, NOW.parse().unwrap())]);
        read(&headers).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_and_dates_are_read() {
        assert_eq!(seconds("0"), Some(0));
        assert_eq!(seconds(" 120 "), Some(120));
        assert_eq!(seconds("Sun, 22 Nov 2026 10:01:30 GMT"), Some(90));
        assert_eq!(seconds("Sun, 22 Nov 2026 09:00:00 GMT"), Some(0), "the past is now");
        assert_eq!(seconds("99999999999999999999999"), Some(u64::from(u32::MAX)));
    }

    #[test]
    fn what_cannot_be_read_asks_for_nothing() {
        for nonsense in ["", "soon", "-1", "1.5", "22 Nov"] {
            assert_eq!(seconds(nonsense), None, "{nonsense}");
        }
        assert_eq!(read(&HeaderMap::new()), None);
    }

    #[test]
    fn without_the_servers_clock_ours_counts() {
        let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3600));
        let headers = HeaderMap::from_iter([(RETRY_AFTER, date.parse().unwrap())]);
        let wait = read(&headers).unwrap();
        assert!(
            wait > Duration::from_secs(3500) && wait <= Duration::from_secs(3600),
            "{wait:?}"
        );
    }
}
