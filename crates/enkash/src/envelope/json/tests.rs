use super::*;

#[test]
fn it_reads_what_serde_json_reads() {
    for body in [
        r#"{"code":0,"payload":{"a":[1,-2,3.5,true,null,"x\u00e9"],"b":{}}}"#,
        "[]",
        " 7 ",
        "\"text\"",
        "1e300",
        "18446744073709551615",
    ] {
        let json = read(body.as_bytes()).unwrap();
        assert_eq!(
            Value::from(&json.root),
            serde_json::from_str::<Value>(body).unwrap(),
            "{body}"
        );
        assert!(!json.has_duplicate_keys, "{body}");
    }
    for body in [
        "",
        "{",
        "{} {}",
        "{}x",
        "\u{feff}{}",
        "{\"a\":1,}",
        "nan",
        "1e999",
        "{}\0",
    ] {
        assert!(read(body.as_bytes()).is_none(), "{body}");
    }
    assert!(read("[".repeat(1_000_000).as_bytes()).is_none());
}

#[test]
fn a_key_that_stands_twice_is_noted_at_any_depth_and_however_it_is_spelled() {
    for body in [
        r#"{"code":0,"code":1}"#,
        r#"{"code":0,"code":0}"#,
        r#"{"code":0,"\u0063ode":1}"#,
        r#"[[{"a":{"b":1,"b":2}}]]"#,
    ] {
        assert!(read(body.as_bytes()).unwrap().has_duplicate_keys, "{body}");
    }
    let twice = read(br#"{"code":0,"code":1}"#).unwrap();
    assert_eq!(twice.root.get("code").map(Value::from), Some(1.into()));
    let many = format!(
        "{{{}\"k7\":0}}",
        (0..100).map(|n| format!("\"k{n}\":0,")).collect::<String>()
    );
    assert!(read(many.as_bytes()).unwrap().has_duplicate_keys);
}

#[test]
fn the_top_is_read_without_what_is_in_it_and_the_whole_must_be_json_all_the_same() {
    let top = read_top(br#"{"code":1,"payload":{"a":[1,2]},"list":[3],"text":"t"}"#)
        .unwrap()
        .root;
    assert_eq!(top.get("code").map(Value::from), Some(1.into()));
    assert!(
        top.get("payload")
            .is_some_and(|payload| payload.is_object() && payload.get("a").is_none())
    );
    assert_eq!(top.get("text").and_then(Json::as_text), Some("t"));
    assert!(read_top(br#"{"code":1,"payload":{"a":[1,}"#).is_none());
}
