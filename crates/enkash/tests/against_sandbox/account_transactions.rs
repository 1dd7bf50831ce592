//! Every transaction of an account in a time: lists that are cut are read on, and what the API hides is said.

use std::{collections::BTreeMap, time::Duration};

use enkash::{
    Timestamp,
    config::CallOptions,
    rewards::Rewards,
    settlement::{Movement, TransactionPages},
};
use enkash_sandbox::{
    ExtraRecord, Fault, FaultRule, Operation, Sandbox, Switches, When,
    switches::{ListCut, TransactionFilters, TransactionWithoutCard},
};

use serde_json::json;

use crate::fixture::{Fixture, allocation};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

/// A sandbox with eleven allocations over three days, and the time around them.
async fn three_days() -> (Fixture, Rewards, Timestamp, Timestamp) {
    // The client's clock does not jump with the sandbox's, so its token has to outlive the days.
    let sandbox = Sandbox::builder().token_life(1000 * HOUR).start().await.unwrap();
    let fixture = Fixture::of(sandbox);
    let rewards = fixture.rewards();
    let from = fixture.sandbox.now() - HOUR;
    for number in 0..11 {
        rewards
            .allocate(allocation("1", &format!("REF{number}")))
            .await
            .done()
            .unwrap();
        let pause = if number % 4 == 3 { 24 * HOUR } else { SECOND };
        fixture.sandbox.advance(pause);
    }
    let to = fixture.sandbox.now() + HOUR;
    (fixture, rewards, from, to)
}

fn set(fixture: &Fixture, change: impl FnOnce(Switches) -> Switches) {
    fixture.sandbox.set_switches(change(fixture.sandbox.switches()));
}

/// How often each reference is listed.
async fn read(pages: &mut TransactionPages) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    while let Some(transactions) = pages.next().await.unwrap() {
        for transaction in transactions {
            *found.entry(transaction.reference.unwrap()).or_default() += 1;
        }
    }
    found
}

fn each_once() -> BTreeMap<String, usize> {
    (0..11).map(|number| (format!("REF{number}"), 1)).collect()
}

#[tokio::test]
async fn a_list_that_is_cut_is_read_to_its_end_and_nothing_comes_twice() {
    let (fixture, rewards, from, to) = three_days().await;
    for (cut, is_counted) in [
        (ListCut::Whole, true),
        (ListCut::Counted(2), true),
        (ListCut::Counted(1), true),
        (ListCut::Paged(2), false),
    ] {
        set(&fixture, |switches| switches.list_cut(cut));
        let mut pages = rewards.all_transactions(from, to);
        let found = read(&mut pages).await;
        assert_eq!((pages.gaps(), pages.is_counted()), (&[][..], is_counted), "{cut:?}");
        assert_eq!(found, each_once(), "{cut:?}");
    }
    let mut one = rewards.all_transactions(from, from + 2 * HOUR);
    assert_eq!(read(&mut one).await.len(), 4);
}

#[tokio::test]
async fn what_the_api_hides_is_said() {
    let (fixture, rewards, from, to) = three_days().await;
    set(&fixture, |switches| {
        switches
            .list_cut(ListCut::Counted(3))
            .transaction_filters(TransactionFilters::Required)
    });
    let mut pages = rewards.all_transactions(from, to);
    assert_eq!(read(&mut pages).await.len(), 3);
    let [gap] = pages.gaps() else {
        panic!("{:?}", pages.gaps())
    };
    assert!(gap.from <= from && to <= gap.to, "{gap:?}");
    assert_eq!((gap.shown, gap.of), (3, Some(11)));
    assert!(!pages.is_counted());
    assert_eq!(pages.requests(), 3);

    // Without the cut, nothing is hidden.
    set(&fixture, |switches| switches.list_cut(ListCut::Whole));
    let mut pages = rewards.all_transactions(from, to);
    assert_eq!(read(&mut pages).await, each_once());

    set(&fixture, |switches| {
        switches.transaction_without_card(TransactionWithoutCard::Refused)
    });
    let refused = rewards.all_transactions(from, to).next().await.unwrap_err();
    assert!(refused.is_refused(), "{refused}");
}

