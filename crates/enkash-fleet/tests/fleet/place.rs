//! A database for a test, and clients that share nothing else.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use enkash::{
    Credentials,
    token::{LedgerFuture, LedgerUpdate, LoginIdentity, StrikeLedger, TokenSource, TokenSourceBuilder},
};
use enkash_fleet::{Fleet, FleetKeys, FleetLedger};
use enkash_sandbox::Sandbox;
use serde::{Deserialize, Serialize};
use tokio::{sync::watch, time::timeout};

use crate::login_server::{LoginServer, MAX_WAIT, PASSWORD};

/// A key file of the tests.
pub(crate) const KEY: &str = "AQgPFh0kKzI5QEdOVVxjanF4f4aNlJuiqbC3vsXM09o=";
/// The one that comes after it.
pub(crate) const NEXT_KEY: &str = "AgkQFx4lLDM6QUhPVl1ka3J5gIeOlZyjqrG4v8bN1Ns=";
/// That of somebody else.
pub(crate) const OTHER_KEY: &str = "AwoRGB8mLTQ7QklQV15lbHN6gYiPlp2kq7K5wMfO1dw=";

pub(crate) const CLIENT_ID: &str = "client-id-1618033988";
pub(crate) const CLIENT_SECRET: &str = "client-secret-1414213562";
pub(crate) const USERNAME: &str = "user-5772156649@example.com";
pub(crate) const WRONG_PASSWORD: &str = "wrong-password-6931471805";

/// How long a login may take that no test waits for the end of: a machine that is busy must not end one.
#[cfg_attr(not(unix), allow(dead_code, reason = "processes of a test are for Unix"))]
pub(crate) const LOGIN_TIMEOUT: Duration = Duration::from_secs(30);

/// Where a database is. A test that stops the server owns the place.
pub(crate) struct Place {
    pub(crate) url: String,
    pub(crate) server: Server,
}

pub(crate) enum Server {
    #[cfg(feature = "postgres")]
    Postgres {
        database: enkash_test_servers::postgres::Database,
        own: Option<enkash_test_servers::postgres::PostgresServer>,
    },
    #[cfg(feature = "redis")]
    Redis(enkash_test_servers::redis::RedisServer),
}

impl Place {
    /// A database of the server that all tests share.
    #[cfg(feature = "postgres")]
    pub(crate) fn postgres() -> Option<Self> {
        let server = enkash_test_servers::postgres::PostgresServer::shared()?;
        Some(Self::in_postgres(server.database(), None))
    }

    /// With a server of its own, for a test that stops it or reads its files.
    #[cfg(feature = "postgres")]
    pub(crate) fn own_postgres() -> Option<Self> {
        let server = enkash_test_servers::postgres::PostgresServer::start()?;
        Some(Self::in_postgres(server.database(), Some(server)))
    }

    /// Its clock stands still unless it is [moved](Self::advance), so that no pause or lease ends because a machine is busy: what the
    /// server's own name of the clock leads to is a function of the test.
    #[cfg(feature = "postgres")]
    fn in_postgres(
        database: enkash_test_servers::postgres::Database,
        own: Option<enkash_test_servers::postgres::PostgresServer>,
    ) -> Self {
        database.query(
            "CREATE TABLE public.clock (shown timestamptz NOT NULL);
             INSERT INTO public.clock VALUES (pg_catalog.clock_timestamp());
             ALTER FUNCTION pg_catalog.clock_timestamp() RENAME TO server_clock;
             CREATE FUNCTION pg_catalog.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
             AS 'SELECT shown FROM public.clock'",
        );
        Self {
            url: database.url(),
            server: Server::Postgres { database, own },
        }
    }

    /// A server of its own: entries of one database are not kept apart.
    #[cfg(feature = "redis")]
    pub(crate) fn redis() -> Option<Self> {
        let server = enkash_test_servers::redis::RedisServer::start()?;
        Some(Self {
            url: server.url(),
            server: Server::Redis(server),
        })
    }

    /// As another process has it: with connections of its own.
    pub(crate) fn fleet(&self) -> Fleet {
        self.fleet_with(KEY)
    }

    pub(crate) fn fleet_with(&self, keys: &str) -> Fleet {
        fleet_at(&self.url, keys)
    }

