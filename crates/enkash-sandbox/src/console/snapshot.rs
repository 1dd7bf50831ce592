//! What the console shows, copied out of the state. The lock is held only while this bounded number of rows is copied, so
//! that a page that is open costs the calls next to nothing; the page is written afterwards.

use std::cmp::Reverse;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::table::Rows;
use crate::faults::FaultRule;
use crate::log::LogEntry;
use crate::server::Shared;
use crate::store::Store;
use crate::store::accounts::Account;
use crate::store::cards::Card;
use crate::store::coins::CoinEvent;
use crate::store::journal::Movement;
use crate::switches::Switches;

/// Most rows of a table.
const MAX_ROWS: usize = 100;

pub(super) struct AccountRow {
    pub(super) id: String,
    pub(super) company: String,
    pub(super) announced: bool,
    pub(super) cards: usize,
    pub(super) available: Decimal,
    pub(super) on_cards: Decimal,
    pub(super) allocated: Decimal,
    pub(super) redeemed: Decimal,
}

pub(super) struct PersonRow {
    pub(super) name: String,
    pub(super) mobile: String,
    pub(super) account: String,
    pub(super) card: String,
    pub(super) masked: String,
    pub(super) primary: bool,
    pub(super) balance: Decimal,
}

pub(super) struct OrderRow {
    pub(super) at: Timestamp,
    pub(super) id: String,
    pub(super) reference: String,
    pub(super) brand: String,
    pub(super) quantity: u32,
    pub(super) total: Decimal,
    pub(super) paid: Decimal,
}

pub(super) struct CartItem {
    pub(super) user: String,
    pub(super) product: String,
    pub(super) denomination: String,
    pub(super) quantity: u32,
}

pub(super) struct FaultRow {
    pub(super) rule: FaultRule,
    pub(super) fired: u64,
}

/// Everything of the console's page.
pub(super) struct Snapshot {
    pub(super) accounts: Rows<AccountRow>,
    pub(super) people: Rows<PersonRow>,
    pub(super) transactions: Rows<Movement>,
    pub(super) orders: Rows<OrderRow>,
    pub(super) cart_items: Rows<CartItem>,
    pub(super) coin_events: Rows<CoinEvent>,
    pub(super) coin_balances: Rows<(String, i64)>,
    pub(super) calls: Rows<LogEntry>,
    pub(super) switches: Switches,
    pub(super) faults: Vec<FaultRow>,
    pub(super) violations: Vec<String>,
}

impl Snapshot {
    /// The state now, with the people that a search finds (all, where it is empty).
    pub(super) fn take(shared: &Shared, search: &str) -> Snapshot {
        let announced = shared.credentials.card_account_id.as_str();
        let state = shared.state();
        let store = &state.store;
        let faults = state.faults.rules().map(|(rule, fired)| FaultRow {
            rule: rule.clone(),
            fired,
        });
        Snapshot {
            accounts: accounts(store, announced),
            people: people(store, announced, search),
            transactions: newest(store.journal.all(), Movement::clone),
            orders: newest(store.orders.all(), |order| OrderRow {
                at: order.made,
                id: order.id.clone(),
                reference: order.reference.clone(),
                brand: order.brand.clone(),
                quantity: order.quantity,
                total: order.total,
                paid: order.paid,
            }),
            cart_items: cart_items(store),
            coin_events: newest(store.coins.events().iter(), CoinEvent::clone),
            coin_balances: coin_balances(store),
            calls: newest(state.log.entries(), LogEntry::clone),
            switches: state.switches,
            faults: faults.collect(),
            violations: state.violations.clone(),
        }
    }
}

