//! The data of one sandbox, behind the server's one lock. Each part has a module of its own; what moves money between an
//! account and a card stands here, so that no operation can change one side alone.

pub(crate) mod accounts;
pub(crate) mod cards;
pub(crate) mod carts;
pub(crate) mod catalogue;
pub(crate) mod coins;
pub(crate) mod entries;
pub(crate) mod extra_records;
pub(crate) mod id_generator;
pub(crate) mod journal;
pub(crate) mod logins;
pub(crate) mod orders;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::seed::{CompanySeed, PersonSeed, Seed};
use accounts::{Account, Accounts};
use cards::{Card, Cards, Person};
use carts::Carts;
use catalogue::Catalogue;
use coins::{CoinEvent, Coins};
use entries::EntryKind;
use extra_records::{ExtraRecord, ExtraRecords, ListedRecord};
use id_generator::{IdGenerator, IdKind};
use journal::Journal;
use logins::{Caller, Company, Logins};
use orders::Orders;

/// Everything that a sandbox remembers. A snapshot has it in this form.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Store {
    pub(crate) ids: IdGenerator,
    pub(crate) logins: Logins,
    pub(crate) accounts: Accounts,
    pub(crate) cards: Cards,
    pub(crate) journal: Journal,
    pub(crate) catalogue: Catalogue,
    pub(crate) carts: Carts,
    pub(crate) orders: Orders,
    pub(crate) coins: Coins,
    pub(crate) extra_records: ExtraRecords,
    /// The changes that are due, by time: kind and number of the entry.
    due: BTreeSet<(Timestamp, EntryKind, u64)>,
    /// All money that the seed brought, in accounts and on cards.
    pub(crate) opening: Decimal,
}

/// How much is kept. What is older goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Transactions, and orders.
    pub(crate) transactions: usize,
    /// People whom calls made, coin events, and people with coins.
    pub(crate) people: usize,
}

/// Why money was not moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MoveRefused {
    /// There is not enough where it should come from.
    Insufficient,
    /// The account or card is not there, or a sum would be more than a decimal holds.
    Impossible,
}

impl Store {
    /// Whether it keeps as much as these bounds say.
    pub(crate) const fn has_bounds(&self, max: Bounds) -> bool {
        self.journal.has_max(max.transactions)
            && self.orders.has_max(max.transactions)
            && self.cards.has_max(max.people)
            && self.coins.has_max(max.people)
    }

    /// The store with what a checked seed holds.
    pub(crate) fn new(seed: &Seed, number: u64, max: Bounds) -> Self {
        let mut store = Store {
            ids: IdGenerator::new(number),
            logins: Logins::default(),
            accounts: Accounts::default(),
            cards: Cards::new(max.people),
            journal: Journal::new(max.transactions),
            catalogue: Catalogue::new(&seed.catalogue),
            carts: Carts::default(),
            orders: Orders::new(max.transactions),
            coins: Coins::new(max.people),
            extra_records: ExtraRecords::default(),
            due: BTreeSet::new(),
            opening: Decimal::ZERO,
        };
        for company in &seed.companies {
            store.load_company(company);
        }
        for event in &seed.coin_events {
            let id = store.ids.id(IdKind::Event);
            store.coins.add(CoinEvent {
                id,
                company_id: event.company.clone(),
                configuration: "DEFAULT".to_owned(),
                event: event.event.clone(),
                amount: event.amount,
            });
        }
        store.opening = store
            .accounts
            .all()
            .map(|account| account.available + account.on_cards)
            .sum();
        store
    }

    fn load_company(&mut self, seed: &CompanySeed) {
        let company = Arc::new(Company {
            id: seed.id.clone(),
            name: seed.name.clone(),
            partner_id: seed.partner_id.clone(),
            client_secret: seed.client_secret.clone(),
        });
        for account_seed in &seed.accounts {
            let mut account = Account::new(&account_seed.id, &seed.id, &company.name, account_seed.balance);
            account.kyc_done = account_seed.kyc_done;
            account.bin_mapped = account_seed.bin_mapped;
            let id = account.id.clone();
            self.accounts.add(account);
            if let Some(primary) = &account_seed.primary {
                let card = self.load_person(&id, primary);
                if let Some(account) = self.accounts.get_mut(&id) {
                    account.primary_card = Some(card);
                }
            }
            for person in &account_seed.people {
                self.load_person(&id, person);
            }
        }
        for login in &seed.logins {
            let holder = login.person.as_ref().and_then(|mobile| {
                let cards = seed
                    .accounts
                    .iter()
                    .filter_map(|account| self.cards.of_person(&account.id, mobile));
                cards.map(|card| (card.user_id.clone(), card.id.clone())).next()
            });
            let (user_id, card_id) = match holder {
                Some((user_id, card_id)) => (user_id, Some(card_id)),
                None => (Arc::from(self.ids.id(IdKind::User)), None),
            };
            let username = Arc::from(login.username.as_str());
            self.logins.add(
                Caller {
                    company: company.clone(),
                    username,
                    user_id,
                    card_id,
                },
                login.password.clone(),
            );
        }
    }

    fn load_person(&mut self, account_id: &Arc<str>, seed: &PersonSeed) -> Arc<str> {
        let person = Person {
            mobile: seed.mobile.clone(),
            email: seed.email.clone(),
            title: seed.title.clone(),
            first_name: seed.first_name.clone(),
            gender: Some(seed.gender.clone()),
        };
        let id = self.add_card(account_id, person, Cards::add);
        if let Some(card) = self.cards.get_mut(&id) {
            card.balance = seed.balance;
            card.carried = seed.balance;
        }
        if let Some(account) = self.accounts.get_mut(account_id) {
            account.on_cards += seed.balance;
        }
        id
    }

    /// Makes an empty card for a person. The oldest card that a call made may have to go for it.
    pub(crate) fn make_card(&mut self, account_id: &Arc<str>, person: Person) -> Arc<str> {
        let mut gone = None;
        let id = self.add_card(account_id, person, |cards, card| gone = cards.add_made(card));
        if let Some(card) = gone
            && let Some(account) = self.accounts.get_mut(&card.account_id)
        {
            account.on_forgotten_cards += card.balance;
            if let Some(place) = account.cards.iter().position(|id| *id == card.id) {
                account.cards.remove(place);
            }
        }
        id
    }

    fn add_card(&mut self, account_id: &Arc<str>, person: Person, add: impl FnOnce(&mut Cards, Card)) -> Arc<str> {
        let id: Arc<str> = Arc::from(self.ids.id(IdKind::Card));
        let card = Card {
            id: id.clone(),
            user_id: Arc::from(self.ids.id(IdKind::User)),
            account_id: account_id.clone(),
            token: self.ids.card_token(),
            masked_number: cards::masked_number(&person.mobile),
            person,
            balance: Decimal::ZERO,
            carried: Decimal::ZERO,
        };
        add(&mut self.cards, card);
        if let Some(account) = self.accounts.get_mut(account_id) {
            account.cards.push_back(id.clone());
        }
        id
    }

    /// Shows a record in the searches of an account that nothing moved for.
    pub(crate) fn show_extra_record(&mut self, account_id: &str, record: ExtraRecord, now: Timestamp) {
        self.extra_records.add(ListedRecord {
            record,
            id: Arc::from(self.ids.id(IdKind::Transaction)),
            account_id: Arc::from(account_id),
            at: now,
        });
    }
}
