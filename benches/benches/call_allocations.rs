//! How often a call asks for memory: the same calls as in `call_cost`, counted. Counting takes time of its own, which is why
//! the two are apart.
//!
//!     cargo xtask measure --no-builds     # writes progenitor's own client
//!     cargo bench -p enkash-benches --features bare-client --bench call_allocations

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::{alloc::System, time::Duration};

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tokio::runtime::Runtime;

use enkash_benches::{CALLS, CONCURRENT, median, rows, serve_if_asked, start_server};

const ROUNDS: usize = 5;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn allocations() -> usize {
    let stats = ALLOCATOR.stats();
    stats.allocations + stats.reallocations
}

fn main() {
    serve_if_asked();
    let (mut server, address) = start_server(Duration::ZERO);
    Runtime::new().unwrap().block_on(async {
        for row in &rows(&address).await {
            row.round(CONCURRENT, CALLS).await;
            let mut counts = Vec::new();
            for _ in 0..ROUNDS {
                let before = allocations();
                row.round(CONCURRENT, CALLS).await;
                counts.push((allocations() - before) as f64 / CALLS as f64);
            }
            let operation = format!("{:?}", row.operation);
            println!(
                "{operation:8} {:18} {:6.1} allocations a call",
                row.client,
                median(counts)
            );
        }
    });
    server.kill().unwrap();
}
