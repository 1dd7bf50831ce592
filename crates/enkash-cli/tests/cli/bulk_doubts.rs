//! A bulk request and what was paid before: its rows are refused by the same rules as those of a run, whatever command made the
//! earlier payment, and a dry run says so as well.

use enkash_sandbox::{Fault, FaultRule, Operation, When};

use crate::{
    doubts::{POINTS, is_in_doubt},
    runs::FileRun,
    support::{CommandResult, LiveSandbox, RAVI},
};

/// The payment of [`RAVI`] in a file, under this reference.
fn ravi(reference: &str) -> String {
    format!("Mr,Ravi,ravi@example.com,9000000901,1,{reference}\n")
}

fn bulk(live: &LiveSandbox, rows: &str, more: &[&str]) -> CommandResult {
    let file = format!("title,name,email,mobile,amount,reference\n{rows}");
    let path = live.folder.write("bulk.csv", &file);
    let command = ["bulk", "--mode", "existing-and-new", "--file", path.to_str().unwrap()];
    live.run(&[&command, more].concat())
}

fn requests(live: &LiveSandbox) -> u64 {
    live.sandbox.calls(Operation::BulkCreateAllocateRewards)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_row_does_not_pay_again_what_is_in_doubt() {
    let live = LiveSandbox::start().await;
    live.sandbox.add_fault(FaultRule::on(POINTS, Fault::Reset(When::After)));
    let lost = live.run(&[&["allocate"], &RAVI[..], &["--yes", "--reference", "A"]].concat());
    assert_eq!(lost.code, Some(4), "{lost:?}");
    live.sandbox.clear_faults();
    let other = "Ms,Meera,meera@example.com,9000000004,20,B0\n";
    let rows = format!("{other}{}", ravi("B1"));
    for more in ["--yes", "--dry-run"] {
        let ended = bulk(&live, &rows, &[more]);
        is_in_doubt(
            &ended,
            &[
                "bulk.csv:3:4: ",
                "reference A, unknown at 20",
                "In 1 row of these",
                "enkash settle",
            ],
        );
        assert!(!ended.stderr.contains("--allow-duplicates"), "{}", ended.stderr);
    }
    assert_eq!(requests(&live), 0);
    // None of its rows is in the ledger.
    assert_eq!(live.json(&["history"]).len(), 1);
    // Nobody can say that it is another payment before the first one is found out.
    let on_purpose = ["--yes", "--allow-duplicates"];
    is_in_doubt(&bulk(&live, &rows, &on_purpose), &["reference A, unknown at 20"]);
    let used = "the reference A was used before: unknown at 20";
    is_in_doubt(&bulk(&live, &ravi("A"), &on_purpose), &[used]);
    assert_eq!(requests(&live), 0);
    assert_eq!(live.run(&["settle"]).code, Some(0));
    let meant = bulk(&live, &rows, &on_purpose);
    assert_eq!((meant.code, requests(&live)), (Some(0), 1), "{meant:?}");
    // It is named all the same.
    assert!(meant.stderr.contains("reference A, done at 20"), "{}", meant.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_row_does_not_repeat_a_payment_without_a_word() {
    let live = LiveSandbox::start().await;
    let is_refused = |ended: &CommandResult, said: &str| {
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
        let remedy = "would pay again: nothing was sent. Where each is a payment of its own, add --allow-duplicates.";
        assert!(
            ended.stderr.contains(said) && ended.stderr.contains(remedy),
            "{}",
            ended.stderr
        );
    };
    let twice = ravi("B1") + &ravi("B2");
    for more in ["--yes", "--dry-run"] {
        is_refused(
            &bulk(&live, &twice, &[more]),
            "the same mobile number and amount stand on line 2",
        );
    }
    assert_eq!(requests(&live), 0);
    assert_eq!(bulk(&live, &ravi("B1"), &["--yes"]).code, Some(0));
    is_refused(&bulk(&live, &ravi("B3"), &["--yes"]), "reference B1, done at 20");
    assert_eq!(requests(&live), 1);
    let meant = bulk(&live, &ravi("B3"), &["--yes", "--allow-duplicates"]);
    assert_eq!((meant.code, requests(&live)), (Some(0), 2), "{meant:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_row_does_not_pay_what_waits_in_a_run() {
    let run = FileRun::of(2).await;
    let lost = FaultRule::on(POINTS, Fault::Reset(When::After)).nth(1);
    run.live.sandbox.add_fault(lost);
    assert_eq!(run.pay(&[]).code, Some(4));
    assert_eq!(run.live.run(&["settle"]).code, Some(0));
    let row = "Mr,Person 1,p1@example.com,9000000001,0.01,B1\n";
    let ended = bulk(&run.live, row, &["--yes"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
    for said in [
        "1 row of these wait to be sent in an earlier run.",
        "enkash run resume 1 looks up what is unknown",
    ] {
        assert!(ended.stderr.contains(said), "{said} in {}", ended.stderr);
    }
    assert_eq!(requests(&run.live), 0);
}
