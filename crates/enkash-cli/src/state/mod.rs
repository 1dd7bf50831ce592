//! What is kept between runs: the token, so that ten runs in a row log in once, the strikes, so that runs with a wrong
//! password stop at the first, and the ledger of calls that move value. The first two are in files, or in a database that a fleet
//! of machines shares. Sessions hand them to the client; `token` and `doctor` look at them.

mod old_tickets;

use std::{
    env, fmt, fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use enkash::token::{FileLedger, FileTokenStore, LoginIdentity, StoredToken, TokenSourceBuilder, TokenStore};
use etcetera::{AppStrategy, AppStrategyArgs};

pub(crate) use self::old_tickets::OldTickets;
use crate::{exit::CliError, fleet::FleetDatabases};

/// Names the folder in place of the platform's own.
pub(crate) const STATE_DIR: &str = "ENKASH_STATE_DIR";
const STRIKES: &str = "strikes.json";
const TOKENS: &str = "tokens.json";
/// As long as the client waits for a store.
const STORE_TIMEOUT: Duration = Duration::from_secs(2);

/// Where the token and the strikes outlive a run: in files that belong to their owner alone, or in what a fleet shares.
#[derive(Clone, Debug)]
pub(crate) struct LoginState {
    place: StatePlace,
    keeps_tokens: bool,
}

#[derive(Clone, Debug)]
enum StatePlace {
    Folder(PathBuf),
    Fleet(FleetDatabases),
}

impl LoginState {
    /// The fleet, or else the folder, made where it is missing. `None` where the platform has no permissions that keep a file to its
    /// owner.
    pub(crate) fn open(fleet: Option<FleetDatabases>, keeps_tokens: bool) -> Result<Option<Self>, CliError> {
        let place = match fleet {
            Some(fleet) => StatePlace::Fleet(fleet),
            None if cfg!(unix) => StatePlace::Folder(open_folder()?),
            None => return Ok(None),
        };
        Ok(Some(Self { place, keeps_tokens }))
    }

    /// Hands ledger and store to a client that logs in.
    pub(crate) fn attach_to(&self, tokens: TokenSourceBuilder) -> TokenSourceBuilder {
        match &self.place {
            StatePlace::Folder(folder) => {
                let tokens = tokens.strike_ledger(ledger(folder));
                match self.keeps_tokens {
                    true => tokens.token_store(token_store(folder)),
                    false => tokens,
                }
            }
            StatePlace::Fleet(fleet) => {
                let tokens = tokens.strike_ledger(fleet.strikes.strike_ledger());
                match self.keeps_tokens {
                    true => tokens.token_store(fleet.tokens().token_store()),
                    false => tokens,
                }
            }
        }
    }

    /// The token that is kept for these credentials. Without one, or where it cannot be read, there is nothing to show.
    pub(crate) async fn cached_token(&self, identity: &LoginIdentity) -> Option<StoredToken> {
        if !self.keeps_tokens {
            return None;
        }
        let store: Box<dyn TokenStore> = match &self.place {
            StatePlace::Folder(folder) => Box::new(token_store(folder)),
            StatePlace::Fleet(fleet) => Box::new(fleet.tokens().token_store()),
        };
        tokio::time::timeout(STORE_TIMEOUT, store.load(identity))
            .await
            .ok()?
            .ok()?
    }

    /// Where the token is kept, for people; `None` where it is not.
    pub(crate) fn token_place(&self) -> Option<String> {
        self.keeps_tokens.then(|| match &self.place {
            StatePlace::Folder(folder) => folder.join(TOKENS).display().to_string(),
            StatePlace::Fleet(fleet) => fleet.tokens().place().to_owned(),
        })
    }

    /// The database in which a whole fleet counts its failed logins.
    pub(crate) fn fleet_place(&self) -> Option<&str> {
        match &self.place {
            StatePlace::Folder(_) => None,
            StatePlace::Fleet(fleet) => Some(fleet.strikes.place()),
        }
    }
}

fn open_folder() -> Result<PathBuf, CliError> {
    let folder = path()?;
    let refuse = |reason: &dyn fmt::Display| {
        CliError::not_sent(format!(
            "failed logins cannot be counted: {reason}. Nothing was sent, because three uncounted failures would lock the \
             account. {STATE_DIR} names the folder that they are counted in."
        ))
    };
    create_private_dir(&folder).map_err(|error| refuse(&format!("{}: {error}", folder.display())))?;
    ledger(&folder).check().map_err(|error| refuse(&error))?;
    Ok(folder)
}

/// Checks the files of the folder; the error says what to do. Creates nothing.
#[cfg(unix)]
pub(crate) fn check(folder: &Path) -> Result<(), String> {
    ledger(folder).check().map_err(|error| error.to_string())?;
    token_store(folder).check().map_err(|error| error.to_string())
}

fn ledger(folder: &Path) -> FileLedger {
    FileLedger::new(folder.join(STRIKES))
}

fn token_store(folder: &Path) -> FileTokenStore {
    FileTokenStore::new(folder.join(TOKENS))
}

/// The folder, made where it is missing. Where the platform has no permissions, it is private as the user's own folder is.
pub(crate) fn private_folder() -> Result<PathBuf, CliError> {
    let folder = path()?;
    create_private_dir(&folder).map_err(|error| {
        CliError::not_sent(format!(
            "the ledger cannot be kept in {}: {error}. Nothing was sent. {STATE_DIR} names the folder that it is kept in.",
            folder.display()
        ))
    })?;
    Ok(folder)
}

/// Where the folder is, whether it is there or not.
pub(crate) fn path() -> Result<PathBuf, CliError> {
    if let Some(named) = env::var_os(STATE_DIR).filter(|named| !named.is_empty()) {
        return Ok(named.into());
    }
    let Some(places) = app_folders() else {
        return Err(CliError::not_sent(format!(
            "no home folder is known, so failed logins cannot be counted, and nothing was sent. Name a folder with \
             {STATE_DIR}."
        )));
    };
    Ok(places.state_dir().unwrap_or_else(|| places.data_dir()))
}

/// The platform's own folders for this program.
pub(crate) fn app_folders() -> Option<impl AppStrategy> {
    etcetera::choose_app_strategy(AppStrategyArgs {
        top_level_domain: "rs".to_owned(),
        author: "enkash".to_owned(),
        app_name: "enkash".to_owned(),
    })
    .ok()
}

#[cfg(unix)]
fn create_private_dir(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn create_private_dir(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}
