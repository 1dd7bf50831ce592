//! Reset, snapshots and the state file, each by what a tester relies on.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod client;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use client::{ACCOUNT, ALLOCATE, Client, HOLDER, TRANSACTIONS, reply};
use enkash_sandbox::switches::DuplicateReference;
use enkash_sandbox::{
    ExtraRecord, Fault, FaultRule, Operation, Sandbox, SandboxError, Seed, Snapshot, SnapshotError, StateFileError,
    Switches, When,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn control(client: &Client, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
    let request = client
        .http
        .request(method, format!("{}/_sandbox/{path}", client.to.url));
    let request = body.into_iter().fold(request, |request, body| request.json(body));
    reply(request.send().await.unwrap()).await
}

async fn start_with(file: &Path) -> Sandbox {
    Sandbox::builder().state_file(file).start().await.unwrap()
}

async fn refusal(file: &Path) -> String {
    let refused = Sandbox::builder().state_file(file).start().await;
    refused.unwrap_err().to_string()
}

#[tokio::test]
async fn a_reset_leaves_a_sandbox_as_it_was_started() {
    let (refuse, rule) = (
        Switches::new().duplicate_reference(DuplicateReference::Refuse),
        FaultRule::on(Operation::GetCart, Fault::TornBody).nth(1),
    );
    let sandbox = Sandbox::builder().switches(refuse).fault(rule).start().await.unwrap();
    let mut client = Client::partner(&sandbox).await;
    let first = client.give("9000000001", 10.0, "R1").await;
    sandbox.set_switches(Switches::new());
    sandbox.clear_faults();
    sandbox.advance(Duration::from_secs(1_000_000));
    sandbox.add_extra_record(ExtraRecord::credit("R2", HOLDER, 5));
    for _ in 0..3 {
        client.login(&client.to.username, "wrong").await;
    }
    assert!(sandbox.is_locked(&client.to.username));

    assert_eq!(
        control(&client, Method::POST, "reset", None).await,
        (StatusCode::OK, json!({ "sandbox": "done" }))
    );
    assert_eq!(
        client.post(ACCOUNT, &client.account()).await.0,
        401,
        "no token outlives it"
    );
    assert_eq!((sandbox.calls(Operation::IssueToken), sandbox.log().len()), (0, 1));
    assert!(!sandbox.is_locked(&client.to.username));
    assert_eq!(sandbox.switches(), refuse);
    assert!(sandbox.now() < jiff::Timestamp::now() + Duration::from_secs(60));
    let (_, faults) = control(&client, Method::GET, "faults", None).await;
    assert_eq!(
        (faults.as_array().map(Vec::len), &faults[0]["fired"]),
        (Some(1), &json!(0))
    );
    assert_eq!(sandbox.transactions(), []);
    client.token = Client::partner(&sandbox).await.token;
    let (_, found) = client.post(TRANSACTIONS, &client.account()).await;
    assert_eq!(found["payload"]["recordsCount"], 0, "{found}");
    let again = client.give("9000000001", 10.0, "R1").await;
    assert_eq!(
        again.1["payload"]["enKashCardId"], first.1["payload"]["enKashCardId"],
        "the ids are those of the start"
    );
    client::assert_sound(&sandbox);
}

#[tokio::test]
async fn a_call_in_flight_when_a_snapshot_is_loaded_takes_no_effect() {
    let late = Fault::Delay(Duration::from_millis(300), When::Before);
    let rule = FaultRule::on(Operation::CreateAllocatePoints, late).nth(1);
    let sandbox = Sandbox::builder().fault(rule).start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let before = sandbox.snapshot();
    let body = client.credit("9000000001", &json!(10), "R1");
    let call = tokio::spawn(client.request(Method::POST, ALLOCATE).json(&body).send());
    client::until("the call", || sandbox.calls(Operation::CreateAllocatePoints) == 1).await;
    // The token is good in the snapshot as well; with a reset it goes, and the call gets a 401.
    sandbox.restore(&before).unwrap();
    let (status, answer) = reply(call.await.unwrap().unwrap()).await;
    assert_eq!(status, 503, "{answer}");
    assert_eq!(sandbox.credits("R1"), 0);
}

#[tokio::test]
async fn snapshots_are_saved_listed_loaded_and_deleted_by_name() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let name = json!({ "name": "before" });
    let (status, saved) = control(&client, Method::POST, "snapshots", Some(&name)).await;
    assert_eq!((status.as_u16(), &saved["name"]), (200, &json!("before")));
    client.give("9000000001", 10.0, "R1").await;
    let (_, list) = control(&client, Method::GET, "snapshots", None).await;
    assert_eq!(list, json!([saved]));
    let (status, _) = control(&client, Method::POST, "snapshots/before/load", None).await;
    assert_eq!((status.as_u16(), sandbox.credits("R1")), (200, 0));
    assert_eq!(
        client.post(ACCOUNT, &client.account()).await.0,
        200,
        "the token was good when it was saved"
    );
    for (method, path) in [
        (Method::POST, "snapshots/other/load"),
        (Method::DELETE, "snapshots/other"),
        (Method::POST, "snapshots/..%2Fother/load"),
    ] {
        let (status, body) = control(&client, method, path, None).await;
        assert_eq!(status, 404, "{path}: {body}");
    }
    assert_eq!(control(&client, Method::DELETE, "snapshots/before", None).await.0, 200);
    assert_eq!(control(&client, Method::GET, "snapshots", None).await.1, json!([]));
}

