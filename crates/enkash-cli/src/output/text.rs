//! Text and amounts as a terminal shows them: an amount must never look rounder than it is, and columns are counted as the
//! terminal counts them.

use std::borrow::Cow;

use enkash::Money;
use enkash_api::escape_controls;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Names are cut here in tables, ids and amounts nowhere.
pub(crate) const MAX_NAME_WIDTH: usize = 32;

/// Two decimals, or more where there are more. An amount that was read inexactly is marked with `≈`.
pub(crate) fn format_money(amount: Money) -> String {
    if amount.decimals() <= 2 {
        format!("{amount:.2}")
    } else {
        amount.to_string()
    }
}

/// How many columns the text takes as it is shown.
pub(crate) fn width(text: &str) -> usize {
    escape_controls(text).width()
}

/// At most so many columns; what is cut ends in `…`. For names, never for ids and amounts.
pub(crate) fn truncate(text: &str, columns: usize) -> Cow<'_, str> {
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
            assert_eq!(format_money(amount.parse().unwrap()), shown);
        }
        let inexact: Money = serde_json::from_str("0.1234567890123456789").unwrap();
        assert!(format_money(inexact).starts_with('≈'));
    }

    #[test]
    fn names_are_cut_by_columns_not_by_bytes() {
        assert_eq!(truncate("Asha", 4), "Asha");
        assert_eq!(truncate("Ashalata", 4), "Ash…");
        assert_eq!(truncate("日本語の名前", 5), "日本…");
        assert!(width(&truncate("日本語の名前", 6)) <= 6);
    }
}
