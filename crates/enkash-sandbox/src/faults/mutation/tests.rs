use super::*;

const BODY: &str = r#"{"code":0,"message":"Success","payload":{"data":[{"id":1},{"id":2}],"amount":1.50}}"#;

fn mutated(mutations: impl IntoIterator<Item = Mutation>) -> String {
    let (status, body) = Mutations::new(mutations).unwrap().apply(200, BODY.as_bytes());
    assert_eq!(status, 200);
    String::from_utf8(body).unwrap()
}

#[test]
fn each_mutation_does_what_it_says() {
    let rest = r#""payload":{"data":[{"id":1},{"id":2}],"amount":1.50}}"#;
    for (mutation, body) in [
        (
            Mutation::set("code", "2e2"),
            format!(r#"{{"code":2e2,"message":"Success",{rest}"#),
        ),
        (
            Mutation::set("status", "true"),
            format!(
                r#"{{"code":0,"message":"Success",{},"status":true}}"#,
                &rest[..rest.len() - 1]
            ),
        ),
        (
            Mutation::double("code", "\"1\"", Position::Before),
            format!(r#"{{"code":"1","code":0,"message":"Success",{rest}"#),
        ),
        (
            Mutation::double("code", "1", Position::After),
            format!(r#"{{"code":0,"code":1,"message":"Success",{rest}"#),
        ),
        (Mutation::drop("message"), format!(r#"{{"code":0,{rest}"#)),
        (
            Mutation::rename("code", "Code"),
            format!(r#"{{"Code":0,"message":"Success",{rest}"#),
        ),
        (
            Mutation::shift("code", "payload.code"),
            r#"{"message":"Success","payload":{"data":[{"id":1},{"id":2}],"amount":1.50,"code":0}}"#.to_owned(),
        ),
        (
            Mutation::copy("payload.data.0", "payload.data.-"),
            BODY.replace(r#"{"id":2}"#, r#"{"id":2},{"id":1}"#),
        ),
        (
            Mutation::set("payload.data.*.id", "7"),
            BODY.replace("1}", "7}").replace("2}", "7}"),
        ),
        (Mutation::drop("payload.data.0"), BODY.replace(r#"{"id":1},"#, "")),
        (
            Mutation::text("payload.data"),
            BODY.replace(r#"[{"id":1},{"id":2}]"#, r#""[{\"id\":1},{\"id\":2}]""#),
        ),
        (Mutation::list(""), format!("[{BODY}]")),
        (Mutation::set("", "null"), "null".to_owned()),
        (Mutation::Append("x".to_owned()), format!("{BODY}x")),
        (Mutation::Prepend("\u{feff}".to_owned()), format!("\u{feff}{BODY}")),
    ] {
        assert_eq!(mutated([mutation.clone()]), body, "{mutation:?}");
    }
}

#[test]
fn a_path_that_leads_nowhere_changes_nothing() {
    for mutation in [
        Mutation::set("payload.none.id", "1"),
        Mutation::set("code.id", "1"),
        Mutation::set("payload.data.9", "1"),
        Mutation::double("none", "1", Position::After),
        Mutation::drop("payload.data.9"),
        Mutation::rename("none", "other"),
        Mutation::shift("none", "code"),
        Mutation::text("none"),
    ] {
        assert_eq!(mutated([mutation.clone()]), BODY, "{mutation:?}");
    }
}

#[test]
fn several_are_made_in_their_order_and_a_doubled_name_is_met_twice() {
    let moved = mutated([
        Mutation::double("code", "1", Position::After),
        Mutation::shift("code", "code"),
        Mutation::drop("payload"),
    ]);
    assert_eq!(moved, r#"{"code":1,"message":"Success","code":0}"#);
    let twice = mutated([
        Mutation::double("code", "1", Position::After),
        Mutation::set("code", "5"),
        Mutation::drop("payload"),
    ]);
    assert_eq!(twice, r#"{"code":5,"code":5,"message":"Success"}"#);
}

#[test]
fn what_is_no_json_keeps_its_bytes() {
    let mutations = [
        Mutation::set("code", "1"),
        Mutation::Status(502),
        Mutation::Append("!".to_owned()),
    ];
    let mutated = Mutations::new(mutations).unwrap().apply(200, b"<html>\xff");
    assert_eq!(mutated, (502, b"<html>\xff!".to_vec()));
}

#[test]
fn the_number_of_mutations_and_the_status_are_bounded() {
    assert!(Mutations::new([]).is_err());
    assert!(Mutations::new(vec![Mutation::drop("x"); MAX_MUTATIONS + 1]).is_err());
    for status in [0, 100, 199, 600] {
        assert!(Mutations::new([Mutation::Status(status)]).is_err(), "{status}");
    }
}

#[test]
fn the_table_has_every_mutation_with_an_example_of_it() {
    for info in Mutation::TABLE {
        let rule = format!("- {{kind: mutated-response, mutations: [{}]}}", info.example);
        let rules = crate::FaultRule::list_from_yaml(&rule).unwrap();
        let written = serde_json::to_string(&rules).unwrap();
        assert!(
            written.contains(&format!(r#""mutations":[{{"{}":"#, info.name)),
            "{written}"
        );
    }
    let unknown = serde_json::from_str::<Mutation>(r#"{"nothing": 1}"#)
        .unwrap_err()
        .to_string();
    let known: Vec<_> = unknown.split('`').skip(3).step_by(2).collect();
    let named: Vec<_> = Mutation::TABLE.iter().map(|info| info.name).collect();
    assert_eq!(named, known);
}
