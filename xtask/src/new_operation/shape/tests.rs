//! Tables and examples that agree, and that do not.

use super::{BODY, Comparison, Kind, from_example, from_rows, merged};
use crate::new_operation::json;
use crate::new_operation::page::Row;

fn table(rows: &[(&str, &str)]) -> Kind {
    let row = |(name, kind): &(&str, &str)| Row {
        name: (*name).to_owned(),
        kind: (*kind).to_owned(),
        required: Some(true),
        ..Row::default()
    };
    from_rows(&rows.iter().map(row).collect::<Vec<_>>(), &mut Vec::new()).unwrap()
}

fn example(text: &str) -> Kind {
    from_example(&json::read(text, 1).value.unwrap())
}

#[test]
fn what_agrees_leaves_no_sentence() {
    let rows = [
        ("id", "string"),
        ("amount", "number"),
        ("list", "array of object"),
        ("list[].a", "integer"),
        ("m", "object"),
        ("m.{key}", "object"),
        ("m.{key}.n", "boolean"),
    ];
    let mut found = Comparison::default();
    let seen = example(r#"{"id": "x", "amount": 1, "list": [{"a": 1}], "m": {"PC12345": {"n": true}}}"#);
    let kind = merged(table(&rows), seen, BODY, false, &mut found);
    assert!(found.contradictions.is_empty() && found.gaps.is_empty(), "{found:?}");
    let Kind::Object(fields) = kind else { panic!() };
    assert!(matches!(fields[3].kind, Kind::Map(_)));
    assert_eq!(fields[1].kind, Kind::Number);
}

#[test]
fn a_contradiction_becomes_a_sentence_and_any_json() {
    let mut found = Comparison::default();
    let rows = [("id", "integer"), ("gone", "string")];
    let kind = merged(
        table(&rows),
        example(r#"{"id": "7", "new": 1}"#),
        BODY,
        false,
        &mut found,
    );
    assert_eq!(
        found.contradictions,
        [
            "id is a whole number in the table and a text in the example",
            "gone is required by the table and absent from the example",
        ]
    );
    assert_eq!(found.gaps, ["new stands in the example only"]);
    let Kind::Object(fields) = kind else { panic!() };
    assert_eq!(fields[0].kind, Kind::Unseen);
}

#[test]
fn a_list_at_the_top_is_read_from_both() {
    let mut found = Comparison::default();
    let kind = merged(
        table(&[("[].id", "string")]),
        example(r#"[{"id": "x"}, {"id": "y"}]"#),
        BODY,
        false,
        &mut found,
    );
    assert!(matches!(kind, Kind::List(items) if matches!(*items, Kind::Object(_))));
    assert!(found.contradictions.is_empty() && found.gaps.is_empty(), "{found:?}");
}