/// The newest of what is listed oldest first.
fn newest<'a, T: 'a, U>(
    all: impl DoubleEndedIterator<Item = &'a T> + ExactSizeIterator,
    row: impl Fn(&'a T) -> U,
) -> Rows<U> {
    Rows {
        total: all.len(),
        shown: all.rev().take(MAX_ROWS).map(row).collect(),
    }
}

/// The first of many in an order, without sorting all of them.
fn first<T, K: Ord>(mut all: Vec<T>, key: impl Fn(&T) -> K) -> Rows<T> {
    let total = all.len();
    if total > MAX_ROWS {
        all.select_nth_unstable_by_key(MAX_ROWS, &key);
        all.truncate(MAX_ROWS);
    }
    all.sort_by_key(&key);
    Rows { shown: all, total }
}

impl<T> Rows<T> {
    fn map<U>(self, row: impl FnMut(T) -> U) -> Rows<U> {
        Rows {
            total: self.total,
            shown: self.shown.into_iter().map(row).collect(),
        }
    }
}

/// The accounts in a fixed order, the announced one first.
fn in_order<'a>(store: &'a Store, announced: &str) -> Vec<&'a Account> {
    let mut accounts: Vec<&Account> = store.accounts.all().collect();
    accounts.sort_by_key(|account| (*account.id != *announced, &account.id));
    accounts
}

fn accounts(store: &Store, announced: &str) -> Rows<AccountRow> {
    let accounts = in_order(store, announced);
    Rows {
        total: accounts.len(),
        shown: accounts
            .into_iter()
            .take(MAX_ROWS)
            .map(|account| AccountRow {
                id: account.id.to_string(),
                company: account.company_name.clone(),
                announced: *account.id == *announced,
                cards: account.cards.len(),
                available: account.available,
                on_cards: account.on_cards,
                allocated: account.allocated,
                redeemed: account.redeemed,
            })
            .collect(),
    }
}

/// People, the newest of each account first.
fn people(store: &Store, announced: &str, search: &str) -> Rows<PersonRow> {
    let search = search.trim().to_lowercase();
    let accounts = in_order(store, announced);
    let all = accounts
        .iter()
        .flat_map(|account| account.cards.iter().rev().map(move |card| (account, card)))
        .filter_map(|(account, card)| Some((account, store.cards.get(card)?)));
    let row = |(account, card): (&&Account, &Card)| PersonRow {
        name: format!("{} {}", card.person.title, card.person.first_name),
        mobile: card.person.mobile.clone(),
        account: account.id.to_string(),
        card: card.id.to_string(),
        masked: card.masked_number.clone(),
        primary: account.primary_card.as_deref() == Some(&*card.id),
        balance: card.balance,
    };
    if search.is_empty() {
        return Rows {
            total: accounts.iter().map(|account| account.cards.len()).sum(),
            shown: all.take(MAX_ROWS).map(row).collect(),
        };
    }
    let mut total = 0;
    let mut shown = Vec::new();
    for (account, card) in all {
        let person = &card.person;
        if person.mobile.contains(&search) || person.first_name.to_lowercase().contains(&search) {
            total += 1;
            if shown.len() < MAX_ROWS {
                shown.push(row((account, card)));
            }
        }
    }
    Rows { shown, total }
}

/// What lies in carts, the newest cart first.
fn cart_items(store: &Store) -> Rows<CartItem> {
    let rows = store.carts.all();
    let items = rows.flat_map(|(user, row)| {
        row.quantities
            .iter()
            .map(move |(id, quantity)| (user, row, id, quantity))
    });
    let items = first(items.collect(), |(_, row, id, _)| {
        (Reverse(row.id), id.as_str().to_owned())
    });
    items.map(|(user, row, id, quantity)| CartItem {
        user: user.to_string(),
        product: store
            .catalogue
            .get(&row.product_id)
            .map_or_else(|| row.product_id.clone(), |product| product.brand.clone()),
        denomination: id.clone(),
        quantity: *quantity,
    })
}

fn coin_balances(store: &Store) -> Rows<(String, i64)> {
    let balances = first(store.coins.balances().collect(), |(user, _)| *user);
    balances.map(|(user, coins)| (user.to_owned(), coins))
}
