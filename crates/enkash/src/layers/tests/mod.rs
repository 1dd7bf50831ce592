//! The pipeline against a script, in virtual time: what it promises about repeating, waiting and giving up,
//! and what a call of it weighs.

mod cancelling;
mod decoding;
mod encrypting;
mod limiting;
mod origins;
mod redacting;
mod repeating;
mod replaying;
mod timing;
