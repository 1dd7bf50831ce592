//! One token, one count of strikes, and one login in flight, for clients of one program or machine.

use std::sync::{Arc, Mutex};

use enkash::{
    Secret,
    token::{Fence, LoginIdentity, SaveResult, StoreFuture, StoredToken, TokenStore},
};
use enkash_sandbox::{Operation, Sandbox};

use crate::{
    login_server::LoginServer,
    on_each_database,
    place::{Account, Place, Replies, WRONG_PASSWORD, builder, client, connect, tokens_of},
};

on_each_database!(
    clients_of_a_sandbox_log_in_once,
    a_wrong_password_is_tried_once,
    one_login_is_in_flight_and_each_has_a_greater_number,
    forty_accounts_at_once_keep_to_themselves,
);

async fn clients_of_a_sandbox_log_in_once(place: &Place) {
    let sandbox = Sandbox::start().await.unwrap();
    let clients: Vec<_> = (0..20).map(|_| client(&place.fleet(), &sandbox, None)).collect();
    connect(&clients).await;
    let mut tokens: Vec<_> = tokens_of(clients).await.into_iter().map(Result::unwrap).collect();
    tokens.dedup();
    assert_eq!(tokens.len(), 1);
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);
}

async fn a_wrong_password_is_tried_once(place: &Place) {
    let server = LoginServer::start();
    let account = Account::at(&server).with_password(WRONG_PASSWORD);
    for result in tokens_of((0..20).map(|_| place.client(&account)).collect()).await {
        let error = result.unwrap_err();
        assert!(error.is_credentials_rejected(), "{error}");
    }
    assert_eq!(server.logins(), 1);
}

/// Keeps no token, so that each client logs in, and the numbers of the logins.
#[derive(Clone, Debug, Default)]
struct Fences(Arc<Mutex<Vec<Fence>>>);

impl TokenStore for Fences {
    fn load<'a>(&'a self, _: &'a LoginIdentity) -> StoreFuture<'a, Option<StoredToken>> {
        Box::pin(async { Ok(None) })
    }

    fn save<'a>(&'a self, _: &'a LoginIdentity, _: StoredToken, fence: Fence) -> StoreFuture<'a, SaveResult> {
        self.0.lock().unwrap().push(fence);
        Box::pin(async { Ok(SaveResult::Kept) })
    }

    fn remove<'a>(&'a self, _: &'a LoginIdentity, _: &'a Secret) -> StoreFuture<'a, ()> {
        Box::pin(async { Ok(()) })
    }
}

async fn one_login_is_in_flight_and_each_has_a_greater_number(place: &Place) {
    let (server, replies, fences) = (LoginServer::start(), Replies::default(), Fences::default());
    server.hold();
    let account = Account::at(&server);
    let clients = (0..20).map(|_| {
        let fleet = place.fleet();
        let builder = builder(&fleet, &account).strike_ledger(replies.watch(fleet.strike_ledger()));
        builder.token_store(fences.clone()).build().unwrap()
    });
    let calls = tokio::spawn(tokens_of(clients.collect()));
    replies.wait_for(20).await;
    server.release();
    assert!(calls.await.unwrap().iter().all(Result::is_ok));

    assert_eq!((server.logins(), server.most_in_flight()), (20, 1));
    let fences = fences.0.lock().unwrap().clone();
    assert_eq!(fences.len(), 20);
    assert!(fences.is_sorted_by(|one, next| one < next), "{fences:?}");
}

async fn forty_accounts_at_once_keep_to_themselves(place: &Place) {
    let server = LoginServer::start();
    let account = |number: usize| Account::at(&server).of_user(&format!("user-{number}@example.com"));
    // As two processes with forty accounts each.
    let fleets = [place.fleet(), place.fleet()];
    let clients = fleets
        .iter()
        .flat_map(|fleet| (0..40).map(move |number| (fleet, number)));
    let clients: Vec<_> = clients
        .map(|(fleet, number)| builder(fleet, &account(number)).build().unwrap())
        .collect();
    connect(&clients).await;
    let tokens: Vec<_> = tokens_of(clients).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(server.logins(), 40);
    let (one, other) = tokens.split_at(40);
    assert_eq!(one, other);
    let mut all = one.to_vec();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 40);
}
