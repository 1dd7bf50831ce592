//! Adds the filters that were asked for to a search. Commands that search call it, once for each option.

use enkash::Money;

use crate::exit::CliError;

/// Refuses a range that nothing can lie in. Amounts that cannot be compared exactly are left to the API.
pub(super) fn check_amounts(from: Option<Money>, to: Option<Money>) -> Result<(), CliError> {
    match (from, to) {
        (Some(from), Some(to)) if from > to => Err(CliError::bad_input(
            "--amount-to is less than --amount-from; nothing was sent",
        )),
        _ => Ok(()),
    }
}

/// The search, narrower where something is wanted.
pub(super) fn narrow<S, T>(search: S, wanted: Option<T>, add: impl FnOnce(S, T) -> S) -> S {
    match wanted {
        Some(wanted) => add(search, wanted),
        None => search,
    }
}
