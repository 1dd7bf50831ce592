//! Files at a sandbox beside the test: `allocate --file` call by call, and `bulk` in one request. Tickets are there
//! before anything is sent.

use std::fs;

use enkash_sandbox::{
    Fault, FaultRule, Operation, Sandbox, When,
    faults::{Mutation, Mutations},
};
use serde_json::Value;

use crate::{
    live_calls::live,
    support::{LiveSandbox, TemporaryFile, TemporaryFolder, assert_private, file_of, json_lines},
};

const BULK: [&str; 6] = [
    "bulk",
    "--file",
    "examples/bulk.csv",
    "--mode",
    "existing-and-new",
    "--yes",
];

fn references(tickets: &str) -> Vec<String> {
    let reference = |line: &str| {
        let ticket: enkash::Ticket = serde_json::from_str(line).ok()?;
        Some(ticket.reference.to_string())
    };
    tickets.lines().filter_map(reference).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_file_is_sent_after_one_yes_and_stands_in_the_ledger_row_by_row() {
    let here = LiveSandbox::start().await;
    let sandbox = &here.sandbox;
    let file = TemporaryFile::new(file_of(3));
    let ended = here.run(&["allocate", "--file", file.path(), "--yes"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.stdout.contains("3 rows: 3 done; 0.03 allocated"),
        "{}",
        ended.stdout
    );
    let rows = here.json(&["history", "--run", "1"]);
    let kept: Vec<_> = rows.iter().map(|row| row["reference"].as_str().unwrap()).collect();
    assert_eq!(kept, ["REF0", "REF1", "REF2"]);
    for row in &rows {
        assert_eq!(
            (&row["outcome"], &row["attempts"]),
            (&"done".into(), &1.into()),
            "{row}"
        );
    }
    assert_eq!(sandbox.calls(Operation::CreateAllocatePoints), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_first_row_stops_a_live_file_and_its_tickets_settle_it() {
    let sandbox = Sandbox::start().await.unwrap();
    let first = FaultRule::on(Operation::CreateAllocatePoints, Fault::Reset(When::After)).nth(1);
    sandbox.add_fault(first);
    let folder = TemporaryFolder::new();
    let tickets = folder.path().join("tickets.jsonl");
    let path = tickets.to_str().unwrap();
    let file = TemporaryFile::new(file_of(4));
    let run = ["allocate", "--file", file.path(), "--tickets", path, "--yes"];
    let ended = live(&sandbox, &run);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert!(
        ended
            .stdout
            .contains("4 rows: 0 done, 1 unknown, 3 pending; 0.00 allocated\nunknown: REF0 (line 2)")
            && ended.stdout.contains("Look them up first: enkash settle")
            && ended
                .stdout
                .contains("the run is paused: too many rows are unknown (--keep-going would go on)"),
        "{}",
        ended.stdout
    );
    assert_eq!(sandbox.calls(Operation::CreateAllocatePoints), 1);
    assert_eq!(references(&fs::read_to_string(&tickets).unwrap()), ["REF0"]);
    // They went nowhere else.
    assert_eq!(references(&ended.stderr), Vec::<String>::new());

    let settled = live(&sandbox, &["settle", "--file", path]);
    assert_eq!(settled.code, Some(0), "{settled:?}");
    assert!(settled.stdout.contains("1 ticket: 1 done"), "{}", settled.stdout);

    // The tickets of the first run are not lost to a second one, which does not even log in.
    let calls = sandbox.log().len();
    let again = live(&sandbox, &run);
    assert_eq!((again.code, again.stdout.as_str()), (Some(2), ""), "{again:?}");
    assert!(again.stderr.contains("is there already"), "{}", again.stderr);
    assert_eq!(sandbox.log().len(), calls);
}

#[tokio::test(flavor = "multi_thread")]
async fn keep_going_sends_the_rows_after_an_unknown_first_one() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.add_fault(FaultRule::on(Operation::CreateAllocatePoints, Fault::Reset(When::After)).nth(1));
    let file = TemporaryFile::new(file_of(4));
    let ended = live(
        &sandbox,
        &["allocate", "--file", file.path(), "--yes", "--keep-going", "--json"],
    );
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let summary: Value = serde_json::from_str(ended.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&summary["done"], &summary["unknown"], &summary["stopped"]),
        (&3.into(), &1.into(), &Value::Null)
    );
    assert_eq!(sandbox.calls(Operation::CreateAllocatePoints), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_whose_token_is_rejected_is_unknown_and_stops_the_run() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.add_fault(FaultRule::on(
        Operation::CreateAllocatePoints,
        Fault::Unauthorized(When::Before),
    ));
    let file = TemporaryFile::new(file_of(3));
    let ended = live(&sandbox, &["allocate", "--file", file.path(), "--yes", "--json"]);
    let summary: Value = serde_json::from_str(ended.stdout.lines().last().unwrap()).unwrap();
    // A 401 does not prove that nothing moved.
    assert_eq!(
        (ended.code, &summary["stopped"]),
        (Some(4), &"unknown".into()),
        "{ended:?}"
    );
    assert_eq!(sandbox.calls(Operation::CreateAllocatePoints), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_rows_of_a_bulk_file_go_out_in_one_request() {
    let sandbox = Sandbox::start().await.unwrap();
    let here = LiveSandbox::of(sandbox);
    let ended = here.run(&BULK);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.stdout.contains("3 rows: 3 done; 425.75 allocated"),
        "{}",
        ended.stdout
    );
    let rows = here.json(&["history", "--state", "done"]);
    let kept: Vec<_> = rows.iter().map(|row| row["reference"].as_str().unwrap()).collect();
    assert_eq!(kept, ["BULK-2026-0001", "BULK-2026-0002", "BULK-2026-0003"]);
    let sandbox = here.sandbox;
    assert_eq!(sandbox.calls(Operation::BulkCreateAllocateRewards), 1);
    assert_eq!(sandbox.credits("BULK-2026-0003"), 1);

    let sandbox = Sandbox::start().await.unwrap();
    let csv = live(&sandbox, &[&BULK[..], &["--output", "csv"]].concat());
    let lines: Vec<_> = csv.stdout.lines().collect();
    assert_eq!(lines[0], "line,reference,person,amount,outcome,reason,next,ticket");
    assert_eq!(lines[1], "2,BULK-2026-0001,Leela,250.50,done,,,");
    assert!(
        csv.stderr.contains("3 rows: 3 done; 425.75 allocated"),
        "{}",
        csv.stderr
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_row_that_the_answer_does_not_name_is_unknown() {
    // Ravi has a card, and only new people are wanted.
    let file = TemporaryFile::new(
        "title,name,email,mobile,amount,reference\n\
         Mr,Ravi,ravi@example.com,9000000901,10,B1\n\
         Ms,Meera,meera@example.com,9000000004,20,B2\n",
    );
    let bulk = ["bulk", "--file", file.path(), "--mode", "new-only", "--yes", "--json"];
    let sandbox = Sandbox::start().await.unwrap();
    // As far as the page shows it.
    let beside = ["failedBulkEnKashCardCreateDTOs", "failedCount", "totalCount"];
    let visible = Mutations::new(beside.map(|name| Mutation::drop(format!("payload.{name}")))).unwrap();
    sandbox.add_fault(FaultRule::on(
        Operation::BulkCreateAllocateRewards,
        Fault::MutatedResponse(visible, When::After),
    ));
    let ended = live(&sandbox, &bulk);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let rows = json_lines(&ended.stdout);
    assert_eq!((&rows[0]["outcome"], &rows[0]["line"]), (&"unknown".into(), &2.into()));
    assert_eq!(rows[0]["ticket"]["operation"], "bulkCreateAllocateRewards");
    assert_eq!(
        (&rows[1]["outcome"], &rows[1]["ticket"]),
        (&"done".into(), &Value::Null)
    );
    assert_eq!((&rows[2]["done"], &rows[2]["unknown"]), (&1.into(), &1.into()));

    // Where it speaks of a failure, the account has the last word.
    let here = LiveSandbox::of(Sandbox::start().await.unwrap());
    let ended = here.run(&bulk);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let rows = json_lines(&ended.stdout);
    assert_eq!((&rows[2]["done"], &rows[2]["unknown"]), (&0.into(), &2.into()));
    let settled = here.json(&["settle", "--within", "0s"]);
    let outcomes: Vec<_> = settled.iter().filter_map(|row| row["outcome"].as_str()).collect();
    assert_eq!(outcomes, ["unknown", "done"], "{settled:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tickets_of_a_bulk_request_are_whole_before_it_is_sent() {
    for (when, settled_code) in [(When::Before, Some(4)), (When::After, Some(0))] {
        let sandbox = Sandbox::start().await.unwrap();
        sandbox.add_fault(FaultRule::on(Operation::BulkCreateAllocateRewards, Fault::Reset(when)));
        let folder = TemporaryFolder::new();
        let tickets = folder.path().join("tickets.jsonl");
        let path = tickets.to_str().unwrap();
        let run = [&BULK[..], &["--tickets", path]].concat();
        let ended = live(&sandbox, &run);
        assert_eq!(ended.code, Some(4), "{ended:?}");
        assert_eq!(references(&fs::read_to_string(&tickets).unwrap()).len(), 3);
        assert_private(&tickets);
        // Nothing is left beside it.
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

        let settled = live(&sandbox, &["settle", "--file", path, "--within", "0s"]);
        assert_eq!(settled.code, settled_code, "{settled:?}");
        let again = live(&sandbox, &run);
        assert_eq!((again.code, again.stdout.as_str()), (Some(2), ""), "{again:?}");
        assert_eq!(sandbox.calls(Operation::BulkCreateAllocateRewards), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_place_for_its_tickets_nothing_is_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    let nowhere = ["--tickets", "no-such-folder/tickets.jsonl"];
    let bulk = live(&sandbox, &[&BULK[..], &nowhere].concat());
    let file = TemporaryFile::new(file_of(1));
    let single = live(
        &sandbox,
        &[&["allocate", "--file", file.path(), "--yes"][..], &nowhere].concat(),
    );
    for ended in [bulk, single] {
        assert_eq!(ended.code, Some(6), "{ended:?}");
        assert!(
            ended.stderr.contains("no call is sent without its ticket"),
            "{}",
            ended.stderr
        );
    }
    assert_eq!(sandbox.calls(Operation::BulkCreateAllocateRewards), 0);
    assert_eq!(sandbox.calls(Operation::CreateAllocatePoints), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mode_of_a_bulk_request_must_be_named() {
    let sandbox = Sandbox::start().await.unwrap();
    let ended = live(&sandbox, &["bulk", "--file", "examples/bulk.csv", "--yes"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("--mode"), "{}", ended.stderr);
    assert!(sandbox.log().is_empty());
}
