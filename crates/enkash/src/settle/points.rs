//! The recipe for points: find the person's cards, then the reference among their transactions. Nobody saw the answer of the
//! transaction search; the names of its fields are those that one integrator's public code reads, so an entry counts
//! only where all of them are the ticket's.

use enkash_api::{Money, OperationId};
use jiff::{Timestamp, TimestampRound, Unit};
use serde_json::Value;

use super::{Look, Proof};
use crate::{
    CardTransactionId, EnKashCardId, Enkash, PointsIntent, Ticket,
    envelope::Envelope,
    policy::{Settlement, SettlementEvidence},
    rewards::{Card, CardSearch, TransactionSearch},
};

/// Runs the steps once.
pub(super) async fn look(client: &Enkash, ticket: &Ticket, intent: &PointsIntent, recipe: &Settlement) -> Look {
    let rewards = client.rewards(intent.company.clone(), intent.account.clone());
    let mut cards: Vec<EnKashCardId> = intent.card.iter().cloned().collect();
    let mut entries = Entries::new(ticket, intent, recipe.evidence);
    let mut is_complete = true;
    for step in &recipe.steps {
        match (step.find.as_str(), step.operation.as_str()) {
            // The ticket names it already.
            ("card", "searchCards") if intent.card.is_some() => {}
            ("card", "searchCards") => match rewards.cards(CardSearch::all()).await {
                Ok(found) => {
                    is_complete &= is_whole_list(found.raw());
                    for card in found.iter().filter(|card| is_of(card, intent)) {
                        cards.extend(card.id.clone().filter(|id| !cards.contains(id)));
                    }
                }
                Err(error) => return Look::Failed(error),
            },
            ("reference", "searchTransactions") => {
                for card in &cards {
                    let search = TransactionSearch::all()
                        .card(card.clone())
                        .reference(ticket.reference.clone());
                    match rewards.transactions(search).await {
                        Ok(found) => {
                            is_complete &= is_whole_list(found.raw());
                            found
                                .rows()
                                .into_iter()
                                .flatten()
                                .for_each(|row| entries.compare(row, card));
                        }
                        Err(error) => return Look::Failed(error),
                    }
                }
            }
            _ => is_complete = false,
        }
    }
    // Without a card nothing was searched.
    entries.end(is_complete && !cards.is_empty())
}

/// Whether a card is that of the person whom the ticket names.
fn is_of(card: &Card, intent: &PointsIntent) -> bool {
    intent.mobile.is_some() && card.mobile == intent.mobile
}

/// Whether a list stands where lists of this portal stand, and nothing says that there is more of it.
fn is_whole_list(answer: &Value) -> bool {
    let Some(payload) = Envelope::new(answer).at("payload") else {
        return false;
    };
    let Some(rows) = payload.get("data").unwrap_or(payload).as_array() else {
        return false;
    };
    let count = payload.get("recordsCount").and_then(Value::as_u64);
    count.is_none_or(|count| count <= rows.len() as u64)
}

/// The entries that were found, beside the ticket.
struct Entries<'a> {
    ticket: &'a Ticket,
    intent: &'a PointsIntent,
    is_verified: bool,
    proof: Option<Proof>,
    /// The transactions, or whole rows where they have no id, that the proof counts.
    counted: Vec<Value>,
    mismatch: Option<Vec<&'static str>>,
    /// An entry of our reference on our card that says something else: a reversal, say.
    contradiction: Option<Vec<&'static str>>,
}

/// How a fact of an entry compares to the ticket's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fact {
    Same,
    Other,
    /// It is not there, or cannot be read.
    Missing,
}

impl Fact {
    fn of(is_same: Option<bool>) -> Self {
        match is_same {
            Some(true) => Self::Same,
            Some(false) => Self::Other,
            None => Self::Missing,
        }
    }
}

impl<'a> Entries<'a> {
    fn new(ticket: &'a Ticket, intent: &'a PointsIntent, evidence: SettlementEvidence) -> Self {
        Self {
            ticket,
            intent,
            is_verified: evidence == SettlementEvidence::Verified,
            proof: None,
            counted: Vec::new(),
            mismatch: None,
            contradiction: None,
        }
    }

