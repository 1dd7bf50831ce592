//! What a login costs through each place where strikes and tokens can be kept, beside the bare request with reqwest, at a sandbox in
//! a process of its own; and what it costs to take over the token of another process. All contenders take turns in one run; of their
//! rounds the median counts. The databases wait for their disk.
//!
//!     cargo bench -p enkash-benches --bench login
//!
//! Fewer: `-- rounds 3`. Without PostgreSQL or Redis their lines are left out.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::{
    path::Path,
    time::{Duration, Instant},
};

use enkash::token::{FileLedger, FileTokenStore, MemoryLedger, MemoryTokenStore, TokenSource, TokenSourceBuilder};
use enkash_benches::{Address, median, serve_if_asked, start_server};
use enkash_fleet::{Fleet, FleetKeys};
use enkash_test_servers::{postgres::PostgresServer, redis::RedisServer};
use tokio::runtime::Runtime;

const KEY: &str = "AQgPFh0kKzI5QEdOVVxjanF4f4aNlJuiqbC3vsXM09o=";
/// Logins of a contender in a round.
const LOGINS: u32 = 50;
/// A token that has ended when it comes, so that each call logs in.
const NO_TIME: Duration = Duration::from_millis(1);

/// Where strikes and tokens are kept.
struct Contender {
    name: &'static str,
    builder: Box<dyn Fn() -> TokenSourceBuilder>,
}

fn main() {
    serve_if_asked();
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let rounds = words.iter().position(|word| word == "rounds");
    let rounds: usize = rounds.map_or(9, |place| words[place + 1].parse().unwrap());
    let (mut server, address) = start_server(Duration::ZERO);
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (postgres, redis) = (PostgresServer::start(), RedisServer::start());
    let postgres = postgres.as_ref().map(|server| server.database().url());
    let redis = redis.as_ref().map(RedisServer::url);
    let contenders = contenders(&address, folder.path(), postgres.as_deref(), redis.as_deref());
    let runtime = Runtime::new().unwrap();

    println!("milliseconds a login; {LOGINS} logins one after the other, {rounds} rounds in turn");
    let bare = |_: &Contender| runtime.block_on(bare_logins(&address));
    let with = |contender: &Contender| runtime.block_on(logins((contender.builder)().max_lifetime(NO_TIME)));
    let (mut bare_times, mut times) = (Vec::new(), vec![Vec::new(); contenders.len()]);
    for _ in 0..rounds {
        bare_times.push(bare(&contenders[0]));
        for (contender, times) in contenders.iter().zip(&mut times) {
            times.push(with(contender));
        }
    }
    let file = contenders.iter().position(|one| one.name.starts_with("files")).unwrap();
    let beside_file = times[file].clone();
    print_line("reqwest by hand, keeps nothing", &bare_times, &beside_file);
    for (contender, times) in contenders.iter().zip(&times) {
        print_line(contender.name, times, &beside_file);
    }

    println!("milliseconds to take over a token that is kept, with a client and connections of its own");
    let mut times = vec![Vec::new(); contenders.len()];
    for _ in 0..rounds {
        for (contender, times) in contenders.iter().zip(&mut times).skip(1) {
            runtime.block_on(log_in((contender.builder)()));
            let started = Instant::now();
            runtime.block_on(log_in((contender.builder)()));
            times.push(started.elapsed().as_secs_f64() * 1e3);
        }
    }
    for (contender, times_of_one) in contenders.iter().zip(&times).skip(1) {
        print_line(contender.name, times_of_one, &times[file]);
    }
    server.kill().unwrap();
}

fn print_line(name: &str, times: &[f64], beside: &[f64]) {
    let ratios: Vec<_> = times.iter().zip(beside).map(|(own, file)| own / file).collect();
    println!(
        "{name:44} {:7.3} ms, {:5.2} of the files",
        median(times.to_vec()),
        median(ratios)
    );
}

fn contenders(address: &Address, folder: &Path, postgres: Option<&str>, redis: Option<&str>) -> Vec<Contender> {
    let source = {
        let address = address.clone();
        move || TokenSource::builder(&address.url).credentials(address.credentials.clone())
    };
    let mut contenders = Vec::new();
    let base = source.clone();
    contenders.push(Contender {
        name: "memory",
        builder: Box::new(move || {
            base()
                .strike_ledger(MemoryLedger::default())
                .token_store(MemoryTokenStore::default())
        }),
    });
    let (base, folder) = (source.clone(), folder.to_owned());
    contenders.push(Contender {
        name: "files (the disk is waited for)",
        builder: Box::new(move || {
            base()
                .strike_ledger(FileLedger::new(folder.join("state/strikes.json")))
                .token_store(FileTokenStore::new(folder.join("state/tokens.json")))
        }),
    });
    let fleet = |url: &str| Fleet::new(url, FleetKeys::parse(KEY).unwrap()).unwrap();
    let mut push = |name, strikes: Option<&str>, tokens: Option<&str>| {
        let (Some(strikes), Some(tokens)) = (strikes, tokens) else {
            return;
        };
        let (base, strikes, tokens) = (source.clone(), strikes.to_owned(), tokens.to_owned());
        contenders.push(Contender {
            name,
            builder: Box::new(move || {
                let strikes_fleet = fleet(&strikes);
                let tokens_fleet = if tokens == strikes {
                    strikes_fleet.clone()
                } else {
                    fleet(&tokens)
                };
                base()
                    .strike_ledger(strikes_fleet.strike_ledger())
                    .token_store(tokens_fleet.token_store())
            }),
        });
    };
    push("PostgreSQL", postgres, postgres);
    push("strikes in PostgreSQL, tokens in Redis", postgres, redis);
    push("Redis (appendfsync always)", redis, redis);
    contenders
}

/// Milliseconds a login.
async fn logins(builder: TokenSourceBuilder) -> f64 {
    let source = builder.build().unwrap();
    // Connections, and tables.
    source.access_token().await.unwrap();
    let mut elapsed = Duration::ZERO;
    for _ in 0..LOGINS {
        tokio::time::sleep(NO_TIME).await;
        let started = Instant::now();
        source.access_token().await.unwrap();
        elapsed += started.elapsed();
    }
    (elapsed / LOGINS).as_secs_f64() * 1e3
}

async fn log_in(builder: TokenSourceBuilder) {
    builder.build().unwrap().access_token().await.unwrap();
}

async fn bare_logins(address: &Address) -> f64 {
    let client = enkash_api::http_client_builder().build().unwrap();
    let login = || async {
        let credentials = &address.environment;
        let of = |name: &str| credentials.iter().find(|(known, _)| *known == name).unwrap().1.clone();
        let fields = [
            ("grant_type", "password".to_owned()),
            ("clientId", of("ENKASH_CLIENT_ID")),
            ("username", of("ENKASH_USERNAME")),
            ("password", of("ENKASH_PASSWORD")),
        ];
        let form = serde_urlencoded::to_string(fields).unwrap();
        let response = client
            .post(format!("{}/oauth/token", address.url))
            .basic_auth(of("ENKASH_CLIENT_ID"), Some(of("ENKASH_CLIENT_SECRET")))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
            .send()
            .await
            .unwrap();
        assert!(response.status().is_success(), "{}", response.text().await.unwrap());
        response.bytes().await.unwrap();
    };
    login().await;
    let mut elapsed = Duration::ZERO;
    for _ in 0..LOGINS {
        tokio::time::sleep(NO_TIME).await;
        let started = Instant::now();
        login().await;
        elapsed += started.elapsed();
    }
    (elapsed / LOGINS).as_secs_f64() * 1e3
}
