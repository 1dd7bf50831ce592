//! Characters that steer a terminal, turn the direction of a text round, or cannot be seen. Errors write the words of others
//! through this, and so does everything else that shows them: the command line, for one.

use std::{borrow::Cow, fmt::Write};

/// The text with each control, bidirectional and invisible character as `\uXXXX`.
///
/// That is also its form in JSON: a JSON text stays valid and keeps its value. Line ends and tabs are control characters,
/// so write line by line. U+200C and U+200D stay, because names in Indian scripts need them.
///
/// ```
/// use enkash_api::escape_controls;
///
/// assert_eq!(escape_controls("Asha\u{202e}\u{1b}[2J"), r"Asha\u202e\u001b[2J");
/// assert_eq!(escape_controls("आशा"), "आशा");
/// ```
#[must_use]
pub fn escape_controls(text: &str) -> Cow<'_, str> {
    escape(text, is_unseen)
}

/// The text with everything but printable ASCII as `\uXXXX`: for ids that must be told apart by eye.
#[must_use]
pub fn escape_to_ascii(text: &str) -> Cow<'_, str> {
    escape(text, |c| !(c == ' ' || c.is_ascii_graphic()))
}

fn escape(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if !is_escaped(c) {
            escaped.push(c);
            continue;
        }
        // JSON has no form for more than 16 bits: such a character is two of them.
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(escaped, "\\u{unit:04x}");
        }
    }
    Cow::Owned(escaped)
}

fn is_unseen(c: char) -> bool {
    // C0, DEL and C1.
    c.is_control()
        || matches!(c,
            // The soft hyphen, and spaces and joiners without width.
            '\u{ad}' | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}'
            // Marks, embeddings, overrides and isolates of direction, with the old ones.
            | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}'
            // Ends of lines and paragraphs.
            | '\u{2028}' | '\u{2029}'
            // Annotations, and tags that spell a text nobody sees.
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_or_hides_is_escaped_and_nothing_else() {
        let escaped = (0..=u32::from(char::MAX))
            .filter_map(char::from_u32)
            .filter(|c| is_unseen(*c));
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for c in escaped.map(u32::from) {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == c => *last = c,
                _ => ranges.push((c, c)),
            }
        }
        assert_eq!(
            ranges,
            [
                (0, 0x1f),
                (0x7f, 0x9f),
                (0xad, 0xad),
                (0x61c, 0x61c),
                (0x180e, 0x180e),
                (0x200b, 0x200b),
                (0x200e, 0x200f),
                (0x2028, 0x202e),
                (0x2060, 0x2064),
                (0x2066, 0x206f),
                (0xfeff, 0xfeff),
                (0xfff9, 0xfffb),
                (0xe0000, 0xe007f),
            ]
        );
    }

    #[test]
    fn a_json_text_keeps_its_value() {
        let value: String = (0..=u32::from(char::MAX)).filter_map(char::from_u32).collect();
        let json = serde_json::to_string(&value).unwrap();
        let escaped = escape_controls(&json);
        assert!(!escaped.contains(is_unseen));
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), value);
    }

    #[test]
    fn ids_are_told_apart_by_eye() {
        assert_eq!(escape_to_ascii("REF 1-#x"), "REF 1-#x");
        assert_eq!(escape_to_ascii("RЕF\u{200d}1"), r"R\u0415F\u200d1");
    }
}
