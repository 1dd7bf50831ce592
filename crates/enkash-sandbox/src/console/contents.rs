//! What the console shows, copied out of the state. The lock is held only while this bounded number of rows is copied, so
//! that a page that is open costs the calls next to nothing; the page is written afterwards.

use std::cmp::Reverse;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::table::Rows;
use super::view::View;
use crate::allocations::series::Series;
use crate::allocations::{AllocationEntry, AllocationHistory, AllocationState};
use crate::entry_state::EntryState;
use crate::faults::FaultRule;
use crate::log::{Log, LogEntry};
use crate::presets::Preset;
use crate::server::Shared;
use crate::state::{SandboxState, SavedSnapshot};
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

/// A call of the log, with the allocations that it made or settled.
pub(super) struct CallRow {
    pub(super) entry: LogEntry,
    /// The first of them: number and state.
    pub(super) allocation: Option<(u64, AllocationState)>,
    /// How many there are.
    pub(super) allocations: usize,
}

/// An allocation with its number, which links name.
pub(super) struct AllocationRow {
    pub(super) number: u64,
    pub(super) entry: AllocationEntry,
    /// What became of its transaction, where that is not simply done.
    pub(super) transaction: Option<EntryState>,
}

/// Everything of the console's page.
pub(super) struct PageContents {
    pub(super) accounts: Rows<AccountRow>,
    pub(super) people: Rows<PersonRow>,
    pub(super) transactions: Rows<Movement>,
    pub(super) orders: Rows<OrderRow>,
    pub(super) cart_items: Rows<CartItem>,
    pub(super) coin_events: Rows<CoinEvent>,
    pub(super) coin_balances: Rows<(String, i64)>,
    pub(super) calls: Rows<CallRow>,
    pub(super) allocations: Rows<AllocationRow>,
    pub(super) series: Series,
    pub(super) switches: Switches,
    /// The preset whose switches and faults are set.
    pub(super) preset: Option<Preset>,
    pub(super) faults: Vec<FaultRow>,
    pub(super) saved_snapshots: Vec<SavedSnapshot>,
    pub(super) violations: Vec<String>,
}

impl PageContents {
    /// The state now, as much of it as is asked for.
    pub(super) fn take(shared: &Shared, view: &View) -> PageContents {
        let announced = shared.credentials.card_account_id.as_str();
        let state = shared.state();
        let store = state.store();
        let faults = state.faults().rules().map(|(rule, fired)| FaultRow {
            rule: rule.clone(),
            fired,
        });
        PageContents {
            accounts: accounts(store, announced),
            people: people(store, announced, &view.person),
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
            calls: calls(&state.log, &state.allocations, view),
            allocations: allocations(&state.allocations, store, view),
            series: state.allocations.series.clone(),
            switches: *state.switches(),
            preset: preset(&state),
            faults: faults.collect(),
            saved_snapshots: state.saved_snapshots(),
            violations: state.violations.clone(),
        }
    }
}

impl PageContents {
    /// Whether the page has a row for this call.
    pub(super) fn shows_call(&self, call: u64) -> bool {
        // The newest first.
        let calls = &self.calls.shown;
        calls.binary_search_by(|row| call.cmp(&row.entry.number)).is_ok()
    }

    /// Whether the page has a row for this allocation.
    pub(super) fn shows_allocation(&self, number: u64) -> bool {
        let allocations = &self.allocations.shown;
        allocations.binary_search_by(|row| number.cmp(&row.number)).is_ok()
    }
}

fn calls(log: &Log, history: &AllocationHistory, view: &View) -> Rows<CallRow> {
    let row = |entry: &LogEntry| {
        let mut allocations = history.of_call(entry.number);
        let first = allocations.next();
        CallRow {
            entry: entry.clone(),
            allocation: first.map(|(number, allocation)| (number, allocation.state)),
            allocations: allocations.count() + usize::from(first.is_some()),
        }
    };
    match view.operation {
        None => newest(log.entries(), row),
        Some(operation) => matching(log.entries(), |entry| entry.operation == Some(operation), row),
    }
}

fn allocations(history: &AllocationHistory, store: &Store, view: &View) -> Rows<AllocationRow> {
    let numbered = history.numbered();
    let row = |(number, entry): (u64, &AllocationEntry)| AllocationRow {
        number,
        entry: entry.clone(),
        transaction: entry
            .movement
            .and_then(|number| Some(store.journal.at(number)?.state))
            .filter(|state| *state != EntryState::Done),
    };
    match view.state {
        None => newest(numbered, row),
        Some(state) => matching(numbered, |(_, entry)| entry.state == state, row),
    }
}

fn preset(state: &SandboxState) -> Option<Preset> {
    let is_set = |preset: &Preset| {
        let faults = preset.faults();
        preset.switches() == *state.switches() && faults.iter().eq(state.faults().rules().map(|(rule, _)| rule))
    };
    Preset::ALL.iter().copied().find(is_set)
}

/// The newest of those that are asked for.
fn matching<T, U>(
    all: impl DoubleEndedIterator<Item = T>,
    is_wanted: impl Fn(&T) -> bool,
    row: impl Fn(T) -> U,
) -> Rows<U> {
    let mut rows = Rows {
        shown: Vec::new(),
        total: 0,
    };
    for item in all.rev().filter(is_wanted) {
        rows.total += 1;
        if rows.shown.len() < MAX_ROWS {
            rows.shown.push(row(item));
        }
    }
    rows
}

/// The newest of what is listed oldest first.
fn newest<T, U>(all: impl DoubleEndedIterator<Item = T> + ExactSizeIterator, row: impl Fn(T) -> U) -> Rows<U> {
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
