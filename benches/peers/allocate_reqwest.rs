//! What somebody writes in Rust who has no client and no ledger: reads the same file as `enkash allocate --file`, logs in once,
//! and posts row after row, so many at once. It says how each row ended, and remembers nothing: killed and started again, it
//! pays twice. `benches/runs` measures it; the settings are those of `enkash`, from the environment.
//!
//!     cargo run --release -p enkash-benches --example allocate_reqwest -- FILE CONCURRENCY

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a script")]

use std::{env, sync::Arc, time::Duration};

use serde_json::{Value, json};
use tokio::{sync::Semaphore, task::JoinSet};

struct Api {
    http: reqwest::Client,
    url: String,
    token: String,
}

fn setting(name: &str) -> String {
    env::var(format!("ENKASH_{name}")).unwrap()
}

impl Api {
    async fn log_in() -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(30))
            .build()
            .unwrap();
        let url = setting("BASE_URL");
        let form = serde_urlencoded::to_string([
            ("grant_type", "password".to_owned()),
            ("clientId", setting("CLIENT_ID")),
            ("username", setting("USERNAME")),
            ("password", setting("PASSWORD")),
        ]);
        let answer = http
            .post(format!("{url}/oauth/token"))
            .basic_auth(setting("CLIENT_ID"), Some(setting("CLIENT_SECRET")))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.unwrap());
        let token: Value = answer.send().await.unwrap().json().await.unwrap();
        let token = token["access_token"].as_str().unwrap().to_owned();
        Self { http, url, token }
    }

    async fn allocate(&self, row: &csv::StringRecord) {
        let body = json!({
            "companyId": setting("COMPANY_ID"),
            "cardAccountId": setting("CARD_ACCOUNT_ID"),
            "transactionCode": "ALLOCATION",
            "transactionType": "CR",
            "type": "ALLOCATE_POINT",
            "loadAmount": row[5].parse::<f64>().unwrap(),
            "uniqueReferenceNumber": row[6],
            "title": row[0],
            "firstName": row[1],
            "email": row[2],
            "mobile": row[3],
            "gender": row[4],
        });
        let call = self
            .http
            .post(format!("{}/api/v0/partner/enKashCard/create-allocate-points", self.url))
            .bearer_auth(&self.token)
            .header("partnerId", setting("PARTNER_ID"))
            .json(&body);
        let answer: Value = call.send().await.unwrap().json().await.unwrap();
        let outcome = match answer["payload"].is_object() {
            true => "done",
            false => "failed",
        };
        println!("{}", json!({"type": "row", "reference": row[6], "outcome": outcome}));
    }
}

#[tokio::main]
async fn main() {
    let arguments: Vec<_> = env::args().collect();
    let api = Arc::new(Api::log_in().await);
    let slots = Arc::new(Semaphore::new(arguments[2].parse().unwrap()));
    let mut calls = JoinSet::new();
    for row in csv::Reader::from_path(&arguments[1]).unwrap().into_records() {
        let row = row.unwrap();
        let slot = Arc::clone(&slots).acquire_owned().await.unwrap();
        let api = Arc::clone(&api);
        calls.spawn(async move {
            api.allocate(&row).await;
            drop(slot);
        });
        while calls.try_join_next().is_some() {}
    }
    calls.join_all().await;
}
