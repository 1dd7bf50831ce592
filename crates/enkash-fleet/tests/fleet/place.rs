//! A database for a test, and clients that share nothing else.

use enkash::{Credentials, token::TokenSource};
use enkash_fleet::{Fleet, FleetKeys};
use enkash_sandbox::Sandbox;

/// A key file of the tests.
pub(crate) const KEY: &str = "AQgPFh0kKzI5QEdOVVxjanF4f4aNlJuiqbC3vsXM09o=";

/// Where a database is.
pub(crate) struct Place {
    pub(crate) url: String,
    #[cfg(feature = "redis")]
    _redis: Option<enkash_test_servers::redis::RedisServer>,
}

impl Place {
    #[cfg(feature = "postgres")]
    pub(crate) fn postgres() -> Option<Self> {
        let server = enkash_test_servers::postgres::PostgresServer::shared()?;
        Some(Self {
            url: server.database().url(),
            #[cfg(feature = "redis")]
            _redis: None,
        })
    }

    /// A server of its own: entries of one database are not kept apart.
    #[cfg(feature = "redis")]
    pub(crate) fn redis() -> Option<Self> {
        let server = enkash_test_servers::redis::RedisServer::start()?;
        Some(Self {
            url: server.url(),
            _redis: Some(server),
        })
    }

    /// As another process has it: with connections of its own.
    pub(crate) fn fleet(&self) -> Fleet {
        self.fleet_with(KEY)
    }

    pub(crate) fn fleet_with(&self, keys: &str) -> Fleet {
        Fleet::new(&self.url, FleetKeys::parse(keys).unwrap()).unwrap()
    }

    /// As another process has it: a client that shares nothing in memory.
    pub(crate) fn client(&self, sandbox: &Sandbox) -> TokenSource {
        client(&self.fleet(), sandbox, None)
    }
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
