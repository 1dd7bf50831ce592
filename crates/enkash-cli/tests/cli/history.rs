//! `enkash history`: what the ledger remembers, a person's word, what is forgotten, and ledgers that cannot be used.

use std::fs;

use enkash_sandbox::{Fault, FaultRule, Operation, When};
use serde_json::Value;

use crate::{
    live_calls::ALLOCATE_ARGS,
    support::{CommandResult, LiveSandbox, file_of, permit, refusal},
};

const POINTS: Operation = Operation::CreateAllocatePoints;

fn allocate<'a>(amount: &'a str, reference: &'a str) -> Vec<&'a str> {
    let person = [&["allocate"], &ALLOCATE_ARGS[..11], &[amount]].concat();
    [&person[..], &["--reference", reference, "--yes"]].concat()
}

/// `R-DONE`, `R-REFUSED` and `R-UNKNOWN`, which did not happen, and a run of two rows.
async fn with_calls() -> LiveSandbox {
    let live = LiveSandbox::start().await;
    assert_eq!(live.run(&allocate("1", "R-DONE")).code, Some(0));
    for (reference, fault, code) in [
        ("R-REFUSED", refusal(), 3),
        ("R-UNKNOWN", Fault::Reset(When::Before), 4),
    ] {
        live.sandbox.add_fault(FaultRule::on(POINTS, fault));
        assert_eq!(live.run(&allocate("2", reference)).code, Some(code), "{reference}");
        live.sandbox.clear_faults();
    }
    let file = live.folder.write("file.csv", &file_of(2));
    let ended = live.run(&["allocate", "--yes", "--file", file.to_str().unwrap()]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    live
}

fn references(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["reference"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn history_shows_every_call_and_each_filter_narrows_it() {
    let live = with_calls().await;
    let all = ["R-DONE", "R-REFUSED", "R-UNKNOWN", "REF0", "REF1"];
    for (filter, expected) in [
        (&[][..], &all[..]),
        (&["--reference", "R-DONE"], &all[..1]),
        (&["--state", "refused"], &all[1..2]),
        (&["--state", "unknown"], &all[2..3]),
        (&["--state", "refused,unknown"], &all[1..3]),
        (&["--state", "not-sent"], &[]),
        (&["--run", "1"], &all[3..]),
        (&["--run", "1", "--state", "unknown"], &[]),
        (&["--run", "2"], &[]),
        (&["--since", "2026-01-01"], &all),
        (&["--since", "2199-01-01T00:00:00Z"], &[]),
        // The newest.
        (&["--limit", "2"], &all[3..]),
    ] {
        let rows = live.json(&[&["history"], filter].concat());
        assert_eq!(references(&rows), expected, "{filter:?}");
    }
    let rows = live.json(&["history"]);
    let value = |row: usize, name: &str| rows[row][name].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        (value(0, "outcome"), value(0, "amount"), value(0, "person")),
        ("done".into(), "1.00".into(), "Meera".into())
    );
    assert_eq!((value(0, "command"), value(3, "run")), ("allocate".into(), "1".into()));
    assert!(value(1, "reason").contains("Card is blocked"), "{}", rows[1]);
    let wrong = live.run(&["history", "--since", "yesterday"]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    let csv = live.run(&["history", "--output", "csv"]);
    assert_eq!(csv.stdout.lines().count(), 6, "{}", csv.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_persons_word_is_written_down_with_their_name_and_sends_nothing() {
    let live = with_calls().await;
    live.sandbox.add_fault(FaultRule::on(POINTS, Fault::Reset(When::After)));
    assert_eq!(live.run(&allocate("3", "R-PAID")).code, Some(4));
    live.sandbox.clear_faults();
    let sent = live.allocations();
    let resolve = |reference: &str, word: &str, more: &[&str]| {
        live.run(
            &[
                &["history", "resolve", reference, word, "--reason", "EnKash, ticket 4711"],
                more,
            ]
            .concat(),
        )
    };
    let asked = resolve("R-UNKNOWN", "--not-done", &[]);
    assert_eq!(asked.code, Some(2), "{asked:?}");
    assert!(
        asked.stderr.contains("is not done, says ") && asked.stderr.contains(": EnKash, ticket 4711"),
        "{asked:?}"
    );
    assert_eq!(live.unknown(), ["R-UNKNOWN", "R-PAID"]);

    assert_eq!(
        resolve("R-UNKNOWN", "--not-done", &["--as", "Meera", "--yes"]).code,
        Some(0)
    );
    assert_eq!(resolve("R-PAID", "--done", &["--yes"]).code, Some(0));
    assert_eq!(live.unknown(), [""; 0]);
    for (reference, outcome, who) in [
        (
            "R-UNKNOWN",
            "not sent",
            "Meera (typed with --as, signed by nothing): EnKash, ticket 4711",
        ),
        ("R-PAID", "done", "(user of the operating system): EnKash, ticket 4711"),
    ] {
        let row = &live.json(&["history", "--reference", reference])[0];
        assert_eq!(
            (&row["outcome"], &row["decided_by"]),
            (&outcome.into(), &"person".into()),
            "{row}"
        );
        assert!(row["reason"].as_str().unwrap().ends_with(who), "{row}");
        // Nothing sends it again, and the word cannot be changed.
        let again = live.run(&allocate("2", reference));
        assert_eq!(again.code, Some(2), "{again:?}");
        assert!(again.stderr.contains("was used before"), "{}", again.stderr);
        let twice = resolve(reference, "--done", &["--yes"]);
        assert_eq!(twice.code, Some(2), "{twice:?}");
        assert!(twice.stderr.contains("nothing was written down"), "{}", twice.stderr);
    }
    for never in ["R-DONE", "NO-SUCH"] {
        assert_eq!(resolve(never, "--not-done", &["--yes"]).code, Some(2), "{never}");
    }
    assert_eq!(live.allocations(), sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_forgets_people_and_remembers_references() {
    let live = with_calls().await;
    let files = || -> String {
        let files = fs::read_dir(live.state()).unwrap().map(|file| file.unwrap().path());
        let ledger = files.filter(|path| path.to_string_lossy().contains("ledger.db"));
        ledger
            .map(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned())
            .collect()
    };
    assert!(files().contains("Person 1"));
    let purge = |before: &str, more: &[&str]| live.run(&[&["history", "purge", "--before", before], more].concat());
    assert_eq!(purge("2199-01-01", &[]).code, Some(2));
    let nothing = purge("2026-01-01", &["--yes"]);
    assert!(nothing.stdout.contains("the people of 0 calls"), "{nothing:?}");
    let purged = purge("2199-01-01", &["--yes"]);
    assert!(purged.stdout.contains("the people of 4 calls"), "{purged:?}");
    let rows = live.json(&["history"]);
    for row in &rows {
        let is_needed = row["reference"] == "R-UNKNOWN";
        assert_eq!(row["person"].is_string(), is_needed, "{row}");
        assert!(row["amount"].is_string(), "{row}");
    }
    assert_eq!(rows.len(), 5);
    assert_eq!(live.run(&allocate("1", "R-DONE")).code, Some(2));
    // What is unknown can still be settled.
    assert_eq!(live.run(&["settle", "--within", "0s"]).code, Some(4));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tickets_of_an_earlier_version_are_taken_in_once() {
    let live = LiveSandbox::start().await;
    live.sandbox.add_fault(FaultRule::on(POINTS, Fault::Reset(When::After)));
    assert_eq!(live.run(&allocate("1", "OLD-1")).code, Some(4));
    live.sandbox.clear_faults();
    let ticket = live.stored_ticket("OLD-1").await;
    // As if the ledger had not been there then.
    fs::remove_dir_all(live.state()).unwrap();
    fs::create_dir(live.state()).unwrap();
    permit(&live.state(), 0o700);
    let old = live.state().join("tickets.jsonl");
    fs::write(&old, format!("{ticket}\n")).unwrap();
    permit(&old, 0o600);
    let again = live.run(&allocate("1", "OLD-1"));
    assert_eq!((again.code, again.stdout.as_str()), (Some(4), ""), "{again:?}");
    assert!(
        again.stderr.contains("the reference OLD-1 was used before: unknown")
            && !again.stderr.contains("new reference"),
        "{}",
        again.stderr
    );
    assert!(!old.exists());
    let rows = live.json(&["history"]);
    assert_eq!(
        (references(&rows), &rows[0]["command"]),
        (vec!["OLD-1"], &"imported ticket".into())
    );
    let settled = live.run(&["settle"]);
    assert_eq!(settled.code, Some(0), "{settled:?}");
    assert!(settled.stdout.contains("1 ticket: 1 done"), "{}", settled.stdout);
    assert_eq!((live.unknown(), live.allocations()), (Vec::new(), 1));
}

/// Nothing may be sent that nobody would remember.
#[tokio::test(flavor = "multi_thread")]
async fn without_its_ledger_no_call_is_sent_and_the_reason_is_said() {
    let live = LiveSandbox::start().await;
    assert_eq!(live.run(&allocate("1", "R1")).code, Some(0));
    let path = live.state().join("ledger.db");
    // The file and its log, which may hold what the file does not have yet.
    let log = live.state().join("ledger.db-wal");
    let (good, good_log) = (fs::read(&path).unwrap(), fs::read(&log).unwrap_or_default());
    let put = |file: &[u8], content: &[u8]| {
        fs::write(&path, file).unwrap();
        fs::write(&log, content).unwrap();
        let _ = fs::remove_file(live.state().join("ledger.db-shm"));
    };
    let file = live.folder.write("file.csv", &file_of(2));
    let file = file.to_str().unwrap();
    let refuses = |said: &str| {
        let asked = live.sandbox.log().len();
        let run = ["allocate", "--file", file, "--yes"];
        for command in [
            &allocate("1", "R2")[..],
            &run,
            &["settle"],
            &["history"],
            &["run", "resume", "--yes"],
        ] {
            let ended: CommandResult = live.run(command);
            assert_eq!(
                (ended.code, ended.stdout.as_str()),
                (Some(6), ""),
                "{command:?}: {ended:?}"
            );
            assert!(
                ended.stderr.contains("ledger.db") && ended.stderr.contains(said),
                "{said}: {}",
                ended.stderr
            );
        }
        assert_eq!(live.sandbox.log().len(), asked, "{said}");
        let doctor = live.run(&["doctor"]);
        assert!(doctor.code == Some(1) && doctor.stdout.contains(said), "{doctor:?}");
    };
    permit(&path, 0o644);
    refuses("others can read it: run chmod 600");
    permit(&path, 0o600);
    // The number of the schema stands at byte 60 of a file of SQLite.
    let mut newer = good.clone();
    newer[60..64].copy_from_slice(&1000_u32.to_be_bytes());
    put(&newer, b"");
    refuses("was written by a newer version (schema 1000");
    put(b"no database, but something else", b"");
    refuses("not a database");
    put(&good, &good_log);
    assert_eq!(live.run(&allocate("1", "R1")).code, Some(2));
    assert_eq!(live.run(&allocate("1", "R2")).code, Some(0));
}
