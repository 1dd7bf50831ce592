//! What a bulk response lists as done. The page shows one list, and describes counts and rows that failed without their names:
//! so whatever stands beside that list proves nothing, and speaks against all of it unless it is a count that fits.

use std::collections::HashMap;

use enkash_api::Money;
use enkash_policy::EntryRules;
use serde_json::Value;

use crate::{
    envelope::{Envelope, json::is_empty},
    model::ticket::{Intent, Ticket},
    outcome::facts,
    rewards::transactions::TRANSACTION_IDS,
};

/// The page's list.
const SUCCESSES: &str = "successBulkEnKashCardCreateDTOs";
/// Fields of a row: the page's, those that are compared with the call, and those of a card and a person on other pages.
const ROW_FIELDS: [&str; 27] = [
    "email",
    "name",
    "mobile",
    "title",
    "loadAmount",
    "companyId",
    "cardAccountId",
    "pgReferenceNumber",
    "uniqueReferenceNumber",
    "uniqueReferenceNum",
    "principalAmount",
    "amount",
    "cardTransactionType",
    "transactionType",
    "type",
    "status",
    "enKashCardId",
    "enkashCardId",
    "userId",
    "firstName",
    "gender",
    "remarks",
    "token",
    "maskedNumber",
    "availableBalance",
    "availableCardBalance",
    "otbBalance",
];
/// Words of the name of a balance. The page describes two, and their names cannot be seen.
const OF_BALANCES: [&str; 8] = [
    "enkash",
    "account",
    "available",
    "card",
    "current",
    "left",
    "otb",
    "remaining",
];
/// Words of the name of a count, beside the one that says what is counted.
const OF_COUNTS: [&str; 7] = ["count", "no", "number", "of", "record", "records", "rows"];

/// What names a row in the list of successes: mobile number and amount.
pub(super) type RowKey = (Option<String>, Option<Money>);

pub(super) fn key_of_ticket(ticket: &Ticket) -> RowKey {
    let mobile = match &ticket.intent {
        Intent::BulkRow(row) => row.mobile.as_ref().map(|mobile| mobile.expose().to_owned()),
        _ => None,
    };
    (mobile, ticket.amount())
}

/// The list of successes, by what names a row.
pub(super) struct SuccessList<'a> {
    rows: HashMap<RowKey, Vec<&'a Value>>,
    other_fields: &'a [String],
}

impl<'a> SuccessList<'a> {
    /// Or why no row of it is proven. `other_fields` may stand beside it or in its rows, and say nothing.
    pub(super) fn read(answer: &'a Value, other_fields: &'a [String]) -> Result<Self, &'static str> {
        let payload = Envelope::new(answer).payload().and_then(Value::as_object);
        let payload = payload.ok_or("its payload is no object")?;
        let listed = payload.get(SUCCESSES).and_then(Value::as_array);
        let listed = listed.ok_or("it has no list of successes")?;
        for (name, value) in payload.iter().filter(|(name, _)| *name != SUCCESSES) {
            if !is_empty(value) && !other_fields.contains(name) && !is_fitting_count(name, value, listed.len()) {
                return Err("what stands beside its list of successes may speak of rows that failed");
            }
        }
        let mut rows: HashMap<_, Vec<_>> = HashMap::new();
        for row in listed {
            let mobile = row.get("mobile").and_then(Value::as_str).map(str::to_owned);
            let amount = row.get("loadAmount");
            let amount = amount.and_then(|amount| serde_json::from_value(amount.clone()).ok());
            rows.entry((mobile, amount)).or_default().push(row);
        }
        Ok(Self { rows, other_fields })
    }

    /// Whether one row alone is that of the ticket, and nothing in it says otherwise.
    pub(super) fn names(&self, ticket: &Ticket, rules: &EntryRules) -> bool {
        let Some([row]) = self.rows.get(&key_of_ticket(ticket)).map(Vec::as_slice) else {
            return false;
        };
        let mut fields = row.as_object().into_iter().flatten();
        let is_known = |name: &String, value: &Value| {
            let name = name.as_str();
            let is_listed = ROW_FIELDS.contains(&name) || TRANSACTION_IDS.contains(&name);
            is_listed || is_balance(name, value) || self.other_fields.iter().any(|other| other == name)
        };
        facts::contradictions(*row, ticket, rules).is_empty()
            && fields.all(|(name, value)| is_empty(value) || is_known(name, value))
    }
}

/// A count is as good as the name that says what it counts: all and those that succeeded are as many as are listed, and of
/// those that failed there is none.
fn is_fitting_count(name: &str, value: &Value, listed: usize) -> bool {
    let count = match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    let words = words(name);
    let counted: Vec<_> = words
        .iter()
        .filter(|word| !OF_COUNTS.contains(&word.as_str()))
        .collect();
    let wanted = match counted.iter().map(|word| word.as_str()).collect::<Vec<_>>()[..] {
        ["total" | "all"] | ["total", "success"] | ["success" | "succeeded" | "successful"] => listed as u64,
        ["failed" | "failure" | "failures"] | ["total", "failed" | "failure" | "failures"] => 0,
        _ => return false,
    };
    count == Some(wanted)
}

fn is_balance(name: &str, value: &Value) -> bool {
    let words = words(name);
    let is_named_so = words.split_last().is_some_and(|(last, before)| {
        last == "balance" && before.iter().all(|word| OF_BALANCES.contains(&word.as_str()))
    });
    is_named_so && serde_json::from_value::<Money>(value.clone()).is_ok()
}

