//! The files that a sandbox writes beside those of its user: nothing of the user's is lost, and nothing that was answered.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod client;

use std::fs;
use std::path::Path;
use std::thread;

use client::{ACCOUNT, Client, HOLDER, reply};
use enkash_sandbox::switches::LostStrikes;
use enkash_sandbox::{
    ExtraRecord, Fault, FaultRule, Operation, Sandbox, Seed, Snapshot, SnapshotError, Switches, When,
};
use serde_json::Value;

async fn start_with(file: &Path) -> Sandbox {
    Sandbox::builder().state_file(file).start().await.unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// What a snapshot holds, in an order that is always the same.
fn value(snapshot: &Snapshot) -> Value {
    let bytes = snapshot.to_bytes().unwrap();
    serde_json::from_slice(bytes.split(|byte| *byte == b'\n').nth(1).unwrap()).unwrap()
}

#[tokio::test]
async fn a_snapshot_replaces_what_is_a_snapshot_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = Sandbox::start().await.unwrap().snapshot();
    let file = folder.path().join("file");
    let good = snapshot.to_bytes().unwrap();
    let text = String::from_utf8(good.clone()).unwrap();
    let body = text.lines().nth(1).unwrap();
    let refused = |content: &[u8], words: &str| {
        fs::write(&file, content).unwrap();
        let refused = snapshot.write(&file).unwrap_err();
        assert!(matches!(refused, SnapshotError::NotReplaced { .. }), "{refused}");
        assert!(refused.to_string().contains(words), "{refused}");
        assert!(fs::read(&file).unwrap() == content, "it is left as it was: {words}");
    };
    refused(b"", "is no snapshot");
    refused(b"companies: []\n", "is no snapshot");
    refused(b"{\"enkash_sandbox_state\":1,\"bytes\":0}\n\n", "is no snapshot");
    refused(b"{\"enkash_sandbox_state\":2}\n{}\n", "is no snapshot");
    refused(&good[..good.len() - 1], "is no snapshot");
    refused(
        &[&good[..], b"0123456789abcdef {}\n"].concat(),
        "has more than a snapshot",
    );
    let other = text.replace("state\":1,", "state\":2,");
    refused((other.clone() + "more\n").as_bytes(), "has more than a snapshot");

    // More than is ever read of a snapshot.
    let large = fs::File::create(&file).unwrap();
    large.set_len(300 << 20).unwrap();
    let refused = snapshot.write(&file).unwrap_err();
    assert!(matches!(refused, SnapshotError::NotReplaced { .. }), "{refused}");
    assert_eq!(fs::metadata(&file).unwrap().len(), 300 << 20);
    let unread = Snapshot::read(&file).unwrap_err();
    assert!(matches!(unread, SnapshotError::NotASnapshot), "{unread}");
    fs::write(&file, &text[..text.len() - body.len() - 1]).unwrap();
    fs::OpenOptions::new()
        .write(true)
        .open(&file)
        .unwrap()
        .set_len(300 << 20)
        .unwrap();
    let refused = snapshot.write(&file).unwrap_err();
    assert!(matches!(refused, SnapshotError::NotReplaced { .. }), "{refused}");
    let unread = Snapshot::read(&file).unwrap_err();
    assert!(matches!(unread, SnapshotError::TooLarge), "{unread}");

    let refused = snapshot.write(folder.path()).unwrap_err();
    assert!(refused.to_string().contains("is no file"), "{refused}");

    // Whole, of another version, and damaged behind a first line that is a snapshot's.
    for content in [text.clone(), other, text.replace(body, &"x".repeat(body.len()))] {
        fs::write(&file, content).unwrap();
        snapshot.write(&file).unwrap();
        assert!(fs::read(&file).unwrap() == good);
    }
    assert_eq!(names(folder.path()), ["file"], "no draft and no lock is left");
}

#[cfg(unix)]
#[tokio::test]
async fn a_snapshot_is_written_to_the_file_that_a_link_names() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = Sandbox::start().await.unwrap().snapshot();
    let (file, link, other) = (
        folder.path().join("file"),
        folder.path().join("link"),
        folder.path().join("other"),
    );
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let refused = snapshot.write(&link).unwrap_err();
    assert!(matches!(refused, SnapshotError::File { .. }), "{refused}");
    fs::write(&file, "mine").unwrap();
    assert!(snapshot.write(&link).is_err());
    snapshot.write(&other).unwrap();
    fs::rename(&other, &file).unwrap();
    snapshot.write(&link).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    Snapshot::read(&file).unwrap();
}

