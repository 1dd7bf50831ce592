//! What the ledger costs a payment run: rows a second at a sandbox that takes 20 ms for each, without a ledger and with one
//! in SQLite and in PostgreSQL, with the libraries and with the command itself, beside a script over reqwest and one over
//! httpx that have no ledger. The sandbox runs in a process of its own, both ledgers are on a disk and wait for it, and a row
//! counts once its outcome is committed and told. All contenders take turns in one run; of its rounds the median counts.
//!
//!     python3 -m venv target/bench-venv && target/bench-venv/bin/pip install httpx matplotlib
//!     cargo build --release -p enkash-cli --features worker
//!     cargo build --release -p enkash-benches --example allocate_reqwest
//!     cargo bench -p enkash-benches --bench runs                               # at 32 concurrent
//!     cargo bench -p enkash-benches --bench runs -- concurrency                # at 1 to 64
//!     cargo bench -p enkash-benches --bench runs -- workers                    # 1, 2 and 4 workers
//!     cargo bench -p enkash-benches --bench runs -- million sqlite             # import and memory
//!     cargo bench -p enkash-benches --bench runs -- million postgres
//!     target/bench-venv/bin/python benches/peers/plots.py                      # draws the plots from the figures
//!
//! Fewer: `-- rounds 3`, `-- rows 100000` after those words. Without PostgreSQL or Python their lines are left out.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod contender;
mod file;
mod library;
mod process;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use enkash_benches::{median, serve_if_asked, start_server};
use enkash_test_servers::postgres::PostgresServer;
use tokio::runtime::Runtime;

use crate::{
    contender::{CONTENDERS, Contender, Ground},
    file::Rows,
};

/// What a sandbox takes for each allocation.
const DELAY: Duration = Duration::from_millis(20);
const CONCURRENT: usize = 32;
const LEVELS: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];
const WORKERS: [usize; 3] = [1, 2, 4];

/// What the command line asks for.
struct Settings {
    words: Vec<String>,
}

impl Settings {
    fn number(&self, name: &str, default: u64) -> u64 {
        let place = self.words.iter().position(|word| word == name);
        place.map_or(default, |place| self.words[place + 1].parse().unwrap())
    }

    fn has(&self, name: &str) -> bool {
        self.words.iter().any(|word| word == name)
    }
}

fn main() {
    serve_if_asked();
    let words = std::env::args().skip(1).filter(|word| word != "--bench");
    let settings = Settings { words: words.collect() };
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let is_million = settings.has("million");
    let (mut server, address) = start_server(if is_million { Duration::ZERO } else { DELAY });
    let needs_postgres = !settings.has("sqlite");
    let postgres = needs_postgres.then(PostgresServer::start).flatten();
    let ground = Ground {
        runtime: Runtime::new().unwrap(),
        address,
        folder: folder.path().to_owned(),
        postgres,
    };
    match () {
        () if is_million => million(&ground, &settings),
        () if settings.has("concurrency") => by_concurrency(&ground, &settings),
        () if settings.has("workers") => by_workers(&ground, &settings),
        () => compare(&ground, &settings),
    }
    server.kill().unwrap();
}

/// The medians of each contender's rounds. They take turns.
fn rates(contenders: &[Contender], ground: &Ground, rounds: u64, rows: u64, concurrency: usize) -> Vec<Vec<f64>> {
    let mut rates = vec![Vec::new(); contenders.len()];
    for _ in 0..rounds {
        for (contender, rates) in contenders.iter().zip(&mut rates) {
            rates.push(contender.rate(ground, &Rows::new(rows), concurrency));
        }
    }
    rates
}

fn compare(ground: &Ground, settings: &Settings) {
    let (rounds, rows) = (settings.number("rounds", 7), settings.number("rows", 5_000));
    let contenders: Vec<_> = CONTENDERS.into_iter().filter(|one| one.is_possible(ground)).collect();
    let rates = rates(&contenders, ground, rounds, rows, CONCURRENT);
    println!("{rows} rows a round, {CONCURRENT} concurrent, {rounds} rounds in turn, 20 ms for each call");
    let bare = contenders.iter().position(|one| *one == Contender::Library).unwrap();
    for (contender, own) in contenders.iter().zip(&rates) {
        let mut ratios: Vec<_> = own.iter().zip(&rates[bare]).map(|(own, bare)| own / bare).collect();
        ratios.sort_by(f64::total_cmp);
        println!(
            "{:32} {:6.0} rows a second, {:.2} of enkash without a ledger (by round: {:.2} to {:.2})",
            contender.name(),
            median(own.clone()),
            median(ratios.clone()),
            ratios[0],
            ratios[ratios.len() - 1],
        );
    }
}

