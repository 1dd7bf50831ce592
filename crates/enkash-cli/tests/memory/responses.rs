//! Responses of 60 MB, and some just below the limit, to a read and to a call that moves value.

use std::process::Command;

use crate::{
    measure::{MOST, measured},
    server::{Body, Framing, Server},
    support::{CommandResult, enkash},
};

const HUGE: usize = 60_000_000;
/// Below the 16 MiB of a list.
const LARGE: usize = 15 * 1024 * 1024;

const ALLOCATE: [&str; 14] = [
    "allocate",
    "--title",
    "Ms",
    "--name",
    "Meera",
    "--email",
    "meera@example.com",
    "--mobile",
    "9000000004",
    "--gender",
    "F",
    "--amount",
    "250.50",
    "--yes",
];

fn live(server: &Server, arguments: &[&str]) -> Command {
    let mut command = enkash(arguments);
    command.envs([
        ("ENKASH_BASE_URL", server.url.as_str()),
        ("ENKASH_PARTNER_ID", "CRMXWB3ZM"),
        ("ENKASH_CLIENT_ID", "CEK1PU9AOO"),
        ("ENKASH_CLIENT_SECRET", "0123456789abcdef0123456789abcdef01234567"),
        ("ENKASH_USERNAME", "9000000001"),
        ("ENKASH_PASSWORD", "password"),
        ("ENKASH_COMPANY_ID", "CEK1PU9AOO"),
        ("ENKASH_CARD_ACCOUNT_ID", "CAQL8YCV3"),
    ]);
    command
}

/// What the command said to this body, and that it stayed within its memory.
fn answered(body: &Body, arguments: &[&str]) -> CommandResult {
    let server = Server::answering(body.clone());
    let (ended, peak) = measured(live(&server, arguments));
    assert!(peak < MOST, "{} MB for {body:?}: {}", peak / 1_000_000, ended.stderr);
    assert_eq!(server.calls(), 1, "{body:?}");
    ended
}

/// Bodies of this length that decode into far more, in no known form, or not at all.
fn bodies(length: usize) -> Vec<Body> {
    let list = |piece| Body::of(piece, length).between("[0,", "0]");
    let payload = |piece| {
        let start = r#"{"code":0,"message":"Success","payload":{"recordsCount":1,"data":[{},"#;
        Body::of(piece, length).between(start, "{}]}}")
    };
    vec![
        list(r#"{"":0},"#),
        list("[],"),
        list("0,"),
        list(r#""","#),
        payload("{},"),
        payload(r#"{"":0},"#),
        Body::of("[", length),
        Body::of(r#"{"a":"#, length),
        Body::of("x", length).between("\"", "\""),
        Body::of(r"\u0000", length).between("\"", "\""),
        Body::of("{},", length).between("[", "{}]").framed(Framing::Chunked),
        Body::of("x", length).between("\"", "\"").framed(Framing::Close),
        Body::of("9", length),
    ]
}

/// Those that are announced in another length than they have.
fn lies() -> Vec<Body> {
    let list = || Body::of(r#"{"":0},"#, HUGE).between("[", "0]");
    vec![
        list().framed(Framing::Lie(100)),
        list().framed(Framing::Lie(usize::MAX / 4)),
        Body::of(r#"{"":0},"#, 1_000_000).framed(Framing::Lie(LARGE)),
    ]
}

#[test]
fn a_response_of_60_mb_takes_little_memory_and_a_money_call_is_unknown() {
    for body in bodies(HUGE) {
        let ended = answered(&body, &ALLOCATE);
        assert_eq!(ended.code, Some(4), "{body:?}: {ended:?}");
        let reason = "has more bytes than its limit of 1048576 bytes allows (response limit `money`)";
        assert!(
            ended.stdout.contains("unknown") && ended.stdout.contains(reason),
            "{ended:?}"
        );
    }
    for body in lies() {
        let ended = answered(&body, &ALLOCATE);
        assert_eq!(ended.code, Some(4), "{body:?}: {ended:?}");
    }
}

#[test]
fn a_response_of_60_mb_takes_little_memory_and_a_read_fails() {
    for body in bodies(HUGE) {
        for command in ["cards", "account"] {
            let ended = answered(&body, &[command]);
            assert_eq!(
                (ended.code, ended.stdout.as_str()),
                (Some(1), ""),
                "{body:?}: {ended:?}"
            );
            assert!(ended.stderr.contains("has more bytes than its limit"), "{ended:?}");
        }
    }
    for body in lies() {
        // A connection that breaks is tried again.
        let server = Server::answering(body.clone());
        let (ended, peak) = measured(live(&server, &["cards"]));
        assert!(peak < MOST, "{} MB for {body:?}", peak / 1_000_000);
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (Some(1), ""),
            "{body:?}: {ended:?}"
        );
    }
}

#[test]
fn a_response_within_the_limit_takes_no_memory_out_of_proportion() {
    for body in bodies(LARGE) {
        for command in ["cards", "transactions"] {
            let ended = answered(&body, &[command, "--output", "json"]);
            assert!(matches!(ended.code, Some(0 | 1)), "{body:?}: {ended:?}");
        }
        let ended = answered(&body, &["cards"]);
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (Some(1), ""),
            "{body:?}: {ended:?}"
        );
    }
}

/// Everything that is printed is in memory as well, so these are the dearest: as many cards as the limit has entries, and as
/// many fields.
#[test]
fn all_that_the_limit_allows_takes_at_most_twenty_times_the_limit() {
    let limit = 16 * 1024 * 1024;
    let card = r#"{"cardAccountId":"CAQL8YCV3","enKashCardId":"EKC00001","cardNumber":"XXXX","mobile":"9000000001","name":"Asha"},"#;
    let cards = r#"{"code":0,"message":"Success","payload":{"recordsCount":1,"data":[{},"#;
    let fields: String = (0..limit / 12 - 100).map(|name| format!("\"{name:x}\":0,")).collect();
    let fields: &str = fields.leak();
    for body in [
        Body::of(card, limit / 256 * card.len() - 10_000).between(cards, "{}]}}"),
        Body::of(fields, fields.len() + 100).between(r#"{"code":0,"payload":{"#, r#""data":[{}]}}"#),
    ] {
        let server = Server::answering(body);
        let (ended, peak) = measured(live(&server, &["cards", "--output", "json"]));
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert!(peak < 20 * limit as u64, "{} MB", peak / 1_000_000);
    }
}
