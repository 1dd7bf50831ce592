//! Lists as CSV: what a spreadsheet and our own reader make of them.

use enkash_sandbox::{Operation, Sandbox};
use serde_json::Value;

use crate::support::{CommandResult, TemporaryFile, enkash, file_of, run, settings};

fn records(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    reader
        .records()
        .map(|record| record.unwrap().iter().map(str::to_owned).collect())
        .collect()
}

#[test]
fn lists_have_the_names_of_the_json_and_plain_amounts() {
    let cards = run(&["--sandbox", "cards", "--output", "csv"]);
    assert_eq!(cards.code, Some(0), "{cards:?}");
    let cards = records(&cards.stdout);
    assert_eq!(
        cards[0],
        [
            "card",
            "user",
            "account",
            "masked_number",
            "title",
            "name",
            "email",
            "mobile",
            "balance"
        ]
    );
    let ravi = cards.iter().find(|card| card[5] == "Ravi").unwrap();
    assert_eq!((ravi[7].as_str(), ravi[8].as_str()), ("9000000901", "2500.50"));

    let account = records(&run(&["--sandbox", "account", "--output", "csv"]).stdout);
    let balance = account[0].iter().position(|name| name == "available_balance").unwrap();
    assert_eq!((account.len(), account[1][balance].as_str()), (2, "1000000.00"));

    let none = run(&["--sandbox", "transactions", "--output", "csv"]);
    assert_eq!(
        none.stdout,
        "transaction,reference,card,direction,amount,balance,status,at\n"
    );
}

/// The reference would be a formula; the person's name is one that a spreadsheet leaves alone.
#[test]
fn the_rows_of_a_file_can_be_opened_and_sent_again() {
    let file = TemporaryFile::new(file_of(2).replace("REF0", "=1+1").replace("Person 0", "O'Neil"));
    let ended = run(&["--sandbox", "allocate", "--file", file.path(), "--output", "csv"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let rows = records(&ended.stdout);
    assert_eq!(rows.len(), 3, "{}", ended.stdout);
    assert_eq!(rows[0][..4], ["line", "reference", "person", "amount"]);
    assert_eq!(rows[1][..5], ["2", "'=1+1", "O'Neil", "0.01", "done"]);
    assert!(
        ended.stderr.contains("2 rows: 2 done; 0.02 allocated"),
        "{}",
        ended.stderr
    );

    // The guarded reference in a file means the same one.
    let again = TemporaryFile::new(file_of(1).replace("REF0", &rows[1][1]));
    let ended = run(&["--sandbox", "allocate", "--file", again.path(), "--json"]);
    assert!(ended.stdout.contains(r#""reference":"=1+1""#), "{}", ended.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_list_has_no_csv_and_is_not_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    for command in [
        &["token"][..],
        &["sso", "token", "--card", "EKCUQWZ8SX"],
        &["account", "--dry-run"],
    ] {
        let mut refused = enkash(&[command, &["--output", "csv"]].concat());
        let ended = CommandResult::from(refused.envs(settings(sandbox.credentials())).output().unwrap());
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
    }
    assert_eq!(sandbox.calls(Operation::IssueToken), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_list_says_how_much_is_shown_also_to_programs() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut switches = sandbox.switches();
    switches.apply("list_cut=counted:1").unwrap();
    sandbox.set_switches(switches);
    let run = |arguments: &[&str]| {
        let mut command = enkash(arguments);
        CommandResult::from(command.envs(settings(sandbox.credentials())).output().unwrap())
    };
    for arguments in [&["cards"][..], &["incentives", "users"]] {
        for form in [&[][..], &["--quiet", "--output", "csv"]] {
            let ended = run(&[arguments, form].concat());
            assert_eq!(ended.code, Some(1), "{ended:?}");
            assert!(ended.stderr.contains("warning: 1 of 2 cards;"), "{ended:?}");
        }
        let ended = run(&[arguments, &["--quiet", "--json"]].concat());
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.stderr.contains("warning: 1 of 2 cards;"), "{ended:?}");
        let json: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(
            (&json["records_count"], &json["is_limited"]),
            (&2.into(), &false.into())
        );
    }

    let mut switches = sandbox.switches();
    switches.apply("list_cut=whole").unwrap();
    sandbox.set_switches(switches);
    let ended = run(&["cards", "--limit", "1", "--json"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let json: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(json["is_limited"], true);
    assert!(
        ended.stderr.contains("note: 1 of 2 cards, as --limit says"),
        "{ended:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_of_amounts_that_nothing_lies_in_is_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    for command in [&["transactions"][..], &["transactions", "--all"], &["order", "list"]] {
        let mut refused = enkash(&[command, &["--amount-from", "500", "--amount-to", "100.00"]].concat());
        let ended = CommandResult::from(refused.envs(settings(sandbox.credentials())).output().unwrap());
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(
            ended.stderr.contains("--amount-to is less than --amount-from"),
            "{ended:?}"
        );
    }
    assert_eq!(sandbox.calls(Operation::IssueToken), 0);
}
