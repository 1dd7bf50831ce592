//! Unknown outcomes against the sandbox: what happened is found, what did not is never said to have, and a look-up moves
//! nothing.

use std::time::Duration;

use enkash::{
    ClientReference, Credentials, Outcome, Ticket, UnknownReason,
    redemption::VoucherOrder,
    rewards::{Allocation, BulkAllocation, BulkMode, BulkRow, CheckedPerson, Unallocation},
    settlement::{NotSettledReason, Settled},
};
use enkash_sandbox::{
    ExtraRecord, Fault, FaultRule, Operation, Sandbox, Switches, When,
    switches::{DuplicateReference, TransactionLookup},
};

use crate::fixture::{Fixture, MOBILE, allocation, builder, person, reference};

/// Looks once: in a test nothing changes by itself.
const ONCE: Duration = Duration::ZERO;

fn unknown<T: std::fmt::Debug>(outcome: Outcome<T>) -> enkash::Unknown {
    match outcome {
        Outcome::Unknown(unknown) => unknown,
        other => panic!("{other:?}"),
    }
}

fn settled(outcome: Outcome<Settled>) -> Settled {
    match outcome {
        Outcome::Done(settled) => settled,
        other => panic!("{other:?}"),
    }
}

fn why(outcome: Outcome<Settled>) -> NotSettledReason {
    match unknown(outcome).reason {
        UnknownReason::NotSettled(not_settled) => not_settled.reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_allocation_that_happened_is_found_and_one_that_did_not_stays_unknown() {
    let fixture = Fixture::start().await;
    fixture.fault(Fault::Reset(When::After));
    let lost = unknown(fixture.rewards().allocate(allocation("250.50", "REF1")).await);
    fixture.sandbox.clear_faults();
    fixture.fault(Fault::Reset(When::Before));
    let never = unknown(fixture.rewards().allocate(allocation("250.50", "REF2")).await);
    fixture.sandbox.clear_faults();

    let found = settled(lost.settle().within(ONCE).await);
    assert_eq!(found.ticket, lost.ticket);
    assert_eq!(
        found.proof.matched,
        [
            "reference",
            "amount",
            "direction",
            "card",
            "time",
            "status",
            "kind",
            "company",
            "mobile",
            "user"
        ]
    );
    assert_eq!((found.proof.entries, found.proof.is_verified), (1, false));
    assert!(found.proof.card.is_some() && found.proof.transaction.is_some());

    assert!(matches!(
        why(never.settle().within(ONCE).await),
        NotSettledReason::NotFound
    ));
    assert_eq!(
        (fixture.sandbox.credits("REF1"), fixture.sandbox.credits("REF2")),
        (1, 0)
    );
    assert_eq!(fixture.sandbox.calls(Operation::CreateAllocatePoints), 2);
}

#[tokio::test]
async fn a_stored_ticket_is_settled_by_another_client() {
    let fixture = Fixture::start().await;
    fixture.fault(Fault::TornBody);
    let allocation = allocation("3", "REF1");
    let stored = serde_json::to_string(&fixture.rewards().ticket(&allocation)).unwrap();
    unknown(fixture.rewards().allocate(allocation).await);
    fixture.sandbox.clear_faults();

    let ticket: Ticket = serde_json::from_str(&stored).unwrap();
    let other = builder(&fixture.sandbox).build().unwrap();
    settled(other.settle(ticket).within(ONCE).await);
}

#[tokio::test]
async fn points_taken_back_are_told_from_points_given_under_the_same_reference() {
    let fixture = Fixture::start().await;
    let rewards = fixture.rewards();
    assert_eq!(rewards.allocate(allocation("10", "REF1")).await.as_str(), "done");
    fixture.fault(Fault::Reset(When::Before));
    let person = CheckedPerson::assume_checked(person());
    let back = Unallocation::from_person(person.clone(), "10".parse().unwrap(), reference("REF1"));
    let never = unknown(rewards.unallocate(back).await);
    fixture.sandbox.clear_faults();
    assert!(
        matches!(why(never.settle().within(ONCE).await), NotSettledReason::FactsMismatch(facts) if facts == ["direction", "kind"])
    );

    fixture.fault(Fault::Reset(When::After));
    let back = Unallocation::from_person(person, "10".parse().unwrap(), reference("REF2"));
    let lost = unknown(rewards.unallocate(back).await);
    fixture.sandbox.clear_faults();
    settled(lost.settle().within(ONCE).await);
}

#[tokio::test]
async fn value_that_moved_twice_is_shown() {
    let sandbox = Sandbox::builder()
        .switches(Switches::new().duplicate_reference(DuplicateReference::CreditAgain))
        .start()
        .await
        .unwrap();
    let fixture = Fixture::of(sandbox);
    fixture.fault(Fault::Reset(When::After));
    let lost = unknown(fixture.rewards().allocate(allocation("1", "REF1")).await);
    fixture.sandbox.clear_faults();
    // What nobody should do.
    assert_eq!(
        fixture.rewards().allocate(allocation("1", "REF1")).await.as_str(),
        "done"
    );

    let found = settled(lost.settle().within(ONCE).await);
    assert_eq!(found.proof.entries, 2);
    assert!(found.proof.to_string().contains("more than once"));
}

#[tokio::test]
async fn a_transaction_that_shows_late_is_waited_for() {
    let sandbox = Sandbox::builder()
        .switches(Switches::new().transaction_lookup(TransactionLookup::Delayed(Duration::from_secs(600))))
        .start()
        .await
        .unwrap();
    let fixture = Fixture::of(sandbox);
    fixture.fault(Fault::Reset(When::After));
    let lost = unknown(fixture.rewards().allocate(allocation("1", "REF1")).await);
    fixture.sandbox.clear_faults();
    assert!(matches!(
        why(lost.settle().within(ONCE).await),
        NotSettledReason::NotFound
    ));
    fixture.sandbox.advance(Duration::from_secs(601));
    settled(lost.settle().within(ONCE).await);
}

#[tokio::test]
async fn each_row_of_a_lost_bulk_request_is_settled_by_itself() {
    let fixture = Fixture::start().await;
    fixture.sandbox.add_fault(FaultRule::on(
        Operation::BulkCreateAllocateRewards,
        Fault::Reset(When::After),
    ));
    let row = |mobile: &str, amount: &str, name: &str| {
        BulkRow::new(
            "Mr",
            "Asha Verma",
            "asha@example.com",
            mobile,
            amount.parse().unwrap(),
            name.parse::<ClientReference>().unwrap(),
        )
    };
    let rows = vec![row("9000000002", "10", "REF1"), row("9000000003", "20", "REF2")];
    let bulk = BulkAllocation::new(rows, BulkMode::ExistingAndNew).unwrap();
    let outcome = fixture.rewards().allocate_bulk(bulk).await;
    for (row, name) in outcome.rows.into_iter().zip(["REF1", "REF2"]) {
        let found = settled(unknown(row).settle().within(ONCE).await);
        assert_eq!(found.ticket.reference, reference(name));
    }
}

fn orders(fixture: &Fixture) -> enkash::redemption::Redemption {
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
async fn an_order_is_found_by_either_form_of_its_page() {
    let fixture = Fixture::start().await;
    let redemption = orders(&fixture);
    let on_order = |fault| FaultRule::on(Operation::CreateOrder, fault);
    let order = |name| VoucherOrder::new("PC0SANDBOXBOOKS1", 100, 2, reference(name)).unwrap();

    fixture.sandbox.add_fault(on_order(Fault::Reset(When::After)));
    let lost = unknown(redemption.order(order("ORDER1")).await);
    let found = settled(lost.settle().within(ONCE).await);
    assert_eq!(found.proof.operation, enkash::OperationId::FetchOrderInfo);
    assert_eq!(found.proof.matched, ["reference", "quantity", "amount", "status"]);
    assert!(found.proof.order.is_some());

    // Some servers may have the older form only.
    fixture
        .sandbox
        .add_fault(FaultRule::on(Operation::FetchOrderInfo, Fault::Forbidden(When::Before)));
    let found = settled(fixture.enkash.settle(lost.ticket.clone()).within(ONCE).await);
    assert_eq!(found.proof.operation, enkash::OperationId::FetchOrderInfoByPost);
    fixture.sandbox.clear_faults();

    fixture.sandbox.add_fault(on_order(Fault::Reset(When::Before)));
    let never = unknown(redemption.order(order("ORDER2")).await);
    assert!(matches!(
        why(never.settle().within(ONCE).await),
        NotSettledReason::NotFound
    ));
    assert_eq!(fixture.sandbox.calls(Operation::CreateOrder), 2);
}

#[tokio::test]
async fn another_order_under_the_reference_proves_nothing() {
    let fixture = Fixture::start().await;
    let redemption = orders(&fixture);
    let first = VoucherOrder::new("PC0SANDBOXBOOKS1", 100, 2, reference("ORDER1")).unwrap();
    assert_eq!(redemption.order(first).await.as_str(), "done");
    let other = VoucherOrder::new("PC0SANDBOXBOOKS1", 100, 3, reference("ORDER1")).unwrap();
    let ticket = redemption.ticket(&other);
    assert!(
        matches!(why(redemption.settle(ticket).within(ONCE).await), NotSettledReason::FactsMismatch(facts)
            if facts == ["quantity", "amount"])
    );
    assert_eq!(fixture.sandbox.card_balance(MOBILE), None);
}

/// However the API searches and cuts its lists, what happened is found or stays unknown, and what moved twice is shown.
#[tokio::test]
async fn many_tickets_are_settled_whatever_the_search_knows_and_shows() {
    for (settings, is_found) in [
        (&[][..], true),
        (&["transaction_without_card=refused"], true),
        (&["transaction_without_card=empty"], true),
        (&["transaction_filters=required"], true),
        (&["transaction_filters=loose"], true),
        (&["transaction_filters=ignored"], true),
        (&["list_cut=counted:2"], true),
        (&["list_cut=paged:2"], true),
        // It does not know a list of references, and hides most cards: each reference is asked for alone.
        (&["list_cut=counted:3", "transaction_filters=required"], true),
        // It hides most cards, and wants one.
        (&["list_cut=counted:3", "transaction_without_card=refused"], false),
        // Nothing is filtered, and nearly everything hidden.
        (&["list_cut=counted:3", "transaction_filters=ignored"], false),
    ] {
        let mut switches = Switches::new().duplicate_reference(DuplicateReference::CreditAgain);
        settings.iter().for_each(|setting| switches.apply(setting).unwrap());
        let fixture = Fixture::of(Sandbox::builder().switches(switches).start().await.unwrap());
        let mut tickets = Vec::new();
        for number in 0..12 {
            let mut person = person();
            person.mobile = format!("90000070{number:02}").into();
            let reference = reference(&format!("MANY-{number}"));
            let allocation = Allocation::for_person(person, "5".parse().unwrap(), reference);
            tickets.push(fixture.rewards().ticket(&allocation));
            // The last one did not happen, and the first one twice.
            let times = match number {
                11 => 0,
                0 => 2,
                _ => 1,
            };
            for _ in 0..times {
                assert_eq!(fixture.rewards().allocate(allocation.clone()).await.as_str(), "done");
            }
        }
        let outcomes = fixture.enkash.settle_all(tickets).within(ONCE).await;
        for (number, outcome) in outcomes.iter().enumerate() {
            let entries = outcome.done().map(|settled| settled.proof.entries);
            let expected = match number {
                11 => None,
                _ if !is_found => continue,
                0 => Some(2),
                _ => Some(1),
            };
            assert_eq!(entries, expected, "{settings:?} {number}: {outcome:?}");
        }
        if !is_found {
            let is_incomplete = |outcome: &Outcome<Settled>| {
                matches!(why(outcome.clone()), NotSettledReason::Incomplete { shown: 3, .. })
            };
            let open = outcomes.iter().filter(|outcome| outcome.done().is_none());
            assert!(
                open.clone().count() > 8 && open.clone().all(is_incomplete),
                "{settings:?}: {outcomes:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_record_that_only_looks_like_ours_is_no_proof() {
    let fixture = Fixture::start().await;
    let amount = rust_decimal::Decimal::new(25_050, 2);
    // A card to show records of.
    assert_eq!(
        fixture.rewards().allocate(allocation("1", "OTHER")).await.as_str(),
        "done"
    );
    fixture.fault(Fault::Reset(When::Before));
    let never = unknown(fixture.rewards().allocate(allocation("250.50", "REF1")).await);
    fixture.sandbox.clear_faults();
    let good = || ExtraRecord::credit("REF1", MOBILE, amount);
    fixture.sandbox.add_extra_record(good());
    // Nothing of the record tells it from a true one.
    settled(never.settle().within(ONCE).await);
    for (field, value) in [
        ("status", "REVERSED"),
        ("type", "REVERSAL"),
        ("createdOn", "2020-01-01T00:00:00.000Z"),
        ("reversalReferenceNumber", "REF9"),
        ("pgReferenceNumber", "ref1"),
        ("companyId", "CEK0OTHERS"),
    ] {
        for has_good_one in [false, true] {
            fixture.sandbox.clear_extra_records();
            fixture.sandbox.add_extra_record(good().with(field, value));
            if has_good_one {
                fixture.sandbox.add_extra_record(good());
            }
            let found = never.settle().within(ONCE).await;
            // The API filters by reference, so that it does not show the near one beside ours.
            let is_hidden = field == "pgReferenceNumber" && has_good_one;
            assert_eq!(found.as_str() == "done", is_hidden, "{field} {has_good_one}: {found:?}");
        }
    }
}
