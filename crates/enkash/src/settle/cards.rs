//! Whose a card is, and which cards are a person's. The list of an account's cards can be long, so it is fetched only where it
//! is needed, once for all tickets, and again only where a later round lacks somebody in it. For a few tickets the card that
//! was found is asked about alone.

use std::{collections::HashMap, sync::Arc};

use enkash_api::OperationId;
use tokio::sync::Mutex;

use crate::{
    envelope::list::List,
    error::Error,
    model::{ids::EnKashCardId, ticket::PointsIntent},
    rewards::{
        Rewards,
        cards::{Card, CardSearch},
    },
    settle::{
        entry::CardOwner,
        listing::{Completeness, completeness, proof_json},
    },
};

/// For so many tickets of an account at most, cards are asked about one by one.
const FEW: usize = 8;

/// What the API says of a card.
#[derive(Clone, PartialEq, Eq)]
struct Holder {
    mobile: Option<String>,
    user: Option<String>,
    account: Option<String>,
}

/// The cards of an account, as they were in one round of look-ups.
struct CardList {
    /// `None` where the list says two things of one card.
    holders: HashMap<String, Option<Holder>>,
    by_mobile: HashMap<String, Vec<String>>,
    completeness: Completeness,
    round: u32,
}

/// Asks about the cards of one account.
pub(super) struct CardDirectory {
    rewards: Rewards,
    is_few: bool,
    list: Mutex<Option<Arc<CardList>>>,
}

impl CardDirectory {
    pub(super) fn new(rewards: Rewards, tickets: usize) -> Self {
        Self {
            rewards,
            is_few: tickets <= FEW,
            list: Mutex::default(),
        }
    }

    /// The cards of the ticket's person, and whether they are all.
    pub(super) async fn of_person(
        &self,
        intent: &PointsIntent,
        round: u32,
    ) -> Result<(Vec<EnKashCardId>, Completeness), Error> {
        if let Some(card) = &intent.card {
            return Ok((vec![card.clone()], Completeness::Whole));
        }
        let Some(mobile) = &intent.mobile else {
            return Ok((Vec::new(), Completeness::Uncounted));
        };
        let lacks = |list: &CardList| !list.by_mobile.contains_key(mobile.expose());
        let list = self.list(round, lacks).await?;
        let is_theirs = |id: &&String| {
            let holder = list.holders.get(*id).and_then(Option::as_ref);
            holder.is_some_and(|holder| holder.is_person(intent))
        };
        let cards = list
            .by_mobile
            .get(mobile.expose())
            .into_iter()
            .flatten()
            .filter(is_theirs);
        let cards = cards.map(|id| EnKashCardId::from(id.as_str())).collect();
        // Of an older list it is not known whether it is still all.
        let completeness = match &list.completeness {
            Completeness::Whole if list.round != round => Completeness::Uncounted,
            completeness => completeness.clone(),
        };
        Ok((cards, completeness))
    }

    /// Whose a card is.
    pub(super) async fn owner(&self, card: &str, intent: &PointsIntent, round: u32) -> Result<CardOwner, Error> {
        if let Some(named) = &intent.card {
            return Ok(match named.as_str() == card {
                true => CardOwner::Person {
                    user: None,
                    is_by_mobile: false,
                },
                false => CardOwner::Other,
            });
        }
        if intent.mobile.is_none() {
            return Ok(CardOwner::Unknown);
        }
        let known = self.list.lock().await.clone();
        let known = match known {
            Some(list) if list.round == round || list.holders.contains_key(card) => Some(list),
            _ if self.is_few => None,
            _ => Some(self.list(round, |list| !list.holders.contains_key(card)).await?),
        };
        if let Some(holder) = known.as_ref().and_then(|list| list.holders.get(card)) {
            return Ok(owner_of(holder.as_ref(), intent));
        }
        // A list may be cut, and a card that is asked about alone is still there.
        let found = match self.rewards.cards(CardSearch::card(card)).await {
            Ok(found) => found,
            Err(error) if error.has_answer() => return Ok(CardOwner::Unknown),
            Err(error) => return Err(error),
        };
        if proof_json(OperationId::SearchCards, &found).is_err() {
            return Ok(CardOwner::Unknown);
        }
        let holders = holders(found.value());
        Ok(holders
            .get(card)
            .map_or(CardOwner::Unknown, |holder| owner_of(holder.as_ref(), intent)))
    }

    /// The list, fetched once in each round in which it is needed and lacks something.
    async fn list(&self, round: u32, lacks: impl Fn(&CardList) -> bool) -> Result<Arc<CardList>, Error> {
        let mut kept = self.list.lock().await;
        if let Some(list) = &*kept
            && (list.round == round || !lacks(list))
        {
            return Ok(Arc::clone(list));
        }
        let found = self.rewards.cards(CardSearch::all()).await?;
        let json = proof_json(OperationId::SearchCards, &found)?;
        let list = List::from_response_or_single(json, "enKashCardId");
        let completeness = list.map_or(Completeness::Uncounted, |list| completeness(json, &list, &[]));
        let holders = holders(found.value());
        let mut by_mobile: HashMap<String, Vec<String>> = HashMap::new();
        for (id, holder) in &holders {
            if let Some(mobile) = holder.as_ref().and_then(|holder| holder.mobile.clone()) {
                by_mobile.entry(mobile).or_default().push(id.clone());
            }
        }
        let list = Arc::new(CardList {
            holders,
            by_mobile,
            completeness,
            round,
        });
        *kept = Some(Arc::clone(&list));
        Ok(list)
    }
}

impl Holder {
    /// Whether it is the ticket's person, on the ticket's account.
    fn is_person(&self, intent: &PointsIntent) -> bool {
        let is_account = self
            .account
            .as_deref()
            .is_none_or(|account| account == intent.account.as_str());
        let mobile = intent.mobile.as_ref().map(|mobile| mobile.expose());
        is_account && mobile.is_some() && self.mobile.as_deref() == mobile
    }
}

fn owner_of(holder: Option<&Holder>, intent: &PointsIntent) -> CardOwner {
    match holder {
        Some(holder) if holder.is_person(intent) => CardOwner::Person {
            user: holder.user.clone(),
            is_by_mobile: true,
        },
        Some(holder) if holder.mobile.is_some() => CardOwner::Other,
        _ => CardOwner::Unknown,
    }
}

fn holders(cards: &[Card]) -> HashMap<String, Option<Holder>> {
    let mut holders: HashMap<String, Option<Holder>> = HashMap::new();
    for card in cards {
        // A blank text says nothing.
        let said = |text: Option<&str>| text.filter(|text| !text.trim().is_empty()).map(str::to_owned);
        let Some(id) = said(card.id.as_ref().map(|id| id.as_str())) else {
            continue;
        };
        let holder = Holder {
            mobile: said(card.mobile.as_ref().map(|mobile| mobile.expose())),
            user: said(card.user.as_ref().map(|user| user.as_str())),
            account: said(card.account.as_ref().map(|account| account.as_str())),
        };
        holders
            .entry(id)
            .and_modify(|known| {
                if known.as_ref() != Some(&holder) {
                    *known = None;
                }
            })
            .or_insert(Some(holder));
    }
    holders
}
