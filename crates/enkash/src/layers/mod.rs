//! What surrounds the attempts of a call, one file a layer:
//!
//! limits → retry → bearer → attempt (see `transport`)
//!
//! [`pipeline`] puts them together; a dry run takes their place.

pub(crate) mod bearer;
pub(crate) mod dry_run;
pub(crate) mod limits;
pub(crate) mod path_guard;
pub(crate) mod pipeline;
pub(crate) mod retry;

#[cfg(test)]
mod tests;
