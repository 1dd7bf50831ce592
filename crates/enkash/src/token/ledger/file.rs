//! Strikes in a file, for programs that restart and for processes side by side. It holds keyed
//! fingerprints and counts, and nothing that could log in.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::{LedgerError, LedgerFuture, StrikeLedger};
use crate::token::{
    Fingerprint, LogInIdentity, StrikeRecord, StrikeStep,
    owner_only::{FileKey, OwnerOnlyError, OwnerOnlyFile},
};

/// Strikes in a file that only its owner can read. A lock file beside it keeps processes apart.
#[derive(Debug)]
pub struct FileLedger {
    file: OwnerOnlyFile,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Records {
    key: FileKey,
    accounts: BTreeMap<Fingerprint, StrikeRecord>,
}

impl FileLedger {
    /// Uses the file at this path, which is made with the first log-in. Its folder must exist.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            file: OwnerOnlyFile::new(path.into(), "enkash strike ledger"),
        }
    }
}

impl StrikeLedger for FileLedger {
    fn change<'a>(&'a self, identity: &'a LogInIdentity, step: StrikeStep) -> LedgerFuture<'a> {
        Box::pin(async move {
            let held = self.file.lock().await?;
            let identity = identity.clone();
            // The disk may be slow: not on a thread that drives other calls.
            let work = move || -> Result<_, OwnerOnlyError> {
                let mut records: Records = held.read()?.unwrap_or_default();
                let key = records.key.as_bytes().to_vec();
                let (account, credentials) = (identity.account(&key), identity.credentials(&key));
                let reply = step.apply(records.accounts.entry(account).or_default(), &credentials);
                held.write(&records)?;
                Ok(reply)
            };
            match tokio::task::spawn_blocking(work).await {
                Ok(reply) => Ok(reply?),
                Err(error) => Err(LedgerError::new(format!("the work on it was interrupted: {error}"))),
            }
        })
    }
}
