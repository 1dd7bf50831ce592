//! Results that no server sent, built by hand: with them, code that looks at outcomes and errors is tested without a sandbox.
//! Feature `test-util`; the errors stand beside the error type.

use std::{sync::Arc, time::Duration};

use enkash_api::OperationId;
use serde_json::Value;

use crate::{
    model::ticket::Ticket,
    outcome::{
        Outcome, Pending, Unknown, UnknownReason,
        proof::{NotSettled, NotSettledReason},
        settlement::{SettlementFuture, Settler},
    },
    response::Response,
    transport::{call_state::RawResponse, history::History},
};

impl<T> Response<T> {
    /// A response with HTTP status 200 and this JSON.
    ///
    /// ```
    /// use enkash::{Error, OperationId, Outcome, Pending, Response, Ticket, Unknown, UnknownReason};
    /// use serde_json::json;
    ///
    /// /// The code under test.
    /// fn advice(outcome: &Outcome<Response<i64>>) -> &'static str {
    ///     match outcome {
    ///         Outcome::Done(done) if *done.value() > 0 => "thank you",
    ///         Outcome::Refused(error) if error.code() == Some("1007") => "top up the account",
    ///         Outcome::Unknown(_) | Outcome::Pending(_) => "settle it, and do not pay again",
    ///         _ => "nothing moved",
    ///     }
    /// }
    ///
    /// let operation = OperationId::CreateAllocatePoints;
    /// let done = Response::fake(operation, 250, &json!({"code": 0, "payload": {"loadAmount": 250}}));
    /// assert_eq!(done.raw()["payload"]["loadAmount"], 250);
    /// assert_eq!(advice(&Outcome::Done(done)), "thank you");
    ///
    /// let refused = Error::fake_refused(operation, "1007", "Insufficient balance");
    /// assert_eq!(advice(&Outcome::Refused(refused)), "top up the account");
    /// assert_eq!(advice(&Outcome::NotSent(Error::fake_not_sent(operation))), "nothing moved");
    ///
    /// let ticket: Ticket = serde_json::from_value(json!({
    ///     "operation": "createAllocatePoints", "reference": "PAYROLL-42", "intended_at": "2026-11-23T09:00:00Z",
    ///     "company": "CEK1PU9AOO", "account": "CAQL8YCV3", "direction": "credit", "amount": 250,
    ///     "mobile": "9000000004", "card": null
    /// }))?;
    /// let pending = Pending::fake(ticket.clone(), &json!({"code": 0, "payload": {"orderStatus": "PROCESSING"}}));
    /// assert_eq!(advice(&Outcome::Pending(pending)), "settle it, and do not pay again");
    /// let unknown = Unknown::fake(ticket, UnknownReason::NoAnswer(Error::fake_lost(operation)));
    /// assert_eq!(advice(&Outcome::Unknown(unknown)), "settle it, and do not pay again");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn fake(operation: OperationId, value: T, json: &Value) -> Self {
        let raw = RawResponse {
            body: json.to_string().into(),
            ..RawResponse::default()
        };
        Self::new(operation, value, raw, History::default())
    }
}

impl Pending {
    /// A pending outcome with a response of HTTP status 200 and this JSON.
    #[must_use]
    pub fn fake(ticket: Ticket, json: &Value) -> Self {
        let operation = ticket.operation();
        Self::new(ticket, Response::fake(operation, (), json))
    }
}

impl Unknown {
    /// An unknown outcome without a client: its settlement ends at once, and it is still unknown.
    #[must_use]
    pub fn fake(ticket: Ticket, reason: UnknownReason) -> Self {
        Self::new(ticket, reason, Arc::default(), Arc::new(NoSettlement))
    }
}

/// Looks nothing up.
struct NoSettlement;

impl Settler for NoSettlement {
    fn settle(&self, ticket: Ticket, _: Duration) -> SettlementFuture {
        let reason = NotSettledReason::OutOfTime;
        let reason = UnknownReason::NotSettled(NotSettled { reason, lookups: 0 });
        Box::pin(async { Outcome::Unknown(Unknown::fake(ticket, reason)) })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::Error;

    const OPERATION: OperationId = OperationId::CreateOrder;

    #[tokio::test]
    async fn what_is_unknown_by_hand_settles_to_unknown() {
        let ticket = json!({
            "operation": "createOrder", "reference": "REF1", "intended_at": "2026-11-23T09:00:00Z",
            "product": "PC1", "denomination": 500, "quantity": 3
        });
        let ticket: Ticket = serde_json::from_value(ticket).unwrap();
        let unknown = Unknown::fake(ticket.clone(), UnknownReason::NoReference);
        let Outcome::Unknown(still) = unknown.settle().await else {
            panic!("it is known");
        };
        assert_eq!(still.ticket, ticket);
        assert!(matches!(still.reason, UnknownReason::NotSettled(_)));
    }

    #[test]
    fn each_error_by_hand_is_known_by_its_predicate() {
        let refused = Error::fake_refused(OPERATION, "1007", "Insufficient balance");
        assert!(refused.is_refused() && refused.was_sent());
        assert_eq!(
            (refused.code(), refused.message()),
            (Some("1007"), Some("Insufficient balance"))
        );
        let unreachable = Error::fake_unreachable(OPERATION);
        assert!(unreachable.is_unreachable() && !unreachable.was_sent());
        assert!(!Error::fake_not_sent(OPERATION).was_sent());
        let timeout = Error::fake_timeout(OPERATION);
        assert!(timeout.is_timeout() && timeout.was_sent());
        let lost = Error::fake_lost(OPERATION);
        assert!(lost.was_sent() && !lost.is_timeout() && !lost.is_refused());
        assert!(Error::fake_rate_limited(OPERATION).is_rate_limited());
        let rejected = Error::fake_credentials_rejected();
        assert!(rejected.is_credentials_rejected() && rejected.is_account_at_risk() && !rejected.was_sent());
    }
}
