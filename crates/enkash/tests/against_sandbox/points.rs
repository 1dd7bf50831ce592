//! Coins, their events, sign-in links, and the checks of a person.

use enkash::{
    ClientReference, Money, Outcome, Person,
    ids::UserId,
    points::{CoinAllocation, CoinConfiguration, CoinEventChange, NewCoinEvent, Points},
    raw,
    rewards::{CardSearch, Unallocation},
    sso::{SsoHost, SsoView},
};
use enkash_sandbox::{Fault, FaultRule, Operation, When};

use crate::fixture::{Fixture, allocation, person, reference};

async fn user(fixture: &Fixture) -> UserId {
    let cards = fixture.rewards().cards(CardSearch::all()).await.unwrap();
    cards.value().iter().find_map(|card| card.user.clone()).unwrap()
}

fn referral(fixture: &Fixture, user: &UserId, reference: ClientReference) -> CoinAllocation {
    let company = fixture.sandbox.credentials().company_id.as_str();
    CoinAllocation::new(company, user.clone(), "REFERRAL_EVENT", reference)
}

#[tokio::test]
async fn coins_are_given_once_and_a_lost_answer_stays_unknown() {
    let fixture = Fixture::start().await;
    let (points, user): (Points, _) = (fixture.enkash.points(), user(&fixture).await);
    assert_eq!(*points.balance(&user).await.unwrap().value(), 0);
    assert_eq!(
        points
            .allocate(referral(&fixture, &user, reference("COIN1")))
            .await
            .as_str(),
        "done"
    );
    assert_eq!(*points.balance(&user).await.unwrap().value(), 25);

    fixture
        .sandbox
        .add_fault(FaultRule::on(Operation::AllocateCoins, Fault::Reset(When::After)));
    let Outcome::Unknown(unknown) = points.allocate(referral(&fixture, &user, reference("COIN2"))).await else {
        panic!("not unknown");
    };
    assert_eq!(fixture.sandbox.calls(Operation::AllocateCoins), 2);
    assert_eq!(unknown.settle().await.as_str(), "unknown");
    assert_eq!(*points.balance(&user).await.unwrap().value(), 50);

    fixture.sandbox.clear_faults();
    let nobody = referral(&fixture, &"EK0NOBODY".into(), reference("COIN3"));
    assert_eq!(points.allocate(nobody).await.as_str(), "refused");
}

#[tokio::test]
async fn an_event_is_made_read_and_changed() {
    let fixture = Fixture::start().await;
    let points = fixture.enkash.points();
    let company = fixture.sandbox.credentials().company_id.as_str();
    let made = NewCoinEvent::new(company, "MEAL_CARD_PAYMENT", 6, CoinConfiguration::Default);
    let made = points.create_event(made).await.unwrap().value().event().unwrap();
    assert_eq!(
        (made.coins, made.event.as_deref()),
        (Some(6), Some("MEAL_CARD_PAYMENT"))
    );
    let id = made.id.unwrap();
    assert_eq!(points.event(&id).await.unwrap().value().event().unwrap().coins, Some(6));
    let change = CoinEventChange::new().coins(9);
    assert_eq!(points.update_event(&id, change).await.unwrap().value().coins, Some(9));
    assert!(points.event(&"WCC0NOBODY".into()).await.unwrap_err().is_refused());
}

#[tokio::test]
async fn a_sign_in_link_shows_its_token_by_name_only() {
    let fixture = Fixture::start().await;
    let rewards = fixture.rewards();
    let card = rewards.cards(CardSearch::all()).await.unwrap().value()[0]
        .id
        .clone()
        .unwrap();
    let answer = fixture
        .enkash
        .sso()
        .token(rewards.company(), rewards.account_id(), &card)
        .await
        .unwrap();
    let link = answer.value().link(SsoHost::Uat, SsoView::Admin, "hrms").unwrap();
    let token = answer.value().token().unwrap();
    assert!(link.reveal().contains(token.expose()));
    assert!(!format!("{link} {link:?} {answer:?}").contains(token.expose()));
}

#[tokio::test]
async fn points_are_taken_back_only_from_the_person_that_the_mobile_number_leads_to() {
    let fixture = Fixture::start().await;
    let rewards = fixture.rewards();
    assert_eq!(rewards.allocate(allocation("5", "REF1")).await.as_str(), "done");

    let someone = |name: &str, email: &str, mobile: &str| Person::new("Ms", name, email, mobile, "F").unwrap();
    for (wrong, says) in [
        (someone("Meera", "asha.verma@example.com", "9000000004"), "another name"),
        (someone("Asha", "meera@example.com", "9000000004"), "another e-mail"),
        (someone("Asha", "asha.verma@example.com", "9000000999"), "no card"),
    ] {
        let error = rewards.check_person(wrong).await.unwrap_err();
        assert!(error.is_invalid_input() && error.to_string().contains(says), "{error}");
        assert!(
            !error.to_string().contains("Meera") && !error.to_string().contains("90000"),
            "{error}"
        );
    }
    let checked = rewards.check_person(person()).await.unwrap();
    assert!(checked.card().is_some());
    let back = Unallocation::from_person(checked, "5".parse().unwrap(), reference("REF2"));
    let Outcome::Done(done) = rewards.unallocate(back).await else {
        panic!("not done");
    };
    assert_eq!(done.value().card_balance, Some(Money::from(0)));
}

#[tokio::test]
async fn incentives_are_the_same_calls_on_their_own_account() {
    let fixture = Fixture::start().await;
    let to = fixture.sandbox.credentials();
    let incentives = fixture
        .enkash
        .incentives(to.company_id.as_str(), to.card_account_id.as_str());
    let bonus = allocation("1200", "BONUS1");
    assert_eq!(incentives.ticket(&bonus).amount(), Some(Money::from(1200)));
    assert_eq!(incentives.allocate(bonus).await.as_str(), "done");
    assert_eq!(incentives.cards(CardSearch::all()).await.unwrap().value().len(), 3);
    let checked = incentives.check_person(person()).await.unwrap();
    let back = Unallocation::from_person(checked, Money::from(200), reference("BONUS2"));
    assert_eq!(incentives.unallocate(back).await.as_str(), "done");
    let card = fixture.rewards().cards(CardSearch::all()).await.unwrap();
    let card = card
        .value()
        .iter()
        .find(|card| card.mobile == Some("9000000004".into()))
        .unwrap()
        .id
        .clone();
    let of_card = enkash::rewards::TransactionSearch::all().card(card.unwrap());
    assert_eq!(
        incentives
            .transactions(of_card)
            .await
            .unwrap()
            .value()
            .rows()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn the_low_level_is_reached_on_the_same_pipeline() {
    let fixture = Fixture::start().await;
    let user = user(&fixture).await;
    let client = raw::client(&fixture.enkash, enkash::OperationId::GetCoinBalance);
    let answer = client.get_coin_balance().user_id(user.as_str()).send().await.unwrap();
    assert_eq!(
        answer.into_inner().payload.unwrap().into_value().map(i64::from),
        Some(0)
    );
    assert_eq!(fixture.sandbox.calls(Operation::IssueToken), 1);
}
