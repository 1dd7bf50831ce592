//! What it costs to read a token that is there, beside the two ways that come to mind first: a
//! `std::sync::RwLock` and a `tokio::sync::Mutex` around the same header and the same clocks.
//!
//!     cargo bench -p enkash --bench token_read

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on fails")]

use std::{
    sync::{LazyLock, RwLock},
    time::{Duration, Instant, SystemTime},
};

use divan::{AllocProfiler, Bencher, black_box};
use enkash::{Credentials, token::TokenSource};
use enkash_sandbox::Sandbox;
use http::HeaderValue;

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| tokio::runtime::Runtime::new().unwrap());

/// A source that has logged in; its sandbox lives as long as the program.
static SOURCE: LazyLock<TokenSource> = LazyLock::new(|| {
    RUNTIME.block_on(async {
        let sandbox = Sandbox::start().await.unwrap();
        let to = sandbox.credentials();
        let credentials = Credentials::new(
            to.client_id.as_str(),
            to.client_secret.as_str(),
            to.username.as_str(),
            to.password.as_str(),
        );
        let tokens = TokenSource::builder(sandbox.url())
            .credentials(credentials)
            .build()
            .unwrap();
        tokens.access_token().await.unwrap();
        std::mem::forget(sandbox);
        tokens
    })
});

/// What a lock would protect.
struct Kept {
    header: HeaderValue,
    ends: Instant,
    ends_wall: SystemTime,
}

impl Kept {
    fn new() -> Self {
        let mut header = HeaderValue::from_static("Bearer AbCdEfGhIjKlMnOpQrStUvWx012").clone();
        header.set_sensitive(true);
        let life = Duration::from_secs(300);
        Self {
            header,
            ends: Instant::now() + life,
            ends_wall: SystemTime::now() + life,
        }
    }

    fn read(&self) -> Option<HeaderValue> {
        let lives = Instant::now() < self.ends && SystemTime::now() < self.ends_wall;
        lives.then(|| self.header.clone())
    }
}

static RW_LOCK: LazyLock<RwLock<Kept>> = LazyLock::new(|| RwLock::new(Kept::new()));
static TOKIO_MUTEX: LazyLock<tokio::sync::Mutex<Kept>> = LazyLock::new(|| tokio::sync::Mutex::new(Kept::new()));

/// The load alone: neither clocks nor a header.
#[divan::bench(threads = [1, 2])]
fn token_load(bencher: Bencher<'_, '_>) {
    let source = &*SOURCE;
    bencher.bench(|| black_box(source.generation()));
}

#[divan::bench(threads = [1, 2])]
fn token_source(bencher: Bencher<'_, '_>) {
    let source = &*SOURCE;
    bencher.bench(|| black_box(source.cached_header()).is_some());
}

#[divan::bench(threads = [1, 2])]
fn std_rw_lock(bencher: Bencher<'_, '_>) {
    let kept = &*RW_LOCK;
    bencher.bench(|| black_box(kept.read().unwrap().read()).is_some());
}

#[divan::bench(threads = [1, 2])]
fn tokio_mutex(bencher: Bencher<'_, '_>) {
    let kept = &*TOKIO_MUTEX;
    bencher.bench(|| black_box(kept.blocking_lock().read()).is_some());
}

/// What all of them pay: two clocks.
#[divan::bench]
fn two_clocks() -> (Instant, SystemTime) {
    (black_box(Instant::now()), black_box(SystemTime::now()))
}
