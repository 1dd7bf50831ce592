//! Files that cannot be a ledger, or not now. Each error names the file and what is wrong with it, nothing is changed, and
//! once the cause is gone the ledger works, with all that it had.

use std::{
    fs::{self, File, Permissions},
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use enkash::Timestamp;
use enkash_ledger::{HistoryFilter, Ledger, LedgerError};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::{
    child::{self, TestProcess},
    facts::Facts,
    full_disk::{assert_unavailable, may_mount},
    sender::{call, send},
};

/// A ledger with a few calls, which nobody uses.
struct Used {
    _folder: TempDir,
    file: PathBuf,
    facts: Facts,
}

impl Used {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ledger.db");
        let mut facts = Facts::default();
        let ledger = Ledger::open(&file).unwrap();
        for number in 0..8 {
            let call = call(&format!("BEFORE-{number}"));
            send(&ledger, call, number, |fact| facts.add(fact)).await.unwrap();
        }
        drop(ledger);
        wait_until_closed(&file);
        Self {
            _folder: folder,
            file,
            facts,
        }
    }

    fn moved(&self) -> PathBuf {
        self.file.with_extension("moved")
    }

    /// It works again, and has all that it had.
    async fn assert_usable(mut self) {
        let ledger = Ledger::open(&self.file).unwrap();
        self.facts.assert_kept(&self.file);
        let facts = &mut self.facts;
        send(&ledger, call("AFTERWARDS"), 0, |fact| facts.add(fact))
            .await
            .unwrap();
        self.facts.assert_kept(&self.file);
    }
}

/// A ledger is closed by its own thread. SQLite leaves its log once nobody else has the file open.
fn wait_until_closed(file: &Path) {
    let connection = Connection::open(file).unwrap();
    let started = Instant::now();
    while connection
        .query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))
        .is_err()
    {
        assert!(started.elapsed() < Duration::from_secs(60), "somebody has it open");
        thread::yield_now();
    }
}

/// The error of opening it, with the reason that it must give.
fn refusal(file: &Path, reason: &str) -> LedgerError {
    let error = Ledger::open(file).unwrap_err();
    assert!(error.to_string().contains(&file.display().to_string()), "{error}");
    assert!(error.to_string().contains(reason), "{error}");
    error
}

fn assert_refused(file: &Path, reason: &str) {
    assert_unavailable(&refusal(file, reason), file);
}

#[tokio::test]
async fn a_file_that_others_can_read_is_refused() {
    let used = Used::new().await;
    for mode in [0o644, 0o640, 0o604, 0o620] {
        fs::set_permissions(&used.file, Permissions::from_mode(mode)).unwrap();
        assert_refused(&used.file, "chmod 600");
    }
    fs::set_permissions(&used.file, Permissions::from_mode(0o600)).unwrap();
    used.assert_usable().await;
}

#[tokio::test]
async fn what_sqlite_writes_beside_the_file_is_for_its_owner_alone() {
    let used = Used::new().await;
    let ledger = Ledger::open(&used.file).unwrap();
    send(&ledger, call("NOW"), 0, |_| ()).await.unwrap();
    let names = fs::read_dir(used.file.parent().unwrap()).unwrap().map(Result::unwrap);
    let modes: Vec<_> = names
        .map(|file| file.metadata().unwrap().permissions().mode() & 0o777)
        .collect();
    assert_eq!(modes, [0o600; 3], "the file, its log and its index");
}

#[tokio::test]
async fn what_is_no_file_is_refused() {
    let used = Used::new().await;
    fs::rename(&used.file, used.moved()).unwrap();
    let file = &used.file;

    fs::create_dir(file).unwrap();
    assert_refused(file, "not a regular file");
    fs::remove_dir(file).unwrap();

    symlink(used.moved(), file).unwrap();
    assert_refused(file, "not a regular file");
    fs::remove_file(file).unwrap();

    // Opened, it would wait for whoever writes into it.
    assert!(Command::new("mkfifo").arg(file).status().unwrap().success());
    assert_refused(file, "not a regular file");
    fs::remove_file(file).unwrap();

    assert_refused(&file.join("deeper.db"), "");
    fs::rename(used.moved(), &used.file).unwrap();
    used.assert_usable().await;
}

