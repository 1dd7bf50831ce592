//! A stateful imitation of the EnKash Reward APIs on one's own machine: for tests of code that moves money, for first steps,
//! and for trying what a real server does when it fails. It is unofficial and not affiliated with EnKash.
//!
//! It was written from EnKash's public documentation alone. What it states is done as stated; where it is silent, the
//! behaviour is a named switch ([`Switches`]) or is marked in this crate's source as the sandbox's own choice.
//!
//! # A test in five lines
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use enkash_sandbox::{Operation, Sandbox};
//! # use serde_json::{Value, json};
//! # async fn pay(sandbox: &Sandbox, reference: &str) -> Result<Value, reqwest::Error> {
//! #     let (client, to) = (enkash_api::http_client_builder().build()?, sandbox.credentials());
//! #     let form = [("grant_type", "password"), ("clientId", &to.client_id), ("username", &to.username), ("password", &to.password)];
//! #     let log_in = client.post(format!("{}/oauth/token", to.url)).basic_auth(&to.client_id, Some(&to.client_secret));
//! #     let token: Value = log_in.form(&form).send().await?.json().await?;
//! #     let body = json!({
//! #         "companyId": to.company_id, "cardAccountId": to.card_account_id,
//! #         "transactionCode": "ALLOCATION", "transactionType": "CR", "type": "ALLOCATE_POINT",
//! #         "title": "Ms", "firstName": "Meera", "gender": "F", "email": "meera@example.com", "mobile": "9000000001",
//! #         "loadAmount": 250.5, "uniqueReferenceNumber": reference,
//! #     });
//! #     let path = "/api/v0/partner/enKashCard/create-allocate-points";
//! #     let call = client.post(format!("{}{path}", to.url)).header("partnerId", &to.partner_id);
//! #     call.bearer_auth(token["access_token"].as_str().unwrap_or_default()).json(&body).send().await?.json().await
//! # }
//! let sandbox = Sandbox::start().await?;
//! let response = pay(&sandbox, "REF1").await?; // your code, with sandbox.credentials()
//! assert_eq!(response["payload"]["pgReferenceNumber"], "REF1");
//! assert_eq!(sandbox.credits("REF1"), 1);
//! assert_eq!(sandbox.calls(Operation::CreateAllocatePoints), 1);
//! # assert_eq!(sandbox.card_balance("9000000001"), Some("250.5".parse()?));
//! # Ok(()) }
//! ```
//!
//! # What can be steered
//!
//! - The data it starts with: [`Seed`], in YAML or in code.
//! - What the documentation leaves open: [`Switches`], for instance what a repeated reference does.
//! - What becomes of a transaction or an order later: the switches `transaction_progress` and `order_progress`, and
//!   [`Sandbox::change_transactions`].
//! - The time: [`Sandbox::advance`] lets tokens expire and months pass without waiting.
//! - Faults: [`FaultRule`]s by operation, probability or n-th call, from a delay to a connection that is reset after the
//!   money moved.
//! - Both by name, for a whole bad day: [`Preset`].
//! - The state as a whole: [`Sandbox::reset`], [`Sandbox::snapshot`] and [`Sandbox::restore`], and a file that outlives the
//!   process with [`SandboxBuilder::state_file`].
//! - All of that over HTTP as well, under `/_sandbox`: `clock`, `switches`, `faults`, `presets`, `log`, `ledger`,
//!   `transactions`, `orders`, `records`, `tokens/revoke`, `unlock`, `reset`, `snapshots`, `state` and `openapi.json`. Only
//!   requests whose Host and Origin are the sandbox's own are served there. `GET /_sandbox/health` answers to everybody.
//!
//! With the feature `console` there is a console in the browser too: `/` shows the state and changes it, `/docs` is the API
//! reference with a form to try each operation.
//!
//! # What can be asserted
//!
//! [`Sandbox::credits`], [`Sandbox::debits`], [`Sandbox::calls`], [`Sandbox::log`], [`Sandbox::transactions`],
//! [`Sandbox::allocations`], [`Sandbox::account_balance`], [`Sandbox::card_balance`], [`Sandbox::coin_balance`]; and of the sandbox itself
//! [`Sandbox::audit`] and [`Sandbox::violations`].

pub mod allocations;
mod audit;
mod builder;
pub mod clock;
#[cfg(feature = "console")]
mod console;
mod credentials;
mod document;
mod entry_state;
mod error;
mod escape;
pub mod faults;
mod log;
mod money;
mod operation;
mod operations;
mod presets;
mod sandbox;
pub mod seed;
mod server;
mod state;
mod store;
mod stored_number;
pub mod switches;

pub use allocations::AllocationEntry;
pub use audit::Transaction;
pub use builder::SandboxBuilder;
pub use credentials::Credentials;
pub use entry_state::{ChangeError, EntryChange, EntryState};
pub use error::SandboxError;
pub use faults::kind::{Fault, When};
pub use faults::rule::FaultRule;
pub use log::LogEntry;
pub use operation::{Operation, UnknownOperation};
pub use presets::{Preset, UnknownPreset};
pub use sandbox::Sandbox;
pub use seed::contents::Seed;
pub use state::StateFileError;
pub use state::snapshot::{Snapshot, SnapshotError};
pub use store::extra_records::ExtraRecord;
pub use switches::table::Switches;
