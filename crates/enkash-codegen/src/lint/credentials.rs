//! The rule that no credential and nothing personal is checked in, in any file of spec/.
//!
//! It looks at the text, not at the document, so it also finds what stands in a comment or in a file that cannot be
//! read. A diagnostic names the kind and never the text: it ends up in the logs of a build.

use crate::spec::{Diagnostic, Sources};

/// Holds every file of a spec to the rule.
pub(super) fn check(sources: &Sources) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for source in sources.all() {
        // The loader reports what cannot be read.
        let Ok(bytes) = source.bytes() else { continue };
        let text = String::from_utf8_lossy(&bytes);
        for (index, line) in text.lines().enumerate() {
            diagnostics.extend(kinds(line).into_iter().map(|kind| Diagnostic {
                file: source.name().to_owned(),
                line: index + 1,
                message: format!("{kind}: everything in spec/ is synthetic, replace it"),
            }));
        }
    }
    diagnostics
}

/// What a line seems to hold that must not be checked in, in words.
///
/// ```
/// assert!(enkash_codegen::lint::sensitive_kinds("mobile: '9000000001'").is_empty());
/// ```
#[must_use]
pub fn kinds(line: &str) -> Vec<&'static str> {
    let mut kinds = Vec::new();
    let mut note = |found: bool, kind| {
        if found {
            kinds.push(kind);
        }
    };
    note(has_basic_credentials(line), "looks like Basic credentials");
    note(
        words(line, |c| c.is_ascii_hexdigit()).any(|word| word.len() >= 40),
        "looks like a key of 40 hex digits",
    );
    note(words(line, is_token_char).any(is_jwt), "looks like a JWT");
    note(
        words(line, |c| c.is_ascii_alphanumeric()).any(is_mobile),
        "looks like an Indian mobile number",
    );
    note(
        words(line, is_mail_char).any(is_real_mail),
        "looks like an e-mail outside example.com",
    );
    note(card_numbers(line), "looks like a card number");
    kinds
}

fn words(line: &str, belongs: impl Fn(char) -> bool) -> impl Iterator<Item = &str> {
    line.split(move |c| !belongs(c)).filter(|word| !word.is_empty())
}

fn has_basic_credentials(line: &str) -> bool {
    line.match_indices("Basic ").any(|(start, found)| {
        let encoded = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
        let length = line[start + found.len()..].chars().take_while(|c| encoded(*c)).count();
        length >= 16
    })
}

fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// Three parts, the first of which is `{"` in Base64.
fn is_jwt(word: &str) -> bool {
    word.starts_with("eyJ") && word.split('.').filter(|part| part.len() >= 4).count() >= 3
}

/// Ten digits that begin with 6 to 9; the synthetic ones all begin with 90000.
fn is_mobile(word: &str) -> bool {
    let digits = word.strip_prefix("91").filter(|rest| rest.len() == 10).unwrap_or(word);
    digits.len() == 10
        && digits.bytes().all(|b| b.is_ascii_digit())
        && digits.starts_with(['6', '7', '8', '9'])
        && !digits.starts_with("90000")
}

fn is_mail_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '%' | '@')
}

/// An address whose domain is not one that RFC 2606 keeps free.
fn is_real_mail(word: &str) -> bool {
    let Some((user, domain)) = word.split_once('@') else {
        return false;
    };
    let domain = domain.trim_end_matches('.');
    let Some((rest, top)) = domain.rsplit_once('.') else {
        return false;
    };
    let is_reserved = matches!(top, "example" | "test" | "invalid" | "localhost")
        || ((rest == "example" || rest.ends_with(".example")) && matches!(top, "com" | "org" | "net"));
    !user.is_empty() && top.len() >= 2 && top.bytes().all(|b| b.is_ascii_alphabetic()) && !is_reserved
}

/// Thirteen to nineteen digits, also in groups, that pass the check of the card networks.
fn card_numbers(line: &str) -> bool {
    words(line, |c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-')).any(|group| {
        let is_number = group
            .trim()
            .bytes()
            .all(|b| b.is_ascii_digit() || b == b' ' || b == b'-');
        let digits: Vec<u32> = group.chars().filter_map(|c| c.to_digit(10)).collect();
        is_number && (13..=19).contains(&digits.len()) && starts_like_a_card(&digits) && passes_luhn(&digits)
    })
}

fn starts_like_a_card(digits: &[u32]) -> bool {
    digits.first().is_some_and(|first| (3..=6).contains(first))
}

fn passes_luhn(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, digit)| match index % 2 {
            0 => *digit,
            _ if *digit > 4 => digit * 2 - 9,
            _ => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::kinds;

    #[test]
    fn credentials_and_persons_are_found() {
        // Put together here, so that no scanner takes this file for a leak.
        let cases = [
            (
                format!("authorization: Basic {}", "QUJD".repeat(6)),
                "looks like Basic credentials",
            ),
            ("0123456789abcdef".repeat(3), "looks like a key of 40 hex digits"),
            (format!("token: eyJ{0}.eyJ{0}.{0}", "hbGciOi"), "looks like a JWT"),
            (
                format!("mobile: '{}{}'", "98", "76543210"),
                "looks like an Indian mobile number",
            ),
            (
                format!("call +91{}{}.", "98", "76543210"),
                "looks like an Indian mobile number",
            ),
            (
                format!("email: someone@{}.in", "gmail"),
                "looks like an e-mail outside example.com",
            ),
            (format!("card: {0} {0} {0} {0}", "4242"), "looks like a card number"),
        ];
        for (line, kind) in cases {
            assert_eq!(kinds(&line), [kind], "{line}");
        }
    }

    #[test]
    fn synthetic_values_pass() {
        for line in [
            "mobile: '9000000001'",
            "email: a2@example.com",
            "password: Pass@0000001",
            "token: '00112233445566778899'",
            "maskedNumber: 2000 00XX XXXX XX01",
            "id: api-9796905, doc-1038569",
            "scheme: basic, the Basic credentials of the client",
            "epoch: 1700000000, in milliseconds 1700000000000",
            "url: https://pay-en-uat.enkash.in",
        ] {
            assert!(kinds(line).is_empty(), "{line}: {:?}", kinds(line));
        }
    }
}
