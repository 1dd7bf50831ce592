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

/// The second of two people in the file, with the amount of their row.
const SECOND: [&str; 13] = [
    "allocate",
    "--title",
    "Mr",
    "--name",
    "Person",
    "--email",
    "p1@example.com",
    "--mobile",
    "9000000001",
    "--gender",
    "M",
    "--amount",
    "0.01",
];

/// A run of two that is paused after its first row.
async fn paused_run() -> FileRun {
    let run = FileRun::of(2).await;
    run.live
        .sandbox
        .add_fault(FaultRule::on(POINTS, Fault::Reset(When::After)).nth(1));
    assert_eq!(run.pay(&[]).code, Some(4));
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_call_does_not_pay_what_waits_in_a_run() {
    let run = paused_run().await;
    let pay = || run.live.run(&[&SECOND[..], &["--yes"]].concat());
    let refused = pay();
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(6), ""), "{refused:?}");
    for said in [
        "a call for the same recipient and amount waits to be sent: reference REF1, pending at 20",
        "(run 1, line 3). Nothing was sent. It waits to be sent there: cancel that run first with enkash run cancel 1, or",
        "enkash history --reference REF1 shows it.",
    ] {
        assert!(refused.stderr.contains(said), "{said} in {}", refused.stderr);
    }
    assert_eq!(run.live.run(&["run", "resume", "--yes"]).code, Some(0));
    run.is_paid_once();
    // Nothing waits any more.
    assert_eq!(pay().code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_does_not_pay_what_was_paid_since_it_began() {
    let run = paused_run().await;
    let paid = run
        .live
        .run(&[&SECOND[..], &["--yes", "--reference", "SINGLE"]].concat());
    assert_eq!(paid.code, Some(0), "{paid:?}");
    let sent = run.live.allocations();
    for ended in [run.live.run(&["run", "resume", "--yes"]), run.pay(&[])] {
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
        for said in [
            "file.csv:3: REF1 waits to be sent, and the same mobile number and amount were there since: reference SINGLE, done at 20",
            "1 row of run 1 would pay again what was paid since the run began: nothing was sent. Where each is a payment of its own",
        ] {
            assert!(ended.stderr.contains(said), "{said} in {}", ended.stderr);
        }
    }
    assert_eq!(run.live.allocations(), sent);
    let more = run.live.run(&["run", "resume", "--yes", "--allow-duplicates"]);
    assert_eq!(more.code, Some(0), "{more:?}");
    // It is named all the same.
    assert!(
        more.stderr.contains("file.csv:3: REF1 waits to be sent"),
        "{}",
        more.stderr
    );
    assert_eq!(run.live.sandbox.credits("REF1"), 1);

    // One in doubt is looked up first, also where the flags of the file are there.
    let run = paused_run().await;
    run.live.sandbox.clear_faults();
    run.live
        .sandbox
        .add_fault(FaultRule::on(POINTS, Fault::Reset(When::After)));
    let lost = run
        .live
        .run(&[&SECOND[..], &["--yes", "--reference", "SINGLE"]].concat());
    assert_eq!(lost.code, Some(4), "{lost:?}");
    run.live.sandbox.clear_faults();
    let ended = run.live.run(&["run", "resume", "--yes"]);
    is_in_doubt(
        &ended,
        &["reference SINGLE, unknown at 20", "find out first, with enkash settle"],
    );
    assert!(!ended.stderr.contains("--allow-duplicates"), "{}", ended.stderr);
    let sent = run.live.allocations();
    let ended = run.live.run(&["run", "resume", "--yes", "--allow-duplicates"]);
    is_in_doubt(&ended, &["reference SINGLE, unknown at 20"]);
    assert_eq!(run.live.allocations(), sent);
}

/// Whoever needs the flag for one person's two payments keeps the protection of everybody else.
#[tokio::test(flavor = "multi_thread")]
async fn no_flag_pays_beside_what_is_in_doubt() {
    let run = FileRun::of(1).await;
    let live = &run.live;
    live.sandbox.add_fault(FaultRule::on(POINTS, Fault::Reset(When::After)));
    assert_eq!(run.pay(&[]).code, Some(4));
    live.sandbox.clear_faults();
    let row = |mobile: u8, reference: &str| format!("Mr,P,p@example.com,900000000{mobile},M,0.01,{reference}\n");
    let file = format!(
        "title,name,email,mobile,gender,amount,reference\n{}{}{}",
        row(5, "TWICE1"),
        row(5, "TWICE2"),
        row(0, "AGAIN")
    );
    let sent = live.allocations();
    for more in [&[][..], &["--new-run"], &["--dry-run"]] {
        let ended = changed(&run, &file, &[&["--allow-duplicates"], more].concat());
        is_in_doubt(
            &ended,
            &[
                "reference REF0, unknown at 20",
                "1 row of ",
                "In 1 row of these value may have moved or not",
            ],
        );
    }
    assert_eq!(live.allocations(), sent);
    // Once it is found out, each is a payment of its own, and told as a repetition.
    assert_eq!(live.run(&["settle"]).code, Some(0));
    let paid = changed(&run, &file, &["--allow-duplicates"]);
    assert_eq!(paid.code, Some(0), "{paid:?}");
    for said in ["stand on line 2", "changed.csv:4:4: ", "reference REF0, done at 20"] {
        assert!(paid.stderr.contains(said), "{said} in {}", paid.stderr);
    }
}
