//! `enkash sandbox` as another program uses it: one line to read the settings from, then a server until it
//! is told to stop.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    process::ChildStdout,
};

use serde_json::Value;

use crate::{
    live_calls::ALLOCATE_ARGS,
    support::{CommandResult, NOBODY, Running, enkash, run},
};

const SETTINGS: [(&str, &str); 8] = [
    ("ENKASH_BASE_URL", "url"),
    ("ENKASH_PARTNER_ID", "partner_id"),
    ("ENKASH_CLIENT_ID", "client_id"),
    ("ENKASH_CLIENT_SECRET", "client_secret"),
    ("ENKASH_USERNAME", "username"),
    ("ENKASH_PASSWORD", "password"),
    ("ENKASH_COMPANY_ID", "company_id"),
    ("ENKASH_CARD_ACCOUNT_ID", "card_account_id"),
];

fn serve() -> (Running, BufReader<ChildStdout>, Value) {
    serve_with(&[])
}

fn serve_with(options: &[&str]) -> (Running, BufReader<ChildStdout>, Value) {
    let mut running = Running::start(enkash(&[&["sandbox", "--port", "0"], options].concat()));
    let mut stdout = BufReader::new(running.child().stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    (running, stdout, serde_json::from_str(&line).unwrap())
}

#[test]
fn its_one_line_is_all_that_live_calls_need_and_ctrl_c_ends_it() {
    let (mut running, mut stdout, announced) = serve();
    let mut names: Vec<_> = announced.as_object().unwrap().keys().map(String::as_str).collect();
    let mut documented: Vec<_> = SETTINGS.iter().map(|(_, name)| *name).collect();
    documented.push("stated_paths");
    names.sort_unstable();
    documented.sort_unstable();
    assert_eq!(names, documented);

    let live = |arguments: &[&str]| {
        let mut command = enkash(arguments);
        command.envs(SETTINGS.map(|(variable, name)| (variable, announced[name].as_str().unwrap())));
        CommandResult::from(command.output().unwrap())
    };
    let call = [&["allocate"], &ALLOCATE_ARGS[..]].concat();
    assert_eq!(live(&call).code, Some(2));
    let before = live(&["account", "--json"]);
    assert!(
        before.stdout.contains(r#""available_balance":"1000000.00""#),
        "{before:?}"
    );
    let done = live(&[&call[..], &["--yes"]].concat());
    assert_eq!(done.code, Some(0), "{done:?}");
    let after = live(&["account", "--json"]);
    assert!(after.stdout.contains(r#""available_balance":"999749.50""#), "{after:?}");

    running.interrupt();
    let ended = running.ended();
    assert_eq!(ended.code, Some(0));
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    // One line and no more; hints are for terminals.
    assert_eq!((rest.as_str(), ended.stderr.as_str()), ("", ""));
}

#[test]
fn a_preset_sets_switches_and_faults_and_what_is_given_goes_on_top() {
    let (_running, _stdout, announced) = serve_with(&["--preset", "locked-out", "--switch", "code_type=string"]);
    let url = announced["url"].as_str().unwrap();
    let shown = |path: &str| -> Value {
        let port = url.rsplit(':').next().unwrap();
        let mut connection = std::net::TcpStream::connect(("127.0.0.1", port.parse().unwrap())).unwrap();
        let request = format!("GET /_sandbox/{path} HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\n\r\n");
        std::io::Write::write_all(&mut connection, request.as_bytes()).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    };
    assert_eq!(shown("faults")[0]["rule"]["operation"], "issueToken");
    assert_eq!(shown("switches")["code_type"], "string");
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ended = run(&["sandbox", "--port", &port]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    assert!(
        ended.stderr.contains(&format!("cannot listen on 127.0.0.1:{port}: ")),
        "{}",
        ended.stderr
    );
    assert!(
        ended.stderr.contains("Take another --port, or 0 for a free one."),
        "{}",
        ended.stderr
    );
}

#[test]
fn switches_faults_and_the_life_of_tokens_come_from_the_command_line() {
    let faults = format!("{}/../../examples/faults.yaml", env!("CARGO_MANIFEST_DIR"));
    let options = [
        "--switch",
        "expires_in=remaining",
        "--token-ttl",
        "60",
        "--faults",
        &faults,
    ];
    let (_running, _stdout, announced) = serve_with(&options);
    let live = |arguments: &[&str]| {
        let mut command = enkash(arguments);
        command.envs(SETTINGS.map(|(variable, name)| (variable, announced[name].as_str().unwrap())));
        CommandResult::from(command.output().unwrap())
    };
    let token = live(&["token", "--json"]);
    let left: Value = serde_json::from_str(&token.stdout).unwrap();
    assert!(left["lifetime_left_seconds"].as_u64().unwrap() <= 60, "{left}");
    // The first allocation meets the file's first rule: its answer is lost after the points moved.
    let lost = live(&[
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
        "1",
        "--yes",
    ]);
    assert_eq!(lost.code, Some(4), "{lost:?}");
}

#[test]
fn settings_that_do_not_exist_are_named_with_those_that_do() {
    let ended = run(&["sandbox", "--switch", "duplicate_reference=perhaps"]);
    assert_eq!(ended.code, Some(2));
    assert!(
        ended
            .stderr
            .contains("its values are credit-again, refuse, replay-first"),
        "{}",
        ended.stderr
    );
    let ended = run(&["sandbox", "--faults", "no-such-file.yaml"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("no-such-file.yaml: "), "{}", ended.stderr);
    let help = run(&["sandbox", "--help"]).stdout;
    for switch in enkash_sandbox::Switches::TABLE {
        assert!(help.contains(switch.name) && switch.values.iter().all(|(value, _)| help.contains(value)));
    }
    for kind in enkash_sandbox::Fault::TABLE {
        assert!(help.contains(&format!("  {}: ", kind.name)), "{}", kind.name);
    }
    for preset in enkash_sandbox::Preset::ALL {
        assert!(help.contains(&format!("- {preset}:")), "{preset}");
    }
    let ended = run(&["sandbox", "--preset", "payday"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("payday-from-hell"), "{}", ended.stderr);
}

#[test]
fn it_serves_other_machines_only_under_the_names_it_was_given() {
    let (_running, _stdout, announced) = serve_with(&["--expose", "enkash.test"]);
    let url = announced["url"].as_str().unwrap();
    let port = url.rsplit(':').next().unwrap();
    let status = |host: &str| {
        let mut connection = std::net::TcpStream::connect(("127.0.0.1", port.parse().unwrap())).unwrap();
        let request = format!("GET /_sandbox/clock HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        std::io::Write::write_all(&mut connection, request.as_bytes()).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        answer[9..12].to_owned()
    };
    assert_eq!(status(&format!("enkash.test:{port}")), "200");
    assert_eq!(status(&format!("evil.test:{port}")), "403");
}

#[test]
fn its_health_is_an_exit_code_and_where_none_runs_the_remedy_is_named() {
    let (_running, _stdout, announced) = serve();
    let url = announced["url"].as_str().unwrap();
    let healthy = run(&["sandbox", "health", "--url", url]);
    assert_eq!((healthy.code, healthy.stderr.as_str()), (Some(0), ""));
    assert!(
        healthy
            .stdout
            .starts_with(&format!("The sandbox at {url} serves, version ")),
        "{}",
        healthy.stdout
    );
    let json: Value = serde_json::from_str(&run(&["sandbox", "health", "--json", "--url", url]).stdout).unwrap();
    assert_eq!(json["status"], "ok");
    let ended = run(&["sandbox", "health", "--url", NOBODY]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    let port = NOBODY.rsplit(':').next().unwrap();
    for words in [
        format!("no sandbox answers at {NOBODY}: "),
        format!("`enkash sandbox --port {port}`"),
    ] {
        assert!(ended.stderr.contains(&words), "{}", ended.stderr);
    }
    let wrong = run(&["sandbox", "health", "--url", "https://example.test/path"]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
}

/// Who asks restarts a container, and must not wait for a server that begins to answer and never ends.
#[test]
fn its_health_is_not_waited_for_forever() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            // A response to what was not asked yet is none.
            let _ = connection.read(&mut [0; 4096]);
            let _ = connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{");
            held.push(connection);
        }
    });
    let ended = run(&["sandbox", "health", "--url", &url]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    assert!(ended.stderr.contains("said nothing whole in 5 s"), "{ended:?}");
}
