//! Kills the command at random moments of payment runs, with faults on in a real sandbox, and starts it again until the run
//! is over: on one machine, and with three workers on PostgreSQL. Whatever the moment: no reference is credited twice, every
//! told outcome is true, the counts add up to all rows, and the account's own list says the same.
//!
//! `ENKASH_KILLS` says how many SIGKILLs hit (40), `ENKASH_KILLS_ROWS` how many rows a run has (200), `ENKASH_KILLS_SEED` with
//! which number to begin (1). What a round does follows from its number; where exactly a kill hits follows from the machine.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stderr, reason = "the figures of a run are for its log")]

mod alone;
mod command;
mod figures;
mod oracle;
mod plan;
mod round;
mod workers;

use std::time::Instant;

use tokio::runtime::Runtime;

use crate::{figures::Figures, plan::Plan, round::Round};

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// Plays rounds until so many kills have hit.
fn play(
    test: &str,
    machines: usize,
    rows: u64,
    mut ledger_url: impl FnMut() -> Option<String>,
    mishaps: impl Fn(&mut Round<'_>) -> Result<(), String>,
) {
    let kills = setting("ENKASH_KILLS", 40);
    let rows = usize::try_from(setting("ENKASH_KILLS_ROWS", rows)).unwrap();
    let runtime = runtime();
    let mut figures = Figures::default();
    for seed in setting("ENKASH_KILLS_SEED", 1).. {
        if figures.kills() >= kills {
            break;
        }
        let plan = Plan::draw(seed, rows, machines);
        let started = Instant::now();
        if let Err(failure) = round::play(&plan, ledger_url(), &runtime, &mut figures, &mishaps) {
            panic!(
                "round {seed}: {failure}\n\n{plan:#?}\n\nto repeat this round: ENKASH_KILLS=1 ENKASH_KILLS_SEED={seed} \
                 ENKASH_KILLS_ROWS={rows} cargo test -p enkash-cli --all-features --test kills {test}"
            );
        }
        eprintln!("round {seed}: {} s; so far {figures}", started.elapsed().as_secs());
    }
}

fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().unwrap()
}

#[test]
fn whenever_it_is_killed_nobody_is_paid_twice_and_every_told_outcome_is_true() {
    play("whenever", 1, 200, || None, alone::mishaps);
}

#[cfg_attr(
    not(feature = "worker"),
    ignore = "the command has workers with the feature `worker`"
)]
#[test]
fn whichever_of_three_workers_is_killed_or_paused_nobody_is_paid_twice() {
    let Some(server) = enkash_test_servers::postgres::PostgresServer::shared() else {
        return;
    };
    let url = || Some(server.database().url());
    // A chunk has 200 rows, and each worker takes one at a time.
    play("whichever", plan::MACHINES, 1000, url, workers::mishaps);
}
