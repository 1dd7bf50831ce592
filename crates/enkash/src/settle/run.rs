//! Settles any number of tickets: look-ups in rounds, with growing waits between them, until each ticket is proven or its
//! time ends. What tickets have in common is asked once: references go together in one request, and the list of an account's
//! cards is fetched for all. One ticket is a run of one.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use enkash_api::OperationId;
use enkash_policy::Settlement;
use enkash_policy::SettlementEvidence;
use futures_util::{StreamExt, future, stream};
use jiff::Timestamp;
use tokio::time::Instant;

use crate::{
    client::Enkash,
    error::Error,
    model::{
        ids::{CardAccountId, CompanyId},
        ticket::{Intent, Ticket},
    },
    outcome::{
        self, Outcome, UnknownReason,
        proof::{NotSettled, NotSettledReason, Settled},
    },
    policy::Policies,
    settle::{
        LookupResult, in_time, order,
        points::{AccountLookup, PointsTicket},
        search::BATCH,
    },
};

/// The wait after the first look-up. Each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const MAX_WAIT: Duration = Duration::from_secs(15);
/// Groups of tickets that are looked up at the same time.
const GROUPS: usize = 2;
/// Orders of a group that are looked up at the same time.
const ORDERS: usize = 8;

type Account = (CompanyId, CardAccountId);

/// A ticket that is not settled yet.
struct Pending {
    index: usize,
    ticket: Ticket,
    /// When its time ends, known from its first look-up on; `None` after that where no clock reaches it.
    deadline: Option<Instant>,
    lookups: u32,
    last: Option<LookupResult>,
    is_out_of_time: bool,
}

/// Tickets that are looked up together: of one operation, because its policy says what counts in a response.
struct Group {
    /// `None` for orders.
    account: Option<Account>,
    tickets: Vec<Pending>,
}

/// The settlement of some tickets, on its way.
pub(super) struct Run {
    client: Enkash,
    policies: Arc<Policies>,
    within: Duration,
    accounts: HashMap<Account, AccountLookup>,
    round: u32,
    wait: Duration,
    /// To be looked up in this round.
    open: VecDeque<Group>,
    /// To be looked up in the next round, after the pause.
    later: Vec<Pending>,
    pause: Option<Duration>,
    /// Known without a look-up.
    settled: Vec<(usize, Outcome<Settled>)>,
}

impl Run {
    pub(super) fn new(client: Enkash, tickets: impl IntoIterator<Item = Ticket>, within: Duration) -> Self {
        let policies = Arc::clone(client.policies());
        let mut run = Self {
            client,
            policies,
            within,
            accounts: HashMap::new(),
            round: 0,
            wait: FIRST_WAIT,
            open: VecDeque::new(),
            later: Vec::new(),
            pause: None,
            settled: Vec::new(),
        };
        let mut pending = Vec::new();
        for (index, ticket) in tickets.into_iter().enumerate() {
            let recipe = run.recipe(&ticket);
            let is_known = recipe.evidence != SettlementEvidence::None && !recipe.steps.is_empty();
            let is_settled_by_look_up = !matches!(ticket.intent, Intent::UndocumentedOrder {} | Intent::Coins(_));
            if is_known && is_settled_by_look_up {
                pending.push(Pending::new(index, ticket));
            } else {
                let outcome = run.not_settled(ticket, NotSettledReason::NoRecipe, 0);
                run.settled.push((index, outcome));
            }
        }
        let mut counts: HashMap<Account, usize> = HashMap::new();
        for account in pending.iter().filter_map(Pending::account) {
            *counts.entry(account).or_default() += 1;
        }
        for ((company, account), count) in counts {
            let rewards = run.client.rewards(company.clone(), account.clone());
            run.accounts
                .insert((company, account), AccountLookup::new(rewards, count));
        }
        run.open = groups(pending);
        run
    }

