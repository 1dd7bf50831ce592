//! `enkash reconcile` and the reports of runs, at a sandbox beside the test whose account says something else than the run.

use std::{fs, time::Duration};

use enkash_sandbox::{
    ExtraRecord, Fault, FaultRule, Operation, Sandbox, When,
    faults::{Mutation, Mutations},
    switches::{ListCut, TransactionFilters, TransactionWithoutCard},
};
use serde_json::Value;

use crate::support::{CommandResult, TemporaryFile, TemporaryFolder, assert_private, enkash, file_of, settings};

/// A sandbox whose calls share one ledger.
struct Place {
    sandbox: Sandbox,
    folder: TemporaryFolder,
}

impl Place {
    async fn start() -> Self {
        // The command's clock does not jump with the sandbox's.
        let day = Duration::from_secs(24 * 3600);
        Self {
            sandbox: Sandbox::builder().token_life(30 * day).start().await.unwrap(),
            folder: TemporaryFolder::new(),
        }
    }

    fn enkash(&self, arguments: &[&str]) -> CommandResult {
        let mut command = enkash(arguments);
        command.envs(settings(self.sandbox.credentials()));
        command.env("ENKASH_STATE_DIR", self.folder.path().join("state"));
        command.output().unwrap().into()
    }

    /// Sends a file as the next run, row after row: of calls that come together, more would be listed at one moment than the
    /// sandbox shows where its lists are cut.
    fn pay(&self, text: &str) -> CommandResult {
        let file = TemporaryFile::new(text);
        let one_by_one = ["--concurrency", "1", "--keep-going", "--quiet"];
        self.enkash(&[&["allocate", "--file", file.path(), "--yes"][..], &one_by_one].concat())
    }

    /// What `reconcile` prints as JSON: the code, the rows and the summary.
    fn reconcile(&self, arguments: &[&str]) -> (Option<i32>, Vec<Value>, Value) {
        let ended = self.enkash(&[&["reconcile", "--json"], arguments].concat());
        let mut lines: Vec<Value> = ended
            .stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let summary = lines.pop().unwrap_or_else(|| panic!("{ended:?}"));
        assert_eq!(summary["type"], "summary", "{ended:?}");
        (ended.code, lines, summary)
    }
}

