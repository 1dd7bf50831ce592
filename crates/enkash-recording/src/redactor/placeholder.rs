//! What stands in a recording in place of a value. A placeholder depends on the value alone, so a reference and its echo stay
//! equal wherever they stand; it is made with a key that nobody keeps, so nothing leads back to the value.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Number;
use sha2::Sha256;

use crate::error::RecordingError;

/// The longest placeholder. A longer value keeps no more of its length than that it is long.
const MAX_LENGTH: usize = 64;

/// How often one is drawn at most; two digits are drawn twice about once in a hundred times.
const MAX_DRAWS: usize = 100;

/// Makes placeholders with one key.
pub(super) struct Placeholders {
    key: [u8; 32],
}

/// Pseudo-random bytes that depend on the key and the value.
struct Stream<'a> {
    key: &'a [u8; 32],
    value: &'a str,
    block: [u8; 32],
    used: usize,
    counter: u32,
}

impl Placeholders {
    pub(super) fn new() -> Result<Placeholders, RecordingError> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|error| RecordingError::Random(error.to_string()))?;
        Ok(Placeholders { key })
    }

    fn stream<'a>(&'a self, value: &'a str) -> Stream<'a> {
        Stream {
            key: &self.key,
            value,
            block: [0; 32],
            used: 32,
            counter: 0,
        }
    }

    /// A text in place of this one.
    pub(super) fn text(&self, value: &str) -> String {
        let mut stream = self.stream(value);
        other_than(value, |drawn| drawn != value, || text(value, &mut stream))
    }

    /// A number in place of this one: as many digits, before and after the point. Zero stays zero.
    pub(super) fn number(&self, value: &Number) -> Number {
        let text = value.to_string();
        let is_plain = text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'));
        if !is_plain || !text.bytes().any(|byte| matches!(byte, b'1'..=b'9')) {
            // One with an exponent is beyond all amounts; what is left of it is that it is large or small.
            return if is_plain { value.clone() } else { Number::from(0) };
        }
        let (sign, digits) = text
            .strip_prefix('-')
            .map_or(("", text.as_str()), |digits| ("-", digits));
        let mut stream = self.stream(digits);
        other_than(digits, |drawn| drawn != value, || number(sign, digits, &mut stream))
    }
}

impl Stream<'_> {
    fn byte(&mut self) -> u8 {
        if self.used == self.block.len() {
            // HMAC takes a key of any length, so this never fails.
            if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.key) {
                mac.update(&self.counter.to_be_bytes());
                mac.update(self.value.as_bytes());
                self.block = mac.finalize().into_bytes().into();
            }
            self.counter += 1;
            self.used = 0;
        }
        let byte = self.block[self.used];
        self.used += 1;
        byte
    }

    /// A number below this one, which is at most 256.
    fn below(&mut self, limit: u16) -> u8 {
        let value = u16::from_be_bytes([self.byte(), self.byte()]);
        (value % limit) as u8
    }

    fn letters(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'a' + self.below(26))).collect()
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + self.below(10))).collect()
    }
}

/// The first one drawn that differs from the value: else one masked card number in ten thousand would keep its last digits. A
/// single letter or digit is left to chance: if it never stood for itself, enough recordings would tell it by what is missing.
fn other_than<T>(value: &str, differs: impl Fn(&T) -> bool, mut draw: impl FnMut() -> T) -> T {
    let mut drawn = draw();
    if drawn_characters(value) < 2 {
        return drawn;
    }
    for _ in 1..MAX_DRAWS {
        if differs(&drawn) {
            break;
        }
        drawn = draw();
    }
    drawn
}

/// How many letters and digits of a value do not stay as they are.
fn drawn_characters(value: &str) -> usize {
    let value = value.strip_prefix('0').unwrap_or(value);
    let is_drawn = |byte: &u8| byte.is_ascii_alphanumeric() && !matches!(byte, b'X' | b'x');
    value.bytes().filter(is_drawn).count()
}

fn text(value: &str, stream: &mut Stream<'_>) -> String {
    if value.contains('@') {
        return format!("person-{}@example.com", stream.letters(8));
    }
    if value.contains("://") {
        return format!("https://example.com/{}", stream.letters(8));
    }
    if is_mobile(value) {
        return format!("90000{}", stream.digits(5));
    }
    if is_date(value) {
        return date(value, stream);
    }
    if is_word(value) {
        // Marked, so that nobody takes it for a word that the API has.
        return format!("WORD_{}", stream.letters(6).to_ascii_uppercase());
    }
    if is_masked(value) || is_id(value) {
        return shape(value, stream);
    }
    format!("text-{}", stream.letters(8))
}