/// `successCount` as `success` and `count`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for c in name.chars() {
        match words.last_mut() {
            Some(word) if !c.is_uppercase() => word.push(c),
            _ => words.push(c.to_lowercase().collect()),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        model::ticket::{Direction, PointsIntent},
        policy::Policies,
    };

    /// Which of two rows the response lists as done.
    fn done(payload: Value) -> [bool; 2] {
        let policies = Policies::shipped();
        let answer = json!({"code": 0, "message": "Success", "payload": payload});
        let tickets = ["9000000011", "9000000012"].map(|mobile| {
            let intent = PointsIntent {
                company: "CEK1PU9AOO".into(),
                account: "CAQL8YCV3".into(),
                direction: Direction::Credit,
                amount: "10.50".parse().unwrap(),
                mobile: Some(mobile.into()),
                card: None,
            };
            Ticket::new("REF1".parse().unwrap(), Intent::BulkRow(intent))
        });
        let rules = &policies.of(tickets[0].operation()).settlement.entry;
        let list = SuccessList::read(&answer, &[]);
        tickets.map(|ticket| list.as_ref().is_ok_and(|list| list.names(&ticket, rules)))
    }

    fn row(mobile: &str) -> Value {
        json!({
            "email": "asha@example.com", "name": "Asha", "mobile": mobile, "title": "Ms", "loadAmount": 10.5,
            "companyId": "CEK1PU9AOO", "cardAccountId": "CAQL8YCV3"
        })
    }

    fn both() -> Value {
        json!({SUCCESSES: [row("9000000011"), row("9000000012")]})
    }

    #[test]
    fn the_rows_of_a_list_with_nothing_against_it_are_done() {
        assert_eq!(done(both()), [true, true]);
        assert_eq!(done(json!({SUCCESSES: [row("9000000012")]})), [false, true]);
        for (name, value) in [
            ("failedBulkEnKashCardCreateDTOs", json!([])),
            ("failedBulkEnKashCardCreateDTOs", json!(null)),
            ("errors", json!({})),
            ("successCount", json!(2)),
            ("successCount", json!("2")),
            ("totalSuccessCount", json!(2)),
            ("successfulRecords", json!(2)),
            ("failureCount", json!(0)),
            ("failedCount", json!(0)),
            ("totalCount", json!(2)),
            ("total", json!(2)),
        ] {
            let mut payload = both();
            payload[name] = value;
            assert_eq!(done(payload.clone()), [true, true], "{payload}");
        }
        let mut payload = both();
        for (name, value) in [
            ("enKashCardId", json!("EKC1")),
            ("userId", json!("EK1")),
            ("enkashCardTxnId", json!("T1")),
            ("availableBalance", json!(5)),
            ("cardBalance", json!("7.5")),
            ("uniqueReferenceNumber", json!("REF1")),
            ("failureReason", json!(null)),
            ("status", json!("CREATED")),
        ] {
            payload[SUCCESSES][0][name] = value;
        }
        assert_eq!(done(payload), [true, true]);
    }

    #[test]
    fn a_further_list_or_a_count_that_differs_leaves_no_row_done() {
        for (name, value) in [
            ("failedBulkEnKashCardCreateDTOs", both()[SUCCESSES].clone()),
            (
                "failedBulkEnKashCardCreateDTOs",
                json!([{"failureReason": "card is blocked"}]),
            ),
            ("failedBulkEnKashCardCreateDTOs", json!([null])),
            ("pendingRows", json!({"a": 1})),
            ("rejected", json!("all")),
            ("failed", json!(true)),
            ("isSuccess", json!(false)),
            ("successCount", json!(0)),
            ("successCount", json!(1)),
            ("successCount", json!(3)),
            ("successCount", json!("two")),
            ("successCount", json!(2.0)),
            ("successCount", json!(-2)),
            ("failureCount", json!(2)),
            ("failureCount", json!(1)),
            ("failedCount", json!(1)),
            ("totalFailed", json!(2)),
            ("totalCount", json!(1)),
            ("totalCount", json!(4)),
            // Names of other words may count anything.
            ("unsuccessfulCount", json!(2)),
            ("successFailedCount", json!(2)),
            ("pendingCount", json!(0)),
            ("notSuccessCount", json!(2)),
            ("count", json!(2)),
        ] {
            let mut payload = both();
            payload[name] = value;
            assert_eq!(done(payload.clone()), [false, false], "{payload}");
        }
    }

    #[test]
    fn a_row_that_says_more_than_the_page_is_not_done() {
        for (name, value) in [
            ("failureReason", json!("card is blocked")),
            ("status", json!("FAILED")),
            ("isReversed", json!(true)),
            ("success", json!(false)),
            ("reversedBalance", json!(10.5)),
            ("balance", json!("none")),
            ("loadAmount", json!(10.51)),
            ("amount", json!(1)),
            ("uniqueReferenceNumber", json!("OTHER")),
            ("cardAccountId", json!("OTHER")),
        ] {
            let mut payload = both();
            payload[SUCCESSES][0][name] = value;
            assert_eq!(done(payload.clone()), [false, true], "{payload}");
        }
        let mut twice = both();
        twice[SUCCESSES][1] = twice[SUCCESSES][0].clone();
        assert_eq!(done(twice), [false, false]);
        for payload in [
            json!({}),
            json!([]),
            json!({SUCCESSES: {}}),
            json!({SUCCESSES: [1, null]}),
        ] {
            assert_eq!(done(payload.clone()), [false, false], "{payload}");
        }
    }
}
