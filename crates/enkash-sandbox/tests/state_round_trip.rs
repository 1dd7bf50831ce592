//! Random sequences of everything that a sandbox answers and of everything that steers it: after a snapshot is loaded, and in
//! another sandbox with the state file of that moment, the same requests get the same bytes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod client;

use std::cell::Cell;
use std::time::Duration;

use client::{ACCOUNT, ALLOCATE, BULK, CART, Client, HOLDER, ORDER, SEARCH, SSO, TRANSACTIONS};
use enkash_sandbox::clock::ManualClock;
use enkash_sandbox::{EntryChange, ExtraRecord, Fault, FaultRule, Operation, Sandbox, SandboxBuilder, Snapshot, When};
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

const COINS: &str = "/api/v0/enkash-coins/create-coins-config";
const COINS_GIVEN: &str = "/api/v0/enkash-coins/allocate-coin";

/// The ids of the holder, which follow from the seed.
const HOLDER_CARD: &str = "EKCUQWZ8SX";
const HOLDER_USER: &str = "EKCEL2FA";

#[derive(Debug, Clone)]
enum Step {
    Give(u8, u16, u8),
    Take(u8, u16, u8),
    Bulk(Vec<(u8, u16, u8)>),
    Order(bool, u8),
    Cart(u8),
    SignIn,
    CoinEvent(u8),
    Coins(u8),
    Login(bool),
    Read(u8),
    Switch(u8),
    Change(u8, u8),
    Fault(u8),
    Record(u8),
    Advance(u32),
    Revoke,
    Unlock,
    ClearRecords,
}

fn step() -> impl Strategy<Value = Step> {
    let row = (0..4_u8, 1..30_000_u16, 0..6_u8);
    prop_oneof![
        6 => row.clone().prop_map(|(person, amount, reference)| Step::Give(person, amount, reference)),
        3 => row.clone().prop_map(|(person, amount, reference)| Step::Take(person, amount, reference)),
        1 => prop::collection::vec(row, 0..4).prop_map(Step::Bulk),
        2 => (any::<bool>(), 0..3_u8).prop_map(|(by_holder, reference)| Step::Order(by_holder, reference)),
        2 => (0..6_u8).prop_map(Step::Cart),
        1 => Just(Step::SignIn),
        1 => (0..4_u8).prop_map(Step::CoinEvent),
        1 => (0..4_u8).prop_map(Step::Coins),
        4 => prop::bool::weighted(0.8).prop_map(Step::Login),
        6 => (0..5_u8).prop_map(Step::Read),
        3 => (0..14_u8).prop_map(Step::Switch),
        1 => (0..4_u8, 0..6_u8).prop_map(|(change, reference)| Step::Change(change, reference)),
        2 => (0..6_u8).prop_map(Step::Fault),
        1 => (0..4_u8).prop_map(Step::Record),
        // A token lives 300 seconds.
        2 => prop_oneof![9 => 0..60_u32, 1 => 0..3_000_000_u32].prop_map(Step::Advance),
        1 => Just(Step::Revoke),
        1 => Just(Step::Unlock),
        1 => Just(Step::ClearRecords),
    ]
}

/// A sandbox with the tokens that its callers hold.
struct Run<'a> {
    sandbox: &'a Sandbox,
    partner: Client,
    holder: Client,
}

impl<'a> Run<'a> {
    fn new(sandbox: &'a Sandbox, tokens: &(String, String)) -> Self {
        let (mut partner, mut holder) = (Client::new(sandbox), Client::new(sandbox));
        (partner.token, holder.token) = tokens.clone();
        Run {
            sandbox,
            partner,
            holder,
        }
    }

    fn tokens(&self) -> (String, String) {
        (self.partner.token.clone(), self.holder.token.clone())
    }

