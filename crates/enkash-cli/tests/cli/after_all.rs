//! A row that comes out as done after it was told otherwise: every command then tells it as done, and none pays it again.

use enkash_sandbox::{
    Fault, FaultRule, When,
    faults::{Mutation, Mutations},
};

use crate::{
    doubts::{NEW, POINTS},
    runs::FileRun,
    support::{CommandResult, file_of},
};

/// The second row of two was paid, and nobody knows; its ticket is in a file.
async fn lost_row(fault: Fault, code: i32) -> (FileRun, String) {
    let run = FileRun::of(2).await;
    run.live.sandbox.add_fault(FaultRule::on(POINTS, fault).nth(2));
    let tickets = run.live.folder.path().join("file.tickets");
    let tickets = tickets.to_str().unwrap().to_owned();
    let paid = run.pay(&["--concurrency", "1", "--tickets", &tickets]);
    assert_eq!(paid.code, Some(code), "{paid:?}");
    (run, tickets)
}

/// The row was lost, and a person says that it was not done.
async fn row_with_a_false_word() -> (FileRun, String) {
    let (run, tickets) = lost_row(Fault::Reset(When::After), 4).await;
    let word = "history resolve REF1 --not-done --reason telephone --yes";
    let word: Vec<_> = word.split(' ').collect();
    assert_eq!(run.live.run(&word).code, Some(0));
    (run, tickets)
}

/// The look-up proves that it was paid.
fn comes_out(run: &FileRun, tickets: &str) {
    let settled = run.live.run(&["settle", "--file", tickets, "--within", "0s"]);
    assert_eq!(settled.code, Some(0), "{settled:?}");
    let said = "keeps that. Its value moved, so it counts as done: pay nothing in its place.";
    assert!(settled.stderr.contains(said), "{}", settled.stderr);
}

fn pay_file(run: &FileRun, content: &str, more: &[&str]) -> CommandResult {
    let path = run.live.folder.write("other.csv", content);
    run.live
        .run(&[&["allocate", "--yes", "--file", path.to_str().unwrap()], more].concat())
}

/// Refused with these words, and without a way to pay again.
fn is_refused(ended: &CommandResult, said: &[&str]) {
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
    for text in said {
        assert!(ended.stderr.contains(text), "{text} in {}", ended.stderr);
    }
    assert!(!ended.stderr.contains("not sent at"), "{}", ended.stderr);
}

/// Whatever is asked about it, it is done; and whatever would pay it is refused.
fn is_done_after_all(run: &FileRun, stood_as: &str) {
    let live = &run.live;
    for filter in [&["--reference", "REF1"][..], &["--run", "1", "--state", "done"]] {
        let rows = live.json(&[&["history"], filter].concat());
        let row = rows.last().unwrap();
        assert_eq!((&row["reference"], &row["outcome"]), (&"REF1".into(), &"done".into()));
        let reason = row["reason"].as_str().unwrap();
        assert!(
            reason.starts_with(&format!("done after all; it stood as {stood_as}")),
            "{reason}"
        );
        assert!(row["came_out_done_at"].is_string(), "{row}");
    }
    for state in ["refused", "not-sent"] {
        assert!(live.json(&["history", "--state", state]).is_empty());
    }
    let report = live.run(&["run", "report", "1"]);
    assert_eq!(report.code, Some(0), "{report:?}");
    for said in ["2 rows: 2 done; 0.02 allocated", "add up to 0.02: no difference"] {
        assert!(report.stdout.contains(said), "{said} in {}", report.stdout);
    }
    let exported = live.run(&["run", "export", "1", "--yes"]);
    assert_eq!(
        (exported.code, exported.stdout.lines().count()),
        (Some(0), 1),
        "{exported:?}"
    );

    let sent = live.allocations();
    let stood = format!("after it stood as {stood_as}");
    let file = file_of(2)
        .lines()
        .take(1)
        .chain(file_of(2).lines().skip(2))
        .collect::<Vec<_>>()
        .join("\n")
        + "\n";
    for more in [&[][..], &["--allow-duplicates"]] {
        let said = [
            "the reference REF1 was used before: done at 20",
            &stood,
            "pay nothing in its place",
        ];
        let ended = pay_file(run, &file, more);
        is_refused(&ended, &said);
        let remedy = "In 1 row of these value moved although it was told otherwise: pay nothing in its place.\n";
        assert!(
            ended.stderr.ends_with(remedy) && !ended.stderr.contains(NEW),
            "{}",
            ended.stderr
        );
    }
    let renamed = pay_file(run, &file.replace("REF1", "OTHER"), &[]);
    is_refused(&renamed, &["the last seven days: reference REF1, done at 20", &stood]);
    let single = "allocate --title Mr --name P --email p@example.com --mobile 9000000001 --gender M --amount 0.01 --yes \
                  --reference REF1";
    let single = live.run(&single.split_whitespace().collect::<Vec<_>>());
    is_refused(
        &single,
        &["REF1 was used before: done at 20", &stood, "pay nothing in its place."],
    );
    assert!(!single.stderr.contains(NEW), "{}", single.stderr);
    assert_eq!(live.allocations(), sent);
    assert_eq!(live.sandbox.credits("REF1"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_done_against_a_persons_word_is_told_as_done_and_not_paid_again() {
    let (run, tickets) = row_with_a_false_word().await;
    comes_out(&run, &tickets);
    is_done_after_all(&run, "not done");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_done_although_it_was_refused_is_not_paid_again() {
    let says = [
        Mutation::set("code", "1"),
        Mutation::set("message", "\"Card is blocked\""),
        Mutation::drop("payload"),
    ];
    let refused = Fault::MutatedResponse(Mutations::new(says).unwrap(), When::After);
    let (run, tickets) = lost_row(refused, 3).await;
    comes_out(&run, &tickets);
    is_done_after_all(&run, "refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_exported_before_its_row_came_out_as_done_pays_nobody() {
    let (run, tickets) = row_with_a_false_word().await;
    let rest = run.live.folder.path().join("rest.csv");
    let rest = rest.to_str().unwrap();
    let exported = run.live.run(&["run", "export", "1", "--yes", "--to", rest]);
    assert_eq!(exported.code, Some(0), "{exported:?}");
    comes_out(&run, &tickets);
    let sent = run.live.allocations();
    for more in [&[][..], &["--allow-duplicates"]] {
        let ended = run.live.run(&[&["allocate", "--yes", "--file", rest], more].concat());
        let said = [
            "rest.csv:2:6: the reference REF1 was used before: done at 20",
            " after it stood as not done, amount 0.01, exported as ",
            "its value moved, so pay nothing in its place",
        ];
        is_refused(&ended, &said);
    }
    assert_eq!(run.live.allocations(), sent);
    assert_eq!(run.live.sandbox.credits("REF1"), 1);
}
