//! What callers did and were told, held against what the sandbox knows. The rules of the whole test stand here; none of
//! them depends on how fast anything was.

use std::{collections::BTreeMap, time::Duration};

use enkash::Timestamp;
use enkash_sandbox::{Operation, Transaction, switches::DuplicateReference};
use rust_decimal::Decimal;

use crate::{
    intent::{Intent, KINDS, Kind, NUMBERS, PEOPLE, coins_of},
    run_stats::RunStats,
    world::{HOLDER_OPENING, OPENING, World},
};

/// How much older than its ticket an entry may be and still be a proof.
const CLOCK_SKEW: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ReportedOutcome {
    Done,
    /// Done, by a response that repeats another reference.
    DoneByAnotherAnswer,
    Pending,
    Refused,
    NotSent,
    Unknown,
    /// The caller hung up.
    Dropped,
}

#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) operation: Operation,
    pub(crate) rows: Vec<(Intent, ReportedOutcome)>,
    pub(crate) is_stranger: bool,
}

impl Call {
    fn is_all(&self, among: &[ReportedOutcome]) -> bool {
        self.rows.iter().all(|(_, told)| among.contains(told))
    }
}

#[derive(Debug)]
pub(crate) struct Settlement {
    pub(crate) intent: Intent,
    pub(crate) intended_at: Timestamp,
    pub(crate) word: &'static str,
    pub(crate) entries: usize,
    /// From its start to its end, the look-ups showed a record that contradicts the intent.
    pub(crate) is_contradicted: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Oracle {
    pub(crate) calls: Vec<Call>,
    /// Intents whose records the look-ups show now, with something that stops a proof, and when each was added.
    pub(crate) contradictions: Vec<(Intent, Timestamp)>,
    /// How often the records were taken away.
    pub(crate) clearings: u64,
    pub(crate) settlements: Vec<Settlement>,
    pub(crate) strangers: u64,
}

impl Oracle {
    /// Whether a record contradicts an intent now. What is older than the ticket is of another use of the reference.
    pub(crate) fn is_contradicted(&self, intent: Intent, intended_at: Timestamp) -> bool {
        let since = second(intended_at) - CLOCK_SKEW;
        self.contradictions.iter().any(|(other, added)| {
            let is_same = other.reference() == intent.reference() && other.mobile() == intent.mobile();
            intent.has_card_records() && is_same && *added >= since
        })
    }
}

/// What the sandbox knows, all of one moment.
#[derive(PartialEq)]
struct Truth {
    transactions: Vec<Transaction>,
    account: Decimal,
    cards: Vec<Option<Decimal>>,
    coins: i64,
    requests: Vec<(Operation, u64)>,
}

impl Truth {
    fn read(world: &World) -> Self {
        let sandbox = &world.sandbox;
        Self {
            transactions: sandbox.transactions(),
            account: sandbox.account_balance(),
            cards: PEOPLE.map(|mobile| sandbox.card_balance(mobile)).into(),
            coins: sandbox.coin_balance(PEOPLE[0]).unwrap_or_default(),
            requests: Operation::ALL.iter().map(|of| (*of, sandbox.calls(*of))).collect(),
        }
    }

    /// Read twice, until nothing happens in between.
    fn settled(world: &World) -> Self {
        let mut truth = Self::read(world);
        loop {
            let again = Self::read(world);
            if again == truth {
                return truth;
            }
            truth = again;
        }
    }

