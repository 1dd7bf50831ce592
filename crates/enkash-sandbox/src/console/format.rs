//! How the console writes amounts, instants and durations. The sections of the page use it.

use std::time::Duration;

use jiff::Timestamp;
use rust_decimal::Decimal;

/// An amount with all its digits, at least two after the point, in groups of three before it.
pub(super) fn amount(amount: Decimal) -> String {
    let text = amount.abs().normalize().to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    // A minus sign as wide as the digits.
    let sign = if amount.is_sign_negative() && !amount.is_zero() {
        "\u{2212}"
    } else {
        ""
    };
    format!("{sign}{grouped}.{fraction:0<2}")
}

/// An instant to the second, in UTC.
pub(super) fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The time of an instant, in UTC, where its day is clear.
pub(super) fn time_of_day(at: Timestamp) -> String {
    at.strftime("%H:%M:%S").to_string()
}

/// A duration in milliseconds.
pub(super) fn milliseconds(took: Duration) -> String {
    let milliseconds = took.as_secs_f64() * 1e3;
    if milliseconds < 9.95 {
        format!("{milliseconds:.1}")
    } else {
        format!("{milliseconds:.0}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_every_digit() {
        for (text, shown) in [
            ("0", "0.00"),
            ("11", "11.00"),
            ("250.5", "250.50"),
            ("1000000", "1,000,000.00"),
            ("-990553.445", "\u{2212}990,553.445"),
            ("12345678901234567890.12", "12,345,678,901,234,567,890.12"),
        ] {
            assert_eq!(amount(text.parse().unwrap()), shown);
        }
    }

    #[test]
    fn short_durations_have_a_digit_more() {
        assert_eq!(milliseconds(Duration::from_micros(431)), "0.4");
        assert_eq!(milliseconds(Duration::from_micros(9_960)), "10");
        assert_eq!(milliseconds(Duration::from_millis(2_003)), "2003");
    }
}
