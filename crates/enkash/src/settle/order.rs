//! The recipe for an order: fetch it by our reference, by both forms of the page. That `partnerOrderReferenceId` is the
//! reference of the request is inferred, and an order that is read back has no time on the page: a reference that was used
//! for two orders of one amount would be found for both.

use std::{collections::BTreeSet, sync::Arc};

use enkash_api::OperationId;
use enkash_policy::EntryRules;
use enkash_policy::Settlement;
use enkash_policy::SettlementEvidence;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{
    client::Enkash,
    envelope::{Envelope, json::is_empty},
    error::Error,
    model::{
        ids::OrderId,
        ticket::{OrderIntent, Ticket},
    },
    outcome::{
        facts::{self, FactMatch},
        proof::{NotSettledReason, Proof},
    },
    redemption::order::Order,
    response::Response,
    settle::{
        LookupResult, entry,
        fields::{instant, is_named, is_neutral_date, with_content},
        listing::proof_json,
    },
};

/// Facts that every order must have.
const ALWAYS: [&str; 3] = ["reference", "quantity", "amount"];
/// The order in which a proof names its facts.
const ORDER: [&str; 7] = [
    "reference",
    "quantity",
    "amount",
    "status",
    "product",
    "denomination",
    "time",
];
/// The two states that an order has.
const STATES: [&str; 2] = ["orderStatus", "paymentStatus"];
/// Fields of an order that [`facts::compare`] looks at.
const COMPARED: [&str; 10] = [
    "partnerOrderReferenceId",
    "orderReferenceId",
    "productCatalogId",
    "totalQuantity",
    "quantity",
    "denomination",
    "totalAmount",
    "orderStatus",
    "paymentStatus",
    "status",
];
/// Fields of the pages that say nothing of whose order it is and what became of it.
const SAYS_NOTHING: [&str; 4] = ["orderId", "orderAmount", "paidAmount", "brand"];
const VOUCHERS: &str = "voucherDetailsList";
/// Fields of a voucher.
const VOUCHER_FIELDS: [&str; 3] = ["cardNumber", "pin", "expiryDate"];

/// Tries each form in turn, until one shows the order.
pub(super) async fn look_up(
    client: &Enkash,
    ticket: &Ticket,
    intent: &OrderIntent,
    recipe: &Settlement,
) -> LookupResult {
    let redemption = client.redemption_as_partner();
    let reference = ticket.reference.as_str();
    let mut last = LookupResult::Absent { is_complete: false };
    for step in &recipe.steps {
        let (operation, found) = match (step.find.as_str(), step.operation.as_str()) {
            ("reference", "fetchOrderInfo") => (OperationId::FetchOrderInfo, redemption.order_info(reference).await),
            ("reference", "fetchOrderInfoByPost") => {
                let found = redemption.order_info_by_post(reference).await;
                (OperationId::FetchOrderInfoByPost, found)
            }
            _ => continue,
        };
        match compare(operation, found, ticket, intent, recipe).unwrap_or_else(LookupResult::Failed) {
            // The other form may be the one that this server has.
            result @ (LookupResult::Absent { .. } | LookupResult::Failed(_)) => last = result,
            shown => return shown,
        }
    }
    last
}

fn compare(
    operation: OperationId,
    found: Result<Response<Order>, Error>,
    ticket: &Ticket,
    intent: &OrderIntent,
    recipe: &Settlement,
) -> Result<LookupResult, Error> {
    let answer = match found {
        // The API's own no to a look-up. It may mean that there is no such order, or that it may not be seen.
        Err(error) if error.is_refused() => return Ok(LookupResult::Absent { is_complete: false }),
        found => found?,
    };
    let json = proof_json(operation, &answer)?;
    let order = with_content(Envelope::new(json).payload().unwrap_or(&Value::Null));
    Ok(judge(operation, &answer, &order, ticket, intent, recipe))
}

