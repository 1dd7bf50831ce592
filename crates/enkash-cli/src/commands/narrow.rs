//! Adds the filters that were asked for to a search. Commands that search call it, once for each option.

/// The search, narrower where something is wanted.
pub(super) fn narrow<S, T>(search: S, wanted: Option<T>, add: impl FnOnce(S, T) -> S) -> S {
    match wanted {
        Some(wanted) => add(search, wanted),
        None => search,
    }
}
