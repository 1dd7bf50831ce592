//! The recipe for points: look for the reference alone, for many tickets in one request, and where that is refused or shows
//! nothing, on the person's cards. No page documents a search without a card, so it only ever saves requests: what it does
//! not show, the cards may.

use std::{
    collections::{BTreeSet, HashMap, hash_map::Entry},
    sync::atomic::{AtomicBool, Ordering},
};

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use tokio::time::Instant;

use super::{
    LookupResult,
    cards::CardDirectory,
    entry::{self, CardOwner, Expected},
    in_time,
    listing::{Completeness, Reading, Window},
    matching::EntryMatcher,
    search::{self, Query},
};
use crate::{
    ClientReference, Error, PointsIntent, Ticket,
    policy::{Settlement, SettlementEvidence},
    rewards::Rewards,
};

/// Tickets of an account that are looked up at the same time.
const CONCURRENCY: usize = 8;

/// A ticket of points with what it is looked up by.
#[derive(Clone, Copy)]
pub(super) struct PointsTicket<'a> {
    pub(super) ticket: &'a Ticket,
    pub(super) intent: &'a PointsIntent,
    pub(super) recipe: &'a Settlement,
    /// `None` where the client's own times hold.
    pub(super) deadline: Option<Instant>,
}

/// Looks up tickets of one account.
pub(super) struct AccountLookup {
    rewards: Rewards,
    cards: CardDirectory,
    /// Searching without a card was refused, or does not look at the references.
    is_card_needed: AtomicBool,
}

impl PointsTicket<'_> {
    fn has_step(&self, find: &str, operation: &str) -> bool {
        let mut steps = self.recipe.steps.iter();
        steps.any(|step| step.find == find && step.operation == operation)
    }

    fn is_verified(&self) -> bool {
        self.recipe.evidence == SettlementEvidence::Verified
    }

    fn matcher(&self) -> EntryMatcher<'_> {
        let expected = Expected {
            ticket: self.ticket,
            intent: self.intent,
            rules: &self.recipe.entry,
            now: Timestamp::now(),
        };
        EntryMatcher::new(expected, self.is_verified())
    }

    fn window(&self) -> Window {
        entry::window(self.ticket, Timestamp::now())
    }
}

impl AccountLookup {
    /// For so many tickets of the account in all.
    pub(super) fn new(rewards: Rewards, tickets: usize) -> Self {
        Self {
            cards: CardDirectory::new(rewards.clone(), tickets),
            rewards,
            is_card_needed: AtomicBool::new(false),
        }
    }