#[tokio::test]
async fn two_writers_of_a_snapshot_leave_a_whole_one_and_the_files_of_their_user() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fixture");
    for mine in ["fixture.new", "fixture.draft"] {
        fs::write(folder.path().join(mine), "mine").unwrap();
    }
    let sandbox = Sandbox::start().await.unwrap();
    let small = sandbox.snapshot();
    let long = ExtraRecord::credit("R1", HOLDER, 5).with("note", "x".repeat(1 << 20));
    sandbox.add_extra_record(long);
    let large = sandbox.snapshot();
    thread::scope(|scope| {
        for snapshot in [&small, &large] {
            scope.spawn(|| {
                for _ in 0..20 {
                    snapshot.write(&file).unwrap();
                    Snapshot::read(&file).unwrap();
                }
            });
        }
    });
    for mine in ["fixture.new", "fixture.draft"] {
        assert_eq!(fs::read_to_string(folder.path().join(mine)).unwrap(), "mine");
    }
    assert_eq!(names(folder.path()), ["fixture", "fixture.draft", "fixture.new"]);
}

#[tokio::test]
async fn no_snapshot_replaces_a_state_file_in_use_or_with_changes() {
    let folder = tempfile::tempdir().unwrap();
    let (file, killed) = (folder.path().join("state"), folder.path().join("killed"));
    let sandbox = start_with(&file).await;
    let snapshot = sandbox.snapshot();
    // It is a snapshot and nothing else yet.
    let refused = snapshot.write(&file).unwrap_err();
    assert!(matches!(refused, SnapshotError::InUse { .. }), "{refused}");
    #[cfg(unix)]
    {
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let refused = snapshot.write(&link).unwrap_err();
        assert!(matches!(refused, SnapshotError::InUse { .. }), "{refused}");
    }
    let client = Client::partner(&sandbox).await;
    client.give("9000000001", 10.0, "R1").await;
    fs::copy(&file, &killed).unwrap();
    let refused = snapshot.write(&killed).unwrap_err();
    assert!(matches!(refused, SnapshotError::NotReplaced { .. }), "{refused}");
    assert_eq!(start_with(&killed).await.credits("R1"), 1);
    sandbox.shutdown().await;
    assert_eq!(start_with(&file).await.credits("R1"), 1);
    // None has it by now, and it is a snapshot.
    snapshot.write(&file).unwrap();
    assert_eq!(start_with(&file).await.credits("R1"), 0);
}

