//! The power fails while SQLite writes: its log ends in the middle of a page, or with bytes that were never written.

use std::{
    fs,
    path::{Path, PathBuf},
};

use enkash_ledger::Ledger;

use crate::{
    child::TestProcess,
    facts::{Fact, Facts},
    kills::Seeded,
    sender::{SENDS_ONE_AFTER_THE_OTHER, call, log_of, send},
};

#[derive(Clone, Copy, Debug)]
enum Damage {
    Cut,
    FlippedBit,
    Zeros,
    /// What a file system may leave behind the end.
    Noise,
}

#[tokio::test]
async fn what_was_committed_before_a_torn_page_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    let mut process = TestProcess::start(SENDS_ONE_AFTER_THE_OTHER, &file);
    let mut told: Vec<(u64, Fact)> = Vec::new();
    while told.len() < 60 {
        told.push(parse(&process.next_line().unwrap()));
    }
    process.kill();
    while let Some(line) = process.next_line() {
        told.push(parse(&line));
    }
    let length = fs::metadata(log_of(&file)).unwrap().len();
    assert!(told.is_sorted_by_key(|(end, _)| *end) && told.last().unwrap().0 <= length);

    let mut seeded = Seeded(20_261_129);
    for number in 0..40 {
        let damage = [Damage::Cut, Damage::FlippedBit, Damage::Zeros, Damage::Noise][number % 4];
        // Most in the last pages, some anywhere.
        let behind = seeded.below(if number < 30 { 12_000 } else { length - 32 });
        let at = length - 1 - behind;
        let copy = copy(&file, &folder.path().join(format!("{number}")));
        harm(&log_of(&copy), damage, at);
        let mut facts = Facts::default();
        for (_, fact) in told.iter().filter(|(end, _)| *end <= at) {
            facts.add(*fact);
        }
        let ledger = Ledger::open(&copy).unwrap_or_else(|error| panic!("{damage:?} at {at} of {length}: {error}"));
        facts.assert_kept(&copy);
        send(&ledger, call("AFTERWARDS"), 0, |fact| facts.add(fact))
            .await
            .unwrap();
        facts.assert_kept(&copy);
    }
}

fn parse(line: &str) -> (u64, Fact) {
    let (end, fact) = line.split_once(' ').unwrap();
    (end.parse().unwrap(), Fact::parse(fact))
}

/// The file with its log, as a machine finds them that starts again: without the index in shared memory.
fn copy(file: &Path, folder: &Path) -> PathBuf {
    fs::create_dir(folder).unwrap();
    let copy = folder.join("ledger.db");
    fs::copy(file, &copy).unwrap();
    fs::copy(log_of(file), log_of(&copy)).unwrap();
    copy
}

fn harm(log: &Path, damage: Damage, at: u64) {
    let mut bytes = fs::read(log).unwrap();
    let at = usize::try_from(at).unwrap();
    match damage {
        Damage::Cut => bytes.truncate(at),
        Damage::FlippedBit => bytes[at] ^= 0x10,
        Damage::Zeros => bytes[at..].fill(0),
        Damage::Noise => {
            bytes.truncate(at);
            let mut seeded = Seeded(at as u64 + 1);
            bytes.extend((0..9000).map(|_| seeded.below(256) as u8));
        }
    }
    fs::write(log, bytes).unwrap();
}
