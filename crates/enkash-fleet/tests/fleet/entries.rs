//! Entries as they are kept: which of two tokens stays, what was damaged or moved, and who has another key.

use std::time::Duration;

use enkash::{
    Secret, Timestamp,
    token::{Fence, SaveResult, StoredToken, TokenStore},
};

use crate::{
    login_server::LoginServer,
    on_each_database,
    place::{Account, KEY, NEXT_KEY, OTHER_KEY, Place, WRONG_PASSWORD, builder},
};

on_each_database!(
    the_token_of_the_later_login_stays,
    a_token_is_for_the_same_complete_credentials_only,
    damaged_strikes_let_no_login_go,
    a_damaged_token_costs_a_login,
    who_has_another_key_sends_no_login_and_changes_nothing,
);

fn token(text: &str) -> StoredToken {
    let now = Timestamp::now();
    StoredToken::new(Secret::new(text), now, now + Duration::from_secs(300))
}

async fn the_token_of_the_later_login_stays(place: &Place) {
    let client = place.client(&Account::at(&LoginServer::start()));
    let identity = client.identity();
    let (one, other) = (place.fleet().token_store(), place.fleet().token_store());
    let kept = async || {
        let kept = one.load(identity).await.unwrap();
        kept.map(|token| token.token.expose().to_owned())
    };
    assert_eq!(kept().await, None);
    // Who does not hear that a token was kept may save it again.
    for _ in 0..2 {
        let saved = one.save(identity, token("newer"), Fence::new(5)).await.unwrap();
        assert_eq!(saved, SaveResult::Kept);
    }
    let saved = other.save(identity, token("older"), Fence::new(4)).await.unwrap();
    assert_eq!(saved, SaveResult::Overtaken);
    assert_eq!(kept().await.as_deref(), Some("newer"));

    other.remove(identity, &Secret::new("another")).await.unwrap();
    assert_eq!(kept().await.as_deref(), Some("newer"));
    other.remove(identity, &Secret::new("newer")).await.unwrap();
    assert_eq!(kept().await, None);
    // A token that was refused does not make way for an older one.
    let saved = other.save(identity, token("older"), Fence::new(4)).await.unwrap();
    assert_eq!((saved, kept().await), (SaveResult::Overtaken, None));
    let saved = other.save(identity, token("newest"), Fence::new(6)).await.unwrap();
    assert_eq!(saved, SaveResult::Kept);
    assert_eq!(kept().await.as_deref(), Some("newest"));
}

async fn a_token_is_for_the_same_complete_credentials_only(place: &Place) {
    let server = LoginServer::start();
    let account = Account::at(&server);
    place.client(&account).access_token().await.unwrap();
    for other in [
        account.clone().with_password(WRONG_PASSWORD),
        account.clone().of_user("other"),
    ] {
        let client = place.client(&other);
        let found = place.fleet().token_store().load(client.identity()).await.unwrap();
        assert!(found.is_none(), "{other:?}");
    }
    place.client(&account).access_token().await.unwrap();
    assert_eq!(server.logins(), 1);
}

/// What a test does to an entry.
enum Damage {
    Changed,
    TooLarge,
    OfAnotherAccount,
}

impl Damage {
    fn inflict(&self, place: &Place, name: &str, other: &str) {
        match self {
            Self::Changed => place.extend_entry(name, 1),
            Self::TooLarge => place.extend_entry(name, 100_000),
            Self::OfAnotherAccount => place.copy_entry(other, name),
        }
    }
}

const DAMAGES: [Damage; 3] = [Damage::Changed, Damage::TooLarge, Damage::OfAnotherAccount];

/// The entry of a kind that this makes.
async fn new_entry<T>(place: &Place, kind: &str, make: impl AsyncFnOnce() -> T) -> String {
    let before = place.entries(kind);
    make().await;
    let mut new = place.entries(kind).into_iter().filter(|name| !before.contains(name));
    new.next().expect("there is a new entry")
}

async fn damaged_strikes_let_no_login_go(place: &Place) {
    let server = LoginServer::start();
    let client = place.client(&Account::at(&server).of_user("other"));
    let other = new_entry(place, "strikes", async || client.access_token().await.unwrap()).await;
    for (number, damage) in DAMAGES.into_iter().enumerate() {
        let account = Account::at(&server)
            .of_user(&format!("user-{number}"))
            .with_password(WRONG_PASSWORD);
        let client = place.client(&account);
        let name = new_entry(place, "strikes", async || client.access_token().await.unwrap_err()).await;
        damage.inflict(place, &name, &other);
        let (content, logins) = (place.content(), server.logins());
        for client in [client, place.client(&account)] {
            let error = client.access_token().await.unwrap_err().to_string();
            let place_and_name = [place.fleet().place().to_owned(), "strikes/".to_owned()];
            assert!(place_and_name.iter().all(|part| error.contains(part)), "{error}");
        }
        assert_eq!((place.content(), server.logins()), (content, logins));
    }
}

async fn a_damaged_token_costs_a_login(place: &Place) {
    let server = LoginServer::start();
    let client = place.client(&Account::at(&server).of_user("other"));
    let other = new_entry(place, "token", async || client.access_token().await.unwrap()).await;
    for (number, damage) in DAMAGES.into_iter().enumerate() {
        let account = Account::at(&server).of_user(&format!("user-{number}"));
        let client = place.client(&account);
        let name = new_entry(place, "token", async || client.access_token().await.unwrap()).await;
        damage.inflict(place, &name, &other);
        let logins = server.logins();
        let token = place.client(&account).access_token().await.unwrap();
        assert_eq!(server.logins(), logins + 1);
        assert_eq!(server.tokens().last().unwrap(), token.expose());
        // Who has a token goes on with it.
        client.access_token().await.unwrap();
        assert_eq!(server.logins(), logins + 1);
    }
}

async fn who_has_another_key_sends_no_login_and_changes_nothing(place: &Place) {
    let server = LoginServer::start();
    let account = Account::at(&server);
    // The key of the fleet, and then while it changes: the first line seals.
    for (fleet_key, others) in [
        (KEY.to_owned(), vec![NEXT_KEY, OTHER_KEY]),
        (format!("{NEXT_KEY}\n{KEY}"), vec![KEY, OTHER_KEY]),
    ] {
        let client = builder(&place.fleet_with(&fleet_key), &account).build().unwrap();
        client.access_token().await.unwrap();
        client.refresh_now().await.unwrap();
        let (content, logins) = (place.content(), server.logins());
        for key in others {
            let fleet = place.fleet_with(key);
            assert!(fleet.check().await.unwrap_err().is_other_key());
            let client = builder(&fleet, &account).build().unwrap();
            let error = client.access_token().await.unwrap_err().to_string();
            assert!(
                error.contains("another key") && error.contains(fleet.place()),
                "{error}"
            );
            client.query_state().await.unwrap_err();
            client.reset_latch().await.unwrap_err();
            let (store, identity) = (fleet.token_store(), client.identity());
            store.load(identity).await.unwrap_err();
            store
                .save(identity, token("theirs"), Fence::new(u64::MAX))
                .await
                .unwrap_err();
            store.remove(identity, &Secret::new("theirs")).await.unwrap_err();
        }
        assert_eq!((place.content(), server.logins()), (content, logins));
    }
}
