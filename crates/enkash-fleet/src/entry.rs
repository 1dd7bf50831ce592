//! Entries: values that are sealed, and named by keyed fingerprints. The ledger and the token store work on one entry at a time; here
//! is what they share: the check that all processes have one key, and the move from a key to the next one.

use std::sync::Arc;

use enkash::token::{Fence, Fingerprint};
use jiff::{SignedDuration, Timestamp};

use crate::{
    database::{Database, Name, Snapshot, Write},
    error::Error,
    keys::{FleetKeys, KeyPair},
    seal::Opened,
};

/// Sealed by whoever was first. Who cannot open it has another key, and would count for itself.
const GUARD: &str = "key";

/// What a mark begins with. The texts of entries are JSON.
const MARK: u8 = 0;

/// Which of the names is that of the entry under the key that seals, and under the key of before.
const NEWEST: usize = 1;
const EARLIER: usize = 2;

/// The kind of an entry.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Strikes,
    Token,
}

impl Kind {
    fn prefix(self) -> &'static str {
        match self {
            Self::Strikes => "strikes",
            Self::Token => "token",
        }
    }
}

/// The entries of one database, as one set of keys opens them.
#[derive(Clone, Debug)]
pub(crate) struct Entries {
    database: Arc<dyn Database>,
    keys: FleetKeys,
}

/// An entry as it is now.
pub(crate) struct Current {
    /// The text under the key that seals.
    pub(crate) newest: Option<Vec<u8>>,
    /// The text under the key of before, which was not moved yet.
    pub(crate) earlier: Option<Vec<u8>>,
    pub(crate) now: Timestamp,
}

/// What an entry becomes.
pub(crate) struct Next {
    pub(crate) text: Vec<u8>,
    pub(crate) fence: Fence,
    /// For how long the database must keep it. For ever unless set.
    pub(crate) lasts: Option<SignedDuration>,
}

impl Entries {
    pub(crate) fn new(database: Arc<dyn Database>, keys: FleetKeys) -> Self {
        Self { database, keys }
    }

    pub(crate) fn database(&self) -> &dyn Database {
        &*self.database
    }

    /// The keys of fingerprints: the one in use, then the one of before.
    pub(crate) fn naming_keys(&self) -> impl Iterator<Item = &[u8]> {
        self.keys.pairs().iter().map(|pair| &pair.naming[..])
    }

    /// The name of each key's entry, after that of the guard.
    fn names(&self, kind: Kind, fingerprint: impl Fn(&[u8]) -> Fingerprint) -> Vec<Name> {
        let entry = |key: &[u8]| format!("{}/{}", kind.prefix(), fingerprint(key).as_str());
        let entries = self.naming_keys().map(entry);
        std::iter::once(GUARD.to_owned()).chain(entries).collect()
    }

    /// The entry of a fingerprint.
    pub(crate) async fn read(&self, kind: Kind, fingerprint: impl Fn(&[u8]) -> Fingerprint) -> Result<Current, Error> {
        let names = self.names(kind, fingerprint);
        let snapshot = self.database.read(&names).await?;
        self.check_guard(&snapshot)?;
        self.open(&names, &snapshot)
    }

    /// Changes the entry of a fingerprint, as one change that nobody comes between. `decide` may be asked more than once; where it has
    /// nothing new, nothing is written.
    pub(crate) async fn change(
        &self,
        kind: Kind,
        fingerprint: impl Fn(&[u8]) -> Fingerprint,
        mut decide: impl FnMut(Current) -> Result<Option<Next>, Error> + Send,
    ) -> Result<(), Error> {
        let names = self.names(kind, fingerprint);
        let mut writes = |snapshot: &Snapshot| {
            let guard = self.check_guard(snapshot)?;
            let current = self.open(&names, snapshot)?;
            let Some(next) = decide(current)? else {
                return Ok(Vec::new());
            };
            let entry = self.write(&names, &next, snapshot.now)?;
            // Who has the key of the other name, and not this one, must not begin anew, for as long as there is this entry.
            let mark = names.get(EARLIER).map(|name| Write {
                index: EARLIER,
                value: self.mark(name),
                expires_at: entry.expires_at,
            });
            Ok([Some(entry), guard, mark].into_iter().flatten().collect())
        };
        self.database.change(&names, &mut writes).await
    }

