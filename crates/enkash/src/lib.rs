#![doc = include_str!("../README.md")]

mod auth;
mod client;
pub mod encryption;
mod envelope;
mod error;
#[cfg(feature = "test-util")]
mod fake;
mod layers;
pub mod metrics;
#[cfg(feature = "middleware")]
mod middleware;
mod model;
mod outcome;
pub mod points;
mod policy;
pub mod raw;
pub mod redemption;
mod response;
pub mod rewards;
mod settle;
pub mod sso;
#[cfg(test)]
mod tests;
mod token_source;
mod transport;

pub use enkash_api::{Money, MoneyError, OperationId, PersonalData, Secret, http_client_builder, reqwest};
pub use jiff::Timestamp;

pub use crate::{
    client::{Enkash, builder::EnkashBuilder},
    error::Error,
    model::{
        credentials::Credentials,
        hosts::Hosts,
        invalid::InvalidInput,
        person::{Gender, Person, Title},
        reference::{ClientReference, InvalidReference},
        ticket::Ticket,
    },
    outcome::{Outcome, Pending, Unknown, UnknownReason},
    response::Response,
    transport::history::{Attempt, AttemptResult},
};

pub mod config {
    //! How a client and its calls behave: times, limits, retries, sizes and policy. Each has a method of
    //! [`EnkashBuilder`](crate::EnkashBuilder).

    pub use crate::{
        layers::{dry_run::DryRunRequest, limits::Limits, retry::RetryPolicy},
        model::reference::ReferenceField,
        policy::overlay::PolicyOverlay,
        transport::{options::CallOptions, response_limits::ResponseLimits},
    };
}

pub mod ids {
    //! Ids that the API gives. None refuses one that looks unusual.

    pub use crate::model::ids::{
        CardAccountId, CardTransactionId, CoinConfigId, CompanyId, EnKashCardId, OrderId, PartnerId, ProductCatalogId,
        ProductConfigId, UserId,
    };
}

pub mod settlement {
    //! What became of a call that nobody knows the outcome of: see [`Enkash::settle`](crate::Enkash::settle).

    pub use crate::{
        outcome::{
            proof::{NotSettled, NotSettledReason, Proof, Settled},
            settlement::Settlement,
        },
        settle::{
            Settlements,
            account_transactions::{TransactionGap, TransactionPages},
            movement::Movement,
        },
    };
}

pub mod spec {
    //! What the spec says of each operation, and on what evidence.

    pub use enkash_api::{
        DocPage, Evidence, EvidenceLevel, Method, OPERATIONS, Operation, PathTemplate, PathTemplateError,
    };
}

pub mod ticket {
    //! What a call was to do with value: the parts of a [`Ticket`](crate::Ticket).

    pub use crate::model::ticket::{CoinsIntent, Direction, Intent, OrderIntent, PointsIntent};
}

pub mod token {
    //! Access tokens: where they come from, where they are kept, and where failed logins are counted.

    #[cfg(feature = "middleware")]
    pub use crate::middleware::{Replayable, TokenMiddleware};
    pub use crate::{
        auth::{
            fence::Fence,
            identity::{Fingerprint, LoginIdentity},
            ledger::{LedgerError, LedgerFuture, StrikeLedger, file::FileLedger, memory::MemoryLedger},
            login_response::LoginResponse,
            store::{
                SaveResult, StoreError, StoreFuture, StoredToken, TokenStore, file::FileTokenStore,
                memory::MemoryTokenStore, record::TokenRecord,
            },
            strikes::{LedgerReply, LedgerUpdate, LoginRules, StrikeRecord},
            token::TokenState,
        },
        token_source::{TokenSource, TokenSourceBuilder},
    };
}
