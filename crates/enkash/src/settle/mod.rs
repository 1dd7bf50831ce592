//! Settlement: finding out what became of a call that moved value. The recipe of each operation stands in
//! spec/policy.yaml; this runs it step by step, again and again, until it proves something or the time ends. It only
//! reads, and it never takes "not found" for "did not happen" unless the recipe says that this is proof.

pub(crate) mod account_transactions;
mod cards;
mod entry;
mod fields;
mod listing;
mod matching;
pub(crate) mod movement;
mod order;
mod points;
mod run;
mod search;
use std::{future::IntoFuture, pin::Pin, sync::Arc, time::Duration};

use futures_core::Stream;
use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use crate::{
    client::Enkash,
    error::Error,
    model::ticket::Ticket,
    outcome::{
        Outcome,
        proof::{NotSettledReason, Proof, Settled},
        settlement::{Settlement, SettlementFuture, Settler, WITHIN},
    },
    response::Response,
    settle::{listing::Completeness, run::Run},
};

/// The settlement of many tickets, not started yet: `.await` it for all outcomes in the order of the tickets, or take them
/// from [`into_stream`](Self::into_stream) as they become known. From [`Enkash::settle_all`].
///
/// Each ticket is settled as [`Settlement`] does it. What they have in common is asked once: references of one account go together
/// in one request, and the list of its cards is fetched at most once in each round of look-ups. How many requests are in
/// flight at the same time is bounded, also by the client's own [`Limits`](crate::config::Limits).
///
/// ```
/// use futures_util::StreamExt;
///
/// # async fn example(enkash: enkash::Enkash, tickets: Vec<enkash::Ticket>) {
/// let count = tickets.len();
/// let mut settled = std::pin::pin!(enkash.settle_all(tickets).into_stream());
/// while let Some((index, outcome)) = settled.next().await {
///     println!("ticket {} of {count}: {}", index + 1, outcome.as_str());
/// }
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a settlement does nothing until it is awaited"]
pub struct Settlements {
    pub(crate) client: Enkash,
    pub(crate) tickets: Vec<Ticket>,
    pub(crate) within: Duration,
}

/// What one look-up shows.
#[derive(Debug)]
enum LookupResult {
    Proven(Proof),
    /// It is there, and the API has not finished.
    Unfinished(Box<Response<()>>),
    /// Nothing of this reference. `is_complete`: every step of the recipe was answered in full.
    Absent {
        is_complete: bool,
    },
    /// What is shown stands in the way of a proof, or does not show all that there is.
    Unproven(NotSettledReason),
    Failed(Error),
}

impl LookupResult {
    /// Where nothing was found, a list that was needed and is cut has to be said.
    fn or_cut(self, list: &Completeness) -> Self {
        match (self, list) {
            (Self::Absent { .. }, Completeness::Cut(cut)) => cut.clone().into(),
            (result, _) => result,
        }
    }
}

impl Enkash {
    /// Looks up what became of a call, from the ticket that was stored before it: see [`Settlement`]. Nothing that moves value
    /// is sent.
    pub fn settle(&self, ticket: Ticket) -> Settlement {
        Settlement::new(Arc::new(self.clone()), ticket)
    }

    /// Looks up what became of many calls, from the tickets that were stored before them: see [`Settlements`]. What the
    /// tickets have in common is asked once. Nothing that moves value is sent.
    pub fn settle_all(&self, tickets: impl IntoIterator<Item = Ticket>) -> Settlements {
        Settlements {
            client: self.clone(),
            tickets: tickets.into_iter().collect(),
            within: WITHIN,
        }
    }
}

impl Settler for Enkash {
    fn settle(&self, ticket: Ticket, within: Duration) -> SettlementFuture {
        let mut run = Run::new(self.clone(), [ticket.clone()], within);
        Box::pin(async move {
            while let Some(settled) = run.next().await {
                if let Some((_, outcome)) = settled.into_iter().next() {
                    return outcome;
                }
            }
            // A run gives every ticket an outcome.
            run.not_settled(ticket, NotSettledReason::OutOfTime, 0)
        })
    }
}

impl Settlements {
    /// How long to look for each ticket, from its own first look-up on; a minute unless set. Zero looks once, with the
    /// client's own times. A [deadline](crate::config::CallOptions::deadline) of the client may end it earlier.
    pub fn within(mut self, time: Duration) -> Self {
        self.within = time;
        self
    }

    /// Each outcome with the place of its ticket, counted from 0, as soon as it is known. Every ticket comes once.
    pub fn into_stream(self) -> impl Stream<Item = (usize, Outcome<Settled>)> + Send + use<> {
        let run = Run::new(self.client, self.tickets, self.within);
        let steps = stream::unfold(run, async |mut run| {
            let settled = run.next().await?;
            Some((stream::iter(settled), run))
        });
        steps.flatten()
    }
}

/// What ends in time. `None` for a time is all the time that it takes.
async fn in_time<T>(deadline: Option<Instant>, task: impl Future<Output = T>) -> Option<T> {
    match deadline {
        None => Some(task.await),
        Some(deadline) => tokio::time::timeout_at(deadline, task).await.ok(),
    }
}

impl IntoFuture for Settlements {
    type Output = Vec<Outcome<Settled>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async {
            let mut settled: Vec<_> = self.into_stream().collect().await;
            settled.sort_by_key(|(index, _)| *index);
            settled.into_iter().map(|(_, outcome)| outcome).collect()
        })
    }
}

#[cfg(test)]
mod tests;
