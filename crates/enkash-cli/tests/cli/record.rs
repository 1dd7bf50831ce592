//! `enkash record` between real clients and a sandbox that stands for the live API: what it hands on, what it refuses, and above all
//! what it writes and what it lets an account suffer.

mod everything;

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::ChildStdout,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use enkash::reqwest::{Client, redirect};
use enkash_recording::Recording;
use enkash_sandbox::{Fault, FaultRule, Operation, Sandbox, Switches, When};
use serde_json::{Value, json};

use self::everything::{CANARIES, call_everything, forms};
use crate::{
    interrupts::is_hang_up_ignored,
    live_calls::ALLOCATE_ARGS,
    support::{CommandResult, LiveSandbox, Running, enkash, run, settings},
};

/// A recorder in front of a sandbox.
struct Recorder {
    live: LiveSandbox,
    running: Running,
    stdout: BufReader<ChildStdout>,
    url: String,
}

impl Recorder {
    async fn start() -> Self {
        Self::before(LiveSandbox::start().await)
    }

    fn before(live: LiveSandbox) -> Self {
        let file = live.folder.path().join("calls.har");
        let mut running = Running::start(live.command(&["record", "--to", file.to_str().unwrap()]));
        let mut stdout = BufReader::new(running.child().stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let announced: Value = serde_json::from_str(&line).unwrap();
        let url = announced["url"].as_str().unwrap().to_owned();
        assert_eq!(announced["settings"]["ENKASH_BASE_URL"], url.as_str());
        assert_eq!(announced["settings"]["ENKASH_TOKEN_URL"], url.as_str());
        assert_eq!(announced["hosts"], json!([live.sandbox.url()]));
        Self {
            live,
            running,
            stdout,
            url,
        }
    }

    fn file(&self) -> PathBuf {
        self.live.folder.path().join("calls.har")
    }

    /// The command through the recorder, with a state of its own, as on another machine.
    fn run(&self, arguments: &[&str]) -> CommandResult {
        let mut command = enkash(arguments);
        command.envs(settings(self.live.sandbox.credentials()));
        command
            .env("ENKASH_BASE_URL", &self.url)
            .env("ENKASH_TOKEN_URL", &self.url);
        command.output().unwrap().into()
    }

    /// Ends it, and gives what it wrote: on its outputs, and in its file.
    fn end(mut self, signal: &str) -> (CommandResult, String, LiveSandbox) {
        self.running.signal(signal);
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        let ended = self.running.ended();
        assert_eq!((ended.code, rest.as_str()), (Some(0), ""), "{ended:?}");
        let path = self.live.folder.path().join("calls.har");
        (ended, fs::read_to_string(path).unwrap(), self.live)
    }
}

fn http() -> Client {
    let client = enkash_api::http_client_builder()
        .no_proxy()
        .redirect(redirect::Policy::none());
    client.build().unwrap()
}

/// The form and the Basic credentials of a login.
fn login_form(sandbox: &Sandbox, password: &str) -> (String, String) {
    let credentials = sandbox.credentials();
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("username", &credentials.username)
        .append_pair("password", password)
        .append_pair("grant_type", "password")
        .append_pair("clientId", &credentials.client_id)
        .finish();
    let basic = STANDARD.encode(format!("{}:{}", credentials.client_id, credentials.client_secret));
    (form, basic)
}

/// Status and body of a login.
async fn log_in(url: &str, sandbox: &Sandbox, password: &str) -> (u16, Value) {
    let (form, basic) = login_form(sandbox, password);
    let request = http()
        .post(format!("{url}/oauth/token"))
        .header("authorization", format!("Basic {basic}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, serde_json::from_str(&response.text().await.unwrap()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_of_every_operation_holds_nobody_and_no_secret() {
    let recorder = Recorder::start().await;
    let sandbox = &recorder.live.sandbox;
    let credentials = sandbox.credentials().clone();
    let (status, login) = log_in(&recorder.url, sandbox, &credentials.password).await;
    assert_eq!(status, 200, "{login}");
    let token = login["access_token"].as_str().unwrap().to_owned();
    let (called, mut canaries) = call_everything(&recorder.url, sandbox, &token).await;
    assert!(called.len() > 20, "{called:?}");
    assert!(canaries.len() > 20, "{canaries:?}");
    for text in [
        &token,
        &credentials.password,
        &credentials.client_secret,
        &credentials.username,
        &credentials.client_id,
    ] {
        canaries.insert(text.clone());
    }
    canaries.insert(login["refresh_token"].as_str().unwrap_or("Zynthia").to_owned());
    canaries.extend(CANARIES.map(|(_, canary)| canary.to_owned()));
    canaries.extend(["Zynthia", "Quillfeather", "Orlovsky", "Brandtkamp", "Ockham"].map(str::to_owned));
    canaries.insert(format!("{}:{}", credentials.client_id, credentials.client_secret));
    let stated: BTreeSet<_> = sandbox
        .stated_paths()
        .into_keys()
        .map(|operation| operation.id().to_owned())
        .collect();

    let (ended, text, _live) = recorder.end("INT");
    let said = format!("{text}\n{}", ended.stderr);
    for canary in &canaries {
        for form in forms(canary) {
            assert!(!said.contains(&form), "{canary} stands in the recording as {form}");
        }
    }
    let recording = Recording::from_slice(text.as_bytes()).unwrap();
    let recorded: BTreeSet<_> = recording
        .exchanges
        .iter()
        .filter_map(|exchange| exchange.operation.clone())
        .collect();
    let missing: Vec<_> = called
        .iter()
        .filter(|id| !stated.contains(*id) && !recorded.contains(*id))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(recorded.contains("issueToken"));
    for rule in [
        "secret",
        "personal",
        "reference",
        "amount",
        "undocumented-value",
        "kept-word",
        "kept-code",
    ] {
        assert!(recording.redaction[rule] > 0, "{rule}");
        assert!(ended.stderr.contains(&format!("\n  {rule} ")), "{}", ended.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_wrong_passwords_through_the_recorder_reach_the_api_once() {
    let recorder = Recorder::start().await;
    let sandbox = &recorder.live.sandbox;
    let (status, first) = log_in(&recorder.url, sandbox, "wr0ng-password").await;
    assert_eq!((status, &first["error"]), (400, &json!("invalid_grant")), "{first}");
    for _ in 0..2 {
        let (status, body) = log_in(&recorder.url, sandbox, "wr0ng-password").await;
        assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")), "{body}");
        assert!(
            body["error_description"]
                .as_str()
                .unwrap()
                .ends_with("Nothing was sent to the API."),
            "{body}"
        );
    }
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);

    // A direct run with the same state knows of it, and one after it as well.
    let mut direct = recorder.live.command(&["token"]);
    direct.env("ENKASH_PASSWORD", "wr0ng-password");
    let ended: CommandResult = direct.output().unwrap().into();
    assert_eq!(ended.code, Some(5), "{ended:?}");
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);

    // The right password is tried, and clears the count.
    let password = sandbox.credentials().password.clone();
    let (status, _) = log_in(&recorder.url, sandbox, &password).await;
    assert_eq!(status, 200);
    assert_eq!(sandbox.calls(Operation::IssueToken), 2);
    let (_, text, live) = recorder.end("TERM");
    assert!(!text.contains("wr0ng"));
    assert_eq!(Recording::from_slice(text.as_bytes()).unwrap().exchanges.len(), 2);
    assert!(!live.sandbox.is_locked(&live.sandbox.credentials().username));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_cannot_be_counted_never_leaves() {
    let recorder = Recorder::start().await;
    let sandbox = &recorder.live.sandbox;
    let (form, basic) = login_form(sandbox, "wr0ng-password");
    let post = async |path: &str, body: &str, authorization: &str| {
        let request = http()
            .post(format!("{}{path}", recorder.url))
            .header("authorization", authorization)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.to_owned());
        request.send().await.unwrap().status().as_u16()
    };
    let basic = format!("Basic {basic}");
    for (path, body, authorization) in [
        (
            "/oauth/token",
            "grant_type=refresh_token&refresh_token=x",
            basic.as_str(),
        ),
        ("/oauth/token", &format!("{form}&extra=1"), &basic),
        ("/oauth/token", &form.replace("clientId=", "clientId=X"), &basic),
        ("/oauth/token", &form, "Bearer x"),
        ("/oauth/token?x=y", &form, &basic),
        ("/OAuth/Token", &form, "Bearer x"),
        ("/api/v0/cart", &form, "Bearer x"),
        ("/api/v0/cart", "{\"password\": \"wr0ng\"}", "Bearer x"),
        ("/api/v0/cart", "", &basic),
    ] {
        let status = post(path, body, authorization).await;
        assert!((400..500).contains(&status), "{path} {body}: {status}");
    }
    assert!(sandbox.log().is_empty(), "{:?}", sandbox.log());
    let (_, text, _) = recorder.end("INT");
    assert_eq!(Recording::from_slice(text.as_bytes()).unwrap().exchanges.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn web_pages_and_other_hosts_are_refused() {
    let recorder = Recorder::start().await;
    let address = recorder.url.strip_prefix("http://").unwrap();
    assert!(address.starts_with("127.0.0.1:"));
    for (request, status) in [
        (
            format!("GET /api/v0/cart HTTP/1.1\r\nhost: {address}\r\norigin: https://evil.example"),
            403,
        ),
        ("GET /api/v0/cart HTTP/1.1\r\nhost: evil.example".to_owned(), 403),
        (format!("GET http://evil.example/ HTTP/1.1\r\nhost: {address}"), 400),
        (format!("CONNECT evil.example:443 HTTP/1.1\r\nhost: {address}"), 405),
        (format!("GET /x/../oauth/token HTTP/1.1\r\nhost: {address}"), 400),
    ] {
        let mut stream = TcpStream::connect(address).unwrap();
        stream
            .write_all(format!("{request}\r\nconnection: close\r\n\r\n").as_bytes())
            .unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        assert!(
            response.starts_with(&format!("HTTP/1.1 {status} ")),
            "{request}: {response}"
        );
        assert!(response.contains("refused_by_recorder"), "{response}");
    }
    assert!(recorder.live.sandbox.log().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_work_through_it_and_get_what_the_api_said() {
    let recorder = Recorder::start().await;
    let account = recorder.run(&["account", "--json"]);
    assert!(
        account.stdout.contains(r#""available_balance":"1000000.00""#),
        "{account:?}"
    );
    let done = recorder.run(&[&["allocate"], &ALLOCATE_ARGS[..], &["--reference", "R1", "--yes"]].concat());
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(recorder.live.sandbox.credits("R1"), 1);

    let both = async |url: &str| {
        let response = http()
            .get(format!("{url}/api/v0/cart?product=VOUCHER"))
            .send()
            .await
            .unwrap();
        let mut headers: Vec<_> = response.headers().keys().map(|name| name.as_str().to_owned()).collect();
        headers.sort_unstable();
        (response.status(), headers, response.bytes().await.unwrap())
    };
    assert_eq!(both(&recorder.url).await, both(recorder.live.sandbox.url()).await);

    let (ended, text, _) = recorder.end("INT");
    assert!(
        ended.stderr.contains("POST createAllocatePoints: 200, "),
        "{}",
        ended.stderr
    );
    let recording = Recording::from_slice(text.as_bytes()).unwrap();
    let allocation = recording
        .exchanges
        .iter()
        .find(|exchange| exchange.operation.as_deref() == Some("createAllocatePoints"));
    let body = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();
    let allocation = allocation.unwrap();
    let (request, response) = (
        allocation.request.body.bytes().unwrap(),
        allocation.response.body.bytes().unwrap(),
    );
    let (request, response) = (body(request), body(response));
    assert_eq!(
        request["uniqueReferenceNumber"],
        response["payload"]["pgReferenceNumber"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_recorded_shows_the_switches_of_its_host() {
    let mut switches = Switches::default();
    switches.set("token_casing", "camel").unwrap();
    switches.set("code_type", "string").unwrap();
    let sandbox = Sandbox::builder().switches(switches).start().await.unwrap();
    let recorder = Recorder::before(LiveSandbox::of(sandbox));
    for arguments in [&["account"][..], &["cards"]] {
        let ended = recorder.run(arguments);
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
    let (_, _, live) = recorder.end("INT");
    let file = live.folder.path().join("calls.har");
    let report = run(&["replay", file.to_str().unwrap(), "--json"]);
    let report: Value = serde_json::from_str(&report.stdout).unwrap();
    assert_ne!(report["before"]["same"], report["before"]["played"], "{report:#}");
    assert_eq!(report["after"]["same"], report["after"]["played"], "{report:#}");
    let switches = report["switches"].as_array().unwrap().iter();
    let changed: Vec<_> = switches
        .filter(|switch| switch["is_changed"] == true)
        .map(|switch| (switch["name"].as_str().unwrap(), switch["value"].as_str().unwrap()))
        .collect();
    assert_eq!(
        changed,
        [("token_casing", "camel"), ("code_type", "string")],
        "{report:#}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_signal_ends_it_with_a_whole_recording_and_the_next_one_goes_on() {
    let mut live = LiveSandbox::start().await;
    let mut calls = 0;
    for signal in ["INT", "TERM", "HUP"] {
        if signal == "HUP" && is_hang_up_ignored() {
            continue;
        }
        let recorder = Recorder::before(live);
        let status = http()
            .get(format!("{}/api/v0/cart", recorder.url))
            .send()
            .await
            .unwrap()
            .status();
        assert_eq!(status.as_u16(), 401);
        calls += 1;
        let file = recorder.file();
        let (ended, _, back) = recorder.end(signal);
        assert!(
            ended.stderr.contains(&format!("calls.har has {calls} call")),
            "{}",
            ended.stderr
        );
        let recording = Recording::read(file).unwrap();
        assert_eq!(
            (recording.exchanges.len(), recording.cut_off),
            (calls, None),
            "{signal}"
        );
        live = back;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_client_went_away_is_finished_and_recorded() {
    let recorder = Recorder::start().await;
    let sandbox = &recorder.live.sandbox;
    let password = sandbox.credentials().password.clone();
    let (_, login) = log_in(&recorder.url, sandbox, &password).await;
    let token = login["access_token"].as_str().unwrap();
    sandbox.add_fault(FaultRule::on(
        Operation::GetCart,
        Fault::Delay(Duration::from_secs(1), When::After),
    ));
    let address = recorder.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "GET /api/v0/cart?product=VOUCHER HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let started = std::time::Instant::now();
    while sandbox.calls(Operation::GetCart) == 0 {
        assert!(started.elapsed().as_secs() < 60, "the call never came");
        tokio::task::yield_now().await;
    }
    drop(stream);
    let (_, text, _) = recorder.end("INT");
    let recording = Recording::from_slice(text.as_bytes()).unwrap();
    let last = recording.exchanges.last().unwrap();
    assert_eq!((last.operation.as_deref(), last.status), (Some("getCart"), 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_cannot_do_is_said_before_anything_is_served() {
    let live = LiveSandbox::start().await;
    let foreign = live.folder.write("foreign.har", "{\"log\": {\"entries\": []}}");
    let foreign = foreign.to_str().unwrap();
    let refused = live.run(&["record", "--to", foreign]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("name another file"), "{}", refused.stderr);
    assert_eq!(fs::read_to_string(foreign).unwrap(), "{\"log\": {\"entries\": []}}");

    let nowhere = enkash(&["record", "--to", "x.har"]).output().unwrap();
    let nowhere = CommandResult::from(nowhere);
    assert_eq!(nowhere.code, Some(2));
    assert!(
        nowhere.stderr.contains("ENKASH_BASE_URL is missing"),
        "{}",
        nowhere.stderr
    );

    let mut plain = enkash(&["record", "--to", "x.har"]);
    plain.env("ENKASH_BASE_URL", "http://api.example.com");
    let plain: CommandResult = plain.output().unwrap().into();
    assert_eq!(plain.code, Some(2), "{plain:?}");
}
