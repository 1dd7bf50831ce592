//! Reward Allocation and Single Sign On, on a good day.

use enkash::{
    Money, Outcome,
    ids::EnKashCardId,
    rewards::{BulkAllocation, BulkMode, BulkRow, CardSearch, CheckedPerson, TransactionSearch, Unallocation},
    spec::EvidenceLevel,
};
use enkash_sandbox::{
    Operation, Sandbox, Switches,
    switches::{CodeType, EnvelopeSpelling},
};

use crate::fixture::{Fixture, MOBILE, allocation, person, reference};

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

#[tokio::test]
async fn points_go_to_a_card_and_come_back() {
    let fixture = Fixture::start().await;
    let rewards = fixture.rewards();
    let before = rewards.account().await.unwrap().value().available_balance.unwrap();

    let Outcome::Done(given) = rewards.allocate(allocation("250.50", "REF1")).await else {
        panic!("not done");
    };
    assert_eq!(given.value().reference, reference("REF1"));
    assert_eq!(given.value().card_balance, Some(money("250.5")));
    assert!(given.value().card.is_some() && given.value().transaction.is_some());

    let Outcome::Done(topped_up) = rewards.allocate(allocation("0.25", "REF2")).await else {
        panic!("not done");
    };
    assert_eq!(topped_up.value().card, given.value().card);
    assert_eq!(topped_up.value().card_balance, Some(money("250.75")));

    let back = Unallocation::from_person(
        CheckedPerson::assume_checked(person()),
        money("50.75"),
        reference("REF3"),
    );
    let Outcome::Done(taken) = rewards.unallocate(back).await else {
        panic!("not done");
    };
    assert_eq!(taken.value().card_balance, Some(money("200")));

    let after = rewards.account().await.unwrap();
    let moved = before.exact().unwrap() - after.value().available_balance.unwrap().exact().unwrap();
    assert_eq!(moved, money("200").exact().unwrap());
    assert_eq!(
        fixture.sandbox.card_balance(MOBILE).unwrap(),
        money("200").exact().unwrap()
    );
    assert_eq!(fixture.sandbox.calls(Operation::IssueToken), 1);
    assert!(fixture.sandbox.audit().is_empty());
}

#[tokio::test]
async fn a_card_can_be_topped_up_by_its_id() {
    let fixture = Fixture::start().await;
    let Outcome::Done(given) = fixture.rewards().allocate(allocation("1", "REF1")).await else {
        panic!("not done");
    };
    let top_up =
        enkash::rewards::Allocation::for_card(given.value().card.clone().unwrap(), money("2"), reference("REF2"));
    let Outcome::Done(done) = fixture.rewards().allocate(top_up).await else {
        panic!("not done");
    };
    assert_eq!(done.value().card_balance, Some(money("3")));
}

#[tokio::test]
async fn a_failure_in_a_200_is_a_refusal_with_the_portals_words() {
    let fixture = Fixture::start().await;
    let Outcome::Refused(error) = fixture.rewards().allocate(allocation("1000000000", "REF1")).await else {
        panic!("not refused");
    };
    assert_eq!(error.code(), Some("1"));
    assert_eq!(error.message(), Some("Insufficient balance in card account"));
    assert_eq!(fixture.sandbox.credits("REF1"), 0);
}

#[tokio::test]
async fn bad_input_never_leaves_the_machine() {
    let fixture = Fixture::start().await;
    for amount in ["0", "-4", "1.005"] {
        let Outcome::NotSent(error) = fixture.rewards().allocate(allocation(amount, "REF1")).await else {
            panic!("{amount} was sent");
        };
        assert!(error.is_invalid_input() && !error.was_sent(), "{error}");
    }
    assert!(fixture.sandbox.log().is_empty());
}

#[tokio::test]
async fn every_spelling_of_the_envelope_is_read() {
    for envelope in [
        EnvelopeSpelling::Code,
        EnvelopeSpelling::ResponseCode,
        EnvelopeSpelling::Mixed,
    ] {
        for code in [CodeType::Number, CodeType::Text] {
            let switches = Switches::new().envelope(envelope).code_type(code);
            let fixture = Fixture::of(Sandbox::builder().switches(switches).start().await.unwrap());
            assert!(
                fixture
                    .rewards()
                    .account()
                    .await
                    .unwrap()
                    .value()
                    .available_balance
                    .is_some()
            );
            assert_eq!(
                fixture.rewards().allocate(allocation("1", "REF1")).await.as_str(),
                "done"
            );
            let refused = fixture.rewards().allocate(allocation("1000000000", "REF2")).await;
            assert_eq!(refused.as_str(), "refused", "{envelope:?} {code:?}");
        }
    }
}

