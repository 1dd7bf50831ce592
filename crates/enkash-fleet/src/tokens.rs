//! The token that a fleet shares. Its rules are those of `enkash`; here a record is kept, with its times by the database's clock.

use enkash::{
    Secret,
    token::{Fence, LoginIdentity, SaveResult, StoreError, StoreFuture, StoredToken, TokenRecord, TokenStore},
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    entry::{Current, Entries, Kind, Next},
    error::Error,
};

/// How much longer than its token a record is kept, for clocks that differ.
const SLACK: SignedDuration = SignedDuration::from_mins(1);
/// No token is kept for longer.
const MAX_LASTS: SignedDuration = SignedDuration::from_hours(24);

/// One token for all processes that share the database and have equal complete credentials.
///
/// Times are the database's: machines whose clocks differ agree on how old a token is. Where the database cannot be reached, a client
/// logs in for itself, if its strike ledger lets it.
#[derive(Clone, Debug)]
pub struct FleetTokenStore {
    entries: Entries,
}

impl FleetTokenStore {
    pub(crate) fn new(entries: Entries) -> Self {
        Self { entries }
    }

    /// The later login's, where the key changes and there are two.
    fn latest(&self, current: &Current) -> Result<Option<TokenRecord>, Error> {
        let read = |text: &Vec<u8>| serde_json::from_slice(text).map_err(|_| self.entries.damaged("token"));
        let records: Vec<TokenRecord> = [&current.newest, &current.earlier]
            .into_iter()
            .flatten()
            .map(read)
            .collect::<Result<_, _>>()?;
        Ok(records.into_iter().max_by_key(TokenRecord::fence))
    }

    fn next(&self, record: &TokenRecord, now: Timestamp) -> Result<Next, Error> {
        Ok(Next {
            text: serde_json::to_vec(record).map_err(|_| self.entries.damaged("token"))?,
            fence: record.fence(),
            lasts: Some((record.expires_at().duration_since(now) + SLACK).clamp(SLACK, MAX_LASTS)),
        })
    }

    async fn load_token(&self, identity: &LoginIdentity) -> Result<Option<StoredToken>, Error> {
        let current = self.entries.read(Kind::Token, |key| identity.credentials(key)).await?;
        let token = self.latest(&current)?.and_then(TokenRecord::into_token);
        Ok(token.map(|token| shifted(token, Timestamp::now().duration_since(current.now))))
    }

    async fn save_token(
        &self,
        identity: &LoginIdentity,
        token: &StoredToken,
        fence: Fence,
    ) -> Result<SaveResult, Error> {
        let mut result = SaveResult::Overtaken;
        let decide = |current: Current| {
            let ours = shifted(token.clone(), current.now.duration_since(Timestamp::now()));
            let record = TokenRecord::replacing(self.latest(&current)?.as_ref(), ours, fence);
            result = if record.is_some() {
                SaveResult::Kept
            } else {
                SaveResult::Overtaken
            };
            record.map(|record| self.next(&record, current.now)).transpose()
        };
        self.entries
            .change(Kind::Token, |key| identity.credentials(key), decide)
            .await?;
        Ok(result)
    }

    async fn remove_token(&self, identity: &LoginIdentity, token: &Secret) -> Result<(), Error> {
        let decide = |current: Current| {
            let Some(mut record) = self.latest(&current)? else {
                return Ok(None);
            };
            let is_it = record.remove(token);
            is_it.then(|| self.next(&record, current.now)).transpose()
        };
        self.entries
            .change(Kind::Token, |key| identity.credentials(key), decide)
            .await
    }
}

/// The token with its times by another clock, which is so much ahead of the one before.
fn shifted(token: StoredToken, ahead: SignedDuration) -> StoredToken {
    let shift = |time: Timestamp| time.saturating_add(ahead).unwrap_or(time);
    StoredToken::new(token.token, shift(token.issued_at), shift(token.expires_at))
}

impl TokenStore for FleetTokenStore {
    fn load<'a>(&'a self, identity: &'a LoginIdentity) -> StoreFuture<'a, Option<StoredToken>> {
        Box::pin(async move { self.load_token(identity).await.map_err(store_error) })
    }

    fn save<'a>(
        &'a self,
        identity: &'a LoginIdentity,
        token: StoredToken,
        fence: Fence,
    ) -> StoreFuture<'a, SaveResult> {
        Box::pin(async move { self.save_token(identity, &token, fence).await.map_err(store_error) })
    }

    fn remove<'a>(&'a self, identity: &'a LoginIdentity, token: &'a Secret) -> StoreFuture<'a, ()> {
        Box::pin(async move { self.remove_token(identity, token).await.map_err(store_error) })
    }
}

#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
fn store_error(error: Error) -> StoreError {
    StoreError::new(error.to_string())
}
