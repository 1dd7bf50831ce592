//! What only a Redis does: what it may forget and what it says of that, its ways in, its users, and how it refuses.

use enkash_fleet::{Error, Fleet, FleetKeys};
use enkash_sandbox::{Operation, Sandbox};
use enkash_test_servers::redis::{Persistence, RedisServer};

use crate::place::{KEY, client};

/// It is said of each Redis.
const FAILOVER: &str = "a failover to a replica may lose the last writes";

fn fleet(url: &str) -> Fleet {
    Fleet::new(url, FleetKeys::parse(KEY).unwrap()).unwrap()
}

async fn weakness(fleet: &Fleet) -> String {
    fleet.check().await.unwrap().weakness.unwrap()
}

/// The same address for another login.
fn url_for(server: &RedisServer, login: &str) -> String {
    let url = server.url();
    format!("redis://{login}@{}", url.rsplit_once('@').unwrap().1)
}

fn signal(server: &RedisServer, signal: &str) {
    let mut kill = std::process::Command::new("/bin/sh");
    kill.args(["-c", "kill -s $0 $1", signal, &server.pid().to_string()]);
    assert!(kill.status().unwrap().success());
}

#[tokio::test]
async fn a_server_that_keeps_every_write_forgets_no_strike() {
    let Some(mut server) = RedisServer::start() else { return };
    let sandbox = Sandbox::start().await.unwrap();
    let wrong = client(&fleet(&server.url()), &sandbox, Some("wrong"));
    assert!(wrong.access_token().await.unwrap_err().is_credentials_rejected());
    server.stop_hard();
    server.start_again();
    // The connection of before is dead, which is noticed.
    assert_eq!(wrong.query_state().await.unwrap().strikes, 1);
    let other = client(&fleet(&server.url()), &sandbox, Some("wrong"));
    assert!(other.access_token().await.unwrap_err().is_credentials_rejected());
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);
}

#[tokio::test]
async fn a_server_that_keeps_nothing_forgets_a_strike() {
    let Some(mut server) = RedisServer::start_with(Persistence::Nothing) else {
        return;
    };
    let sandbox = Sandbox::start().await.unwrap();
    let wrong = client(&fleet(&server.url()), &sandbox, Some("wrong"));
    assert!(wrong.access_token().await.unwrap_err().is_credentials_rejected());
    server.stop_hard();
    server.start_again();
    assert_eq!(wrong.query_state().await.unwrap().strikes, 0);
    // This is why strikes belong in PostgreSQL: the same password goes out a second time.
    let other = client(&fleet(&server.url()), &sandbox, Some("wrong"));
    assert!(other.access_token().await.unwrap_err().is_credentials_rejected());
    assert_eq!(sandbox.calls(Operation::IssueToken), 2);
}

/// Logins are numbered by the server's time where their count was lost.
#[tokio::test]
async fn a_count_that_was_forgotten_grows_on_and_the_newer_token_stays() {
    let (Some(mut forgetful), Some(keeps)) = (RedisServer::start_with(Persistence::Nothing), RedisServer::start())
    else {
        return;
    };
    let sandbox = Sandbox::start().await.unwrap();
    let source = |forgetful: &RedisServer| {
        let login = sandbox.credentials();
        enkash::token::TokenSource::builder(sandbox.url())
            .credentials(enkash::Credentials::new(
                &*login.client_id,
                &*login.client_secret,
                &*login.username,
                &*login.password,
            ))
            .strike_ledger(fleet(&forgetful.url()).strike_ledger())
            .token_store(fleet(&keeps.url()).token_store())
            .build()
            .unwrap()
    };
    let first = source(&forgetful);
    let older = first.access_token().await.unwrap();
    forgetful.stop_hard();
    forgetful.start_again();
    first.refresh_now().await.unwrap();
    let newer = first.access_token().await.unwrap();
    assert_ne!(newer.expose(), older.expose());
    let kept = source(&forgetful).access_token().await.unwrap();
    assert_eq!(kept.expose(), newer.expose());
    assert_eq!(sandbox.calls(Operation::IssueToken), 2);
}

