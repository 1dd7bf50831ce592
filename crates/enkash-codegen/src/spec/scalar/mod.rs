//! Words that YAML readers disagree about.
//!
//! The spec is read by this tool, by validators in Python and JavaScript, and by people. `NO`, `010` or `2024-01-01`
//! without quotes is another value for each of them, so [`super::positions`] refuses such words wherever they stand
//! bare.

/// What is wrong with a bare word as a key.
pub(crate) fn key_problem(word: &str) -> Option<String> {
    let kind = match word {
        "" | "~" | "null" | "Null" | "NULL" => "null",
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => "a boolean",
        _ if is_integer(word) || is_decimal(word) => "a number",
        _ => return ambiguity(word),
    };
    Some(if word.is_empty() {
        "a key is empty".to_owned()
    } else {
        format!("key {word} is {kind} to YAML, and keys are texts: write '{word}'")
    })
}

/// What is wrong with a bare word as a value.
pub(crate) fn value_problem(word: &str) -> Option<String> {
    if is_integer(word) && word.parse::<i64>().is_err() && word.parse::<u64>().is_err() {
        return Some(format!("{word} is too long for a number: write '{word}'"));
    }
    if is_decimal(word) && significant_digits(word) > 15 {
        return Some(format!(
            "{word} has more than 15 digits, which a JSON number does not keep: write '{word}'"
        ));
    }
    if is_not_finite(word) {
        return Some(format!("{word} is not a number that JSON can hold"));
    }
    ambiguity(word)
}

fn ambiguity(word: &str) -> Option<String> {
    let other_reading = if is_yaml11_boolean(word) {
        "a boolean"
    } else if is_date(word) {
        "a date"
    } else if is_sexagesimal(word) || is_odd_number(word) {
        "a number"
    } else {
        return None;
    };
    Some(format!(
        "{word} is {other_reading} to some YAML readers and a text to others: write '{word}'"
    ))
}

fn is_yaml11_boolean(word: &str) -> bool {
    ["yes", "no", "on", "off"]
        .iter()
        .any(|old| word.eq_ignore_ascii_case(old))
}

fn is_date(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes.len() >= 10
        && bytes[4] == b'-'
        && bytes[7] == b'-'
        && [0, 1, 2, 3, 5, 6, 8, 9]
            .iter()
            .all(|&digit: &usize| bytes[digit].is_ascii_digit())
        && bytes.get(10).is_none_or(|next| matches!(next, b'T' | b't' | b' '))
}

/// `12:30:45`, which YAML 1.1 reads in base 60.
fn is_sexagesimal(word: &str) -> bool {
    let mut parts = unsigned(word).split(':');
    let first = parts.next().unwrap_or_default();
    let rest: Vec<_> = parts.collect();
    !rest.is_empty()
        && is_digits(first)
        && rest
            .iter()
            .all(|part| (1..=2).contains(&part.len()) && is_digits(part) && *part < "60")
}

/// `010`, `0x1F`, `0o17`, `0b1`, `1_000`.
fn is_odd_number(word: &str) -> bool {
    let word = unsigned(word);
    let prefixed = ["0x", "0o", "0b"].iter().any(|prefix| {
        word.strip_prefix(prefix)
            .is_some_and(|rest| !rest.is_empty() && is_hex(rest))
    });
    let underscored = word.contains('_')
        && word.starts_with(|c: char| c.is_ascii_digit())
        && word.chars().all(|c| c.is_ascii_digit() || c == '_' || c == '.');
    let padded = word.len() > 1 && word.starts_with('0') && is_digits(word);
    prefixed || underscored || padded
}

fn is_not_finite(word: &str) -> bool {
    let word = unsigned(word);
    [".inf", ".nan"].iter().any(|odd| word.eq_ignore_ascii_case(odd))
}

fn is_integer(word: &str) -> bool {
    is_digits(unsigned(word))
}

fn is_decimal(word: &str) -> bool {
    unsigned(word)
        .split_once('.')
        .is_some_and(|(whole, part)| is_digits(whole) && is_digits(part))
}

fn significant_digits(word: &str) -> usize {
    let digits: String = word.chars().filter(char::is_ascii_digit).collect();
    digits.trim_start_matches('0').len()
}

fn unsigned(word: &str) -> &str {
    word.strip_prefix(['-', '+']).unwrap_or(word)
}

fn is_digits(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit())
}

fn is_hex(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_hexdigit() || b == b'_')
}

#[cfg(test)]
mod tests;
