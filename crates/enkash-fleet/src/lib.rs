#![doc = include_str!("../README.md")]
#![cfg_attr(
    not(any(feature = "postgres", feature = "redis")),
    allow(dead_code, reason = "without a database there is nothing to keep entries in")
)]

mod database;
mod entry;
mod error;
mod fleet;
mod keys;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
mod seal;
mod strikes;
mod tokens;

pub use crate::{
    error::Error,
    fleet::{Check, Fleet},
    keys::FleetKeys,
    strikes::FleetLedger,
    tokens::FleetTokenStore,
};
