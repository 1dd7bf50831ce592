//! The low level, for what the handles do not offer: the generated client, with this client's tokens, limits, encryption and
//! safety, and none of its outcomes.
//!
//! This is the one module whose items are the generated crate's: they change when the spec does.

pub use enkash_api;
pub use enkash_api::{Client, Payload, ResultCode, UndocumentedJson, types};

use enkash_api::OperationId;

use crate::client::Enkash;

/// The low-level client for the tag that an operation belongs to, on the same pipeline.
///
/// A call that moves value is still sent at most once, and reads are still repeated. It is not stopped where the API does not
/// repeat our reference (see [`ReferenceField`](crate::config::ReferenceField)). And its result is a `Result`: after an
/// error you cannot tell whether value moved. Prefer the handles.
///
/// Its calls have the options of the client: see [`Enkash::with_options`]. A success is a `ResponseValue` with the HTTP status and
/// all headers as they came, which may hold secrets.
///
/// An operation that is in a low level of your own only (`enkash-codegen` makes one from OpenAPI Overlays) is called here. It counts
/// as moving value, unless a [`PolicyOverlay`](crate::config::PolicyOverlay) of yours says what it does.
///
/// ```
/// use enkash::{OperationId, raw};
///
/// # async fn example(enkash: enkash::Enkash) -> Result<(), Box<dyn std::error::Error>> {
/// let client = raw::client(&enkash, OperationId::GetCoinBalance);
/// let answer = client.get_coin_balance().user_id("EK6CYE6K").send().await?;
/// println!("{:?}", answer.into_inner().payload);
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn client(enkash: &Enkash, operation: OperationId) -> Client {
    enkash.raw_client(operation)
}