#[tokio::test]
async fn names_and_numbers_of_saved_snapshots_are_bounded() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::new(&sandbox);
    for name in ["", "../x", "a/b", "a.b", "A", "é", &"a".repeat(65)] {
        let (status, body) = control(&client, Method::POST, "snapshots", Some(&json!({ "name": name }))).await;
        assert_eq!(status, 422, "{name}: {body}");
    }
    for number in 0..16 {
        let name = json!({ "name": format!("n{number}") });
        assert_eq!(control(&client, Method::POST, "snapshots", Some(&name)).await.0, 200);
    }
    let save = async |name: &str| {
        control(&client, Method::POST, "snapshots", Some(&json!({ "name": name })))
            .await
            .0
    };
    assert_eq!(save("one-more").await, 409);
    assert_eq!(save("n3").await, 200, "one that is there is replaced");
}

#[tokio::test]
async fn the_state_is_downloaded_and_loaded_as_a_file() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    client.give("9000000001", 10.0, "R1").await;
    let url = format!("{}/_sandbox/state", client.to.url);
    let bytes = client.http.get(&url).send().await.unwrap().bytes().await.unwrap();

    let other = Sandbox::start().await.unwrap();
    let url = format!("{}/_sandbox/state", other.url());
    let put = async |bytes: Vec<u8>| reply(client.http.put(&url).body(bytes).send().await.unwrap()).await;
    assert_eq!(put(bytes.to_vec()).await.0, 200);
    assert_eq!(other.credits("R1"), 1);
    let (status, body) = put(bytes[..bytes.len() / 2].to_vec()).await;
    assert_eq!(status, 422);
    assert!(
        body["response_message"].as_str().unwrap().contains("it was cut"),
        "{body}"
    );
    assert_eq!(other.credits("R1"), 1, "nothing changed");

    // A program may set what it likes for itself. A request may not.
    for _ in 0..1_001 {
        sandbox.add_fault(FaultRule::on(
            Operation::GetRewardAccount,
            Fault::ServerError(When::Before),
        ));
    }
    let many = sandbox.snapshot();
    let (status, body) = put(many.to_bytes().unwrap()).await;
    assert_eq!(status, 422);
    assert!(
        body["response_message"].as_str().unwrap().contains("1000 rules"),
        "{body}"
    );
    other.restore(&many).unwrap();
}

