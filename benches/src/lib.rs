//! What the benchmarks of a call have in common: the server in a process of its own, the clients that are compared, and
//! rounds of calls. Each client has a file of its own, which shows what its user writes.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "the server announces itself")]
#![allow(missing_docs, reason = "nothing is published")]

#[cfg(feature = "bare-client")]
mod bare;
mod by_hand;
mod high_level;
mod low_level;
mod server;

use std::{
    pin::Pin,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use enkash::token::TokenSource;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use tokio::task::JoinSet;

pub use self::server::{Address, serve_if_asked, start_server};

pub const CONCURRENT: usize = 64;
pub const CALLS: usize = 12_800;

const ACCOUNT_PATH: &str = "/api/v0/partner/enKashCard/cardAccount/get";
const ALLOCATE_PATH: &str = "/api/v0/partner/enKashCard/create-allocate-points";

/// A client as its user holds it. Each call panics unless it succeeds.
trait Client: Clone + Send + Sync + 'static {
    /// Reads the balance of the account.
    fn read(&self) -> impl Future<Output = ()> + Send;
    /// Gives 1.25 to the same person each time.
    fn allocate(&self, reference: String) -> impl Future<Output = ()> + Send;
}

/// What a client is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Read,
    Allocate,
}

type Round = Box<dyn Fn(usize, usize) -> Pin<Box<dyn Future<Output = ()>>>>;

/// One client with one operation.
pub struct Row {
    pub client: &'static str,
    pub operation: Operation,
    round: Round,
}

impl Row {
    fn new(name: &'static str, operation: Operation, client: impl Client) -> Self {
        Self {
            client: name,
            operation,
            round: Box::new(move |tasks, calls| Box::pin(round(client.clone(), operation, tasks, calls))),
        }
    }

    /// The calls of so many tasks at once.
    pub async fn round(&self, tasks: usize, calls: usize) {
        (self.round)(tasks, calls / tasks).await;
    }
}

async fn round(client: impl Client, operation: Operation, tasks: usize, calls: usize) {
    static REFERENCES: AtomicU64 = AtomicU64::new(0);
    let mut running = JoinSet::new();
    for _ in 0..tasks {
        let client = client.clone();
        running.spawn(async move {
            for _ in 0..calls {
                match operation {
                    Operation::Read => client.read().await,
                    Operation::Allocate => {
                        let number = REFERENCES.fetch_add(1, Ordering::Relaxed);
                        client.allocate(format!("BENCHMARK-{number:08}")).await;
                    }
                }
            }
        });
    }
    while let Some(done) = running.join_next().await {
        done.unwrap();
    }
}

/// Reads first, then allocations. The others of an operation are measured beside its first row.
pub async fn rows(address: &Address) -> Vec<Row> {
    let tokens = TokenSource::builder(address.url.as_str())
        .credentials(address.credentials.clone())
        .build()
        .unwrap();
    let token = tokens.access_token().await.unwrap();
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, format!("Bearer {}", token.expose()).parse().unwrap());
    let with_token = http_client().default_headers(headers).build().unwrap();
    let without_token = http_client().build().unwrap();

    let by_hand = by_hand::ByHand::new(with_token.clone(), address);
    let with_middleware = by_hand::ByHand::with_middleware(without_token.clone(), tokens, address);
    let low_level = low_level::LowLevel::new(without_token.clone(), &token, address);
    let high_level = high_level::HighLevel::new(address);
    let mut rows = Vec::new();
    for operation in [Operation::Read, Operation::Allocate] {
        #[cfg(feature = "bare-client")]
        rows.push(Row::new(
            "bare progenitor",
            operation,
            bare::Bare::new(with_token.clone(), address),
        ));
        rows.push(Row::new("low level", operation, low_level.clone()));
        rows.push(Row::new("enkash", operation, high_level.clone()));
        rows.push(Row::new("reqwest by hand", operation, by_hand.clone()));
        rows.push(Row::new("reqwest-middleware", operation, with_middleware.clone()));
    }
    rows
}

/// The same settings for all but `enkash`, which makes its own. Time-outs as `enkash_api::Client::unauthenticated` has them: no caller of
/// money goes without.
fn http_client() -> reqwest::ClientBuilder {
    enkash_api::http_client_builder()
        .no_proxy()
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(30))
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
