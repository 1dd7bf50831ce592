//! How often a call asks for memory, beside the bare low-level client, plain reqwest and reqwest-middleware: the same calls
//! as in `call_cost`, counted. Counting takes time of its own, which is why the two are apart.
//!
//!     cargo bench -p enkash --features middleware --bench call_allocations

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod callers;

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tokio::runtime::Runtime;

use self::callers::{CALLS, callers, median, round, serve_if_asked, start_server};

const ROUNDS: usize = 5;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn allocations() -> usize {
    let stats = ALLOCATOR.stats();
    stats.allocations + stats.reallocations
}

fn main() {
    serve_if_asked();
    let (mut server, to) = start_server();
    Runtime::new().unwrap().block_on(async {
        for (name, caller) in &callers(&to).await {
            round(caller).await;
            let mut counts = Vec::new();
            for _ in 0..ROUNDS {
                let before = allocations();
                round(caller).await;
                counts.push((allocations() - before) as f64 / CALLS as f64);
            }
            println!("{name:22} {:6.1} allocations a call", median(counts));
        }
    });
    server.kill().unwrap();
}
