//! The disk is full: nothing may be sent then, nothing is lost, and it works again once there is room.

use std::{fs, path::Path, process::Command};

use enkash_ledger::{Ledger, LedgerError};

use crate::{
    child::{self, TestProcess},
    facts::{Fact, Facts},
    sender::{call, new_run, rows, send},
};

/// Sends until the ledger cannot be used, and returns why.
async fn send_until_it_fails(ledger: &Ledger, mut told: impl FnMut(Fact)) -> LedgerError {
    for number in 0..100_000 {
        if let Err(error) = send(ledger, call(&format!("CALL-{number}")), number, &mut told).await {
            return error;
        }
    }
    panic!("there is always room");
}

pub(crate) fn assert_unavailable(error: &LedgerError, path: &Path) {
    assert!(error.is_unavailable(), "{error}");
    assert!(error.to_string().contains(&path.display().to_string()), "{error}");
}

fn assert_full(error: &LedgerError, path: &Path) {
    assert_unavailable(error, path);
    assert!(error.to_string().contains("full"), "{error}");
}

/// Runs it in a user's own view of the file systems, where it may mount: `false` where the machine does not allow that.
pub(crate) fn may_mount() -> bool {
    let mut unshare = Command::new("unshare");
    unshare.args(["-rm", "sh", "-c", "mount -t tmpfs tmpfs /tmp"]);
    let may = unshare.output().is_ok_and(|output| output.status.success());
    if !may {
        eprintln!("skipped: this machine does not let a user mount (unshare -rm)");
    }
    may
}

#[test]
fn a_full_disk_sends_nothing_and_loses_nothing() {
    if !may_mount() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let shell = r#"exec unshare -rm sh -c 'mount -t tmpfs -o size=600k tmpfs "$LEDGER_FOLDER" && exec "$@"' sh "$@""#;
    let file = folder.path().join("ledger.db");
    let process = TestProcess::start_after(shell, "full_disk::fills_a_small_disk", &file);
    assert!(process.ended_well());
}

/// In a process whose ledger is on a disk of 600 kB.
#[test]
fn fills_a_small_disk() {
    let Some(path) = child::ledger_path() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let ledger = Ledger::open(&path).unwrap();
        let mut facts = Facts::default();
        let ballast = path.with_extension("ballast");
        fs::write(&ballast, vec![1; 100_000]).unwrap();
        let error = send_until_it_fails(&ledger, |fact| facts.add(fact)).await;
        assert_full(&error, &path);
        assert!(facts.len() > 5);
        let again = ledger.begin(call("WHILE-FULL")).await.unwrap_err();
        assert_full(&again, &path);

        // More than SQLite keeps in memory until the commit, and more than fits.
        let many = (0..8_000).map(|number| call(&format!("MANY-{number}"))).collect();
        assert_full(&ledger.begin_all(many).await.unwrap_err(), &path);
        let mut import = ledger.import_run(new_run()).await.unwrap();
        // What fits into memory fails with the commit only.
        let imported = async {
            import.push(rows(20_000)).await?;
            import.finish("hash").await?.commit_with_repetitions(0).await
        };
        let imported = imported.await;
        assert_full(&imported.unwrap_err(), &path);
        assert!(ledger.runs(None, 1).await.unwrap().is_empty());

        // Whatever was told can be read meanwhile.
        facts.assert_kept(&path);
        fs::remove_file(&ballast).unwrap();
        send(&ledger, call("WHILE-FULL"), 0, |fact| facts.add(fact))
            .await
            .unwrap();
        facts.assert_kept(&path);
    });
}

/// A limit that needs no right to mount: a file of this user may grow no further.
#[tokio::test]
async fn a_file_that_may_not_grow_sends_nothing_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    drop(Ledger::open(&file).unwrap());
    // 512 bytes each; without the signal that would end the process.
    let shell = "trap '' XFSZ; ulimit -f 2000; exec \"$@\"";
    let mut process = TestProcess::start_after(shell, "full_disk::grows_a_file_to_its_limit", &file);
    let mut facts = Facts::default();
    while let Some(line) = process.next_line() {
        facts.add(Fact::parse(&line));
    }
    assert!(process.ended_well());
    assert!(facts.len() > 5);
    let ledger = Ledger::open(&file).unwrap();
    facts.assert_kept(&file);
    send(&ledger, call("AGAIN"), 0, |fact| facts.add(fact)).await.unwrap();
    facts.assert_kept(&file);
}

/// In a process whose files are limited.
#[test]
fn grows_a_file_to_its_limit() {
    let Some(path) = child::ledger_path() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let ledger = Ledger::open(&path).unwrap();
        let error = send_until_it_fails(&ledger, |fact| child::tell(&fact.to_string())).await;
        assert_unavailable(&error, &path);
        let again = ledger.begin(call("AGAIN")).await.unwrap_err();
        assert_unavailable(&again, &path);
    });
}