fn number(sign: &str, digits: &str, stream: &mut Stream<'_>) -> Number {
    let placeholder = if is_mobile(digits) {
        format!("90000{}", stream.digits(5))
    } else {
        shape(digits, stream)
    };
    let (whole, fraction) = placeholder.split_once('.').unwrap_or((&placeholder, ""));
    let mut whole = whole.to_owned();
    // An integer of nineteen digits must fit into an `i64`, one of twenty into a `u64`; else it would become a fraction.
    let leading = match whole.len() {
        0..=18 => "",
        19 => "1",
        _ => "10",
    };
    whole.replace_range(..leading.len(), leading);
    let mut result = format!("{sign}{whole}");
    if !fraction.is_empty() {
        result.push('.');
        result.push_str(fraction);
        // The last decimal must not vanish.
        if fraction.len() > 1 && result.ends_with('0') {
            result.pop();
            result.push('1');
        }
    }
    result.parse().unwrap_or_else(|_| Number::from(0))
}

/// Ten digits, as the mobiles of the documentation are. Synthetic ones begin with 90000.
fn is_mobile(value: &str) -> bool {
    value.len() == 10 && value.starts_with(['6', '7', '8', '9']) && value.bytes().all(|byte| byte.is_ascii_digit())
}

/// A date, with or without a time: four digits or two, a separator, two digits, a separator.
fn is_date(value: &str) -> bool {
    let bytes = value.as_bytes();
    let only = bytes
        .iter()
        .all(|byte| byte.is_ascii_digit() || b"-/:T Z.+".contains(byte));
    let separator = |at: usize| bytes.get(at).is_some_and(|byte| matches!(byte, b'-' | b'/'));
    only && value.len() <= 35 && value.len() >= 8 && ((separator(4) && separator(7)) || (separator(2) && separator(5)))
}

/// A masked card number: digits and X in groups.
fn is_masked(value: &str) -> bool {
    value.contains(['X', 'x', '*'])
        && value
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'X' | b'x' | b'*' | b' ' | b'-'))
}

