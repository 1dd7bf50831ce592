//! One entry of the transaction search beside one ticket. Nobody saw an entry: the names of its fields are those that the
//! API's pages and one integrator's public code use. What a field must say is listed here, and a field that is not listed
//! stands against the entry, because it may say anything.

use std::collections::BTreeSet;

use enkash_api::Money;
use enkash_policy::EntryRules;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use crate::{
    model::ticket::{Direction, PointsIntent, Ticket},
    outcome::facts::{self, Fact, FactMatch},
    rewards::transactions::TRANSACTION_IDS,
    settle::fields::{instant, is_named, is_neutral_date, plain_text, with_content},
};

/// How far the clocks of the API and of whoever wrote the ticket may differ.
pub(super) const CLOCK_SKEW: SignedDuration = SignedDuration::from_secs(30);

/// Names of the card.
const CARDS: [&str; 2] = ["enKashCardId", "enkashCardId"];

/// Fields that [`facts::compare`] looks at.
const COMPARED: [&str; 15] = [
    "pgReferenceNumber",
    "uniqueReferenceNumber",
    "uniqueReferenceNum",
    "principalAmount",
    "loadAmount",
    "amount",
    "cardTransactionType",
    "transactionType",
    "type",
    "status",
    "cardAccountId",
    "companyId",
    "enKashCardId",
    "enkashCardId",
    "mobile",
];

/// Fields of the pages that say nothing of what became of a movement: of the person, of the card, of the balance, and dates.
/// The dates that the rules name are compared all the same.
const SAYS_NOTHING: [&str; 32] = [
    "balance",
    "otbBalance",
    "availableBalance",
    "cardHolderName",
    "cardKitNumber",
    "companyName",
    "createdOn",
    "email",
    "expiryDate",
    "expiryMonth",
    "expiryYear",
    "firstName",
    "gender",
    "maskedCard",
    "maskedCardNumber",
    "maskedNumber",
    "modifiedOn",
    "title",
    "token",
    "transactionDate",
    "valueDate",
    "txnDate",
    "txnDetails.channel",
    "txnDetails.id",
    "txnDetails.mcc",
    "txnDetails.merchantName",
    "txnDetails.network",
    "txnDetails.retrievalRefNo",
    "txnDetails.traceNo",
    "txnDetails.transactionFees",
    "txnDetails.txnCurrency",
    "txnDetails.txnRefNo",
];

/// What a card holds when it is asked, perhaps, and not after the movement.
const BALANCES: [&str; 3] = ["balance", "otbBalance", "availableBalance"];
/// The unit of every amount that a ticket holds.
const RUPEE: &str = "INR";
/// The one transaction code of an allocation.
const ALLOCATION: &str = "ALLOCATION";
/// Whose card an entry is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CardOwner {
    /// The person of the ticket.
    Person {
        /// As EnKash names them, where the list of cards says it.
        user: Option<String>,
        /// Whether the list of cards says that it is the ticket's mobile number.
        is_by_mobile: bool,
    },
    Other,
    Unknown,
}

/// What the entries of a look-up are held against.
#[derive(Clone, Copy)]
pub(super) struct Expected<'a> {
    pub(super) ticket: &'a Ticket,
    pub(super) intent: &'a PointsIntent,
    pub(super) rules: &'a EntryRules,
    /// The time of the look-up.
    pub(super) now: Timestamp,
}

/// How an entry compares.
#[derive(Debug)]
pub(super) struct Comparison {
    pub(super) facts: Vec<Fact>,
    /// Fields with a content that nobody documents.
    pub(super) unknown_fields: BTreeSet<String>,
    /// Every date of it lies before the ticket: the reference was used before.
    pub(super) is_earlier: bool,
    /// A card that it names is that of the ticket's person.
    pub(super) is_on_card: bool,
    /// A card that it names is another person's.
    pub(super) is_on_others_card: bool,
}

impl Comparison {
    pub(super) fn of(&self, name: &str) -> FactMatch {
        facts::found(&self.facts, name)
    }

