//! What of a recording may be printed and written into an overlay: names of fields, words of enumerations, content types and
//! path segments that look like such. A recording may come from anywhere, so these are lists of what is allowed; whatever is
//! on none of them is counted and not shown. The comparison asks here before it keeps a text.

use enkash_recording::is_field_name;

/// What stands in a field's path for a key that may be somebody's data.
pub(super) const HIDDEN_KEY: &str = "*";

/// What is written for a content type that is not on the list.
pub(super) const OTHER_MEDIA_TYPE: &str = "other";

const MEDIA_TYPES: [&str; 10] = [
    "application/json",
    "application/octet-stream",
    "application/pdf",
    "application/problem+json",
    "application/x-www-form-urlencoded",
    "application/xml",
    "multipart/form-data",
    "text/html",
    "text/plain",
    "text/xml",
];

/// A key as a step of a field's path: itself where it looks like the name of a field, or a star.
pub(super) fn field_step(key: &str) -> &str {
    if is_field_name(key) { key } else { HIDDEN_KEY }
}

/// Whether a text that stands where the spec has an enumeration looks like one of its words: capitals, or a documented word in
/// another case.
pub(super) fn is_enumeration_word(text: &str, documented: &[&str]) -> bool {
    let is_capitals = (2..=40).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_uppercase())
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    is_capitals || documented.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// A content type as it may be shown.
pub(super) fn media_type(found: &str) -> &'static str {
    let known = MEDIA_TYPES.iter().find(|known| **known == found);
    known.copied().unwrap_or(OTHER_MEDIA_TYPE)
}

/// Whether a content type promises JSON.
pub(super) fn is_json(media_type: &str) -> bool {
    media_type == "application/json" || (media_type.starts_with("application/") && media_type.ends_with("+json"))
}

/// A path as a template: segments that look like words stay, all others become placeholders.
pub(super) fn path_template(path: &str) -> String {
    let mut placeholders = 0;
    let mut template = String::new();
    for segment in path.split('/').skip(1).take(MAX_SEGMENTS) {
        template.push('/');
        if is_path_word(segment) {
            template.push_str(segment);
        } else {
            placeholders += 1;
            template.push_str(&format!("{{id{placeholders}}}"));
        }
    }
    template
}

/// The placeholders of such a template.
pub(super) fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    let segments = template.split('/');
    segments.filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

/// A path of more segments is cut.
const MAX_SEGMENTS: usize = 12;

fn is_path_word(segment: &str) -> bool {
    let version = segment
        .strip_prefix('v')
        .is_some_and(|rest| (1..=2).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_digit()));
    let is_word = segment.starts_with(|first: char| first.is_ascii_lowercase())
        && segment.len() <= 40
        && segment
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_'));
    version || is_word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_may_be_data_are_hidden() {
        for name in ["cardStatus", "address1", "BRAND_IMAGE", "x-request-id", "_id"] {
            assert_eq!(field_step(name), name);
        }
        for data in [
            "9123456789",
            "EKC04AZHXP",
            "a@b.example",
            "",
            "user_9123456789",
            "Asha Rao",
            "a.b",
            "é",
        ] {
            assert_eq!(field_step(data), HIDDEN_KEY, "{data}");
        }
    }

    #[test]
    fn words_are_capitals_or_documented_in_another_case() {
        for word in ["PENDING", "ALLOCATE_POINT", "mr", "MRS"] {
            assert!(is_enumeration_word(word, &["Mr", "Mrs"]), "{word}");
        }
        for other in ["Asha", "A", "EKC04", "ASHA VERMA", "", "pending"] {
            assert!(!is_enumeration_word(other, &["Mr", "Mrs"]), "{other}");
        }
    }

    #[test]
    fn what_is_no_word_of_a_path_becomes_a_placeholder() {
        assert_eq!(path_template("/api/v0/cart/clear"), "/api/v0/cart/clear");
        assert_eq!(
            path_template("/api/v0/order/9123456789/EKC1"),
            "/api/v0/order/{id1}/{id2}"
        );
        assert_eq!(placeholders("/a/{id1}/b/{id2}").collect::<Vec<_>>(), ["id1", "id2"]);
    }

    #[test]
    fn a_content_type_that_is_on_no_list_is_not_shown() {
        assert_eq!(media_type("text/html"), "text/html");
        assert_eq!(media_type("text/asha-verma"), OTHER_MEDIA_TYPE);
        assert!(is_json("application/hal+json") && !is_json("text/json+html"));
    }
}
