//! The writer of recordings, on real files and with a real kill.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use enkash_recording::{Document, Recording, RecordingWriter, RedactedExchange, Redactor};

const CHILD: &str = "ENKASH_RECORDING_TEST_FILE";

fn redacted() -> RedactedExchange {
    let pair = br#"{"started_at": "2026-01-02T03:04:05Z", "elapsed_ms": 7,
        "request": {"method": "POST", "url": "https://pay-en-uat.enkash.in/api/v0/partner/enKashCard/search?a=b",
            "headers": {"authorization": "Bearer t0ken"}, "body": {"companyId": "CEK1"}},
        "response": {"status": 200, "body": {"code": 0, "message": "Success"}}}"#;
    let recording = Recording::from_slice(pair).unwrap();
    let redactor = Redactor::new(Document::bundled().unwrap()).unwrap();
    redactor.redact(&recording.exchanges[0])
}

fn write(path: &Path, count: usize) -> RedactedExchange {
    let redacted = redacted();
    let mut writer = RecordingWriter::open(path).unwrap();
    for _ in 0..count {
        writer.append(&redacted).unwrap();
    }
    redacted
}

#[test]
fn the_file_is_whole_after_each_entry_and_goes_on_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.har");
    let redacted = redacted();
    for round in 0..3 {
        let mut writer = RecordingWriter::open(&path).unwrap();
        assert_eq!(writer.entries(), round * 2);
        for _ in 0..2 {
            let value: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            assert_eq!(value["log"]["entries"].as_array().unwrap().len(), writer.entries());
            writer.append(&redacted).unwrap();
        }
    }
    let recording = Recording::read(&path).unwrap();
    assert_eq!(recording.cut_off, None);
    assert_eq!(recording.exchanges, vec![redacted.exchange().clone(); 6]);
    assert_eq!(recording.redaction["secret"], 6);
    assert_eq!(recording.redaction["reference"], 6);
}

#[test]
fn a_file_that_is_cut_off_anywhere_keeps_its_whole_entries() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.har");
    let redacted = write(&path, 2);
    let two = fs::read(&path).unwrap();
    write(&path, 1);
    let three = fs::read(&path).unwrap();
    let shared = two.iter().zip(&three).take_while(|(a, b)| a == b).count();
    // What a kill leaves of the third write: some of it over the end of the file of two entries, and the rest of that.
    for length in shared..three.len() {
        let mut cut = three[..length].to_vec();
        cut.extend_from_slice(two.get(length..).unwrap_or_default());
        fs::write(&path, &cut).unwrap();
        let recording = Recording::read(&path).unwrap_or_else(|error| panic!("at {length}: {error}"));
        assert!((2..=3).contains(&recording.exchanges.len()), "at {length}");
        let mut writer = RecordingWriter::open(&path).unwrap();
        writer.append(&redacted).unwrap();
        let entries = writer.entries();
        drop(writer);
        let recording = Recording::read(&path).unwrap();
        assert_eq!(
            (recording.exchanges.len(), recording.cut_off),
            (entries, None),
            "at {length}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_foreign_file_is_never_overwritten() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.har");
    let refused = |path: &Path| RecordingWriter::open(path).unwrap_err().to_string();
    for text in ["", "{}", "{\"log\":{\"version\":\"1.2\",\"entries\":[]}}"] {
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(refused(&path).contains("name another file"));
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    fs::remove_file(&path).unwrap();
    write(&path, 1);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let link = folder.path().join("link.har");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    refused(&link);
    let held = RecordingWriter::open(&path).unwrap();
    assert!(refused(&path).contains("another process"));
    drop(held);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(refused(&path).contains("chmod 600"));
    assert!(refused(folder.path()).contains("irectory"));
}

/// Runs in the child process of the next test only.
#[test]
fn child_that_writes() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let redacted = redacted();
    let mut writer = RecordingWriter::open(path).unwrap();
    loop {
        writer.append(&redacted).unwrap();
        eprintln!("written");
    }
}

#[test]
fn a_kill_leaves_a_recording_that_can_be_read_and_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.har");
    let mut written = 0;
    for _ in 0..3 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child_that_writes", "--nocapture"])
            .env(CHILD, &path)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let seen = lines
            .take(20)
            .filter(|line| line.as_ref().unwrap() == "written")
            .count();
        child.kill().unwrap();
        child.wait().unwrap();
        written += seen;
        let recording = Recording::read(&path).unwrap();
        assert!(recording.exchanges.len() >= written);
        assert_eq!(
            recording.exchanges.last().unwrap().operation.as_deref(),
            Some("searchCards")
        );
    }
}
