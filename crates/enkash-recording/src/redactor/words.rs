//! The words that a recording may keep. They are lists of what is harmless, never of what is not: a word that is missing here
//! costs a word of a message, and no list of names has to be complete.

/// Fields whose documented values are words, and that have no list of them in the document.
const WORD_FIELDS: [&str; 12] = [
    "aggregator",
    "cardTransactionType",
    "direction",
    "error",
    "grant_type",
    "orderStatus",
    "paymentStatus",
    "scope",
    "status",
    "token_type",
    "transactionType",
    "type",
];

/// Words in lower case that may stand there: those of OAuth.
const LOWER_CASE_WORDS: &str = "
    access_denied bearer client_credentials invalid_client invalid_grant invalid_request invalid_scope invalid_token mac
    password read refresh_token server_error temporarily_unavailable trust unauthorized unauthorized_client
    unsupported_grant_type write
";

/// Fields that hold a message for a person.
const MESSAGE_FIELDS: [&str; 5] = ["message", "response_message", "payload", "paylod", "error_description"];

/// Documented numbers that count things or seconds, and say nothing of a person.
const COUNT_FIELDS: [&str; 9] = [
    "expires_in",
    "expiryPeriod",
    "limit",
    "maxQuantity",
    "offset",
    "quantity",
    "rank",
    "recordsCount",
    "totalQuantity",
];

/// The longest count that is kept, in digits.
const MAX_COUNT_DIGITS: usize = 6;

/// What messages consist of. None of these is a name that people have.
const PLAIN_WORDS: &str = "
    accepted active allocated already authenticated authorised authorized bad blank blocked cancelled closed completed created
    credited debited disabled duplicate empty exceeded exceeds exist exists expired failed failure found inactive incorrect
    initiated insufficient internal invalid locked mandatory missing null pending present processed processing redeemed refused
    rejected repeated reversed success successful successfully unavailable unauthorised unauthorized unexpected unknown
    unprocessable unsupported updated used wrong
    allowed available configured enabled mapped permitted required supported valid
    access account address allocation amount api attempt attempts authentication authorization balance bearer bin body brand
    card cards cart catalog catalogue category client code codes coin coins company config configuration connection
    credentials credit customer daily data date debit decimals denomination denominations detail details digits email encrypted
    enkash entity error errors event field fields first format full funds gateway gender grant header holder id ids incentive
    item items json kyc last length limit limits load login lower maximum media method minimum mobile monthly name network
    number object offset operation order orders page parameter parameters partner password pay payload payment person phone
    pin plan point points primary product products quantity rate record records redemption reference refresh request requests
    resource response result results review reward rewards row rows scope search server service session size state status stock
    system text time timeout title token total transaction transactions type types unique upper user username validation value
    values voucher vouchers wallet word words
    a after again an and any are as at back be been before by can cannot could did do does during each every expected
    for from get give given greater has have if in into is it its large larger later least less long longer many more most must
    no none not of on one only or other out please same send sent short should small smaller some such take taken than that the
    there these this to too try two unable under until was were when which with without you your zero
";

/// Words of more than one field that the document's own enumerations do not list.
pub(super) fn is_word_field(name: &str) -> bool {
    WORD_FIELDS.contains(&name)
}

pub(super) fn is_message_field(name: &str) -> bool {
    MESSAGE_FIELDS.contains(&name)
}

/// A documented count of few digits.
pub(super) fn is_count(name: &str, text: &str) -> bool {
    COUNT_FIELDS.contains(&name) && is_short_number(text)
}

/// Few digits, with or without a sign.
pub(super) fn is_short_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.len() <= MAX_COUNT_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A word in capitals, such as `ALLOCATE_POINT`, or one of OAuth's. Several may stand in one text, as scopes do.
pub(super) fn are_words(text: &str) -> bool {
    let is_capital = |word: &str| {
        (2..=40).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    };
    let is_listed = |word: &str| {
        let lower = word.to_ascii_lowercase();
        LOWER_CASE_WORDS.split_ascii_whitespace().any(|listed| listed == lower)
    };
    text.split(' ').all(|word| is_capital(word) || is_listed(word))
}