/// What was committed last stands beside the file, under its name: by another name a row would be pending again.
#[tokio::test]
async fn a_file_with_a_second_name_is_refused_by_both_and_gives_no_intent_out() {
    let used = Used::new().await;
    let open = Ledger::open(&used.file).unwrap();
    let second = used.moved();
    fs::hard_link(&used.file, &second).unwrap();
    for file in [&used.file, &second] {
        assert_refused(file, "it has another name");
    }
    let error = open.begin(call("LINKED")).await.unwrap_err();
    assert!(
        error.is_unavailable() && error.to_string().contains("it has another name"),
        "{error}"
    );
    fs::remove_file(&second).unwrap();
    used.assert_usable().await;
}

#[tokio::test]
async fn what_is_no_ledger_is_refused_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    let private = |content: &[u8]| {
        fs::write(&file, content).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    };
    let text = b"name,mobile,amount\n".repeat(500);
    private(&text);
    assert_refused(&file, "not a database");
    assert_eq!(fs::read(&file).unwrap(), text);

    // The database of another program.
    private(b"");
    let other = Connection::open(&file).unwrap();
    other
        .execute_batch("CREATE TABLE bookmark (id INTEGER PRIMARY KEY)")
        .unwrap();
    drop(other);
    assert_refused(&file, "another program");
    let other = Connection::open(&file).unwrap();
    let tables: i64 = other
        .query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))
        .unwrap();
    assert_eq!(tables, 1);
    drop(other);

    // What a process leaves behind that is killed before it writes anything.
    private(b"");
    send(&Ledger::open(&file).unwrap(), call("FIRST"), 0, |_| ())
        .await
        .unwrap();
}

#[tokio::test]
async fn the_ledger_of_a_newer_version_is_refused() {
    let used = Used::new().await;
    let version = |version: i64| {
        let connection = Connection::open(&used.file).unwrap();
        let before = connection
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .unwrap();
        connection.pragma_update(None, "user_version", version).unwrap();
        before
    };
    let own = version(99);
    let error = refusal(&used.file, "update enkash");
    assert!(error.is_newer_version(), "{error}");
    version(own);
    used.assert_usable().await;
}

/// Half of it is missing: nothing may be begun, as what was sent is no longer known.
#[tokio::test]
async fn a_file_that_was_cut_is_refused() {
    let used = Used::new().await;
    fs::copy(&used.file, used.moved()).unwrap();
    let length = fs::metadata(&used.file).unwrap().len();
    for part in [2, 3, 5] {
        File::options()
            .write(true)
            .open(&used.file)
            .unwrap()
            .set_len(length * part / 7)
            .unwrap();
        assert_refused(&used.file, "malformed");
        fs::copy(used.moved(), &used.file).unwrap();
    }
    used.assert_usable().await;
}

/// Whoever opens the path next would begin an empty ledger, and nobody would find what went into the removed one.
#[tokio::test]
async fn nothing_is_begun_in_a_file_that_was_removed() {
    let used = Used::new().await;
    let ledger = Ledger::open(&used.file).unwrap();
    fs::rename(&used.file, used.moved()).unwrap();
    let error = ledger.begin(call("INTO-NOTHING")).await.unwrap_err();
    assert_unavailable(&error, &used.file);
    assert!(error.to_string().contains("moved or removed"), "{error}");

    // Another file in its place is not this ledger.
    fs::copy(used.moved(), &used.file).unwrap();
    let error = ledger.begin(call("INTO-NOTHING")).await.unwrap_err();
    assert_unavailable(&error, &used.file);

    fs::rename(used.moved(), &used.file).unwrap();
    let intent = ledger.begin(call("INTO-THE-FILE")).await.unwrap();
    drop((intent, ledger));
    used.assert_usable().await;
}

/// SQLite has in its log what was committed last. Whoever opens the ledger after a crash would not see that.
#[tokio::test]
async fn nothing_is_begun_where_the_log_was_removed() {
    let used = Used::new().await;
    let ledger = Ledger::open(&used.file).unwrap();
    let log = used.file.with_extension("db-wal");
    assert!(log.exists());
    drop(ledger.begin(call("INTO-THE-LOG")).await.unwrap());
    let moved = log.with_extension("moved");
    fs::rename(&log, &moved).unwrap();
    for other in [false, true] {
        if other {
            fs::copy(&moved, &log).unwrap();
        }
        let error = ledger.begin(call("INTO-NOTHING")).await.unwrap_err();
        assert_unavailable(&error, &used.file);
        assert!(error.to_string().contains("-wal, was moved or removed"), "{error}");
    }
    fs::rename(&moved, &log).unwrap();
    drop((ledger.begin(call("INTO-THE-LOG-AGAIN")).await.unwrap(), ledger));
    used.assert_usable().await;
}

