//! How a caller goes about an errand: store the tickets, call, perhaps hang up, call again by hand under the same
//! reference, and at last look up what is still open. What the caller was told goes into the oracle.

use std::time::Duration;

use enkash::{
    Enkash, Outcome, Response, Ticket, Unknown,
    rewards::{AllocationReceipt, Rewards},
    settlement::Settled,
};

use crate::{
    intent::{Intent, Kind, bulk},
    oracle::{Call, ReportedOutcome, Settlement},
    schedule::{Caller, CallerScript, Read, Settling},
    world::{Client, World},
};

/// What became of one intent of a call, as the caller sees it.
struct Row {
    intent: Intent,
    told: ReportedOutcome,
    /// As it was stored before the call.
    stored: String,
    unknown: Option<Unknown>,
}

impl Row {
    fn new<T>(intent: Intent, ticket: &Ticket, outcome: Option<Outcome<T>>) -> Self {
        let told = match &outcome {
            None => ReportedOutcome::Dropped,
            Some(Outcome::Done(_)) => ReportedOutcome::Done,
            Some(Outcome::Pending(_)) => ReportedOutcome::Pending,
            Some(Outcome::Refused(_)) => ReportedOutcome::Refused,
            Some(Outcome::NotSent(_)) => ReportedOutcome::NotSent,
            Some(Outcome::Unknown(_)) => ReportedOutcome::Unknown,
        };
        Self {
            intent,
            told,
            stored: serde_json::to_string(ticket).unwrap(),
            unknown: match outcome {
                Some(Outcome::Unknown(unknown)) => Some(unknown),
                _ => None,
            },
        }
    }
}

pub(crate) async fn run(world: &World, caller: &Caller) {
    let client = world.client(caller.client);
    let mut rows = Vec::new();
    for _ in 0..caller.tries {
        rows = call(world, client, &caller.errand, caller.patience).await;
        write(world, &caller.errand, &rows, false);
        if rows
            .iter()
            .all(|row| matches!(row.told, ReportedOutcome::Done | ReportedOutcome::Refused))
        {
            break;
        }
    }
    let Some(settling) = &caller.settling else { return };
    for row in rows {
        if matches!(row.told, ReportedOutcome::Unknown | ReportedOutcome::Dropped) {
            let by = if settling.from_storage {
                world.client(caller.client + 1)
            } else {
                client
            };
            settle(world, by, row, settling).await;
        }
    }
}

/// All calls of a stranger at once, and once more after each pause: others may log in meanwhile.
pub(crate) async fn run_stranger(world: &World, password: u8, intents: &[Intent], pauses: &[u64]) {
    let client = world.stranger(password);
    let errands: Vec<_> = intents.iter().copied().map(CallerScript::One).collect();
    for pause in [0].iter().chain(pauses) {
        tokio::time::sleep(Duration::from_millis(*pause)).await;
        let calls = errands.iter().map(|errand| call(world, &client, errand, None));
        let all = futures_util::future::join_all(calls).await;
        for (errand, rows) in errands.iter().zip(&all) {
            write(world, errand, rows, true);
        }
    }
}

pub(crate) async fn read(world: &World, client: usize, read: Read) {
    let client = world.client(client);
    let rewards = rewards(world, &client.enkash);
    // What it gives is the business of other tests; here it only has to end.
    match read {
        Read::Account => drop(rewards.account().await),
        Read::Cards => drop(rewards.cards(enkash::rewards::CardSearch::all()).await),
        Read::Transactions => drop(rewards.transactions(enkash::rewards::TransactionSearch::all()).await),
        Read::Order => drop(client.own.order_info("OWN0").await),
        Read::Coins => drop(client.enkash.points().balance(&world.holder.as_str().into()).await),
    }
}

fn rewards(world: &World, enkash: &Enkash) -> Rewards {
    let to = world.sandbox.credentials();
    enkash.rewards(to.company_id.as_str(), to.card_account_id.as_str())
}

fn write(world: &World, errand: &CallerScript, rows: &[Row], is_stranger: bool) {
    let call = Call {
        operation: errand.operation(),
        rows: rows.iter().map(|row| (row.intent, row.told)).collect(),
        is_stranger,
    };
    world.oracle().calls.push(call);
}

