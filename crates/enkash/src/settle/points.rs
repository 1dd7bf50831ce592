//! The recipe for points: look for the reference alone, for many tickets in one request, and where that is refused or shows
//! nothing, on the person's cards. No page documents a search without a card, so it only ever saves requests: what it does
//! not show, the cards may.

use std::{
    collections::{BTreeSet, HashMap, hash_map::Entry},
    sync::atomic::{AtomicBool, Ordering},
};

use enkash_policy::Settlement;
use enkash_policy::SettlementEvidence;
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use tokio::time::Instant;

use crate::{
    error::Error,
    model::{
        ids::EnKashCardId,
        reference::ClientReference,
        ticket::{PointsIntent, Ticket},
    },
    rewards::Rewards,
    settle::{
        LookupResult,
        cards::CardDirectory,
        entry::{self, CardOwner, Expected},
        in_time,
        listing::{Completeness, Reading, Window},
        matching::EntryMatcher,
        search::{self, Query},
    },
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
    /// Searching without a card was refused, or does not look at the reference.
    is_card_needed: AtomicBool,
    /// Searching without a card does not look at a list of references.
    ignores_lists: AtomicBool,
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
            ignores_lists: AtomicBool::new(false),
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
        let is_one_of_many = tickets.len() > 1;
        let look_up = |ticket| self.look_up_one(ticket, by_reference, is_one_of_many, round);
        let all: Vec<_> = tickets
            .iter()
            .map(|ticket| in_time(ticket.deadline, look_up(ticket)))
            .collect();
        let all = stream::iter(all).buffered(CONCURRENCY);
        all.map(|result| Some(result?.unwrap_or_else(LookupResult::Failed)))
            .collect()
            .await
    }

    /// What is shown for the references alone. No reading where the API wants a card.
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
        let references: Vec<ClientReference> = references.into_iter().collect();
        let count = references.len();
        let is_useless = self.is_card_needed.load(Ordering::Relaxed);
        if is_useless || count > 1 && self.ignores_lists.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let query = Query::new(None, references);
        let reading = search::read(&self.rewards, query, within, &first.recipe.entry);
        // A server that is slow without a card leaves time for the cards.
        let part = asked.filter_map(|ticket| ticket.deadline).max();
        let part = part.map(|deadline| Instant::now() + deadline.saturating_duration_since(Instant::now()) / 3);
        let reading = match in_time(part, reading).await {
            Some(Ok(reading)) => reading,
            Some(Err(error)) if is_no_to_the_form(&error) => {
                let is_lasting = error.is_refused() || error.is_timeout();
                self.is_card_needed.fetch_or(is_lasting, Ordering::Relaxed);
                return Ok(None);
            }
            Some(Err(error)) => return Err(error),
            None => {
                self.is_card_needed.store(true, Ordering::Relaxed);
                return Ok(None);
            }
        };
        if reading.cut.len() == count {
            // Not one of them could be read: it does not look at them.
            let flag = if count > 1 {
                &self.ignores_lists
            } else {
                &self.is_card_needed
            };
            flag.store(true, Ordering::Relaxed);
        }
        Ok(Some(reading))
    }

    async fn look_up_one(
        &self,
        ticket: &PointsTicket<'_>,
        by_reference: Option<&Reading>,
        is_one_of_many: bool,
        round: u32,
    ) -> Result<LookupResult, Error> {
        let alone = match by_reference {
            Some(reading) => self.judge(ticket, reading, round).await?,
            None => (LookupResult::Absent { is_complete: false }, false),
        };
        let (mut shown, is_final) = alone;
        if is_final {
            return Ok(shown);
        }
        let on_cards = self.on_cards(ticket, round).await?;
        if let Some(on_cards) = on_cards {
            return Ok(after(on_cards, shown));
        }
        // No card is known, and an API server may know one reference where it does not know a list of them.
        if is_one_of_many && !self.is_card_needed.load(Ordering::Relaxed) {
            let query = Query::new(None, vec![ticket.ticket.reference.clone()]);
            match search::read(&self.rewards, query, ticket.window(), &ticket.recipe.entry).await {
                Ok(reading) => shown = after(self.judge(ticket, &reading, round).await?.0, shown),
                Err(error) if is_no_to_the_form(&error) => {}
                Err(error) => return Err(error),
            }
        }
        // Nothing was searched as the page has it, perhaps because the list of cards is cut.
        let (_, list) = self.cards_of(ticket, round).await?;
        Ok(shown.or_cut(&list))
    }

    /// What a search without a card shows of a ticket, and whether the cards can add nothing.
    async fn judge(
        &self,
        ticket: &PointsTicket<'_>,
        reading: &Reading,
        round: u32,
    ) -> Result<(LookupResult, bool), Error> {
        let mut matcher = ticket.matcher();
        self.add(&mut matcher, reading, ticket, round).await?;
        let is_contradicted = matcher.is_contradicted();
        let result = matcher.conclude(reading.completeness(&ticket.ticket.reference), false);
        let is_final = is_contradicted || matches!(result, LookupResult::Proven(_));
        Ok((result, is_final))
    }

    /// What the person's cards show, each asked for the reference. `None` where no card is known.
    async fn on_cards(&self, ticket: &PointsTicket<'_>, round: u32) -> Result<Option<LookupResult>, Error> {
        if !ticket.has_step("reference", "searchTransactions") {
            return Ok(None);
        }
        let (cards, list) = self.cards_of(ticket, round).await?;
        if cards.is_empty() {
            return Ok(None);
        }
        let mut matcher = ticket.matcher();
        let mut lists = Completeness::Whole;
        for card in &cards {
            let query = Query::new(Some(card.clone()), vec![ticket.ticket.reference.clone()]);
            let reading = search::read(&self.rewards, query, ticket.window(), &ticket.recipe.entry).await?;
            lists = lists.and(reading.completeness(&ticket.ticket.reference));
            self.add(&mut matcher, &reading, ticket, round).await?;
        }
        let result = matcher.conclude(lists, list == Completeness::Whole);
        Ok(Some(result.or_cut(&list)))
    }

    async fn cards_of(
        &self,
        ticket: &PointsTicket<'_>,
        round: u32,
    ) -> Result<(Vec<EnKashCardId>, Completeness), Error> {
        if ticket.intent.card.is_none() && !ticket.has_step("card", "searchCards") {
            return Ok((Vec::new(), Completeness::Uncounted));
        }
        self.cards.of_person(ticket.intent, round).await
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
            matcher.add(&row.value, &row.response, |card| {
                owners.get(card).cloned().unwrap_or(CardOwner::Unknown)
            });
        }
        Ok(())
    }
}

/// What two look-ups show together, of which the later one says more: nothing there leaves what was there before.
fn after(later: LookupResult, earlier: LookupResult) -> LookupResult {
    match (later, earlier) {
        (LookupResult::Absent { .. }, earlier @ LookupResult::Unproven(_)) => earlier,
        (later, _) => later,
    }
}

/// Whether the API may not take the question in this form: it answered no, fell over it, or took too long. What would
/// happen to any question is no such no.
fn is_no_to_the_form(error: &Error) -> bool {
    let status = error.status().map(|status| status.as_u16());
    let is_no = status.is_some_and(|status| (200..=501).contains(&status) && !matches!(status, 401 | 408 | 429));
    is_no || error.is_timeout() && error.was_sent()
}
