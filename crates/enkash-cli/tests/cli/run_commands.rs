//! What the commands of `run` say and do: lists and reports whose figures add up, limits and approvals of a profile, cancel and
//! export.

use enkash_ledger::{Ledger, RunState};
use enkash_sandbox::{Fault, FaultRule, Operation, When};
use serde_json::Value;

use crate::{
    runs::FileRun,
    support::{CommandResult, LiveSandbox, assert_private, file_of, json_lines, refusal},
};

const POINTS: Operation = Operation::CreateAllocatePoints;

/// A run of which one row is unknown, one refused, two done, and the rest is left: its first row was unknown, then it went on
/// for three rows and was paused by a network that went away.
async fn paused_run() -> FileRun {
    let run = FileRun::of(20).await;
    let sandbox = &run.live.sandbox;
    let gone = Fault::Refused(std::time::Duration::from_secs(3600));
    for (nth, fault) in [(1, Fault::Reset(When::Before)), (2, refusal()), (4, gone)] {
        sandbox.add_fault(FaultRule::on(POINTS, fault).nth(nth));
    }
    let ended = run.pay(&["--concurrency", "1", "--keep-going"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    sandbox.clear_faults();
    sandbox.accept_connections().await;
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_runs_is_one_object_a_line_with_the_newest_first() {
    let run = paused_run().await;
    // Other people: one of the run is in doubt.
    let small = file_of(2).replace("REF", "SMALL").replace(",90000", ",91000");
    let small = run.live.folder.write("small.csv", &small);
    let pay = [
        "allocate",
        "--yes",
        "--allow-duplicates",
        "--file",
        small.to_str().unwrap(),
    ];
    assert_eq!(run.live.run(&pay).code, Some(0));
    let listed = run.live.json(&["run", "list"]);
    let ids: Vec<_> = listed.iter().map(|run| run["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["2", "1"]);
    let expected = [
        ("state", Value::from("paused")),
        ("rows", 20.into()),
        ("done", 2.into()),
        ("refused", 1.into()),
        ("unknown", 1.into()),
        ("not_sent", 10.into()),
        ("pending", 6.into()),
        ("total", "0.20".into()),
        ("allocated", "0.02".into()),
    ];
    for (name, value) in expected {
        assert_eq!(listed[1][name], value, "{name}: {}", listed[1]);
    }
    let open = run.live.json(&["run", "list", "--open"]);
    assert_eq!((open.len(), &open[0]["id"]), (1, &"1".into()));
    let one = run.live.json(&["run", "list", "--limit", "1"]);
    assert_eq!((one.len(), &one[0]["id"]), (1, &"2".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_has_every_row_and_its_five_counts_are_all_rows() {
    let run = paused_run().await;
    let asked = run.live.sandbox.log().len();
    let report = |form: &str| run.live.run(&["run", "report", "1", "--output", form]);
    let json = report("json");
    assert_eq!(json.code, Some(4), "{json:?}");
    let lines = json_lines(&json.stdout);
    let rows: Vec<_> = lines.iter().filter(|line| line["type"] == "row").collect();
    let references: Vec<_> = rows
        .iter()
        .map(|row| row["reference"].as_str().unwrap().to_owned())
        .collect();
    let expected: Vec<_> = (0..20).map(|row| format!("REF{row}")).collect();
    assert_eq!(references, expected);
    let summary = lines.iter().find(|line| line["type"] == "summary").unwrap();
    for (outcome, name) in [
        ("done", "done"),
        ("refused", "refused"),
        ("unknown", "unknown"),
        ("not sent", "not_sent"),
        ("pending", "pending"),
    ] {
        let count = rows.iter().filter(|row| row["outcome"] == outcome).count();
        assert!(count > 0, "{outcome}");
        assert_eq!(summary[name], count, "{outcome}: {summary}");
    }
    assert_eq!(summary["rows"], 20);
    // What is unknown says what to do, and has its ticket.
    let unknown = rows.iter().find(|row| row["outcome"] == "unknown").unwrap();
    assert!(
        unknown["next"].as_str().unwrap().contains("`enkash settle`"),
        "{unknown}"
    );
    assert_eq!(unknown["ticket"]["reference"], "REF0");

    let csv = report("csv");
    let mut reader = csv::Reader::from_reader(csv.stdout.as_bytes());
    let header = reader.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|column| column == name).unwrap();
    let records: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), 20);
    for (record, row) in records.iter().zip(&rows) {
        for name in ["reference", "amount", "outcome"] {
            assert_eq!(&record[at(name)], row[name].as_str().unwrap());
        }
    }
    let table = report("table");
    assert!(
        table
            .stdout
            .contains("20 rows: 2 done, 1 refused, 10 not sent, 1 unknown, 6 pending; 0.02 allocated"),
        "{}",
        table.stdout
    );
    // What it advises can be typed.
    let advice = "enkash reconcile --run 1 compares them with the account's transactions";
    assert!(table.stdout.contains(advice), "{}", table.stdout);
    assert_eq!(run.live.sandbox.log().len(), asked);
    let none = run.live.run(&["run", "report", "7"]);
    assert_eq!(none.code, Some(2), "{none:?}");
    assert!(none.stderr.contains("there is no run 7"), "{}", none.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canceled_run_sends_nothing_more_and_frees_what_was_not_sent() {
    let run = paused_run().await;
    let sent = run.live.allocations();
    let asked = run.live.run(&["run", "cancel", "1"]);
    assert_eq!(asked.code, Some(2), "{asked:?}");
    assert!(asked.stderr.contains("16 rows will never be sent"), "{}", asked.stderr);
    let canceled = run.live.run(&["run", "cancel", "1", "--yes"]);
    assert_eq!(canceled.code, Some(0), "{canceled:?}");
    assert!(
        canceled
            .stdout
            .contains("run 1 is canceled: 16 rows were not sent and never will be"),
        "{}",
        canceled.stdout
    );
    assert_eq!(run.listed()["state"], "canceled");
    for again in [&["run", "cancel", "1", "--yes"][..], &["run", "resume", "--yes"]] {
        assert_eq!(run.live.run(again).code, Some(2), "{again:?}");
    }
    let resumed = run.live.run(&["run", "resume", "1", "--yes"]);
    assert!(resumed.stderr.contains("is canceled since"), "{resumed:?}");
    assert_eq!(run.live.allocations(), sent);
    // The same file is a new run, whose rows that were sent are used, and one of them is unknown.
    let again = run.pay(&["--allow-duplicates"]);
    assert_eq!(again.code, Some(4), "{again:?}");
    for (reference, is_used) in [
        ("REF0", true),
        ("REF1", true),
        ("REF2", true),
        ("REF3", true),
        ("REF4", false),
    ] {
        let said = format!("the reference {reference} was used before");
        assert_eq!(again.stderr.contains(&said), is_used, "{reference}: {}", again.stderr);
    }
    let rest: String = file_of(20)
        .lines()
        .enumerate()
        .filter(|(line, _)| *line == 0 || *line > 4)
        .map(|(_, line)| format!("{line}\n"))
        .collect();
    let rest = run.live.folder.write("rest.csv", &rest);
    let paid = run.live.run(&["allocate", "--yes", "--file", rest.to_str().unwrap()]);
    assert_eq!(paid.code, Some(0), "{paid:?}");
    for row in 4..20 {
        assert_eq!(run.live.sandbox.credits(&format!("REF{row}")), 1, "REF{row}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn exported_rows_have_new_references_that_stay_and_are_paid_in_place_of_the_old_ones() {
    let run = paused_run().await;
    let export = |name: &str, more: &[&str]| {
        let path = run.live.folder.path().join(name);
        let arguments = [&["run", "export", "1", "--to", path.to_str().unwrap()], more].concat();
        (run.live.run(&arguments), std::fs::read_to_string(path))
    };
    let (asked, file) = export("rest.csv", &[]);
    assert_eq!((asked.code, file.is_err()), (Some(2), true), "{asked:?}");
    let (ended, first) = export("rest.csv", &["--yes"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let first = first.unwrap();
    // One refused, ten not sent.
    assert_eq!(first.lines().count(), 12, "{first}");
    assert!(!first.contains("REF"), "{first}");
    let path = run.live.folder.path().join("rest.csv");
    assert_private(&path);
    let (twice, _) = export("rest.csv", &["--yes"]);
    assert_eq!(twice.code, Some(2), "{twice:?}");
    let (ended, second) = export("again.csv", &["--yes"]);
    assert_eq!((ended.code, second.unwrap()), (Some(0), first.clone()), "{ended:?}");

    // The run does not send them any more, and the new file does.
    let resumed = run.live.run(&["run", "resume", "--yes", "--settle-within", "0s"]);
    assert_eq!(resumed.code, Some(4), "{resumed:?}");
    let paid = run.live.run(&["allocate", "--yes", "--file", path.to_str().unwrap()]);
    assert_eq!(paid.code, Some(0), "{paid:?}");
    let rows = run.live.json(&["history", "--run", "2"]);
    assert_eq!(rows.len(), 11);
    for row in &rows {
        let (new, old) = (row["reference"].as_str().unwrap(), row["replaces"].as_str().unwrap());
        assert_eq!(
            (run.live.sandbox.credits(new), run.live.sandbox.credits(old)),
            (1, 0),
            "{row}"
        );
        let replaced = run.live.json(&["history", "--reference", old]);
        assert_eq!(replaced[0]["exported_as"], new);
    }
    // Everybody but the one in doubt was paid once.
    assert_eq!(run.live.sandbox.transactions().len(), 19);
    assert_eq!(run.live.sandbox.credits("REF0"), 0);
}

fn with_profile<'a>(live: &'a LiveSandbox, profile: &str) -> impl Fn(&[&str]) -> CommandResult + use<'a> {
    let config = live.folder.write("profiles.toml", profile);
    move |arguments| {
        let mut command = live.command(&[&["--profile", "p"], arguments].concat());
        command.env("ENKASH_CONFIG", &config);
        command.output().unwrap().into()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limits_of_a_profile_hold_for_every_file() {
    let live = LiveSandbox::start().await;
    let path = live.folder.write(
        "file.csv",
        &file_of(3)
            .replace("0.01,REF1", "60,REF1")
            .replace("0.01,REF2", "50,REF2"),
    );
    let pay = ["allocate", "--yes", "--file", path.to_str().unwrap()];
    for (limit, said) in [
        (
            "largest_row = \"59.99\"",
            "file.csv:3: the amount 60.00 is more than the profile allows for a row",
        ),
        (
            "largest_run = \"110\"",
            "the rows add up to 110.01, more than the profile allows for a run",
        ),
    ] {
        let run = with_profile(&live, &format!("[profile.p.run_limits]\n{limit}\n"));
        let ended = run(&pay);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
        assert!(ended.stderr.contains(said), "{said}: {}", ended.stderr);
    }
    assert!(live.sandbox.log().is_empty());
    let run = with_profile(
        &live,
        "[profile.p.run_limits]\nlargest_row = \"60\"\nlargest_run = \"110.01\"\n",
    );
    assert_eq!(run(&pay).code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_above_a_total_waits_for_other_people() {
    let live = LiveSandbox::start().await;
    let run = with_profile(&live, "[profile.p.approvals]\n\"0.02\" = 1\n\"0.025\" = 2\n");
    let file = |name: &str, content: &str| live.folder.write(name, content).to_str().unwrap().to_owned();
    let path = file("file.csv", &file_of(3));
    let pay = ["allocate", "--yes", "--file", &path];
    // At the edge of the first tier nobody is asked.
    let small = file("small.csv", &file_of(2).replace("REF", "SMALL"));
    assert_eq!(run(&["allocate", "--yes", "--file", &small]).code, Some(0));
    let sent = live.allocations();

    let waits = |ended: CommandResult, people: &str| {
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(6), ""), "{ended:?}");
        let said = format!("waits for the approval of {people}: nothing was sent.");
        assert!(ended.stderr.contains(&said), "{said} in {}", ended.stderr);
        assert_eq!(live.allocations(), sent);
    };
    let pay = [&pay[..], &["--allow-duplicates"]].concat();
    waits(run(&pay), "2 other people");
    // Without the profile it waits as well: the run needs them.
    waits(live.run(&["run", "resume", "2", "--yes"]), "2 other people");

    let own = live.run(&["run", "approve", "2", "--yes"]);
    assert_eq!(own.code, Some(2), "{own:?}");
    assert!(
        own.stderr.contains("began run 2: another person must approve it"),
        "{}",
        own.stderr
    );
    let unasked = live.run(&["run", "approve", "2", "--as", "Meera"]);
    assert_eq!(unasked.code, Some(2), "{unasked:?}");
    for said in [
        "approve run 2: 3 rows of file.csv, 0.03 in all",
        "file SHA-256 ",
        "as Meera (typed with --as, signed by nothing)",
    ] {
        assert!(unasked.stderr.contains(said), "{said} in {}", unasked.stderr);
    }
    let approve = |name: &str| live.run(&["run", "approve", "2", "--as", name, "--yes"]);
    let first = approve("Meera");
    assert!(
        first.stdout.contains("run 2 has 1 of 2 approvals, the last by Meera"),
        "{first:?}"
    );
    let same = approve("Meera");
    assert_eq!(same.code, Some(2), "{same:?}");
    waits(run(&pay), "1 other person");
    assert_eq!(approve("Arjun").code, Some(0));

    // A changed file is another run: its references are those of this one.
    let changed = file("changed.csv", &file_of(3).replace("0.01,REF2", "0.02,REF2"));
    let ended = run(&["allocate", "--yes", "--allow-duplicates", "--file", &changed]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(
        ended.stderr.contains("the reference REF0 was used before: pending"),
        "{}",
        ended.stderr
    );
    let new = file("new.csv", &file_of(3).replace("REF", "NEW"));
    waits(
        run(&["allocate", "--yes", "--allow-duplicates", "--file", &new]),
        "2 other people",
    );

    let ended = run(&pay);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    for row in 0..3 {
        assert_eq!(live.sandbox.credits(&format!("REF{row}")), 1);
    }
    let shown = &live.json(&["run", "show", "2"])[0];
    let approvals = shown["approvals"].as_array().unwrap();
    let names: Vec<_> = approvals
        .iter()
        .map(|approval| approval["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Meera", "Arjun"], "{shown}");
    assert!(approvals.iter().all(|approval| approval["at"].is_string()), "{shown}");
    let late = approve("Ravi");
    assert_eq!(late.code, Some(2), "{late:?}");
    assert!(late.stderr.contains("there is nothing to approve"), "{}", late.stderr);
}

/// Whoever began it may have had no profile, or another one.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_goes_on_keeps_to_the_limits_of_the_profile() {
    let run = FileRun::of(3).await;
    let lost = FaultRule::on(POINTS, Fault::Reset(When::After)).nth(1);
    run.live.sandbox.add_fault(lost);
    assert_eq!(run.pay(&[]).code, Some(4));
    let sent = run.live.allocations();
    let pay = run.command(&[]);
    let pay: Vec<_> = pay.get_args().map(|word| word.to_str().unwrap()).collect();
    for (limits, said) in [
        (
            "run_limits]\nlargest_row = \"0.009\"",
            "file.csv:3: the amount 0.01 is more than the profile allows for a row",
        ),
        (
            "run_limits]\nlargest_run = \"0.019\"",
            "file.csv: the rows add up to 0.02, more than the profile allows for a run",
        ),
    ] {
        let with = with_profile(&run.live, &format!("[profile.p.{limits}\n"));
        for go_on in [&pay[..], &["run", "resume", "--yes"]] {
            let ended = with(go_on);
            assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
            assert!(ended.stderr.contains(said), "{said}: {}", ended.stderr);
        }
    }
    let with = with_profile(&run.live, "[profile.p.approvals]\n\"0.01\" = 1\n");
    let waits = "run 1 (3 rows, 0.03) waits for the approval of 1 other person: nothing was sent.";
    // From then on it waits also where no profile is named.
    for ended in [with(&pay), with(&["run", "resume", "--yes"]), run.pay(&[])] {
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(6), ""), "{ended:?}");
        assert!(ended.stderr.contains(waits), "{}", ended.stderr);
    }
    assert_eq!(run.live.allocations(), sent);
    let approved = run.live.run(&["run", "approve", "1", "--as", "Meera", "--yes"]);
    assert_eq!(approved.code, Some(0), "{approved:?}");
    // What is left is within these: what was sent does not count any more.
    let limits = "run_limits]\nlargest_run = \"0.02\"\n[profile.p.approvals]\n\"0.01\" = 1\n\"0.025\" = 2";
    let with = with_profile(&run.live, &format!("[profile.p.{limits}\n"));
    assert_eq!(with(&pay).code, Some(0));
    run.is_paid_once();
}

#[test]
fn the_ledger_of_the_sandbox_of_one_command_cannot_be_read() {
    for command in [&["run", "list"][..], &["run", "resume", "--yes"], &["history"]] {
        let ended = crate::support::run(&[&["--sandbox"], command].concat());
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
        assert!(
            ended.stderr.contains("the ledger of --sandbox ends with its command"),
            "{}",
            ended.stderr
        );
    }
}

/// A row that a worker pays while the account is read would look like one that was paid behind everybody's back.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_workers_are_sending_is_not_compared() {
    let run = FileRun::of(3).await;
    let lost = FaultRule::on(POINTS, Fault::Reset(When::After)).nth(1);
    run.live.sandbox.add_fault(lost);
    assert_eq!(run.pay(&[]).code, Some(4));
    let ledger = Ledger::open(run.live.state().join("ledger.db")).unwrap();
    let id = ledger.runs(None, 1).await.unwrap()[0].id;
    assert!(ledger.set_run_state(id, RunState::HandedOut, None).await.unwrap());
    let compare = ["reconcile", "--run", "1"];
    let ended = run.live.run(&compare);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
    assert!(ended.stderr.contains("workers are sending run 1"), "{}", ended.stderr);
    // A row on its way may be paid as well, and one that was taken by nobody any more may not.
    let rows = ledger.pending_rows(id, 0, 10).await.unwrap();
    let first = run.live.stored_ticket("REF0").await;
    for row in &rows {
        let mobile = row.reference.replace("REF", "900000000");
        let ticket = first.replace("REF0", &row.reference).replace("9000000000", &mobile);
        let ticket = serde_json::from_str(&ticket).unwrap();
        assert!(ledger.begin_row(row.id, &ticket).await.unwrap().is_some());
    }
    assert_eq!(run.live.run(&compare).code, Some(2));
    ledger.interrupt_run(id).await.unwrap();
    assert_eq!(run.live.run(&compare).code, Some(4));
}