#[tokio::test]
async fn a_server_says_what_it_may_forget() {
    let Some(server) = RedisServer::start() else { return };
    let keeps = fleet(&server.url());
    assert_eq!(weakness(&keeps).await, FAILOVER);
    for (setting, value, said) in [
        ("appendfsync", "everysec", "appendfsync is not always"),
        ("maxmemory", "1gb", FAILOVER),
        ("maxmemory-policy", "volatile-lru", "drops tokens"),
        ("maxmemory-policy", "allkeys-random", "drops any entry"),
        ("appendonly", "no", "appendonly is off"),
    ] {
        server.query(&["CONFIG", "SET", setting, value]);
        let weakness = weakness(&keeps).await;
        assert!(weakness.contains(said) && weakness.ends_with(FAILOVER), "{weakness}");
    }
    let Some(forgetful) = RedisServer::start_with(Persistence::Nothing) else {
        return;
    };
    assert!(
        weakness(&fleet(&forgetful.url()))
            .await
            .starts_with("appendonly is off")
    );
}

#[tokio::test]
async fn a_server_is_reached_by_its_socket() {
    let Some(server) = RedisServer::start() else { return };
    let sandbox = Sandbox::start().await.unwrap();
    let fleet = fleet(&format!("{}&db=3", server.socket_url()));
    assert!(fleet.place().ends_with("redis.sock/3"), "{}", fleet.place());
    client(&fleet, &sandbox, None).access_token().await.unwrap();
    client(&fleet, &sandbox, None).access_token().await.unwrap();
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);
    assert!(server.query(&["INFO", "keyspace"]).contains("db3:keys=3,"));
}

#[tokio::test]
async fn a_refusal_names_no_login_and_nothing_of_what_the_server_says() {
    let Some(server) = RedisServer::start() else { return };
    server.query(&["ACL", "SETUSER", "enkash", "on", ">s3cret"]);
    let refused = async |url: &str| -> Error {
        let error = fleet(url).check().await.unwrap_err();
        let said = format!("{error} {error:?}");
        assert!(!said.contains("zoe") && !said.contains("s3cret") && !said.contains(server.password()));
        error
    };
    let (zoe, nobody) = (url_for(&server, "zoe:s3cret"), url_for(&server, ""));
    for url in [zoe, nobody] {
        let error = refused(&url).await;
        assert!(
            error.is_unavailable() && error.to_string().contains("refuses the login"),
            "{error}"
        );
    }
    let error = refused(&url_for(&server, "enkash:s3cret")).await;
    assert!(error.to_string().contains("does not permit that"), "{error}");

    server.query(&["RPUSH", "{enkash}:fleet:key", "zoe"]);
    let error = refused(&server.url()).await;
    assert!(error.to_string().contains("another type"), "{error}");
    server.query(&["DEL", "{enkash}:fleet:key"]);
    server.query(&["SETRANGE", "{enkash}:fleet:key", "70000", "zoe"]);
    let error = refused(&server.url()).await;
    assert!(error.to_string().contains("is too large to be ours"), "{error}");
}

/// Without a login, because none could be counted.
#[tokio::test]
async fn a_server_that_takes_no_writes_says_why() {
    let Some(server) = RedisServer::start() else { return };
    let sandbox = Sandbox::start().await.unwrap();
    let fleet = fleet(&server.url());
    let log_in = async |said: &str| {
        let error = client(&fleet, &sandbox, None).access_token().await.unwrap_err();
        assert!(format!("{error}").contains(said), "{error}");
    };
    server.query(&["CONFIG", "SET", "maxmemory", "1"]);
    log_in("memory is full").await;
    server.query(&["CONFIG", "SET", "maxmemory", "0"]);
    server.query(&["REPLICAOF", "127.0.0.1", "1"]);
    log_in("a replica").await;
    let error = fleet.check().await.unwrap_err();
    assert!(error.to_string().contains("a replica"), "{error}");
    assert_eq!(sandbox.calls(Operation::IssueToken), 0);
}

#[tokio::test]
async fn a_server_that_stands_still_ends_the_wait_and_is_used_again() {
    let Some(server) = RedisServer::start() else { return };
    let fleet = fleet(&server.url());
    fleet.check().await.unwrap();
    signal(&server, "STOP");
    let error = fleet.check().await.unwrap_err();
    assert!(
        error.is_unavailable() && error.to_string().contains("timed out"),
        "{error}"
    );
    signal(&server, "CONT");
    assert_eq!(weakness(&fleet).await, FAILOVER);
}