#[tokio::test]
async fn a_snapshot_of_another_seed_is_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let other = Sandbox::builder()
        .seed(Seed::small().account_balance(5))
        .start()
        .await
        .unwrap();
    let refused = other.restore(&sandbox.snapshot()).unwrap_err();
    assert!(matches!(refused, SnapshotError::OtherSeed));
    assert!(
        refused.to_string().contains("start the sandbox with the seed"),
        "{refused}"
    );
    for other in [Sandbox::builder().rng_seed(2), Sandbox::builder().max_transactions(5)] {
        let other = other.start().await.unwrap();
        assert!(other.restore(&sandbox.snapshot()).is_err());
    }
}

/// Whoever sends a snapshot writes its origin, and does not say how much is kept.
#[tokio::test]
async fn a_snapshot_brings_no_bounds_of_its_own() {
    let sandbox = Sandbox::start().await.unwrap();
    let good = sandbox.snapshot().to_bytes().unwrap();
    let text = String::from_utf8(good.clone()).unwrap();
    let (_, body) = text.trim_end().split_once('\n').unwrap();
    for (name, number) in [("max", "100000"), ("max_made", "100000")] {
        let bound = format!("\"{name}\":{number}");
        assert!(body.contains(&bound), "{bound}");
        let greater = body.replace(&bound, &format!("\"{name}\":4000000000"));
        let snapshot = Snapshot::from_bytes(&with_right_digest(&greater, &good)).unwrap();
        let refused = sandbox.restore(&snapshot).unwrap_err();
        assert!(matches!(refused, SnapshotError::OtherSeed), "{refused}");
    }
}

/// The bytes with the digest that their second line has.
fn with_right_digest(body: &str, of: &[u8]) -> Vec<u8> {
    use sha2::Digest;
    let header = of.split(|byte| *byte == b'\n').next().unwrap();
    let mut header: Value = serde_json::from_slice(header).unwrap();
    let digest: [u8; 32] = sha2::Sha256::digest(body).into();
    header["sha256"] = json!(digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    header["bytes"] = json!(body.len());
    format!("{header}\n{body}\n").into_bytes()
}

#[tokio::test]
async fn hostile_bytes_are_refused_with_their_place_and_never_panic() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    client.give("9000000001", 10.0, "R1").await;
    let good = sandbox.snapshot().to_bytes().unwrap();
    let error = |bytes: &[u8]| Snapshot::from_bytes(bytes).unwrap_err().to_string();

    assert!(error(b"").contains("no snapshot of a sandbox"));
    assert!(error(&[0; 4096]).contains("no snapshot of a sandbox"));
    assert!(error(b"{}\n{}\n").contains("no snapshot of a sandbox"));
    for end in 0..good.len() {
        assert!(Snapshot::from_bytes(&good[..end]).is_err(), "cut at {end}");
    }
    assert!(error(&good[..good.len() - 9]).contains("it was cut or added to"));
    assert!(error(&[&good[..], b"x"].concat()).contains("it was cut or added to"));
    let text = String::from_utf8(good.clone()).unwrap();
    let (header, body) = text.trim_end().split_once('\n').unwrap();
    let other_version = format!("{}\n{body}\n", header.replace("state\":1,", "state\":2,"));
    assert!(error(other_version.as_bytes()).contains("has version 2"));
    let flipped = text.replace("\"R1\"", "\"R2\"");
    assert!(error(flipped.as_bytes()).contains("its digest differs"));

    // From here on somebody made the digest fit.
    let forged = |body: &str| error(&with_right_digest(body, &good));
    assert!(Snapshot::from_bytes(&with_right_digest(body, &good)).is_ok());
    assert!(forged(&"[".repeat(200_000)).contains("column"));
    assert!(forged(&body.replace("\"store\"", "\"stored\"")).contains("column"));
    let secret = forged(&body.replace("\"balance\":\"10", "\"balance\":\"sandbox-password"));
    assert!(
        secret.contains("column") && !secret.contains("sandbox-password"),
        "{secret}"
    );
    let value: Value = serde_json::from_str(body).unwrap();
    let changed = |pointer: &str, to: Value| {
        let mut value = value.clone();
        *value.pointer_mut(pointer).unwrap() = to;
        forged(&value.to_string())
    };
    let account = "/store/accounts/accounts/CA0SNDBX1";
    let card = value.pointer(&format!("{account}/cards/1")).unwrap().as_str().unwrap();
    let card = format!("/store/cards/cards/{card}");
    let most = json!("79228162514264337593543950335");
    for (pointer, to) in [
        (format!("{account}/on_cards"), json!("1")),
        (format!("{account}/available"), most.clone()),
        (format!("{account}/cards/1"), json!("EKC0")),
        (format!("{account}/primary_card"), json!("EKC0")),
        ("/store/opening".to_owned(), json!("1")),
        (format!("{card}/carried"), most),
        (format!("{card}/account_id"), json!("CA0OTHER")),
        ("/store/journal/movements".to_owned(), json!([])),
    ] {
        assert!(changed(&pointer, to).contains("do not fit together"), "{pointer}");
    }
    for pointer in [
        "/store/ids/counts/0",
        "/store/carts/last_id",
        "/store/journal/first",
        "/controls/responses",
    ] {
        assert!(changed(pointer, json!(u64::MAX)).contains("column"), "{pointer}");
    }
}

