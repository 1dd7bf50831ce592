use super::*;

const GOOD: &str = r#"{"operation":"createAllocatePoints","reference":"R1","intended_at":"2026-11-23T09:00:00Z",
        "company":"C","account":"A","direction":"credit","amount":250.5,"mobile":"9000000004","card":null}"#;

#[test]
fn what_is_wrong_is_named_and_no_value_is_repeated() {
    assert!(parse(GOOD).is_ok());
    for (from, to, problem) in [
        (
            r#""mobile":"9000000004""#,
            r#""mobile":9000000004"#,
            "mobile is not a text",
        ),
        (r#""account":"A","#, "", "account is missing"),
        ("250.5", r#""x9000000004""#, "amount is not an amount"),
        ("credit", "9000000004", "direction is not credit or debit"),
        ("R1", "R 1", "reference is not a reference"),
        (
            "2026-11-23T09",
            "9000000004",
            "intended_at is not a time such as 2026-11-23T09:00:00Z",
        ),
        ("createAllocatePoints", "9000000004", "operation is not one of "),
        ("null}", "null", "it ends too early"),
        ("{", "9000000004 {", "it is no JSON, at character"),
    ] {
        let text = GOOD.replacen(from, to, 1);
        let found = parse(&text).unwrap_err();
        assert!(found.starts_with(problem), "{found}");
        assert!(!found.contains("9000000004"), "{found}");
    }
    assert_eq!(parse("[]").unwrap_err(), "it is no JSON object");
}

#[test]
fn a_ticket_of_an_earlier_version_is_read() {
    assert!(parse(&GOOD.replace("R1", "Zahlung-ü")).is_ok());
}

#[test]
fn every_ticket_of_a_file_is_checked_before_any_is_looked_up() {
    let good = GOOD.replace('\n', "");
    let read = parse_file(&format!("{good}\n\n{good}\n"));
    let places: Vec<_> = read.ok().unwrap().iter().map(|stored| stored.line).collect();
    assert_eq!(places, [Some(1), Some(3)]);
    let problems = parse_file(&format!("{good}\nx\n{{}}\n")).err().unwrap();
    let places: Vec<_> = problems.items.iter().map(|(line, _)| *line).collect();
    assert_eq!(places, [2, 3]);
    assert_eq!(
        parse_file(" \n").err().unwrap().items,
        [(1, "there is no ticket".to_owned())]
    );
}

#[test]
fn what_is_no_list_of_tickets_is_refused_in_few_words() {
    let long = format!("[{}", r#"{"":0},"#.repeat(3_000));
    let problems = parse_file(&format!("{long}\n{}", "{}\n".repeat(1_000))).err().unwrap();
    assert_eq!(
        problems.items[0],
        (1, "it is longer than 16 KiB, and no ticket is".to_owned())
    );
    assert_eq!((problems.items.len(), problems.count()), (100, 1_001));
}

#[test]
fn a_last_line_that_was_torn_does_not_hold_the_others_back() {
    let good = GOOD.replace('\n', "");
    let torn = format!("{good}\n{}", &good[..40]);
    assert_eq!(parse_file(&torn).ok().unwrap().len(), 1);
    assert_eq!(parse_file(&format!("{good}\n{good}")).ok().unwrap().len(), 2);
    assert!(parse_file(&good[..40]).is_err());
}
