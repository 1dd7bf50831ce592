//! The list of an account beside what tells its rows apart: ids that are blank, that several movements share, and rows that come
//! twice.

use serde_json::{Value, json};

use crate::settle::{
    account_transactions::TransactionPages,
    tests::scripted_api::{Habits, ScriptedApi, new_year, row},
};

fn pages(rows: Vec<Value>, cap: usize) -> TransactionPages {
    let habits = Habits {
        cap,
        filters_by_reference: false,
        ..Habits::default()
    };
    let client = ScriptedApi::new(habits, 3, rows).client();
    let rewards = client.rewards("CEK1PU9AOO", "CAQL8YCV3");
    let hours = |hours: i64| new_year() + jiff::SignedDuration::from_hours(hours);
    rewards.all_transactions(hours(-1), hours(24))
}

/// The references that come, in their order, and the ids beside them.
async fn read(pages: &mut TransactionPages) -> (Vec<String>, Vec<Option<String>>) {
    let mut found = Vec::new();
    while let Some(transactions) = pages.next().await.unwrap() {
        let read = transactions.into_iter().map(|transaction| {
            let id = transaction.id.map(|id| id.as_str().to_owned());
            (transaction.reference.unwrap(), id)
        });
        found.extend(read);
    }
    found.sort();
    found.into_iter().unzip()
}

/// Seven allocations, a minute apart.
fn seven(change: impl Fn(usize, &mut Value)) -> Vec<Value> {
    let rows = (0..7).map(|number| {
        let mut row = row(&format!("T{number}"), &format!("REF{number}"), 1, number as i64 * 60);
        change(number, &mut row);
        row
    });
    rows.collect()
}

#[tokio::test(start_paused = true)]
async fn rows_are_told_apart_whatever_stands_in_their_id() {
    let references: Vec<_> = (0..7).map(|number| format!("REF{number}")).collect();
    let real: Vec<_> = (0..7).map(|number| Some(format!("T{number}"))).collect();
    let rename = |number: usize, row: &mut Value| {
        row["enKashCardTransactionId"] = json!(["", " ", "\t"][number % 3]);
        row["enkashCardTxnId"] = json!(format!("T{number}"));
    };
    let set = |id: Value| move |_: usize, row: &mut Value| row["enKashCardTransactionId"] = id.clone();
    for (rows, ids) in [
        (seven(|_, _| ()), real.clone()),
        (seven(rename), real),
        (seven(set(json!(""))), vec![None; 7]),
        (seven(set(json!(null))), vec![None; 7]),
        (seven(set(json!("SAME"))), vec![Some("SAME".to_owned()); 7]),
        (seven(set(json!(0))), vec![Some("0".to_owned()); 7]),
    ] {
        for cap in [usize::MAX, 3, 1] {
            let mut pages = pages(rows.clone(), cap);
            assert_eq!(
                read(&mut pages).await,
                (references.clone(), ids.clone()),
                "{cap}: {rows:?}"
            );
            assert_eq!((pages.gaps(), pages.is_counted()), (&[][..], true), "{cap}: {rows:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn one_id_makes_no_two_movements_one() {
    for (field, value) in [
        ("pgReferenceNumber", json!("REF2")),
        ("principalAmount", json!(2)),
        ("cardTransactionType", json!("DR")),
        ("type", json!("REVERSAL")),
        ("status", json!("REVERSED")),
        ("enkashCardId", json!("EKC0000002")),
        ("txnDate", json!("2025-01-01T00:00:06Z")),
        ("reversed", json!(true)),
    ] {
        let first = row("T1", "REF1", 1, 5);
        let mut second = first.clone();
        second[field] = value;
        let mut pages = pages(vec![first, second], usize::MAX);
        assert_eq!(read(&mut pages).await.0.len(), 2, "{field}");
        assert_eq!((pages.gaps(), pages.is_counted()), (&[][..], true), "{field}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_movement_that_is_listed_twice_comes_once_and_the_list_is_not_whole() {
    let rows = vec![
        row("T1", "REF1", 1, 5),
        row("T1", "REF1", 1, 5),
        row("T2", "REF2", 1, 9),
    ];
    let mut pages = pages(rows, usize::MAX);
    assert_eq!(read(&mut pages).await.0, ["REF1", "REF2"]);
    let [gap] = pages.gaps() else {
        panic!("{:?}", pages.gaps());
    };
    assert_eq!((gap.shown, gap.of, pages.is_counted()), (2, Some(3), false));
}
