//! What a transaction of an account says that moved, by itself. It is held to the rules of a settlement: what any field of it says
//! must be documented, and fit the account and the other fields. Only whose card it is on and when it was made are not asked.

use enkash_api::Money;
use enkash_policy::EntryRules;
use jiff::Timestamp;
use serde_json::Value;

use crate::{
    model::{
        ids::{CardAccountId, CompanyId},
        reference::ClientReference,
        ticket::{Direction, Intent, PointsIntent, Ticket},
    },
    outcome::facts::FactMatch,
    rewards::transactions::Transaction,
    settle::entry::{self, CardOwner, Comparison, Expected},
};

/// What a transaction says that moved. The good states and kinds are those of the policy's recipe for an allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Movement {
    /// A card got this amount.
    Credit(Money),
    /// A card lost this amount.
    Debit(Money),
    /// It lacks this, or says something that no page or policy explains: it may have failed, or been taken back.
    Unclear(&'static str),
}

/// The facts that a transaction must have, and what it means where one is missing or another one.
const NEEDED: [(&str, &str); 4] = [
    ("amount", "its amount cannot be read, or it names two"),
    ("direction", "its direction cannot be read, or it names two"),
    ("status", "its status is not a documented one"),
    ("kind", "its type is not that of an allocation"),
];

/// What it means where one of these is not the account's, or not the same in two fields.
const AGAINST: [(&str, &str); 6] = [
    ("currency", "its currency is not INR"),
    ("account", "it is of another account"),
    ("company", "it is of another company"),
    ("reference", "it names two references"),
    ("card", "it names two cards"),
    ("transaction", "it has two ids"),
];

/// What it says, held against the account that lists it.
pub(super) fn of(
    transaction: &Transaction,
    company: &CompanyId,
    account: &CardAccountId,
    rules: &EntryRules,
) -> Movement {
    let Some(amount) = transaction.amount else {
        return Movement::Unclear("its amount cannot be read");
    };
    let direction = match transaction.direction.as_ref().map(ToString::to_string).as_deref() {
        Some("CR") => Direction::Credit,
        Some("DR") => Direction::Debit,
        _ => return Movement::Unclear("its direction cannot be read"),
    };
    let intent = PointsIntent {
        company: company.clone(),
        account: account.clone(),
        direction,
        amount,
        mobile: None,
        card: None,
    };
    let comparison = compare(transaction.raw(), intent, rules);
    match (objection(&comparison), direction) {
        (Some(why), _) => Movement::Unclear(why),
        (None, Direction::Credit) => Movement::Credit(amount),
        (None, Direction::Debit) => Movement::Debit(amount),
    }
}

/// The transaction beside a call of its own amount and direction.
fn compare(row: &Value, intent: PointsIntent, rules: &EntryRules) -> Comparison {
    let named = entry::references(row).into_iter().find_map(|name| name.parse().ok());
    // One that cannot be a client's is nobody's row, and is compared with nothing.
    let reference: Option<ClientReference> = named;
    let has_reference = reference.is_some();
    let mut ticket = Ticket::new(
        reference.unwrap_or_else(ClientReference::generate),
        Intent::Points(intent.clone()),
    );
    ticket.intended_at = Timestamp::MIN;
    let expected = Expected {
        ticket: &ticket,
        intent: &intent,
        rules,
        now: Timestamp::MAX,
    };
    let mut comparison = entry::compare(row, expected, |_| CardOwner::Person {
        user: None,
        is_by_mobile: false,
    });
    comparison
        .facts
        .retain(|fact| fact.name != "time" && (has_reference || fact.name != "reference"));
    comparison
}

fn objection(comparison: &Comparison) -> Option<&'static str> {
    let needed = NEEDED.iter().find(|(name, _)| comparison.of(name) != FactMatch::Same);
    let against = || AGAINST.iter().find(|(name, _)| comparison.of(name) == FactMatch::Other);
    if let Some((_, why)) = needed.or_else(against) {
        return Some(why);
    }
    if comparison.facts.iter().any(|fact| fact.found == FactMatch::Other) {
        return Some("its fields contradict each other");
    }
    if comparison.unknown_fields.is_empty() {
        return None;
    }
    Some(match comparison.unknown_fields.contains("description") {
        true => "no page explains its description, which may say that it failed or was taken back",
        false => "no page explains one of its fields, which may say that it failed or was taken back",
    })
}
