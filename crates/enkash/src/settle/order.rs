//! The recipe for an order: fetch it by our reference, by both forms of the page. That `partnerOrderReferenceId` is the
//! reference of the request is inferred, and an order that is read back has no time: a reference that was used for two
//! orders of one amount would be found for both.

use enkash_api::OperationId;

use super::{Look, Proof};
use crate::{
    Answer, Enkash, Error, OrderIntent, Ticket,
    policy::{Settlement, SettlementEvidence},
    redemption::Order,
};

/// Tries each form in turn, until one shows the order.
pub(super) async fn look(client: &Enkash, ticket: &Ticket, intent: &OrderIntent, recipe: &Settlement) -> Look {
    let redemption = client.redemption_as_partner();
    let mut last = Look::Absent { is_complete: false };
    for step in &recipe.steps {
        let reference = ticket.reference.as_str();
        let (operation, found) = match (step.find.as_str(), step.operation.as_str()) {
            ("reference", "fetchOrderInfo") => (OperationId::FetchOrderInfo, redemption.order_info(reference).await),
            ("reference", "fetchOrderInfoByPost") => {
                let found = redemption.order_info_by_post(reference).await;
                (OperationId::FetchOrderInfoByPost, found)
            }
            _ => continue,
        };
        last = match compare(operation, found, ticket, intent, recipe.evidence) {
            Look::Absent { .. } => Look::Absent { is_complete: false },
            // The other form may be the one that this portal has.
            Look::Failed(error) => Look::Failed(error),
            shown => return shown,
        };
    }
    last
}

fn compare(
    operation: OperationId,
    found: Result<Answer<Order>, Error>,
    ticket: &Ticket,
    intent: &OrderIntent,
    evidence: SettlementEvidence,
) -> Look {
    let order = match found {
        Ok(order) => order,
        // The portal's own no to a look-up. It may mean that there is no such order, or that it may not be seen.
        Err(error) if error.is_refused() => return Look::Absent { is_complete: false },
        Err(error) => return Look::Failed(error),
    };
    // Another order, or one without a reference: the other form may show more.
    if order.partner_reference.as_deref() != Some(ticket.reference.as_str()) {
        return Look::Absent { is_complete: false };
    }
    let facts = [
        ("quantity", order.quantity == Some(intent.quantity)),
        (
            "amount",
            order.total.is_some_and(|total| total.is_exact()) && order.total == intent.face_value(),
        ),
    ];
    let against: Vec<_> = facts
        .iter()
        .filter(|(_, is_same)| !is_same)
        .map(|(name, _)| *name)
        .collect();
    if !against.is_empty() {
        return Look::Mismatch(against);
    }
    if !order.is_finished() {
        return Look::Unfinished;
    }
    let is_verified = evidence == SettlementEvidence::Verified;
    let matched = vec!["reference", "quantity", "amount", "status"];
    let mut proof = Proof::new(operation, matched, is_verified, order.raw().clone());
    proof.order = order.id.clone();
    Look::Proven(proof)
}
