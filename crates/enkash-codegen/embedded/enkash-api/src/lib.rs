#![doc = include_str!("../README.md")]

mod client;
mod error;
mod escape;
mod undocumented_json;
#[rustfmt::skip]
#[allow(missing_docs, unreachable_pub, rustdoc::broken_intra_doc_links, unused_imports)]
mod generated;
mod money;
mod open_enums;
mod operation;
mod optional;
pub mod origin;
mod path_segment;
mod path_template;
mod payload;
mod result_code;
mod secret;
pub mod tls;
mod transport;

pub use http::Method;
pub use progenitor_client::ResponseValue;
pub use reqwest;
pub use rust_decimal::Decimal;

pub use crate::{
    client::{Client, builder},
    error::{Error, UnreadableResponse},
    escape::{escape_controls, escape_to_ascii},
    generated::types,
    money::{Money, MoneyError},
    operation::{DocPage, Evidence, EvidenceLevel, OPERATIONS, Operation, OperationId},
    optional::IntoOptional,
    origin::PlainHttpRefused,
    path_segment::{PathSegment, PathSegmentError},
    path_template::{PathTemplate, PathTemplateError},
    payload::Payload,
    result_code::ResultCode,
    secret::{PersonalData, Secret},
    tls::http_client_builder,
    transport::{
        BoxError, Call, Executor, ExecutorFuture, ResponseBodyError, ResponseLimit, ResponseTooLarge, Transport,
        UnknownPath, with_body,
    },
    undocumented_json::UndocumentedJson,
};
