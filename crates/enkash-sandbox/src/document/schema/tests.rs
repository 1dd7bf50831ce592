use serde_json::json;

use super::*;

fn check(schema: &Value, value: &Value) -> Vec<String> {
    let document = json!({ "components": { "schemas": {
        "Word": { "type": "string", "enum": ["a", "b"], "nullable": true },
        "Person": {
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": { "type": "string", "format": "personal" },
                "amount": { "type": "number", "format": "money" },
                "count": { "type": "integer", "format": "int64" },
                "word": { "$ref": "#/components/schemas/Word" },
                "nullable": { "type": "boolean" }
            }
        }
    } } });
    let schema = Schema::read(&document, schema).unwrap();
    schema.validate(value).iter().map(ToString::to_string).collect()
}

#[test]
fn nullable_and_references_work_and_our_formats_restrict_nothing() {
    let person = json!({ "$ref": "#/components/schemas/Person" });
    let right = json!({ "name": "x", "amount": 0.1, "word": null, "nullable": true });
    assert!(check(&person, &right).is_empty());
    assert!(!check(&person, &json!({ "name": "x", "word": "c" })).is_empty());
    assert!(!check(&person, &json!({ "name": null })).is_empty());
}

#[test]
fn a_whole_number_of_64_bits_is_what_the_client_reads_as_one() {
    let person = json!({ "$ref": "#/components/schemas/Person" });
    for number in [
        "-9223372036854775809",
        "-9223372036854775808",
        "-9223372036854775807",
        "-1",
        "0",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "1e300",
        "0.5",
    ] {
        let value = serde_json::from_str(&format!(r#"{{ "name": "x", "count": {number} }}"#)).unwrap();
        let found = check(&person, &value);
        assert_eq!(
            found.is_empty(),
            serde_json::from_str::<i64>(number).is_ok(),
            "{number}: {found:?}"
        );
        assert!(!found.iter().any(|error| error.contains(number)), "{found:?}");
    }
}

#[test]
fn a_mistake_names_its_place_and_repeats_no_value() {
    let people = json!({ "type": "array", "items": { "$ref": "#/components/schemas/Person" } });
    let found = check(&people, &json!([{ "name": "x" }, { "amount": "s3cret" }]));
    assert_eq!(
        found,
        [
            r#"[1].name: is required"#,
            r#"[1].amount: value is not of type "number""#
        ]
    );
}

#[test]
fn a_keyword_that_is_not_known_and_a_circle_are_refused() {
    let document = json!({ "components": { "schemas": {
        "Circle": { "properties": { "inner": { "$ref": "#/components/schemas/Circle" } } },
    } } });
    for (schema, error) in [
        (
            json!({ "properties": { "name": { "pattern": "^a" } } }),
            "properties: name: pattern: ",
        ),
        (json!({ "$ref": "#/components/schemas/Circle" }), "in a circle"),
        (json!({ "$ref": "#/components/schemas/Gone" }), "refers to nothing"),
        (json!({ "type": ["string", "null"] }), "type: "),
        (json!([]), "no object"),
    ] {
        let read = Schema::read(&document, &schema).err().unwrap();
        assert!(read.contains(error), "{read}");
    }
}
