//! Random sequences of calls, under each way of treating a repeated reference: money is neither made nor lost, every
//! balance is the sum of its transactions, and the balances are those of a model that is far simpler than the sandbox.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod client;

use std::collections::{HashMap, HashSet};

use client::{ACCOUNT, BULK, Client, HOLDER, ORDER};
use enkash_sandbox::{Sandbox, Seed, Switches, switches::DuplicateReference};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

/// Cents, so that the model needs no decimals.
type Cents = i64;

const OPENING: Cents = 50_000;
const HOLDER_OPENING: Cents = 250_050;

#[derive(Debug, Clone)]
enum Step {
    Give {
        person: u8,
        cents: Cents,
        reference: u8,
    },
    Take {
        person: u8,
        cents: Cents,
        reference: u8,
    },
    Bulk {
        rows: Vec<(u8, Cents, u8)>,
        existing_too: bool,
    },
    Order {
        by_holder: bool,
        reference: u8,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let (person, cents, reference) = (0..4_u8, 1..30_000_i64, 0..12_u8);
    let row = (person.clone(), cents.clone(), reference.clone());
    prop_oneof![
        4 => row.clone().prop_map(|(person, cents, reference)| Step::Give { person, cents, reference }),
        3 => row.clone().prop_map(|(person, cents, reference)| Step::Take { person, cents, reference }),
        2 => (prop::collection::vec(row, 0..4), any::<bool>())
            .prop_map(|(rows, existing_too)| Step::Bulk { rows, existing_too }),
        1 => (any::<bool>(), 0..3_u8).prop_map(|(by_holder, reference)| Step::Order { by_holder, reference }),
    ]
}

/// What should be where.
struct Model {
    again: bool,
    available: Cents,
    cards: HashMap<String, Cents>,
    references: HashSet<String>,
    orders: HashSet<String>,
    paid: Cents,
}

impl Model {
    fn new(again: bool) -> Self {
        Model {
            again,
            available: OPENING,
            cards: HashMap::from([(HOLDER.to_owned(), HOLDER_OPENING)]),
            references: HashSet::new(),
            orders: HashSet::new(),
            paid: 0,
        }
    }

    fn seen(&self, reference: &str) -> bool {
        !self.again && self.references.contains(reference)
    }

    fn give(&mut self, mobile: &str, cents: Cents, reference: &str) {
        if !self.seen(reference) && self.available >= cents {
            self.available -= cents;
            *self.cards.entry(mobile.to_owned()).or_default() += cents;
            self.references.insert(reference.to_owned());
        }
    }

    fn take(&mut self, mobile: &str, cents: Cents, reference: &str) {
        let seen = self.seen(reference);
        if let Some(balance) = self.cards.get_mut(mobile)
            && !seen
            && *balance >= cents
        {
            *balance -= cents;
            self.available += cents;
            self.references.insert(reference.to_owned());
        }
    }

