//! What a server says may steer a terminal, turn the direction of a line round, or look like a line of ours. No output passes
//! that on, whatever its form.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

use enkash_api::escape_controls;
use serde_json::{Value, json};

use crate::{
    live_calls::ALLOCATE_ARGS,
    support::{CommandResult, TemporaryFile, enkash, file_of},
};

/// C0, DEL, C1, marks and overrides of direction, ends of lines and paragraphs, and what has no width.
const STEERING: &str = "no\u{1b}[2J\u{7}\u{7f}\u{9b}1m\u{200e}\u{200f}\u{202e}\u{2066}\u{2069}\u{61c}\u{2028}\u{2029}\u{200b}\
                        \r\noutcome    done\t!";

/// Says words that steer wherever it can: as another reference, in an account, and in refusals. Logs everybody in.
fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || serve(&stream));
        }
    });
    url
}

fn serve(stream: &TcpStream) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let length = head.lines().find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("content-length:")?
                .trim()
                .parse()
                .ok()
        });
        reader
            .by_ref()
            .take(length.unwrap_or(0))
            .read_to_end(&mut Vec::new())
            .ok()?;
        let body = if head.contains("/oauth/token") {
            json!({ "access_token": "t", "token_type": "bearer", "expires_in": 300 })
        } else if head.contains("/cardAccount/get") {
            let account = json!({ "cardAccountId": STEERING, "cardAccountName": STEERING, "availableBalance": 5 });
            json!({ "code": 0, "message": "Success", "payload": account })
        } else if head.contains("/create-allocate-points") {
            json!({ "code": 0, "message": "Success", "payload": { "pgReferenceNumber": STEERING } })
        } else {
            json!({ "code": 1, "message": STEERING, "payload": STEERING })
        };
        let body = body.to_string();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let mut stream = stream;
        stream.write_all((head + &body).as_bytes()).ok()?;
    }
}

fn live(url: &str, arguments: &[&str]) -> CommandResult {
    let mut command = enkash(arguments);
    command.env("ENKASH_BASE_URL", url);
    for name in [
        "PARTNER_ID",
        "CLIENT_ID",
        "CLIENT_SECRET",
        "USERNAME",
        "PASSWORD",
        "COMPANY_ID",
        "CARD_ACCOUNT_ID",
    ] {
        command.env(format!("ENKASH_{name}"), "X1");
    }
    command.output().unwrap().into()
}

fn steers_nothing(ended: &CommandResult, arguments: &[&str]) {
    for text in [&ended.stdout, &ended.stderr] {
        for line in text.lines() {
            assert_eq!(escape_controls(line), line, "{arguments:?}: {ended:?}");
            assert!(!line.starts_with("outcome    done"), "{arguments:?}: {ended:?}");
        }
    }
}

#[test]
fn what_the_server_says_steers_nothing_in_any_output() {
    let url = server();
    let file = TemporaryFile::new(file_of(2));
    let allocate = [&["allocate"][..], &ALLOCATE_ARGS, &["--yes"]].concat();
    let rows = ["allocate", "--file", file.path(), "--yes"];
    for arguments in [
        &allocate[..],
        &[&allocate[..], &["--json", "-vv"]].concat(),
        &rows,
        &[&rows[..], &["--json"]].concat(),
        &[&rows[..], &["--output", "csv"]].concat(),
        &["account"],
        &["account", "--json"],
        &["account", "--output", "csv"],
        &["cards"],
        &["transactions", "-vv"],
        &["doctor", "--login"],
    ] {
        let ended = live(&url, arguments);
        steers_nothing(&ended, arguments);
        let said = format!("{}{}", ended.stdout, ended.stderr);
        // It is not left out either. In a reason the backslash is a part of the text, and JSON escapes that.
        let said = said.replace(r"\\u", r"\u");
        let is_shown = said.contains(r"no\u001b[2J\u0007\u007f\u009b1m\u200e");
        match arguments[0] {
            // They refuse with words that may name a person, and this is no terminal.
            "cards" | "transactions" => assert!(!is_shown && !said.contains("outcome"), "{said}"),
            "doctor" => {}
            _ => assert!(is_shown, "{said}"),
        }
    }

    // JSON keeps the value.
    let account: Value = serde_json::from_str(&live(&url, &["account", "--json"]).stdout).unwrap();
    let texts: Vec<_> = account
        .as_object()
        .unwrap()
        .values()
        .filter_map(Value::as_str)
        .collect();
    assert!(texts.contains(&STEERING), "{account}");
}

#[test]
fn arguments_steer_nothing_either() {
    for arguments in [
        &["\u{1b}[2J\u{202e}"][..],
        &["allocate", "--\u{1b}[2J"],
        &["profile", "show", "\u{202e}"],
    ] {
        let ended = CommandResult::from(enkash(arguments).output().unwrap());
        assert_eq!(ended.code, Some(2), "{ended:?}");
        steers_nothing(&ended, arguments);
    }
}
