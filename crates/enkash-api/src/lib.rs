#![doc = include_str!("../README.md")]

mod client;
mod error;
mod escape;
mod free_json;
#[rustfmt::skip]
#[allow(missing_docs, unreachable_pub, rustdoc::broken_intra_doc_links, elided_lifetimes_in_paths, unused_imports, clippy::unwrap_used)]
mod generated;
mod money;
pub mod open_enums;
mod operation;
#[rustfmt::skip]
mod operations;
pub mod origin;
mod path_segment;
mod path_template;
mod payload;
mod result_code;
mod secret;
mod transport;

pub use http::Method;
pub use reqwest;
pub use rust_decimal::Decimal;

pub use crate::{
    error::Error,
    escape::{escape_controls, escape_to_ascii},
    free_json::FreeJson,
    generated::{Client, ResponseValue, builder, types},
    money::{Money, MoneyError},
    operation::{Evidence, EvidenceLevel, OPERATIONS, Operation, OperationId, Page},
    origin::PlainHttpRefused,
    path_segment::{PathSegment, PathSegmentError},
    path_template::{PathTemplate, PathTemplateError},
    payload::Payload,
    result_code::ResultCode,
    secret::{Personal, Secret},
    transport::{
        BoxError, Call, Executor, ExecutorFuture, ResponseBodyError, ResponseLimit, ResponseTooLarge, Transport,
        UnknownPath, UnreadableAnswer, with_body,
    },
};
