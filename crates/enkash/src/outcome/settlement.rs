//! The look-up of one call that moved value, from its ticket. What it does is the client's: an outcome only knows that there is
//! something that settles tickets.

use std::{fmt, future::IntoFuture, pin::Pin, sync::Arc, time::Duration};

use crate::{
    model::ticket::Ticket,
    outcome::{Outcome, proof::Settled},
};

/// How long a settlement looks, unless told otherwise.
pub(crate) const WITHIN: Duration = Duration::from_secs(60);

/// What a settlement ends with.
pub(crate) type SettlementFuture = Pin<Box<dyn Future<Output = Outcome<Settled>> + Send>>;

/// Looks up what became of a call. Clients do.
pub(crate) trait Settler: Send + Sync {
    fn settle(&self, ticket: Ticket, within: Duration) -> SettlementFuture;
}

/// A settlement that has not started: `.await` it. From [`Unknown::settle`](crate::Unknown::settle) or [`Enkash::settle`](crate::Enkash::settle).
///
/// It repeats the look-ups that the operation's recipe names, with growing waits, and ends with one of:
///
/// * [`Outcome::Done`]: found. The [`Proof`](crate::settlement::Proof) says where, and which facts match.
/// * [`Outcome::Pending`]: found, and not finished when the time ended.
/// * [`Outcome::Unknown`]: not proven. [`NotSettled`](crate::settlement::NotSettled) says why, and what to do.
/// * [`Outcome::NotSent`]: it did not happen. Only a recipe for points that is *verified*, and that says after what time
///   absence is proof, can say so, and only where the card is known; none that this project ships does.
///
/// It never says refused: no look-up shows a refusal.
///
/// ```
/// use std::time::Duration;
///
/// use enkash::Outcome;
///
/// # async fn example(unknown: enkash::Unknown) {
/// match unknown.settle().within(Duration::from_secs(20)).await {
///     Outcome::Done(settled) => println!("it happened: {}", settled.proof),
///     Outcome::Unknown(still) => println!("keep the ticket {}: {:?}", still.ticket.reference, still.reason),
///     other => println!("{}", other.as_str()),
/// }
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a settlement does nothing until it is awaited"]
pub struct Settlement {
    settler: Arc<dyn Settler>,
    ticket: Ticket,
    within: Duration,
}

impl Settlement {
    pub(crate) fn new(settler: Arc<dyn Settler>, ticket: Ticket) -> Self {
        Self {
            settler,
            ticket,
            within: WITHIN,
        }
    }

    /// How long to look; a minute unless set. Zero looks once, with the client's own times. A
    /// [deadline](crate::config::CallOptions::deadline) of the client may end it earlier.
    pub fn within(mut self, time: Duration) -> Self {
        self.within = time;
        self
    }
}

impl IntoFuture for Settlement {
    type Output = Outcome<Settled>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        self.settler.settle(self.ticket, self.within)
    }
}

impl fmt::Debug for Settlement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settlement")
            .field("ticket", &self.ticket)
            .field("within", &self.within)
            .finish_non_exhaustive()
    }
}
