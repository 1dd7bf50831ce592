//! What a call costs beside the bare low-level client, plain reqwest and reqwest-middleware: processor time
//! and allocations of this process, at 64 concurrent reads of one account. The server runs in a process of
//! its own. Also: how long 10,000 callers on a cold cache wait after the one log-in was answered.
//!
//!     cargo bench -p enkash --features middleware --bench call_cost
//!
//! For a profiler, one client alone on one thread (`enkash`, `low-level`, `reqwest`, `middleware`):
//!
//!     CARGO_PROFILE_BENCH_DEBUG=1 cargo bench -p enkash --features middleware --bench call_cost --no-run
//!     valgrind --tool=callgrind <the executable> only enkash 2000

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::{
    alloc::System,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use cpu_time::ProcessTime;
use enkash::{Credentials, Enkash, Hosts, Rewards, TokenMiddleware, TokenSource};
use enkash_api::{Secret, types::RewardAccountRequest};
use serde_json::{Value, json};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tokio::task::JoinSet;

const CONCURRENT: usize = 64;
const CALLS: usize = 12_800;
const ROUNDS: usize = 7;
const PATH: &str = "/api/v0/partner/enKashCard/cardAccount/get";

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn allocations() -> usize {
    let stats = ALLOCATOR.stats();
    stats.allocations + stats.reallocations
}

/// Where the server is, and what it accepts.
#[derive(Clone)]
struct To {
    url: String,
    partner: String,
    company: String,
    account: String,
    credentials: Credentials,
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if std::env::args().any(|argument| argument == "serve") {
        runtime.block_on(serve());
        return;
    }
    let (mut server, to) = start_server();
    let arguments: Vec<_> = std::env::args().collect();
    if let [_, only, name, calls] = &arguments[..]
        && only == "only"
    {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.unwrap().block_on(one_client(&to, name, calls.parse().unwrap()));
    } else {
        runtime.block_on(measure(&to));
    }
    server.kill().unwrap();
}

async fn serve() {
    let mut sandbox = enkash_sandbox::Sandbox::start().await.unwrap();
    println!("{}", sandbox.announcement());
    sandbox.ended().await;
}

fn start_server() -> (Child, To) {
    let mut server = Command::new(std::env::current_exe().unwrap())
        .arg("serve")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let announced: Value = serde_json::from_str(&line).unwrap();
    let text = |name: &str| announced[name].as_str().unwrap().to_owned();
    let to = To {
        url: text("url"),
        partner: text("partner_id"),
        company: text("company_id"),
        account: text("card_account_id"),
        credentials: Credentials::new(
            text("client_id"),
            text("client_secret"),
            text("username"),
            text("password"),
        ),
    };
    (server, to)
}

#[derive(Clone)]
enum Caller {
    Enkash(Rewards),
    LowLevel(Arc<enkash_api::Client>, To),
    Reqwest(reqwest::Client, Secret, To),
    Middleware(reqwest_middleware::ClientWithMiddleware, To),
}

impl Caller {
    async fn call(&self) {
        match self {
            Self::Enkash(rewards) => {
                assert!(rewards.account().await.unwrap().available_balance.is_some());
            }
            Self::LowLevel(client, to) => {
                let body = RewardAccountRequest::builder()
                    .company_id(to.company.as_str())
                    .card_account_id(to.account.as_str());
                let call = client.get_reward_account().partner_id(to.partner.as_str()).body(body);
                assert!(call.send().await.unwrap().into_inner().payload.is_some());
            }
            Self::Reqwest(http, token, to) => {
                let call = http.post(format!("{}{PATH}", to.url)).bearer_auth(token.expose());
                let answer = call
                    .header("partnerId", &to.partner)
                    .json(&body(to))
                    .send()
                    .await
                    .unwrap();
                assert!(answer.json::<Value>().await.unwrap()["payload"].is_object());
            }
            Self::Middleware(http, to) => {
                let call = http
                    .post(format!("{}{PATH}", to.url))
                    .header("content-type", "application/json");
                let call = call.header("partnerId", &to.partner).body(body(to).to_string());
                let answer = call.send().await.unwrap();
                assert!(answer.json::<Value>().await.unwrap()["payload"].is_object());
            }
        }
    }
}

fn body(to: &To) -> Value {
    json!({"companyId": to.company, "cardAccountId": to.account})
}

/// Microseconds of processor time and allocations for each call.
#[derive(Clone, Copy)]
struct Cost {
    micros: f64,
    allocations: f64,
}

/// Calls in a row.
async fn one_client(to: &To, name: &str, calls: usize) {
    let callers = callers(to).await;
    let (_, caller) = callers
        .iter()
        .find(|(known, _)| known.replace(' ', "-").starts_with(name))
        .unwrap();
    for _ in 0..calls {
        caller.call().await;
    }
}

async fn cost_of(caller: &Caller) -> Cost {
    let (cpu, before) = (ProcessTime::now(), allocations());
    let mut tasks = JoinSet::new();
    for _ in 0..CONCURRENT {
        let caller = caller.clone();
        tasks.spawn(async move {
            for _ in 0..CALLS / CONCURRENT {
                caller.call().await;
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    Cost {
        micros: cpu.elapsed().as_secs_f64() * 1e6 / CALLS as f64,
        allocations: (allocations() - before) as f64 / CALLS as f64,
    }
}

async fn callers(to: &To) -> [(&'static str, Caller); 4] {
    let enkash = Enkash::builder(Hosts::new(to.url.as_str()))
        .credentials(to.credentials.clone())
        .partner_id(to.partner.as_str())
        .build()
        .unwrap();
    let tokens = TokenSource::builder(to.url.as_str())
        .credentials(to.credentials.clone())
        .build()
        .unwrap();
    let token = tokens.access_token().await.unwrap();
    // Time-outs as the low level has them: no caller of money goes without.
    let http = reqwest::Client::builder()
        .no_proxy()
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(30))
        .build()
        .unwrap();
    let low_level = enkash_api::Client::plain(&to.url).unwrap();
    let with_middleware = reqwest_middleware::ClientBuilder::new(http.clone())
        .with(TokenMiddleware::new(tokens))
        .build();
    [
        (
            "low level, alone",
            Caller::LowLevel(Arc::new(low_level.bearer(&token).unwrap()), to.clone()),
        ),
        (
            "enkash",
            Caller::Enkash(enkash.rewards(to.company.as_str(), to.account.as_str())),
        ),
        ("reqwest", Caller::Reqwest(http, token, to.clone())),
        ("middleware on reqwest", Caller::Middleware(with_middleware, to.clone())),
    ]
}

async fn measure(to: &To) {
    let callers = callers(to).await;
    for (_, caller) in &callers {
        cost_of(caller).await;
    }
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let mut costs = Vec::new();
        for (_, caller) in &callers {
            costs.push(cost_of(caller).await);
        }
        rounds.push(costs);
    }
    println!("{CONCURRENT} concurrent callers, {CALLS} calls a round, median of {ROUNDS} rounds");
    for (index, (name, _)) in callers.iter().enumerate() {
        let of = |value: fn(&Cost) -> f64| median(rounds.iter().map(|costs| value(&costs[index])).collect());
        let ratio = median(
            rounds
                .iter()
                .map(|costs| costs[index].micros / costs[0].micros)
                .collect(),
        );
        println!(
            "{name:22} {:7.1} us of processor, {ratio:5.2} of the low level, {:6.1} allocations",
            of(|cost| cost.micros),
            of(|cost| cost.allocations)
        );
    }
    cold_cache(to).await;
}

async fn cold_cache(to: &To) {
    let mut waits = Vec::new();
    for _ in 0..ROUNDS {
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

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