#[tokio::test]
async fn the_file_of_a_snapshot_is_private_and_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fixture");
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.snapshot().write(&path).unwrap();
    #[cfg(unix)]
    assert_private(&path);
    sandbox.restore(&Snapshot::read(&path).unwrap()).unwrap();
    // It is what a state file begins with.
    drop(start_with(&path).await);
    let missing = Snapshot::read(&folder.path().join("nothing")).unwrap_err().to_string();
    assert!(missing.contains("nothing: "), "{missing}");
    assert!(
        Snapshot::read(folder.path())
            .unwrap_err()
            .to_string()
            .contains("not a file")
    );
}

#[cfg(unix)]
fn assert_private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{}: {mode:o}", path.display());
}

#[tokio::test]
async fn a_state_file_has_what_was_answered_at_every_moment() {
    let folder = tempfile::tempdir().unwrap();
    let (file, killed) = (folder.path().join("state"), folder.path().join("killed"));
    let sandbox = start_with(&file).await;
    let client = Client::partner(&sandbox).await;
    for number in 0..10 {
        client.give("9000000001", 10.0, &format!("R{number}")).await;
        // A process that is killed now leaves these bytes.
        fs::copy(&file, &killed).unwrap();
        let next = start_with(&killed).await;
        let mut of_next = Client::new(&next);
        of_next.token.clone_from(&client.token);
        let (status, found) = of_next.post(TRANSACTIONS, &client.account()).await;
        let (_, expected) = client.post(TRANSACTIONS, &client.account()).await;
        assert_eq!((status.as_u16(), found), (200, expected));
        client::assert_sound(&next);
    }
    #[cfg(unix)]
    for file in ["state", "state.lock"] {
        assert_private(&folder.path().join(file));
    }
}

#[tokio::test]
async fn a_line_that_was_cut_is_left_out_and_damage_before_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (file, killed) = (folder.path().join("state"), folder.path().join("killed"));
    let sandbox = start_with(&file).await;
    let client = Client::partner(&sandbox).await;
    client.give("9000000001", 10.0, "R1").await;
    let before = fs::read(&file).unwrap();
    client.give("9000000001", 10.0, "R2").await;
    let after = fs::read(&file).unwrap();
    for end in (before.len()..after.len()).step_by(61).chain([after.len() - 1]) {
        fs::write(&killed, &after[..end]).unwrap();
        let next = start_with(&killed).await;
        assert_eq!((next.credits("R1"), next.credits("R2")), (1, 0), "cut at {end}");
    }
    let text = String::from_utf8(after.clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    for (name, changed) in [
        (
            "another amount",
            text.replace("\\\"loadAmount\\\":10.0", "\\\"loadAmount\\\":99.0"),
        ),
        ("a line less", [&lines[..2], &lines[3..]].concat().join("\n") + "\n"),
        ("a line of rubbish", text.clone() + "rubbish\n"),
    ] {
        assert_ne!(changed, text);
        fs::write(&killed, &changed).unwrap();
        let refused = refusal(&killed).await;
        assert!(
            refused.contains("killed:") && refused.contains("it is not what was written"),
            "{name}: {refused}"
        );
        assert!(refused.contains("take another file"), "{refused}");
        assert_eq!(fs::read_to_string(&killed).unwrap(), changed, "it is left as it was");
    }
}

