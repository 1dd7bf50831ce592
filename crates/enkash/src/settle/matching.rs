//! The entries of one reference beside its ticket: whether together they prove it. One entry that matches is a proof, each
//! further one that is not the same entry again says that the value moved again, and one on the person's card that says something else
//! stops the proof.

use std::{collections::HashSet, sync::Arc};

use enkash_api::OperationId;
use serde_json::Value;

use crate::{
    model::ids::{CardTransactionId, EnKashCardId},
    outcome::{
        facts::FactMatch,
        proof::{NotSettledReason, Proof},
    },
    response::Response,
    settle::{
        LookupResult,
        entry::{self, CardOwner, Comparison, Expected},
        listing::Completeness,
    },
};

/// Facts that every entry must have.
const ALWAYS: [&str; 3] = ["reference", "amount", "direction"];
/// Facts that an entry must have too, unless the recipe is verified.
const UNLESS_VERIFIED: [&str; 4] = ["card", "time", "status", "kind"];
/// The order in which a proof names its facts.
const ORDER: [&str; 11] = [
    "reference",
    "amount",
    "direction",
    "card",
    "time",
    "status",
    "kind",
    "account",
    "company",
    "mobile",
    "user",
];
/// Facts that say whose entry it is, beside the card.
const WHOSE: [&str; 4] = ["account", "company", "mobile", "user"];

/// Compares entries, and concludes.
pub(super) struct EntryMatcher<'a> {
    expected: Expected<'a>,
    is_verified: bool,
    proof: Option<Proof>,
    /// The movements that match, by what makes two entries one.
    counted: HashSet<String>,
    /// Of an entry of our reference that is another person's, or earlier than the ticket.
    elsewhere: Option<NotSettledReason>,
    /// Of an entry of our reference that may be on the person's card.
    contradiction: Option<NotSettledReason>,
}

impl<'a> EntryMatcher<'a> {
    pub(super) fn new(expected: Expected<'a>, is_verified: bool) -> Self {
        Self {
            expected,
            is_verified,
            proof: None,
            counted: HashSet::new(),
            elsewhere: None,
            contradiction: None,
        }
    }

    /// Takes an entry that mentions the reference, with the response that shows it.
    pub(super) fn add(&mut self, row: &Value, response: &Arc<Response<()>>, owner: impl Fn(&str) -> CardOwner) {
        let comparison = entry::compare(row, self.expected, owner);
        let Some(objection) = self.objection(&comparison) else {
            self.count(row, response, &comparison);
            return;
        };
        let place = if is_elsewhere(&comparison) {
            &mut self.elsewhere
        } else {
            &mut self.contradiction
        };
        place.get_or_insert(objection);
    }

    fn objection(&self, comparison: &Comparison) -> Option<NotSettledReason> {
        // Where the rules name no date, none is needed.
        let is_needed = |name: &&str| match *name {
            "time" if self.expected.rules.same_dates.is_empty() => false,
            name => ALWAYS.contains(&name) || !self.is_verified,
        };
        let missing = ALWAYS.into_iter().chain(UNLESS_VERIFIED);
        let missing = missing.filter(|name| is_needed(name) && comparison.of(name) == FactMatch::Missing);
        let other = comparison.facts.iter().filter(|fact| fact.found == FactMatch::Other);
        let mut against: Vec<_> = other.map(|fact| fact.name).chain(missing).collect();
        if !against.is_empty() {
            against.sort_by_key(|name| ORDER.iter().position(|known| known == name).unwrap_or(ORDER.len()));
            return Some(NotSettledReason::FactsMismatch(against));
        }
        let unknown = &comparison.unknown_fields;
        (!unknown.is_empty()).then(|| NotSettledReason::UnknownFields(unknown.iter().cloned().collect()))
    }

    fn count(&mut self, row: &Value, response: &Arc<Response<()>>, comparison: &Comparison) {
        if let Some(key) = entry::movement_key(row, self.expected.rules)
            && !self.counted.insert(key)
        {
            return;
        }
        if let Some(proof) = &mut self.proof {
            proof.entries += 1;
            return;
        }
        let same = ORDER.into_iter().filter(|name| comparison.of(name) == FactMatch::Same);
        let mut proof = Proof::new(
            OperationId::SearchTransactions,
            same.collect(),
            self.is_verified,
            row.clone(),
            Arc::clone(response),
        );
        proof.card = entry::cards(row).into_iter().next().map(EnKashCardId::from);
        proof.transaction = entry::transaction_id(row).map(CardTransactionId::from);
        self.proof = Some(proof);
    }

    /// Whether an entry on the person's card says something else: then no other look-up can help.
    pub(super) fn is_contradicted(&self) -> bool {
        self.contradiction.is_some()
    }

    /// What the entries of these lists show. Absence is complete only where the caller says so.
    pub(super) fn conclude(self, lists: Completeness, is_absence_complete: bool) -> LookupResult {
        match (self.contradiction, self.proof, self.elsewhere, lists) {
            (Some(found), ..) => LookupResult::Unproven(found),
            // Where entries are hidden, one of them may say something else.
            (None, Some(_), _, Completeness::Cut(cut)) => cut.into(),
            (None, Some(proof), ..) => LookupResult::Proven(proof),
            (None, None, Some(found), _) => LookupResult::Unproven(found),
            (None, None, None, Completeness::Cut(cut)) => cut.into(),
            (None, None, None, lists) => LookupResult::Absent {
                is_complete: is_absence_complete && lists == Completeness::Whole,
            },
        }
    }
}

/// Whether it is another person's entry (the API may not filter), or one of an earlier use of the reference.
fn is_elsewhere(comparison: &Comparison) -> bool {
    let is_others = comparison.is_on_others_card || WHOSE.iter().any(|name| comparison.of(name) == FactMatch::Other);
    is_others && !comparison.is_on_card || comparison.is_earlier
}
