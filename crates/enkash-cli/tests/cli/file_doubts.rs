//! A file that would pay again what is in doubt, waits in a run or was written out elsewhere: what a person does about these rows comes
//! first, and nothing leads to a second payment.

use enkash_sandbox::{Fault, FaultRule, When};

use crate::{
    doubts::{NEW, POINTS, is_in_doubt},
    runs::FileRun,
    support::{CommandResult, LiveSandbox, RAVI, file_of},
};

/// A file that was changed after its run: its hash is new, and its rows are those of the run.
fn changed(run: &FileRun, content: &str, more: &[&str]) -> CommandResult {
    let path = run.live.folder.write("changed.csv", content);
    let pay = ["allocate", "--yes", "--file", path.to_str().unwrap()];
    run.live.run(&[&pay, more].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_file_is_first_of_all_about_the_rows_that_are_in_doubt() {
    let run = FileRun::of(4).await;
    run.live
        .sandbox
        .add_fault(FaultRule::on(POINTS, Fault::Reset(When::After)).nth(1));
    assert_eq!(run.pay(&[]).code, Some(4));
    // Its first row is unknown, and three wait.
    let file = file_of(5);
    let resume =
        "enkash run resume 1 looks up what is unknown in run 1, sends what is left of it and pays nobody twice.";
    let in_doubt =
        "In 1 row of these value may have moved or not: find out first, with enkash settle, and pay none of them";
    for more in [&[][..], &["--allow-duplicates"], &["--new-run"]] {
        is_in_doubt(
            &changed(&run, &file, more),
            &[
                "changed.csv:2:7: the reference REF0 was used before: unknown at 20",
                "(run 1, line 2); find out first what became of it",
                "4 rows of ",
                in_doubt,
                "3 rows of these wait to be sent in an earlier run.",
                resume,
            ],
        );
    }
    // Also where the same people stand there under references of their own.
    let renamed = changed(&run, &file.replace("REF", "OTHER"), &[]);
    is_in_doubt(
        &renamed,
        &[
            "reference REF0, unknown at 20",
            in_doubt,
            "3 rows of these wait to be sent in an earlier run.",
            resume,
        ],
    );
    assert!(!renamed.stderr.contains("--allow-duplicates"), "{}", renamed.stderr);
    assert_eq!(run.live.allocations(), 1);

    // What it says to do works, and then what has ended is all that is left.
    assert_eq!(run.live.run(&["settle"]).code, Some(0));
    let waits = changed(&run, &file, &[]);
    assert_eq!(waits.code, Some(2), "{waits:?}");
    assert!(
        waits.stderr.contains("3 rows of these wait to be sent")
            && waits.stderr.contains(resume)
            && waits
                .stderr
                .contains("For 1 row of these, which wait nowhere, a new payment needs a new reference."),
        "{}",
        waits.stderr
    );
    // Nor are those that wait payments of their own.
    let renamed = changed(&run, &file.replace("REF", "OTHER"), &[]);
    assert_eq!(renamed.code, Some(2), "{renamed:?}");
    assert!(
        renamed.stderr.contains("3 rows of these wait to be sent") && renamed.stderr.contains(resume),
        "{}",
        renamed.stderr
    );
    assert!(!renamed.stderr.contains("--allow-duplicates"), "{}", renamed.stderr);
    // Where all wait, no row may have another reference.
    let (header, rows) = file.split_once('\n').unwrap();
    let waiting = format!("{header}\n{}", rows.split_once('\n').unwrap().1);
    let waiting = changed(&run, &waiting, &[]);
    assert_eq!(waiting.code, Some(2), "{waiting:?}");
    assert!(
        waiting.stderr.contains("3 rows of these wait to be sent") && waiting.stderr.contains(resume),
        "{}",
        waiting.stderr
    );
    assert!(!waiting.stderr.contains(NEW), "{}", waiting.stderr);
    assert_eq!(run.live.run(&["run", "resume", "1", "--yes"]).code, Some(0));
    let ended = changed(&run, &file, &[]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(
        ended
            .stderr
            .contains("nothing was sent. A new payment needs a new reference; what was used")
            && !ended.stderr.contains("run resume"),
        "{}",
        ended.stderr
    );
    run.is_paid_once();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubt_counts_behind_the_first_hundred_rows_as_well() {
    let run = FileRun::of(120).await;
    run.live
        .sandbox
        .add_fault(FaultRule::on(POINTS, Fault::Reset(When::After)).nth(115));
    let paid = run.pay(&["--concurrency", "1", "--keep-going"]);
    assert_eq!(paid.code, Some(4), "{paid:?}");
    let ended = changed(&run, &file_of(121), &[]);
    is_in_doubt(
        &ended,
        &["and 20 more", "In 1 row of these value may have moved or not"],
    );
    assert!(!ended.stderr.contains("unknown at"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_has_ended_is_not_to_be_resumed_because_of_its_doubts() {
    let run = FileRun::of(3).await;
    let lost = FaultRule::on(POINTS, Fault::Reset(When::After)).nth(2);
    run.live.sandbox.add_fault(lost);
    let paid = run.pay(&["--concurrency", "1", "--keep-going"]);
    assert_eq!(paid.code, Some(4), "{paid:?}");
    let ended = changed(&run, &file_of(4), &[]);
    is_in_doubt(&ended, &["the reference REF1 was used before: unknown at 20"]);
    assert!(!ended.stderr.contains("run resume"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubt_behind_an_older_payment_of_the_same_amount_is_named() {
    let live = LiveSandbox::start().await;
    let pay = |reference| live.run(&[&["allocate"], &RAVI[..], &["--yes", "--reference", reference]].concat());
    assert_eq!(pay("A").code, Some(0));
    live.sandbox.add_fault(FaultRule::on(POINTS, Fault::Reset(When::After)));
    assert_eq!(pay("B").code, Some(4));
    live.sandbox.clear_faults();
    let amount = RAVI[RAVI.iter().position(|word| *word == "--amount").unwrap() + 1];
    let file =
        format!("title,name,email,mobile,gender,amount,reference\nMr,Ravi,ravi@example.com,9000000901,M,{amount},C\n");
    let path = live.folder.write("file.csv", &file);
    let ended = live.run(&["allocate", "--yes", "--file", path.to_str().unwrap()]);
    is_in_doubt(&ended, &["reference B, unknown at 20", "In 1 row of these"]);
    assert!(!ended.stderr.contains("--allow-duplicates"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubt_goes_before_the_mistakes_of_a_file() {
    let run = FileRun::of(2).await;
    run.live
        .sandbox
        .add_fault(FaultRule::on(POINTS, Fault::Reset(When::After)).nth(1));
    assert_eq!(run.pay(&[]).code, Some(4));
    let file = file_of(1) + "Mr,Person,p@example.com,12,M,0.01,NEW1\n";
    let said = [
        "changed.csv:2:7: the reference REF0 was used before: unknown at 20",
        "changed.csv:3:4: ",
        "2 mistakes in ",
        "In 1 row of these value may have moved or not: find out first, with enkash settle,",
        "enkash run resume 1 looks up what is unknown",
    ];
    is_in_doubt(&changed(&run, &file, &[]), &said);
    // A mistake alone is bad input, as before.
    assert_eq!(run.live.run(&["settle"]).code, Some(0));
    let ended = changed(&run, &file, &[]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_written_out_is_to_be_looked_for_before_it_is_paid_anew() {
    let run = FileRun::of(1).await;
    run.live
        .sandbox
        .add_fault(FaultRule::on(POINTS, Fault::Reset(When::Before)).nth(1));
    assert_eq!(run.pay(&[]).code, Some(4));
    let word: Vec<_> = "history resolve REF0 --not-done --reason telephone --yes"
        .split(' ')
        .collect();
    assert_eq!(run.live.run(&word).code, Some(0));
    let rest = run.live.folder.path().join("rest.csv");
    let export: Vec<_> = "run export 1 --state not-sent --yes --to".split(' ').collect();
    let export = [&export[..], &[rest.to_str().unwrap()]].concat();
    let exported = run.live.run(&export);
    assert_eq!(exported.code, Some(0), "{exported:?}");
    let ended = changed(&run, &file_of(2), &[]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(
        ended.stderr.contains("; look first what became of that\n")
            && ended.stderr.contains(
                "1 row of these was written out under another reference: look first what became of that, with enkash history."
            ),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains(NEW), "{}", ended.stderr);
}
