//! What is one account has one ledger, however the settings spell it; and nothing leads around a profile's limits.

use enkash_sandbox::{Fault, FaultRule, Operation, When};

use crate::{
    runs::FileRun,
    support::{CommandResult, LiveSandbox, file_of},
};

/// Runs with a profile alone that has this base URL and these lines, and the login of the environment.
fn with_base(live: &LiveSandbox, base: &str, lines: &str, arguments: &[&str]) -> CommandResult {
    let token = &live.sandbox.credentials().url;
    let content = format!("[profile.p]\nbase_url = \"{base}\"\ntoken_url = \"{token}\"\n{lines}");
    let config = live.folder.write("profiles.toml", &content);
    let mut command = live.command(&[&["--profile", "p"], arguments].concat());
    command.env_remove("ENKASH_BASE_URL").env_remove("ENKASH_TOKEN_URL");
    command.env("ENKASH_CONFIG", config);
    command.output().unwrap().into()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_a_profile_gives_a_tag_is_the_host_of_the_ledger() {
    let live = LiveSandbox::start().await;
    let path = live.folder.write("file.csv", &file_of(3));
    let pay = ["allocate", "--yes", "--file", path.to_str().unwrap()];
    let url = live.sandbox.credentials().url.clone();
    // No call goes to the base URL.
    let hosts = format!("[profile.p.hosts]\n\"Reward Allocation\" = \"{url}\"\n");
    let first = with_base(&live, "http://127.0.0.1:1", &hosts, &pay);
    assert_eq!(first.code, Some(0), "{first:?}");
    assert!(first.stderr.contains(&format!("on {url}, account")), "{}", first.stderr);
    assert_eq!(live.allocations(), 3);
    let second = with_base(&live, &url, "", &pay);
    assert_eq!(second.code, Some(0), "{second:?}");
    assert!(
        second.stderr.contains("run 1 of file.csv is finished"),
        "{}",
        second.stderr
    );
    assert_eq!(live.allocations(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_names_of_this_machine_are_the_same_host() {
    let live = LiveSandbox::start().await;
    let path = live.folder.write("file.csv", &file_of(3));
    let pay = ["allocate", "--yes", "--file", path.to_str().unwrap()];
    let url = live.sandbox.credentials().url.clone();
    assert_eq!(with_base(&live, &url, "", &pay).code, Some(0));
    let again = with_base(&live, &url.replace("127.0.0.1", "localhost"), "", &pay);
    assert!(again.stderr.contains("run 1 of file.csv is finished"), "{again:?}");
    assert_eq!(live.allocations(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_payment_and_a_bulk_request_keep_to_the_limits_of_runs() {
    let live = LiveSandbox::start().await;
    let url = live.sandbox.credentials().url.clone();
    let bulk = "title,name,email,mobile,amount,reference\nMs,Meera,m@example.com,9000000004,30,BULK-1\n\
                Ms,Asha,a@example.com,9000000005,30,BULK-2\n";
    let path = live.folder.write("bulk.csv", bulk);
    let bulk = [
        "bulk",
        "--yes",
        "--mode",
        "existing-and-new",
        "--file",
        path.to_str().unwrap(),
    ];
    let single: Vec<_> =
        "allocate --yes --title Ms --name Meera --email m@example.com --mobile 9000000004 --gender F --amount 60"
            .split(' ')
            .collect();
    for (lines, said) in [
        (
            "[profile.p.run_limits]\nlargest_row = \"29\"\n",
            "more than the profile allows for a row",
        ),
        (
            "[profile.p.run_limits]\nlargest_run = \"59\"\n",
            "more than the profile allows for a run",
        ),
        ("[profile.p.approvals]\n\"59\" = 1\n", "which only a run waits for"),
    ] {
        for arguments in [&bulk[..], &single] {
            let ended = with_base(&live, &url, lines, arguments);
            assert_eq!(ended.code, Some(2), "{ended:?}");
            assert!(ended.stderr.contains(said), "{said}: {}", ended.stderr);
        }
    }
    assert!(live.sandbox.log().is_empty());
}

/// A run whose first row is unknown.
async fn unknown_first_row(rows: usize, when: When) -> FileRun {
    let run = FileRun::of(rows).await;
    let fault = FaultRule::on(Operation::CreateAllocatePoints, Fault::Reset(when));
    run.live.sandbox.add_fault(fault.nth(1));
    assert_eq!(run.pay(&[]).code, Some(4));
    run
}

fn take_the_word(run: &FileRun) {
    let word = "history resolve REF0 --not-done --reason telephone --yes";
    let word: Vec<_> = word.split(' ').collect();
    assert_eq!(run.live.run(&word).code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_not_done_by_a_persons_word_lets_its_run_end() {
    let run = unknown_first_row(3, When::Before).await;
    take_the_word(&run);
    let ended = run.pay(&[]);
    assert!(ended.stdout.contains("3 rows: 2 done, 1 not sent"), "{ended:?}");
    assert_eq!(run.live.json(&["run", "list"])[0]["state"], "finished");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_against_a_persons_word_is_told() {
    let run = unknown_first_row(1, When::After).await;
    let ticket = run.live.stored_ticket("REF0").await;
    take_the_word(&run);
    let settled = run.live.run(&["settle", &ticket, "--within", "0s"]);
    assert!(
        settled
            .stderr
            .contains("look at REF0: the ledger has it as not_done already"),
        "{settled:?}"
    );
}
