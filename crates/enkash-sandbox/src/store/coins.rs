//! Coin events and users' coins. An event binds a company and a name to a number of coins; allocating it gives that number
//! to a user. The Point Management operations are the only callers.

use std::collections::{HashMap, HashSet};

/// A coin event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CoinEvent {
    pub(crate) id: String,
    pub(crate) company_id: String,
    pub(crate) configuration: String,
    pub(crate) event: String,
    pub(crate) amount: i64,
}

/// All events and balances.
#[derive(Debug, Default, Clone)]
pub(crate) struct Coins {
    events: Vec<CoinEvent>,
    balances: HashMap<String, i64>,
    requests: HashSet<(String, String)>,
}

impl Coins {
    pub(crate) fn add(&mut self, event: CoinEvent) {
        self.events.push(event);
    }

    /// Every event, in the order in which they were made.
    #[cfg(feature = "console")]
    pub(crate) fn events(&self) -> &[CoinEvent] {
        &self.events
    }

    /// What each user has, in no order.
    #[cfg(feature = "console")]
    pub(crate) fn balances(&self) -> impl Iterator<Item = (&str, i64)> {
        self.balances.iter().map(|(user, balance)| (user.as_str(), *balance))
    }

    pub(crate) fn first(&self) -> Option<&CoinEvent> {
        self.events.first()
    }

    /// The event with this id, if it is the company's.
    pub(crate) fn get(&self, company_id: &str, id: &str) -> Option<&CoinEvent> {
        self.events
            .iter()
            .find(|event| event.id == id && event.company_id == company_id)
    }

    pub(crate) fn get_mut(&mut self, company_id: &str, id: &str) -> Option<&mut CoinEvent> {
        self.events
            .iter_mut()
            .find(|event| event.id == id && event.company_id == company_id)
    }

    /// The event with this name of a company.
    pub(crate) fn named(&self, company_id: &str, name: &str) -> Option<&CoinEvent> {
        self.events
            .iter()
            .find(|event| event.event == name && event.company_id == company_id)
    }

    pub(crate) fn was_requested(&self, company_id: &str, request_id: &str) -> bool {
        self.requests.contains(&(company_id.to_owned(), request_id.to_owned()))
    }

    /// Gives coins to a user. `false` where the balance would be more than a number holds.
    pub(crate) fn give(&mut self, company_id: &str, request_id: &str, user_id: &str, amount: i64) -> bool {
        let balance = self.balances.entry(user_id.to_owned()).or_default();
        let Some(sum) = balance.checked_add(amount) else {
            return false;
        };
        *balance = sum;
        self.requests.insert((company_id.to_owned(), request_id.to_owned()));
        true
    }

    pub(crate) fn balance(&self, user_id: &str) -> i64 {
        self.balances.get(user_id).copied().unwrap_or_default()
    }
}
