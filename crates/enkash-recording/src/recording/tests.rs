use proptest::prelude::*;
use serde_json::{Value, json};

use super::Recording;
use crate::error::RecordingError;
use crate::exchange::{Body, Exchange};
use crate::limits::{MAX_BODY_BYTES, MAX_ENTRIES, MAX_HEADERS};

fn read(value: &Value) -> Result<Recording, RecordingError> {
    Recording::from_slice(value.to_string().as_bytes())
}

fn entry() -> Value {
    json!({
        "startedDateTime": "2026-01-02T03:04:05.678+05:30", "time": 12.5,
        "request": {
            "method": "post", "url": "https://User:pw@API.example.com/a/b?x=1&y=%20#z",
            "headers": [{"name": "Content-Type", "value": "application/json"}, {"name": ":authority", "value": "x"}],
            "postData": {"mimeType": "application/json", "text": "{\"a\": 1}"},
        },
        "response": {
            "status": 200, "headers": [],
            "content": {"size": 7, "mimeType": "application/json", "text": "eyJiIjoyfQ==", "encoding": "base64"},
        },
    })
}

fn har(entries: &[Value]) -> Value {
    json!({"log": {"version": "1.2", "creator": {}, "entries": entries}})
}

fn check(exchange: &Exchange) {
    assert_eq!(exchange.origin.as_deref(), Some("https://api.example.com"));
    assert_eq!((exchange.method.as_str(), exchange.path.as_str()), ("POST", "/a/b"));
    assert_eq!(
        exchange.query,
        [("x".to_owned(), "1".to_owned()), ("y".to_owned(), " ".to_owned())]
    );
    assert_eq!(exchange.request.headers.len(), 1);
    assert_eq!(exchange.request.body.bytes(), Some(&b"{\"a\": 1}"[..]));
    assert_eq!(exchange.response.body.bytes(), Some(&b"{\"b\":2}"[..]));
    assert_eq!(exchange.response.media_type().as_deref(), Some("application/json"));
    assert_eq!(exchange.started_at.to_string(), "2026-01-01T21:34:05.678Z");
    assert_eq!(exchange.elapsed.as_micros(), 12_500);
}

#[test]
fn a_har_is_read_with_windows_line_ends_and_a_byte_order_mark() {
    let text = serde_json::to_string_pretty(&har(&[entry()])).unwrap();
    let windows = format!("\u{feff}{}\r\n", text.replace('\n', "\r\n"));
    for text in [text, windows] {
        let recording = Recording::from_slice(text.as_bytes()).unwrap();
        check(&recording.exchanges[0]);
        assert_eq!(recording.cut_off, None);
    }
}

#[test]
fn pairs_are_read_as_lines_and_as_an_array() {
    let pair = json!({
        "started_at": "2026-01-02T03:04:05Z", "elapsed_ms": 7,
        "request": {"method": "POST", "url": "/a?x=1", "headers": {"partnerId": "P"}, "body": {"a": 1}},
        "response": {"status": 404, "body": "not found"},
    });
    let lines = format!("{pair}\r\n{pair}\r\n");
    for text in [lines, json!([pair, pair]).to_string()] {
        let recording = Recording::from_slice(text.as_bytes()).unwrap();
        let [first, second] = recording.exchanges.as_slice() else {
            panic!()
        };
        assert_eq!(first, second);
        assert_eq!(first.request.header("partnerid"), Some("P"));
        assert_eq!(first.request.media_type().as_deref(), Some("application/json"));
        assert_eq!(first.response.body, Body::Bytes(b"not found".to_vec()));
        assert_eq!((first.status, first.path.as_str()), (404, "/a"));
    }
}

#[test]
fn a_wrong_entry_is_named_without_its_values() {
    let mut wrong = Vec::new();
    for (pointer, value) in [
        ("/request/url", json!("s3cret")),
        ("/request/method", json!({"s3cret": 1})),
        ("/startedDateTime", json!("s3cret")),
        ("/response/status", json!("s3cret")),
        ("/response/content/text", json!("s3cret")),
        ("/response/content/encoding", json!("s3cret")),
        ("/request/headers", json!("s3cret")),
    ] {
        let mut entry = entry();
        *entry.pointer_mut(pointer).unwrap() = value;
        wrong.push(entry);
    }
    for wrong in wrong {
        let message = read(&har(&[entry(), wrong])).unwrap_err().to_string();
        assert!(message.starts_with("entry 2: "), "{message}");
        assert!(message.contains("mend the entry or remove it"), "{message}");
        assert!(!message.contains("s3cret"), "{message}");
    }
}

