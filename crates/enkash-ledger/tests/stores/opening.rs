//! Opening a ledger: what was committed is there again, several processes may come at once, and what this version must not
//! touch is refused.

use enkash_ledger::RowState;

use crate::{
    place::Place,
    rows::{begin, call, done, import, new_rows, pending, row, send},
};

on_each_store!(
    what_was_committed_is_there_again,
    many_may_open_a_new_ledger_at_once,
    a_ledger_of_a_newer_version_is_refused,
    its_place_is_shown_and_no_login,
);

async fn what_was_committed_is_there_again(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", new_rows("A", 3)).await;
    let rows = pending(&ledger, run).await;
    send(&ledger, &rows[0], done()).await;
    let _lost = begin(&ledger, &rows[1]).await.unwrap();
    let _also_lost = ledger.begin(call("R-1")).await.unwrap();
    drop(ledger);

    let ledger = place.open().await;
    assert_eq!(row(&ledger, "A-1").await.state, RowState::Done);
    assert_eq!(row(&ledger, "A-2").await.state, RowState::Sending);
    assert!(ledger.begin(call("R-1")).await.is_err());
    assert_eq!(ledger.interrupt_run(run).await.unwrap(), 1);
    let left: Vec<_> = pending(&ledger, run)
        .await
        .into_iter()
        .map(|row| row.reference)
        .collect();
    assert_eq!(left, ["A-3"]);
}

async fn many_may_open_a_new_ledger_at_once(place: &Place) {
    let opened = [place.try_open(), place.try_open(), place.try_open(), place.try_open()];
    let [first, second, third, fourth] = opened;
    let (first, second, third, fourth) = tokio::join!(first, second, third, fourth);
    for ledger in [first, second, third, fourth] {
        let ledger = ledger.expect("it can be opened");
        assert!(ledger.runs(None, 1).await.unwrap().is_empty());
    }
}

async fn a_ledger_of_a_newer_version_is_refused(place: &Place) {
    drop(place.open().await);
    place.pretend_newer_version();
    let error = place.try_open().await.unwrap_err();
    assert!(error.is_newer_version(), "{error}");
    assert!(error.to_string().contains("update enkash"), "{error}");
}

async fn its_place_is_shown_and_no_login(place: &Place) {
    let ledger = place.open().await;
    let shown = ledger.place();
    assert!(
        !shown.contains("postgres@") && !shown.contains("postgresql:"),
        "{shown}"
    );
    assert!(
        shown.ends_with("ledger.db") || shown.starts_with("127.0.0.1:"),
        "{shown}"
    );
    assert_eq!(format!("{ledger:?}"), format!("Ledger {{ place: {shown:?}, .. }}"));
}

/// A file is for its owner alone.
#[cfg(all(unix, feature = "sqlite"))]
#[tokio::test]
async fn a_file_that_others_can_read_is_refused() {
    use std::{fs, os::unix::fs::PermissionsExt};

    let place = Place::file();
    drop(place.open().await);
    #[allow(irrefutable_let_patterns, reason = "without PostgreSQL a file is the only place")]
    let Place::File(folder) = &place else { return };
    let file = folder.path().join("ledger.db");
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let error = place.try_open().await.unwrap_err();
    assert!(
        error.is_unavailable() && error.to_string().contains("chmod 600"),
        "{error}"
    );
}
