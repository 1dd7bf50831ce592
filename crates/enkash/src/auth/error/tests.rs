use std::time::{Duration, UNIX_EPOCH};

use super::*;

fn every_kind() -> [LoginErrorKind; 12] {
    [
        LoginErrorKind::Rejected {
            answer: "HTTP 401".to_owned(),
        },
        LoginErrorKind::Withheld { strikes: 2 },
        LoginErrorKind::Paused {
            reason: "why".to_owned(),
        },
        LoginErrorKind::Busy,
        LoginErrorKind::Status {
            at: "https://api.example".to_owned(),
            status: StatusCode::BAD_GATEWAY,
        },
        LoginErrorKind::Unreadable,
        LoginErrorKind::Lost { timeout: false },
        LoginErrorKind::Interrupted,
        LoginErrorKind::Unreachable(Default::default()),
        LoginErrorKind::NotSent {
            reason: "why".to_owned(),
        },
        LoginErrorKind::Ledger {
            reason: "why".to_owned(),
        },
        LoginErrorKind::NoRuntime,
    ]
}

#[test]
fn the_text_says_why_and_leaves_the_advice_to_its_accessor() {
    for kind in every_kind() {
        let error = crate::error::Error::login(kind.into());
        let text = error.to_string();
        for word in ["reset", "latch", "TokenSource", "call ", "check", "correct"] {
            assert!(!text.contains(word), "{text}");
        }
        assert!(error.advice().is_none_or(|advice| !text.contains(advice)), "{text}");
    }
    let advice = |kind: LoginErrorKind| crate::error::Error::login(kind.into()).advice().unwrap_or_default();
    assert!(advice(LoginErrorKind::Withheld { strikes: 2 }).contains("reset_latch"));
    assert!(advice(LoginErrorKind::Lost { timeout: true }).contains("later"));
    assert_eq!(crate::error::Error::settings("no").advice(), None);
}

#[test]
fn a_log_in_is_in_doubt_where_it_was_sent_and_nobody_said_yes_or_no() {
    let in_doubt: Vec<_> = every_kind()
        .into_iter()
        .map(LoginError::from)
        .filter(LoginError::is_in_doubt)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(
        in_doubt,
        [
            "no login is sent for a while, because the last one gave no token: why",
            "the login at https://api.example failed with HTTP 502 Bad Gateway",
            "the login got a response that is not a token",
            "the login was sent and its response was lost",
            "the login ended before its response came",
        ]
    );
}

#[test]
fn what_kept_a_log_in_from_being_sent_is_known_by_its_predicate() {
    let texts_of = |predicate: fn(&crate::error::Error) -> bool| -> Vec<_> {
        let errors = every_kind().map(|kind| crate::error::Error::login(kind.into()));
        let errors = errors.into_iter().filter(predicate);
        errors.map(|error| error.to_string()).collect()
    };
    assert_eq!(
        texts_of(crate::error::Error::is_unreachable),
        ["no token: the token host could not be reached"]
    );
    assert_eq!(
        texts_of(crate::error::Error::is_strike_ledger_unavailable),
        ["no token: no login is sent, because it could not be counted: why"]
    );
    assert_eq!(
        texts_of(crate::error::Error::is_login_busy),
        ["no token: no login is sent, because another one for this account is in flight and does not end"]
    );
}

#[test]
fn the_text_names_the_time_of_the_next_log_in() {
    let later = UNIX_EPOCH + Duration::from_millis(4_102_444_800_001);
    let error = LoginError::from(LoginErrorKind::Busy).until(Some(later)).to_string();
    assert!(
        error.ends_with("; the next one is sent at 2100-01-01T00:00:01Z at the earliest"),
        "{error}"
    );
}
