//! The balance of an account beside what a run told: it was asked for at one moment, and says nothing of what came out, or may
//! still come, after it.

use std::fs;

use enkash_sandbox::{Fault, FaultRule, When};
use serde_json::Value;

use crate::{doubts::POINTS, live_calls::live as run_elsewhere, runs::FileRun, support::json_lines};

/// What the terminal and the page say of the balance, and the figures for programs.
fn reports(run: &FileRun, page: &str) -> (String, Value) {
    let told = run.live.run(&["run", "report", "1"]).stdout;
    let sentence = told.lines().find(|line| line.starts_with("the balance went down by "));
    let sentence = sentence.unwrap_or_else(|| panic!("{told}")).to_owned();
    let path = run.live.folder.path().join(page);
    run.live.run(&["run", "report", "1", "--html", path.to_str().unwrap()]);
    let page = fs::read_to_string(path).unwrap();
    assert!(page.contains(&sentence["the balance".len()..]), "{sentence} in {page}");
    let json = run.live.run(&["run", "report", "1", "--json"]).stdout;
    let summary = json_lines(&json).pop().unwrap();
    (sentence, summary["balance"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_balance_says_nothing_of_what_moves_after_it_was_asked_for() {
    let run = FileRun::of(3).await;
    let lost = FaultRule::on(POINTS, Fault::Reset(When::Before)).nth(3);
    run.live.sandbox.add_fault(lost);
    assert_eq!(run.pay(&["--concurrency", "1"]).code, Some(4));
    let (said, balance) = reports(&run, "first.html");
    let at = balance["after_at"].as_str().unwrap();
    let open =
        "; the unknown rows (0.01) may have moved, before that or since, or may still move: this says nothing of them";
    assert_eq!(
        said,
        format!("the balance went down by 0.02 until {at}, the rows that are done add up to 0.02: no difference{open}")
    );

    // The API carries the third out long after the run.
    let late =
        "allocate --title Mr --name Person --email p2@example.com --mobile 9000000002 --gender M --amount 0.01 --yes";
    let late: Vec<_> = late.split(' ').chain(["--reference", "REF2"]).collect();
    assert_eq!(run_elsewhere(&run.live.sandbox, &late).code, Some(0));
    assert_eq!(reports(&run, "second.html"), (said, balance));

    assert_eq!(run.live.run(&["settle"]).code, Some(0));
    let (said, balance) = reports(&run, "third.html");
    assert!(
        said.ends_with(
            "add up to 0.03; 0.01 of these came out later and may have moved later, so the two cannot be compared"
        ),
        "{said}"
    );
    assert_eq!(
        (
            &balance["went_down_by"],
            &balance["done"],
            &balance["done_later"],
            &balance["difference"]
        ),
        (&"0.02".into(), &"0.03".into(), &"0.01".into(), &Value::Null)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_balance_from_before_a_run_went_on_is_not_compared_with_what_came_after() {
    let run = FileRun::of(3).await;
    let lost = FaultRule::on(POINTS, Fault::Reset(When::After)).nth(1);
    run.live.sandbox.add_fault(lost);
    // The first row is unknown, so it pauses.
    assert_eq!(run.pay(&[]).code, Some(4));
    let (_, balance) = reports(&run, "paused.html");
    assert_eq!(
        (&balance["difference"], &balance["unknown"]),
        (&"0.01".into(), &"0.01".into())
    );
    assert_eq!(run.pay(&[]).code, Some(0));
    let (said, balance) = reports(&run, "ended.html");
    assert!(said.ends_with("add up to 0.03: no difference"), "{said}");
    assert_eq!(
        (&balance["done_later"], &balance["difference"]),
        (&"0.00".into(), &"0.00".into())
    );
}
