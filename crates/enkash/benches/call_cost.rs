//! What a call costs beside the bare low-level client, plain reqwest and reqwest-middleware: processor time of this process
//! at 64 concurrent reads of one account. The server runs in a process of its own. Where memory happens to lie makes a
//! difference of some percent from one process to the next, so the clients are measured in turn in several processes.
//! Also: how long 10,000 callers on a cold cache wait after the one log-in was answered.
//!
//!     cargo bench -p enkash --features middleware --bench call_cost
//!
//! The same with one thread for all tasks: append `-- one-thread`.
//!
//! For a profiler, one client alone on one thread (`enkash`, `low-level`, `reqwest`, `middleware`):
//!
//!     CARGO_PROFILE_BENCH_DEBUG=1 cargo bench -p enkash --features middleware --bench call_cost --no-run
//!     valgrind --tool=callgrind <the executable> only enkash 2000

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod callers;

use std::{
    process::Command,
    time::{Duration, Instant},
};

use cpu_time::ProcessTime;
use enkash::TokenSource;
use tokio::{
    runtime::{Builder, Runtime},
    task::JoinSet,
};

use self::callers::{CALLS, CONCURRENT, To, callers, median, round, serve_if_asked, start_server};

const PROCESSES: usize = 7;
const ROUNDS: usize = 5;

fn main() {
    serve_if_asked();
    let arguments: Vec<_> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["only", name, calls] => with_server(&one_thread(), |to| {
            one_client(to, name.to_owned(), calls.parse().unwrap())
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

fn with_server<F: Future<Output = ()>>(runtime: &Runtime, work: impl FnOnce(To) -> F) {
    let (mut server, to) = start_server();
    runtime.block_on(work(to));
    server.kill().unwrap();
}

/// Calls in a row.
async fn one_client(to: To, name: String, calls: usize) {
    let callers = callers(&to).await;
    let found = callers
        .iter()
        .find(|(known, _)| known.replace(' ', "-").starts_with(&name));
    let (_, caller) = found.unwrap();
    for _ in 0..calls {
        caller.call().await;
    }
}

/// One line for each round: microseconds of processor time for a call of each client, in turn.
async fn rounds(to: To) {
    let callers = callers(&to).await;
    for (_, caller) in &callers {
        round(caller).await;
    }
    for _ in 0..ROUNDS {
        let mut line = Vec::new();
        for (_, caller) in &callers {
            let cpu = ProcessTime::now();
            round(caller).await;
            line.push(format!("{:.3}", cpu.elapsed().as_secs_f64() * 1e6 / CALLS as f64));
        }
        println!("{}", line.join(" "));
    }
}

fn compare(arguments: &[&str]) {
    let mut processes: Vec<Vec<Vec<f64>>> = Vec::new();
    for _ in 0..PROCESSES {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let lines = String::from_utf8(output.stdout).unwrap();
        let rounds = lines
            .lines()
            .map(|line| line.split(' ').map(|number| number.parse().unwrap()).collect());
        processes.push(rounds.collect());
    }
    println!(
        "{CONCURRENT} concurrent callers, {CALLS} calls a round, {ROUNDS} rounds in each of {PROCESSES} processes"
    );
    for (index, name) in ["low level, alone", "enkash", "reqwest", "middleware on reqwest"]
        .iter()
        .enumerate()
    {
        let micros = median(processes.iter().flatten().map(|round| round[index]).collect());
        let ratio = |rounds: &Vec<Vec<f64>>| median(rounds.iter().map(|round| round[index] / round[0]).collect());
        let mut ratios: Vec<f64> = processes.iter().map(ratio).collect();
        ratios.sort_by(f64::total_cmp);
        println!(
            "{name:22} {micros:7.1} us of processor, {:5.2} of the low level (by process: {:.2} to {:.2})",
            median(ratios.clone()),
            ratios[0],
            ratios[PROCESSES - 1],
        );
    }
}

async fn cold_cache(to: To) {
    let mut waits = Vec::new();
    for _ in 0..PROCESSES {
        // A lifetime of its own keeps each source from sharing the token of the one before.
        let lifetime = Duration::from_secs(299) - Duration::from_millis(waits.len() as u64 + 1);
        let tokens = TokenSource::builder(to.url.as_str())
            .credentials(to.credentials.clone())
            .longest_lifetime(lifetime)
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
