//! Processes that share a ledger are killed again and again, at moments that nothing chooses but a seed and the machine.

use enkash_ledger::{HistoryFilter, Ledger, RowState};

use crate::{
    child::{self, TestProcess, tell, wait},
    facts::{Fact, Facts},
    sender::{SENDS_UNTIL_IT_IS_KILLED, import, new_run, rows},
};

const KILLS: u32 = 100;
const ROWS: u64 = 3_000;

/// Numbers that look random and are the same each time.
pub(crate) struct Seeded(pub(crate) u64);

impl Seeded {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

#[tokio::test]
async fn nothing_that_was_told_is_lost_when_processes_are_killed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    import(&Ledger::open(&file).unwrap(), ROWS).await;
    let start = || TestProcess::start(SENDS_UNTIL_IT_IS_KILLED, &file);
    let mut processes = [start(), start()];
    let (mut facts, mut seeded) = (Facts::default(), Seeded(20_261_128));
    for kill in 0..KILLS {
        let process = &mut processes[seeded.below(2) as usize];
        // Most die young; some live until SQLite moves its log into the file.
        let lines = seeded.below(if kill % 20 == 0 { 300 } else { 15 });
        for _ in 0..lines {
            facts.add(Fact::parse(&process.next_line().unwrap()));
        }
        process.kill();
        while let Some(line) = process.next_line() {
            facts.add(Fact::parse(&line));
        }
        *process = start();
        if kill % 25 == 0 {
            facts.assert_kept(&file);
        }
    }
    for process in &mut processes {
        process.kill();
        while let Some(line) = process.next_line() {
            facts.add(Fact::parse(&line));
        }
    }
    let ledger = Ledger::open(&file).unwrap();
    facts.assert_kept(&file);
    assert!(facts.len() > 500, "only {} attempts were told", facts.len());

    // Whoever resumes knows of each row whether it may be sent.
    ledger.interrupt_calls().await.unwrap();
    let run = ledger.runs(None, 1).await.unwrap()[0].id;
    ledger.interrupt_run(run).await.unwrap();
    let mut filter = HistoryFilter::default();
    filter.states = vec![RowState::Sending];
    assert!(ledger.history(&filter, None, 1).await.unwrap().is_empty());
    assert_eq!(ledger.counts(run).await.unwrap().rows(), ROWS);
    facts.assert_kept(&file);
}

#[tokio::test]
async fn the_lock_of_a_run_ends_with_its_process() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    let ledger = Ledger::open(&file).unwrap();
    let run = import(&ledger, 1).await;
    let mut process = TestProcess::start("kills::locks_the_run", &file);
    assert_eq!(process.next_line().unwrap(), "locked");
    assert!(ledger.lock_run(run).await.unwrap().is_none());
    process.kill();
    assert_eq!(process.next_line(), None);
    assert!(ledger.lock_run(run).await.unwrap().is_some());
}

#[test]
fn locks_the_run() {
    let Some(path) = child::ledger_path() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let ledger = Ledger::open(path).unwrap();
        let run = ledger.runs(None, 1).await.unwrap()[0].id;
        let _lock = ledger.lock_run(run).await.unwrap().unwrap();
        tell("locked");
        wait();
    });
}

/// The first commands on a new machine may well run side by side.
#[tokio::test]
async fn processes_that_make_the_ledger_at_once_share_it() {
    for _ in 0..3 {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ledger.db");
        let mut facts = Facts::default();
        let mut processes = [(); 6].map(|()| TestProcess::start(SENDS_UNTIL_IT_IS_KILLED, &file));
        for process in &mut processes {
            facts.add(Fact::parse(&process.next_line().unwrap()));
            process.kill();
            while let Some(line) = process.next_line() {
                facts.add(Fact::parse(&line));
            }
        }
        drop(Ledger::open(&file).unwrap());
        facts.assert_kept(&file);
    }
}

#[tokio::test]
async fn an_import_that_is_killed_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    let mut process = TestProcess::start("kills::imports_until_it_is_killed", &file);
    for _ in 0..4 {
        process.next_line().unwrap();
    }
    process.kill();
    let ledger = Ledger::open(&file).unwrap();
    assert!(ledger.runs(None, 1).await.unwrap().is_empty());
    assert!(
        ledger
            .history(&HistoryFilter::default(), None, 1)
            .await
            .unwrap()
            .is_empty()
    );
    import(&ledger, 1).await;
}

#[test]
fn imports_until_it_is_killed() {
    let Some(path) = child::ledger_path() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let ledger = Ledger::open(path).unwrap();
        let mut import = ledger.import_run(new_run()).await.unwrap();
        loop {
            import.push(rows(2_000)).await.unwrap();
            tell("pushed");
        }
    });
}