#[tokio::test]
async fn both_answers_of_the_card_search_become_a_list() {
    let fixture = Fixture::start().await;
    let Outcome::Done(given) = fixture.rewards().allocate(allocation("1", "REF1")).await else {
        panic!("not done");
    };
    let id = given.value().card.clone().unwrap();
    for form in [
        enkash_sandbox::switches::CardSearch::List,
        enkash_sandbox::switches::CardSearch::Single,
    ] {
        fixture.sandbox.set_switches(Switches::new().card_search(form));
        let cards = fixture.rewards().cards(CardSearch::card(id.clone())).await.unwrap();
        assert_eq!(cards.value().len(), 1, "{form:?}");
        assert_eq!(cards.value()[0].id.as_ref(), Some(&id));
        assert_eq!(cards.evidence(), EvidenceLevel::Inferred);
    }
    let debug = format!("{:?}", fixture.rewards().cards(CardSearch::all()).await.unwrap());
    assert!(!debug.contains(MOBILE) && !debug.contains("example.com"), "{debug}");
}

#[tokio::test]
async fn a_transaction_is_found_by_its_reference() {
    let fixture = Fixture::start().await;
    for name in ["REF1", "REF2"] {
        assert_eq!(fixture.rewards().allocate(allocation("1", name)).await.as_str(), "done");
    }
    let search = TransactionSearch::all().reference(reference("REF2"));
    let found = fixture.rewards().transactions(search).await.unwrap();
    assert_eq!(found.evidence(), EvidenceLevel::Unknown);
    let rows = found.value().rows().unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].reference.as_deref(), Some("REF2"));
    assert_eq!(rows[0].raw()["pgReferenceNumber"], "REF2");
}

#[tokio::test]
async fn bulk_rows_are_done_only_where_the_list_names_them_beyond_doubt() {
    let fixture = Fixture::start().await;
    let row = |mobile: &str, amount: &str, name: &str| {
        BulkRow::new("Mr", "Ravi", "ravi@example.com", mobile, money(amount), reference(name))
    };
    let rows = vec![
        row("9000000011", "10", "BULK1"),
        // The same person and amount twice: the list of successes cannot tell them apart.
        row("9000000012", "20", "BULK2"),
        row("9000000012", "20", "BULK3"),
    ];
    let bulk = BulkAllocation::new(rows, BulkMode::ExistingAndNew).unwrap();
    let outcomes = fixture.rewards().allocate_bulk(bulk).await.rows;
    let words: Vec<_> = outcomes.iter().map(Outcome::as_str).collect();
    assert_eq!(words, ["done", "unknown", "unknown"]);
    assert_eq!(fixture.sandbox.credits("BULK2"), 1);
}

#[tokio::test]
async fn bulk_rows_beside_one_that_failed_are_looked_up() {
    let fixture = Fixture::start().await;
    let row =
        |mobile: &str, name: &str| BulkRow::new("Mr", "Ravi", "ravi@example.com", mobile, money("10"), reference(name));
    let rows = vec![row("9000000011", "BULK1"), row("12345", "BULK2")];
    let bulk = BulkAllocation::new(rows, BulkMode::ExistingAndNew).unwrap();
    let mut settled = Vec::new();
    for outcome in fixture.rewards().allocate_bulk(bulk).await.rows {
        let Outcome::Unknown(unknown) = outcome else {
            panic!("{outcome:?}");
        };
        settled.push(unknown.settle().within(std::time::Duration::ZERO).await.as_str());
    }
    assert_eq!(settled, ["done", "unknown"]);
    assert_eq!(
        (fixture.sandbox.credits("BULK1"), fixture.sandbox.credits("BULK2")),
        (1, 0)
    );
}

#[tokio::test]
async fn one_amount_that_may_not_be_sent_keeps_a_whole_bulk_request_here() {
    let fixture = Fixture::start().await;
    let row = |amount: &str, name: &str| {
        BulkRow::new(
            "Mr",
            "Ravi",
            "ravi@example.com",
            "9000000011",
            money(amount),
            reference(name),
        )
    };
    for amount in ["1.005", "0", "-1"] {
        let bulk = BulkAllocation::new(vec![row("10", "BULK1"), row(amount, "BULK2")], BulkMode::NewOnly).unwrap();
        let rows = fixture.rewards().allocate_bulk(bulk).await.rows;
        assert!(rows.iter().all(|row| row.as_str() == "not sent"), "{amount}");
    }
    assert_eq!(fixture.sandbox.calls(Operation::BulkCreateAllocateRewards), 0);
}

#[tokio::test]
async fn a_sign_in_token_is_found_and_not_shown() {
    let fixture = Fixture::start().await;
    let Outcome::Done(given) = fixture.rewards().allocate(allocation("1", "REF1")).await else {
        panic!("not done");
    };
    let rewards = fixture.rewards();
    let card = given.value().card.clone().unwrap();
    let answer = fixture
        .enkash
        .sso()
        .token(rewards.company(), rewards.account_id(), &card)
        .await
        .unwrap();
    let token = answer.value().token().unwrap();
    assert!(!format!("{answer:?}").contains(token.expose()));

    let nobody = EnKashCardId::from("EKC0000000");
    let error = fixture
        .enkash
        .sso()
        .token(rewards.company(), rewards.account_id(), &nobody)
        .await
        .unwrap_err();
    assert!(error.is_refused(), "{error}");
}
