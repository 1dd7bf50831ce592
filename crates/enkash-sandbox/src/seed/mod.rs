//! What a sandbox starts with: companies with card accounts, people and logins, a catalogue, coin events.
//! The builder takes a [`Seed`], which is written in YAML, built in code, or the small default that stands in
//! `seed/default.yaml`.

mod check;
mod company;
pub(crate) mod contents;
mod error;
mod product;
mod redacted;
#[cfg(test)]
mod tests;

pub(crate) use company::is_mobile;
pub use company::{AccountSeed, CompanySeed, LoginSeed, PersonSeed};
pub(crate) use contents::Seed;
pub use error::SeedError;
pub use product::{CoinEventSeed, DenominationSeed, ProductSeed};
