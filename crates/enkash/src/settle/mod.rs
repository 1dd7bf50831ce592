//! Settlement: finding out what became of a call that moved value. The recipe of each operation stands in
//! spec/policy.yaml; this runs it step by step, again and again, until it proves something or the time ends. It only
//! reads, and it never takes "not found" for "did not happen" unless the recipe says that this is proof.

mod cards;
mod entry;
mod fields;
mod listing;
mod matching;
mod order;
mod points;
mod proof;
mod run;
mod search;

use std::{future::IntoFuture, pin::Pin, time::Duration};

use futures_core::Stream;
use futures_util::{StreamExt, stream};
use tokio::time::Instant;

pub use self::proof::{NotSettled, Proof, Settled, WhyNotSettled};
use self::{
    listing::{Completeness, Cut},
    run::Run,
};
use crate::{Enkash, Error, Outcome, Ticket};

/// How long a settlement looks, unless told otherwise.
const WITHIN: Duration = Duration::from_secs(60);

/// A settlement that has not started: `.await` it. From [`Unknown::settle`](crate::Unknown::settle) or [`Enkash::settle`].
///
/// It repeats the look-ups that the operation's recipe names, with growing waits, and ends with one of:
///
/// * [`Outcome::Done`]: found. The [`Proof`] says where, and which facts match.
/// * [`Outcome::Pending`]: found, and not finished when the time ended.
/// * [`Outcome::Unknown`]: not proven. [`NotSettled`] says why, and what to do.
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
///     other => println!("{}", other.word()),
/// }
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a settlement does nothing until it is awaited"]
pub struct Settle {
    client: Enkash,
    ticket: Ticket,
    within: Duration,
}

/// The settlement of many tickets, not started yet: `.await` it for all outcomes in the order of the tickets, or take them
/// from [`into_stream`](Self::into_stream) as they become known. From [`Enkash::settle_all`].
///
/// Each ticket is settled as [`Settle`] does it. What they have in common is asked once: references of one account go together
/// in one request, and the list of its cards is fetched at most once in each round of look-ups. How many requests are in
/// flight at the same time is bounded, also by the client's own [`Limits`](crate::Limits).
///
/// ```
/// use futures_util::StreamExt;
///
/// # async fn example(enkash: enkash::Enkash, tickets: Vec<enkash::Ticket>) {
/// let count = tickets.len();
/// let mut settled = std::pin::pin!(enkash.settle_all(tickets).into_stream());
/// while let Some((index, outcome)) = settled.next().await {
///     println!("ticket {} of {count}: {}", index + 1, outcome.word());
/// }
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a settlement does nothing until it is awaited"]
pub struct SettleAll {
    client: Enkash,
    tickets: Vec<Ticket>,
    within: Duration,
}

/// What one look-up shows.
#[derive(Debug)]
enum LookupResult {
    Proven(Proof),
    /// It is there, and the portal has not finished.
    Unfinished,
    /// Nothing of this reference. `is_complete`: every step of the recipe was answered in full.
    Absent {
        is_complete: bool,
    },
    /// The reference is there, with other facts than the ticket's.
    Mismatch(Vec<&'static str>),
    /// The reference is there with the ticket's facts, and with fields that may say anything.
    UnknownFields(Vec<String>),
    /// A list does not show all that there is.
    Incomplete(Cut),
    Failed(Error),
}

impl LookupResult {
    /// Where nothing was found, a list that was needed and is cut has to be said.
    fn or_cut(self, list: &Completeness) -> Self {
        match (self, list) {
            (Self::Absent { .. }, Completeness::Cut(cut)) => Self::Incomplete(cut.clone()),
            (result, _) => result,
        }
    }
}

impl Settle {
    pub(crate) fn new(client: Enkash, ticket: Ticket) -> Self {
        Self {
            client,
            ticket,
            within: WITHIN,
        }
    }

    /// How long to look; a minute unless set. Zero looks once, with the client's own times.
    pub fn within(mut self, time: Duration) -> Self {
        self.within = time;
        self
    }

    async fn run(self) -> Outcome<Settled> {
        let mut run = Run::new(self.client, [self.ticket.clone()], self.within);
        while let Some(settled) = run.next().await {
            if let Some((_, outcome)) = settled.into_iter().next() {
                return outcome;
            }
        }
        // A run gives every ticket an outcome.
        run.not_settled(self.ticket, WhyNotSettled::OutOfTime, 0)
    }
}

impl SettleAll {
    pub(crate) fn new(client: Enkash, tickets: Vec<Ticket>) -> Self {
        Self {
            client,
            tickets,
            within: WITHIN,
        }
    }

    /// How long to look for each ticket, from its own first look-up on; a minute unless set. Zero looks once, with the
    /// client's own times.
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

    async fn run(self) -> Vec<Outcome<Settled>> {
        let mut settled: Vec<_> = self.into_stream().collect().await;
        settled.sort_by_key(|(index, _)| *index);
        settled.into_iter().map(|(_, outcome)| outcome).collect()
    }
}

/// What ends in time. `None` for a time is all the time that it takes.
async fn in_time<T>(deadline: Option<Instant>, task: impl Future<Output = T>) -> Option<T> {
    match deadline {
        None => Some(task.await),
        Some(deadline) => tokio::time::timeout_at(deadline, task).await.ok(),
    }
}

impl IntoFuture for Settle {
    type Output = Outcome<Settled>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl IntoFuture for SettleAll {
    type Output = Vec<Outcome<Settled>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

#[cfg(test)]
mod tests;
