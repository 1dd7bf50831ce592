//! A recording from anywhere: no value of it is printed or written, whatever stands where, and what it says has bounds.

use crate::*;

/// Letters that stand in every value of the recording, and in keys, words, paths and content types that are data.
const MARKER: &str = "zzqx";

fn marked(value: &str) -> String {
    format!("{value}{MARKER}7")
}

#[test]
fn no_value_is_shown_wherever_it_stands() {
    let field = marked("Asha ");
    let key = format!("asha.{MARKER}@example.com");
    let hostile = json!({
        "code": 0, "message": field, key.clone(): {key.clone(): field},
        "payload": {"gender": field, "title": field, "enKashCardId": {"x": field}, key.clone(): [field, {key.clone(): field}]},
    });
    let pairs = json!([
        pair("POST", &format!("{ALLOCATE}?{key}={field}&{MARKER}9876543210=1"), hostile.clone(), 200, hostile.clone()),
        pair("POST", &format!("/api/v0/{}/{key}/9876543210", marked("Order")), hostile.clone(), 200, hostile.clone()),
        pair("POST", TRANSACTIONS, hostile.clone(), 200, hostile.clone()),
        {
            "request": {"method": marked("POST"), "url": format!("/api/{key}"), "headers": {key.clone(): field}, "body": field},
            "response": {"status": 200, "headers": {"content-type": format!("text/{MARKER}")}, "body": field},
        },
        {
            "request": {"method": "POST", "url": ALLOCATE, "body": hostile.clone()},
            "response": {"status": 418, "headers": {"content-type": format!("text/{MARKER}")}, "body": field},
        },
    ]);
    let spec = spec();
    let lessons = learn(&spec, &[], exchanges(&pairs));
    let overlay = lessons.overlay(&spec, &[], |_| true).unwrap();
    let printed = format!("{lessons:?}\n{}\n{overlay}", serde_json::to_string(&lessons).unwrap());
    assert!(!printed.to_lowercase().contains(MARKER), "{printed}");
    assert!(!printed.contains("9876543210"), "{printed}");
    mended(&pairs, &[], &[]);
}

#[test]
fn depth_and_number_have_bounds() {
    let deep = (0..30).fold(json!(1), |inner, _| json!({ "a": [inner] }));
    let wide: serde_json::Map<String, Value> = (0..20_000)
        .map(|number: u32| {
            let letters = number
                .to_string()
                .bytes()
                .map(|digit| char::from(digit - b'0' + b'a'))
                .collect::<String>();
            (format!("k{letters}"), json!(1))
        })
        .collect();
    let mut pairs = vec![
        pair("POST", TRANSACTIONS, json!({}), 200, deep),
        pair("POST", TRANSACTIONS, json!({}), 200, Value::Object(wide)),
    ];
    let letters = |number: u32| {
        number
            .to_string()
            .bytes()
            .map(|digit| char::from(digit - b'0' + b'a'))
            .collect::<String>()
    };
    pairs.extend((0..500).map(|number| {
        pair(
            "GET",
            &format!("/api/v0/{}", letters(number)),
            Value::Null,
            200,
            json!({}),
        )
    }));
    let lessons = lessons_of(Value::Array(pairs));
    assert!(lessons.findings.len() <= 5_010, "{}", lessons.findings.len());
    assert!(lessons.dropped >= 15_000, "{}", lessons.dropped);
}

#[test]
fn a_time_that_cannot_be_is_today() {
    for time in ["9999-01-01T00:00:00Z", "1969-01-01T00:00:00Z"] {
        let mut pair = pair(
            "GET",
            "/api/v0/cart?product=VOUCHER",
            Value::Null,
            200,
            json!({"response_code": 0, "one": 1}),
        );
        pair["started_at"] = json!(time);
        let date = &lessons_of(json!([pair])).findings[0].date;
        assert!(date.starts_with("20") && date.len() == 10, "{time}: {date}");
    }
}
