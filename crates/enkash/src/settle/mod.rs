//! Settlement: finding out what became of a call that moved value. The recipe of each operation stands in
//! spec/policy.yaml; this runs it step by step, again and again, until it proves something or the time ends. It only
//! reads, and it never takes "not found" for "did not happen" unless the recipe says that this is proof.

mod order;
mod points;
mod proof;

use std::{future::IntoFuture, pin::Pin, sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::time::Instant;

pub use self::proof::{NotSettled, Proof, Settled, WhyNotSettled};
use crate::{
    Enkash, Error, Intent, Outcome, Ticket, Unknown, UnknownReason,
    policy::{Settlement, SettlementEvidence},
};

/// How long a settlement looks, unless told otherwise.
const WITHIN: Duration = Duration::from_secs(60);
/// The wait after the first look. Each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// A settlement that has not started: `.await` it. From [`Unknown::settle`] or [`Enkash::settle`].
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

/// What one look shows.
enum Look {
    Proven(Proof),
    /// It is there, and the portal has not finished.
    Unfinished,
    /// Nothing of this reference. `is_complete`: every step of the recipe was answered.
    Absent {
        is_complete: bool,
    },
    /// The reference is there, with other facts than the ticket's.
    Mismatch(Vec<&'static str>),
    Failed(Error),
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
        let policies = std::sync::Arc::clone(self.client.policies());
        let recipe = &policies.of(self.ticket.operation()).settlement;
        self.run_by(recipe).await
    }

    async fn run_by(self, recipe: &Settlement) -> Outcome<Settled> {
        if recipe.evidence == SettlementEvidence::None || recipe.steps.is_empty() {
            return self.not_settled(WhyNotSettled::NoRecipe, 0);
        }
        // A time that no clock can reach is as good as none.
        let deadline = Instant::now().checked_add(self.within);
        // The one look of no time has the client's own times.
        let of_first = deadline.filter(|_| !self.within.is_zero());
        let Some(mut last) = self.look_until(of_first, recipe).await else {
            return self.not_settled(WhyNotSettled::OutOfTime, 0);
        };
        let (mut looks, mut wait) = (1, FIRST_WAIT);
        loop {
            let goes_on = match &last {
                Look::Proven(_) => false,
                Look::Failed(error) => can_pass(error),
                look => !self.is_proof_of_absence(look, recipe),
            };
            // A little chance, so that callers of one outage do not come back all at once.
            let next = wait.mul_f64(0.75 + fastrand::f64() / 2.0);
            let ends = deadline.is_some_and(|deadline| Instant::now() + next > deadline);
            if !goes_on || ends {
                return self.end(last, looks, recipe);
            }
            tokio::time::sleep(next).await;
            wait = (wait * 2).min(LONGEST_WAIT);

            let Some(look) = self.look_until(deadline, recipe).await else {
                // The look before has the last word.
                return self.end(last, looks, recipe);
            };
            last = look;
            looks += 1;
        }
    }

    /// One look, if it ends in time.
    async fn look_until(&self, deadline: Option<Instant>, recipe: &Settlement) -> Option<Look> {
        match deadline {
            None => Some(self.look(recipe).await),
            Some(deadline) => tokio::time::timeout_at(deadline, self.look(recipe)).await.ok(),
        }
    }

    async fn look(&self, recipe: &Settlement) -> Look {
        match &self.ticket.intent {
            Intent::Points(points) | Intent::BulkRow(points) => {
                points::look(&self.client, &self.ticket, points, recipe).await
            }
            Intent::Order(order) => order::look(&self.client, &self.ticket, order, recipe).await,
            Intent::UndocumentedOrder {} | Intent::Coins(_) => Look::Absent { is_complete: false },
        }
    }

    /// Absence is proof only where the recipe is verified and says after what time.
    fn is_proof_of_absence(&self, look: &Look, recipe: &Settlement) -> bool {
        let Some(after) = recipe.absence_proves_after_seconds.map(Duration::from_secs) else {
            return false;
        };
        let age = Timestamp::now().duration_since(self.ticket.intended_at);
        recipe.evidence == SettlementEvidence::Verified
            && matches!(look, Look::Absent { is_complete: true })
            && age.unsigned_abs() >= after
            && !age.is_negative()
    }

    /// What the last look leaves.
    fn end(self, last: Look, looks: u32, recipe: &Settlement) -> Outcome<Settled> {
        if self.is_proof_of_absence(&last, recipe) {
            return Outcome::NotSent(Error::absent(self.ticket.operation()));
        }
        let why = match last {
            Look::Proven(proof) => return Outcome::Done(Settled::new(self.ticket, proof.after(looks))),
            Look::Unfinished => return Outcome::Pending(self.ticket),
            Look::Absent { .. } => WhyNotSettled::NotFound,
            Look::Mismatch(facts) => WhyNotSettled::OtherFacts(facts),
            Look::Failed(error) => WhyNotSettled::LookUpFailed(error),
        };
        self.not_settled(why, looks)
    }

    fn not_settled(self, why: WhyNotSettled, looks: u32) -> Outcome<Settled> {
        let reason = UnknownReason::NotSettled(NotSettled { why, looks });
        Outcome::Unknown(Unknown::new(self.ticket, reason, Arc::default(), self.client))
    }
}

/// Whether the same look-up may do better later.
fn can_pass(error: &Error) -> bool {
    !(error.is_credentials_rejected()
        || error.is_account_at_risk()
        || error.is_unsupported_by_evidence()
        || error.is_invalid_input()
        || error.is_undecryptable())
}

impl IntoFuture for Settle {
    type Output = Outcome<Settled>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

#[cfg(test)]
mod tests;