    /// What a step answers: the status and every byte, or that there was no answer.
    async fn take(&mut self, step: &Step) -> Vec<String> {
        let partner = &self.partner;
        let account = partner.account();
        let request = match step {
            Step::Give(person, amount, reference) => {
                let body = partner.credit(&mobile(*person), &json!(amount), &format!("R{reference}"));
                partner.request(reqwest::Method::POST, ALLOCATE).json(&body)
            }
            Step::Take(person, amount, reference) => {
                let body = partner.debit(&mobile(*person), &json!(amount), &format!("R{reference}"));
                partner.request(reqwest::Method::POST, ALLOCATE).json(&body)
            }
            Step::Bulk(rows) => {
                let row = |(person, amount, reference): &(u8, u16, u8)| {
                    json!({
                        "title": "Mr", "name": "Asha", "email": "asha@example.com", "mobile": mobile(*person),
                        "loadAmount": amount, "uniqueReferenceNumber": format!("R{reference}"),
                    })
                };
                let to = &partner.to;
                let query = format!(
                    "companyId={}&cardAccountId={}&isPointsAllocation=true",
                    to.company_id, to.card_account_id
                );
                let body: Value = rows.iter().map(row).collect();
                partner
                    .request(reqwest::Method::POST, &format!("{BULK}?{query}"))
                    .json(&body)
            }
            Step::Order(by_holder, reference) => {
                let client = if *by_holder { &self.holder } else { partner };
                client.request(reqwest::Method::POST, ORDER).json(&json!({
                    "productCatalogId": "PC0SANDBOXBOOKS1", "denomination": 100, "quantity": 1,
                    "orderReferenceId": format!("O{reference}"),
                }))
            }
            Step::Cart(quantity) => self.holder.request(reqwest::Method::POST, CART).json(&json!({
                "productCatalogId": "PC0SANDBOXBOOKS1", "items": { "PCN0SANDBOXBK0100": { "quantity": quantity } },
            })),
            Step::SignIn => {
                let mut body = account;
                body["enkashCardId"] = json!(HOLDER_CARD);
                partner.request(reqwest::Method::POST, SSO).json(&body)
            }
            Step::Coins(request) => partner.request(reqwest::Method::POST, COINS_GIVEN).json(&json!({
                "companyId": partner.to.company_id, "event": "REFERRAL_EVENT", "requestId": format!("Q{request}"),
                "userId": HOLDER_USER,
            })),
            Step::CoinEvent(amount) => partner.request(reqwest::Method::POST, COINS).json(&json!({
                "configuration": "DEFAULT", "companyId": partner.to.company_id, "event": format!("EVENT{amount}"),
                "amount": amount,
            })),
            Step::Login(is_right) => return self.login(*is_right).await,
            Step::Read(what) => match what {
                0 => partner.request(reqwest::Method::POST, ACCOUNT).json(&account),
                1 => partner.request(reqwest::Method::POST, SEARCH).json(&account),
                2 => self.holder.request(reqwest::Method::GET, CART),
                _ => partner.request(reqwest::Method::POST, TRANSACTIONS).json(&account),
            },
            _ => {
                self.steer(step);
                return Vec::new();
            }
        };
        vec![answer(request).await]
    }

    async fn login(&mut self, is_right: bool) -> Vec<String> {
        let password = if is_right {
            self.partner.to.password.clone()
        } else {
            "wrong".to_owned()
        };
        let mut answers = Vec::new();
        let username = self.partner.to.username.clone();
        for (client, username) in [(&mut self.partner, username.as_str()), (&mut self.holder, HOLDER)] {
            let text = answer(client.login_request(username, &password)).await;
            let body: Value =
                serde_json::from_str(text.split_once(' ').map_or("", |(_, body)| body)).unwrap_or_default();
            if let Some(token) = body["access_token"].as_str() {
                client.token = token.to_owned();
            }
            answers.push(text);
        }
        answers
    }

    fn steer(&self, step: &Step) {
        let sandbox = self.sandbox;
        match step {
            Step::Switch(which) => {
                let setting = [
                    "duplicate_reference=refuse",
                    "duplicate_reference=replay-first",
                    "duplicate_reference=success-without-credit",
                    "envelope=mixed",
                    "token_reuse=live",
                    "lost_strikes=not-counted",
                    "list_cut=paged:2",
                    "code_type=string",
                    "transaction_progress=pending:20",
                    "transaction_progress=failing:20",
                    "transaction_progress=reversed:20",
                    "transaction_progress=reversal:20",
                    "order_progress=failing:20",
                    "order_progress=reversed:20",
                ][usize::from(*which)];
                let mut switches = sandbox.switches();
                switches.apply(setting).unwrap();
                sandbox.set_switches(switches);
            }
            Step::Change(change, reference) => {
                let change = [
                    EntryChange::Finish,
                    EntryChange::Fail,
                    EntryChange::Reverse,
                    EntryChange::AddReversal,
                ][usize::from(*change)];
                // One that cannot change so is as good a case.
                let _ = sandbox.change_transactions(&format!("R{reference}"), change);
                let _ = sandbox.change_orders(&format!("O{reference}"), change);
            }
            Step::Fault(which) => {
                let allocate = |fault| FaultRule::on(Operation::CreateAllocatePoints, fault);
                sandbox.add_fault(match which {
                    0 => allocate(Fault::DuplicateExecution).nth(3),
                    1 => FaultRule::everywhere(Fault::ServerError(When::After)).probability(0.3),
                    2 => FaultRule::on(Operation::IssueToken, Fault::ServerError(When::After)).times(2),
                    3 => allocate(Fault::OtherReference).probability(0.5),
                    4 => allocate(Fault::BadGateway(When::Before)).times(1),
                    _ => return sandbox.clear_faults(),
                });
            }
            Step::Record(person) => {
                let record = ExtraRecord::credit("R1", mobile(*person), 250).with("status", "FAILED");
                sandbox.add_extra_record(record.without("balance"));
            }
            Step::Advance(seconds) => sandbox.advance(Duration::from_secs((*seconds).into())),
            Step::Revoke => sandbox.revoke_tokens(),
            Step::Unlock => {
                sandbox.unlock(&self.partner.to.username);
            }
            _ => sandbox.clear_extra_records(),
        }
    }

