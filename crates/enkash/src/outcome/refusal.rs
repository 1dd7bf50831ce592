//! When a response with the code of a refusal is the API's no, and nothing else. A no proves that nothing moved only if
//! it finds a fault in *our* request: one that repeats our reference contradicts itself, and one that speaks of the
//! reference, of a request before, or of something that goes on may be the response to a second execution.

use enkash_policy::OutcomeRules;

use crate::envelope::{Envelope, json::Json};

/// The words that the text of a plain no consists of: what a request can be about, and what can be wrong with it. A text with
/// any other word may speak of the reference or of an earlier request. Who knows more of the texts of the API
/// lists them whole, as `refusal-texts` of a policy overlay.
const PLAIN_WORDS: &str = "
    bad blank blocked closed disabled empty exceeded exceeds expired failed failure inactive incorrect insufficient
    invalid mandatory missing null unavailable unprocessable unsupported wrong
    allowed available configured enabled mapped permitted required supported valid
    account address amount balance bin brand card catalog category code coin coins company customer daily decimals
    denomination digits email encrypted enkash entity event field first format funds gender holder id incentive kyc length
    limit load master maximum minimum mobile monthly name number parameter partner pay person phone plan points primary
    product quantity request review reward stock title type user validation value voucher wallet
    a an and any are as at be by can cannot does for from greater has have if in is it large least less long many more most must no not of on
    only or out short should small such ten than that the there this to too two under with your zero
";

/// Documented phrases whose words say something else by themselves.
const PLAIN_PHRASES: [&str; 3] = ["does not exist", "not found", "not present"];

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

/// `cardAccountId` as `card account id`, and everything in lower case.
fn split_names(text: &str) -> String {
    let mut words = String::with_capacity(text.len() + 8);
    let mut was_lower = false;
    for c in text.chars() {
        if was_lower && c.is_ascii_uppercase() {
            words.push(' ');
        }
        was_lower = c.is_ascii_lowercase();
        words.push(c.to_ascii_lowercase());
    }
    words
}

fn is_plain(text: &str) -> bool {
    let is_readable = text.chars().all(|c| c == ' ' || c.is_ascii_graphic());
    let text = PLAIN_PHRASES
        .iter()
        .fold(split_names(text), |text, phrase| text.replace(phrase, " "));
    let mut words = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    is_readable && words.all(|word| PLAIN_WORDS.split_ascii_whitespace().any(|plain| plain == word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_about_a_fault_of_the_request_is_plain() {
        for text in [
            "",
            "Insufficient balance in card account",
            "Bad Request",
            "Unprocessable Entity",
            "Card Account does not exist for this partner",
            "Bin Type is not mapped on PlanMaster",
            "Invalid mobile number.",
            "amount: must be greater than zero",
            "loadAmount: is required; cardAccountId is not valid",
            "Invalid encrypted request.",
        ] {
            assert!(is_plain(text), "{text}");
        }
    }

    #[test]
    fn a_text_that_may_speak_of_the_reference_or_of_before_is_not() {
        for text in [
            "Transaction ID already exists.",
            "Duplicate uniqueReferenceNumber",
            "DUPLICATE_TXN",
            "Reference number is not valid",
            "This was processed earlier",
            "Card exists",
            "Request found",
            "Card present",
            "uniqueReferenceNumber: is required",
            "Request in progress",
            "pgRef consumed",
            "Success",
            "Unknown error",
            "Request timed out",
            "QUEUED",
            "Try again later",
            "Internal server error",
            "d\u{fc}plicate",
            "invalid\u{200b}",
            "invalid\nmobile",
        ] {
            assert!(!is_plain(text), "{text}");
        }
    }

    #[test]
    fn a_reference_is_found_as_a_word_only() {
        assert!(repeats("no funds for REF-1.", "REF-1"));
        assert!(repeats("1", "1"));
        assert!(!repeats("REF-10", "REF-1"));
        assert!(!repeats("Insufficient", "I"));
    }
}
