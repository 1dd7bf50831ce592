//! People and their reward cards. A person is a mobile number within one card account (the documentation names no other key),
//! and has one card. Allocation makes cards, searches list them, redemption pays from them. A bounded number of the cards that
//! calls made is kept: the oldest goes, and what was on it stays in the sums of its account.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Who holds a card.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Person {
    pub(crate) mobile: String,
    pub(crate) email: String,
    pub(crate) title: String,
    pub(crate) first_name: String,
    pub(crate) gender: Option<String>,
}

/// A reward card.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Card {
    pub(crate) id: Arc<str>,
    pub(crate) user_id: Arc<str>,
    pub(crate) account_id: Arc<str>,
    pub(crate) token: String,
    pub(crate) masked_number: String,
    pub(crate) person: Person,
    pub(crate) balance: Decimal,
    /// What it held before the first movement that the journal still has.
    pub(crate) carried: Decimal,
}

/// The documented form, whose last four digits are the mobile's (doc-1039425).
pub(crate) fn masked_number(mobile: &str) -> String {
    let last = mobile.get(mobile.len().saturating_sub(4)..).unwrap_or_default();
    format!("XXXX XXXX XXXX {last}")
}

/// All cards.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "StoredCards")]
pub(crate) struct Cards {
    cards: HashMap<Arc<str>, Card>,
    /// Those that calls made, oldest first. Those of the seed are kept for ever.
    made: VecDeque<Arc<str>>,
    max_made: usize,
    #[serde(skip)]
    by_person: HashMap<Arc<str>, HashMap<String, Arc<str>>>,
    #[serde(skip)]
    by_user: HashMap<Arc<str>, Arc<str>>,
}

/// What a snapshot has of them; what finds them is made anew.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredCards {
    cards: HashMap<Arc<str>, Card>,
    made: VecDeque<Arc<str>>,
    max_made: usize,
}

impl From<StoredCards> for Cards {
    fn from(stored: StoredCards) -> Self {
        let mut cards = Cards::new(stored.max_made);
        cards.made = stored.made;
        stored.cards.into_values().for_each(|card| cards.add(card));
        cards
    }
}

impl Cards {
    /// Whether it was made for so many.
    pub(crate) const fn has_max(&self, max: usize) -> bool {
        self.max_made == if max == 0 { 1 } else { max }
    }

    pub(crate) fn new(max_made: usize) -> Self {
        Cards {
            cards: HashMap::new(),
            made: VecDeque::new(),
            max_made: max_made.max(1),
            by_person: HashMap::new(),
            by_user: HashMap::new(),
        }
    }

    /// Adds a card that a call made. Gives the one that had to go for it.
    pub(crate) fn add_made(&mut self, card: Card) -> Option<Card> {
        let gone = if self.made.len() >= self.max_made {
            self.forget_oldest()
        } else {
            None
        };
        self.made.push_back(card.id.clone());
        self.add(card);
        gone
    }

    fn forget_oldest(&mut self) -> Option<Card> {
        let card = self.cards.remove(&self.made.pop_front()?)?;
        self.by_user.remove(&card.user_id);
        if let Some(people) = self.by_person.get_mut(&card.account_id) {
            people.remove(&card.person.mobile);
        }
        Some(card)
    }

    pub(crate) fn add(&mut self, card: Card) {
        let people = self.by_person.entry(card.account_id.clone()).or_default();
        people.insert(card.person.mobile.clone(), card.id.clone());
        self.by_user.insert(card.user_id.clone(), card.id.clone());
        self.cards.insert(card.id.clone(), card);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Card> {
        self.cards.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Card> {
        self.cards.get_mut(id)
    }

    pub(crate) fn all(&self) -> impl ExactSizeIterator<Item = &Card> {
        self.cards.values()
    }

    /// The card of a person on an account.
    pub(crate) fn of_person(&self, account_id: &str, mobile: &str) -> Option<&Card> {
        self.get(self.by_person.get(account_id)?.get(mobile)?)
    }

    /// The card of an EnKash user.
    pub(crate) fn of_user(&self, user_id: &str) -> Option<&Card> {
        self.get(self.by_user.get(user_id)?)
    }
}
