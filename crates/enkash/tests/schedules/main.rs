//! Random schedules of callers, faults, switches and mishaps against the real sandbox on loopback. Whatever happens,
//! and however slow the machine is: no outcome says that nothing moved where something did, or that something moved
//! where nothing did; nothing is sent twice; nobody is locked out; the sums are right; and every call ends.
//!
//! `ENKASH_SCHEDULES` says how many are played (500), `ENKASH_SCHEDULES_SEED` with which number to begin (1). Each
//! schedule follows from its own number, so a failure is played again by `ENKASH_SCHEDULES=1 ENKASH_SCHEDULES_SEED=<its
//! number>`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stderr, reason = "the stats of a run are for its log")]

mod caller;
mod intent;
mod mutations;
mod oracle;
mod run_stats;
mod runner;
mod schedule;
mod systematic;
mod world;

use std::{
    cell::RefCell,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
};

use futures_util::{StreamExt, stream};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use tokio::runtime::{Handle, Runtime};

use crate::run_stats::RunStats;

/// Schedules wait most of the time, so more of them than there are processors are played at once.
const AT_ONCE: usize = if cfg!(debug_assertions) { 16 } else { 48 };

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

#[test]
fn whatever_happens_outcomes_are_true_and_the_sums_are_right() {
    let (count, first) = (setting("ENKASH_SCHEDULES", 500), setting("ENKASH_SCHEDULES_SEED", 1));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let (next, has_failed) = (AtomicU64::new(first), AtomicBool::new(false));
    let lane = |runtime: &Runtime| {
        let mut stats = RunStats::default();
        while !has_failed.load(Ordering::Relaxed) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= first + count {
                break;
            }
            if let Err(failure) = one(runtime.handle(), number, &mut stats) {
                has_failed.store(true, Ordering::Relaxed);
                return Err(format!("schedule {number}: {failure}"));
            }
        }
        Ok(stats)
    };
    let lanes: Vec<_> = thread::scope(|scope| {
        let lanes: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(|| lane(&runtime))).collect();
        lanes.into_iter().map(|lane| lane.join().unwrap()).collect()
    });
    let mut stats = RunStats::default();
    let mut failures = Vec::new();
    for lane in lanes {
        match lane {
            Ok(of_lane) => stats.add(of_lane),
            Err(failure) => failures.push(failure),
        }
    }
    eprintln!("{stats}");
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn each_response_and_record_by_itself_leaves_outcomes_true() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let failures = runtime.block_on(async {
        let played = systematic::schedules().into_iter().map(|schedule| async move {
            let failure = runner::play(&schedule).await.err()?;
            Some(format!("{:#?}\n{failure}", schedule.steps))
        });
        let played = stream::iter(played).buffer_unordered(AT_ONCE);
        played.filter_map(std::future::ready).collect::<Vec<_>>().await
    });
    assert!(
        failures.is_empty(),
        "{} schedules: {}",
        failures.len(),
        failures.join("\n\n")
    );
}

/// Plays the schedule of a number, and where it fails looks for a smaller one that does.
fn one(runtime: &Handle, number: u64, stats: &mut RunStats) -> Result<(), String> {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&number.to_le_bytes());
    let config = Config {
        cases: 1,
        failure_persistence: None,
        max_shrink_iters: 100,
        // Of a schedule that does not end, each try takes a minute.
        max_shrink_time: 120_000,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let found = RefCell::new(RunStats::default());
    runner
        .run(&schedule::schedules(), |schedule| {
            let played = runtime.block_on(runner::play(&schedule));
            played
                .map(|stats| found.borrow_mut().add(stats))
                .map_err(TestCaseError::fail)
        })
        .map_err(|error| error.to_string())?;
    stats.add(found.into_inner());
    Ok(())
}
