//! Many at once, and several processes: one of them wins, and nothing is sent twice.

use std::{future::poll_fn, pin::pin, task::Poll};

use enkash_ledger::{Conflict, HistoryFilter, Recorded, RowState, Settled};

use crate::{
    place::Place,
    rows::{all, begin, call, done, import, new_rows, pending, row, send, ticket, unnamed_call},
};

on_each_store!(
    of_many_who_begin_a_row_one_wins,
    of_many_who_begin_a_reference_one_wins,
    of_many_who_choose_no_reference_one_pays,
    one_process_at_a_time_sends_a_run,
    whoever_only_looks_keeps_nobody_from_sending,
    a_run_is_not_discarded_under_whoever_sends_it,
    two_who_record_the_same_rows_in_another_order_both_end,
    whoever_gives_up_in_the_middle_leaves_no_work_half_done,
    tickets_come_in_once_from_two_processes,
);

async fn of_many_who_begin_a_row_one_wins(place: &Place) {
    let ledgers = [place.open().await, place.open().await];
    let run = import(&ledgers[0], "H1", new_rows("A", 20)).await;
    for row in pending(&ledgers[0], run).await {
        let rivals: Vec<_> = (0..16)
            .map(|n| {
                let (ledger, row) = (ledgers[n % 2].clone(), row.clone());
                tokio::spawn(async move { begin(&ledger, &row).await })
            })
            .collect();
        let mut winners = Vec::new();
        for rival in rivals {
            winners.extend(rival.await.unwrap());
        }
        assert_eq!(winners.len(), 1, "{winners:?}");
        assert_eq!((winners[0].row(), winners[0].attempt()), (row.id, 1));
    }
}

async fn of_many_who_begin_a_reference_one_wins(place: &Place) {
    let ledgers = [place.open().await, place.open().await];
    for n in 0..10 {
        let reference = format!("R-{n}");
        // Two different people, so that only the reference is in the way.
        let calls = ["9000000004", "9000000005"].map(|mobile| {
            let mut call = call(&reference);
            call.ticket = ticket(&reference, mobile, "1");
            call
        });
        let rivals: Vec<_> = (0..8)
            .map(|n| {
                let (ledger, call) = (ledgers[n % 2].clone(), calls[n % 2].clone());
                tokio::spawn(async move { ledger.begin(call).await })
            })
            .collect();
        let mut winners = 0;
        for rival in rivals {
            match rival.await.unwrap() {
                Ok(_) => winners += 1,
                Err(error) => assert!(
                    matches!(error.as_conflict(), Some(Conflict::ReferenceUsed(_))),
                    "{error}"
                ),
            }
        }
        assert_eq!(winners, 1);
        assert_eq!(all(&ledgers[0], &reference).await.len(), 1);
    }
}

async fn of_many_who_choose_no_reference_one_pays(place: &Place) {
    let ledgers = [place.open().await, place.open().await];
    let rivals: Vec<_> = (0..16)
        .map(|n| {
            let ledger = ledgers[n % 2].clone();
            tokio::spawn(async move { ledger.begin(unnamed_call(&format!("R-{n}"))).await })
        })
        .collect();
    let mut winners = 0;
    for rival in rivals {
        match rival.await.unwrap() {
            Ok(_) => winners += 1,
            Err(error) => assert!(matches!(error.as_conflict(), Some(Conflict::Doubt(_))), "{error}"),
        }
    }
    assert_eq!(winners, 1);
}

async fn one_process_at_a_time_sends_a_run(place: &Place) {
    let (ledger, other) = (place.open().await, place.open().await);
    let run = import(&ledger, "H1", new_rows("A", 1)).await;
    let second = import(&ledger, "H2", new_rows("B", 1)).await;
    let lock = ledger.lock_run(run).await.unwrap().expect("nobody sends it");
    assert!(other.lock_run(run).await.unwrap().is_none());
    assert!(ledger.lock_run(run).await.unwrap().is_none());
    assert!(other.lock_run(second).await.unwrap().is_some());
    drop(lock);
    assert!(other.lock_run(run).await.unwrap().is_some());
}

/// `run list` locks a run for a moment to see whether somebody sends it.
async fn whoever_only_looks_keeps_nobody_from_sending(place: &Place) {
    let (ledger, other) = (place.open().await, place.open().await);
    let run = import(&ledger, "H1", new_rows("A", 1)).await;
    let look = ledger.lock_run(run).await.unwrap().expect("nobody sends it");
    let mut lock = pin!(other.lock_run(run));
    let begun = poll_fn(|context| Poll::Ready(lock.as_mut().poll(context))).await;
    assert!(begun.is_pending(), "it waits a little before it says no");
    drop(look);
    assert!(lock.await.unwrap().is_some());
}