#[tokio::test]
async fn a_file_of_another_seed_or_version_or_of_something_else_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let other = Sandbox::builder()
        .seed(Seed::small().account_balance(5))
        .state_file(&file);
    other.start().await.unwrap().shutdown().await;
    let refused = refusal(&file).await;
    assert!(
        refused.contains("another seed") && refused.contains("take another file"),
        "{refused}"
    );
    let text = fs::read_to_string(&file).unwrap();
    for (content, words) in [
        (text.replace("state\":1,", "state\":7,"), "has version 7"),
        ("companies: []\n".to_owned(), "no snapshot of a sandbox"),
        (String::new(), "no snapshot of a sandbox"),
    ] {
        fs::write(&file, &content).unwrap();
        let refused = refusal(&file).await;
        assert!(refused.contains(words), "{refused}");
        assert_eq!(fs::read_to_string(&file).unwrap(), content);
    }
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    assert!(refusal(&inner).await.contains("it is not a file"));
    assert!(!folder.path().join("inner.lock").exists(), "a lock was left beside it");
    let nowhere: PathBuf = folder.path().join("no-folder").join("state");
    assert!(refusal(&nowhere).await.contains("no-folder"));
}

#[tokio::test]
async fn two_sandboxes_do_not_share_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let first = start_with(&file).await;
    let second = Sandbox::builder().state_file(&file).start().await;
    let refused = second.unwrap_err();
    assert!(
        matches!(refused, SandboxError::StateFile(StateFileError::InUse { .. })),
        "{refused}"
    );
    first.shutdown().await;
    start_with(&file).await.shutdown().await;
}

#[tokio::test]
async fn what_is_steered_outlives_the_process_unless_the_next_is_started_with_something_else() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let sandbox = start_with(&file).await;
    let client = Client::new(&sandbox);
    let refuse = Switches::new().duplicate_reference(DuplicateReference::Refuse);
    sandbox.set_switches(refuse);
    sandbox.add_fault(FaultRule::on(Operation::GetCart, Fault::TornBody));
    sandbox.advance(Duration::from_secs(3_600));
    let name = json!({ "name": "kept" });
    assert_eq!(control(&client, Method::POST, "snapshots", Some(&name)).await.0, 200);
    drop(sandbox);

    let sandbox = start_with(&file).await;
    let client = Client::new(&sandbox);
    assert_eq!(sandbox.switches(), refuse);
    assert!(sandbox.now() > jiff::Timestamp::now() + Duration::from_secs(3_500));
    let (_, list) = control(&client, Method::GET, "snapshots", None).await;
    assert_eq!(list[0]["name"], "kept");
    sandbox.reset();
    assert_eq!(control(&client, Method::POST, "snapshots/kept/load", None).await.0, 200);
    assert_eq!(sandbox.switches(), refuse);
    sandbox.shutdown().await;

    let replay = Switches::new().duplicate_reference(DuplicateReference::ReplayFirst);
    let sandbox = Sandbox::builder()
        .switches(replay)
        .state_file(&file)
        .start()
        .await
        .unwrap();
    assert_eq!(sandbox.switches(), replay);
    let (_, faults) = control(&Client::new(&sandbox), Method::GET, "faults", None).await;
    assert_eq!(
        faults.as_array().map(Vec::len),
        Some(1),
        "the rules are those of the file"
    );
}