    /// Refuses a database whose processes use another key. Where the guard is missing or sealed with the key of before, it is to be
    /// written anew.
    pub(crate) fn check_guard(&self, snapshot: &Snapshot) -> Result<Option<Write>, Error> {
        let opens = |pair: &KeyPair, entry: &[u8]| pair.open(GUARD, entry).is_some();
        if let Some(entry) = snapshot.values.first().and_then(Option::as_ref) {
            match self.keys.pairs().iter().position(|pair| opens(pair, entry)) {
                Some(0) => return Ok(None),
                Some(_) => {}
                None => return Err(Error::other_key(self.database.place())),
            }
        }
        Ok(Some(Write {
            index: 0,
            value: seal_short(&self.keys.pairs()[0], GUARD, Vec::new()),
            expires_at: None,
        }))
    }

    /// The guard alone, for a check that writes nothing.
    pub(crate) async fn read_guard(&self) -> Result<Snapshot, Error> {
        let snapshot = self.database.read(&[GUARD.to_owned()]).await?;
        self.check_guard(&snapshot)?;
        Ok(snapshot)
    }

    fn open(&self, names: &[Name], snapshot: &Snapshot) -> Result<Current, Error> {
        let mut texts = [const { None }; 2];
        let mut is_elsewhere = false;
        let entries = names.iter().zip(&snapshot.values).skip(1);
        for ((pair, text), (name, value)) in self.keys.pairs().iter().zip(&mut texts).zip(entries) {
            let Some(value) = value else { continue };
            let opened = pair.open(name, value).ok_or_else(|| self.damaged(name))?;
            match opened.text.split_first() {
                Some((&MARK, id)) => is_elsewhere |= self.keys.pairs().iter().all(|pair| pair.id != id),
                _ => *text = Some(opened.text),
            }
        }
        let [newest, earlier] = texts;
        if is_elsewhere && newest.is_none() && earlier.is_none() {
            return Err(Error::other_key(self.database.place()));
        }
        Ok(Current {
            newest,
            earlier,
            now: snapshot.now,
        })
    }

    /// Stands in place of an entry under the key of before: it tells the key that the entry has moved to.
    fn mark(&self, name: &str) -> Vec<u8> {
        let text = [&[MARK][..], &self.keys.pairs()[0].id].concat();
        seal_short(&self.keys.pairs()[1], name, text)
    }

    fn write(&self, names: &[Name], next: &Next, now: Timestamp) -> Result<Write, Error> {
        let opened = Opened {
            text: next.text.clone(),
            fence: next.fence,
        };
        let sealed = self.keys.pairs()[0].seal(&names[NEWEST], &opened);
        let too_large = || Error::damaged(self.database.place(), &names[NEWEST], "has become too large");
        Ok(Write {
            index: NEWEST,
            value: sealed.ok_or_else(too_large)?,
            expires_at: next
                .lasts
                .map(|lasts| now.saturating_add(lasts).unwrap_or(Timestamp::MAX)),
        })
    }

    pub(crate) fn damaged(&self, name: &str) -> Error {
        Error::damaged(
            self.database.place(),
            name,
            "cannot be opened, because it was damaged or moved there",
        )
    }
}

/// Seals a text that is short enough.
fn seal_short(pair: &KeyPair, name: &str, text: Vec<u8>) -> Vec<u8> {
    let fence = Fence::default();
    let Some(sealed) = pair.seal(name, &Opened { text, fence }) else {
        unreachable!("the text is short");
    };
    sealed
}

#[cfg(test)]
mod tests;