    /// Notes a further fact, or one more voice about a fact that is there. One that differs wins.
    fn note(&mut self, name: &'static str, is_same: bool) {
        let found = if is_same { FactMatch::Same } else { FactMatch::Other };
        match self.facts.iter_mut().find(|fact| fact.name == name) {
            Some(fact) if fact.found != FactMatch::Other => fact.found = found,
            Some(_) => {}
            None => self.facts.push(Fact { name, found }),
        }
    }

    /// Notes what proves nothing where it is as it should be, and stands against the entry where it is not.
    fn note_against(&mut self, name: &'static str, is_harmless: bool) {
        if !is_harmless {
            self.note(name, false);
        }
    }
}

/// Compares one entry. `owner` knows cards by their id.
pub(super) fn compare(row: &Value, expected: Expected<'_>, owner: impl Fn(&str) -> CardOwner) -> Comparison {
    let fields = with_content(row);
    let mut facts = facts::compare(&Value::Object(fields.clone()), expected.ticket, expected.rules);
    // Of the card more is known than the ticket says.
    facts.retain(|fact| fact.name != "card");
    let mut comparison = Comparison {
        facts,
        unknown_fields: BTreeSet::new(),
        is_earlier: false,
        is_on_card: false,
        is_on_others_card: false,
    };
    compare_card(&fields, expected, owner, &mut comparison);
    compare_dates(&fields, expected, &mut comparison);
    for (name, value) in &fields {
        compare_field(name, value, expected, &mut comparison);
    }
    let ids: BTreeSet<_> = TRANSACTION_IDS
        .iter()
        .filter_map(|name| plain_text(fields.get(*name)?))
        .collect();
    comparison.note_against("transaction", ids.len() <= 1);
    comparison
}

fn compare_field(name: &str, value: &Value, expected: Expected<'_>, comparison: &mut Comparison) {
    let rules = expected.rules;
    match name {
        "transactionCode" => comparison.note_against("kind", value == ALLOCATION),
        "currency" | "fcyCurrency" => comparison.note_against("currency", value == RUPEE),
        "fcyAmount" => {
            let amount = serde_json::from_value::<Money>(value.clone()).ok();
            let is_harmless = |amount: Money| amount == Money::ZERO || amount == expected.intent.amount;
            comparison.note_against("amount", amount.is_some_and(is_harmless));
        }
        // Free text, which may take the entry back in any words.
        "description" if is_good_description(value, expected) => {}
        "txnDetails" if value.is_object() => {
            for (inner, value) in with_content(value) {
                compare_field(&format!("{name}.{inner}"), &value, expected, comparison);
            }
        }
        "txnDetails.transactionType" => {
            comparison.note_against("direction", value == expected.intent.direction.wire());
        }
        // Compared with the card's owner.
        "userId" => {}
        name if COMPARED.contains(&name) || TRANSACTION_IDS.contains(&name) || SAYS_NOTHING.contains(&name) => {}
        name if is_named(rules, name) || is_neutral_date(name, value) => {}
        name => {
            comparison.unknown_fields.insert(name.to_owned());
        }
    }
}

/// Whether a text is nothing but what the request itself had (its reference, its code, or a good kind of its direction), or one that
/// the policy lists.
fn is_good_description(value: &Value, expected: Expected<'_>) -> bool {
    let Some(text) = value.as_str() else { return false };
    let kinds = match expected.intent.direction {
        Direction::Credit => &expected.rules.credit_kinds,
        Direction::Debit => &expected.rules.debit_kinds,
    };
    let mut listed = kinds.iter().chain(&expected.rules.descriptions);
    text == expected.ticket.reference.as_str() || text == ALLOCATION || listed.any(|known| known == text)
}