#[tokio::test]
async fn a_long_state_file_is_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let sandbox = start_with(&file).await;
    // A process that was killed while it wrote leaves a draft.
    fs::write(folder.path().join("state.enkash-draft"), "half of").unwrap();
    let long = ExtraRecord::credit("R1", HOLDER, 5).with("note", "x".repeat(1 << 20));
    let mut longest = 0;
    for _ in 0..30 {
        sandbox.add_extra_record(long.clone());
        sandbox.clear_extra_records();
        longest = longest.max(fs::metadata(&file).unwrap().len());
    }
    assert!(longest > 4 << 20, "{longest}: it is not written anew for each change");
    assert!(longest < 12 << 20, "{longest}");
    sandbox.add_extra_record(ExtraRecord::credit("R2", HOLDER, 5));
    let killed = folder.path().join("killed");
    fs::copy(&file, &killed).unwrap();
    let next = start_with(&killed).await;
    let client = Client::partner(&next).await;
    let (_, found) = client.post(TRANSACTIONS, &client.account()).await;
    assert_eq!(found["payload"]["recordsCount"], 1, "{found}");
}

#[tokio::test]
async fn no_page_of_the_web_reaches_the_state() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::new(&sandbox);
    for (method, path) in [
        (Method::POST, "reset"),
        (Method::GET, "state"),
        (Method::PUT, "state"),
        (Method::GET, "snapshots"),
        (Method::POST, "snapshots"),
        (Method::POST, "snapshots/a/load"),
        (Method::DELETE, "snapshots/a"),
    ] {
        let url = format!("{}/_sandbox/{path}", client.to.url);
        for (header, value) in [("host", "evil.example"), ("origin", "http://evil.example")] {
            let request = client.http.request(method.clone(), &url).header(header, value);
            let (status, _) = reply(request.send().await.unwrap()).await;
            assert_eq!(status, 403, "{method} {path} with {header}");
        }
    }
}

/// A state file with right digests for these lines of JSON after its snapshot.
fn with_right_chain(file: &str, change: impl Fn(&str) -> String) -> String {
    use sha2::Digest;
    let digest = |parts: &[&[u8]]| -> [u8; 8] {
        let digest: [u8; 32] = sha2::Sha256::digest(parts.concat()).into();
        digest[..8].try_into().unwrap()
    };
    let lines: Vec<&str> = file.lines().collect();
    let mut forged = format!("{}\n{}\n", lines[0], lines[1]);
    let mut chain = digest(&[forged.as_bytes()]);
    for line in &lines[2..] {
        let json = change(&line[17..]);
        chain = digest(&[&chain, json.as_bytes()]);
        let digits: String = chain.iter().map(|byte| format!("{byte:02x}")).collect();
        forged += &format!("{digits} {json}\n");
    }
    forged
}

#[tokio::test]
async fn a_file_whose_calls_would_be_answered_otherwise_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (file, killed) = (folder.path().join("state"), folder.path().join("killed"));
    let sandbox = start_with(&file).await;
    let client = Client::partner(&sandbox).await;
    client.give("9000000001", 10.0, "R1").await;
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(with_right_chain(&text, str::to_owned), text);
    // As another build would do it, or somebody who made the digests fit.
    for (change, words) in [
        (
            ("\\\"loadAmount\\\":10.0", "\\\"loadAmount\\\":11.0"),
            "does not give the answer that it gave",
        ),
        (
            ("\"caller\":\"9000000900\"", "\"caller\":\"9000000999\""),
            "cannot be read; take a good copy",
        ),
        (("{\"call\":", "{\"called\":"), "not what this build reads there"),
    ] {
        let forged = with_right_chain(&text, |json| json.replace(change.0, change.1));
        assert_ne!(forged, text, "{change:?}");
        fs::write(&killed, &forged).unwrap();
        let refused = refusal(&killed).await;
        assert!(
            refused.contains(words) && refused.contains("killed:"),
            "{change:?}: {refused}"
        );
        assert_eq!(fs::read_to_string(&killed).unwrap(), forged);
    }
}