    /// One look-up of each ticket, in their order; `None` where it did not end in its time.
    pub(super) async fn look_up(&self, tickets: &[PointsTicket<'_>], round: u32) -> Vec<Option<LookupResult>> {
        let by_reference = match self.by_reference(tickets).await {
            Ok(reading) => reading,
            Err(error) => {
                let failed = || Some(LookupResult::Failed(error.clone()));
                return tickets.iter().map(|_| failed()).collect();
            }
        };
        let by_reference = by_reference.as_ref();
        let look_up = |ticket| self.look_up_one(ticket, by_reference, round);
        let all: Vec<_> = tickets
            .iter()
            .map(|ticket| in_time(ticket.deadline, look_up(ticket)))
            .collect();
        let all = stream::iter(all).buffered(CONCURRENCY);
        all.map(|result| Some(result?.unwrap_or_else(LookupResult::Failed)))
            .collect()
            .await
    }

    /// What is shown for the references alone. No reading where the portal wants a card.
    async fn by_reference(&self, tickets: &[PointsTicket<'_>]) -> Result<Option<Reading>, Error> {
        let asked = tickets
            .iter()
            .filter(|ticket| ticket.has_step("reference", "searchTransactions"));
        let references: BTreeSet<_> = asked.clone().map(|ticket| ticket.ticket.reference.clone()).collect();
        let windows = asked.clone().map(PointsTicket::window);
        let within = windows.reduce(|(from, to), (other, later)| (from.min(other), to.max(later)));
        let (Some(first), Some(within)) = (asked.clone().next(), within) else {
            return Ok(None);
        };
        if self.is_card_needed.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let references: Vec<ClientReference> = references.into_iter().collect();
        let count = references.len();
        let query = Query::new(None, references);
        let reading = search::read(&self.rewards, query, within, &first.recipe.entry);
        // A portal that is slow without a card leaves time for the cards.
        let part = asked.filter_map(|ticket| ticket.deadline).max();
        let part = part.map(|deadline| Instant::now() + deadline.saturating_duration_since(Instant::now()) / 3);
        let (reading, needs_card) = match in_time(part, reading).await {
            // Not one of them could be read: it does not look at them.
            Some(Ok(reading)) => {
                let is_useless = reading.cut.len() == count;
                (Some(reading), is_useless)
            }
            Some(Err(error)) if is_no_to_the_form(&error) => (None, error.is_refused() || error.is_timeout()),
            Some(Err(error)) => return Err(error),
            None => (None, true),
        };
        self.is_card_needed.fetch_or(needs_card, Ordering::Relaxed);
        Ok(reading)
    }

    async fn look_up_one(
        &self,
        ticket: &PointsTicket<'_>,
        by_reference: Option<&Reading>,
        round: u32,
    ) -> Result<LookupResult, Error> {
        let alone = match by_reference {
            Some(reading) => {
                let mut matcher = ticket.matcher();
                self.add(&mut matcher, reading, ticket, round).await?;
                let is_contradicted = matcher.is_contradicted();
                let lists = reading.completeness(&ticket.ticket.reference);
                let shown = matcher.conclude(lists, false);
                if is_contradicted || matches!(shown, LookupResult::Proven(_)) {
                    return Ok(shown);
                }
                shown
            }
            None => LookupResult::Absent { is_complete: false },
        };
        let on_cards = self.on_cards(ticket, round).await?;
        Ok(match (on_cards, alone) {
            // The card shows nothing; without one something was there.
            (
                LookupResult::Absent { .. },
                alone @ (LookupResult::Mismatch(_) | LookupResult::UnknownFields(_) | LookupResult::Incomplete(_)),
            ) => alone,
            (on_cards, _) => on_cards,
        })
    }

    /// What the person's cards show, each asked for the reference.
    async fn on_cards(&self, ticket: &PointsTicket<'_>, round: u32) -> Result<LookupResult, Error> {
        let knows_card = ticket.intent.card.is_some() || ticket.has_step("card", "searchCards");
        if !knows_card || !ticket.has_step("reference", "searchTransactions") {
            return Ok(LookupResult::Absent { is_complete: false });
        }
        let rules = &ticket.recipe.entry;
        let (cards, list) = self.cards.of_person(ticket.intent, round).await?;
        let mut matcher = ticket.matcher();
        let mut lists = Completeness::Whole;
        for card in &cards {
            let query = Query::new(Some(card.clone()), vec![ticket.ticket.reference.clone()]);
            let reading = search::read(&self.rewards, query, ticket.window(), rules).await?;
            lists = lists.and(reading.completeness(&ticket.ticket.reference));
            self.add(&mut matcher, &reading, ticket, round).await?;
        }
        // Without a card nothing was searched.
        let is_complete = !cards.is_empty() && list == Completeness::Whole;
        Ok(matcher.conclude(lists, is_complete))
    }

    /// Adds the rows that mention the ticket's reference, after asking whose their cards are.
    async fn add(
        &self,
        matcher: &mut EntryMatcher<'_>,
        reading: &Reading,
        ticket: &PointsTicket<'_>,
        round: u32,
    ) -> Result<(), Error> {
        let mut owners: HashMap<String, CardOwner> = HashMap::new();
        for row in reading.rows_of(&ticket.ticket.reference) {
            for card in entry::cards(&row.value) {
                if let Entry::Vacant(place) = owners.entry(card) {
                    let owner = self.cards.owner(place.key(), ticket.intent, round).await?;
                    place.insert(owner);
                }
            }
            matcher.add(&row.value, |card| {
                owners.get(card).cloned().unwrap_or(CardOwner::Unknown)
            });
        }
        Ok(())
    }
}

/// Whether the portal may not take the question in this form: it answered no, fell over it, or took too long. What would
/// happen to any question is no such no.
fn is_no_to_the_form(error: &Error) -> bool {
    let status = error.status().map(|status| status.as_u16());
    let is_no = status.is_some_and(|status| (200..=501).contains(&status) && !matches!(status, 401 | 408 | 429));
    is_no || error.is_timeout() && error.was_sent()
}
