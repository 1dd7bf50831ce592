//! What the benchmarks of a call have in common: the server in a process of its own, and the clients that are compared.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use enkash::{Credentials, Enkash, Hosts, Rewards, TokenMiddleware, TokenSource};
use enkash_api::{Secret, types::RewardAccountRequest};
use serde_json::{Value, json};
use tokio::task::JoinSet;

pub(crate) const CONCURRENT: usize = 64;
pub(crate) const CALLS: usize = 12_800;
const PATH: &str = "/api/v0/partner/enKashCard/cardAccount/get";

/// Where the server is, and what it accepts.
#[derive(Clone)]
pub(crate) struct To {
    pub(crate) url: String,
    partner: String,
    company: String,
    account: String,
    pub credentials: Credentials,
}

/// Runs the server if this process was started to be it.
pub(crate) fn serve_if_asked() {
    if std::env::args().any(|argument| argument == "serve") {
        tokio::runtime::Runtime::new().unwrap().block_on(serve());
        std::process::exit(0);
    }
}

async fn serve() {
    let mut sandbox = enkash_sandbox::Sandbox::start().await.unwrap();
    println!("{}", sandbox.announcement());
    sandbox.ended().await;
}

pub(crate) fn start_server() -> (Child, To) {
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
pub(crate) enum Caller {
    Enkash(Rewards),
    LowLevel(Arc<enkash_api::Client>, To),
    Reqwest(reqwest::Client, Secret, To),
    Middleware(reqwest_middleware::ClientWithMiddleware, To),
}

impl Caller {
    pub(crate) async fn call(&self) {
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

/// All calls of a round, from 64 tasks at once.
pub(crate) async fn round(caller: &Caller) {
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
}

/// The low level first: the others are measured beside it.
pub(crate) async fn callers(to: &To) -> [(&'static str, Caller); 4] {
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

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
