//! Lists that come in parts are read to their end: transactions by time, orders by page. What the API hides, repeats or counts
//! wrongly is said.

use std::time::Duration;

use enkash_sandbox::{
    Fault, FaultRule, Operation, Sandbox, When,
    faults::{Mutation, Mutations},
};
use serde_json::Value;

use crate::support::{CommandResult, LiveSandbox, TemporaryFile, file_of, json_lines};

/// A sandbox with so many transactions, each at another moment, which shows lists as the switch says.
async fn with_transactions(count: usize, switch: &str) -> LiveSandbox {
    let hours = Duration::from_secs(3600 * 1000);
    let live = LiveSandbox::of(Sandbox::builder().token_life(hours).start().await.unwrap());
    for part in 0..count.div_ceil(5) {
        let rows = file_of(5)
            .replace("REF", &format!("P{part}-"))
            .replace("@example.com", &format!("{part}@example.com"));
        let file = TemporaryFile::new(rows);
        let paid = live.run(&["allocate", "--file", file.path(), "--yes", "--allow-duplicates"]);
        assert_eq!(paid.code, Some(0), "{paid:?}");
        live.sandbox.advance(Duration::from_secs(3600));
    }
    set(&live, switch);
    live
}

fn set(live: &LiveSandbox, switch: &str) {
    let mut switches = live.sandbox.switches();
    switches.apply(switch).unwrap();
    live.sandbox.set_switches(switches);
}

/// The rows and the summary of a list that is streamed.
fn streamed(ended: &CommandResult, kind: &str) -> (Vec<Value>, Value) {
    let mut lines = json_lines(&ended.stdout);
    let summary = lines.pop().unwrap();
    assert_eq!(summary["type"], "summary", "{ended:?}");
    assert!(lines.iter().all(|line| line["type"] == kind), "{ended:?}");
    (lines, summary)
}

fn references(rows: &[Value]) -> Vec<&str> {
    let mut references: Vec<_> = rows.iter().map(|row| row["reference"].as_str().unwrap()).collect();
    references.sort_unstable();
    references
}

