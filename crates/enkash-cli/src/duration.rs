//! Durations as people write them in arguments: a number with its unit.

use std::time::Duration;

/// A number with its unit.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || "not a duration such as 30s, 2m or 1h".to_owned();
    let units = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];
    let number = |unit: &str| text.strip_suffix(unit)?.parse::<u64>().ok();
    let millis = units
        .iter()
        .find_map(|(unit, millis)| number(unit)?.checked_mul(*millis))
        .ok_or_else(wrong)?;
    Ok(Duration::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_with_a_unit() {
        for (text, millis) in [
            ("0s", 0),
            ("30s", 30_000),
            ("2m", 120_000),
            ("1h", 3_600_000),
            ("250ms", 250),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in [
            "",
            "s",
            "30",
            "-1s",
            "1.5s",
            "1d",
            "99999999999999999999s",
            "9999999999999999h",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