    /// Goes on until some tickets are settled, and gives them with their place in the list. `None` after the last one.
    pub(super) async fn next(&mut self) -> Option<Vec<(usize, Outcome<Settled>)>> {
        loop {
            if !self.settled.is_empty() {
                let mut settled = std::mem::take(&mut self.settled);
                settled.sort_by_key(|(index, _)| *index);
                return Some(settled);
            }
            if self.open.is_empty() {
                if self.later.is_empty() {
                    return None;
                }
                self.begin_round().await;
                continue;
            }
            let groups: Vec<_> = self.open.drain(..GROUPS.min(self.open.len())).collect();
            let looked_up = future::join_all(groups.into_iter().map(|group| self.look_up(group))).await;
            for pending in looked_up.into_iter().flatten() {
                if self.goes_on(&pending) {
                    self.later.push(pending);
                } else {
                    self.conclude(pending);
                }
            }
            if self.within.is_zero() {
                self.conclude_all_later(Duration::ZERO);
            }
        }
    }

    /// Waits for the next round, after those whose time would end in the wait were told.
    async fn begin_round(&mut self) {
        let Some(pause) = self.pause.take() else {
            // A little chance, so that callers of one outage do not come back all at once.
            let pause = self.wait.mul_f64(0.75 + fastrand::f64() / 2.0);
            self.wait = (self.wait * 2).min(MAX_WAIT);
            self.conclude_all_later(pause);
            self.pause = Some(pause);
            return;
        };
        tokio::time::sleep(pause).await;
        self.round += 1;
        self.open = groups(std::mem::take(&mut self.later));
    }

    /// Concludes for those whose time ends before the pause does.
    fn conclude_all_later(&mut self, pause: Duration) {
        let next = Instant::now() + pause;
        let is_over = |pending: &Pending| self.within.is_zero() || pending.deadline.is_some_and(|end| next > end);
        let (over, later) = std::mem::take(&mut self.later).into_iter().partition(is_over);
        self.later = later;
        Vec::into_iter(over).for_each(|pending| self.conclude(pending));
    }

    async fn look_up(&self, mut group: Group) -> Vec<Pending> {
        let is_first = self.round == 0;
        for pending in group.tickets.iter_mut().filter(|_| is_first) {
            // A time that no clock can reach is as good as none.
            let own = Instant::now().checked_add(self.within);
            pending.deadline = own.into_iter().chain(self.client.deadline()).min();
        }
        // The one look-up of no time has the client's own times.
        let deadline = |pending: &Pending| pending.deadline.filter(|_| !self.within.is_zero());
        let results: Vec<_> = match &group.account {
            Some(account) => {
                let tickets = group.tickets.iter().filter_map(|pending| {
                    let (Intent::Points(intent) | Intent::BulkRow(intent)) = &pending.ticket.intent else {
                        return None;
                    };
                    Some(PointsTicket {
                        ticket: &pending.ticket,
                        intent,
                        recipe: self.recipe(&pending.ticket),
                        deadline: deadline(pending),
                    })
                });
                let tickets: Vec<_> = tickets.collect();
                match self.accounts.get(account) {
                    Some(lookup) => lookup.look_up(&tickets, self.round).await,
                    None => Vec::new(),
                }
            }
            None => {
                let tickets = group.tickets.iter();
                let all = tickets.map(|pending| in_time(deadline(pending), self.look_up_order(&pending.ticket)));
                let all: Vec<_> = all.collect();
                stream::iter(all).buffered(ORDERS).collect().await
            }
        };
        for (pending, result) in group.tickets.iter_mut().zip(results) {
            match result {
                Some(result) => {
                    pending.lookups += 1;
                    pending.last = Some(result);
                }
                // The look-up before has the last word.
                None => pending.is_out_of_time = true,
            }
        }
        group.tickets
    }

    async fn look_up_order(&self, ticket: &Ticket) -> LookupResult {
        match &ticket.intent {
            Intent::Order(intent) => order::look_up(&self.client, ticket, intent, self.recipe(ticket)).await,
            _ => LookupResult::Absent { is_complete: false },
        }
    }

    fn recipe(&self, ticket: &Ticket) -> &Settlement {
        &self.policies.of(ticket.operation()).settlement
    }

