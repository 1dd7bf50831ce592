//! What is kept between runs: the token, so that ten runs in a row log in once, the strikes, so that runs with a wrong
//! password stop at the first, and the ledger of calls that move value. Sessions hand the first two to the client;
//! `token` and `doctor` look at them.

mod old_tickets;

use std::{
    env, fmt, fs, io,
    path::{Path, PathBuf},
};

use enkash::token::{FileLedger, FileTokenStore, LoginIdentity, StoredToken, TokenSourceBuilder, TokenStore};
use etcetera::{AppStrategy, AppStrategyArgs};

pub(crate) use self::old_tickets::OldTickets;
use crate::exit::CliError;

/// Names the folder in place of the platform's own.
const STATE_DIR: &str = "ENKASH_STATE_DIR";
const STRIKES: &str = "strikes.json";
const TOKENS: &str = "tokens.json";

/// The folder of the files that outlive a run. They belong to their owner alone.
#[derive(Clone, Debug)]
pub(crate) struct StateFolder {
    folder: PathBuf,
    keeps_tokens: bool,
}

impl StateFolder {
    /// The folder, made where it is missing. `None` where the platform has no permissions that keep a file to its owner.
    pub(crate) fn open(keeps_tokens: bool) -> Result<Option<Self>, CliError> {
        if !cfg!(unix) {
            return Ok(None);
        }
        let folder = path()?;
        let refuse = |reason: &dyn fmt::Display| {
            CliError::not_sent(format!(
                "failed logins cannot be counted: {reason}. Nothing was sent, because three uncounted failures would lock \
                 the account. {STATE_DIR} names the folder that they are counted in."
            ))
        };
        create_private_dir(&folder).map_err(|error| refuse(&format!("{}: {error}", folder.display())))?;
        ledger(&folder).check().map_err(|error| refuse(&error))?;
        Ok(Some(Self { folder, keeps_tokens }))
    }

    /// Hands the files to a client that logs in.
    pub(crate) fn attach_to(&self, tokens: TokenSourceBuilder) -> TokenSourceBuilder {
        let tokens = tokens.strike_ledger(ledger(&self.folder));
        if self.keeps_tokens {
            tokens.token_store(token_store(&self.folder))
        } else {
            tokens
        }
    }

    /// The token that is kept for these credentials. Without one, or where it cannot be read, there is nothing to show.
    pub(crate) async fn cached_token(&self, identity: &LoginIdentity) -> Option<StoredToken> {
        if !self.keeps_tokens {
            return None;
        }
        token_store(&self.folder).load(identity).await.ok()?
    }
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
