#![doc = include_str!("../README.md")]

mod document;
mod error;
mod exchange;
pub mod json;
pub mod limits;
mod recording;
mod redactor;
mod writer;

pub use document::{Document, DocumentedOperation, OperationMatch};
pub use error::RecordingError;
pub use exchange::{Body, Exchange, Message};
pub use recording::Recording;
pub use redactor::{Manifest, RedactedExchange, Redactor, Rule, is_field_name};
pub use writer::RecordingWriter;
