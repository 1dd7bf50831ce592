#![doc = include_str!("../README.md")]

mod answer;
mod client;
mod clock;
mod credentials;
mod envelope;
mod error;
mod facts;
mod hosts;
mod http_client;
mod ids;
mod incentives;
mod json;
mod list;
mod observe;
mod outcome;
mod person;
mod pipeline;
pub mod points;
mod policy;
pub mod raw;
pub mod redemption;
mod reference;
pub mod rewards;
mod settle;
pub mod sso;
mod ticket;
mod token;

pub use enkash_api::{
    Evidence, EvidenceLevel, Method, Money, MoneyError, OPERATIONS, Operation, OperationId, Page, PathTemplate,
    PathTemplateError, Personal, Secret, reqwest,
};
pub use jiff::Timestamp;

#[cfg(feature = "middleware")]
pub use crate::token::{Replayable, TokenMiddleware};
pub use crate::{
    answer::Answer,
    client::{Enkash, EnkashBuilder},
    credentials::Credentials,
    error::Error,
    hosts::Hosts,
    ids::{
        CardAccountId, CardTransactionId, CoinConfigId, CompanyId, EnKashCardId, OrderId, PartnerId, ProductCatalogId,
        ProductConfigId, UserId,
    },
    incentives::Incentives,
    observe::{CallEvent, CallResult, LogInEvent, LogInResult, Metrics, RetryEvent},
    outcome::{Outcome, Unknown, UnknownReason},
    person::{Gender, Person, Title},
    pipeline::{
        Attempt, AttemptResult, CallOptions, DryRequest, Encryption, EncryptionMode, KeyDigest, Limits, ResponseLimits,
        Retries, SealedForm,
    },
    points::Points,
    policy::PolicyOverlay,
    redemption::Redemption,
    reference::{ClientReference, InvalidReference, ReferenceField},
    rewards::{Allocated, Allocation, CheckedPerson, Rewards, Unallocation},
    settle::{NotSettled, Proof, Settle, SettleAll, Settled, WhyNotSettled},
    sso::Sso,
    ticket::{CoinsIntent, Direction, Intent, OrderIntent, PointsIntent, Ticket},
    token::{
        FileLedger, FileTokenStore, Fingerprint, LedgerError, LedgerFuture, LogInIdentity, LogInRules, MemoryLedger,
        MemoryTokenStore, StoreError, StoreFuture, StoredToken, StrikeLedger, StrikeRecord, StrikeReply, StrikeStep,
        TokenSource, TokenSourceBuilder, TokenState, TokenStore,
    },
};
