use super::*;
use crate::auth::token::Token;

fn at(seconds: u64) -> ClockReading {
    ClockReading {
        monotonic: Duration::from_secs(seconds),
        wall: SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds),
    }
}

#[test]
fn the_shorter_of_stated_and_documented_counts() {
    let cap = DOCUMENTED_LIFETIME;
    let in_60_s = (1_700_000_000 + 60) * 1000;
    for (stated, expected) in [
        (ReportedLifetime::of_number(86399), 300),
        (ReportedLifetime::of_number(120), 120),
        (ReportedLifetime::of_number(1), 5),
        (ReportedLifetime::of_number(0), 300),
        (ReportedLifetime::of_number(-7), 300),
        (ReportedLifetime::of_number(i64::MAX), 300),
        (ReportedLifetime::of_number(in_60_s), 60),
        (ReportedLifetime::of_number(1_672_531_199_000), 300),
        (ReportedLifetime::Absent, 300),
    ] {
        assert_eq!(
            stated.clamped(cap, at(0), None),
            Duration::from_secs(expected),
            "{stated:?}"
        );
    }
}

#[test]
fn an_instant_is_read_by_the_servers_clock_unless_that_is_plainly_wrong() {
    let until = ReportedLifetime::of_number((1_700_000_000 + 60) * 1000);
    let lifetime = |server: Option<u64>| {
        let server = server.map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds));
        until.clamped(DOCUMENTED_LIFETIME, at(0), server).as_secs()
    };
    assert_eq!(lifetime(None), 60);
    assert_eq!(lifetime(Some(1_700_000_020)), 40, "the server's clock is ahead");
    assert_eq!(lifetime(Some(1_699_999_980)), 80, "the server's clock is behind");
    assert_eq!(lifetime(Some(0)), 60, "the server's clock is nonsense");
}

#[test]
fn windows_are_spread_and_in_order() {
    for jitter in [0.0, 0.5, 1.0] {
        let windows = RefreshWindows::new(Duration::from_secs(300), jitter);
        assert!(windows.mandatory < windows.advisory && windows.advisory < windows.lifetime / 8);
    }
    assert!(
        RefreshWindows::new(Duration::from_secs(300), 0.0).advisory
            < RefreshWindows::new(Duration::from_secs(300), 1.0).advisory
    );
}

#[test]
fn windows_are_fractions_and_either_clock_ends_a_token() {
    let windows = RefreshWindows::new(Duration::from_secs(300), 0.5);
    let token = Token {
        generation: 1,
        header: http::HeaderValue::from_static("Bearer x"),
        born: at(0),
        fresh_until: Token::fresh_until(at(0), &windows),
        windows,
    };
    for seconds in [0, 269, 270, 271, 300] {
        assert_eq!(
            token.is_fresh(at(seconds)),
            token.phase(at(seconds)) == Phase::Fresh,
            "{seconds}"
        );
    }
    assert_eq!(token.phase(at(269)), Phase::Fresh);
    assert_eq!(token.phase(at(270)), Phase::Advisory);
    assert_eq!(token.phase(at(291)), Phase::Mandatory);
    assert_eq!(token.phase(at(300)), Phase::Ended);
    // The machine slept: only the wall clock moved.
    let woken = ClockReading {
        monotonic: Duration::from_secs(1),
        ..at(301)
    };
    assert_eq!(token.phase(woken), Phase::Ended);
    // The wall clock was set back: the monotonic one still counts.
    let set_back = ClockReading {
        wall: SystemTime::UNIX_EPOCH,
        ..at(301)
    };
    assert_eq!(token.phase(set_back), Phase::Ended);
}
