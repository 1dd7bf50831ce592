//! Strikes in memory, shared by all clients of the process: two clients of one account cannot spend two
//! strikes without knowing of each other.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use crate::auth::{
    identity::{Fingerprint, LoginIdentity},
    ledger::{LedgerFuture, StrikeLedger},
    random::process_key,
    strikes::{LedgerUpdate, StrikeRecord},
};

/// Beyond this many accounts, those that hold nothing back are forgotten.
const KEPT: usize = 4096;

/// Strikes in memory. They end with the process: see [`FileLedger`](crate::token::FileLedger).
#[derive(Debug, Default)]
pub struct MemoryLedger {
    records: Mutex<BTreeMap<Fingerprint, StrikeRecord>>,
}

impl MemoryLedger {
    /// The ledger that all clients of the process share unless they are given another one.
    pub(crate) fn of_process() -> Arc<dyn StrikeLedger> {
        static LEDGER: LazyLock<Arc<MemoryLedger>> = LazyLock::new(Arc::default);
        Arc::<MemoryLedger>::clone(&LEDGER)
    }
}

impl StrikeLedger for MemoryLedger {
    fn change<'a>(&'a self, identity: &'a LoginIdentity, step: LedgerUpdate) -> LedgerFuture<'a> {
        let (account, credentials) = (identity.account(process_key()), identity.credentials(process_key()));
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        if records.len() >= KEPT {
            records.retain(|_, record| !record.is_clean());
        }
        let reply = step.apply(records.entry(account).or_default(), &credentials);
        Box::pin(std::future::ready(Ok(reply)))
    }
}
