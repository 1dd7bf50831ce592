//! What a switch is called and can be set to, and the error of one that cannot be set. Help texts, the console and every switch
//! use it.

/// What a switch is called and what it can be set to, for help texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SwitchInfo {
    /// The name that [`Switches::set`](crate::Switches::set) takes.
    pub name: &'static str,
    /// What it decides.
    pub about: &'static str,
    /// Its values, each with what it does. The first one is the default.
    pub values: &'static [(&'static str, &'static str)],
}

/// A switch could not be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SwitchError {
    /// No switch has this name.
    #[error("there is no switch {name:?}; the switches are {names}")]
    UnknownName {
        /// The name that was asked for.
        name: String,
        /// The switches that there are.
        names: String,
    },
    /// The switch has no such value.
    #[error("switch {name} has no value {value:?}; its values are {values}")]
    UnknownValue {
        /// The switch.
        name: &'static str,
        /// The value that was asked for.
        value: String,
        /// The values that it has.
        values: String,
    },
    /// The setting is not of the form `NAME=VALUE`.
    #[error("{0:?} is not of the form NAME=VALUE")]
    Malformed(String),
}

impl SwitchInfo {
    /// What stands before the number, in a value that has one, such as `delayed:SECONDS`.
    pub(crate) fn before_number(value: &str) -> Option<&str> {
        let (_, number) = value.split_once(':')?;
        value
            .strip_suffix(number)
            .filter(|_| number.chars().all(|letter| letter.is_ascii_uppercase()))
    }
}

impl SwitchError {
    pub(super) fn unknown_value(info: &SwitchInfo, value: &str) -> Self {
        let values: Vec<_> = info.values.iter().map(|(word, _)| *word).collect();
        SwitchError::UnknownValue {
            name: info.name,
            value: value.to_owned(),
            values: values.join(", "),
        }
    }
}
