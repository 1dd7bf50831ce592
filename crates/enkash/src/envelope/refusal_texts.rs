//! Texts of the API that find a fault in a request and say nothing else, each listed whole. A refusal rests on them, and an error shows
//! them, because they name nobody.

/// Whole texts that find a fault in a request. Who knows more of the texts of the API lists them whole, as `refusal-texts`
/// of a policy overlay. No text is taken apart into words: the same words, put together otherwise, may speak of a request
/// before.
const TEXTS: &[&str] = &[
    // The general guides (doc-1038569, doc-650021): their message columns, and their example of a failure.
    "Bad Request",
    "BAD_REQUEST",
    "Unprocessable Entity",
    "UNPROCESSABLE_ENTITY",
    "Not Found",
    "Insufficient balance in card account",
    // The page of bulk allocation (api-9796906).
    "Company Id is required if it is an Enkash User",
    "Primary Enkash card is not present. So bulk upload cannot be done",
    "KYC is not uploaded or under review for the primary card. So bulk upload cannot be done",
    "Bin Type is not mapped on PlanMaster",
    "Card Account does not exist for this partner",
    // The code table of Payouts (folder-4264617), as far as it is about what every request has. Its text for code 1 says no
    // more than the code.
    "Failure",
    "Invalid checksum in the request",
    "Invalid Client ID",
    "Invalid encrypted request",
    "Invalid or missing parameter in the request",
    "Invalid request format",
    "Please provide a valid email",
    "Please provide a valid name",
    "Please provide a valid phone number",
    // The sandbox's own.
    "Coin balance is too large",
    "Insufficient balance in card",
    "No card account can pay",
    "The body is required",
];

/// Texts of the same with values in them: what stands around each value.
const TEXTS_WITH_VALUES: &[&[&str]] = &[
    // The page of bulk allocation.
    &["Card account not found for companyId: ", " and cardAccountId: ", ""],
    // The sandbox's own.
    &["Quantity is more than the maximum of ", ""],
];

/// What a request names, and what may not be there or not usable. Nothing that a request before could have made.
const THINGS: &[&str] = &[
    "card",
    "card account",
    "coin event",
    "company",
    "denomination",
    "product",
    "user",
];

/// Why nothing can be done with a thing.
const OBSTACLES: &[&str] = &["does not exist", "is blocked", "is closed", "is inactive", "not found"];

/// The fields of requests that move value, in the words of their names. A reference, a request and a transaction are none.
const FIELDS: &[&str] = &[
    "amount",
    "card account id",
    "company id",
    "denomination",
    "email",
    "email address",
    "en kash card id",
    "enkash card id",
    "event",
    "first name",
    "gender",
    "load amount",
    "mobile",
    "mobile number",
    "name",
    "partner id",
    "product catalog id",
    "quantity",
    "title",
    "type",
    "user id",
];

/// What can be wrong with a field. The last ones are the sandbox's.
const FAULTS: &[&str] = &[
    "is invalid",
    "is mandatory",
    "is missing",
    "is not valid",
    "is required",
    "must be greater than zero",
    "has more than two decimals",
    "has too many digits",
    "is not more than 0",
    "is not ten digits",
    "is not that of the card",
    "is too large",
];

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

/// Whether the text finds a fault in a request, and says nothing else.
pub(crate) fn is_plain(text: &str) -> bool {
    let text = text.strip_suffix('.').unwrap_or(text);
    text.is_empty()
        || TEXTS.iter().any(|known| known.eq_ignore_ascii_case(text))
        || TEXTS_WITH_VALUES
            .iter()
            .any(|around| fits(text, around, |value| !value.is_empty()))
        || text.split("; ").all(|text| is_fault(text, THINGS, FIELDS))
}

/// Whether the text, which may be about anything, names nobody: a known text, whose values have the shape of an id or of a
/// count, or one about these things and fields, beside those that a refusal of value may be about.
pub(crate) fn names_nobody(text: &str, more_things: &[&str], more_fields: &[&str]) -> bool {
    let text = text.strip_suffix('.').unwrap_or(text);
    let (things, fields) = ([THINGS, more_things].concat(), [FIELDS, more_fields].concat());
    TEXTS.iter().any(|known| known.eq_ignore_ascii_case(text))
        || TEXTS_WITH_VALUES
            .iter()
            .any(|around| fits(text, around, is_id_or_count))
        || text.split("; ").all(|text| is_fault(text, &things, &fields))
}

/// `CEK1PU9AOO` or `10`, and neither a name nor a mobile number.
fn is_id_or_count(value: &str) -> bool {
    const MAX_ID: usize = 16;
    const MAX_DIGITS: usize = 6;
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let has_capitals = value.starts_with(|c: char| c.is_ascii_uppercase());
    let is_of_both = value.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    is_of_both && value.len() <= MAX_ID && (1..=MAX_DIGITS).contains(&digits) && (has_capitals || digits == value.len())
}