    async fn play(&mut self, steps: &[Step]) -> Vec<Vec<String>> {
        let mut answers = Vec::new();
        for step in steps {
            answers.push(self.take(step).await);
        }
        answers
    }
}

async fn answer(request: RequestBuilder) -> String {
    match request.send().await {
        Ok(response) => {
            let status = response.status().as_u16();
            format!("{status} {}", response.text().await.unwrap_or_default())
        }
        Err(_) => "no answer".to_owned(),
    }
}

fn mobile(person: u8) -> String {
    if person == 0 {
        HOLDER.to_owned()
    } else {
        format!("900000500{person}")
    }
}

fn builder(clock: &ManualClock) -> SandboxBuilder {
    // Few transactions and people are kept, so that forgetting them is tried too.
    Sandbox::builder()
        .clock(clock.clone())
        .max_transactions(8)
        .max_people(2)
}

/// Gives how many calls succeeded.
async fn case(before: &[Step], after: &[Step]) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let (file, copy) = (folder.path().join("state"), folder.path().join("copy"));
    let clock = ManualClock::at(Timestamp::from_second(1_790_000_000).unwrap());
    let sandbox = builder(&clock).state_file(&file).start().await.unwrap();
    let partner = Client::partner(&sandbox).await;
    let holder = Client::holder(&sandbox).await;
    let mut run = Run::new(&sandbox, &(partner.token, holder.token));
    run.play(before).await;
    let (saved, tokens) = (sandbox.snapshot().to_bytes().unwrap(), run.tokens());
    // What is in the file now is what is there after SIGKILL.
    std::fs::copy(&file, &copy).unwrap();
    let first = run.play(after).await;
    let successes = first
        .iter()
        .flatten()
        .filter(|answer| answer.starts_with("200 "))
        .count();

    sandbox.restore(&Snapshot::from_bytes(&saved).unwrap()).unwrap();
    let again = Run::new(&sandbox, &tokens).play(after).await;
    assert_eq!(differing(&again, &first), None, "after the snapshot was loaded");
    let ended = value(&sandbox.snapshot());

    let next = builder(&clock).state_file(&copy).start().await.unwrap();
    assert_eq!(
        value(&next.snapshot()),
        value(&Snapshot::from_bytes(&saved).unwrap()),
        "in the file"
    );
    let next_answers = Run::new(&next, &tokens).play(after).await;
    assert_eq!(differing(&next_answers, &first), None, "after a start with the file");
    assert_eq!(value(&next.snapshot()), ended);
    client::assert_sound(&sandbox);
    client::assert_sound(&next);
    successes
}

/// The first answers that are not the same.
fn differing<'a>(one: &'a [Vec<String>], two: &'a [Vec<String>]) -> Option<(&'a Vec<String>, &'a Vec<String>)> {
    assert_eq!(one.len(), two.len());
    one.iter().zip(two).find(|(one, two)| one != two)
}

/// What a snapshot holds; names, and the requests for coins, stand in no order in its bytes.
fn value(snapshot: &Snapshot) -> Value {
    let bytes = snapshot.to_bytes().unwrap();
    let body = bytes.split(|byte| *byte == b'\n').nth(1).unwrap();
    let mut value: Value = serde_json::from_slice(body).unwrap();
    let requests = value["store"]["coins"]["requests"].as_array_mut().unwrap();
    requests.sort_by_key(Value::to_string);
    value
}

#[test]
fn the_same_requests_get_the_same_bytes_after_a_load_and_after_a_restart() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let config = Config {
        cases: 24,
        failure_persistence: None,
        ..Config::default()
    };
    let successes = Cell::new(0);
    let steps = || prop::collection::vec(step(), 1..25);
    TestRunner::new(config)
        .run(&(steps(), steps()), |(before, after)| {
            successes.set(successes.get() + runtime.block_on(case(&before, &after)));
            Ok(())
        })
        .unwrap();
    assert!(successes.get() > 50, "{successes:?}: hardly anything was tried");
}