/// Whether a name looks like one of a field, and not like somebody's data: it begins with a letter, and is not a number with letters
/// around it. Whatever does not is not shown.
///
/// ```
/// use enkash_recording::is_field_name;
///
/// assert!(is_field_name("cardStatus") && is_field_name("address1"));
/// assert!(!is_field_name("9123456789") && !is_field_name("asha@mail.example.com"));
/// ```
#[must_use]
pub fn is_field_name(name: &str) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let has_capitals_only = !name.bytes().any(|byte| byte.is_ascii_lowercase());
    (1..=64).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
        && digits <= if has_capitals_only { 0 } else { 2 }
}

/// Whether a segment of a path looks like a word: letters and hyphens that begin in lower case, or a version.
pub(super) fn is_path_word(segment: &str) -> bool {
    let version = segment
        .strip_prefix('v')
        .is_some_and(|rest| (1..=2).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_digit()));
    let word = segment.starts_with(|first: char| first.is_ascii_lowercase())
        && segment.len() <= 40
        && segment.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
    version || word
}

/// A message with every word replaced that is not plain, and how many were. `is_name` says which words are names of documented
/// fields.
pub(super) fn redact_message(text: &str) -> (String, usize) {
    let mut kept = String::new();
    let mut replaced = 0;
    for piece in text.split_inclusive(|character: char| !character.is_alphanumeric() && character != '_') {
        let end = piece
            .char_indices()
            .next_back()
            .filter(|(_, last)| !last.is_alphanumeric() && *last != '_');
        let (word, separator) = end.map_or((piece, ""), |(at, _)| piece.split_at(at));
        if word.is_empty() || is_plain(word) {
            kept.push_str(word);
        } else {
            kept.push_str("[word]");
            replaced += 1;
        }
        if separator
            .chars()
            .all(|character| character == ' ' || ".,;:!()'\"-_/".contains(character))
        {
            kept.push_str(separator);
        } else {
            kept.push(' ');
            replaced += 1;
        }
    }
    (kept, replaced)
}

/// `cardAccountId` as `card account id`: each part has to be plain.
fn is_plain(word: &str) -> bool {
    let mut part = String::new();
    let mut parts = Vec::new();
    let mut was_lower = false;
    for character in word.chars() {
        if (was_lower && character.is_ascii_uppercase()) || character == '_' {
            parts.push(std::mem::take(&mut part));
        }
        was_lower = character.is_ascii_lowercase();
        if character != '_' {
            part.push(character.to_ascii_lowercase());
        }
    }
    parts.push(part);
    let is_listed = |part: &str| PLAIN_WORDS.split_ascii_whitespace().any(|plain| plain == part);
    parts.iter().all(|part| part.is_empty() || is_listed(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_keeps_its_plain_words_alone() {
        for (text, wanted) in [
            ("Success", "Success"),
            (
                "Insufficient balance in card account",
                "Insufficient balance in card account",
            ),
            ("Card of Asha Rao not found", "Card of [word] [word] not found"),
            ("invalid mobile 9123456789", "invalid mobile [word]"),
            ("loadAmount: is required", "loadAmount: is required"),
            ("a@b.example", "a [word].[word]"),
            ("eyJhbGciOi", "[word]"),
            ("Überweisung", "[word]"),
        ] {
            assert_eq!(redact_message(text).0, wanted);
        }
    }

    #[test]
    fn names_and_segments_that_hold_data_do_not_look_like_words() {
        for name in ["cardStatus", "BRAND_IMAGE", "address1", "x-request-id"] {
            assert!(is_field_name(name), "{name}");
        }
        for name in [
            "9123456789",
            "EKC04AZHXP",
            "a@b.example",
            "",
            "user_9123456789",
            "Asha Rao",
        ] {
            assert!(!is_field_name(name), "{name}");
        }
        assert!(is_path_word("fetch-order-details") && is_path_word("v0") && is_path_word("enKashCard"));
        assert!(!is_path_word("EKC04AZHXP") && !is_path_word("9123456789") && !is_path_word("a%40b.example"));
        assert!(are_words("read write trust") && are_words("CREATED") && !are_words("Asha") && !are_words("EKC04"));
    }
}
