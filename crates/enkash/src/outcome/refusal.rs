//! When a response with the code of a refusal is the API's no, and nothing else. A no proves that nothing moved only if
//! it finds a fault in *our* request: one that repeats our reference contradicts itself, and one that speaks of the
//! reference, of a request before, or of something that goes on may be the response to a second execution.

use enkash_policy::OutcomeRules;

use crate::envelope::{Envelope, json::Json, refusal_texts::is_plain};

/// Says why the response is not a plain no.
pub(super) fn check(envelope: Envelope<'_, impl Json>, outcome: &OutcomeRules, reference: &str) -> Result<(), String> {
    let payload = envelope.payload();
    let mut texts = Vec::new();
    for value in envelope.messages().chain(payload) {
        match value.as_text() {
            Some(text) => texts.push(text),
            None => return Err("it has the code of a refusal, and more than the text of one".to_owned()),
        }
    }
    for text in texts {
        if repeats(text, reference) {
            return Err("it has the code of a refusal and repeats our reference".to_owned());
        }
        if !is_plain(text) && !outcome.refusal_texts.iter().any(|known| known == text) {
            return Err(
                "it refuses with words that may speak of the reference or of an earlier request; if you know that \
                        they do not, list the text as one of `refusal-texts` in a policy overlay"
                    .to_owned(),
            );
        }
    }
    Ok(())
}

/// Whether the reference stands in the text as a word of its own.
fn repeats(text: &str, reference: &str) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(reference).any(|(start, _)| {
        let (before, after) = (&text[..start], &text[start + reference.len()..]);
        !is_part(before.chars().next_back()) && !is_part(after.chars().next())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_found_as_a_word_only() {
        assert!(repeats("no funds for REF-1.", "REF-1"));
        assert!(repeats("1", "1"));
        assert!(!repeats("REF-10", "REF-1"));
        assert!(!repeats("Insufficient", "I"));
    }
}