    /// As another process has it: a client that shares nothing in memory.
    pub(crate) fn client(&self, account: &Account) -> TokenSource {
        builder(&self.fleet(), account).build().unwrap()
    }

    /// Moves the database's clock, and so all that is timed by it. `false` where that cannot be done.
    pub(crate) fn advance(&self, time: Duration) -> bool {
        match &self.server {
            #[cfg(feature = "postgres")]
            Server::Postgres { database, .. } => {
                let seconds = time.as_secs_f64();
                database.query(&format!(
                    "UPDATE public.clock SET shown = shown + interval '{seconds} seconds'"
                ));
                true
            }
            #[cfg(feature = "redis")]
            Server::Redis(_) => {
                let _ = time;
                false
            }
        }
    }

    /// A login of a test that waits for the end of its lease may take so long: where the clock cannot be moved, the test waits. All
    /// other tests take [`LOGIN_TIMEOUT`].
    #[cfg_attr(not(unix), allow(dead_code, reason = "processes of a test are for Unix"))]
    pub(crate) fn login_timeout(&self) -> Duration {
        match &self.server {
            #[cfg(feature = "postgres")]
            Server::Postgres { .. } => LOGIN_TIMEOUT,
            #[cfg(feature = "redis")]
            Server::Redis(_) => Duration::from_secs(5),
        }
    }

    /// All that is kept, as a text to compare.
    pub(crate) fn content(&self) -> String {
        match &self.server {
            #[cfg(feature = "postgres")]
            Server::Postgres { database, .. } => {
                database.query("SELECT name, value, expires_at FROM enkash.fleet ORDER BY name")
            }
            #[cfg(feature = "redis")]
            Server::Redis(server) => {
                let keys = server.query(&["KEYS", "*"]);
                let mut content: Vec<_> = keys.lines().map(|key| (key, server.query(&["DUMP", key]))).collect();
                content.sort();
                format!("{content:?}")
            }
        }
    }

    /// The names of entries of a kind.
    pub(crate) fn entries(&self, kind: &str) -> Vec<String> {
        let names = match &self.server {
            #[cfg(feature = "postgres")]
            Server::Postgres { database, .. } => {
                if database.query("SELECT to_regclass('enkash.fleet') IS NULL") == "t" {
                    return Vec::new();
                }
                database.query(&format!(
                    "SELECT name FROM enkash.fleet WHERE name LIKE '{kind}/%' AND value IS NOT NULL ORDER BY name"
                ))
            }
            #[cfg(feature = "redis")]
            Server::Redis(server) => server.query(&["KEYS", &format!("*{kind}/*")]),
        };
        names.lines().map(str::to_owned).collect()
    }

    /// Puts so many bytes behind an entry.
    pub(crate) fn extend_entry(&self, name: &str, bytes: usize) {
        match &self.server {
            #[cfg(feature = "postgres")]
            Server::Postgres { database, .. } => database.query(&format!(
                "UPDATE enkash.fleet SET value = value || decode(repeat('78', {bytes}), 'hex') WHERE name = '{name}'"
            )),
            #[cfg(feature = "redis")]
            Server::Redis(server) => server.query(&["APPEND", name, &"x".repeat(bytes)]),
        };
    }

    /// Puts what stands under one name under another one as well.
    pub(crate) fn copy_entry(&self, from: &str, to: &str) {
        match &self.server {
            #[cfg(feature = "postgres")]
            Server::Postgres { database, .. } => database.query(&format!(
                "UPDATE enkash.fleet SET value = (SELECT value FROM enkash.fleet WHERE name = '{from}') WHERE name = '{to}'"
            )),
            #[cfg(feature = "redis")]
            Server::Redis(server) => server.query(&["COPY", from, to, "REPLACE"]),
        };
    }

    #[cfg_attr(
        not(unix),
        allow(dead_code, reason = "it is for outages of a server, which are for Unix")
    )]
    pub(crate) fn stop(&mut self) {
        match &mut self.server {
            #[cfg(feature = "postgres")]
            Server::Postgres { own, .. } => own.as_mut().unwrap().stop_hard(),
            #[cfg(feature = "redis")]
            Server::Redis(server) => server.stop_hard(),
        }
    }

    #[cfg_attr(
        not(unix),
        allow(dead_code, reason = "it is for outages of a server, which are for Unix")
    )]
    pub(crate) fn start_again(&mut self) {
        match &mut self.server {
            #[cfg(feature = "postgres")]
            Server::Postgres { own, .. } => own.as_mut().unwrap().start_again(),
            #[cfg(feature = "redis")]
            Server::Redis(server) => server.start_again(),
        }
    }
}

