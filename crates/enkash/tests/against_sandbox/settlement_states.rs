//! Settlement of what is not simply done: transactions and orders that are pending, failed or reversed. The pages show one
//! good state of each, so that everything else is never taken for done.

use std::time::Duration;

use enkash::{
    Credentials, Outcome, UnknownReason,
    redemption::{Redemption, VoucherOrder},
    rewards::{CheckedPerson, Unallocation},
    settlement::{NotSettledReason, Settled},
};
use enkash_sandbox::{EntryChange, Fault, FaultRule, Operation, Sandbox, Switches, When};

use crate::fixture::{Fixture, allocation, person, reference, until};

/// Looks once.
const ONCE: Duration = Duration::ZERO;
const MINUTE: Duration = Duration::from_secs(60);

async fn fixture(switch: &str) -> Fixture {
    let switches: Switches = switch.parse().unwrap();
    Fixture::of(Sandbox::builder().switches(switches).start().await.unwrap())
}

fn unknown<T: std::fmt::Debug>(outcome: Outcome<T>) -> enkash::Unknown {
    match outcome {
        Outcome::Unknown(unknown) => unknown,
        other => panic!("{other:?}"),
    }
}

fn mismatch(outcome: Outcome<Settled>) -> Vec<&'static str> {
    match unknown(outcome).reason {
        UnknownReason::NotSettled(not_settled) => match not_settled.reason {
            NotSettledReason::FactsMismatch(facts) => facts,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

/// An allocation that the sandbox got, and whose response was lost.
async fn lost(fixture: &Fixture, name: &str) -> enkash::Unknown {
    fixture.fault(Fault::Reset(When::After));
    let lost = unknown(fixture.rewards().allocate(allocation("10", name)).await);
    fixture.sandbox.clear_faults();
    lost
}

#[tokio::test]
async fn a_pending_transaction_is_done_when_the_api_says_so_and_not_before() {
    let fixture = fixture("transaction_progress=pending:60").await;
    let lost = lost(&fixture, "REF1").await;
    assert_eq!(mismatch(lost.settle().within(ONCE).await), ["status"]);
    fixture.sandbox.advance(MINUTE);
    let settled = lost.settle().within(ONCE).await;
    assert_eq!(settled.as_str(), "done", "{settled:?}");
}

#[tokio::test]
async fn a_settlement_that_runs_sees_a_pending_transaction_become_done() {
    let fixture = fixture("transaction_progress=pending:86400").await;
    let lost = lost(&fixture, "REF1").await;
    let finish = async {
        until("a search", || fixture.sandbox.calls(Operation::SearchTransactions) > 0).await;
        fixture
            .sandbox
            .change_transactions("REF1", EntryChange::Finish)
            .unwrap();
    };
    let (settled, ()) = tokio::join!(lost.settle().within(MINUTE).into_future(), finish);
    assert_eq!(settled.as_str(), "done", "{settled:?}");
}

#[tokio::test]
async fn an_answer_that_says_pending_or_failed_is_not_done_either() {
    for (switch, is_done_later) in [
        ("transaction_progress=pending:60", true),
        ("transaction_progress=failing:60", false),
        ("transaction_progress=failing:0", false),
    ] {
        let fixture = fixture(switch).await;
        let outcome = unknown(fixture.rewards().allocate(allocation("10", "REF1")).await);
        assert!(matches!(outcome.reason, UnknownReason::UnclearAnswer(_)), "{outcome:?}");
        assert_eq!(mismatch(outcome.settle().within(ONCE).await), ["status"], "{switch}");
        fixture.sandbox.advance(MINUTE);
        let settled = outcome.settle().within(ONCE).await;
        assert_eq!(settled.as_str() == "done", is_done_later, "{switch}: {settled:?}");
        assert_eq!(fixture.sandbox.credits("REF1") == 1, is_done_later, "{switch}");
    }
}

#[tokio::test]
async fn what_failed_or_was_reversed_is_never_done() {
    for (switch, at_first, facts) in [
        ("transaction_progress=failing:60", "unknown", &["status"][..]),
        ("transaction_progress=reversed:60", "done", &["status"]),
        // The sandbox's clock is a minute ahead of ours by then.
        (
            "transaction_progress=reversal:60",
            "done",
            &["direction", "time", "kind"],
        ),
    ] {
        let fixture = fixture(switch).await;
        let lost = lost(&fixture, "REF1").await;
        assert_eq!(lost.settle().within(ONCE).await.as_str(), at_first, "{switch}");
        fixture.sandbox.advance(MINUTE);
        assert_eq!(mismatch(lost.settle().within(ONCE).await), facts, "{switch}");
        assert_eq!(fixture.sandbox.account_balance(), 1_000_000.into(), "{switch}");
    }
}

#[tokio::test]
async fn points_taken_back_are_settled_by_the_same_rules() {
    for (change, word) in [(EntryChange::Finish, "done"), (EntryChange::Fail, "unknown")] {
        let fixture = fixture("").await;
        let rewards = fixture.rewards();
        assert_eq!(rewards.allocate(allocation("10", "REF1")).await.as_str(), "done");
        let pending = "transaction_progress=pending:86400".parse().unwrap();
        fixture.sandbox.set_switches(pending);
        fixture.fault(Fault::Reset(When::After));
        let person = CheckedPerson::assume_checked(person());
        let back = Unallocation::from_person(person, "10".parse().unwrap(), reference("BACK1"));
        let lost = unknown(rewards.unallocate(back).await);
        assert_eq!(mismatch(lost.settle().within(ONCE).await), ["status"]);
        fixture.sandbox.change_transactions("BACK1", change).unwrap();
        assert_eq!(lost.settle().within(ONCE).await.as_str(), word, "{change:?}");
    }
}

#[tokio::test]
async fn many_tickets_in_every_state_are_told_apart() {
    let fixture = fixture("transaction_progress=pending:86400").await;
    let changes = [
        ("REF0", None, "unknown"),
        ("REF1", Some(EntryChange::Finish), "done"),
        ("REF2", Some(EntryChange::Fail), "unknown"),
    ];
    let mut tickets = Vec::new();
    for (name, change, _) in changes {
        tickets.push(lost(&fixture, name).await.ticket);
        if let Some(change) = change {
            fixture.sandbox.change_transactions(name, change).unwrap();
        }
    }
    fixture.sandbox.set_switches(Switches::new());
    for (name, change) in [("REF3", EntryChange::Reverse), ("REF4", EntryChange::AddReversal)] {
        tickets.push(lost(&fixture, name).await.ticket);
        fixture.sandbox.change_transactions(name, change).unwrap();
    }
    let outcomes = fixture.enkash.settle_all(tickets).within(ONCE).await;
    let words: Vec<_> = outcomes.iter().map(Outcome::as_str).collect();
    assert_eq!(words, ["unknown", "done", "unknown", "unknown", "unknown"]);
}

fn redemption(fixture: &Fixture) -> Redemption {
    let to = fixture.sandbox.credentials_of("9000000901").unwrap();
    let user = Credentials::new(
        to.client_id.as_str(),
        to.client_secret.as_str(),
        to.username.as_str(),
        to.password.as_str(),
    );
    fixture.enkash.redemption(user).unwrap()
}

#[tokio::test]
async fn an_order_is_pending_until_it_is_done_and_one_that_failed_or_was_reversed_is_never_done() {
    for (switch, answered, at_first, later) in [
        ("order_progress=pending:60", "pending", "pending", "done"),
        ("order_progress=failing:60", "pending", "pending", "pending"),
        ("order_progress=reversed:60", "done", "done", "pending"),
    ] {
        let fixture = fixture(switch).await;
        let redemption = redemption(&fixture);
        let order = |name| VoucherOrder::new("PC0SANDBOXBOOKS1", 100, 2, reference(name)).unwrap();
        assert_eq!(redemption.order(order("ORDER1")).await.as_str(), answered, "{switch}");
        let reset = FaultRule::on(Operation::CreateOrder, Fault::Reset(When::After));
        fixture.sandbox.add_fault(reset);
        let lost = unknown(redemption.order(order("ORDER2")).await);
        assert_eq!(lost.settle().within(ONCE).await.as_str(), at_first, "{switch}");
        fixture.sandbox.advance(MINUTE);
        assert_eq!(lost.settle().within(ONCE).await.as_str(), later, "{switch}");
    }
}