    /// One voucher of 100 less 2 %.
    fn order(&mut self, by_holder: bool, reference: &str) {
        let from = if by_holder {
            self.cards.get_mut(HOLDER).unwrap()
        } else {
            &mut self.available
        };
        if (self.again || !self.orders.contains(reference)) && *from >= 9_800 {
            *from -= 9_800;
            self.paid += 9_800;
            self.orders.insert(reference.to_owned());
        }
    }
}

fn mobile(person: u8) -> String {
    if person == 0 {
        HOLDER.to_owned()
    } else {
        format!("900000500{person}")
    }
}

/// The amount as JSON text has it, without a float on the way.
fn money(cents: Cents) -> Value {
    serde_json::from_str(&format!("{}.{:02}", cents / 100, cents % 100)).unwrap()
}

async fn play(switch: DuplicateReference, steps: &[Step]) {
    // Few transactions are kept where no duplicate is looked for, so that carrying forward is tried too.
    let kept = if switch == DuplicateReference::CreditAgain {
        5
    } else {
        10_000
    };
    let sandbox = Sandbox::builder()
        .seed(Seed::small().account_balance(OPENING / 100))
        .switches(Switches::new().duplicate_reference(switch))
        .max_transactions(kept)
        .start()
        .await
        .unwrap();
    let (partner, holder) = (Client::partner(&sandbox).await, Client::holder(&sandbox).await);
    let mut model = Model::new(switch == DuplicateReference::CreditAgain);
    for step in steps {
        match step {
            Step::Give {
                person,
                cents,
                reference,
            } => {
                let (mobile, reference) = (mobile(*person), format!("R{reference}"));
                partner
                    .post(client::ALLOCATE, &partner.credit(&mobile, &money(*cents), &reference))
                    .await;
                model.give(&mobile, *cents, &reference);
            }
            Step::Take {
                person,
                cents,
                reference,
            } => {
                let (mobile, reference) = (mobile(*person), format!("R{reference}"));
                partner
                    .post(client::ALLOCATE, &partner.debit(&mobile, &money(*cents), &reference))
                    .await;
                model.take(&mobile, *cents, &reference);
            }
            Step::Bulk { rows, existing_too } => {
                let row = |(person, cents, reference): &(u8, Cents, u8)| {
                    json!({
                        "title": "Mr", "name": "Asha", "email": "asha@example.com", "mobile": mobile(*person),
                        "loadAmount": money(*cents), "uniqueReferenceNumber": format!("R{reference}"),
                    })
                };
                let body: Value = rows.iter().map(row).collect();
                let (company, account) = (&partner.to.company_id, &partner.to.card_account_id);
                let query = format!("companyId={company}&cardAccountId={account}&isPointsAllocation={existing_too}");
                let (status, _) = partner.post(&format!("{BULK}?{query}"), &body).await;
                assert_eq!(status, 200);
                for (person, cents, reference) in rows {
                    let mobile = mobile(*person);
                    if *existing_too || !model.cards.contains_key(&mobile) {
                        model.give(&mobile, *cents, &format!("R{reference}"));
                    }
                }
            }
            Step::Order { by_holder, reference } => {
                let reference = format!("O{reference}");
                let body = json!({
                    "productCatalogId": "PC0SANDBOXBOOKS1", "denomination": 100, "quantity": 1,
                    "orderReferenceId": reference,
                });
                let client = if *by_holder { &holder } else { &partner };
                client.post(ORDER, &body).await;
                model.order(*by_holder, &reference);
            }
        }
        assert_eq!(sandbox.audit(), Vec::<String>::new(), "after {step:?}");
        let (_, account) = partner.post(ACCOUNT, &partner.account()).await;
        let available = account["payload"]["availableBalance"].to_string();
        assert_eq!(cents(&available), model.available, "after {step:?}");
        for (mobile, balance) in &model.cards {
            let shown = sandbox.card_balance(mobile).unwrap().to_string();
            assert_eq!(cents(&shown), *balance, "after {step:?}");
        }
    }
    let total = model.available + model.cards.values().sum::<Cents>() + model.paid;
    assert_eq!(total, OPENING + HOLDER_OPENING);
    client::assert_sound(&sandbox);
}

/// An amount, as text, in cents.
fn cents(text: &str) -> Cents {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let part = format!("{part:0<2}");
    assert!(part[2..].bytes().all(|digit| digit == b'0'), "{text}");
    whole.parse::<Cents>().unwrap() * 100 + part[..2].parse::<Cents>().unwrap()
}

fn run(switch: DuplicateReference) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let config = Config {
        cases: 24,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&prop::collection::vec(step(), 1..40), |steps| {
            runtime.block_on(play(switch, &steps));
            Ok(())
        })
        .unwrap();
}

#[test]
fn the_sums_hold_when_a_reference_credits_again() {
    run(DuplicateReference::CreditAgain);
}

#[test]
fn the_sums_hold_when_a_reference_is_refused() {
    run(DuplicateReference::Refuse);
}

#[test]
fn the_sums_hold_when_the_first_response_is_replayed() {
    run(DuplicateReference::ReplayFirst);
}

#[test]
fn the_sums_hold_when_a_success_credits_nothing() {
    run(DuplicateReference::SuccessWithoutCredit);
}
