//! Single calls and the ledger: a reference is used once, whatever became of it, and what is in doubt is not paid again under
//! a new one.

use enkash_sandbox::{Fault, FaultRule, Operation, When};

use crate::{
    live_calls::ALLOCATE_ARGS,
    support::{CommandResult, LiveSandbox, RAVI, single_calls},
};

fn with<'a>(command: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [command, more, &["--yes"]].concat()
}

/// Refused by the ledger, without a result.
fn is_refused(ended: &CommandResult, code: i32, said: &[&str]) {
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(code), ""), "{ended:?}");
    for text in said.iter().chain(&["Nothing was sent."]) {
        assert!(ended.stderr.contains(text), "{text} in {}", ended.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_used_reference_is_refused_with_what_became_of_it() {
    let live = LiveSandbox::start().await;
    let allocate = |reference, amount| {
        let person = [&["allocate"], &ALLOCATE_ARGS[..11], &[amount]].concat();
        live.run(&with(&person, &["--reference", reference]))
    };
    assert_eq!(allocate("R-DONE", "250.50").code, Some(0));
    assert_eq!(allocate("R-REFUSED", "99999999").code, Some(3));
    let lost = FaultRule::on(Operation::CreateAllocatePoints, Fault::Reset(When::After));
    live.sandbox.add_fault(lost);
    assert_eq!(allocate("R-UNKNOWN", "1").code, Some(4));
    live.sandbox.clear_faults();
    let sent = live.allocations();
    let (new, find_out) = (
        "A new payment needs a new reference.",
        "find out first what became of it",
    );
    for (reference, outcome, amount, code, remedy) in [
        ("R-DONE", "done", "250.50", 2, new),
        ("R-REFUSED", "refused", "99999999.00", 2, new),
        ("R-UNKNOWN", "unknown", "1.00", 4, find_out),
    ] {
        // Another amount changes nothing.
        for again in ["250.50", "7"] {
            let ended = allocate(reference, again);
            let said = [
                &format!("the reference {reference} was used before: {outcome} at 20"),
                &format!(", amount {amount} (allocate)"),
                remedy,
                &format!("enkash history --reference {reference} shows it."),
            ];
            is_refused(&ended, code, &said);
            let speaks_of_new = ended.stderr.contains("new reference");
            assert_eq!(speaks_of_new, remedy == new, "{}", ended.stderr);
        }
    }
    assert_eq!(live.allocations(), sent);
    assert_eq!(live.sandbox.credits("R-DONE"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_that_was_certainly_not_sent_may_be_used_again() {
    let live = LiveSandbox::start().await;
    let allocate = [&["allocate"], &ALLOCATE_ARGS[..]].concat();
    let allocate = with(&allocate, &["--reference", "R1"]);
    let mut wrong = live.command(&allocate);
    let ended = CommandResult::from(wrong.env("ENKASH_PASSWORD", "not-the-password").output().unwrap());
    assert_eq!((ended.code, ended.value("outcome")), (Some(5), "not sent"), "{ended:?}");
    let ended = live.run(&allocate);
    assert_eq!((ended.code, ended.value("outcome")), (Some(0), "done"), "{ended:?}");
    assert_eq!(live.sandbox.credits("R1"), 1);
    let rows = live.json(&["history", "--reference", "R1"]);
    let outcomes: Vec<_> = rows.iter().map(|row| row["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["not sent", "done"]);
    assert_eq!(live.run(&allocate).code, Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_refuses_a_used_reference() {
    for (command, operation) in single_calls(&RAVI) {
        let live = LiveSandbox::start().await;
        let call = with(&command, &["--reference", "R1"]);
        let ended = live.run(&call);
        assert_eq!(ended.code, Some(0), "{command:?}: {ended:?}");
        let again = live.run(&call);
        is_refused(&again, 2, &["the reference R1 was used before: done at "]);
        assert_eq!(live.sandbox.calls(operation), 1, "{command:?}");
    }
}

/// Under the eyes of whoever types it a second time: the first call may have paid.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_reference_of_its_own_no_command_repeats_what_is_in_doubt() {
    for (command, operation) in single_calls(&RAVI) {
        let live = LiveSandbox::start().await;
        live.sandbox
            .add_fault(FaultRule::on(operation, Fault::Reset(When::Before)));
        let lost = live.run(&with(&command, &["--reference", "R1"]));
        assert_eq!(lost.code, Some(4), "{command:?}: {lost:?}");
        live.sandbox.clear_faults();
        let sent = live.sandbox.calls(operation);

        let again = live.run(&with(&command, &[]));
        let said = [
            "may or may not have happened: reference R1, unknown at ",
            "Find out what became of it first: enkash settle.",
            "enkash history --reference R1 shows it.",
        ];
        is_refused(&again, 6, &said);
        assert_eq!(live.sandbox.calls(operation), sent, "{command:?}");

        // Another payment, on purpose.
        let other = live.run(&with(&command, &["--reference", "R2"]));
        assert_eq!(other.code, Some(0), "{command:?}: {other:?}");
        // It is said beside what.
        let said =
            "warning: a call for the same recipient and amount may or may not have happened: reference R1, unknown at ";
        assert!(other.stderr.contains(said), "{command:?}: {other:?}");
        assert!(!lost.stderr.contains("warning: a call"), "{command:?}: {lost:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubt_is_about_the_same_person_amount_and_direction_and_ends_when_it_is_settled() {
    let live = LiveSandbox::start().await;
    live.sandbox.add_fault(FaultRule::on(
        Operation::CreateAllocatePoints,
        Fault::Reset(When::After),
    ));
    let allocate = [&["allocate"], &RAVI[..]].concat();
    assert_eq!(live.run(&with(&allocate, &["--reference", "R1"])).code, Some(4));
    live.sandbox.clear_faults();
    let other_amount = [&["allocate"], &RAVI[..11], &["2"]].concat();
    let other_person = [&["allocate"], &ALLOCATE_ARGS[..11], &["1"]].concat();
    let other_direction = [&["unallocate"], &RAVI[..]].concat();
    for other in [other_amount, other_person, other_direction] {
        let ended = live.run(&with(&other, &[]));
        assert_eq!(ended.code, Some(0), "{other:?}: {ended:?}");
    }
    assert_eq!(live.run(&with(&allocate, &[])).code, Some(6));
    let settled = live.run(&["settle"]);
    assert_eq!(settled.code, Some(0), "{settled:?}");
    assert_eq!(live.run(&with(&allocate, &[])).code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_file_with_a_used_reference_sends_nothing_at_all() {
    let live = LiveSandbox::start().await;
    let bulk = ["bulk", "--mode", "existing-and-new", "--yes", "--file"];
    let header = "title,name,email,mobile,amount,reference\n";
    let first = format!("{header}Ms,Meera,meera@example.com,9000000004,20,B1\n");
    let first = live.folder.write("first.csv", &first);
    let ended = live.run(&[&bulk[..], &[first.to_str().unwrap()]].concat());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let second =
        format!("{header}Mr,Ravi,ravi@example.com,9000000901,10,B2\nMs,Meera,meera@example.com,9000000004,30,B1\n");
    let second = live.folder.write("second.csv", &second);
    let ended = live.run(&[&bulk[..], &[second.to_str().unwrap()]].concat());
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
    for said in [
        ":3:6: the reference B1 was used before: done at ",
        "(bulk)",
        "nothing was sent",
    ] {
        assert!(ended.stderr.contains(said), "{said} in {}", ended.stderr);
    }
    assert_eq!(live.sandbox.calls(Operation::BulkCreateAllocateRewards), 1);
    // The other row is free.
    assert_eq!(live.json(&["history", "--reference", "B2"]).len(), 0);
}

/// A reference is one for all commands of an account, and none of its business in another.
#[tokio::test(flavor = "multi_thread")]
async fn a_reference_is_used_for_every_command_of_the_account_and_for_no_other_account() {
    let live = LiveSandbox::start().await;
    let allocate = with(&[&["allocate"], &RAVI[..]].concat(), &["--reference", "R1"]);
    assert_eq!(live.run(&allocate).code, Some(0));
    let incentive = with(
        &[&["incentives", "allocate"], &RAVI[..]].concat(),
        &["--reference", "R1"],
    );
    is_refused(&live.run(&incentive), 2, &["R1 was used before", "(allocate)"]);
    let file = live.folder.write(
        "file.csv",
        "title,name,email,mobile,gender,amount,reference\nMr,Ravi,ravi@example.com,9000000901,M,5,R1\n",
    );
    let file = live.run(&["allocate", "--file", file.to_str().unwrap(), "--yes"]);
    is_refused_file(&file);
    let mut elsewhere = live.command(&allocate);
    elsewhere.env("ENKASH_CARD_ACCOUNT_ID", "CA0OTHER");
    let ended = CommandResult::from(elsewhere.output().unwrap());
    // It was sent: this sandbox has no such account.
    assert_ne!(ended.code, Some(2), "{ended:?}");
    assert_eq!(live.allocations(), 2);
}

fn is_refused_file(ended: &CommandResult) {
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
    assert!(
        ended
            .stderr
            .contains(":2:7: the reference R1 was used before: done at ")
            && ended.stderr.contains("nothing was sent"),
        "{}",
        ended.stderr
    );
}

/// Nothing is at stake there: the ledger ends with the sandbox.
#[test]
fn in_the_sandbox_of_one_command_every_call_can_be_made_again() {
    for (command, _) in single_calls(&RAVI) {
        for _ in 0..2 {
            let call = [&["--sandbox"], &command[..], &["--reference", "R1"]].concat();
            let ended = crate::support::run(&call);
            assert_eq!(ended.code, Some(0), "{command:?}: {ended:?}");
        }
    }
}