fn judge(
    operation: OperationId,
    answer: &Response<Order>,
    order: &Map<String, Value>,
    ticket: &Ticket,
    intent: &OrderIntent,
    recipe: &Settlement,
) -> LookupResult {
    let (json, rules) = (answer.raw(), &recipe.entry);
    let facts = facts::compare(&Value::Object(order.clone()), ticket, rules);
    let of = |name: &str| facts::found(&facts, name);
    // Another order, or one without a reference: the other form may show more.
    if of("reference") != FactMatch::Same {
        return LookupResult::Absent { is_complete: false };
    }
    let mut against: Vec<_> = ALWAYS
        .into_iter()
        .filter(|name| of(name) == FactMatch::Missing)
        .collect();
    // A state that is not good may be one on the way: it is looked at last.
    let other = facts
        .iter()
        .filter(|fact| fact.found == FactMatch::Other && fact.name != "status");
    against.extend(other.map(|fact| fact.name));
    let time = time(order, ticket, rules);
    if time == FactMatch::Other {
        against.push("time");
    }
    if !has_at_most(order.get(VOUCHERS), intent.quantity) {
        against.push("vouchers");
    }
    let states: Vec<_> = STATES.iter().filter_map(|name| order.get(*name)?.as_str()).collect();
    if states.len() < STATES.len() {
        against.push("status");
    }
    if !against.is_empty() {
        against.sort_by_key(|name| ORDER.iter().position(|known| known == name).unwrap_or(ORDER.len()));
        return LookupResult::Unproven(NotSettledReason::FactsMismatch(against));
    }
    let unknown = unknown_fields(json, order, rules);
    if !unknown.is_empty() {
        return LookupResult::Unproven(NotSettledReason::UnknownFields(unknown.into_iter().collect()));
    }
    if of("status") != FactMatch::Same {
        return LookupResult::Unfinished(Box::new(answer.clone().map(drop)));
    }
    let same = |name: &&str| of(name) == FactMatch::Same || *name == "time" && time == FactMatch::Same;
    let matched = ORDER.into_iter().filter(same).collect();
    let is_verified = recipe.evidence == SettlementEvidence::Verified;
    let mut proof = Proof::new(operation, matched, is_verified, json.clone(), Arc::new(answer.head()));
    proof.order = order.get("orderId").and_then(Value::as_str).map(OrderId::from);
    LookupResult::Proven(proof)
}

/// No page shows a time. Where there is one that the rules name, it must fit.
fn time(order: &Map<String, Value>, ticket: &Ticket, rules: &EntryRules) -> FactMatch {
    let (from, to) = entry::window(ticket, Timestamp::now());
    let dates = |names: &[String], latest: Timestamp| -> Vec<bool> {
        let found = names.iter().filter_map(|name| order.get(name));
        found
            .map(|date| instant(date).is_some_and(|date| (from..=latest).contains(&date)))
            .collect()
    };
    let same = dates(&rules.same_dates, to);
    let later = dates(&rules.later_dates, Timestamp::MAX);
    if same.iter().chain(&later).any(|fits| !fits) {
        return FactMatch::Other;
    }
    match same.is_empty() {
        true => FactMatch::Missing,
        false => FactMatch::Same,
    }
}

/// Fewer vouchers than were ordered may be shown, as in the page's example; more would be another order.
fn has_at_most(vouchers: Option<&Value>, quantity: i64) -> bool {
    match vouchers {
        None => true,
        Some(vouchers) => {
            let count = vouchers
                .as_array()
                .and_then(|vouchers| i64::try_from(vouchers.len()).ok());
            count.is_some_and(|count| count <= quantity)
        }
    }
}

/// Fields with a content that nobody documents: of the response, of the order, and of its vouchers.
fn unknown_fields(json: &Value, order: &Map<String, Value>, rules: &EntryRules) -> BTreeSet<String> {
    let is_known = |name: &str, value: &Value| {
        let is_listed =
            COMPARED.contains(&name) || SAYS_NOTHING.contains(&name) || name == VOUCHERS || is_named(rules, name);
        is_listed || is_neutral_date(name, value)
    };
    let unknown = order.iter().filter(|(name, value)| !is_known(name, value));
    let mut unknown: BTreeSet<String> = unknown.map(|(name, _)| name.clone()).collect();
    for voucher in order.get(VOUCHERS).and_then(Value::as_array).into_iter().flatten() {
        let fields = voucher
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(_, value)| !is_empty(value));
        let strange = fields.filter(|(name, _)| !VOUCHER_FIELDS.contains(&name.as_str()));
        unknown.extend(strange.map(|(name, _)| format!("{VOUCHERS}.{name}")));
    }
    unknown.extend(
        Envelope::new(json)
            .unknown_field(&rules.other_fields)
            .map(str::to_owned),
    );
    unknown
}
