//! Who uses the command, for the ledger: the user of the operating system, or a name that somebody typed. Nobody signs
//! either.

/// A person, and where the name comes from.
pub(crate) struct Operator {
    pub(crate) name: String,
    /// As the ledger keeps it.
    pub(crate) source: &'static str,
}

/// The user of the operating system.
pub(crate) fn current() -> Operator {
    Operator {
        name: whoami::username().unwrap_or_else(|_| "unknown user".to_owned()),
        source: "user of the operating system",
    }
}

/// The user of the operating system, or the name that was typed with `--as`.
pub(crate) fn named(name: Option<&str>) -> Operator {
    match name {
        Some(name) => Operator {
            name: name.to_owned(),
            source: "typed with --as, signed by nothing",
        },
        None => current(),
    }
}
