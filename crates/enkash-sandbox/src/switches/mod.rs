//! Every choice that the documentation leaves open, in one place. A switch has a name, a few values and a default,
//! and whoever runs the sandbox sets it by name: the builder's [`Switches`], `--switch NAME=VALUE` of a command line, or
//! `POST /_sandbox/switches`. The rest of the sandbox asks the current [`Switches`] and makes no such choice of its own.

mod effect;
mod info;
mod login;
mod lookup;
mod progress;
mod response;
pub(crate) mod table;
#[cfg(test)]
mod tests;
mod word_switch;

pub use effect::{CartAdd, DuplicateReference, ReferenceSpelling};
pub use info::{SwitchError, SwitchInfo};
pub use login::{ExpiresIn, LostStrikes, TokenCasing, TokenReuse};
pub use lookup::{CardSearch, ListCut, TransactionFilters, TransactionLookup, TransactionWithoutCard};
pub use progress::{OrderProgress, TransactionProgress};
pub use response::{CodeType, Encryption, EnvelopeSpelling, ErrorBody};
pub(crate) use table::Switches;