/// Reference, what was told, what was found, and whether it is an alarm.
fn rows(lines: &[Value]) -> Vec<(&str, &str, &str, bool)> {
    let text = |line: &'_ Value, name: &str| line[name].as_str().map(str::len).unwrap_or_default();
    lines
        .iter()
        .map(|line| {
            let (reference, told) = (line["reference"].as_str().unwrap(), line["told"].as_str());
            assert!(text(line, "found") > 0, "{line}");
            let found = line["found"].as_str().unwrap();
            (reference, told.unwrap_or_default(), found, line["alarm"] == true)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_paid_everybody_once_is_proven() {
    let place = Place::start().await;
    assert_eq!(place.pay(&file_of(7)).code, Some(0));
    // Longer than one response, and other calls of the ledger are no strangers.
    place
        .sandbox
        .set_switches(place.sandbox.switches().list_cut(ListCut::Counted(4)));
    let other = file_of(2).replace("REF", "OTHER").replace(",0.01,", ",0.02,");
    assert_eq!(place.pay(&other).code, Some(0));
    let (code, lines, summary) = place.reconcile(&["--run", "1"]);
    assert_eq!((code, lines.as_slice()), (Some(0), &[][..]), "{summary}");
    for (name, value) in [
        ("proven", Value::from(true)),
        ("paid_once", 7.into()),
        ("as_told", 7.into()),
        ("alarms", 0.into()),
        ("transactions", 9.into()),
        ("of_other_calls", 2.into()),
        ("unknown_to_us", 0.into()),
        ("list_whole", true.into()),
        ("told_done_amount", "0.07".into()),
    ] {
        assert_eq!(summary[name], value, "{name}: {summary}");
    }
    assert_eq!(summary["evidence"]["reference"], "inferred");
    assert_eq!(summary["evidence"]["response"], "unknown");
    let (code, lines, _) = place.reconcile(&["--run", "1", "--all"]);
    assert_eq!((code, lines.len()), (Some(0), 7));
    let text = place.enkash(&["reconcile", "--run", "1"]);
    assert!(
        text.stdout.contains("as told: each done row is listed exactly once")
            && text.stdout.contains("carries the reference is inferred"),
        "{text:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_is_read_once_however_many_rows_there_are() {
    let place = Place::start().await;
    assert_eq!(place.pay(&file_of(30)).code, Some(0));
    let before = place.sandbox.calls(Operation::SearchTransactions);
    let (code, _, summary) = place.reconcile(&["--run", "1"]);
    assert_eq!((code, summary["requests"].as_u64()), (Some(0), Some(1)));
    assert_eq!(place.sandbox.calls(Operation::SearchTransactions), before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_differs_comes_first_by_how_urgent_it_is() {
    let place = Place::start().await;
    let on = |fault, nth| {
        place
            .sandbox
            .add_fault(FaultRule::on(Operation::CreateAllocatePoints, fault).nth(nth))
    };
    // A gateway repeats the second call, the fourth is refused, and of the sixth no response comes.
    on(Fault::DuplicateExecution, 2);
    let no = ["code", "message", "payload"]
        .into_iter()
        .zip(["1", "\"Failure\"", "\"Failure\""]);
    let no = Mutations::new(no.map(|(at, raw)| Mutation::set(at, raw))).unwrap();
    on(Fault::MutatedResponse(no, When::Before), 4);
    on(Fault::Reset(When::After), 6);
    let file = TemporaryFile::new(file_of(6));
    let paid = place.enkash(&["allocate", "--file", file.path(), "--yes", "--concurrency", "1"]);
    assert_eq!(paid.code, Some(4), "{paid:?}");
    assert_eq!(place.sandbox.credits("REF1"), 2);
    let credit = |reference: &str, mobile: &str| ExtraRecord::credit(reference, mobile, 1);
    for record in [
        ExtraRecord::debit("REF2", "9000000002", 1),
        credit("REF3", "9000000002"),
        credit("SOMEBODY", "9000000001"),
    ] {
        place.sandbox.add_extra_record(record);
    }
    let (code, lines, summary) = place.reconcile(&["--run", "1"]);
    assert_eq!(code, Some(4), "{summary}");
    assert_eq!(
        rows(&lines),
        [
            ("REF1", "done", "paid_twice", true),
            ("REF3", "refused", "other_amount", true),
            ("REF2", "done", "other_direction", false),
            ("REF5", "unknown", "paid_once", false),
            ("SOMEBODY", "", "unknown_to_us", false),
        ]
    );
    for (name, value) in [("alarms", 2), ("differences", 1), ("doubts", 1), ("unknown_to_us", 1)] {
        assert_eq!(summary[name], value, "{name}: {summary}");
    }
    let csv = place.enkash(&["reconcile", "--run", "1", "--output", "csv"]);
    let first = csv.stdout.lines().nth(1).unwrap();
    assert!(first.starts_with("3,REF1,0.01,done,paid_twice,true,2,"), "{first}");
    assert!(csv.stderr.contains("not as told: 2 alarms"), "{}", csv.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn credits_that_may_have_been_taken_back_prove_nothing() {
    let place = Place::start().await;
    assert_eq!(place.pay(&file_of(2)).code, Some(0));
    for (name, raw) in [
        ("isReversed", "true"),
        ("reversedOn", "\"2026-11-27T09:00:00Z\""),
        ("description", "\"Rolled back\""),
        ("failureReason", "\"card blocked\""),
        ("companyId", "\"OTHER\""),
        ("cardAccountId", "\"OTHER\""),
    ] {
        let spoiled = Mutations::new([Mutation::set(format!("payload.data.*.{name}"), raw)]).unwrap();
        place.sandbox.add_fault(FaultRule::on(
            Operation::SearchTransactions,
            Fault::MutatedResponse(spoiled, When::After),
        ));
        let (code, lines, summary) = place.reconcile(&["--run", "1"]);
        place.sandbox.clear_faults();
        assert_eq!(
            (code, &summary["proven"]),
            (Some(4), &false.into()),
            "{name}: {summary}"
        );
        let unclear = ["REF0", "REF1"].map(|reference| (reference, "done", "unclear", false));
        assert_eq!(rows(&lines), unclear, "{name}");
    }
    let (code, _, summary) = place.reconcile(&["--run", "1"]);
    assert_eq!((code, &summary["proven"]), (Some(0), &true.into()), "{summary}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_not_listed_and_one_with_another_amount_are_told_apart() {
    let place = Place::start().await;
    // Before the payments: a day that began after them has none of them.
    let today = place.sandbox.now().to_string()[..10].to_owned();
    assert_eq!(place.pay(&file_of(3)).code, Some(0));
    let report = place.enkash(&["run", "report", "1", "--output", "csv", "--quiet"]);
    // A report of other amounts, with a row that was never sent.
    let text = report.stdout.replace("REF0,Person 0,0.01", "REF0,Person 0,0.02");
    let text = text.replace("REF2,", "NEVER,");
    let file = TemporaryFile::new(text);
    let (code, lines, summary) = place.reconcile(&["--file", file.path(), "--from", &today]);
    assert_eq!(code, Some(4), "{summary}");
    assert_eq!(
        rows(&lines),
        [
            ("NEVER", "done", "missing", true),
            ("REF0", "done", "other_amount", false),
            ("REF2", "", "unknown_to_us", false),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_read_back_with_everything_that_csv_escapes() {
    let place = Place::start().await;
    let file = file_of(3).replace("REF1", "=cmd()").replace("REF2", "a\"b");
    assert_eq!(place.pay(&file).code, Some(0));
    let report = place.enkash(&["run", "report", "1", "--output", "csv"]);
    assert!(report.stdout.contains("'=cmd()"), "{}", report.stdout);
    let report = TemporaryFile::new(&report.stdout);
    let (code, _, summary) = place.reconcile(&["--file", report.path(), "--from", "2026-01-01"]);
    assert_eq!((code, &summary["paid_once"]), (Some(0), &3.into()), "{summary}");
    assert_eq!(summary["run"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_report_is_refused_by_its_place() {
    let place = Place::start().await;
    for (text, problem) in [
        ("", ":1: the file is empty"),
        ("line,reference,amount\n", ":1: the column \"outcome\" is missing"),
        (
            "line,reference,amount,outcome,paid\n",
            ":1: column 5, \"paid\", is none of a report",
        ),
        (
            "line,reference,amount,outcome,line\n",
            ":1: column 5, \"line\", stands there twice",
        ),
        (
            "line,reference,amount,outcome\n2,R1,1\n",
            ":2: it has 3 values, and the header has 4",
        ),
        (
            "line,reference,amount,outcome\n2,R1,x,done\n",
            ":2: amount (column 3) is not an amount",
        ),
        (
            "line,reference,amount,outcome\n2,R1,1,paid\n",
            ":2: outcome (column 4) is none of done",
        ),
        (
            "line,reference,amount,outcome\n2,,1,done\n",
            ":2: reference (column 2) is empty",
        ),
        (
            "line,reference,amount,outcome\n2,R1,1,done\n3,R1,1,done\n",
            "1 references stand twice",
        ),
    ] {
        let file = TemporaryFile::new(text);
        let ended = place.enkash(&["reconcile", "--file", file.path(), "--from", "2026-01-01"]);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{text}: {ended:?}");
        assert!(ended.stderr.contains(problem), "{text}: {}", ended.stderr);
    }
    assert_eq!(place.sandbox.calls(Operation::SearchTransactions), 0);
    let ended = place.enkash(&["reconcile", "--run", "7"]);
    assert!(
        ended.code == Some(2) && ended.stderr.contains("there is no run 7"),
        "{ended:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_several_days_is_read_in_parts_and_a_list_that_stays_cut_proves_nothing() {
    let place = Place::start().await;
    let day = Duration::from_secs(24 * 3600);
    // Of calls before the run, within the day that is looked at before it.
    place.sandbox.set_time(place.sandbox.now() - day / 2);
    let earlier = file_of(2).replace("REF", "EARLIER").replace(",0.01,", ",0.02,");
    assert_eq!(place.pay(&earlier).code, Some(0));
    place.sandbox.advance(day / 2);
    assert_eq!(place.pay(&file_of(5)).code, Some(0));
    place
        .sandbox
        .set_switches(place.sandbox.switches().list_cut(ListCut::Counted(4)));
    let (code, lines, summary) = place.reconcile(&["--run", "2"]);
    assert_eq!((code, lines.len()), (Some(0), 0), "{summary}");
    assert_eq!(
        (&summary["transactions"], &summary["of_other_calls"]),
        (&7.into(), &2.into())
    );

    // Every row of the run is shown, and something else is not: it may be one of them a second time.
    let ignored = place.sandbox.switches().list_cut(ListCut::Counted(6));
    place
        .sandbox
        .set_switches(ignored.transaction_filters(TransactionFilters::Required));
    let (code, lines, summary) = place.reconcile(&["--run", "2"]);
    assert_eq!((code, lines.len()), (Some(4), 0), "{summary}");
    assert_eq!((&summary["proven"], &summary["paid_once"]), (&false.into(), &5.into()));
    assert_eq!(
        (&summary["gaps"][0]["shown"], &summary["gaps"][0]["of"]),
        (&6.into(), &7.into())
    );
    let text = place.enkash(&["reconcile", "--run", "2"]);
    assert!(
        text.stdout.contains("the list is not whole") && text.stdout.contains("not proven"),
        "{text:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_lists_no_account_is_no_proof_that_nothing_moved() {
    let place = Place::start().await;
    assert_eq!(place.pay(&file_of(1)).code, Some(0));
    let switches = place.sandbox.switches();
    place
        .sandbox
        .set_switches(switches.transaction_without_card(TransactionWithoutCard::Empty));
    let ended = place.enkash(&["reconcile", "--run", "1"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert!(ended.stdout.contains("an empty list proves nothing"), "{ended:?}");
    let switches = place.sandbox.switches();
    place
        .sandbox
        .set_switches(switches.transaction_without_card(TransactionWithoutCard::Refused));
    let ended = place.enkash(&["reconcile", "--run", "1"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), ""), "{ended:?}");
    assert!(ended.stderr.contains("may not list an account at all"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canceled_row_whose_reference_was_used_again_is_no_alarm() {
    let place = Place::start().await;
    // The run stops at its second row, whose amount the account does not hold.
    let file = TemporaryFile::new(file_of(2).replace("9000000001,M,0.01", "9000000001,M,99999999"));
    let begun = place.enkash(&["allocate", "--file", file.path(), "--yes", "--quiet", "--allow-short"]);
    assert_eq!(begun.code, Some(6), "{begun:?}");
    assert_eq!(place.enkash(&["run", "cancel", "1", "--yes"]).code, Some(0));
    let again = place.pay("title,name,email,mobile,gender,amount,reference\nMr,P,p@example.com,9000000009,M,3,REF1\n");
    assert_eq!(again.code, Some(0), "{again:?}");
    let (code, lines, summary) = place.reconcile(&["--run", "1"]);
    assert_eq!((code, rows(&lines)), (Some(0), Vec::new()), "{summary}");
    assert_eq!(
        (&summary["missing"], &summary["not_listed_as_told"], &summary["as_told"]),
        (&0.into(), &1.into(), &2.into())
    );
    let (code, ..) = place.reconcile(&["--run", "2"]);
    assert_eq!(code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_has_the_figures_of_the_terminal_and_no_person() {
    let place = Place::start().await;
    place
        .sandbox
        .add_fault(FaultRule::on(Operation::CreateAllocatePoints, Fault::Reset(When::After)).nth(3));
    let file = file_of(4).replace("REF1", "<b>&R1").replace(",0.01,", ",250.50,");
    assert_eq!(place.pay(&file).code, Some(4));
    let report = place.enkash(&["run", "report", "1", "--json"]);
    let summary: Value = serde_json::from_str(report.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(
        (
            &summary["done"],
            &summary["unknown"],
            &summary["unknown_rows"][0]["reference"]
        ),
        (&3.into(), &1.into(), &"REF2".into()),
        "{summary}"
    );
    let balance = &summary["balance"];
    assert_eq!(
        (&balance["went_down_by"], &balance["done"], &balance["difference"]),
        (&"1002.00".into(), &"751.50".into(), &"250.50".into()),
        "{summary}"
    );

    let path = place.folder.path().join("report.html");
    let html = path.to_str().unwrap();
    let written = place.enkash(&["run", "report", "1", "--html", html]);
    assert_eq!(written.code, Some(4), "{written:?}");
    assert!(
        written.stdout.contains("4 rows: 3 done, 1 unknown; 751.50 allocated"),
        "{written:?}"
    );
    assert_private(&path);
    let page = fs::read_to_string(&path).unwrap();
    let file_hash: Value = serde_json::from_str(&place.enkash(&["run", "show", "1", "--json"]).stdout).unwrap();
    for text in [
        "4 rows",
        "751.50",
        "1002.00",
        "<svg",
        "REF2",
        "&lt;b&gt;&amp;R1",
        "enkash settle",
        file_hash["file_hash"].as_str().unwrap(),
        balance["before"].as_str().unwrap(),
        balance["after"].as_str().unwrap(),
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    for text in [
        "90000",
        "Person",
        "example.com",
        "<b>&R1",
        "http-equiv=\"refresh\"",
        "<script",
        "src=",
        "href=",
        "url(",
        "@import",
    ] {
        assert!(!page.contains(text), "{text}: {page}");
    }
    // Nothing but the namespace-free markup names a host, and that is the sandbox's.
    let hosts = page.matches("://").count();
    assert_eq!(hosts, page.matches(&place.sandbox.credentials().url).count());

    let again = place.enkash(&["run", "report", "1", "--html", html]);
    assert_eq!((again.code, again.stdout.as_str()), (Some(2), ""), "{again:?}");
    assert!(again.stderr.contains("is there already"), "{again:?}");
    let nowhere = place.enkash(&["run", "report", "1", "--html", "no-such-folder/report.html"]);
    assert_eq!(nowhere.code, Some(2), "{nowhere:?}");
    assert_eq!(fs::read_dir(place.folder.path()).unwrap().count(), 2);
}
