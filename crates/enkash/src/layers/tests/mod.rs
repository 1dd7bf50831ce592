//! The pipeline against a script, in virtual time: what it promises about repeating, waiting and giving up,
//! and what a call of it weighs.

mod cancellation;
mod deadlines;
mod decoding;
mod encryption;
mod limits;
mod options;
mod origins;
mod redaction;
mod replay;
mod retry;
