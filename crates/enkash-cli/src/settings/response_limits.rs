//! A profile's limits for responses, in bytes: the table `[profile.NAME.response_limits]`. An error names the one that a response
//! exceeded.

use std::collections::BTreeMap;

use enkash::config::ResponseLimits;
use toml::{Spanned, de::DeValue};

use super::located::Located;

/// The limits that a profile sets, by their names.
pub(crate) type LimitSettings = BTreeMap<&'static str, Located<usize>>;

type Setter = fn(ResponseLimits, usize) -> ResponseLimits;

const LIMITS: [(&str, Setter); 4] = [
    ("bulk_row", ResponseLimits::bulk_row),
    ("list", ResponseLimits::list),
    ("money", ResponseLimits::money),
    ("other", ResponseLimits::other),
];

/// One entry of the table.
pub(super) fn parse_limit(name: &str, value: &Spanned<DeValue<'_>>) -> Result<(&'static str, usize), String> {
    let Some((name, _)) = LIMITS.iter().find(|(known, _)| *known == name) else {
        let known = LIMITS.map(|(known, _)| known).join(", ");
        return Err(format!("there is no response limit {name:?}; there are {known}"));
    };
    let bytes = match value.get_ref() {
        DeValue::Integer(number) => usize::from_str_radix(number.as_str(), number.radix()).ok(),
        _ => None,
    };
    match bytes.filter(|bytes| *bytes > 0) {
        Some(bytes) => Ok((name, bytes)),
        None => Err(format!("{name} must be a number of bytes, such as 33554432")),
    }
}

/// The limits of the client, with those of the profile.
pub(crate) fn response_limits(settings: &LimitSettings) -> ResponseLimits {
    LIMITS.iter().fold(ResponseLimits::default(), |limits, (name, set)| {
        match settings.get(name) {
            Some(limit) => set(limits, limit.value),
            None => limits,
        }
    })
}
