//! Allocate Coins (page: api-9796917). It moves value, and nothing documents a look-up: an unknown outcome stays unknown
//! until EnKash says.

use enkash_api::types;

use crate::{
    model::{
        ids::{CompanyId, UserId},
        reference::ClientReference,
        ticket::{CoinsIntent, Intent, Ticket},
    },
    outcome::Outcome,
    points::Points,
    response::Response,
};

/// Coins to give to a person for an event.
#[derive(Clone, Debug)]
pub struct CoinAllocation {
    intent: CoinsIntent,
    reference: ClientReference,
}

impl CoinAllocation {
    /// The coins of this event, to this person of this company. How many is configured with the event.
    #[must_use]
    pub fn new(
        company: impl Into<CompanyId>,
        user: impl Into<UserId>,
        event: impl Into<String>,
        reference: ClientReference,
    ) -> Self {
        let intent = CoinsIntent {
            company: company.into(),
            user: user.into(),
            event: event.into(),
        };
        Self { intent, reference }
    }

    /// The caller's reference (page: `requestId`): store it before the call.
    #[must_use]
    pub fn reference(&self) -> &ClientReference {
        &self.reference
    }
}

impl Points {
    /// Gives coins (page: Allocate Coins, api-9796917). At most one request is sent.
    ///
    /// No page promises that the reference is repeated, or documents a look-up by it. The response says nothing but yes: see
    /// [`balance`](Self::balance).
    ///
    /// # Cancellation
    ///
    /// Dropping the future, as `tokio::time::timeout` and `select!` do, gives neither an outcome nor a ticket. Once the request
    /// was handed over, value may have moved all the same: only a warning in the log names the reference. Give the call a
    /// [`deadline`](crate::config::CallOptions::deadline), which ends it with an outcome, and store its [`ticket`](Self::ticket) first.
    /// What was dropped is unknown: ask EnKash with the reference before anything is repeated.
    pub async fn allocate(&self, allocation: CoinAllocation) -> Outcome<Response<()>> {
        let ticket = self.ticket(&allocation);
        let body = types::AllocateCoinsRequest::builder()
            .company_id(allocation.intent.company.as_str())
            .user_id(allocation.intent.user.as_str())
            .event(allocation.intent.event)
            .request_id(allocation.reference.as_str());
        self.enkash
            .move_value(
                ticket,
                async move |client| client.allocate_coins().body(body).send().await.map(drop),
                |_| (),
            )
            .await
    }

    /// What an allocation of coins could be asked about with: store it before the call.
    #[must_use]
    pub fn ticket(&self, allocation: &CoinAllocation) -> Ticket {
        Ticket::new(allocation.reference.clone(), Intent::Coins(allocation.intent.clone()))
    }
}
