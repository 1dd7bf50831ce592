//! The caller's reference: how it is spelled, and what its echo proves.

use enkash::{Enkash, Outcome, UnknownReason, config::ReferenceField, redemption::VoucherOrder, rewards::Rewards};
use enkash_sandbox::{Fault, FaultRule, Operation, Sandbox, Switches, When, switches::ReferenceSpelling};

use crate::fixture::{Fixture, allocation, builder, reference, until};

fn rewards(enkash: &Enkash, sandbox: &Sandbox) -> Rewards {
    let to = sandbox.credentials();
    enkash.rewards(to.company_id.as_str(), to.card_account_id.as_str())
}

async fn fixture(spelling: ReferenceSpelling, field: ReferenceField) -> Fixture {
    let sandbox = Sandbox::builder()
        .switches(Switches::new().reference_spelling(spelling))
        .start()
        .await
        .unwrap();
    let enkash = builder(&sandbox).reference_field(field).build().unwrap();
    Fixture { sandbox, enkash }
}

#[tokio::test]
async fn either_spelling_can_be_chosen_and_both_fit_any_portal() {
    use {ReferenceField as Ours, ReferenceSpelling as Theirs};
    for (theirs, ours, word) in [
        (Theirs::Number, Ours::UniqueReferenceNumber, "done"),
        (Theirs::Number, Ours::Both, "done"),
        (Theirs::Num, Ours::UniqueReferenceNum, "done"),
        (Theirs::Num, Ours::Both, "done"),
        // A no that speaks of the reference says nothing of the money.
        (Theirs::Num, Ours::UniqueReferenceNumber, "unknown"),
        (Theirs::Number, Ours::UniqueReferenceNum, "unknown"),
    ] {
        let fixture = fixture(theirs, ours).await;
        let outcome = fixture.rewards().allocate(allocation("1", "REF1")).await;
        assert_eq!(outcome.as_str(), word, "{theirs:?} {ours:?}");
    }
}

#[tokio::test]
async fn a_first_call_without_our_echo_stops_all_further_ones() {
    let fixture = Fixture::start().await;
    fixture.fault(Fault::OtherReference);
    let Outcome::Unknown(unknown) = fixture.rewards().allocate(allocation("1", "REF1")).await else {
        panic!("not unknown");
    };
    assert!(matches!(unknown.reason, UnknownReason::OtherReference { .. }));
    fixture.sandbox.clear_faults();

    let Outcome::NotSent(error) = fixture.rewards().allocate(allocation("1", "REF2")).await else {
        panic!("sent");
    };
    assert!(error.is_reference_not_echoed() && !error.was_sent());
    assert_eq!(error.attempts(), []);
    let order = VoucherOrder::new("PC0SANDBOXBOOKS1", 100, 1, reference("ORDER1")).unwrap();
    assert_eq!(
        fixture.enkash.redemption_as_partner().order(order).await.as_str(),
        "not sent"
    );
    assert_eq!(fixture.sandbox.calls(Operation::CreateAllocatePoints), 1);
    assert_eq!(fixture.sandbox.calls(Operation::CreateOrder), 0);

    // A new client starts anew.
    let enkash = builder(&fixture.sandbox).build().unwrap();
    let outcome = rewards(&enkash, &fixture.sandbox)
        .allocate(allocation("1", "REF3"))
        .await;
    assert_eq!(outcome.as_str(), "done");
}

#[tokio::test]
async fn many_first_calls_go_one_by_one_until_the_echo_is_seen() {
    let fixture = Fixture::start().await;
    fixture.fault(Fault::OtherReference);
    let calls = (0..20).map(|number| {
        let rewards = fixture.rewards();
        tokio::spawn(async move { rewards.allocate(allocation("1", &format!("REF{number}"))).await })
    });
    let mut unknown = 0;
    for call in calls.collect::<Vec<_>>() {
        match call.await.unwrap() {
            Outcome::Unknown(_) => unknown += 1,
            Outcome::NotSent(error) => assert!(error.is_reference_not_echoed()),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(
        (unknown, fixture.sandbox.calls(Operation::CreateAllocatePoints)),
        (1, 1)
    );
}

#[tokio::test]
async fn an_answer_that_says_nothing_leaves_the_question_open_and_a_later_doubt_is_its_own() {
    let fixture = Fixture::start().await;
    fixture
        .sandbox
        .add_fault(FaultRule::on(Operation::CreateAllocatePoints, Fault::ServerError(When::Before)).times(1));
    assert_eq!(
        fixture.rewards().allocate(allocation("1", "REF1")).await.as_str(),
        "unknown"
    );
    assert_eq!(
        fixture.rewards().allocate(allocation("1", "REF2")).await.as_str(),
        "done"
    );
    fixture.sandbox.clear_faults();

    fixture
        .sandbox
        .add_fault(FaultRule::on(Operation::CreateAllocatePoints, Fault::OtherReference).times(1));
    assert_eq!(
        fixture.rewards().allocate(allocation("1", "REF3")).await.as_str(),
        "unknown"
    );
    assert_eq!(
        fixture.rewards().allocate(allocation("1", "REF4")).await.as_str(),
        "done"
    );
}

#[tokio::test]
async fn a_call_that_waits_for_the_first_one_waits_no_longer_than_its_own_time() {
    let fixture = Fixture::start().await;
    fixture.fault(Fault::StalledBody);
    let quick = enkash::config::CallOptions::new()
        .attempt_timeout(std::time::Duration::from_secs(6))
        .operation_timeout(std::time::Duration::from_secs(6));
    let slow = fixture.rewards();
    let first = tokio::spawn(async move { slow.allocate(allocation("1", "REF1")).await });
    let has_called = || fixture.sandbox.calls(Operation::CreateAllocatePoints) == 1;
    until("the first call", has_called).await;
    let second = rewards(&fixture.enkash.with_options(quick).unwrap(), &fixture.sandbox);
    let Outcome::NotSent(error) = second.allocate(allocation("1", "REF2")).await else {
        panic!("sent");
    };
    assert!(error.is_timeout() && !error.was_sent());
    assert!(!first.is_finished());
    first.abort();
    assert_eq!(fixture.sandbox.calls(Operation::CreateAllocatePoints), 1);
}

#[tokio::test]
async fn a_made_reference_has_the_length_that_was_set() {
    let sandbox = Sandbox::start().await.unwrap();
    let enkash = builder(&sandbox).reference_length(20).build().unwrap();
    assert_eq!(enkash.new_reference().as_str().len(), 20);
    assert!(
        builder(&sandbox)
            .reference_length(4)
            .build()
            .unwrap_err()
            .is_invalid_input()
    );
}

#[tokio::test]
async fn more_decimals_are_sent_only_where_they_are_allowed() {
    let sandbox = Sandbox::start().await.unwrap();
    for (decimals, amount, word) in [(0, "1.5", "not sent"), (0, "2", "done"), (2, "1.505", "not sent")] {
        let enkash = builder(&sandbox).amount_decimals(decimals).build().unwrap();
        let outcome = rewards(&enkash, &sandbox).allocate(allocation(amount, "REF1")).await;
        assert_eq!(outcome.as_str(), word, "{amount} with {decimals}");
    }
    // The sandbox's own no: it was sent.
    let enkash = builder(&sandbox).amount_decimals(3).build().unwrap();
    let outcome = rewards(&enkash, &sandbox).allocate(allocation("1.505", "REF2")).await;
    assert_eq!(outcome.as_str(), "refused");
}
