//! Time is the database's: machines whose clocks differ agree, and what has ended is of no use. Where the database's clock cannot
//! be moved there is nothing to test. Else it stands still in between.

use std::time::Duration;

use enkash::{
    Timestamp,
    token::{StoredToken, TokenStore},
};
use jiff::SignedDuration;

use crate::{
    login_server::{LoginServer, Rejection},
    on_each_database,
    place::{Account, Place, WRONG_PASSWORD, builder, connect, tokens_of},
};

on_each_database!(
    machines_whose_clocks_differ_share_a_token_and_its_age,
    what_has_ended_is_not_served_and_is_removed,
    a_pause_ends_by_the_clock_of_the_database,
);

const HOUR: Duration = Duration::from_secs(60 * 60);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// The only token that is kept, with its times by the clock of this machine.
async fn kept(place: &Place, account: &Account) -> Option<StoredToken> {
    let client = place.client(account);
    place.fleet().token_store().load(client.identity()).await.unwrap()
}

async fn machines_whose_clocks_differ_share_a_token_and_its_age(place: &Place) {
    let stands_since = Timestamp::now();
    if !place.advance(HOUR) {
        return;
    }
    let server = LoginServer::start();
    let account = Account::at(&server);
    let clients: Vec<_> = (0..5).map(|_| place.client(&account)).collect();
    connect(&clients).await;
    for token in tokens_of(clients).await {
        token.unwrap();
    }
    assert_eq!((server.logins(), server.most_in_flight()), (1, 1));
    let token = kept(place, &account).await.unwrap();
    let now = Timestamp::now();
    assert!(now.duration_since(token.issued_at).abs() < MINUTE, "{token:?}");
    let left = token.expires_at.duration_since(now);
    assert!((left - SignedDuration::from_mins(5)).abs() < MINUTE, "{token:?}");
    let check = place.fleet().check().await.unwrap();
    // This machine's clock went on.
    let ahead = check.clock_ahead + Timestamp::now().duration_since(stands_since);
    assert!((ahead - SignedDuration::from_hours(1)).abs() < MINUTE, "{check:?}");

    // As for a machine whose clock is so much behind.
    let age = Duration::from_secs(150);
    place.advance(age);
    let token = kept(place, &account).await.unwrap();
    let old = Timestamp::now().duration_since(token.issued_at);
    assert!(
        (old - SignedDuration::try_from(age).unwrap()).abs() < MINUTE,
        "{token:?}"
    );
}

async fn what_has_ended_is_not_served_and_is_removed(place: &Place) {
    let server = LoginServer::start();
    let account = Account::at(&server);
    place.client(&account).access_token().await.unwrap();
    let (tokens, strikes) = (place.entries("token"), place.entries("strikes"));
    assert_eq!((tokens.len(), strikes.len()), (1, 1));
    if !place.advance(Duration::from_secs(7 * 60)) {
        return;
    }
    assert!(kept(place, &account).await.is_none());
    place.client(&account).access_token().await.unwrap();
    assert_eq!(server.logins(), 2);

    // What holds somebody back is kept for ever, what holds nobody back for 90 days.
    let rejected = account.clone().of_user("rejected").with_password(WRONG_PASSWORD);
    place.client(&rejected).access_token().await.unwrap_err();
    place.advance(HOUR * 24 * 89);
    place
        .client(&account.clone().of_user("another"))
        .access_token()
        .await
        .unwrap();
    assert!(place.entries("strikes").contains(&strikes[0]) && !place.entries("token").contains(&tokens[0]));
    place.advance(HOUR * 24 * 2);
    place.client(&account.of_user("third")).access_token().await.unwrap();
    assert!(!place.entries("strikes").contains(&strikes[0]));
    let error = place.client(&rejected).access_token().await.unwrap_err();
    assert!(error.is_credentials_rejected(), "{error}");
}

async fn a_pause_ends_by_the_clock_of_the_database(place: &Place) {
    let server = LoginServer::start();
    server.reject_by(Rejection::FORBIDDEN);
    let account = Account::at(&server).with_password(WRONG_PASSWORD);
    builder(&place.fleet(), &account)
        .build()
        .unwrap()
        .access_token()
        .await
        .unwrap_err();
    for (time, rejected) in [(29, 1), (2, 2), (3600, 2)] {
        if !place.advance(Duration::from_secs(time)) {
            return;
        }
        place.client(&account).access_token().await.unwrap_err();
        assert_eq!(server.rejected(), rejected, "{time} s later");
    }
    assert!(
        place
            .client(&account)
            .access_token()
            .await
            .unwrap_err()
            .is_account_at_risk()
    );
}
