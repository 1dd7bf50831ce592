//! A real PostgreSQL and a real Redis for tests: each is started in a folder of its own, crashed, and started again. The tests
//! of crates that keep something in them call it. No server outlives the test process, however that ends.
//!
//! A test begins with `let Some(server) = PostgresServer::shared() else { return };`, or with `PostgresServer::start()` if it
//! stops the server; `RedisServer` alike. Where the server is not installed both say so in one line and return `None`; with
//! `CI=true` they panic. What a server holds can be read as bytes, so that a test can look for what must not be there.

mod address;
mod files;
mod port;
pub mod postgres;
mod process;
mod programs;
pub mod redis;

pub use files::StoredFile;