/// A word in capitals, as states and kinds are.
fn is_word(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

/// An id or a reference: no spaces, and a digit or capitals alone.
fn is_id(value: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:+=|#".contains(&byte);
    value.bytes().all(is_allowed)
        && (value.bytes().any(|byte| byte.is_ascii_digit()) || !value.bytes().any(|byte| byte.is_ascii_lowercase()))
}

/// Letters and digits of the same kind; all else stays.
fn shape(value: &str, stream: &mut Stream<'_>) -> String {
    let starts_with_zero = value.starts_with('0');
    let characters = value.chars().take(MAX_LENGTH).enumerate();
    characters
        .map(|(at, character)| match character {
            'X' | 'x' if is_masked(value) => character,
            'A'..='Z' => char::from(b'A' + stream.below(26)),
            'a'..='z' => char::from(b'a' + stream.below(26)),
            '0' if at == 0 && starts_with_zero => '0',
            '0'..='9' if at == 0 => char::from(b'1' + stream.below(9)),
            '0'..='9' => char::from(b'0' + stream.below(10)),
            other => other,
        })
        .collect()
}

/// A date of the same form, in the year 2000.
fn date(value: &str, stream: &mut Stream<'_>) -> String {
    let year_first = value.as_bytes().get(4).is_some_and(|byte| !byte.is_ascii_digit());
    let mut result = String::with_capacity(value.len());
    let mut rest = value;
    let mut run = 0;
    while !rest.is_empty() {
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        if length == 0 {
            let (separator, after) = rest.split_at(1);
            result.push_str(separator);
            rest = after;
            continue;
        }
        let digits = match (length, run) {
            (4, 0 | 2) => "2000".to_owned(),
            (2, 0) => format!("{:02}", 1 + stream.below(28)),
            (2, 1) => format!("{:02}", 1 + stream.below(12)),
            (2, 2) if year_first => format!("{:02}", 1 + stream.below(28)),
            (2, 3) => format!("{:02}", stream.below(24)),
            (2, 4 | 5) => format!("{:02}", stream.below(60)),
            // A zone is that of the API, and says nothing of a person.
            (2 | 4, 6..) if result.ends_with(['+', '-', ':']) => rest[..length].to_owned(),
            _ => stream.digits(length),
        };
        result.push_str(&digits);
        rest = &rest[length..];
        run += 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_has_the_shape_of_its_value_and_is_the_same_each_time() {
        let placeholders = Placeholders::new().unwrap();
        for (value, shape) in [
            ("CEK1PU9AOO", "AAA9AA9AAA"),
            ("test-12", "aaaa-99"),
            ("9123456789", "9999999999"),
            ("XXXX XXXX XXXX 0001", "AAAA AAAA AAAA 9999"),
            ("2025-01-24T08:47:01.505Z", "9999-99-99A99:99:99.999A"),
            ("24/01/2025", "99/99/9999"),
        ] {
            let found = placeholders.text(value);
            assert_eq!(found, placeholders.text(value));
            assert_ne!(found, value);
            let classes = found.chars().map(|character| match character {
                'A'..='Z' => 'A',
                'a'..='z' => 'a',
                '0'..='9' => '9',
                other => other,
            });
            assert_eq!(classes.collect::<String>(), shape, "{value}");
        }
        assert!(placeholders.text("9123456789").starts_with("90000"));
        assert!(placeholders.text("asha@example.org").ends_with("@example.com"));
        assert!(placeholders.text("Asha Rao").starts_with("text-"));
        assert!(placeholders.text("Asha").starts_with("text-"));
        assert!(placeholders.text("PENDING").starts_with("WORD_"));
        assert!(placeholders.text(&"A1".repeat(500)).len() <= MAX_LENGTH);
        assert_ne!(
            Placeholders::new().unwrap().text("CEK1PU9AOO"),
            placeholders.text("CEK1PU9AOO")
        );
    }

    #[test]
    fn a_placeholder_is_never_its_value() {
        let placeholders = Placeholders { key: [7; 32] };
        for digits in 10..=999_u16 {
            let number = Number::from(digits);
            let found = placeholders.number(&number);
            assert_ne!(found, number);
            assert_eq!(found.to_string(), placeholders.text(&number.to_string()));
            for value in [
                format!("XX {digits}"),
                format!("A{digits}"),
                format!("90000{digits:05}"),
                format!("2000-05-{}", digits % 28 + 1),
            ] {
                let found = placeholders.text(&value);
                assert_ne!(found, value);
                assert_eq!(found, placeholders.text(&value));
            }
            let fraction: Number = format!("0.{digits}1").parse().unwrap();
            assert_ne!(placeholders.number(&fraction), fraction);
        }
        // There is nothing to draw, so nothing to tell.
        for value in ["-", "0", "XXXX XXXX XXXX XXXX"] {
            assert_eq!(placeholders.text(value), value);
        }
        // A digit may stand for itself; one that never did could be told from many recordings.
        let number = Number::from(7);
        assert!((0..=u8::MAX).any(|key| Placeholders { key: [key; 32] }.number(&number) == number));
    }

    #[test]
    fn a_number_keeps_its_digits_and_agrees_with_its_text() {
        // Each key makes other digits, and some of them are at the edge of what a number holds.
        for _ in 0..200 {
            numbers_keep_their_digits(&Placeholders::new().unwrap());
        }
    }

    fn numbers_keep_their_digits(placeholders: &Placeholders) {
        for text in [
            "11",
            "250.5",
            "-990553.44",
            "10.0",
            "18446744073709551615",
            "-9223372036854775808",
            "0.05",
        ] {
            let value: Number = text.parse().unwrap();
            let found = placeholders.number(&value).to_string();
            assert_eq!(found.len(), text.len(), "{text} became {found}");
            assert_eq!(found.contains('.'), text.contains('.'), "{text} became {found}");
        }
        assert_eq!(placeholders.number(&Number::from(0)).to_string(), "0");
        let mobile = Number::from(9_123_456_789_u64);
        assert_eq!(
            placeholders.number(&mobile).to_string(),
            placeholders.text("9123456789")
        );
        assert_eq!(
            placeholders.number(&Number::from(1234)).to_string(),
            placeholders.text("1234")
        );
    }
}
