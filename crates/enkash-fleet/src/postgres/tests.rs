//! What a change promises: none comes between, none is lost, and no two wait for each other.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use enkash_test_servers::postgres::{Database as TestDatabase, PostgresServer};
use jiff::SignedDuration;

use super::*;

/// How long a test waits for what must come.
const MAX_WAIT: Duration = Duration::from_secs(60);

fn names() -> [Name; 2] {
    ["key".to_owned(), "strikes/x".to_owned()]
}

fn open(database: &TestDatabase) -> PostgresDatabase {
    PostgresDatabase::new(&database.url()).unwrap()
}

/// Counts one more, and returns how many there are then.
async fn count(database: &PostgresDatabase, lasts: Option<SignedDuration>) -> Result<u64, Error> {
    let mut count = 0;
    let mut decide = |snapshot: &Snapshot| {
        let number = |value: &Vec<u8>| str::from_utf8(value).unwrap().parse::<u64>().unwrap();
        count = snapshot.values[1].as_ref().map_or(0, number) + 1;
        let entry = |index, value: String| Write {
            index,
            value: value.into(),
            expires_at: lasts.filter(|_| index == 1).map(|lasts| snapshot.now + lasts),
        };
        Ok(vec![entry(1, count.to_string()), entry(0, "guard".to_owned())])
    };
    database.change(&names(), &mut decide).await.map(|()| count)
}

/// Until somebody waits for what this session has locked.
async fn until_one_waits_for(session: i32, database: &TestDatabase) {
    let waits = format!("SELECT count(*) FROM pg_stat_activity WHERE {session} = ANY (pg_blocking_pids(pid))");
    let started = Instant::now();
    while database.query(&waits) != "1" {
        assert!(started.elapsed() < MAX_WAIT, "nobody waits");
        tokio::task::yield_now().await;
    }
}

/// A row goes away while one change waits for the guard, and another change makes it anew: it waits for the guard as well then.
#[tokio::test(flavor = "multi_thread")]
async fn two_changes_do_not_wait_for_each_other_where_a_row_goes_away() {
    let Some(server) = PostgresServer::shared() else {
        return;
    };
    let database = server.database();
    count(&open(&database), None).await.unwrap();
    let pool = Pool::new(Address::parse(&database.url(), "fleet").unwrap(), 2).unwrap();
    let (mut holder, mut other) = (pool.own_client().await.unwrap(), pool.own_client().await.unwrap());
    let holder = holder.transaction().await.unwrap();
    let own_id = "SELECT pg_backend_pid()";
    let holder_id: i32 = Session::from(&holder).value(own_id, &[]).await.unwrap();
    let lock_guard = "SELECT FROM enkash.fleet WHERE name = 'key' FOR UPDATE";
    Session::from(&holder).batch_execute(lock_guard).await.unwrap();
    let ours = open(&database);
    let ours = tokio::spawn(async move { count(&ours, None).await });
    until_one_waits_for(holder_id, &database).await;
    database.query("DELETE FROM enkash.fleet WHERE name = 'strikes/x'");
    let other = other.transaction().await.unwrap();
    let session = Session::from(&other);
    let make = "INSERT INTO enkash.fleet (name) VALUES ('strikes/x')";
    session.batch_execute(make).await.unwrap();
    let other_id: i32 = session.value(own_id, &[]).await.unwrap();
    holder.commit().await.unwrap();
    until_one_waits_for(other_id, &database).await;
    session.batch_execute(lock_guard).await.unwrap();
    other.commit().await.unwrap();
    assert_eq!(ours.await.unwrap().unwrap(), 1);
}

/// Whoever is told that a change was made finds it made, whatever becomes of the others.
#[tokio::test(flavor = "multi_thread")]
async fn no_change_is_lost_where_others_are_given_up_in_the_middle() {
    let Some(server) = PostgresServer::shared() else { return };
    let database = server.database();
    let (told, open_ended) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let tasks: Vec<_> = (0..8)
        .map(|_| (open(&database), Arc::clone(&told), Arc::clone(&open_ended)))
        .map(|(database, told, open_ended)| {
            tokio::spawn(async move {
                for _ in 0..60 {
                    let mut limit = Duration::from_millis(500);
                    if getrandom::u32().unwrap().is_multiple_of(2) {
                        limit = Duration::from_micros(u64::from(getrandom::u32().unwrap() % 30_000));
                    }
                    let counter = match tokio::time::timeout(limit, count(&database, None)).await {
                        Ok(Ok(_)) => &told,
                        // What was given up stays connected for a while, and a server has so many connections. All else is a failure:
                        // no two wait for each other.
                        Ok(Err(error)) => {
                            assert!(error.to_string().contains("53300"), "{error}");
                            &open_ended
                        }
                        Err(_) => &open_ended,
                    };
                    counter.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let made = count(&open(&database), None).await.unwrap() - 1;
    let (told, open_ended) = (told.load(Ordering::SeqCst), open_ended.load(Ordering::SeqCst));
    assert!(told > 0, "no change was made in time");
    assert!(
        (told..=told + open_ended).contains(&made),
        "{told}, {open_ended}: {made}"
    );
}

#[tokio::test]
async fn a_table_that_hides_rows_or_forgets_them_is_told() {
    let Some(server) = PostgresServer::shared() else { return };
    let database = server.database();
    let fleet = open(&database);
    count(&fleet, None).await.unwrap();
    assert_eq!(fleet.weakness().await.unwrap(), None);
    database.query("ALTER TABLE enkash.fleet SET UNLOGGED");
    let weakness = fleet.weakness().await.unwrap().unwrap();
    assert!(weakness.contains("empties it after a crash"), "{weakness}");
    database.query(
        "CREATE FUNCTION enkash.hide() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
         CREATE TRIGGER hide BEFORE INSERT ON enkash.fleet FOR EACH ROW EXECUTE FUNCTION enkash.hide();
         DELETE FROM enkash.fleet",
    );
    let error = count(&fleet, None).await.unwrap_err();
    assert!(error.to_string().contains("hides rows"), "{error}");
}