async fn a_run_is_not_discarded_under_whoever_sends_it(place: &Place) {
    let (ledger, other) = (place.open().await, place.open().await);
    for n in 0..10 {
        let run = import(&ledger, &format!("H{n}"), new_rows(&format!("A{n}"), 3)).await;
        let rows = pending(&ledger, run).await;
        let sender = {
            let (ledger, row) = (ledger.clone(), rows[1].clone());
            tokio::spawn(async move { begin(&ledger, &row).await })
        };
        let is_discarded = other.discard_run(run).await.unwrap();
        let intent = sender.await.unwrap();
        assert_ne!(is_discarded, intent.is_some(), "either it is sent, or it is gone");
        if let Some(intent) = intent {
            assert_eq!(row(&ledger, &format!("A{n}-2")).await.state, RowState::Sending);
            assert_eq!(ledger.counts(run).await.unwrap().rows(), 3);
            // The next run pays the same people, and nothing beside a doubt.
            ledger.conclude(intent, done()).await.unwrap();
        }
    }
    let run = import(&ledger, "H", new_rows("B", 2)).await;
    send(&ledger, &pending(&ledger, run).await[0], done()).await;
    assert!(!ledger.discard_run(run).await.unwrap());
}

async fn two_who_record_the_same_rows_in_another_order_both_end(place: &Place) {
    let ledgers = [place.open().await, place.open().await];
    for n in 0..10 {
        let calls = (0..30).map(|row| call(&format!("R-{n}-{row}"))).collect();
        let mut intents = ledgers[0].begin_all(calls).await.unwrap();
        let one_order: Vec<_> = intents
            .iter()
            .map(|intent| Settled::new(intent.row(), 1, done()))
            .collect();
        intents.reverse();
        let another: Vec<_> = intents
            .iter()
            .map(|intent| Settled::new(intent.row(), 1, done()))
            .collect();
        let rivals = [one_order, another]
            .into_iter()
            .zip(ledgers.clone())
            .map(|(settled, ledger)| tokio::spawn(async move { ledger.settle(settled).await.unwrap() }));
        let mut applied = 0;
        for rival in rivals.collect::<Vec<_>>() {
            let recorded = rival.await.unwrap();
            applied += recorded
                .iter()
                .filter(|one| matches!(one, Recorded::Applied(_)))
                .count();
        }
        assert_eq!(applied, 30);
    }
}

/// A transaction that stays open would take the next intents into it: they would be told, and not be committed.
async fn whoever_gives_up_in_the_middle_leaves_no_work_half_done(place: &Place) {
    let (ledger, other) = (place.open().await, place.open().await);
    let run = import(&ledger, "H1", new_rows("A", 40)).await;
    for (n, pending_row) in pending(&ledger, run).await.iter().enumerate() {
        let calls = vec![call(&format!("R-{n}-1")), call(&format!("R-{n}-2"))];
        let given_up = {
            let ledger = ledger.clone();
            tokio::spawn(async move { ledger.begin_all(calls).await })
        };
        for _ in 0..n {
            tokio::task::yield_now().await;
        }
        given_up.abort();
        let _ = given_up.await;
        let _intent = begin(&ledger, pending_row).await.unwrap();
        assert_eq!(row(&other, &pending_row.reference).await.state, RowState::Sending);
        // In one look, for the commit may be on its way still.
        let seen = other.history(&HistoryFilter::default(), None, 1000).await.unwrap();
        let word = format!("R-{n}-");
        let begun = seen.iter().filter(|row| row.reference.starts_with(&word)).count();
        assert!(begun == 0 || begun == 2, "{begun}");
    }
}

async fn tickets_come_in_once_from_two_processes(place: &Place) {
    let ledgers = [place.open().await, place.open().await];
    let tickets: Vec<_> = (0..20)
        .map(|n| ticket(&format!("OLD-{n}"), "9000000004", "1"))
        .collect();
    let rivals = ledgers.map(|ledger| {
        let tickets = tickets.clone();
        tokio::spawn(async move { ledger.import_tickets(&tickets).await.unwrap() })
    });
    let mut count = 0;
    for rival in rivals {
        count += rival.await.unwrap();
    }
    assert_eq!(count, 20);
}
