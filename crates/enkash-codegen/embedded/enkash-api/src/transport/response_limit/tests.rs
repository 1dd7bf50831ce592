use super::*;

/// Allows 400 entries and 8,533 fields.
const LIMIT: ResponseLimit = ResponseLimit::bytes(102_400);

fn check(body: &str) -> Result<(), ResponseTooLarge> {
    LIMIT.check_values(StatusCode::OK, body.as_bytes())
}

fn list_of(item: &str, count: usize) -> String {
    format!("[{}]", vec![item; count].join(","))
}

fn object_of(value: &str, count: usize) -> String {
    let fields: Vec<_> = (0..count).map(|number| format!("\"{number}\":{value}")).collect();
    format!("{{{}}}", fields.join(","))
}

#[test]
fn entries_are_counted_in_lists_and_fields_in_objects() {
    // A comma is one fewer than what it separates.
    for entry in ["0", "{}", "[ ]", r#"{"":0}"#, r#""a""#, "null", r#""[,{\"""#] {
        assert!(check(&list_of(entry, 401)).is_ok(), "{entry}");
        assert!(check(&list_of(entry, 402)).is_err(), "{entry}");
        // At any depth, and after what closes before it.
        assert!(
            check(&format!(r#"{{"a":[[],{{}}],"b":{}}}"#, list_of(entry, 402))).is_err(),
            "{entry}"
        );
    }
    assert!(check(&object_of("0", 8_528)).is_ok());
    assert!(check(&object_of("0", 8_529)).is_err());
    assert!(check(&object_of("{}", 1_218)).is_ok());
    assert!(check(&object_of("{}", 1_219)).is_err());
}

#[test]
fn what_stands_in_a_text_is_no_value() {
    for text in [",[{", r#"\","#, r#"\\\"[["#, "\u{1F600}[,", "]}"] {
        assert!(check(&format!("[\"{}\"]", text.repeat(9_000))).is_ok(), "{text}");
    }
    // The text ends before the list, in each of these.
    for text in ["", r"\\", r#"\""#] {
        assert!(check(&format!("[\"{text}\",{}]", list_of("7", 402))).is_err(), "{text}");
    }
}

#[test]
fn nesting_is_counted() {
    assert!(check(&"[".repeat(1_423)).is_err());
    assert!(check(&"[".repeat(1_422)).is_ok());
    assert!(check(&format!("{}{}", "[{".repeat(60), list_of("0", 402))).is_err());
}

#[test]
fn a_short_body_is_not_looked_at() {
    assert!(check(&",".repeat(800)).is_ok() && LIMIT.allows_any(800) && !LIMIT.allows_any(801));
}

#[test]
fn an_error_says_the_limit_and_what_exceeds_it() {
    let error = check(&list_of("0", 10_000)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the response (HTTP 200) has more JSON values than its limit of 102400 bytes allows"
    );
}