async fn call(world: &World, client: &Client, errand: &CallerScript, patience: Option<u64>) -> Vec<Row> {
    let intent = match errand {
        CallerScript::One(intent) => *intent,
        CallerScript::Bulk { rows, to_existing } => {
            let (rewards, all) = (rewards(world, &client.enkash), bulk(rows, *to_existing));
            let tickets = rewards.tickets(&all);
            let outcome = patient(patience, rewards.allocate_bulk(all)).await;
            let mut outcomes = outcome.map(|outcome| outcome.rows.into_iter());
            return rows
                .iter()
                .zip(&tickets)
                .map(|(row, ticket)| Row::new(*row, ticket, outcomes.as_mut().map(|rows| rows.next().unwrap())))
                .collect();
        }
    };
    vec![one(world, client, intent, patience).await]
}

async fn one(world: &World, client: &Client, intent: Intent, patience: Option<u64>) -> Row {
    let rewards = rewards(world, &client.enkash);
    match intent.kind {
        Kind::Give | Kind::Row => {
            let allocation = intent.allocation();
            let ticket = rewards.ticket(&allocation);
            echoed(intent, &ticket, patient(patience, rewards.allocate(allocation)).await)
        }
        Kind::Take => {
            let unallocation = intent.unallocation();
            let ticket = rewards.unallocation_ticket(&unallocation);
            let outcome = patient(patience, rewards.unallocate(unallocation)).await;
            echoed(intent, &ticket, outcome)
        }
        Kind::PartnerOrder | Kind::OwnOrder => {
            let who = if intent.kind == Kind::OwnOrder {
                &client.own
            } else {
                &client.partner
            };
            let order = intent.order();
            let ticket = who.ticket(&order);
            Row::new(intent, &ticket, patient(patience, who.order(order)).await)
        }
        Kind::Coins => {
            let points = client.enkash.points();
            let coins = intent.coins(&world.sandbox.credentials().company_id, &world.holder);
            let ticket = points.ticket(&coins);
            Row::new(intent, &ticket, patient(patience, points.allocate(coins)).await)
        }
    }
}

/// A yes to points has to be the yes to these.
fn echoed(intent: Intent, ticket: &Ticket, outcome: Option<Outcome<Response<AllocationReceipt>>>) -> Row {
    let done = outcome.as_ref().and_then(Outcome::done);
    let echo = done.map(|answer| answer.raw()["payload"]["pgReferenceNumber"].clone());
    let mut row = Row::new(intent, ticket, outcome);
    if echo.is_some_and(|echo| echo != intent.reference()) {
        row.told = ReportedOutcome::DoneByAnotherAnswer;
    }
    row
}

/// Drops the call when the caller has waited long enough.
async fn patient<T>(patience: Option<u64>, call: impl Future<Output = T>) -> Option<T> {
    match patience {
        Some(millis) => tokio::time::timeout(Duration::from_millis(millis), call).await.ok(),
        None => Some(call.await),
    }
}

async fn settle(world: &World, by: &Client, row: Row, settling: &Settling) {
    let stored: Ticket = serde_json::from_str(&row.stored).unwrap();
    // Whether the look-ups will show it from the first to the last, unless the records are taken away.
    let (is_contradicted, clearings) = {
        let oracle = world.oracle();
        (oracle.is_contradicted(row.intent, stored.intended_at), oracle.clearings)
    };
    let settle = match row.unknown {
        Some(unknown) if !settling.from_storage => unknown.settle(),
        _ if row.intent.kind == Kind::OwnOrder => by.own.settle(stored.clone()),
        _ => by.enkash.settle(stored.clone()),
    };
    let outcome: Outcome<Settled> = settle.within(Duration::from_millis(settling.within)).await;
    let settlement = Settlement {
        intent: row.intent,
        intended_at: stored.intended_at,
        word: outcome.as_str(),
        entries: outcome.done().map_or(0, |settled| settled.proof.entries),
        is_contradicted: is_contradicted && world.oracle().clearings == clearings,
    };
    world.oracle().settlements.push(settlement);
}
