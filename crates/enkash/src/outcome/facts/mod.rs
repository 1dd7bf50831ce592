//! Holds what a response repeats of a call against what the call was: amount, direction, reference, state and the rest, under
//! every name that the pages use. The outcome asks whether a response contradicts the call; settlement whether an entry
//! is that of the call. It decides nothing.

use enkash_api::Money;
use enkash_policy::EntryRules;

use crate::{
    envelope::json::{Json, Scalar},
    model::ticket::{Direction, Intent, OrderIntent, PointsIntent, Ticket},
};

/// How a fact of a response compares to the ticket's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FactMatch {
    Same,
    /// It is there and says something else, or cannot be read.
    Other,
    /// It is not there, or the ticket has none to compare it with.
    Missing,
}

/// One fact, by the name that people are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fact {
    pub(crate) name: &'static str,
    pub(crate) found: FactMatch,
}

/// Everything of the ticket that this object may repeat. Times are not among it: a response has none.
pub(crate) fn compare(object: &impl Json, ticket: &Ticket, rules: &EntryRules) -> Vec<Fact> {
    let reference = ticket.reference.as_str();
    match &ticket.intent {
        Intent::Points(points) | Intent::BulkRow(points) => of_points(object, reference, points, rules),
        Intent::Order(order) => of_order(object, reference, order, rules),
        Intent::UndocumentedOrder {} => vec![
            fact("reference", object, ORDER_REFERENCES, |found| is_text(found, reference)),
            fact("status", object, ORDER_STATES, |found| is_listed(found, &rules.states)),
        ],
        Intent::Coins(_) => vec![fact("reference", object, &["requestId"], |found| {
            is_text(found, reference)
        })],
    }
}

/// How the fact of this name compares.
pub(crate) fn found(facts: &[Fact], name: &str) -> FactMatch {
    let fact = facts.iter().find(|fact| fact.name == name);
    fact.map_or(FactMatch::Missing, |fact| fact.found)
}

/// The names of the facts that contradict the ticket.
pub(crate) fn contradictions(object: &impl Json, ticket: &Ticket, rules: &EntryRules) -> Vec<&'static str> {
    compare(object, ticket, rules)
        .iter()
        .filter(|fact| fact.found == FactMatch::Other)
        .map(|fact| fact.name)
        .collect()
}

/// The names of the reference of points.
pub(crate) const POINTS_REFERENCES: &[&str] = &["pgReferenceNumber", "uniqueReferenceNumber", "uniqueReferenceNum"];
const ORDER_REFERENCES: &[&str] = &["partnerOrderReferenceId", "orderReferenceId"];

fn of_points<J: Json>(object: &J, reference: &str, points: &PointsIntent, rules: &EntryRules) -> Vec<Fact> {
    let kinds = match points.direction {
        Direction::Credit => &rules.credit_kinds,
        Direction::Debit => &rules.debit_kinds,
    };
    let wire = points.direction.wire();
    let known = |wanted: Option<&str>, name, names: &[&str], same: fn(&J, &str) -> bool| match wanted {
        Some(wanted) => fact(name, object, names, |found| same(found, wanted)),
        None => Fact {
            name,
            found: FactMatch::Missing,
        },
    };
    let mobile = points.mobile.as_ref().map(|mobile| mobile.expose());
    let card = points.card.as_ref().map(|card| card.as_str());
    vec![
        fact("reference", object, POINTS_REFERENCES, |found| {
            is_text(found, reference)
        }),
        fact(
            "amount",
            object,
            &["principalAmount", "loadAmount", "amount"],
            |found| is_amount(found, points.amount),
        ),
        fact(
            "direction",
            object,
            &["cardTransactionType", "transactionType"],
            |found| found.as_text() == Some(wire),
        ),
        fact("kind", object, &["type"], |found| is_listed(found, kinds)),
        fact("status", object, &["status"], |found| is_listed(found, &rules.states)),
        fact("account", object, &["cardAccountId"], |found| {
            is_text(found, points.account.as_str())
        }),
        fact("company", object, &["companyId"], |found| {
            is_text(found, points.company.as_str())
        }),
        known(card, "card", &["enKashCardId", "enkashCardId"], is_text),
        known(mobile, "mobile", &["mobile"], is_mobile),
    ]
}

fn of_order<J: Json>(object: &J, reference: &str, order: &OrderIntent, rules: &EntryRules) -> Vec<Fact> {
    let is_number = |found: &J, wanted: i64| wanted.to_string().parse().is_ok_and(|wanted| is_amount(found, wanted));
    vec![
        fact("reference", object, ORDER_REFERENCES, |found| is_text(found, reference)),
        fact("product", object, &["productCatalogId"], |found| {
            is_text(found, order.product.as_str())
        }),
        fact("quantity", object, &["totalQuantity", "quantity"], |found| {
            is_number(found, order.quantity)
        }),
        fact("denomination", object, &["denomination"], |found| {
            is_number(found, order.denomination)
        }),
        // What was paid may be less by a discount, so it says nothing.
        fact("amount", object, &["totalAmount"], |found| {
            order.face_value().is_some_and(|value| is_amount(found, value))
        }),
        fact("status", object, ORDER_STATES, |found| is_listed(found, &rules.states)),
    ]
}

/// The names of an order's states.
pub(crate) const ORDER_STATES: &[&str] = &["orderStatus", "paymentStatus", "status"];

/// A fact under every name that the object has it under: all must say the same.
fn fact<J: Json>(name: &'static str, object: &J, names: &[&str], is_same: impl Fn(&J) -> bool) -> Fact {
    let mut found = FactMatch::Missing;
    for value in names
        .iter()
        .filter_map(|name| object.get(name))
        .filter(|value| !value.is_null())
    {
        if !is_same(value) {
            found = FactMatch::Other;
            break;
        }
        found = FactMatch::Same;
    }
    Fact { name, found }
}

/// An id or a reference, which may come as a whole number.
fn is_text(found: &impl Json, wanted: &str) -> bool {
    match found.scalar() {
        Scalar::Text(text) => text == wanted,
        Scalar::Number(number) if !number.is_f64() => number.to_string() == wanted,
        _ => false,
    }
}

fn is_amount(found: &impl Json, wanted: Money) -> bool {
    found
        .as_money()
        .is_some_and(|found| found.is_exact() && found == wanted)
}

fn is_listed(found: &impl Json, good: &[String]) -> bool {
    found
        .as_text()
        .is_some_and(|found| good.iter().any(|word| word == found))
}

/// The same ten digits, with or without a country's prefix.
fn is_mobile(found: &impl Json, wanted: &str) -> bool {
    const DIGITS: usize = 10;
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    let Some(found) = found.as_text() else {
        return is_text(found, wanted);
    };
    let is_number = found
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' '));
    let from_the_end = |text| str::bytes(text).rev().filter(u8::is_ascii_digit);
    let is_long = digits(found).min(digits(wanted)) >= DIGITS;
    found == wanted
        || is_number
            && is_long
            && from_the_end(found)
                .zip(from_the_end(wanted))
                .all(|(one, other)| one == other)
}

#[cfg(test)]
mod tests;
