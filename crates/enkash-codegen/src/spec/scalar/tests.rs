use super::{key_problem, value_problem};

#[test]
fn ordinary_words_pass() {
    for word in [
        "Mr",
        "M",
        "F",
        "y",
        "n",
        "0",
        "-1",
        "86399",
        "898138.1",
        "-990553.44",
        "3.0.3",
        "1.0.0",
        "CR",
        "true",
        "null",
        "~",
        "doc-1038569",
        "4xx",
        "EKC04AZHXP",
        "https://a.example:80/x",
        "/a/b",
        "0.5",
        "2000 00XX XXXX XX01",
        "none",
        "offer",
        "Notes",
    ] {
        assert_eq!(value_problem(word), None, "{word}");
    }
    for word in ["code", "x-enkash", "4XX", "on-hold", "/oauth/token", "<<"] {
        assert_eq!(key_problem(word), None, "{word}");
    }
}

#[test]
fn words_with_two_readings_are_refused() {
    for word in [
        "NO",
        "on",
        "Yes",
        "010",
        "0x1F",
        "0o17",
        "1_000",
        "12:30",
        "2024-01-01",
        "2024-01-01T00:00:00",
    ] {
        assert!(value_problem(word).is_some(), "{word}");
    }
}

#[test]
fn numbers_that_json_cannot_hold_are_refused() {
    for word in [".inf", "-.INF", ".nan", "12345678901234567890123", "1234567890123456.5"] {
        assert!(value_problem(word).is_some(), "{word}");
    }
}

#[test]
fn keys_that_are_not_texts_are_refused() {
    for word in ["200", "-1", "1.5", "null", "~", "", "true", "NO"] {
        assert!(key_problem(word).is_some(), "{word}");
    }
}
