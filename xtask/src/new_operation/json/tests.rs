//! Reading broken texts.

use super::{Json, read};

fn text(value: &str) -> Json {
    Json::Text(value.to_owned())
}

#[test]
fn order_and_numbers_stay_as_they_are_written() {
    let reading = read(r#"{"b": 100.00, "a": [true, null, "x\"y"]}"#, 1);
    let list = Json::List(vec![Json::Bool(true), Json::Null, text("x\"y")]);
    let members = vec![
        ("b".to_owned(), Json::Number("100.00".to_owned())),
        ("a".to_owned(), list),
    ];
    assert_eq!(reading.value, Some(Json::Object(members)));
    assert!(reading.complete && reading.faults.is_empty(), "{:?}", reading.faults);
}

#[test]
fn a_mistake_is_told_with_its_line_and_read_past() {
    let reading = read("{\n  “a”: 1\n  'b': 2,,\n  c: {{token}},\n}", 7);
    let names: Vec<_> = match reading.value {
        Some(Json::Object(members)) => members.into_iter().map(|(name, _)| name).collect(),
        other => panic!("{other:?}"),
    };
    assert_eq!(names[..2], ["a", "b"]);
    let lines: Vec<_> = reading.faults.iter().map(|fault| fault.line).collect();
    assert!(lines.starts_with(&[8, 9, 9, 9]), "{:?}", reading.faults);
}

#[test]
fn what_is_cut_is_left_out_and_what_stands_before_it_kept() {
    for (cut, kept) in [
        (
            r#"{"a": 1, "b": {"c": 2, "d": "tru"#,
            r#"[("a", Number("1")), ("b", Object([("c", Number("2"))]))]"#,
        ),
        (r#"{"a": 1, "b"#, r#"[("a", Number("1"))]"#),
        (r#"{"a": 1, "b":"#, r#"[("a", Number("1"))]"#),
        (r#"{"a": 1]"#, r#"[("a", Number("1"))]"#),
    ] {
        let reading = read(cut, 1);
        assert!(!reading.complete, "{cut}");
        assert_eq!(
            format!("{:?}", reading.value.unwrap()),
            format!("Object({kept})"),
            "{cut}"
        );
    }
}

#[test]
fn no_text_is_read_without_end() {
    let deep = "[".repeat(100_000);
    assert!(!read(&deep, 1).complete);
    let long = format!("[{}1]", "1,".repeat(100_000));
    assert!(!read(&long, 1).complete);
    for odd in ["", "}", "\\", "{:", "\"\\u12", "\"\\", "[,", "{\"a\" \"b\""] {
        let _ = read(odd, 1);
    }
}
