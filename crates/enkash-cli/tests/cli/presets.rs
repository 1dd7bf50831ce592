//! A file of allocations on every day that the sandbox has by name: whatever goes wrong, nobody is paid twice, the sums agree, and
//! each row that is not known to be done or not done is named, and found the day after if it was done.

use std::{collections::BTreeMap, time::Duration};

use enkash_sandbox::{Preset, Sandbox};
use serde_json::{Value, json};

use crate::support::{LiveSandbox, json_lines};

const RUN: [&str; 6] = [
    "allocate",
    "--file",
    "examples/allocations.csv",
    "--yes",
    "--keep-going",
    "--json",
];

/// What a run says of each reference, and its summary.
async fn run_on(preset: Preset) -> (LiveSandbox, BTreeMap<String, String>, Value) {
    let sandbox = Sandbox::builder().preset(preset).start().await.unwrap();
    let here = LiveSandbox::of(sandbox);
    let ended = tokio::task::block_in_place(|| here.run(&RUN));
    let mut lines = json_lines(&ended.stdout);
    let Some(summary) = lines.pop() else {
        // Without a login there is no run, and nothing is sent.
        assert!(
            preset == Preset::LockedOut && ended.stderr.contains("no token"),
            "{preset}: {ended:?}"
        );
        let summary = json!({ "rows": 0, "done": 0, "unknown": 0 });
        return (here, BTreeMap::new(), summary);
    };
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let rows = lines
        .iter()
        .filter(|line| line["type"] == "row")
        .map(|row| (text(row, "reference"), text(row, "outcome")))
        .collect();
    (here, rows, summary)
}

async fn check(preset: Preset) -> (Preset, Value) {
    let (here, rows, summary) = run_on(preset).await;
    let sandbox = &here.sandbox;
    let transactions = sandbox.transactions();
    for (reference, outcome) in &rows {
        let is_ours = |purpose: &str| purpose == "ALLOCATE_POINT";
        let times = transactions
            .iter()
            .filter(|transaction| transaction.reference == *reference && is_ours(transaction.purpose))
            .count();
        let possible = match outcome.as_str() {
            "done" => 1..=1,
            "unknown" => 0..=1,
            "refused" | "not sent" | "pending" => 0..=0,
            other => panic!("{preset} {reference}: {other}"),
        };
        assert!(
            possible.contains(&times),
            "{preset} {reference}: {outcome}, and {times} times"
        );
    }
    assert_eq!(sandbox.audit(), Vec::<String>::new(), "{preset}");
    assert_eq!(sandbox.violations(), Vec::<String>::new(), "{preset}");
    for transaction in &transactions {
        assert!(
            rows.contains_key(&transaction.reference),
            "{preset}: {transaction:?} has no row"
        );
    }
    for word in ["done", "unknown"] {
        let named = rows.values().filter(|outcome| *outcome == word).count();
        assert_eq!(summary[word], named, "{preset}: {summary}");
    }
    // The day after, each unknown row that moved points is found, and no other.
    sandbox.apply_preset(Preset::GoodDay);
    // A fault may have closed the port for a while, and a busy machine makes that longer.
    sandbox.accept_connections().await;
    sandbox.advance(Duration::from_secs(8 * 3_600));
    let unknown = rows.iter().filter(|(_, outcome)| *outcome == "unknown");
    let expected: BTreeMap<_, _> = unknown
        .map(|(reference, _)| {
            (
                reference.clone(),
                if sandbox.credits(reference) == 1 {
                    "done"
                } else {
                    "unknown"
                },
            )
        })
        .collect();
    if !expected.is_empty() {
        let settled = tokio::task::block_in_place(|| here.json(&["settle", "--within", "0s"]));
        let rows = settled.iter().filter(|line| line["reference"].is_string());
        let found: BTreeMap<_, _> = rows
            .map(|line| {
                (
                    line["reference"].as_str().unwrap().to_owned(),
                    line["outcome"].as_str().unwrap(),
                )
            })
            .collect();
        assert_eq!(found, expected, "{preset}: {settled:?}");
    }
    (preset, summary)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_file_survives_every_preset() {
    let checks: Vec<_> = Preset::ALL.iter().map(|preset| tokio::spawn(check(*preset))).collect();
    for checked in checks {
        let (preset, summary) = checked.await.unwrap();
        let count = |word: &str| summary[word].as_u64().unwrap();
        let rows = count("rows");
        // Each day does what its name says.
        match preset {
            Preset::GoodDay | Preset::SlowBank | Preset::TakenBack => {
                assert_eq!(count("done"), rows, "{preset}: {summary}")
            }
            Preset::LockedOut => assert_eq!(count("done"), 0, "{preset}: {summary}"),
            Preset::PendingAllDay => assert_eq!(count("unknown"), rows, "{preset}: {summary}"),
            Preset::PaydayFromHell => assert!(count("unknown") >= 5, "{preset}: {summary}"),
            _ => {}
        }
    }
}
