//! Characters that steer a terminal, turn the direction of a text round, or cannot be seen. What the sandbox shows of itself
//! (console, control routes, standard error) passes here. The responses of the API that it imitates do not: they say what
//! was sent. The client has a copy of its own, because neither may rest on the other.

use std::{borrow::Cow, fmt::Write};

/// The text with each control, bidirectional and invisible character as `\uXXXX`, which is also its form in JSON. Line ends
/// and tabs stay: the text may be a page.
pub(crate) fn escape_controls(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unseen) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if !is_unseen(c) {
            escaped.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(escaped, "\\u{unit:04x}");
        }
    }
    Cow::Owned(escaped)
}

fn is_unseen(c: char) -> bool {
    match c {
        '\n' | '\r' | '\t' => false,
        '\u{ad}' | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' => true,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}' => true,
        '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => true,
        other => other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The client's list is the same, but for line ends and tabs.
    #[test]
    fn what_steers_or_hides_is_escaped_and_nothing_else() {
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for c in (0..=u32::from(char::MAX))
            .filter_map(char::from_u32)
            .filter(|c| is_unseen(*c))
        {
            let c = u32::from(c);
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == c => *last = c,
                _ => ranges.push((c, c)),
            }
        }
        let expected = [
            (0, 8),
            (0xb, 0xc),
            (0xe, 0x1f),
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
        ];
        assert_eq!(ranges, expected);
        assert_eq!(escape_controls("a\u{202e}\u{e0001}"), r"a\u202e\udb40\udc01");
    }
}
