//! The locks of POSIX belong to a process and a file: whoever in the process closes the file drops them all. SQLite closes with
//! care; this guards that the ledger's own code does.

use std::fs;

use enkash_ledger::Ledger;

use crate::{
    child::{self, TestProcess, tell, wait},
    sender::{call, send},
};

/// Without this lock, the next process that closes the ledger could take itself for the last, and remove the log in use.
#[cfg(target_os = "linux")]
#[test]
fn a_ledger_that_is_opened_twice_keeps_its_locks() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    let mut process = TestProcess::start("closed_files::opens_twice", &file);
    process.next_line().unwrap();
    let number = std::os::unix::fs::MetadataExt::ino(&fs::metadata(&file).unwrap());
    let locks = fs::read_to_string("/proc/locks").unwrap();
    assert!(locks.contains(&format!(":{number} ")), "{locks}");
}

#[test]
fn opens_twice() {
    let Some(path) = child::ledger_path() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let ledger = Ledger::open(&path).unwrap();
        send(&ledger, call("FIRST"), 0, |_| ()).await.unwrap();
        let _twice = Ledger::open(&path).unwrap();
        tell("opened twice");
        wait();
    });
}