/// Whether the text is these parts, with one such word of letters and digits between each two.
fn fits(text: &str, around: &[&str], is_value: fn(&str) -> bool) -> bool {
    let Some((first, rest)) = around.split_first() else {
        return text.is_empty();
    };
    let Some(text) = text.strip_prefix(first) else {
        return false;
    };
    if rest.is_empty() {
        return text.is_empty();
    }
    let end = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    is_value(&text[..end]) && fits(&text[end..], rest, is_value)
}

/// `Card not found`, `Invalid mobile number`, `loadAmount: is required`.
fn is_fault(text: &str, things: &[&str], fields: &[&str]) -> bool {
    let text = split_names(text);
    let is_of = |subjects: &[&str], predicates: &[&str]| {
        let mut ends = predicates.iter().filter_map(|predicate| text.strip_suffix(predicate));
        ends.any(|start| {
            let subject = start.strip_suffix(": ").or_else(|| start.strip_suffix(' '));
            subject.is_some_and(|subject| subjects.contains(&subject))
        })
    };
    let begins = |word: &str, subjects: &[&str]| text.strip_prefix(word).is_some_and(|text| subjects.contains(&text));
    begins("invalid ", fields) || begins("no such ", things) || is_of(fields, FAULTS) || is_of(things, OBSTACLES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_about_a_fault_of_the_request_is_plain() {
        for text in TEXTS {
            assert!(is_plain(text) && is_plain(&format!("{text}.")), "{text}");
            assert!(is_plain(&text.to_uppercase()), "{text}");
        }
        for text in [
            "",
            "Card account not found for companyId: CEK1PU9AOO and cardAccountId: CAQL8YCV3",
            "Quantity is more than the maximum of 10",
            "Card not found",
            "Card Account does not exist",
            "No such card",
            "Card is blocked",
            "Invalid mobile number.",
            "amount: must be greater than zero",
            "loadAmount: is required; cardAccountId is not valid",
            "mobile: is not ten digits",
            "Email is mandatory",
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
            "Card found",
            "Request found",
            "Card present",
            "uniqueReferenceNumber: is required",
            "Request in progress",
            "Your request is under review",
            "Request is in review",
            "Request is under validation",
            "This request is not the first",
            "More than two request for this id",
            "KYC is under review",
            "Request not found",
            "No such request",
            "Order does not exist",
            "Amount blocked",
            "Amount is blocked",
            "Invalid request",
            "Invalid id",
            "Invalid",
            "is required",
            "pgRef consumed",
            "Success",
            "Unknown error",
            "Request timed out",
            "QUEUED",
            "Try again later",
            "Internal server error",
            "Encryption failed for response.",
            "d\u{fc}plicate",
            "invalid\u{200b}",
            "invalid\nmobile",
        ] {
            assert!(!is_plain(text), "{text}");
        }
    }

    #[test]
    fn the_words_of_a_plain_text_are_none_where_they_are_put_together_otherwise() {
        let plain: Vec<&str> = TEXTS.iter().flat_map(|text| text.split(' ')).collect();
        for subject in [
            "Request",
            "Request id",
            "Id",
            "Transaction",
            "Reference",
            "Order",
            "Payment",
        ] {
            for about in [
                "available",
                "unavailable",
                "not available",
                "valid",
                "invalid",
                "closed",
                "first",
            ] {
                for text in [
                    format!("{subject} {about}"),
                    format!("{subject} is {about}"),
                    format!("{subject}: is {about}"),
                    format!("{about} {subject}"),
                ] {
                    assert!(!is_plain(&text), "{text}");
                }
            }
            for predicate in OBSTACLES.iter().chain(FAULTS) {
                assert!(!is_plain(&format!("{subject} {predicate}")), "{subject} {predicate}");
            }
        }
        for (place, one) in plain.iter().enumerate() {
            for other in &plain[place + 1..] {
                let text = format!("{one} {other}");
                let is_listed = TEXTS.iter().any(|known| known.eq_ignore_ascii_case(&text));
                let is_about_a_field = *one == "Invalid" && FIELDS.contains(other);
                assert!(is_listed || is_about_a_field || !is_plain(&text), "{text}");
            }
        }
        // What follows or goes before a plain text may take it back.
        for text in TEXTS {
            for around in [
                "{}; request was processed",
                "{} for this request",
                "Duplicate: {}",
                "{} {}",
                " {}",
                "{}..",
            ] {
                let text = around.replace("{}", text);
                assert!(!is_plain(&text), "{text}");
            }
        }
        for text in [
            "Quantity is more than the maximum of ",
            "Quantity is more than the maximum of 1 request",
            "Card account not found for companyId: C and cardAccountId: A, already paid",
            "Card account not found for companyId: C D and cardAccountId: A",
            "Card not found; request is under review",
        ] {
            assert!(!is_plain(text), "{text}");
        }
    }
}
