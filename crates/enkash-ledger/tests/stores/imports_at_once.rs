//! An import beside another one, or beside a call, in PostgreSQL, where neither sees the rows of the other before they are committed.
//! In SQLite one writes at a time.

use enkash_ledger::Conflict;
use tokio::task::JoinHandle;

use crate::{
    place::Place,
    rows::{check_import, new_row, ticket, unnamed_call},
};

const MOBILE: &str = "9111111177";

/// Waits until somebody waits for another one's lock, or until this is over.
async fn await_lock<T>(place: &Place, work: &JoinHandle<T>) {
    let Place::Database(database) = place else { return };
    let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    while !work.is_finished() && database.query(waiting) == "0" {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_imports_at_once_the_second_sees_whom_the_first_pays() {
    let Some(place) = Place::database() else { return };
    let (one, two) = (place.open().await, place.open().await);
    let rows = |word: &str| vec![new_row(2, &format!("{word}-1"), MOBILE, "10")];
    let first = check_import(&one, "H1", rows("ONE")).await.unwrap();
    assert_eq!(first.found().repeated_payment_count, 0);
    let others = rows("TWO");
    let second = tokio::spawn(async move {
        let second = check_import(&two, "H2", others).await.unwrap();
        second.found().repeated_payment_count
    });
    await_lock(&place, &second).await;
    first.commit(0).await.unwrap();
    assert_eq!(second.await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_beside_an_import_does_not_pay_what_the_file_is_to_pay() {
    let Some(place) = Place::database() else { return };
    let (one, two) = (place.open().await, place.open().await);
    let rows = vec![new_row(2, "FILE-1", MOBILE, "10")];
    let import = check_import(&one, "H1", rows).await.unwrap();
    let mut call = unnamed_call("CALL-1");
    call.ticket = ticket("CALL-1", MOBILE, "10");
    let call = tokio::spawn(async move { two.begin(call).await.map(drop) });
    await_lock(&place, &call).await;
    import.commit(0).await.unwrap();
    let refused = call.await.unwrap().unwrap_err();
    assert!(
        matches!(refused.as_conflict(), Some(Conflict::Waiting(row)) if row.reference == "FILE-1"),
        "{refused}"
    );
}