#[test]
fn what_is_no_recording_is_refused_with_a_remedy() {
    for (bytes, wanted) in [
        (&b""[..], "record into it first"),
        (b"\xff\xfe{\0", "save it as UTF-8"),
        (b"{\"a\": \"\xff\"}", "save it as UTF-8"),
        (b"{\"log\": ", "line 1"),
        (b"{\"a\": 1}", "neither `log`"),
        (b"{\"log\": {\"entries\": 3}}", "export the HAR again"),
        (b"{\"log\": {\"entries\": []}} {}", "remove it"),
        (b"3", "neither `log`"),
    ] {
        let message = Recording::from_slice(bytes).unwrap_err().to_string();
        assert!(message.contains(wanted), "{message}");
    }
    let folder = tempfile::tempdir().unwrap();
    let message = Recording::read(folder.path()).unwrap_err().to_string();
    assert!(message.contains("is no file"), "{message}");
}

#[test]
fn every_size_has_a_bound() {
    let many = format!("{{\"log\":{{\"entries\":[{}0]}}}}", "0,".repeat(MAX_ENTRIES));
    for text in [many.clone(), format!("[{}0]", "0,".repeat(MAX_ENTRIES))] {
        let error = Recording::from_slice(text.as_bytes()).unwrap_err();
        assert!(
            matches!(error, RecordingError::TooLarge { what: "entries", .. }),
            "{error}"
        );
    }
    let mut wide = entry();
    wide["request"]["headers"] = vec![json!({"name": "a", "value": "b"}); MAX_HEADERS + 1].into();
    let message = read(&har(&[wide])).unwrap_err().to_string();
    assert!(
        message.contains("entry 1") && message.contains("more than 200"),
        "{message}"
    );
    let mut large = entry();
    large["request"]["postData"]["text"] = "x".repeat(MAX_BODY_BYTES + 1).into();
    large["response"]["content"]["text"] = "AAAA".repeat(MAX_BODY_BYTES).into();
    let exchange = &read(&har(&[large])).unwrap().exchanges[0];
    assert_eq!(exchange.request.body.bytes(), None);
    assert_eq!(exchange.request.body.size(), MAX_BODY_BYTES as u64 + 1);
    assert_eq!(exchange.response.body.bytes(), None);
    let deep = format!(
        "{{\"request\":{{\"method\":\"GET\",\"url\":\"/\",\"body\":{}}}",
        "[".repeat(100_000)
    );
    assert!(Recording::from_slice(deep.as_bytes()).is_err());
    let deep = format!("[{{\"request\": {}1{}}}]", "[".repeat(100_000), "]".repeat(100_000));
    assert!(Recording::from_slice(deep.as_bytes()).is_err());
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Recording::from_slice(&bytes);
    }

    #[test]
    fn a_mutated_recording_never_panics(
        at in any::<proptest::sample::Index>(), with in any::<Vec<u8>>(), cut in any::<proptest::sample::Index>(), pairs: bool,
    ) {
        let mut bytes = if pairs {
            br#"{"request": {"method": "GET", "url": "http://a/b?c=d#e", "headers": {"a": "b"}, "body": {}}, "response": {"status": 200}}"#.to_vec()
        } else {
            har(&[entry(), entry()]).to_string().into_bytes()
        };
        let start = at.index(bytes.len());
        let end = start + cut.index(8).min(bytes.len() - start);
        bytes.splice(start..end, with);
        if let Ok(recording) = Recording::from_slice(&bytes) {
            let redactor = crate::Redactor::new(crate::Document::bundled().unwrap()).unwrap();
            for exchange in &recording.exchanges {
                let _ = redactor.redact(exchange);
            }
        }
    }
}