    /// Whether another look-up may say more.
    fn goes_on(&self, pending: &Pending) -> bool {
        match &pending.last {
            _ if pending.is_out_of_time => false,
            None | Some(LookupResult::Proven(_)) => false,
            Some(LookupResult::Failed(error)) => is_retryable(error),
            Some(_) => !self.is_proof_of_absence(pending),
        }
    }

    /// Absence is proof only where the recipe is verified and says after what time.
    fn is_proof_of_absence(&self, pending: &Pending) -> bool {
        let recipe = self.recipe(&pending.ticket);
        let Some(after) = recipe.absence_proves_after_seconds.map(Duration::from_secs) else {
            return false;
        };
        let age = Timestamp::now().duration_since(pending.ticket.intended_at);
        recipe.evidence == SettlementEvidence::Verified
            && matches!(pending.last, Some(LookupResult::Absent { is_complete: true }))
            && age.unsigned_abs() >= after
            && !age.is_negative()
    }

    /// What the last look-up leaves.
    fn conclude(&mut self, pending: Pending) {
        let (index, lookups) = (pending.index, pending.lookups);
        if self.is_proof_of_absence(&pending) {
            let absent = Error::proven_absent(pending.ticket.operation());
            self.settled.push((index, Outcome::NotSent(absent)));
            return;
        }
        let ticket = pending.ticket;
        let outcome = match pending.last {
            Some(LookupResult::Proven(mut proof)) => {
                proof.lookups = lookups;
                Outcome::Done(Settled { ticket, proof })
            }
            Some(LookupResult::Unfinished(response)) => Outcome::Pending(outcome::Pending::new(ticket, *response)),
            Some(LookupResult::Absent { .. }) => self.not_settled(ticket, NotSettledReason::NotFound, lookups),
            Some(LookupResult::Unproven(reason)) => self.not_settled(ticket, reason, lookups),
            Some(LookupResult::Failed(error)) => {
                self.not_settled(ticket, NotSettledReason::LookUpFailed(error), lookups)
            }
            None => self.not_settled(ticket, NotSettledReason::OutOfTime, lookups),
        };
        self.settled.push((index, outcome));
    }

    pub(super) fn not_settled(&self, ticket: Ticket, reason: NotSettledReason, lookups: u32) -> Outcome<Settled> {
        let reason = UnknownReason::NotSettled(NotSettled { reason, lookups });
        Outcome::Unknown(self.client.unknown(ticket, reason, Arc::default()))
    }
}

impl Pending {
    fn new(index: usize, ticket: Ticket) -> Self {
        Self {
            index,
            ticket,
            deadline: None,
            lookups: 0,
            last: None,
            is_out_of_time: false,
        }
    }

    fn account(&self) -> Option<Account> {
        match &self.ticket.intent {
            Intent::Points(points) | Intent::BulkRow(points) => Some((points.company.clone(), points.account.clone())),
            _ => None,
        }
    }
}

/// Tickets of one operation and account together, in their order as far as that allows.
fn groups(pending: Vec<Pending>) -> VecDeque<Group> {
    let mut groups: VecDeque<Group> = VecDeque::new();
    let mut unfilled: HashMap<(OperationId, Option<Account>), usize> = HashMap::new();
    for pending in pending {
        let account = pending.account();
        let kind = (pending.ticket.operation(), account.clone());
        let place = unfilled.get(&kind).copied();
        match place.and_then(|place| groups.get_mut(place)) {
            Some(group) if group.tickets.len() < BATCH => group.tickets.push(pending),
            _ => {
                unfilled.insert(kind, groups.len());
                groups.push_back(Group {
                    account,
                    tickets: vec![pending],
                });
            }
        }
    }
    groups
}

/// Whether the same look-up may do better later.
fn is_retryable(error: &Error) -> bool {
    !(error.is_credentials_rejected()
        || error.is_account_at_risk()
        || error.is_unknown_path()
        || error.is_invalid_input()
        || error.is_undecryptable())
}
