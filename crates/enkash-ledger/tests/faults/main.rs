//! The ledger's file under faults: processes that are killed at any moment, a log that ends in the middle of a page, a full
//! disk, files that cannot be used. Nothing that was reported is lost, nothing is sent twice, and every error names the place.
//! The processes are this test program itself, started once more with the name of one test.

#![cfg(all(unix, feature = "sqlite"))]
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test may panic and print, and so may what it calls"
)]

mod child;
mod closed_files;
mod facts;
mod full_disk;
mod kills;
mod sender;
mod torn_log;
mod unusable_files;
