//! The server behind a ledger: it crashes, comes back, refuses, or could forget. Nothing that was committed is lost, nothing is
//! sent that is not committed, and no error tells more of the address than host and database.

use enkash_ledger::{Ledger, LedgerError, RowState};
use enkash_test_servers::postgres::{Database, PostgresServer};

use crate::rows::{begin, call, done, import, new_rows, pending, row, send, ticket};

fn text_of(error: &LedgerError) -> String {
    assert!(error.is_unavailable(), "{error}");
    let text = error.to_string();
    for secret in ["postgres@", "zoe", "s3cret"] {
        assert!(!text.contains(secret), "{text}");
    }
    text
}

async fn refusal(url: &str) -> String {
    text_of(&Ledger::connect(url).await.expect_err("it is refused"))
}

/// The address with another login.
fn as_zoe(database: &Database) -> String {
    database.url().replace("postgres@", "zoe:s3cret@")
}

#[tokio::test]
async fn what_was_committed_outlives_a_crash_also_where_the_server_would_not_wait_for_its_disk() {
    let Some(mut server) = PostgresServer::start() else {
        return;
    };
    let database = server.database();
    database.query("ALTER SYSTEM SET synchronous_commit = off");
    database.query("ALTER SYSTEM SET wal_writer_delay = '10s'");
    database.query("SELECT pg_reload_conf()");
    let ledger = Ledger::connect(&database.url()).await.unwrap();
    let run = import(&ledger, "H1", new_rows("A", 20)).await;
    let rows = pending(&ledger, run).await;
    for pending_row in &rows[..10] {
        send(&ledger, pending_row, done()).await;
    }
    let _on_its_way = begin(&ledger, &rows[10]).await.unwrap();
    server.stop_hard();
    ledger.counts(run).await.unwrap_err();
    server.start_again();

    let counts = ledger.counts(run).await.unwrap();
    assert_eq!((counts.done.rows, counts.unknown.rows, counts.pending.rows), (10, 1, 9));
}

#[tokio::test]
async fn no_intent_comes_from_a_server_that_is_gone_and_the_ledger_goes_on_when_it_is_back() {
    let Some(mut server) = PostgresServer::start() else {
        return;
    };
    let database = server.database();
    let ledger = Ledger::connect(&database.url()).await.unwrap();
    let run = import(&ledger, "H1", new_rows("A", 3)).await;
    let rows = pending(&ledger, run).await;
    let on_its_way = begin(&ledger, &rows[0]).await.unwrap();
    let _lock = ledger.lock_run(run).await.unwrap().expect("nobody sends it");
    server.stop_hard();
    let ticket = ticket("A-2", "9000000002", "10");
    for error in [
        ledger.begin_row(rows[1].id, &ticket).await.unwrap_err(),
        ledger.begin(call("R-1")).await.unwrap_err(),
        ledger.conclude(on_its_way, done()).await.unwrap_err(),
        ledger.counts(run).await.unwrap_err(),
    ] {
        let text = text_of(&error);
        assert!(text.contains(&ledger.place()), "{text}");
    }
    server.start_again();

    assert_eq!(row(&ledger, "A-1").await.state, RowState::Sending);
    assert_eq!(ledger.interrupt_run(run).await.unwrap(), 1);
    send(&ledger, &rows[1], done()).await;
    assert_eq!(row(&ledger, "A-2").await.attempts, 1);
    // The lock went with its connection.
    assert!(ledger.lock_run(run).await.unwrap().is_some());
}

#[tokio::test]
async fn what_the_server_refuses_is_told_without_the_login() {
    let Some(server) = PostgresServer::shared() else { return };
    let database = server.database();
    assert!(refusal(&as_zoe(&database)).await.contains("refuses the login"));
    let absent = database.url().replace("/test_", "/absent_");
    assert!(refusal(&absent).await.contains("no such database"));
    database.query("CREATE ROLE zoe LOGIN");
    let text = refusal(&as_zoe(&database)).await;
    assert!(text.contains("does not permit") && text.contains("42501"), "{text}");
}

#[tokio::test]
async fn a_server_that_could_forget_or_only_reads_is_refused() {
    let Some(server) = PostgresServer::start() else { return };
    let database = server.database();
    let name = database.query("SELECT current_database()");
    database.query(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
    assert!(refusal(&database.url()).await.contains("does not allow writes"));
    let database = server.database();
    database.query("ALTER SYSTEM SET fsync = off");
    database.query("SELECT pg_reload_conf()");
    assert!(refusal(&database.url()).await.contains("fsync = off"));
}

#[tokio::test]
async fn a_server_without_tls_is_refused_where_tls_is_asked_for() {
    let Some(server) = PostgresServer::shared() else { return };
    let text = refusal(&format!("{}?sslmode=require", server.database().url())).await;
    assert!(text.contains("TLS"), "{text}");
}

#[tokio::test]
async fn a_unix_socket_will_do() {
    let Some(server) = PostgresServer::shared() else { return };
    let ledger = Ledger::connect(&server.database().socket_url()).await.unwrap();
    let _intent = ledger.begin(call("R-1")).await.unwrap();
    assert!(!ledger.place().contains("postgres@"), "{}", ledger.place());
}

#[tokio::test]
async fn a_user_who_owns_nothing_but_the_schema_will_do() {
    let Some(server) = PostgresServer::shared() else { return };
    let database = server.database();
    database.query("CREATE ROLE clerk LOGIN");
    database.query("CREATE SCHEMA enkash AUTHORIZATION clerk");
    let url = database.url().replace("postgres@", "clerk@");
    let ledger = Ledger::connect(&url).await.unwrap();
    let run = import(&ledger, "H1", new_rows("A", 1)).await;
    send(&ledger, &pending(&ledger, run).await[0], done()).await;
    drop(Ledger::connect(&url).await.unwrap());
}
