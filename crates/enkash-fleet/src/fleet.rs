//! The way in: an address and keys become a strike ledger and a token store. The command and programs with many processes call it.

use std::{fmt, sync::Arc};

use jiff::{SignedDuration, Timestamp};

use crate::{
    database::Database, entry::Entries, error::Error, keys::FleetKeys, strikes::FleetLedger, tokens::FleetTokenStore,
};

/// What processes on many machines share: a count of failed logins, and a token.
///
/// ```no_run
/// use enkash::{Credentials, token::TokenSource};
/// use enkash_fleet::{Fleet, FleetKeys};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let url = std::fs::read_to_string("/etc/enkash/fleet-url")?;
/// let keys = FleetKeys::parse(&std::fs::read_to_string("/etc/enkash/fleet-key")?)?;
/// let fleet = Fleet::new(url.trim(), keys)?;
/// let tokens = TokenSource::builder("https://token.example")
///     .credentials(Credentials::new("client id", "client secret", "user", "password"))
///     .strike_ledger(fleet.strike_ledger())
///     .token_store(fleet.token_store())
///     .build()?;
/// # let _ = tokens;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Fleet {
    entries: Entries,
}

/// What [`Fleet::check`] found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Check {
    /// Host and database.
    pub place: String,
    /// How far the database's clock is ahead of this machine's. Nothing depends on it.
    pub clock_ahead: SignedDuration,
    /// Why the database may forget what it was told, where it may: then it is no place for strikes.
    pub weakness: Option<String>,
}

impl Fleet {
    /// By an address such as `postgresql://USER:PASSWORD@HOST/DATABASE` or `rediss://USER:PASSWORD@HOST/0`. TLS is required, but for a
    /// loopback address or a Unix socket. Sends nothing.
    ///
    /// # Errors
    ///
    /// Where the address cannot be read or is refused. The error repeats nothing of it but hosts and database.
    pub fn new(url: &str, keys: FleetKeys) -> Result<Self, Error> {
        Ok(Self {
            entries: Entries::new(open(url)?, keys),
        })
    }

    /// Where failed logins are counted, and one login of an account is in flight at a time.
    #[must_use]
    pub fn strike_ledger(&self) -> FleetLedger {
        FleetLedger::new(self.entries.clone())
    }

    /// Where the token is kept.
    #[must_use]
    pub fn token_store(&self) -> FleetTokenStore {
        FleetTokenStore::new(self.entries.clone())
    }

    /// Host and database, for messages.
    #[must_use]
    pub fn place(&self) -> &str {
        self.entries.database().place()
    }

    /// Whether the database can be used with these keys. Writes nothing, and sends no login.
    ///
    /// # Errors
    ///
    /// Says why not, and what to do.
    pub async fn check(&self) -> Result<Check, Error> {
        let snapshot = self.entries.read_guard().await?;
        self.entries.database().check_rights().await?;
        Ok(Check {
            place: self.place().to_owned(),
            clock_ahead: snapshot.now.duration_since(Timestamp::now()),
            weakness: self.entries.database().weakness().await?,
        })
    }
}

impl fmt::Debug for Fleet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fleet")
            .field("place", &self.place())
            .finish_non_exhaustive()
    }
}

fn open(url: &str) -> Result<Arc<dyn Database>, Error> {
    match url.split_once(':').map_or("", |(scheme, _)| scheme) {
        #[cfg(feature = "postgres")]
        "postgresql" | "postgres" => Ok(Arc::new(crate::postgres::PostgresDatabase::new(url)?)),
        #[cfg(not(feature = "postgres"))]
        "postgresql" | "postgres" => Err(Error::invalid(
            "the fleet's address is that of a PostgreSQL, and this program was built without the feature `postgres`",
        )),
        #[cfg(feature = "redis")]
        "rediss" | "redis" | "redis+unix" | "unix" => Ok(Arc::new(crate::redis::RedisDatabase::new(url)?)),
        #[cfg(not(feature = "redis"))]
        "rediss" | "redis" | "redis+unix" | "unix" => Err(Error::invalid(
            "the fleet's address is that of a Redis, and this program was built without the feature `redis`",
        )),
        _ => Err(Error::invalid(
            "the fleet's address cannot be read: it is a URL like postgresql://USER:PASSWORD@HOST/DATABASE or \
             rediss://USER:PASSWORD@HOST/0, with special characters as %XX",
        )),
    }
}
