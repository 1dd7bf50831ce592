//! `cargo xtask learn` as it is typed: what it prints, what it writes, and when it refuses.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

const MARKER: &str = "zzqx-secret";

/// A folder with one recording in it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("learn").join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("the test folder can be written");
        let folder = Self(folder);
        let pairs = json!([
            {
                "started_at": "2026-11-27T10:00:00Z",
                "request": {"method": "GET", "url": "/api/v0/cart?product=VOUCHER"},
                "response": {"status": 200, "body": {"response_code": 0, "discount": 5, "nickname": MARKER}},
            },
            {
                "started_at": "2026-11-27T10:00:00Z",
                "request": {"method": "POST", "url": "/api/v0/catalog/search", "body": {"limit": 1}},
                "response": {"status": 200, "body": {"response_code": 0}},
            },
        ]);
        fs::write(folder.path("it.json"), pairs.to_string()).expect("the test folder can be written");
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn learn(&self, arguments: &[&str]) -> Output {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        Command::new(env!("CARGO_BIN_EXE_xtask"))
            .arg("--root")
            .arg(root)
            .args(["learn", "it.json"])
            .args(arguments)
            .current_dir(&self.0)
            .stdin(Stdio::null())
            .output()
            .expect("xtask can be started")
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("it is UTF-8")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("it is UTF-8")
}

#[test]
fn it_prints_what_disagrees_and_what_was_covered() {
    let output = Folder::new("prints").learn(&[]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    for expected in [
        "  getCart, response discount: undocumented field, integer, in 1 exchange, first in it.json, exchange 1\n",
        "  POST /api/v0/catalog/search: no operation has this path",
        "not called: ",
        "getCart    1          1         -",
    ] {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
    assert!(!text.contains(MARKER), "{text}");
}

#[test]
fn what_it_writes_leaves_nothing_to_learn() {
    let folder = Folder::new("writes");
    let path = "searchCatalog=POST /api/v0/catalog/search";
    let output = folder.learn(&["--write", "seen.yaml", "--path", path]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("cargo xtask codegen --overlay seen.yaml"),
        "{}",
        stderr(&output)
    );
    let overlay = fs::read_to_string(folder.path("seen.yaml")).expect("it was written");
    assert!(!overlay.contains(MARKER), "{overlay}");
    assert_eq!(folder.learn(&["--check", "--path", path]).status.code(), Some(1));
    let seen = folder.path("seen.yaml");
    let again = folder.learn(&["--check", "--overlay", seen.to_str().expect("it is a text")]);
    assert_eq!(again.status.code(), Some(0), "{}{}", stdout(&again), stderr(&again));
    assert!(
        stdout(&again).starts_with("where the recording disagrees with spec/: nothing\n"),
        "{}",
        stdout(&again)
    );
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let lint = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["lint", "--overlay"])
        .arg(&seen)
        .arg("--root")
        .arg(root)
        .output()
        .expect("xtask can be started");
    assert_eq!(lint.status.code(), Some(0), "{}", stderr(&lint));
}

#[test]
fn it_prints_json_for_programs() {
    let output = Folder::new("json").learn(&["--json"]);
    let lessons: Value = serde_json::from_str(&stdout(&output)).expect("it is JSON");
    assert_eq!(lessons["findings"][0]["kind"], "unknown-path");
    assert_eq!(lessons["coverage"][0]["operation"], "getCart");
    assert!(!stdout(&output).contains(MARKER));
}

#[test]
fn it_refuses_what_it_cannot_do() {
    let folder = Folder::new("refuses");
    fs::write(folder.path("there.yaml"), "mine").expect("the test folder can be written");
    for (arguments, expected) in [
        (
            &["--write", "new.yaml", "--interactive"][..],
            "--interactive asks on a terminal, and this is none",
        ),
        (
            &["--write", "there.yaml"],
            "there.yaml is there already: name another file, or remove it",
        ),
        (&["--path", "nothing=POST /x"], "--path: there is no operation nothing"),
        (&["none.har"], "none.har"),
    ] {
        let output = folder.learn(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
    assert_eq!(
        fs::read_to_string(folder.path("there.yaml")).expect("it is there"),
        "mine"
    );
    assert!(!folder.path("new.yaml").exists());
}

#[test]
fn a_hostile_har_is_read_or_refused_and_never_shown() {
    let folder = Folder::new("hostile");
    let entry = |url: &str, mime: &str, text: &str, encoding: &str| {
        json!({
            "startedDateTime": "2026-11-27T10:00:00.000Z", "time": 1,
            "request": {
                "method": "POST", "url": url, "httpVersion": "HTTP/1.1", "cookies": [], "queryString": [], "headersSize": -1,
                "bodySize": -1, "headers": [{"name": "Authorization", "value": MARKER}],
                "postData": {"mimeType": "application/json", "text": format!("{{\"{MARKER}@\": 1, \"mobile\": \"{MARKER}\"}}")},
            },
            "response": {
                "status": 200, "statusText": MARKER, "httpVersion": "HTTP/1.1", "cookies": [], "headers": [], "redirectURL": "",
                "headersSize": -1, "bodySize": -1,
                "content": {"size": 1, "mimeType": mime, "text": text, "encoding": encoding},
            },
            "cache": {}, "timings": {"send": 0, "wait": 1, "receive": 0},
        })
    };
    let api = "https://pay-en-uat.enkash.in/api/v0/partner/enKashCard";
    let entries = [
        entry(
            &format!("{api}/search?{MARKER}%40={MARKER}"),
            "application/json",
            &format!("{{\"x\": \"{MARKER}\"}}"),
            "",
        ),
        entry(&format!("{api}/{MARKER}9/list"), "application/json", "{}", ""),
        entry(
            &format!("{api}/search"),
            &format!("image/{MARKER}"),
            "enpxeA==",
            "base64",
        ),
        entry("https://elsewhere.example/collect", "text/html", MARKER, ""),
    ];
    let har = json!({"log": {"version": "1.2", "creator": {"name": MARKER, "version": "1"}, "entries": entries}});
    // Some writers leave the encoding out where there is none.
    let whole = har
        .to_string()
        .replace(",\"encoding\":\"\"", "")
        .replace("\"encoding\":\"\",", "");
    let cut = &whole[..whole.len() - 40];
    for text in [whole.as_str(), cut, "{\"log\": {}}", "[1]", ""] {
        fs::write(folder.path("it.json"), text).expect("the test folder can be written");
        let _ = fs::remove_file(folder.path("seen.yaml"));
        for arguments in [&["--write", "seen.yaml"][..], &["--json"]] {
            let output = folder.learn(arguments);
            assert!(matches!(output.status.code(), Some(0 | 1)), "{}", stderr(&output));
            let written = fs::read_to_string(folder.path("seen.yaml")).unwrap_or_default();
            let shown = format!("{}{}{written}", stdout(&output), stderr(&output));
            assert!(!shown.contains(MARKER), "{shown}");
            let is_read = text == whole;
            assert!(!is_read || stdout(&output).contains("searchCards"), "{shown}");
        }
    }
}
