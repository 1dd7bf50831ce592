//! Voucher orders with their codes and pins. Orders are made by both order operations and read by the order search and by
//! the two pages that fetch one order.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::stored_number;

use crate::entry_state::{DueChange, EntryState};

/// A voucher of an order.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Voucher {
    pub(crate) number: String,
    pub(crate) pin: String,
}

/// An order.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    pub(crate) id: String,
    /// The caller's own reference.
    pub(crate) reference: String,
    pub(crate) company_id: String,
    pub(crate) user_id: Arc<str>,
    pub(crate) email: String,
    pub(crate) brand: String,
    pub(crate) category: String,
    pub(crate) product_id: String,
    pub(crate) discount: Decimal,
    pub(crate) quantity: u32,
    /// Face value of all vouchers.
    pub(crate) total: Decimal,
    /// What was paid for them.
    pub(crate) paid: Decimal,
    pub(crate) vouchers: Vec<Voucher>,
    pub(crate) expires: Timestamp,
    pub(crate) made: Timestamp,
    /// What paid: the account, or a card of it.
    pub(crate) account_id: Arc<str>,
    pub(crate) card_id: Option<Arc<str>>,
    pub(crate) state: EntryState,
    pub(crate) due: Option<DueChange>,
}

/// All orders, oldest first. Bounded: the oldest goes when there are too many.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "StoredOrders")]
pub(crate) struct Orders {
    orders: std::collections::VecDeque<Order>,
    max: usize,
    first: u64,
    #[serde(skip)]
    by_reference: HashMap<(String, String), Vec<u64>>,
    #[serde(skip)]
    by_id: HashMap<String, u64>,
}

/// What a snapshot has of them; what finds them is made anew.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredOrders {
    orders: std::collections::VecDeque<Order>,
    max: usize,
    #[serde(deserialize_with = "stored_number::count")]
    first: u64,
}

impl From<StoredOrders> for Orders {
    fn from(stored: StoredOrders) -> Self {
        let mut orders = Orders::new(stored.max);
        orders.first = stored.first;
        for order in stored.orders {
            orders.add(order);
        }
        orders
    }
}

impl Orders {
    /// Whether it was made for so many.
    pub(crate) const fn has_max(&self, max: usize) -> bool {
        self.max == if max == 0 { 1 } else { max }
    }

    pub(crate) fn new(max: usize) -> Self {
        Orders {
            orders: std::collections::VecDeque::new(),
            max: max.max(1),
            first: 0,
            by_reference: HashMap::new(),
            by_id: HashMap::new(),
        }
    }

    /// Keeps an order. Gives its number, and the change that was due of the one that had to go for it.
    pub(super) fn add(&mut self, order: Order) -> (u64, Option<(u64, DueChange)>) {
        let mut due = None;
        if self.orders.len() >= self.max
            && let Some(gone) = self.orders.pop_front()
        {
            due = gone.due.map(|due| (self.first, due));
            self.by_id.remove(&gone.id);
            let key = (gone.company_id, gone.reference);
            if let Some(numbers) = self.by_reference.get_mut(&key) {
                numbers.retain(|number| *number != self.first);
                if numbers.is_empty() {
                    self.by_reference.remove(&key);
                }
            }
            self.first += 1;
        }
        let number = self.first + self.orders.len() as u64;
        self.by_id.insert(order.id.clone(), number);
        self.by_reference
            .entry((order.company_id.clone(), order.reference.clone()))
            .or_default()
            .push(number);
        self.orders.push_back(order);
        (number, due)
    }

    pub(super) fn at_mut(&mut self, number: u64) -> Option<&mut Order> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.orders.get_mut(index)
    }

    /// The numbers of the orders of a company with this reference, oldest first.
    pub(super) fn numbers(&self, company_id: &str, reference: &str) -> Vec<u64> {
        let key = (company_id.to_owned(), reference.to_owned());
        self.by_reference.get(&key).cloned().unwrap_or_default()
    }

    pub(super) fn at(&self, number: u64) -> Option<&Order> {
        self.orders.get(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }

    /// The first order of a company with this reference.
    pub(crate) fn with_reference(&self, company_id: &str, reference: &str) -> Option<&Order> {
        let numbers = self.by_reference.get(&(company_id.to_owned(), reference.to_owned()))?;
        self.at(*numbers.first()?)
    }

    /// The order of a company with this EnKash order id.
    pub(crate) fn with_id(&self, company_id: &str, id: &str) -> Option<&Order> {
        self.at(*self.by_id.get(id)?)
            .filter(|order| order.company_id == company_id)
    }

    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &Order> + ExactSizeIterator {
        self.orders.iter()
    }
}
