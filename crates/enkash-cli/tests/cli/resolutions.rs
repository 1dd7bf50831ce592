//! A person's word about a call: it is about the call of these settings, and whoever gives it sees whose it is and whether the process
//! that sent it has said anything.

use std::time::Duration;

use enkash_sandbox::{Fault, FaultRule, When};

use crate::{
    doubts::POINTS,
    settlements::{allocate, lose},
    support::{CommandResult, LiveSandbox, NOBODY, Running},
};

const RESOLVE: [&str; 6] = ["history", "resolve", "R1", "--not-done", "--reason", "telephone"];

const LIVES: &str = "which has recorded no outcome and may still wait for the response: make sure that it has ended";

fn resolve(live: &LiveSandbox, settings: &[(&str, &str)]) -> CommandResult {
    let mut command = live.command(&[&RESOLVE[..], &["--yes"]].concat());
    command.envs(settings.iter().copied());
    command.output().unwrap().into()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_is_refused_where_the_settings_name_another_account() {
    let live = LiveSandbox::start().await;
    lose(&live, POINTS, When::Before, &allocate("R1"));
    let to = live.sandbox.credentials();
    let place = format!(
        "of account {} of company {} on {}",
        to.card_account_id, to.company_id, to.url
    );
    for (name, value) in [
        ("ENKASH_BASE_URL", NOBODY),
        ("ENKASH_COMPANY_ID", "OTHERCO"),
        ("ENKASH_CARD_ACCOUNT_ID", "CA0OTHER"),
    ] {
        let ended = resolve(&live, &[(name, value)]);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
        for said in [&place, "and the settings name ", value, "nothing was written down"] {
            assert!(ended.stderr.contains(said), "{said} in {ended:?}");
        }
    }
    assert_eq!(live.unknown(), ["R1"]);

    // The same reference in another account is another call, and the settings say which is meant.
    let mut other = live.command(&allocate("R1"));
    other.env("ENKASH_CARD_ACCOUNT_ID", "CA0OTHER");
    live.sandbox
        .add_fault(FaultRule::on(POINTS, Fault::Reset(When::Before)));
    assert_eq!(other.output().unwrap().status.code(), Some(4));
    live.sandbox.clear_faults();
    let ended = resolve(&live, &[("ENKASH_CARD_ACCOUNT_ID", "CA0OTHER")]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(live.unknown(), ["R1"]);
    // Settings that name none are those of any.
    let unnamed = ["ENKASH_BASE_URL", "ENKASH_COMPANY_ID", "ENKASH_CARD_ACCOUNT_ID"].map(|name| (name, ""));
    let ended = resolve(&live, &unnamed);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.stderr.contains(&place) && ended.stderr.contains("\nsent at 20"),
        "{ended:?}"
    );
    // The response was awaited to its end.
    assert!(!ended.stderr.contains(LIVES), "{ended:?}");
    assert_eq!(live.unknown(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_calls_with_one_reference_the_settings_name_the_one_that_is_meant() {
    let (live, other) = (LiveSandbox::start().await, LiveSandbox::start().await);
    let to_other = ("ENKASH_BASE_URL", other.sandbox.credentials().url.as_str());
    lose(&live, POINTS, When::Before, &allocate("R1"));
    other
        .sandbox
        .add_fault(FaultRule::on(POINTS, Fault::Reset(When::Before)));
    let mut lost = other.command(&allocate("R1"));
    lost.env("ENKASH_STATE_DIR", live.state());
    assert_eq!(lost.output().unwrap().status.code(), Some(4));
    assert_eq!(live.unknown(), ["R1", "R1"]);
    // Whoever names neither is told what to name.
    let unnamed = ["ENKASH_BASE_URL", "ENKASH_COMPANY_ID", "ENKASH_CARD_ACCOUNT_ID"].map(|name| (name, ""));
    let ended = resolve(&live, &unnamed);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    for host in [&live.sandbox.credentials().url, &other.sandbox.credentials().url] {
        let said = format!(
            "of account CA0SNDBX1 of company {} on {host}",
            live.sandbox.credentials().company_id
        );
        assert!(ended.stderr.contains(&said), "{said} in {}", ended.stderr);
    }
    let ended = resolve(&live, &[to_other]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let rows = live.json(&["history", "--reference", "R1", "--state", "unknown"]);
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["host"], live.sandbox.credentials().url.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_in_flight_is_not_told_as_one_whose_process_ended() {
    let live = LiveSandbox::start().await;
    let hold = Fault::Delay(Duration::from_secs(3600), When::Before);
    live.sandbox.add_fault(FaultRule::on(POINTS, hold));
    let mut running = Running::start(live.command(&allocate("R1")));
    let process = format!(":{}, ", running.child().id());
    live.wait_for_allocations(1, &mut running).await;
    assert_eq!(live.run(&["settle", "--within", "0s"]).code, Some(4));
    let row = live.json(&["history", "--reference", "R1"]).remove(0);
    let reason = row["reason"].as_str().unwrap();
    assert!(reason.ends_with("or may still wait for the response"), "{reason}");
    let asked = live.run(&RESOLVE);
    assert_eq!(asked.code, Some(2), "{asked:?}");
    assert!(
        asked.stderr.contains(&process) && asked.stderr.contains(LIVES),
        "{asked:?}"
    );
}
