#![doc = include_str!("../README.md")]

mod auth;
mod client;
mod encryption;
mod envelope;
mod error;
#[cfg(feature = "test-util")]
mod fake;
mod incentives;
mod layers;
mod metrics;
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
mod test_support;
mod token_source;
mod transport;

pub use enkash_api::{
    DocPage, Evidence, EvidenceLevel, Method, Money, MoneyError, OPERATIONS, Operation, OperationId, PathTemplate,
    PathTemplateError, PersonalData, Secret, reqwest,
};
pub use jiff::Timestamp;

#[cfg(feature = "middleware")]
pub use crate::middleware::{Replayable, TokenMiddleware};
pub use crate::{
    auth::{
        identity::{Fingerprint, LogInIdentity},
        ledger::{LedgerError, LedgerFuture, StrikeLedger, file::FileLedger, memory::MemoryLedger},
        store::{StoreError, StoreFuture, StoredToken, TokenStore, file::FileTokenStore, memory::MemoryTokenStore},
        strikes::{LogInRules, StrikeRecord, StrikeReply, StrikeStep},
        token::TokenState,
    },
    client::{Enkash, builder::EnkashBuilder},
    encryption::settings::{Encryption, EncryptionMode, KeyDigest, SealedForm},
    error::Error,
    incentives::Incentives,
    layers::{dry_run::DryRequest, limits::Limits, retry::Retries},
    metrics::{CallEvent, CallResult, LogInEvent, LogInResult, Metrics, RetryEvent},
    model::{
        credentials::Credentials,
        hosts::Hosts,
        ids::{
            CardAccountId, CardTransactionId, CoinConfigId, CompanyId, EnKashCardId, OrderId, PartnerId,
            ProductCatalogId, ProductConfigId, UserId,
        },
        invalid::InvalidInput,
        person::{Gender, Person, Title},
        reference::{ClientReference, InvalidReference, ReferenceField},
        ticket::{CoinsIntent, Direction, Intent, OrderIntent, PointsIntent, Ticket},
    },
    outcome::{
        Outcome, Unknown, UnknownReason,
        proof::{NotSettled, Proof, Settled, WhyNotSettled},
        settlement::Settle,
    },
    points::Points,
    policy::overlay::PolicyOverlay,
    redemption::Redemption,
    response::Response,
    rewards::{
        Rewards,
        allocate::{Allocated, Allocation, Unallocation},
        person_check::CheckedPerson,
    },
    settle::SettleAll,
    sso::Sso,
    token_source::{TokenSource, TokenSourceBuilder},
    transport::{
        history::{Attempt, AttemptResult},
        options::CallOptions,
        response_limits::ResponseLimits,
    },
};