    fn compare(&mut self, row: &Value, card: &EnKashCardId) {
        let facts = facts(row, self.ticket, self.intent, card);
        if facts[0].1 != Fact::Same {
            // Somebody else's entry: the portal may not filter.
            return;
        }
        let stands_against = |(position, (_, fact)): &(usize, &(&'static str, Fact))| match fact {
            Fact::Same => false,
            Fact::Other => true,
            // A verified recipe may miss what only narrows, and any entry may be without a state or a kind.
            Fact::Missing => *position < MUST_BE_THERE || !self.is_verified && *position < MAY_BE_MISSING,
        };
        let against: Vec<_> = facts
            .iter()
            .enumerate()
            .filter(stands_against)
            .map(|(_, (name, _))| *name)
            .collect();
        if !against.is_empty() {
            // Of another card or an earlier time: the portal does not filter, or the reference was used before.
            let is_ours = facts[CARD].1 != Fact::Other && facts[TIME].1 != Fact::Other;
            let place = if is_ours {
                &mut self.contradiction
            } else {
                &mut self.mismatch
            };
            place.get_or_insert(against);
            return;
        }
        let transaction = text(row, &["enKashCardTransactionId", "enkashCardTxnId"]);
        let counted = transaction.map_or_else(|| row.clone(), Value::from);
        if self.counted.contains(&counted) {
            return;
        }
        self.counted.push(counted);
        if let Some(proof) = &mut self.proof {
            proof.entries += 1;
            return;
        }
        let same = facts
            .iter()
            .filter(|(_, fact)| *fact == Fact::Same)
            .map(|(name, _)| *name);
        let mut proof = Proof::new(
            OperationId::SearchTransactions,
            same.collect(),
            self.is_verified,
            row.clone(),
        );
        proof.card = Some(card.clone());
        proof.transaction = transaction.map(CardTransactionId::from);
        self.proof = Some(proof);
    }

    fn end(self, is_complete: bool) -> Look {
        match (self.contradiction, self.proof, self.mismatch) {
            (Some(facts), _, _) | (None, None, Some(facts)) => Look::Mismatch(facts),
            (None, Some(proof), _) => Look::Proven(proof),
            (None, None, None) => Look::Absent { is_complete },
        }
    }
}

/// The first of the facts: those that even a verified recipe needs.
const MUST_BE_THERE: usize = 3;
/// The last of the facts: no entry needs them.
const MAY_BE_MISSING: usize = 5;
const CARD: usize = 3;
const TIME: usize = 4;

/// The one state that a page shows.
const CREATED: &str = "CREATED";
/// Kinds of transaction, on a sibling page, that undo another one.
const UNDOING: [&str; 2] = ["REVERSAL", "REFUND"];

fn facts(row: &Value, ticket: &Ticket, intent: &PointsIntent, card: &EnKashCardId) -> [(&'static str, Fact); 7] {
    let reference = match row.get("pgReferenceNumber") {
        Some(Value::Number(number)) => Some(number.to_string() == ticket.reference.as_str()),
        Some(Value::String(found)) => Some(found == ticket.reference.as_str()),
        _ => None,
    };
    let amount = row
        .get("principalAmount")
        .and_then(|amount| serde_json::from_value::<Money>(amount.clone()).ok())
        .map(|amount| amount.is_exact() && amount == intent.amount);
    let direction = text(row, &["cardTransactionType"]).map(|found| found == intent.direction.wire());
    let of_card = text(row, &["enkashCardId", "enKashCardId"]).map(|found| found == card.as_str());
    let time = ["txnDate", "createdOn"]
        .iter()
        .find_map(|name| instant(row.get(*name)?))
        .map(|time| time >= to_the_second(ticket.intended_at));
    let status = text(row, &["status"]).map(|found| found == CREATED);
    let kind = text(row, &["type"]).map(|found| !UNDOING.contains(&found));
    [
        ("reference", Fact::of(reference)),
        ("amount", Fact::of(amount)),
        ("direction", Fact::of(direction)),
        ("card", Fact::of(of_card)),
        ("time", Fact::of(time)),
        ("status", Fact::of(status)),
        ("kind", Fact::of(kind)),
    ]
}

fn text<'a>(row: &'a Value, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| row.get(*name)?.as_str())
}

/// A time that names its zone, or milliseconds since 1970. No page shows the format; a local time would be a guess.
fn instant(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number
            .as_i64()
            .filter(|millis| *millis > 100_000_000_000)
            .and_then(|millis| Timestamp::from_millisecond(millis).ok()),
        _ => None,
    }
}

