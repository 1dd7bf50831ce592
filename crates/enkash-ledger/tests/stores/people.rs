//! What is forgotten of people, and what is not: references, amounts and outcomes stay, and so does what is still needed.

use enkash::Timestamp;
use enkash_ledger::RowState;

use crate::{
    place::Place,
    rows::{amount, begin, bring_to, call, done, import, new_rows, pending, row, send, unknown},
};

on_each_store!(
    people_are_forgotten_and_nothing_else,
    rows_that_are_not_final_keep_their_people,
    only_what_ended_before_is_forgotten,
    nobody_is_shown_by_debug,
);

async fn people_are_forgotten_and_nothing_else(place: &Place) {
    let ledger = place.open().await;
    bring_to(&ledger, call("R-1"), RowState::Done).await;
    bring_to(&ledger, call("R-2"), RowState::Refused).await;
    assert_eq!(ledger.purge(Timestamp::now()).await.unwrap(), 2);
    assert_eq!(ledger.purge(Timestamp::now()).await.unwrap(), 0);
    for (reference, state) in [("R-1", RowState::Done), ("R-2", RowState::Refused)] {
        let purged = row(&ledger, reference).await;
        assert_eq!(
            (purged.state, purged.amount, purged.attempts),
            (state, Some(amount("250.5")), 1)
        );
        assert_eq!((purged.recipient, purged.request, purged.ticket), (None, None, None));
        assert!(ledger.begin(call(reference)).await.is_err());
    }
}

async fn rows_that_are_not_final_keep_their_people(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", new_rows("A", 4)).await;
    let rows = pending(&ledger, run).await;
    send(&ledger, &rows[0], done()).await;
    send(&ledger, &rows[1], unknown()).await;
    let _on_its_way = begin(&ledger, &rows[2]).await.unwrap();
    assert_eq!(ledger.purge(Timestamp::now()).await.unwrap(), 1);
    for reference in ["A-2", "A-3", "A-4"] {
        let kept = row(&ledger, reference).await;
        assert!(kept.recipient.is_some() && kept.request.is_some(), "{reference}");
    }
    assert!(row(&ledger, "A-2").await.stored_ticket().is_some());
    assert_eq!(pending(&ledger, run).await[0].request, r#"{"name":"Asha"}"#);
    // A run whose people are forgotten still adds up.
    assert_eq!(ledger.counts(run).await.unwrap().rows(), 4);
}

async fn only_what_ended_before_is_forgotten(place: &Place) {
    let ledger = place.open().await;
    let intent = ledger.begin(call("R-1")).await.unwrap();
    let created = row(&ledger, "R-1").await.created_at;
    assert_eq!(ledger.purge(created).await.unwrap(), 0);
    let before_its_end = Timestamp::now();
    ledger.conclude(intent, done()).await.unwrap();
    assert_eq!(ledger.purge(before_its_end).await.unwrap(), 0);
    assert_eq!(ledger.purge(Timestamp::now()).await.unwrap(), 1);
}

async fn nobody_is_shown_by_debug(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", new_rows("A", 1)).await;
    let texts = [
        format!("{:?}", row(&ledger, "A-1").await),
        format!("{:?}", pending(&ledger, run).await),
        row(&ledger, "A-1").await.describe(),
    ];
    for text in texts {
        assert!(!text.contains("Asha") && !text.contains("90000"), "{text}");
    }
}