#[tokio::test(flavor = "multi_thread")]
async fn every_transaction_of_a_list_that_is_cut_is_shown_once() {
    let live = with_transactions(15, "list_cut=counted:4").await;
    let cut = live.run(&["transactions"]);
    assert!(
        cut.stderr.contains("4 of 15 transactions; --all reads them all"),
        "{cut:?}"
    );

    let all = live.run(&["transactions", "--all", "--json"]);
    assert_eq!(all.code, Some(0), "{all:?}");
    let (rows, summary) = streamed(&all, "transaction");
    let expected: Vec<_> = (0..3)
        .flat_map(|part| (0..5).map(move |row| format!("P{part}-{row}")))
        .collect();
    assert_eq!(references(&rows), expected);
    assert_eq!(
        (
            &summary["transactions"],
            &summary["is_counted"],
            &summary["gap_count"],
            &summary["is_limited"]
        ),
        (&15.into(), &true.into(), &0.into(), &false.into())
    );
    assert!(summary["requests"].as_u64().unwrap() > 3, "{summary}");

    // Filters narrow every request, and a limit ends them.
    let none = live.run(&["transactions", "--all", "--direction", "DR", "--json"]);
    assert_eq!(streamed(&none, "transaction").1["transactions"], 0);
    assert!(none.stderr.contains("does not prove that nothing moved"), "{none:?}");
    let two = live.run(&[
        "transactions",
        "--all",
        "--reference",
        "P0-1",
        "--reference",
        "P2-3",
        "--json",
    ]);
    assert_eq!(references(&streamed(&two, "transaction").0), ["P0-1", "P2-3"]);
    let before = live.sandbox.calls(Operation::SearchTransactions);
    let some = live.run(&["transactions", "--all", "--limit", "3", "--json"]);
    let (rows, summary) = streamed(&some, "transaction");
    assert_eq!((rows.len(), &summary["is_limited"]), (3, &true.into()));
    assert!(some.stderr.contains("as --limit says; there may be more"), "{some:?}");
    assert!(live.sandbox.calls(Operation::SearchTransactions) - before < 12);

    let csv = live.run(&["transactions", "--all", "--output", "csv"]);
    assert_eq!(csv.stdout.lines().count(), 16, "{csv:?}");
    assert_eq!(
        csv.stdout.lines().next().unwrap(),
        "transaction,reference,card,direction,amount,balance,status,at"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_api_hides_ends_with_an_error() {
    let live = with_transactions(5, "list_cut=counted:2").await;
    set(&live, "transaction_filters=required");
    let hidden = live.run(&["transactions", "--all", "--json"]);
    assert_eq!(hidden.code, Some(1), "{hidden:?}");
    let (rows, summary) = streamed(&hidden, "transaction");
    assert_eq!(
        (rows.len(), &summary["gap_count"], &summary["is_counted"]),
        (2, &1.into(), &false.into())
    );
    assert_eq!(
        (&summary["gaps"][0]["shown"], &summary["gaps"][0]["of"]),
        (&2.into(), &5.into())
    );
    assert!(
        hidden
            .stderr
            .contains("2 of 5 are shown: the API does not narrow a list by time"),
        "{hidden:?}"
    );

    // A total that is a lie does not end the reading, and is said.
    set(&live, "list_cut=whole");
    set(&live, "transaction_filters=applied");
    let lie = Mutations::new([Mutation::set("payload.recordsCount", "99")]).unwrap();
    live.sandbox.add_fault(FaultRule::on(
        Operation::SearchTransactions,
        Fault::MutatedResponse(lie, When::After),
    ));
    let lied = live.run(&["transactions", "--all", "--json"]);
    assert_eq!(lied.code, Some(1), "{lied:?}");
    let (rows, summary) = streamed(&lied, "transaction");
    assert_eq!(references(&rows), ["P0-0", "P0-1", "P0-2", "P0-3", "P0-4"]);
    assert!(
        summary["gap_count"].as_u64().unwrap() > 0 && summary["gaps"][0]["of"] == 99,
        "{summary}"
    );
    assert!(lied.stderr.contains("of 99 are shown"), "{lied:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn times_go_together_unless_all_is_read() {
    let live = LiveSandbox::start().await;
    for arguments in [
        &["transactions", "--from", "2026-01-01"][..],
        &["transactions", "--from", "2026-02-01", "--to", "2026-01-01"],
        &["transactions", "--all", "--from", "2026-02-01", "--to", "2026-01-01"],
        &["transactions", "--limit", "0"],
    ] {
        let ended = live.run(arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
    }
    assert_eq!(live.sandbox.calls(Operation::SearchTransactions), 0);
    assert_eq!(
        live.run(&["transactions", "--all", "--from", "2026-01-01"]).code,
        Some(0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_filter_of_the_spec_is_sent() {
    let live = LiveSandbox::start().await;
    let sent = |arguments: &[&str]| -> Value {
        let shown = live.json(&[arguments, &["--dry-run"]].concat());
        shown.last().unwrap()["body"].clone()
    };
    let body = sent(&[
        "transactions",
        "--reference",
        "A",
        "--card",
        "C",
        "--transaction",
        "T1",
        "--transaction",
        "T2",
        "--user",
        "U",
        "--holder-name",
        "Meera",
        "--company-name",
        "Acme",
        "--direction",
        "CR",
        "--status",
        "CREATED",
        "--amount-from",
        "1",
        "--amount-to",
        "2.50",
        "--from",
        "2026-01-01",
        "--to",
        "2026-02-01",
    ]);
    let spec = include_str!("../../../../spec/rewards.yaml");
    assert_names(
        spec,
        "TransactionSearchRequest",
        &body,
        &["pgReferenceNumbers", "enKashTransactionId"],
    );
    let several = sent(&[
        "transactions",
        "--reference",
        "A",
        "--reference",
        "B",
        "--transaction",
        "T",
    ]);
    assert!(
        several.get("pgReferenceNumbers").is_some() && several.get("enKashTransactionId").is_some(),
        "{several}"
    );
    let cards = sent(&["cards", "--card", "C", "--client-reference", "R"]);
    assert_names(spec, "CardSearchRequest", &cards, &[]);
    let orders = sent(&[
        "order",
        "list",
        "--company",
        "C",
        "--user",
        "U",
        "--email",
        "asha@example.com",
        "--brand",
        "B",
        "--category",
        "K",
        "--amount-from",
        "1",
        "--amount-to",
        "2",
        "--created-from",
        "x",
        "--created-to",
        "y",
        "--aggregator",
        "R",
        "--aggregator-order",
        "O",
        "--aggregator-product",
        "P",
        "--aggregator-discount-from",
        "1",
        "--aggregator-discount-to",
        "2",
        "--enkash-discount-from",
        "3",
        "--enkash-discount-to",
        "4",
        "--direction",
        "ASC",
    ]);
    assert_names(spec, "OrderSearchRequest", &orders, &[]);
}

/// Every property of a type of the spec is in a body, but for those that exclude others.
fn assert_names(spec: &str, schema: &str, body: &Value, excluded: &[&str]) {
    let of_type = spec.split(&format!("\n    {schema}:\n")).nth(1).unwrap();
    let of_type = of_type.split("\n      properties:\n").nth(1).unwrap();
    let is_of_type = |line: &&str| line.starts_with("        ");
    let names: Vec<_> = of_type
        .lines()
        .take_while(is_of_type)
        .filter(|line| !line.starts_with("         "))
        .map(|line| line.trim().trim_end_matches(':'))
        .collect();
    assert!(names.len() > 3, "{names:?}");
    for name in names.iter().filter(|name| !excluded.contains(name)) {
        assert!(body.get(name).is_some(), "{schema}: {name} is not in {body}");
    }
}

/// An order that is made while the pages are read moves the rest by one: the last row of a page comes again.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_comes_again_is_shown_once_and_said() {
    let live = LiveSandbox::start().await;
    for number in 0..4 {
        let reference = format!("ORDER{number}");
        let paid = live.run(&[
            "order",
            "create",
            "--product",
            "PC0SANDBOXBOOKS1",
            "--denomination",
            "100",
            "--quantity",
            "1",
            "--reference",
            &reference,
            "--yes",
        ]);
        assert_eq!(paid.code, Some(0), "{paid:?}");
    }
    let whole = live.json(&["order", "list", "--raw", "--reveal"]);
    let rows: Vec<_> = whole[..4].iter().map(|row| row["raw"].clone()).collect();
    let second = serde_json::to_string(&rows[1..3]).unwrap();
    let shifted = Mutations::new([Mutation::set("payload.data", second)]).unwrap();
    live.sandbox
        .add_fault(FaultRule::on(Operation::SearchOrders, Fault::MutatedResponse(shifted, When::After)).nth(2));
    let all = live.run(&["order", "list", "--all", "--page-size", "2", "--json"]);
    assert_eq!(all.code, Some(0), "{all:?}");
    let (shown, summary) = streamed(&all, "order");
    let order = |row: &Value| row["order"].as_str().unwrap().to_owned();
    assert_eq!(
        shown.iter().map(order).collect::<Vec<_>>(),
        whole[..3].iter().map(order).collect::<Vec<_>>()
    );
    assert_eq!((&summary["orders"], &summary["repeats"]), (&3.into(), &1.into()));
    assert!(all.stderr.contains("1 rows came again, and are shown once"), "{all:?}");
}