/// Asks for all kinds of answers, and expects none.
#[cfg(unix)]
async fn assert_silent(client: &Client, case: &str) {
    let words = "moved, removed or written over";
    // One that changes nothing comes first.
    client::assert_error(&client.post(client::TRANSACTIONS, &client.account()).await, 503, words);
    let given = client.give("9000000001", 10.0, "R2").await;
    assert_eq!(given.0, 503, "{case}: {}", given.1);
    let health = client.http.get(format!("{}/_sandbox/health", client.to.url));
    let (status, health) = reply(health.send().await.unwrap()).await;
    assert_eq!(status, 503, "{case}: {health}");
    assert!(health.to_string().contains(words), "{case}: {health}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_sandbox_whose_state_file_is_gone_answers_nothing_more() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (file, moved) = (at("state"), at("moved"));
    let other = Sandbox::start().await.unwrap().snapshot().to_bytes().unwrap();
    let same_length = |length: u64| vec![b'x'; usize::try_from(length).unwrap()];
    let cases: [(&str, &dyn Fn()); 6] = [
        ("removed", &|| fs::remove_file(&file).unwrap()),
        ("moved", &|| fs::rename(&file, &moved).unwrap()),
        ("replaced", &|| {
            fs::write(at("new"), same_length(fs::metadata(&file).unwrap().len())).unwrap();
            fs::rename(at("new"), &file).unwrap();
        }),
        ("written over", &|| fs::write(&file, &other).unwrap()),
        ("longer", &|| {
            let mut file = fs::OpenOptions::new().append(true).open(&file).unwrap();
            std::io::Write::write_all(&mut file, b"more\n").unwrap();
        }),
        ("a link", &|| {
            fs::rename(&file, &moved).unwrap();
            std::os::unix::fs::symlink(&moved, &file).unwrap();
        }),
    ];
    // What the sandbox does first after it happened.
    let first_steps: [&dyn Fn(&Sandbox); 3] = [
        &|_| {},
        &|sandbox| sandbox.revoke_tokens(),
        // Writes the file anew.
        &Sandbox::reset,
    ];
    for ((case, happen), first_step) in cases.iter().flat_map(|case| first_steps.map(|step| (case, step))) {
        for name in ["state", "moved"] {
            let _ = fs::remove_file(at(name));
        }
        let sandbox = start_with(&file).await;
        let client = Client::partner(&sandbox).await;
        assert_eq!(client.give("9000000001", 10.0, "R1").await.0, 200);
        happen();
        let left = [&file, &moved].map(|file| fs::read(file).ok());
        first_step(&sandbox);
        assert_silent(&client, case).await;
        sandbox.shutdown().await;
        let right = [&file, &moved].map(|file| fs::read(file).ok());
        assert!(
            right == left,
            "{case}: nothing is put in the place of what stands there"
        );
        if fs::symlink_metadata(&moved).is_ok() {
            assert_eq!(
                start_with(&moved).await.credits("R1"),
                1,
                "{case}: what was answered is there"
            );
        }
    }
}

#[tokio::test]
async fn a_login_that_is_not_the_seeds_leaves_no_secret_in_the_state_file() {
    let folder = tempfile::tempdir().unwrap();
    let (file, killed) = (folder.path().join("state"), folder.path().join("killed"));
    // Its password is one that stands in for another elsewhere.
    let seed = "companies: [{id: C1, name: N, partner_id: P, client_secret: sandbox-secret, logins: [{username: u, \
                password: wrong}], accounts: [{id: A, balance: 1}]}]";
    let start = async |file: &Path| {
        let on_login = |fault| FaultRule::on(Operation::IssueToken, fault);
        let builder = Sandbox::builder().seed(Seed::from_yaml(seed).unwrap());
        let builder = builder.switches(Switches::new().lost_strikes(LostStrikes::NotCounted));
        let builder = builder.fault(on_login(Fault::Reset(When::After)).nth(2));
        let builder = builder.fault(on_login(Fault::DuplicateExecution).probability(0.3));
        builder.state_file(file).start().await.unwrap()
    };
    let sandbox = start(&file).await;
    let client = Client::new(&sandbox);
    let url = format!("{}/oauth/token", client.to.url);
    let right = ["C1", "sandbox-secret", "password", "C1", "u", "wrong"];
    // Each part is right, one of somebody else, or not there, in all ways.
    let mut logins = vec![right];
    for place in 0..right.len() {
        for part in ["REAL", "", "other", "?", "unknown"] {
            let mut login = right;
            login[place] = part;
            logins.push(login);
            login[(place + 1) % right.len()] = "REAL";
            logins.push(login);
        }
    }
    let mut answers = std::collections::BTreeSet::new();
    for (number, login) in logins.iter().enumerate() {
        if number % 4 == 0 {
            sandbox.unlock("u");
        }
        let [id, secret, grant, client_id, username, password] = login;
        let form = [
            ("grant_type", grant),
            ("clientId", client_id),
            ("username", username),
            ("password", password),
            ("client_secret", &"REAL"),
        ];
        let form = form.iter().filter(|(_, value)| !value.is_empty());
        let form: Vec<_> = form.collect();
        let request = client.http.post(&url).query(&[("password", "REAL")]);
        let request = request
            .header("partnerId", "REAL")
            .basic_auth(id, Some(secret))
            .form(&form);
        // One gets no answer.
        if let Ok(response) = request.send().await {
            let (status, answer) = reply(response).await;
            answers.insert(format!("{status} {} {}", answer["error"], answer["error_description"]));
        }
        // A process that is killed now leaves these bytes.
        fs::copy(&file, &killed).unwrap();
        assert!(!fs::read_to_string(&killed).unwrap().contains("REAL"), "{login:?}");
        let next = start(&killed).await;
        assert_eq!(next.is_locked("u"), sandbox.is_locked("u"), "{login:?}");
        assert_eq!(value(&next.snapshot()), value(&sandbox.snapshot()), "{login:?}");
    }
    assert!(answers.len() >= 6, "hardly anything was tried: {answers:?}");
}

/// A file system that answers with an error for a moment has not lost the file.
#[cfg(unix)]
#[tokio::test]
async fn a_sandbox_that_cannot_look_for_its_state_file_looks_again() {
    let folder = tempfile::tempdir().unwrap();
    let (place, away) = (folder.path().join("place"), folder.path().join("away"));
    fs::create_dir(&place).unwrap();
    let sandbox = start_with(&place.join("state")).await;
    let client = Client::partner(&sandbox).await;
    fs::rename(&place, &away).unwrap();
    // A link to itself: looking for what is below it ends with an error that is not "there is none".
    std::os::unix::fs::symlink(&place, &place).unwrap();
    let (status, body) = client.give("9000000001", 10.0, "R1").await;
    assert_eq!(status, 503);
    assert!(
        body.to_string().contains("cannot look whether its state is still in"),
        "{body}"
    );

    fs::remove_file(&place).unwrap();
    fs::rename(&away, &place).unwrap();
    assert_eq!(client.post(ACCOUNT, &client.account()).await.0, 200);
    drop(sandbox);
    assert_eq!(
        start_with(&place.join("state")).await.credits("R1"),
        1,
        "it was kept meanwhile"
    );
}