fn compare_card(
    fields: &Map<String, Value>,
    expected: Expected<'_>,
    owner: impl Fn(&str) -> CardOwner,
    comparison: &mut Comparison,
) {
    for card in CARDS.iter().filter_map(|name| fields.get(*name)) {
        let owner = plain_text(card).map_or(CardOwner::Other, |card| owner(&card));
        let is_named = expected
            .intent
            .card
            .as_ref()
            .is_none_or(|named| Some(named.as_str()) == plain_text(card).as_deref());
        match owner {
            CardOwner::Person { user, is_by_mobile } => {
                comparison.is_on_card = true;
                comparison.note("card", is_named);
                if is_by_mobile {
                    comparison.note("mobile", true);
                }
                if let (Some(user), Some(found)) = (user, fields.get("userId")) {
                    comparison.note("user", plain_text(found) == Some(user));
                }
            }
            CardOwner::Other => {
                comparison.is_on_others_card = true;
                comparison.note("card", false);
            }
            // It is there, and cannot be compared.
            CardOwner::Unknown => comparison.note("card", false),
        }
    }
    // Two spellings with two cards, of which one may be unknown.
    let cards: BTreeSet<_> = CARDS.iter().filter_map(|name| plain_text(fields.get(*name)?)).collect();
    comparison.note_against("card", cards.len() <= 1);
}

/// The dates of the movement lie between the ticket and now and agree with each other; the later ones lie after the ticket.
fn compare_dates(fields: &Map<String, Value>, expected: Expected<'_>, comparison: &mut Comparison) {
    let (from, to) = window(expected.ticket, expected.now);
    let read = |names: &[String]| -> Vec<Option<Timestamp>> {
        names.iter().filter_map(|name| fields.get(name)).map(instant).collect()
    };
    let same = read(&expected.rules.same_dates);
    for date in &same {
        comparison.note("time", date.is_some_and(|date| (from..=to).contains(&date)));
    }
    let known: Vec<_> = same.iter().copied().flatten().collect();
    if let (Some(first), Some(last)) = (known.iter().min(), known.iter().max()) {
        comparison.note_against("time", last.duration_since(*first) <= CLOCK_SKEW);
        comparison.is_earlier = known.len() == same.len() && *last < from;
    }
    for date in read(&expected.rules.later_dates) {
        comparison.note_against("time", date.is_some_and(|date| date >= from));
    }
}

/// When an entry of the ticket may have been made. The API may keep whole seconds.
pub(super) fn window(ticket: &Ticket, now: Timestamp) -> (Timestamp, Timestamp) {
    let from = Timestamp::from_second(ticket.intended_at.as_second()).unwrap_or(ticket.intended_at);
    let from = from.checked_sub(CLOCK_SKEW).unwrap_or(Timestamp::MIN);
    let to = now.checked_add(CLOCK_SKEW).unwrap_or(Timestamp::MAX);
    (from, to)
}

/// The id of the movement, where the entry has one.
pub(super) fn transaction_id(row: &Value) -> Option<String> {
    TRANSACTION_IDS.iter().find_map(|name| plain_text(row.get(*name)?))
}

/// What two entries of one movement have in common: an id, and all else that they say but for what goes on changing. `None`
/// without an id: then nothing says that two are one. An id alone does not, for an API server may give one to several
/// movements, or a filler to all.
pub(super) fn movement_key(row: &Value, rules: &EntryRules) -> Option<String> {
    transaction_id(row)?;
    let is_changing = |name: &str| BALANCES.contains(&name) || rules.later_dates.iter().any(|date| date == name);
    let mut fields = with_content(row);
    fields.retain(|name, _| !is_changing(name));
    let mut kept = Value::Object(fields);
    kept.sort_all_objects();
    Some(kept.to_string())
}

/// The same for a list, where rows are told apart by all that they say if they have no id.
pub(super) fn row_key(row: &Value, rules: &EntryRules) -> String {
    movement_key(row, rules).unwrap_or_else(|| row.to_string())
}

/// The references that an entry names.
pub(super) fn references(row: &Value) -> BTreeSet<String> {
    let names = facts::POINTS_REFERENCES.iter();
    names.filter_map(|name| plain_text(row.get(*name)?)).collect()
}

/// The cards that an entry names.
pub(super) fn cards(row: &Value) -> BTreeSet<String> {
    CARDS.iter().filter_map(|name| plain_text(row.get(*name)?)).collect()
}

/// When the entry was made, as far as its dates can be read.
pub(super) fn dates(row: &Value, rules: &EntryRules) -> Vec<Timestamp> {
    let dates = rules.same_dates.iter().filter_map(|name| instant(row.get(name)?));
    dates.collect()
}
