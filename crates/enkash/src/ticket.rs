//! What is needed to find out later what became of a call that moved value. A ticket is known before the
//! call is sent, so that it can be stored first; every unknown outcome carries it.

use enkash_api::{Money, OperationId, Personal};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{CardAccountId, ClientReference, CompanyId, EnKashCardId};

/// The facts of one intent to move value. Serialise it and keep it where money is kept: it holds a
/// person's phone number, because the portal finds a person's card by nothing else.
///
/// `Debug` redacts the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Ticket {
    /// The operation, by the name of the description.
    pub operation: String,
    /// The company that the account belongs to.
    pub company: CompanyId,
    /// The account that value was to leave or to enter.
    pub account: CardAccountId,
    /// The person's mobile number, where the intent names one.
    pub mobile: Option<Personal>,
    /// The person's card, where the intent names one.
    pub card: Option<EnKashCardId>,
    /// How much.
    pub amount: Money,
    /// The caller's reference.
    pub reference: ClientReference,
    /// When the call was about to be sent.
    pub intended_at: Timestamp,
}

impl Ticket {
    pub(crate) fn operation_name(operation: OperationId) -> String {
        operation.operation().name.to_owned()
    }
}