pub(crate) fn fleet_at(url: &str, keys: &str) -> Fleet {
    Fleet::new(url, FleetKeys::parse(keys).unwrap()).unwrap()
}

/// Who logs in where.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Account {
    token_host: String,
    username: String,
    password: String,
}

impl Account {
    /// The one of most tests, with the right password.
    pub(crate) fn at(server: &LoginServer) -> Self {
        Self {
            token_host: server.url(),
            username: USERNAME.to_owned(),
            password: PASSWORD.to_owned(),
        }
    }

    pub(crate) fn of_user(self, username: &str) -> Self {
        let username = username.to_owned();
        Self { username, ..self }
    }

    pub(crate) fn with_password(self, password: &str) -> Self {
        let password = password.to_owned();
        Self { password, ..self }
    }
}

/// A client of this fleet.
pub(crate) fn builder(fleet: &Fleet, account: &Account) -> TokenSourceBuilder {
    TokenSource::builder(&account.token_host)
        .credentials(Credentials::new(
            CLIENT_ID,
            CLIENT_SECRET,
            &*account.username,
            &*account.password,
        ))
        .strike_ledger(fleet.strike_ledger())
        .token_store(fleet.token_store())
}

/// A client of this fleet, with the password of the sandbox unless another one is given.
pub(crate) fn client(fleet: &Fleet, sandbox: &Sandbox, password: Option<&str>) -> TokenSource {
    let login = sandbox.credentials();
    let password = password.unwrap_or(&login.password);
    TokenSource::builder(sandbox.url())
        .credentials(Credentials::new(
            &*login.client_id,
            &*login.client_secret,
            &*login.username,
            password,
        ))
        .strike_ledger(fleet.strike_ledger())
        .token_store(fleet.token_store())
        .build()
        .unwrap()
}

/// Clients that ask at once: how many of them have had a reply of the ledger.
#[derive(Clone, Debug, Default)]
pub(crate) struct Replies(Arc<watch::Sender<usize>>);

impl Replies {
    pub(crate) fn watch(&self, ledger: FleetLedger) -> WatchedLedger {
        WatchedLedger {
            ledger,
            replies: self.clone(),
            has_replied: AtomicBool::new(false),
        }
    }

    /// Returns when so many clients have had one.
    pub(crate) async fn wait_for(&self, clients: usize) {
        let mut replies = self.0.subscribe();
        let all = replies.wait_for(|count| *count >= clients);
        drop(timeout(MAX_WAIT, all).await.expect("the ledger replies").unwrap());
    }
}

/// A ledger that tells of its first reply.
#[derive(Debug)]
pub(crate) struct WatchedLedger {
    ledger: FleetLedger,
    replies: Replies,
    has_replied: AtomicBool,
}

impl StrikeLedger for WatchedLedger {
    fn change<'a>(&'a self, identity: &'a LoginIdentity, step: LedgerUpdate) -> LedgerFuture<'a> {
        Box::pin(async move {
            let reply = self.ledger.change(identity, step).await;
            if !self.has_replied.swap(true, Ordering::Relaxed) {
                self.replies.0.send_modify(|count| *count += 1);
            }
            reply
        })
    }
}

/// Connects all of them to their database. A token store has two seconds for a token, or counts as one that failed, which costs a
/// login: where a test counts logins, no connection is made within them.
pub(crate) async fn connect(clients: &[TokenSource]) {
    let state = |client: TokenSource| async move { client.query_state().await.map(drop) };
    let calls: Vec<_> = clients
        .iter()
        .map(|client| tokio::spawn(state(client.clone())))
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
}

/// Asks all of them at once.
pub(crate) async fn tokens_of(clients: Vec<TokenSource>) -> Vec<Result<String, enkash::Error>> {
    let token = |client: TokenSource| async move { Ok(client.access_token().await?.expose().to_owned()) };
    let calls: Vec<_> = clients.into_iter().map(|client| tokio::spawn(token(client))).collect();
    let mut tokens = Vec::new();
    for call in calls {
        tokens.push(call.await.unwrap());
    }
    tokens
}
