//! The pool at a real server: what its sessions are set to, which connections are used again, and what errors tell.

use std::time::Duration;

use enkash_postgres::{
    ANSWER_TIMEOUT, Address, Error, Pool, Session, deadpool_postgres::ClientWrapper, tokio_postgres::error::SqlState,
};
use enkash_test_servers::postgres::{Database, PostgresServer};

fn pool(url: &str) -> Pool {
    let address = Address::parse(url, "test").expect("it can be read");
    Pool::new(address, 1).expect("it can be made")
}

async fn text(client: &ClientWrapper, sql: &str) -> Result<String, Error> {
    Session::from(client).value(sql, &[]).await
}

async fn ask(pool: &Pool, sql: &str) -> Result<String, Error> {
    pool.run(ANSWER_TIMEOUT, async |client| text(client, sql).await).await
}

const PID: &str = "SELECT pg_backend_pid()::text";

fn database() -> Option<Database> {
    Some(PostgresServer::shared()?.database())
}

#[tokio::test]
async fn a_session_has_its_own_settings_whatever_the_servers_are() {
    let Some(database) = database() else { return };
    let name = database.query("SELECT current_database()");
    for (setting, theirs) in [
        ("synchronous_commit", "off"),
        ("default_transaction_isolation", "serializable"),
        ("search_path", "public"),
        ("statement_timeout", "0"),
        ("idle_in_transaction_session_timeout", "0"),
    ] {
        database.query(&format!("ALTER DATABASE {name} SET {setting} = '{theirs}'"));
    }
    let pool = pool(&database.url());
    let own = pool.own_client().await.unwrap();
    for (setting, ours) in [
        ("synchronous_commit", "on"),
        ("default_transaction_isolation", "read committed"),
        ("search_path", "pg_catalog"),
        ("statement_timeout", "30s"),
        ("idle_in_transaction_session_timeout", "30s"),
        ("application_name", "enkash-test"),
    ] {
        let sql = format!("SELECT current_setting('{setting}')");
        assert_eq!(ask(&pool, &sql).await.unwrap(), ours, "{setting}");
        assert_eq!(text(&own, &sql).await.unwrap(), ours, "{setting}");
    }
}

#[tokio::test]
async fn a_url_may_choose_the_application_name() {
    let Some(database) = database() else { return };
    let pool = pool(&format!("{}?application_name=payroll", database.url()));
    let name = ask(&pool, "SELECT current_setting('application_name')").await;
    assert_eq!(name.unwrap(), "payroll");
}

#[tokio::test]
async fn a_connection_is_used_again_also_after_a_refusal_and_never_after_work_was_given_up() {
    let Some(database) = database() else { return };
    let pool = pool(&database.url());
    let first = ask(&pool, PID).await.unwrap();
    ask(&pool, "SELECT 1 / 0").await.unwrap_err();
    assert_eq!(ask(&pool, PID).await.unwrap(), first);

    let limit = Duration::from_millis(50);
    let asleep = pool.run(limit, async |client| text(client, "SELECT pg_sleep(25)::text").await);
    let error = asleep.await.unwrap_err();
    assert!(error.to_string().contains("does not respond in time"), "{error}");
    assert_ne!(ask(&pool, PID).await.unwrap(), first);
}

#[tokio::test]
async fn a_refusal_is_told_by_its_state_and_without_the_row() {
    let Some(database) = database() else { return };
    database.query("CREATE TABLE person (name text PRIMARY KEY)");
    let pool = pool(&database.url());
    let insert = "INSERT INTO public.person VALUES ('zoe') RETURNING name";
    ask(&pool, insert).await.unwrap();
    let error = ask(&pool, insert).await.unwrap_err();
    assert!(
        error.is(&SqlState::UNIQUE_VIOLATION) && !error.is_invalid_input(),
        "{error}"
    );
    assert!(error.to_string().contains("23505"), "{error}");
    assert!(!format!("{error} {error:?}").contains("zoe"), "{error:?}");
}
