#![doc = include_str!("../README.md")]

mod address;
mod error;
mod pool;
mod session;
mod tls;

pub use crate::{
    address::Address,
    error::Error,
    pool::{ANSWER_TIMEOUT, Pool, within},
    session::{Session, Values},
};
/// What a pool hands out: connections and transactions that keep their prepared statements.
pub use deadpool_postgres;
/// The driver: rows, and how values become columns.
pub use tokio_postgres;