#[tokio::test]
async fn what_an_error_kept_from_being_read_is_read_by_the_next_call() {
    let (fixture, rewards, from, to) = three_days().await;
    set(&fixture, |switches| switches.list_cut(ListCut::Counted(2)));
    let rewards = rewards.with_options(CallOptions::new().attempts(1)).unwrap();
    for read_before in 0..4 {
        let mut pages = rewards.all_transactions(from, to);
        let mut found = Vec::new();
        for _ in 0..read_before {
            found.extend(pages.next().await.unwrap().unwrap());
        }
        fixture
            .sandbox
            .add_fault(FaultRule::on(Operation::SearchTransactions, Fault::Reset(When::Before)));
        // What was read already may come first.
        while let Ok(page) = pages.next().await {
            found.extend(page.expect("it cannot be complete"));
        }
        fixture.sandbox.clear_faults();
        while let Some(page) = pages.next().await.unwrap() {
            found.extend(page);
        }
        let mut references: Vec<_> = found.into_iter().filter_map(|row| row.reference).collect();
        references.sort();
        let mut expected: Vec<_> = each_once().into_keys().collect();
        expected.sort();
        assert_eq!((references, pages.gaps()), (expected, &[][..]), "{read_before}");
    }
}

#[tokio::test]
async fn a_movement_is_what_the_policy_knows_and_nothing_else() {
    let fixture = Fixture::start().await;
    let rewards = fixture.rewards();
    rewards.allocate(allocation("2.5", "GOOD")).await.done().unwrap();
    let credit = |reference: &str| ExtraRecord::credit(reference, "9000000004", 3);
    for record in [
        ExtraRecord::debit("BACK", "9000000004", 1),
        credit("FAILED").with("status", "FAILED"),
        credit("NO-STATUS").without("status"),
        credit("SALE").with("type", "SALE"),
        credit("NO-AMOUNT").without("principalAmount"),
        credit("DOLLARS").with("currency", "USD"),
        credit("NO-WAY").without("cardTransactionType"),
        // What takes it back, or may.
        credit("REVERSED").with("isReversed", true),
        credit("REVERSED-ON").with("reversedOn", "2026-11-27T09:00:00Z"),
        credit("DESCRIBED").with("description", "REVERSED - allocation failed"),
        credit("ROLLED-BACK").with("description", "Rolled back"),
        credit("REASON").with("failureReason", "card blocked"),
        credit("NESTED").with("txnDetails", json!({"state": "UNDONE"})),
        credit("PURCHASE").with("txnDetails", json!({"transactionType": "DR"})),
        // Somebody else's.
        credit("COMPANY").with("companyId", "OTHER"),
        credit("ACCOUNT").with("cardAccountId", "OTHER"),
        // One that contradicts itself.
        credit("AMOUNTS").with("loadAmount", 4),
        credit("FOREIGN").with("fcyAmount", 4),
        credit("DIRECTIONS").with("transactionType", "DR"),
        credit("CODE").with("transactionCode", "PRINCIPLE"),
        credit("REFERENCES").with("uniqueReferenceNumber", "OTHER"),
        credit("CARDS").with("enKashCardId", "EKC0OTHERS"),
        credit("IDS").with("enkashCardTxnId", "OTHER"),
    ] {
        fixture.sandbox.add_extra_record(record);
    }
    // All that the pages have for a record, said once more.
    let whole = credit("WHOLE")
        .with("cardAccountId", fixture.sandbox.credentials().card_account_id.as_str())
        .with("description", "ALLOCATE_POINT")
        .with("fcyAmount", 0)
        .with("fcyCurrency", "")
        .with("transactionCode", "ALLOCATION")
        .with("cardKitNumber", "K1")
        .with("uniqueReferenceNumber", "WHOLE")
        .with("txnDetails", json!({"mcc": null, "transactionType": "CR"}));
    fixture.sandbox.add_extra_record(whole);
    let now = fixture.sandbox.now();
    let mut pages = rewards.all_transactions(now - HOUR, now + HOUR);
    let rows = pages.next().await.unwrap().unwrap();
    assert_eq!(rows.len(), 25);
    for row in rows {
        let movement = pages.movement(&row);
        match row.reference.as_deref() {
            Some("GOOD") => assert_eq!(movement, Movement::Credit("2.5".parse().unwrap())),
            Some("WHOLE") => assert_eq!(movement, Movement::Credit(3.into())),
            Some("BACK") => assert_eq!(movement, Movement::Debit(1.into())),
            _ => assert!(matches!(movement, Movement::Unclear(_)), "{row:?}: {movement:?}"),
        }
    }
}
