//! Coin events and users' coins. An event binds a company and a name to a number of coins; allocating it gives that number
//! to a user. The Point Management operations are the only callers. A bounded number of events, balances and requests is kept: the
//! oldest goes.

use std::collections::{HashMap, HashSet, VecDeque};

use serde::{Deserialize, Serialize};

/// A coin event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CoinEvent {
    pub(crate) id: String,
    pub(crate) company_id: String,
    pub(crate) configuration: String,
    pub(crate) event: String,
    pub(crate) amount: i64,
}

/// All events and balances.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Coins {
    events: VecDeque<CoinEvent>,
    balances: HashMap<String, i64>,
    /// Users with a balance, in the order in which they got their first coins.
    users: VecDeque<String>,
    requests: HashSet<(String, String)>,
    /// The same, oldest first.
    request_order: VecDeque<(String, String)>,
    max: usize,
}

impl Coins {
    /// Whether it was made for so many.
    pub(crate) const fn has_max(&self, max: usize) -> bool {
        self.max == if max == 0 { 1 } else { max }
    }

    pub(crate) fn new(max: usize) -> Self {
        Coins {
            events: VecDeque::new(),
            balances: HashMap::new(),
            users: VecDeque::new(),
            requests: HashSet::new(),
            request_order: VecDeque::new(),
            max: max.max(1),
        }
    }

    pub(crate) fn add(&mut self, event: CoinEvent) {
        if self.events.len() >= self.max {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }

    /// Every event, in the order in which they were made.
    #[cfg(feature = "console")]
    pub(crate) fn events(&self) -> &VecDeque<CoinEvent> {
        &self.events
    }

    /// What each user has, in no order.
    #[cfg(feature = "console")]
    pub(crate) fn balances(&self) -> impl Iterator<Item = (&str, i64)> {
        self.balances.iter().map(|(user, balance)| (user.as_str(), *balance))
    }

    pub(crate) fn first(&self) -> Option<&CoinEvent> {
        self.events.front()
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
        let Some(sum) = self.balance(user_id).checked_add(amount) else {
            return false;
        };
        if self.balances.insert(user_id.to_owned(), sum).is_none() {
            self.users.push_back(user_id.to_owned());
        }
        let request = (company_id.to_owned(), request_id.to_owned());
        if self.requests.insert(request.clone()) {
            self.request_order.push_back(request);
        }
        if self.users.len() > self.max
            && let Some(user) = self.users.pop_front()
        {
            self.balances.remove(&user);
        }
        if self.request_order.len() > self.max
            && let Some(request) = self.request_order.pop_front()
        {
            self.requests.remove(&request);
        }
        true
    }

    pub(crate) fn balance(&self, user_id: &str) -> i64 {
        self.balances.get(user_id).copied().unwrap_or_default()
    }
}
