//! A run with the libraries alone, in this process: the same calls without a ledger and with one, in the shape of the
//! command's own runs. A row leaves under its committed intent, and waiting for the outcome's commit holds no slot.

use std::{sync::Arc, time::Instant};

use enkash::{
    ClientReference, Enkash, Gender, Hosts, Money, Outcome, Person, Title,
    rewards::{Allocation, Rewards},
};
use enkash_benches::Address;
use enkash_ledger::{Amount, Conclusion, Ledger, NewRow, NewRun, Recorded, RowId, RowState, Scope};
use tokio::{sync::Semaphore, task::JoinSet};

use crate::file::{FileRow, Rows};

/// How many rows are read from the ledger at a time, as the command reads them.
const PAGE: u32 = 500;
/// How many outcomes may wait for their commit, for each slot, as in the command.
const RECORDS_PER_SLOT: usize = 4;

/// The client, and perhaps a ledger.
pub(crate) struct Library {
    rewards: Rewards,
    scope: Scope,
    ledger: Option<Ledger>,
}

impl Library {
    pub(crate) fn new(address: &Address, ledger: Option<Ledger>) -> Self {
        let enkash = Enkash::builder(Hosts::new(address.url.as_str()))
            .credentials(address.credentials.clone())
            .partner_id(address.partner.as_str())
            .build()
            .unwrap();
        Self {
            rewards: enkash.rewards(address.company.as_str(), address.account.as_str()),
            scope: Scope {
                host: address.url.clone(),
                company: address.company.clone(),
                account: address.account.clone(),
            },
            ledger,
        }
    }

    /// Rows a second.
    pub(crate) async fn run(&self, rows: &Rows, concurrency: usize) -> f64 {
        // The login is not counted.
        self.rewards.account().await.unwrap();
        let seconds = match &self.ledger {
            None => self.send(rows, concurrency).await,
            Some(ledger) => self.send_run(ledger, rows, concurrency).await,
        };
        rows.count as f64 / seconds
    }

    async fn send(&self, rows: &Rows, concurrency: usize) -> f64 {
        let start = Instant::now();
        let slots = Arc::new(Semaphore::new(concurrency));
        let mut calls = JoinSet::new();
        for row in rows.iter() {
            let slot = Arc::clone(&slots).acquire_owned().await.unwrap();
            let rewards = self.rewards.clone();
            calls.spawn(async move {
                let outcome = rewards.allocate(allocation(row)).await;
                drop(slot);
                assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
            });
            while calls.try_join_next().is_some_and(|ended| ended.is_ok()) {}
        }
        calls.join_all().await;
        start.elapsed().as_secs_f64()
    }

    async fn send_run(&self, ledger: &Ledger, rows: &Rows, concurrency: usize) -> f64 {
        let mut import = ledger
            .import_run(NewRun::new(self.scope.clone(), "benchmark", "rows.csv", "benchmark"))
            .await
            .unwrap();
        import.push(rows.iter().map(new_row).collect()).await.unwrap();
        let run = import.finish(&format!("{:064}", rows.number())).await.unwrap();
        let run = run.commit_with_repetitions(0).await.unwrap();

        let start = Instant::now();
        let slots = Arc::new(Semaphore::new(concurrency));
        let records = Arc::new(Semaphore::new(concurrency * (1 + RECORDS_PER_SLOT)));
        let mut calls = JoinSet::new();
        let (mut sent, mut place) = (rows.iter(), 0);
        loop {
            let page = ledger.pending_rows(run, place, PAGE).await.unwrap();
            let Some(last) = page.last() else { break };
            place = last.place;
            for (pending, row) in page.into_iter().zip(&mut sent) {
                let record = Arc::clone(&records).acquire_owned().await.unwrap();
                let slot = Arc::clone(&slots).acquire_owned().await.unwrap();
                let (rewards, ledger) = (self.rewards.clone(), ledger.clone());
                calls.spawn(async move {
                    let call = pay(&rewards, &ledger, pending.id, row, slot);
                    call.await;
                    drop(record);
                });
                while calls.try_join_next().is_some_and(|ended| ended.is_ok()) {}
            }
        }
        calls.join_all().await;
        start.elapsed().as_secs_f64()
    }
}

/// Intent, call, outcome. The slot is held for the first two.
async fn pay<S>(rewards: &Rewards, ledger: &Ledger, id: RowId, row: FileRow, slot: S) {
    let allocation = allocation(row);
    let ticket = rewards.ticket(&allocation);
    let intent = ledger.begin_row(id, &ticket).await.unwrap().unwrap();
    let outcome = rewards.allocate(allocation).await;
    drop(slot);
    let recorded = ledger.conclude(intent, Conclusion::from_outcome(&outcome)).await;
    assert_eq!(recorded.unwrap(), Recorded::Applied(RowState::Done));
}

fn allocation(row: FileRow) -> Allocation {
    let amount: Money = row.amount.parse().unwrap();
    let person = Person::new(Title::Ms, "Ashwini Rao", row.email, row.mobile, Gender::F);
    Allocation::for_person(
        person.unwrap(),
        amount,
        ClientReference::try_from(row.reference).unwrap(),
    )
}

fn new_row(row: FileRow) -> NewRow {
    let FileRow {
        mobile,
        email,
        amount,
        reference,
    } = row;
    let amount: Money = amount.parse().unwrap();
    NewRow {
        line: 1,
        reference,
        request: format!(r#"{{"title":"Ms","name":"Ashwini Rao","email":"{email}","mobile":"{mobile}","gender":"F"}}"#),
        recipient: mobile,
        amount: Amount::try_from(amount).unwrap(),
    }
}
