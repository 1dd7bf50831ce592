//! History: each filter narrows it, and pages miss and repeat nothing.

use enkash::Timestamp;
use enkash_ledger::{HistoryFilter, Ledger, RowState};

use crate::{
    place::Place,
    rows::{bring_to, call, call_at, done, import, new_rows, pending, send, ticket, with_reference},
};

on_each_store!(
    each_filter_narrows,
    filters_narrow_together,
    pages_miss_and_repeat_nothing
);

async fn references(ledger: &Ledger, filter: &HistoryFilter) -> Vec<String> {
    let rows = ledger.history(filter, None, 100).await.unwrap();
    rows.into_iter().map(|row| row.reference).collect()
}

async fn each_filter_narrows(place: &Place) {
    let ledger = place.open().await;
    bring_to(&ledger, call("R-1"), RowState::Done).await;
    bring_to(&ledger, call_at("https://other.example", "R-2"), RowState::Unknown).await;
    ledger
        .import_tickets(&[ticket("OLD-1", "9000000004", "1")])
        .await
        .unwrap();
    let mut other_company = call("R-3");
    other_company.scope.company = "C2".to_owned();
    bring_to(&ledger, other_company, RowState::Refused).await;
    let run = import(&ledger, "H1", new_rows("A", 2)).await;

    let all = ["R-1", "R-2", "OLD-1", "R-3", "A-1", "A-2"];
    let narrowed = |change: fn(&mut HistoryFilter)| {
        let mut filter = HistoryFilter::default();
        change(&mut filter);
        filter
    };
    assert_eq!(references(&ledger, &HistoryFilter::default()).await, all);
    assert_eq!(references(&ledger, &with_reference("R-2")).await, ["R-2"]);
    let mut of_run = HistoryFilter::default();
    of_run.run = Some(run);
    assert_eq!(references(&ledger, &of_run).await, ["A-1", "A-2"]);
    let in_doubt = narrowed(|filter| filter.states = vec![RowState::Unknown, RowState::Sending]);
    assert_eq!(references(&ledger, &in_doubt).await, ["R-2", "OLD-1"]);
    // What names no host or no company may be of any.
    let at_host = narrowed(|filter| filter.host = Some("https://other.example".to_owned()));
    assert_eq!(references(&ledger, &at_host).await, ["R-2", "OLD-1"]);
    let of_company = narrowed(|filter| filter.company = Some("C2".to_owned()));
    assert_eq!(references(&ledger, &of_company).await, ["R-3"]);
    let since = |time| {
        let mut filter = HistoryFilter::default();
        filter.since = Some(time);
        filter
    };
    let third = ledger.history(&with_reference("R-3"), None, 1).await.unwrap().remove(0);
    assert_eq!(references(&ledger, &since(third.created_at)).await, all[3..]);
    let now = Timestamp::now();
    assert!(references(&ledger, &since(now)).await.is_empty());
    // What is paid today may have come into the ledger long ago.
    send(&ledger, &pending(&ledger, run).await[0], done()).await;
    assert_eq!(references(&ledger, &since(now)).await, ["A-1"]);
}

async fn filters_narrow_together(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", new_rows("A", 3)).await;
    send(&ledger, &pending(&ledger, run).await[1], done()).await;
    bring_to(&ledger, call("R-1"), RowState::Done).await;
    let mut filter = HistoryFilter::default();
    filter.run = Some(run);
    filter.states = vec![RowState::Done];
    filter.since = Some(Timestamp::UNIX_EPOCH);
    filter.host = Some("https://api.example".to_owned());
    filter.company = Some("CEK1PU9AOO".to_owned());
    assert_eq!(references(&ledger, &filter).await, ["A-2"]);
    filter.reference = Some("A-1".to_owned());
    assert!(references(&ledger, &filter).await.is_empty());
}

async fn pages_miss_and_repeat_nothing(place: &Place) {
    let ledger = place.open().await;
    import(&ledger, "H1", new_rows("A", 23)).await;
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = ledger.history(&HistoryFilter::default(), after, 5).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        seen.extend(page.iter().map(|row| row.reference.clone()));
    }
    let expected: Vec<_> = (1..=23).map(|n| format!("A-{n}")).collect();
    assert_eq!(seen, expected);
}
