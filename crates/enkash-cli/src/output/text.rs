//! Text and amounts as a terminal shows them. What comes from a file or from the portal must not steer the
//! terminal, and an amount must never look rounder than it is.

use std::borrow::Cow;

use enkash::Money;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Two decimals, or more where there are more. An amount that was read inexactly is marked with `≈`.
pub(crate) fn money(amount: Money) -> String {
    if amount.decimals() <= 2 {
        format!("{amount:.2}")
    } else {
        amount.to_string()
    }
}

/// The text with what would steer a terminal, or turn its direction round, replaced.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    let steers = |c: char| c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if text.contains(steers) {
        Cow::Owned(text.replace(steers, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// How many columns the text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// At most so many columns; what is cut ends in `…`. For names, never for ids and amounts.
pub(crate) fn shortened(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mut taken = 0;
    let mut short = String::new();
    for c in text.chars() {
        taken += c.width().unwrap_or(0);
        if taken >= columns {
            break;
        }
        short.push(c);
    }
    short.push('…');
    Cow::Owned(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_two_decimals_and_lose_none() {
        for (amount, shown) in [
            ("250.5", "250.50"),
            ("3", "3.00"),
            ("0.01", "0.01"),
            ("-4.1", "-4.10"),
            ("1.005", "1.005"),
        ] {
            assert_eq!(money(amount.parse().unwrap()), shown);
        }
        let inexact: Money = serde_json::from_str("0.1234567890123456789").unwrap();
        assert!(money(inexact).starts_with('≈'));
    }

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(printable("A\u{1b}[2J\nB\u{202e}"), "A\u{fffd}[2J\u{fffd}B\u{fffd}");
        assert_eq!(printable("आशा Ünal"), "आशा Ünal");
    }

    #[test]
    fn names_are_cut_by_columns_not_by_bytes() {
        assert_eq!(shortened("Asha", 4), "Asha");
        assert_eq!(shortened("Ashalata", 4), "Ash…");
        assert_eq!(shortened("日本語の名前", 5), "日本…");
        assert!(width(&shortened("日本語の名前", 6)) <= 6);
    }
}
