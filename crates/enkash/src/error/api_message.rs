//! The API's own words in an error. They may name people, and errors end in logs: so only words that are known to name nobody
//! are part of the text of an error. Who wants the others asks for them by name.

use std::fmt;

use enkash_api::escape_controls;

use crate::envelope::refusal_texts::names_nobody;

/// Texts of documented pages and of the sandbox about what is read, beside those that refuse a call that moves value.
const TEXTS: &[&str] = &[
    "Coin event not found",
    "Forbidden",
    "Internal Server Error",
    "No operation has this path",
    "Success",
    "Too Many Requests",
    "Unauthorized",
];

/// What a read may be about, beside what a call that moves value names.
const THINGS: &[&str] = &[
    "account",
    "brand",
    "cart",
    "catalogue",
    "category",
    "item",
    "order",
    "page",
    "record",
    "request",
    "resource",
    "transaction",
    "voucher",
];

/// The same of fields.
const FIELDS: &[&str] = &[
    "card id",
    "category id",
    "client id",
    "direction",
    "from date",
    "id",
    "limit",
    "offset",
    "order id",
    "order reference id",
    "page",
    "partner order reference id",
    "product id",
    "reference",
    "reference number",
    "request",
    "request id",
    "status",
    "to date",
    "token",
    "transaction id",
    "unique reference number",
];

/// A message, as the API wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ApiMessage {
    pub(super) text: String,
    /// Whether it may be part of the text of an error.
    pub(super) names_nobody: bool,
}

impl ApiMessage {
    /// `listed` are texts that an overlay of the user's lists.
    pub(super) fn new(text: &str, listed: &[String]) -> Self {
        Self {
            text: text.to_owned(),
            names_nobody: listed.iter().any(|known| known == text)
                || TEXTS.iter().any(|known| known.eq_ignore_ascii_case(text))
                || names_nobody(text, THINGS, FIELDS),
        }
    }
}

impl fmt::Display for ApiMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.names_nobody {
            true => write!(f, ": {}", escape_controls(&self.text)),
            false => f.write_str(", with a message that may name a person and is not shown here"),
        }
    }
}

/// Whether a code looks like one: a short number, or one word in capitals with few digits.
pub(super) fn is_plain_code(code: &str) -> bool {
    const MAX_LENGTH: usize = 40;
    const MAX_DIGITS: usize = 6;
    // What our own words are put behind.
    let code = code.strip_suffix(" (not a whole number)").unwrap_or(code);
    let digits = code.bytes().filter(u8::is_ascii_digit).count();
    let is_number = digits > 0
        && code
            .bytes()
            .all(|c| c.is_ascii_digit() || matches!(c, b' ' | b'.' | b'-' | b'+'));
    let is_word = code.starts_with(|c: char| c.is_ascii_uppercase())
        && code
            .bytes()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == b'_');
    let is_known = matches!(code, "true" | "false" | "something that is no code");
    is_known || (code.len() <= MAX_LENGTH && digits <= MAX_DIGITS && (is_number || is_word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_nobody(text: &str) -> bool {
        ApiMessage::new(text, &[]).names_nobody
    }

    #[test]
    fn a_documented_text_is_shown() {
        for text in [
            "Insufficient balance in card account",
            "Bad Request",
            "UNPROCESSABLE_ENTITY",
            "Card not found",
            "Order not found",
            "Invalid mobile number.",
            "cardAccountId: is required; limit: is not valid",
            "Card account not found for companyId: CEK1PU9AOO and cardAccountId: CAQL8YCV3",
            "Quantity is more than the maximum of 10",
        ] {
            assert!(names_nobody(text), "{text}");
        }
        assert!(ApiMessage::new("Frozen by ops", &["Frozen by ops".to_owned()]).names_nobody);
    }

    #[test]
    fn every_other_text_may_name_a_person() {
        for text in [
            "no account for Meera Nair, mobile 9000000004, meera@example.com",
            "Meera Nair not found",
            "Card not found; Meera",
            "Card of Meera not found",
            "Card not found for 9000000004",
            "9000000004: is not valid",
            "Invalid mobile 9000000004",
            "Invalid mobile number. Meera",
            "Card account not found for companyId: Meera and cardAccountId: CAQL8YCV3",
            "Card account not found for companyId: MEERA and cardAccountId: CAQL8YCV3",
            "Card account not found for companyId: CEK1PU9AOO and cardAccountId: 9000000004",
            "Quantity is more than the maximum of 9000000004",
            "Quantity is more than the maximum of A9000000004",
            "meera@example.com",
            "",
        ] {
            assert!(!names_nobody(text), "{text}");
        }
    }

    #[test]
    fn a_code_is_a_short_number_or_a_word_in_capitals() {
        for code in [
            "1",
            "1007",
            "-1",
            " 0",
            "00",
            "E42",
            "UNPROCESSABLE_ENTITY",
            "1.0 (not a whole number)",
            "true",
        ] {
            assert!(is_plain_code(code), "{code}");
        }
        for code in [
            "9000000004",
            "Meera",
            "Meera Nair",
            "MEERA NAIR",
            "meera",
            "M-9000000004",
            "",
            "\u{1b}[2J",
        ] {
            assert!(!is_plain_code(code), "{code}");
        }
    }
}
