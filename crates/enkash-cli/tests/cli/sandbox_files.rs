//! What `enkash sandbox` does to files of its user: it writes over nothing but a snapshot, and keeps what it answered.

use std::{fs, path::Path};

use crate::{
    sandbox_state::{OPENING, Served},
    support::TemporaryFolder,
};

#[tokio::test]
async fn a_snapshot_is_saved_over_no_other_file_and_over_no_state_file() {
    let folder = TemporaryFolder::new();
    let (large, state) = (folder.path().join("large"), folder.path().join("state"));
    // More than is ever read of a snapshot.
    fs::File::create(&large).unwrap().set_len(300 << 20).unwrap();
    let mut served = Served::start(&state);
    let assert_refused = |served: &Served, file: &Path, words: &str| {
        let length = fs::metadata(file).unwrap().len();
        let refused = served.act(&["snapshot", "save", "--file", file.to_str().unwrap()]);
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{refused:?}");
        assert!(
            refused.stderr.contains(words) && refused.stderr.contains("Nothing was saved"),
            "{refused:?}"
        );
        assert_eq!(fs::metadata(file).unwrap().len(), length);
    };
    assert_refused(&served, &large, "is no snapshot");
    assert_refused(&served, &state, "it is in use, by a sandbox that keeps its state there");
    let mut caller = served.caller("");
    caller.login().await;
    assert_eq!(caller.allocate("R1", "9000000001").await.unwrap().status(), 200);
    served.running.signal("KILL");
    served.running.ended();

    let other = Served::start(&folder.path().join("other"));
    assert_refused(&other, &state, "has more than a snapshot");
    let served = Served::start(&state);
    assert_eq!(served.caller(&caller.token).available().await, OPENING - 1);
}

#[tokio::test]
async fn a_sandbox_whose_state_file_was_taken_away_says_so_and_answers_nothing_more() {
    let folder = TemporaryFolder::new();
    let (state, moved) = (folder.path().join("state"), folder.path().join("moved"));
    let served = Served::start(&state);
    let mut caller = served.caller("");
    caller.login().await;
    assert_eq!(caller.allocate("R1", "9000000001").await.unwrap().status(), 200);
    fs::rename(&state, &moved).unwrap();
    assert_eq!(caller.allocate("R2", "9000000001").await.unwrap().status(), 503);
    let health = served.act(&["health"]);
    assert_eq!(health.code, Some(1), "{health:?}");
    assert!(health.stderr.contains("moved, removed or written over"), "{health:?}");
    drop(served);
    assert!(!state.exists());
    let served = Served::start(&moved);
    assert_eq!(served.caller(&caller.token).available().await, OPENING - 1);
}