fn by_concurrency(ground: &Ground, settings: &Settings) {
    let rounds = settings.number("rounds", 3);
    let contenders: Vec<_> = CONTENDERS.into_iter().filter(|one| one.is_possible(ground)).collect();
    let mut lines = String::from("concurrency,contender,rate\n");
    for level in LEVELS {
        // About three seconds each.
        let rows = (150 * level as u64).min(5_000);
        let rates = rates(&contenders, ground, rounds, rows, level);
        for (contender, own) in contenders.iter().zip(rates) {
            let line = format!("{level},\"{}\",{:.0}\n", contender.name(), median(own));
            print!("{line}");
            lines += &line;
        }
    }
    keep("concurrency.csv", &lines);
}

/// One run of the ledger in PostgreSQL, handed out to workers that are processes.
fn by_workers(ground: &Ground, settings: &Settings) {
    let (rounds, rows) = (settings.number("rounds", 5), settings.number("rows", 8_000));
    let concurrency = settings.number("concurrent", 8);
    let mut rates = WORKERS.map(|_| Vec::new());
    for _ in 0..rounds {
        for (count, rates) in WORKERS.iter().zip(&mut rates) {
            rates.push(workers_rate(ground, &Rows::new(rows), *count, concurrency));
        }
    }
    println!("{rows} rows a round, {concurrency} concurrent for each worker, {rounds} rounds in turn");
    let one = rates[0].clone();
    for (count, own) in WORKERS.iter().zip(rates) {
        let ratios = own.iter().zip(&one).map(|(own, one)| own / one).collect();
        println!(
            "{count} workers: {:6.0} rows a second, {:.2} of one",
            median(own.clone()),
            median(ratios)
        );
    }
}

fn workers_rate(ground: &Ground, rows: &Rows, count: usize, concurrency: u64) -> f64 {
    let url = ground.postgres.as_ref().unwrap().database().url();
    let states: Vec<_> = (0..=count)
        .map(|_| tempfile::tempdir_in(&ground.folder).unwrap())
        .collect();
    let file = rows.write(&ground.folder);
    let mut hand_out = process::enkash(&ground.address, states[count].path(), Some(&url));
    hand_out
        .args(["allocate", "--workers", "--yes", "--quiet", "--file"])
        .arg(&file);
    let handed_out = hand_out.stdout(Stdio::null()).status().unwrap();
    assert!(handed_out.success());
    let start = Instant::now();
    let workers: Vec<_> = states[..count]
        .iter()
        .map(|state| {
            let mut worker = process::enkash(&ground.address, state.path(), Some(&url));
            worker.args([
                "run",
                "work",
                "--until-done",
                "--quiet",
                "--output",
                "json",
                "--concurrency",
            ]);
            let mut child = worker
                .arg(concurrency.to_string())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            std::thread::spawn(move || {
                let told = process::read(&mut child, start);
                assert!(child.wait().unwrap().success());
                told
            })
        })
        .collect();
    let told: Vec<_> = workers.into_iter().map(|worker| worker.join().unwrap()).collect();
    let told: Vec<_> = told.iter().filter(|told| told.count > 0).collect();
    assert_eq!(told.iter().map(|told| told.count).sum::<u64>(), rows.count);
    let first = told.iter().map(|told| told.first).min().unwrap();
    let last = told.iter().map(|told| told.last).max().unwrap();
    rows.count as f64 / (last - first).as_secs_f64()
}

/// A whole run of the command, without a delay.
fn million(ground: &Ground, settings: &Settings) {
    let rows = Rows::new(settings.number("rows", 1_000_000));
    let file = rows.write(&ground.folder);
    let state = tempfile::tempdir_in(&ground.folder).unwrap();
    let database = ground.postgres.as_ref().map(PostgresServer::database);
    let url = database.as_ref().map(|database| database.url());
    let mut command = process::enkash(&ground.address, state.path(), url.as_deref());
    command.args([
        "allocate",
        "--yes",
        "--quiet",
        "--output",
        "json",
        "--concurrency",
        "32",
        "--file",
    ]);
    let ran = process::run(command.arg(&file), &rows);
    let store = if url.is_some() { "postgres" } else { "sqlite" };
    let size = fs::metadata(state.path().join("ledger.db")).map_or(0, |found| found.len());
    println!(
        "{store}: {} rows in a file of {} MB; import {:.1} s, whole run {:.0} s, {:.0} rows a second, at most {:.1} MB resident, \
         ledger {} MB",
        rows.count,
        fs::metadata(&file).unwrap().len() / 1_000_000,
        ran.before.as_secs_f64(),
        ran.whole.as_secs_f64(),
        ran.rate,
        ran.peak as f64 * 1024.0 / 1e6,
        size / 1_000_000,
    );
    let mut lines = String::from("seconds,rows,kib\n");
    for sample in &ran.samples {
        lines += &format!("{:.1},{},{}\n", sample.at.as_secs_f64(), sample.rows, sample.memory);
    }
    keep(&format!("million-{store}.csv"), &lines);
}

/// For the plots.
fn keep(name: &str, lines: &str) {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/measure/runs");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), lines).unwrap();
}
