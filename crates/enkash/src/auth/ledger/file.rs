//! Strikes in a file, for programs that restart and for processes side by side. It holds keyed
//! fingerprints and counts, and nothing that could log in.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};

use crate::auth::{
    identity::{Fingerprint, LoginIdentity},
    ledger::{LedgerError, LedgerFuture, StrikeLedger},
    private_file::{FileKey, LockedFile, PrivateFile, PrivateFileError},
    strikes::{LedgerReply, LedgerUpdate, StrikeRecord},
};

/// The first had neither leases nor pauses, and kept spellings of one account apart. The second did not number logins.
const VERSION: u32 = 3;
/// Beyond this many accounts, those that hold nothing back are forgotten.
const KEPT: usize = 1024;

/// Strikes in a file that only its owner can read. A lock file beside it keeps processes apart.
///
/// The folder that holds both must belong to the user that the program runs as, and nobody else may be able to write to it.
/// Where it is missing it is made so. What lies above it may be anything.
#[derive(Debug)]
pub struct FileLedger {
    file: PrivateFile,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Records {
    key: FileKey,
    accounts: BTreeMap<Fingerprint, StrikeRecord>,
}

impl FileLedger {
    /// Uses the file at this path, which is made with the first login, and its folder too.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            file: PrivateFile::new(path.into(), "enkash strike ledger", VERSION),
        }
    }

    /// Whether the file can be used as it lies: its folder, its owner, its permissions and its content. What is not there yet
    /// is no error. Sends nothing and makes nothing.
    ///
    /// # Errors
    ///
    /// Says what is wrong and what to do.
    pub fn check(&self) -> Result<(), LedgerError> {
        Ok(self.file.check::<Records>()?)
    }
}

impl StrikeLedger for FileLedger {
    fn change<'a>(&'a self, identity: &'a LoginIdentity, step: LedgerUpdate) -> LedgerFuture<'a> {
        let identity = identity.clone();
        Box::pin(async move {
            let change = move |held: &LockedFile<'_>| change(held, &identity, &step);
            Ok(self.file.locked(change).await?)
        })
    }
}

fn change(
    held: &LockedFile<'_>,
    identity: &LoginIdentity,
    step: &LedgerUpdate,
) -> Result<LedgerReply, PrivateFileError> {
    let mut records: Records = held.read()?.unwrap_or_default();
    let key = records.key.as_bytes().to_vec();
    let (account, credentials) = (identity.account(&key), identity.credentials(&key));
    let mut record = records.accounts.get(&account).cloned().unwrap_or_default();
    let before = record.clone();
    for (earlier_account, earlier_credentials) in identity.earlier(&key) {
        if let Some(earlier) = records.accounts.remove(&earlier_account) {
            record.absorb(earlier);
        }
        record.rename(&earlier_credentials, &credentials);
    }
    let reply = step.apply(&mut record, &credentials);
    // Most steps of somebody who waits change nothing.
    if record != before {
        records.accounts.insert(account, record);
        if records.accounts.len() > KEPT {
            records.accounts.retain(|_, record| !record.is_clean());
        }
        held.write(&records)?;
    }
    Ok(reply)
}
