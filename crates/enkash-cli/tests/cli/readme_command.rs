//! The first command of the README: every row of a file allocated in the built-in sandbox.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    path::Path,
};

use crate::support::{Running, TemporaryFile, enkash, file_of, json_lines, run};
use rust_decimal::Decimal;

const EXAMPLE: &str = "examples/allocations.csv";

/// All that stands on standard error.
const CAN_BE_RUN_AGAIN: &str = "The ledger of --sandbox ends with the command, so this can be run again. Live, the same \
                                command again continues its run and pays nobody twice.\n";

struct Payment {
    reference: String,
    name: String,
    mobile: String,
    amount: Decimal,
}

/// The example file, read without the code under test.
fn example() -> Vec<Payment> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(EXAMPLE);
    let mut reader = csv::Reader::from_reader(fs::File::open(path).unwrap());
    let payment = |record: csv::StringRecord| Payment {
        reference: record[6].to_owned(),
        name: record[1].to_owned(),
        mobile: record[3].to_owned(),
        amount: record[5].parse().unwrap(),
    };
    reader.records().map(|record| payment(record.unwrap())).collect()
}

#[test]
fn the_example_file_is_as_the_readme_promises() {
    let payments = example();
    assert_eq!(payments.len(), 24);
    assert!(payments.iter().any(|payment| payment.amount.fract() != Decimal::ZERO));
    let mut times = BTreeMap::new();
    for payment in &payments {
        assert!(payment.mobile.starts_with("90000"));
        *times.entry(&payment.mobile).or_insert(0) += 1;
    }
    assert_eq!(times.values().filter(|count| **count == 2).count(), 2);
}

#[test]
fn every_row_is_told_in_one_line_and_the_balances_add_up() {
    let ended = run(&["--sandbox", "allocate", "--file", EXAMPLE]);
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (Some(0), CAN_BE_RUN_AGAIN),
        "{ended:?}"
    );
    let mut lines: Vec<_> = ended.stdout.lines().collect();
    let payments = example();
    assert_eq!(lines.len(), payments.len() + 4, "{}", ended.stdout);
    // They stand there as they ended; the references are in the order of the file.
    lines[2..26].sort_unstable();

    let mut cards: BTreeMap<&str, (String, Decimal)> = BTreeMap::new();
    for (payment, line) in payments.iter().zip(&lines[2..]) {
        let (reference, rest) = line.split_once("  ").unwrap();
        let rest = rest
            .trim_start()
            .strip_prefix(&payment.name)
            .unwrap_or_else(|| panic!("{line}"));
        let cells: Vec<_> = rest.split_whitespace().collect();
        let [amount, outcome, card, balance] = cells[..] else {
            panic!("{line}")
        };
        assert_eq!((reference, outcome), (payment.reference.as_str(), "done"));
        assert_eq!(amount, format!("{:.2}", payment.amount));
        // The second payment to a person goes to the same card, and the balance is that of both.
        let (known, sum) = cards.entry(&payment.mobile).or_insert((card.to_owned(), Decimal::ZERO));
        *sum += payment.amount;
        assert_eq!(
            (card, balance),
            (known.as_str(), format!("{sum:.2}").as_str()),
            "{line}"
        );
    }

    let balance = |line: &str| -> Decimal { line.rsplit_once(": ").unwrap().1.parse().unwrap() };
    let sum: Decimal = payments.iter().map(|payment| payment.amount).sum();
    assert!(
        lines[0].contains("balance before") && lines[26].contains("balance after"),
        "{}",
        ended.stdout
    );
    assert_eq!(balance(lines[0]) - balance(lines[26]), sum);
    assert_eq!(lines[27], format!("24 rows: 24 done; {sum:.2} allocated"));
}

#[test]
fn numbers_stand_under_each_other() {
    // One after the other, so in the order of the file.
    let ended = run(&["--sandbox", "allocate", "--file", EXAMPLE, "--concurrency", "1"]);
    // The end of the amounts, in characters; one name of the example is wider in bytes and is left out.
    let ends: Vec<_> = ended
        .stdout
        .lines()
        .skip(2)
        .take(19)
        .map(|line| line.find("  done").unwrap())
        .collect();
    assert!(ends.windows(2).all(|pair| pair[0] == pair[1]), "{ends:?}");
}

#[test]
fn json_is_one_object_a_line() {
    let ended = run(&["--sandbox", "allocate", "--file", EXAMPLE, "--output", "json"]);
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (Some(0), CAN_BE_RUN_AGAIN),
        "{ended:?}"
    );
    let lines = json_lines(&ended.stdout);
    let mut rows: Vec<_> = lines.iter().filter(|line| line["type"] == "row").collect();
    assert_eq!(rows.len(), 24);
    rows.sort_by_key(|row| row["line"].as_u64());
    for (payment, row) in example().iter().zip(&rows) {
        assert_eq!(row["reference"], payment.reference.as_str());
        assert_eq!(row["amount"], format!("{:.2}", payment.amount));
        assert_eq!(row["outcome"], "done");
        assert!(row["card"].is_string() && row["balance"].is_string(), "{row}");
    }
    let summary = lines.last().unwrap();
    assert_eq!(
        (&summary["rows"], &summary["done"], &summary["interrupted"]),
        (&24.into(), &24.into(), &false.into())
    );
}

#[test]
fn a_file_that_costs_more_than_the_sandbox_holds_is_not_begun() {
    let file = TemporaryFile::new(file_of(2).replace("0.01,REF1", "99999999,REF1"));
    let ended = run(&["--sandbox", "allocate", "--file", file.path()]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(6), ""), "{ended:?}");
    assert!(
        ended
            .stderr
            .contains("the account holds 1000000.00, and the rows add up to 99999999.01: nothing was sent."),
        "{}",
        ended.stderr
    );
    // What it covers is sent on request.
    let ended = run(&["--sandbox", "allocate", "--file", file.path(), "--allow-short"]);
    assert_eq!(ended.code, Some(6), "{ended:?}");
    assert!(
        ended.stdout.contains("2 rows: 1 done, 1 pending; 0.01 allocated"),
        "{}",
        ended.stdout
    );
}

/// The reader takes one line and goes away while the run has hundreds of kilobytes to say.
#[test]
fn a_reader_that_goes_away_ends_the_command_quietly() {
    let file = TemporaryFile::new(file_of(5_000));
    let mut running = Running::start(enkash(&["--sandbox", "allocate", "--file", file.path()]));
    let mut stdout = BufReader::new(running.child().stdout.take().unwrap());
    stdout.read_line(&mut String::new()).unwrap();
    drop(stdout);
    let ended = running.ended();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(141), ""));
}
