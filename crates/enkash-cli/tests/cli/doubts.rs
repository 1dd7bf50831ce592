//! What is in doubt is looked up before anything is paid in its place: no command speaks of a new reference for it, and what it
//! says to type can be typed and reads the same ledger.

use std::{path::PathBuf, process::Command, time::Duration};

use enkash_sandbox::{Fault, FaultRule, Operation, When};

use crate::{
    profiles::profile_of,
    runs::FileRun,
    support::{CommandResult, LiveSandbox, NOBODY, RAVI, Running, enkash, file_of, settings_of_user, single_calls},
};

pub(crate) const POINTS: Operation = Operation::CreateAllocatePoints;
pub(crate) const NEW: &str = "new reference";

fn allocate<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["allocate"], &RAVI[..], &["--yes"], more].concat()
}

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

/// Refused because of what is in doubt: nothing is printed as a result, and nothing leads to a second payment.
pub(crate) fn is_in_doubt(ended: &CommandResult, said: &[&str]) {
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(4), ""), "{ended:?}");
    for text in said.iter().chain(&["find out first"]) {
        assert!(ended.stderr.contains(text), "{text} in {}", ended.stderr);
    }
    assert!(
        ended.stderr.to_lowercase().contains("nothing was sent"),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains(NEW), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_command_speaks_of_a_new_reference_for_a_call_that_is_unknown() {
    for (command, operation) in single_calls(&RAVI) {
        let live = LiveSandbox::start().await;
        let call = [&command[..], &["--reference", "R1", "--yes"]].concat();
        live.sandbox
            .add_fault(FaultRule::on(operation, Fault::Reset(When::After)));
        assert_eq!(live.run(&call).code, Some(4), "{command:?}");
        live.sandbox.clear_faults();
        let sent = live.sandbox.calls(operation);
        let again = live.run(&call);
        is_in_doubt(
            &again,
            &["the reference R1 was used before: unknown at 20", "`enkash settle`"],
        );
        assert_eq!(live.sandbox.calls(operation), sent, "{command:?}");
    }
}

/// The one that sends it is alive, or was killed before its response came.
#[tokio::test(flavor = "multi_thread")]
async fn no_command_speaks_of_a_new_reference_for_a_call_that_is_on_its_way() {
    let live = LiveSandbox::start().await;
    let hold = Fault::Delay(Duration::from_secs(3600), When::After);
    live.sandbox.add_fault(FaultRule::on(POINTS, hold));
    let call = allocate(&["--reference", "R1"]);
    let mut running = Running::start(live.command(&call));
    live.wait_for_allocations(1, &mut running).await;
    let said = [
        "the reference R1 was used before: on its way or in doubt since 20",
        "`enkash settle`",
    ];
    is_in_doubt(&live.run(&call), &said);
    running.signal("KILL");
    running.ended();
    is_in_doubt(&live.run(&call), &said);
    assert_eq!(live.allocations(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_has_ended_may_be_followed_by_a_new_reference() {
    let live = LiveSandbox::start().await;
    live.sandbox
        .add_fault(FaultRule::on(POINTS, Fault::Reset(When::Before)).nth(1));
    let call = allocate(&["--reference", "R1"]);
    assert_eq!(live.run(&call).code, Some(4));
    let word = words("history resolve R1 --not-done --reason telephone --yes");
    assert_eq!(live.run(&word).code, Some(0));
    let ended = live.run(&call);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(
        ended
            .stderr
            .contains("A person says that no value moved. Where that is certain: A new payment needs"),
        "{}",
        ended.stderr
    );

    // Rows of a run: one that a person calls not done and that is exported, and one that waits.
    let run = FileRun::of(2).await;
    run.live
        .sandbox
        .add_fault(FaultRule::on(POINTS, Fault::Reset(When::Before)).nth(1));
    assert_eq!(run.pay(&[]).code, Some(4));
    let word = words("history resolve REF0 --not-done --reason telephone --yes");
    assert_eq!(run.live.run(&word).code, Some(0));
    let rest = run.live.folder.path().join("rest.csv");
    let export = words("run export 1 --state not-sent --yes --to");
    let export = [&export[..], &[rest.to_str().unwrap()]].concat();
    assert_eq!(run.live.run(&export).code, Some(0));
    let exported = run.live.json(&["history", "--reference", "REF0"]).remove(0);
    let other = exported["exported_as"].as_str().unwrap().to_owned();
    for (reference, said) in [
        (
            "REF0",
            format!("It was written out to be paid as {other}: look first what became of that, with enkash history"),
        ),
        (
            "REF1",
            "cancel that run first with enkash run cancel 1, or continue it with enkash run resume 1, which pays it there.".to_owned(),
        ),
    ] {
        let ended = run.live.run(&allocate(&["--reference", reference]));
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.contains(&said), "{said} in {}", ended.stderr);
        assert!(!ended.stderr.contains(NEW), "{}", ended.stderr);
    }
}

/// A sandbox that the profile `hrms` leads to. Without the profile no command knows a host.
struct WithProfile {
    live: LiveSandbox,
    config: PathBuf,
}

impl WithProfile {
    async fn start() -> Self {
        let live = LiveSandbox::start().await;
        let profile = profile_of(live.sandbox.credentials(), &live.folder);
        let config = live.folder.write("config.toml", &profile);
        Self { live, config }
    }

    fn prepare(&self, mut command: Command) -> CommandResult {
        let command = command
            .env("ENKASH_CONFIG", &self.config)
            .env("ENKASH_STATE_DIR", self.live.state());
        command.output().unwrap().into()
    }

    fn run(&self, arguments: &[&str]) -> CommandResult {
        self.prepare(enkash(&[&["--profile", "hrms"], arguments].concat()))
    }

    /// What a person types into a shell, where `enkash` is the binary.
    fn typed(&self, line: &str) -> CommandResult {
        let script = format!("binary=$0; enkash() {{ \"$binary\" \"$@\"; }}; {line}");
        self.prepare(crate::support::through_shell(&script, &enkash(&[])))
    }
}

/// Between two marks.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let found = text.split_once(before).and_then(|(_, rest)| rest.split_once(after));
    found.unwrap_or_else(|| panic!("{before} … {after} in {text}")).0
}

#[tokio::test(flavor = "multi_thread")]
async fn advice_can_be_typed_and_reads_the_ledger_of_the_profile() {
    let at = WithProfile::start().await;
    at.live
        .sandbox
        .add_fault(FaultRule::on(POINTS, Fault::Reset(When::After)));
    let reference = "--reference=-B$1'x";
    let lost = at.run(&allocate(&[reference, "--json"]));
    assert_eq!(lost.code, Some(4), "{lost:?}");
    at.live.sandbox.clear_faults();
    let record: serde_json::Value = serde_json::from_str(&lost.stdout).unwrap();
    let next = record["next"].as_str().unwrap();
    let look = between(next, "looks it up; `", "` shows what there is");
    assert_eq!(look, r"enkash --profile hrms transactions --reference='-B$1'\''x'");
    let seen = at.typed(&format!("{look} --json"));
    assert!(seen.stdout.contains(r#""reference":"-B$1'x""#), "{seen:?}");

    let again = at.run(&allocate(&[reference]));
    is_in_doubt(&again, &["`enkash --profile hrms settle` looks it up"]);
    let history = again.stderr.lines().find_map(|line| line.strip_suffix(" shows it."));
    let shown = at.typed(&format!("{} --json", history.unwrap()));
    assert!(shown.stdout.contains(r#""outcome":"unknown""#), "{shown:?}");
    // Without a reference of its own, too.
    let unnamed = at.run(&allocate(&[]));
    assert_eq!(unnamed.code, Some(6), "{unnamed:?}");
    let settle = between(&unnamed.stderr, "what became of it first: ", ". If");
    let settled = at.typed(settle);
    assert_eq!(settled.code, Some(0), "{settle}: {settled:?}");
    assert!(settled.stdout.contains("1 ticket: 1 done"), "{settled:?}");
    assert_eq!(at.typed("enkash settle").code, Some(2));
}

/// Nothing answers there, so nothing was sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_reference_that_may_be_used_again_can_be_typed() {
    let at = WithProfile::start().await;
    let call = [&["--profile", "hrms"], &allocate(&["--reference=-B$1"])[..]].concat();
    let mut command = enkash(&call);
    command.env("ENKASH_BASE_URL", NOBODY);
    let ended = at.prepare(command);
    assert_eq!(ended.value("outcome"), "not sent", "{ended:?}");
    assert!(ended.value("next").ends_with("--reference='-B$1'"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn advice_about_coins_is_a_persons_word_that_can_be_typed() {
    let at = WithProfile::start().await;
    let coins = Operation::AllocateCoins;
    at.live
        .sandbox
        .add_fault(FaultRule::on(coins, Fault::Reset(When::After)));
    let call = words("points allocate --user EK3FLBHN --event REFERRAL_EVENT --yes");
    let call = [&call[..], &["--reference=-C1"]].concat();
    assert_eq!(at.run(&call).code, Some(4));
    at.live.sandbox.clear_faults();
    let again = at.run(&call);
    is_in_doubt(&again, &["cannot find it either", "or with --not-done."]);
    let word = between(&again.stderr, "write down what they say with `", "`");
    assert_eq!(
        word,
        "enkash --profile hrms history resolve --done --reason WORDS -- -C1"
    );
    let resolved = at.typed(&word.replace("--done", "--done --yes"));
    assert_eq!(resolved.code, Some(0), "{resolved:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn advice_about_files_names_the_profile() {
    let at = WithProfile::start().await;
    at.live
        .sandbox
        .add_fault(FaultRule::on(POINTS, Fault::Reset(When::After)).nth(1));
    let path = at.live.folder.write("file.csv", &file_of(3));
    let tickets = at.live.folder.path().join("the tickets.jsonl");
    let pay = ["allocate", "--yes", "--file", path.to_str().unwrap()];
    let pay = [&pay[..], &["--tickets", tickets.to_str().unwrap()]].concat();
    let paid = at.run(&pay);
    assert_eq!(paid.code, Some(4), "{paid:?}");
    assert!(
        paid.stdout
            .contains("Look them up first: enkash --profile hrms settle\n"),
        "{paid:?}"
    );
    let again = at.run(&pay);
    let settle = between(&again.stderr, "Settle it with `", "`");
    assert!(settle.starts_with("enkash --profile hrms settle --file '"), "{settle}");
    let settled = at.typed(settle);
    assert_eq!(settled.code, Some(0), "{settled:?}");
    let other = at.live.folder.write("other.csv", &file_of(4));
    let other = at.run(&["allocate", "--yes", "--file", other.to_str().unwrap()]);
    let resume = between(&other.stderr, "earlier run. ", " looks up");
    let resumed = at.typed(&format!("{resume} --yes"));
    assert_eq!(resumed.code, Some(0), "{resume}: {resumed:?}");
    let doctor = at.run(&["run", "resume", "--yes"]);
    assert!(
        doctor.stderr.contains("enkash --profile hrms run list shows all."),
        "{doctor:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_in_doubt_is_looked_up_with_the_login_that_made_it() {
    let live = LiveSandbox::start().await;
    let order = words("order create --product PC0SANDBOXBOOKS1 --denomination 100 --quantity 1");
    let order = [&order[..], &["--as-user", "--reference", "O1", "--yes"]].concat();
    let run = |arguments: &[&str]| -> CommandResult {
        let mut command = enkash(arguments);
        command
            .envs(settings_of_user(&live.sandbox))
            .env("ENKASH_STATE_DIR", live.state());
        command.output().unwrap().into()
    };
    live.sandbox
        .add_fault(FaultRule::on(Operation::CreateOrder, Fault::Reset(When::After)));
    let lost = run(&order);
    assert_eq!(lost.code, Some(4), "{lost:?}");
    assert!(
        lost.value("next").contains("`enkash settle --as-user` looks it up"),
        "{lost:?}"
    );
    live.sandbox.clear_faults();
    is_in_doubt(&run(&order), &["`enkash settle --as-user` looks it up"]);
    let unnamed: Vec<_> = order
        .iter()
        .filter(|word| !["--reference", "O1"].contains(*word))
        .copied()
        .collect();
    let unnamed = run(&unnamed);
    assert!(
        unnamed.stderr.contains("of it first: enkash settle --as-user. If"),
        "{unnamed:?}"
    );
}