/// The portal may keep whole seconds.
fn to_the_second(time: Timestamp) -> Timestamp {
    time.round(
        TimestampRound::new()
            .smallest(Unit::Second)
            .mode(jiff::RoundMode::Floor),
    )
    .unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Direction, Intent};

    fn intent() -> PointsIntent {
        PointsIntent {
            company: "CEK1PU9AOO".into(),
            account: "CAQL8YCV3".into(),
            direction: Direction::Credit,
            amount: "250.50".parse().unwrap(),
            mobile: Some("9000000004".into()),
            card: None,
        }
    }

    fn ticket() -> Ticket {
        let mut ticket = Ticket::new("REF1".parse().unwrap(), Intent::Points(intent()));
        ticket.intended_at = "2026-11-23T09:00:00.750Z".parse().unwrap();
        ticket
    }

    fn row() -> Value {
        json!({
            "pgReferenceNumber": "REF1", "principalAmount": 250.5, "cardTransactionType": "CR",
            "enkashCardId": "EKC04AZHXP", "txnDate": "2026-11-23T09:00:00Z"
        })
    }

    fn look_at(rows: &[Value], evidence: SettlementEvidence) -> Look {
        let (ticket, intent) = (ticket(), intent());
        let mut entries = Entries::new(&ticket, &intent, evidence);
        for row in rows {
            entries.compare(row, &"EKC04AZHXP".into());
        }
        entries.end(true)
    }

    #[test]
    fn all_five_facts_are_a_proof_and_each_entry_is_counted() {
        let (mut one, mut other) = (row(), row());
        one["enKashCardTransactionId"] = json!("EKT1");
        other["enKashCardTransactionId"] = json!("EKT2");
        let Look::Proven(proof) = look_at(&[one.clone(), other, one], SettlementEvidence::Unverified) else {
            panic!("not proven");
        };
        assert_eq!(proof.matched, ["reference", "amount", "direction", "card", "time"]);
        assert_eq!(proof.entries, 2);
        assert!(proof.to_string().contains("more than once"), "{proof}");
    }

    #[test]
    fn one_other_fact_is_no_proof_whatever_the_evidence() {
        let others = [
            ("principalAmount", json!(250.51), "amount"),
            ("cardTransactionType", json!("DR"), "direction"),
            ("enkashCardId", json!("EKC0OTHERS"), "card"),
            ("txnDate", json!("2026-11-23T08:59:59Z"), "time"),
        ];
        for (field, other, fact) in others {
            for evidence in [SettlementEvidence::Unverified, SettlementEvidence::Verified] {
                let mut row = row();
                row[field] = other.clone();
                let Look::Mismatch(facts) = look_at(&[row], evidence) else {
                    panic!("{field} is not seen");
                };
                assert_eq!(facts, [fact]);
            }
        }
    }

    #[test]
    fn an_entry_that_failed_or_was_undone_is_no_proof() {
        let mut taken_back = row();
        taken_back["cardTransactionType"] = json!("DR");
        let mut failed = row();
        failed["status"] = json!("FAILED");
        let mut reversal = row();
        reversal["type"] = json!("REVERSAL");
        for (rows, fact) in [
            (vec![failed], "status"),
            (vec![reversal.clone()], "kind"),
            (vec![row(), taken_back], "direction"),
            (vec![row(), reversal], "kind"),
        ] {
            for evidence in [SettlementEvidence::Unverified, SettlementEvidence::Verified] {
                let Look::Mismatch(facts) = look_at(&rows, evidence) else {
                    panic!("{fact} is not seen");
                };
                assert_eq!(facts, [fact]);
            }
        }
        // Of another card, as where the portal does not filter.
        let mut of_another = row();
        of_another["enkashCardId"] = json!("EKC0OTHERS");
        of_another["principalAmount"] = json!(1);
        let look = look_at(&[of_another, row()], SettlementEvidence::Unverified);
        assert!(matches!(look, Look::Proven(proof) if proof.entries == 1));
    }

    #[test]
    fn a_list_is_whole_only_where_nothing_says_that_there_is_more() {
        for (answer, is_whole) in [
            (json!({"payload": {"recordsCount": 1, "data": [{}]}}), true),
            (json!({"payload": []}), true),
            (json!({"payload": {"recordsCount": 2, "data": [{}]}}), false),
            (json!({"payload": {"transactions": []}}), false),
            (json!({"payload": null}), false),
            (json!({}), false),
        ] {
            assert_eq!(is_whole_list(&answer), is_whole, "{answer}");
        }
    }

    #[test]
    fn what_is_missing_or_unreadable_stops_an_unverified_recipe_only() {
        for (field, unreadable) in [("enkashCardId", json!(null)), ("txnDate", json!("23/11/2026 09:00"))] {
            let mut row = row();
            row[field] = unreadable;
            assert!(matches!(
                look_at(&[row.clone()], SettlementEvidence::Unverified),
                Look::Mismatch(_)
            ));
            assert!(matches!(look_at(&[row], SettlementEvidence::Verified), Look::Proven(_)));
        }
        let mut row = row();
        row["principalAmount"] = json!(null);
        assert!(matches!(
            look_at(&[row], SettlementEvidence::Verified),
            Look::Mismatch(_)
        ));
    }

    #[test]
    fn entries_of_other_references_are_nobodys_business() {
        let mut row = row();
        row["pgReferenceNumber"] = json!("REF2");
        assert!(matches!(
            look_at(&[row, json!({}), json!("text")], SettlementEvidence::Unverified),
            Look::Absent { is_complete: true }
        ));
    }

    #[test]
    fn a_time_needs_a_zone_or_counts_from_1970() {
        assert!(instant(&json!("2026-11-23T14:30:00+05:30")).is_some());
        assert!(instant(&json!(1_795_000_000_000_i64)).is_some());
        for unclear in [
            json!("2026-11-23T09:00:00"),
            json!(1_795_000_000),
            json!(true),
            json!(""),
        ] {
            assert_eq!(instant(&unclear), None, "{unclear}");
        }
    }
}
