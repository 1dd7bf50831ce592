//! What a call costs, of a read and of a call that moves money: processor time of this process at 64 concurrent calls,
//! beside progenitor's own client for the same spec. The server runs in a process of its own. Where memory happens to lie
//! makes a difference of some percent from one process to the next, so the clients are measured in turn in several
//! processes. Also: how long 10,000 callers on a cold cache wait after the one log-in was answered.
//!
//!     cargo xtask measure --no-builds     # writes progenitor's own client
//!     cargo bench -p enkash-benches --features bare-client --bench call_cost
//!
//! The same with one thread for all tasks: append `-- one-thread`. Without the feature, the low level comes first.
//!
//! For a profiler, one client alone on one thread (`enkash`, `low-level`, …; `read` or `allocate`):
//!
//!     CARGO_PROFILE_BENCH_DEBUG=1 cargo bench -p enkash-benches --features bare-client --bench call_cost --no-run
//!     valgrind --tool=callgrind <the executable> only enkash allocate 2000

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::{
    process::Command,
    time::{Duration, Instant},
};

use cpu_time::ProcessTime;
use enkash::token::TokenSource;
use tokio::{
    runtime::{Builder, Runtime},
    task::JoinSet,
};

use enkash_benches::{Address, CALLS, CONCURRENT, Row, median, rows, serve_if_asked, start_server};

const PROCESSES: usize = 7;
/// The first of them warms up.
const ROUNDS: usize = 6;

fn main() {
    serve_if_asked();
    let arguments: Vec<_> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["only", client, operation, calls] => with_server(&one_thread(), |address| {
            one_row(address, format!("{client} {operation}"), calls.parse().unwrap())
        }),
        ["rounds"] => with_server(&Runtime::new().unwrap(), rounds),
        ["rounds", "one-thread"] => with_server(&one_thread(), rounds),
        ["one-thread"] => compare(&["rounds", "one-thread"]),
        [] => {
            compare(&["rounds"]);
            with_server(&Runtime::new().unwrap(), cold_cache);
        }
        _ => panic!("see the head of benches/call_cost.rs"),
    }
}

fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn with_server<F: Future<Output = ()>>(runtime: &Runtime, work: impl FnOnce(Address) -> F) {
    let (mut server, address) = start_server(Duration::ZERO);
    runtime.block_on(work(address));
    server.kill().unwrap();
}

async fn one_row(address: Address, name: String, calls: usize) {
    let rows = rows(&address).await;
    let found = rows
        .iter()
        .find(|row| name_of(row).replace(' ', "-") == name.replace(' ', "-"));
    found.unwrap().round(1, calls).await;
}

fn name_of(row: &Row) -> String {
    format!("{} {:?}", row.client, row.operation).to_lowercase()
}

/// One line for each row: its name, and microseconds of processor time for a call, the least of all rounds: whatever else the
/// machine does only adds to it. The rows take turns.
async fn rounds(address: Address) {
    let rows = rows(&address).await;
    let mut least = vec![f64::INFINITY; rows.len()];
    for _ in 0..ROUNDS {
        for (row, least) in rows.iter().zip(&mut least) {
            let cpu = ProcessTime::now();
            row.round(CONCURRENT, CALLS).await;
            *least = least.min(cpu.elapsed().as_secs_f64() * 1e6 / CALLS as f64);
        }
    }
    for (row, least) in rows.iter().zip(least) {
        println!("{};{least:.3}", name_of(row));
    }
}

fn compare(arguments: &[&str]) {
    let processes: Vec<_> = (0..PROCESSES).map(|_| measure(arguments)).collect();
    println!(
        "{CONCURRENT} concurrent callers, {CALLS} calls a round, the least of {ROUNDS} rounds in each of {PROCESSES} processes"
    );
    let mut first = 0;
    for (index, (name, _)) in processes[0].iter().enumerate() {
        let operation = name.rsplit(' ').next().unwrap();
        if !processes[0][first].0.ends_with(operation) {
            first = index;
        }
        let micros = processes.iter().map(|rows| rows[index].1).collect();
        let mut ratios: Vec<f64> = processes.iter().map(|rows| rows[index].1 / rows[first].1).collect();
        ratios.sort_by(f64::total_cmp);
        println!(
            "{name:28} {:7.1} us of processor, {:5.2} of the first (by process: {:.2} to {:.2})",
            median(micros),
            median(ratios.clone()),
            ratios[0],
            ratios[PROCESSES - 1],
        );
    }
}

/// What one process measures: for each row its name and its microseconds.
fn measure(arguments: &[&str]) -> Vec<(String, f64)> {
    let program = std::env::current_exe().unwrap();
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    let row = |line: &str| {
        let (name, micros) = line.split_once(';').unwrap();
        (name.to_owned(), micros.parse().unwrap())
    };
    lines.lines().map(row).collect()
}

async fn cold_cache(address: Address) {
    let mut waits = Vec::new();
    for _ in 0..PROCESSES {
        // A lifetime of its own keeps each source from sharing the token of the one before.
        let lifetime = Duration::from_secs(299) - Duration::from_millis(waits.len() as u64 + 1);
        let tokens = TokenSource::builder(address.url.as_str())
            .credentials(address.credentials.clone())
            .max_lifetime(lifetime)
            .build()
            .unwrap();
        let mut callers = JoinSet::new();
        for _ in 0..10_000 {
            let tokens = tokens.clone();
            callers.spawn(async move {
                tokens.access_token().await.unwrap();
                Instant::now()
            });
        }
        let mut served: Vec<Instant> = Vec::new();
        while let Some(at) = callers.join_next().await {
            served.push(at.unwrap());
        }
        let (first, last) = (served.iter().min().unwrap(), served.iter().max().unwrap());
        assert_eq!(tokens.state().generation, 1);
        waits.push(last.duration_since(*first).as_secs_f64() * 1e3);
    }
    println!(
        "10,000 callers on a cold cache: 1 log-in; from the first caller's token to the last one's: {:.1} ms",
        median(waits)
    );
}
