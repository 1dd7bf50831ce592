//! What calls are about: people, ids, references, amounts, and the ticket that a call is settled by. These types check
//! themselves, send nothing, and know no other part of the crate.

pub(crate) mod amount_rules;
pub(crate) mod credentials;
pub(crate) mod hosts;
pub(crate) mod ids;
pub(crate) mod invalid;
pub(crate) mod person;
pub(crate) mod reference;
pub(crate) mod serialize;
pub(crate) mod ticket;