    fn effects(&self, intent: Intent) -> usize {
        if intent.kind == Kind::Coins {
            return usize::try_from(self.coins / coins_of(intent.number) % 1_000).unwrap();
        }
        self.transactions
            .iter()
            .filter(|found| intent.is_done_by(found))
            .count()
    }
}

/// Everything that is wrong.
pub(crate) fn check(world: &World, duplicates: DuplicateReference, stats: &mut RunStats) -> Vec<String> {
    let (truth, oracle) = (Truth::settled(world), world.oracle());
    let mut wrong = Vec::new();
    outcomes(&oracle, &truth, duplicates, &mut wrong);
    requests(&oracle, &truth, &mut wrong);
    settlements(&oracle, &truth, &mut wrong);
    balances(&truth, &mut wrong);
    log_ins(world, &oracle, &mut wrong);
    wrong.extend(world.sandbox.audit().into_iter().map(|text| format!("audit: {text}")));
    wrong.extend(
        world
            .sandbox
            .violations()
            .into_iter()
            .map(|text| format!("violation: {text}")),
    );
    stats.count(&oracle, truth.transactions.len(), &world.sandbox.log());
    wrong
}

/// No effect without a call that may have had it, and no `done` without an effect.
fn outcomes(oracle: &Oracle, truth: &Truth, duplicates: DuplicateReference, wrong: &mut Vec<String>) {
    let mut told: BTreeMap<Intent, (usize, usize)> = BTreeMap::new();
    for (intent, what) in oracle.calls.iter().flat_map(|call| &call.rows) {
        let (done, open) = told.entry(*intent).or_default();
        match what {
            ReportedOutcome::Done => *done += 1,
            ReportedOutcome::DoneByAnotherAnswer => {
                wrong.push(format!("{intent:?} was told done by the answer to another call"))
            }
            ReportedOutcome::Unknown | ReportedOutcome::Pending | ReportedOutcome::Dropped => *open += 1,
            ReportedOutcome::Refused | ReportedOutcome::NotSent => {}
        }
    }
    for (intent, (done, open)) in &told {
        let effects = truth.effects(*intent);
        if effects > done + open {
            wrong.push(format!(
                "{intent:?} happened {effects} times, and {done} calls were told done and {open} that nobody knows"
            ));
        }
        // Only where every call has an effect of its own can each `done` be held against one.
        let least = if duplicates == DuplicateReference::CreditAgain {
            *done
        } else {
            1.min(*done)
        };
        if effects < least {
            wrong.push(format!(
                "{intent:?} happened {effects} times, and {done} calls were told done"
            ));
        }
    }
    let known = |found: &Transaction| told.keys().filter(|intent| intent.is_done_by(found)).count() == 1;
    let strange = truth.transactions.iter().filter(|found| !known(found));
    wrong.extend(strange.map(|found| format!("nobody asked for {found:?}")));
}

/// No operation was sent more often than callers called it, and none was answered that was not sent.
fn requests(oracle: &Oracle, truth: &Truth, wrong: &mut Vec<String>) {
    let moves_value = |operation: Operation| KINDS.iter().any(|kind| kind.operation() == operation);
    for (operation, seen) in truth.requests.iter().filter(|(operation, _)| moves_value(*operation)) {
        let calls = || oracle.calls.iter().filter(|call| call.operation == *operation);
        let sent = calls().filter(|call| !call.is_all(&[ReportedOutcome::NotSent])).count();
        let answered = calls()
            .filter(|call| {
                !call.is_all(&[
                    ReportedOutcome::NotSent,
                    ReportedOutcome::Unknown,
                    ReportedOutcome::Dropped,
                ])
            })
            .count();
        let seen = usize::try_from(*seen).unwrap();
        if seen > sent || seen < answered {
            wrong.push(format!(
                "{operation} was seen {seen} times; {sent} calls may have been sent, {answered} were answered"
            ));
        }
    }
    for call in oracle
        .calls
        .iter()
        .filter(|call| call.is_stranger && !call.is_all(&[ReportedOutcome::NotSent]))
    {
        wrong.push(format!("a call with a wrong password: {call:?}"));
    }
}

/// A settlement proves only what is there, and never that something did not happen.
fn settlements(oracle: &Oracle, truth: &Truth, wrong: &mut Vec<String>) {
    for settlement in &oracle.settlements {
        let intent = settlement.intent;
        let there = match intent.kind {
            Kind::Give | Kind::Take | Kind::Row => {
                // A server may keep whole seconds, and its clock may differ by so much.
                let since = second(settlement.intended_at) - CLOCK_SKEW;
                let fits = |found: &&Transaction| intent.is_done_by(found) && found.at >= since;
                truth.transactions.iter().filter(fits).count()
            }
            // An order that is read back has no time.
            _ => truth.effects(intent),
        };
        let is_true = match settlement.word {
            "done" if settlement.is_contradicted => false,
            "done" => (1..=there).contains(&settlement.entries),
            // An order that is there, with a state that is not the good one.
            "pending" => there > 0 && matches!(intent.kind, Kind::PartnerOrder | Kind::OwnOrder),
            "unknown" => true,
            _ => false,
        };
        if !is_true {
            wrong.push(format!("{there} entries are there for {settlement:?}"));
        }
    }
}

fn second(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap()
}

fn balances(truth: &Truth, wrong: &mut Vec<String>) {
    let (mut account, mut cards) = (OPENING, [HOLDER_OPENING, 0, 0]);
    for intent in all_intents() {
        let moved = i64::try_from(truth.effects(intent)).unwrap() * intent.cents();
        let card = PEOPLE.iter().position(|mobile| *mobile == intent.mobile()).unwrap();
        match intent.kind {
            Kind::Give | Kind::Row => {
                account -= moved;
                cards[card] += moved;
            }
            Kind::Take => {
                account += moved;
                cards[card] -= moved;
            }
            Kind::PartnerOrder => account -= moved,
            Kind::OwnOrder => cards[0] -= moved,
            Kind::Coins => {}
        }
    }
    if truth.account != Decimal::new(account, 2) {
        wrong.push(format!(
            "the account has {} and should have {account} cents",
            truth.account
        ));
    }
    for ((mobile, has), should) in PEOPLE.iter().zip(&truth.cards).zip(cards) {
        if has.unwrap_or_default() != Decimal::new(should, 2) {
            wrong.push(format!("{mobile} has {has:?} and should have {should} cents"));
        }
    }
}

fn all_intents() -> impl Iterator<Item = Intent> {
    KINDS.into_iter().flat_map(|kind| {
        (0..NUMBERS).flat_map(move |number| {
            [false, true].map(|is_twisted| Intent {
                kind,
                number,
                is_twisted,
            })
        })
    })
}

/// Nobody is locked out, and a client with a wrong password spends one strike.
fn log_ins(world: &World, oracle: &Oracle, wrong: &mut Vec<String>) {
    let own = &world.sandbox.credentials().username;
    for user in [own.as_str(), PEOPLE[0]] {
        if world.sandbox.is_locked(user) {
            wrong.push(format!("{user} is locked"));
        }
    }
    let log = world.sandbox.log();
    let rejected = log
        .iter()
        .filter(|entry| entry.operation == Some(Operation::IssueToken) && !entry.carried_out && entry.faults.is_empty())
        .count();
    // One that was lost on its way back is a strike that its client could not see.
    let unclear = world.unclear_log_ins.load(std::sync::atomic::Ordering::Relaxed);
    if u64::try_from(rejected).unwrap() > oracle.strangers + unclear {
        wrong.push(format!(
            "{rejected} logins were rejected, of {} clients with a wrong password; {unclear} got no clear answer",
            oracle.strangers
        ));
    }
}
