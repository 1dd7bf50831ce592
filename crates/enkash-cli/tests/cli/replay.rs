//! `enkash replay` and `enkash sandbox --like`: which switches a recording shows, and a sandbox that has them.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
};

use serde_json::Value;

use crate::support::{Running, enkash, run};

const RECORDING: &str = "examples/recording.json";

/// The switches of a sandbox that was started with these options, and what it said on standard error.
fn switches_of(options: &[&str]) -> (Value, String) {
    let mut running = Running::start(enkash(&[&["sandbox"], options].concat()));
    let mut stdout = BufReader::new(running.child().stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    let announced: Value = serde_json::from_str(&line).unwrap();
    let address = announced["url"]
        .as_str()
        .unwrap()
        .trim_start_matches("http://")
        .to_owned();
    let mut stream = TcpStream::connect(&address).unwrap();
    let request = format!("GET /_sandbox/switches HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    running.interrupt();
    let ended = running.ended();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let body = response.split_once("\r\n\r\n").unwrap().1;
    (serde_json::from_str(body).unwrap(), ended.stderr)
}

#[test]
fn it_says_which_switches_make_the_sandbox_agree_and_what_it_cannot_know() {
    let ended = run(&["replay", RECORDING]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    for expected in [
        "2 exchanges of the recording were played against the sandbox\n0 agree with the sandbox as it was, 2 with the switches below\n",
        "\n  expires_in=86399\n  token_casing=camel\n  code_type=string\n",
        "\nnot shown by the recording: ",
        "lost_strikes",
    ] {
        assert!(
            ended.stdout.contains(expected),
            "{expected} is not in\n{}",
            ended.stdout
        );
    }
    let json: Value = serde_json::from_str(&run(&["replay", RECORDING, "--json"]).stdout).unwrap();
    assert_eq!(
        (&json["before"]["same"], &json["after"]["same"]),
        (&0.into(), &2.into())
    );
}

#[test]
fn a_sandbox_like_a_recording_has_its_switches_and_those_that_are_given() {
    let (switches, said) = switches_of(&["--like", RECORDING, "--switch", "code_type=number"]);
    let named = |name: &str| switches[name].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        (named("token_casing").as_str(), named("code_type").as_str()),
        ("camel", "number"),
        "{switches}"
    );
    assert!(said.contains("token_casing=camel"), "{said}");
}

#[test]
fn what_is_no_recording_is_refused() {
    for command in [
        &["replay", "Cargo.toml"][..],
        &["sandbox", "--like", "Cargo.toml"],
        &["replay", "none.har"],
    ] {
        let ended = run(command);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.contains(command.last().unwrap()), "{ended:?}");
    }
}