/// It would know nothing of what was paid.
#[tokio::test]
async fn no_empty_ledger_is_made_where_one_was() {
    let used = Used::new().await;
    let lock = used.file.with_extension("db.run-17.lock");
    fs::write(&lock, "").unwrap();
    fs::rename(&used.file, used.moved()).unwrap();
    assert_refused(&used.file, "a ledger was there and is gone");
    assert!(!used.file.exists());
    File::create(&used.file).unwrap();
    fs::set_permissions(&used.file, Permissions::from_mode(0o600)).unwrap();
    assert_refused(&used.file, "a ledger was there and is gone");
    fs::remove_file(&lock).unwrap();
    drop(Ledger::open(&used.file).unwrap());
    wait_until_closed(&used.file);
    fs::rename(used.moved(), &used.file).unwrap();
    used.assert_usable().await;
}

#[tokio::test]
async fn a_read_only_file_system_is_refused() {
    if !may_mount() {
        return;
    }
    let used = Used::new().await;
    let shell = r#"exec unshare -rm sh -c 'mount --bind "$LEDGER_FOLDER" "$LEDGER_FOLDER" &&
        mount -o remount,bind,ro "$LEDGER_FOLDER" && exec "$@"' sh "$@""#;
    let process = TestProcess::start_after(shell, "unusable_files::opens_what_is_read_only", &used.file);
    assert!(process.ended_well());
    used.assert_usable().await;
}

/// In a process that sees the folder read-only.
#[test]
fn opens_what_is_read_only() {
    let Some(path) = child::ledger_path() else { return };
    assert_refused(&path, "read-only");
    assert_refused(&path.with_extension("new"), "Read-only file system");
}

/// The order of rows is that of their numbers. A time only says what is shown, repeated or forgotten.
#[tokio::test]
async fn a_clock_that_jumps_back_changes_no_order() {
    let used = Used::new().await;
    let connection = Connection::open(&used.file).unwrap();
    let day = 24 * 60 * 60 * 1_000_000_i64;
    // As if it had been a day later when the first half was written.
    for statement in [
        "UPDATE row SET created_at = created_at + ?1, intended_at = intended_at + ?1 WHERE id <= 4",
        "UPDATE attempt SET intended_at = intended_at + ?1 WHERE row <= 4",
    ] {
        assert_eq!(connection.execute(statement, [day]).unwrap(), 4);
    }
    drop(connection);
    let ledger = Ledger::open(&used.file).unwrap();
    let rows = ledger.history(&HistoryFilter::default(), None, 100).await.unwrap();
    let references: Vec<_> = rows.iter().map(|row| row.reference.as_str()).collect();
    let expected: Vec<_> = (0..8).map(|number| format!("BEFORE-{number}")).collect();
    assert_eq!(references, expected);
    assert!(rows[3].created_at > rows[4].created_at && rows[3].created_at > rows[3].concluded_at.unwrap());

    // It was certainly not sent, at a time before its intent, and is begun again before its row came.
    let again = ledger.begin(call("BEFORE-2")).await.unwrap();
    drop((again, ledger));
    used.assert_usable().await;
}

#[tokio::test]
async fn a_row_that_ended_only_now_is_not_forgotten_however_old_it_is() {
    let used = Used::new().await;
    let connection = Connection::open(&used.file).unwrap();
    // As if its machine had begun without a clock.
    connection.execute("UPDATE row SET created_at = 0", []).unwrap();
    drop(connection);
    let ledger = Ledger::open(&used.file).unwrap();
    let rows = ledger.history(&HistoryFilter::default(), None, 100).await.unwrap();
    let ends: Vec<_> = rows
        .iter()
        .filter(|row| row.state.is_final())
        .map(|row| row.concluded_at.unwrap())
        .collect();
    assert_eq!(ledger.purge(ends[0]).await.unwrap(), 0);
    assert_eq!(ledger.purge(Timestamp::MAX).await.unwrap(), ends.len() as u64);
}
