//! One token, one count of strikes, and one login in flight, for clients of one program or machine.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use enkash::{
    Secret,
    token::{Fence, LoginIdentity, SaveResult, StoreFuture, StoredToken, TokenStore},
};
use enkash_fleet::FleetTokenStore;
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

/// A store that counts how often somebody gave it up.
#[derive(Debug)]
struct WatchedStore {
    store: FleetTokenStore,
    given_up: Arc<AtomicUsize>,
}

impl WatchedStore {
    fn watch<'a, T: 'a>(&'a self, work: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
        Box::pin(async move {
            self.given_up.fetch_add(1, Ordering::SeqCst);
            let done = work.await;
            self.given_up.fetch_sub(1, Ordering::SeqCst);
            done
        })
    }
}

impl TokenStore for WatchedStore {
    fn load<'a>(&'a self, identity: &'a LoginIdentity) -> StoreFuture<'a, Option<StoredToken>> {
        self.watch(self.store.load(identity))
    }

    fn save<'a>(
        &'a self,
        identity: &'a LoginIdentity,
        token: StoredToken,
        fence: Fence,
    ) -> StoreFuture<'a, SaveResult> {
        self.watch(self.store.save(identity, token, fence))
    }

    fn remove<'a>(&'a self, identity: &'a LoginIdentity, token: &'a Secret) -> StoreFuture<'a, ()> {
        self.watch(self.store.remove(identity, token))
    }
}

async fn forty_accounts_at_once_keep_to_themselves(place: &Place) {
    let server = LoginServer::start();
    let account = |number: usize| Account::at(&server).of_user(&format!("user-{number}@example.com"));
    let given_up: Vec<_> = (0..40).map(|_| Arc::new(AtomicUsize::new(0))).collect();
    // As two processes with forty accounts each.
    let clients = [place.fleet(), place.fleet()].map(|fleet| {
        let client = |number: usize| {
            let (store, given_up) = (fleet.token_store(), Arc::clone(&given_up[number]));
            let builder = builder(&fleet, &account(number)).token_store(WatchedStore { store, given_up });
            builder.build().unwrap()
        };
        (0..40).map(client).collect::<Vec<_>>()
    });
    let clients = clients.concat();
    connect(&clients).await;
    let tokens: Vec<_> = tokens_of(clients).await.into_iter().map(Result::unwrap).collect();
    let (one, other) = tokens.split_at(40);
    // All of a process share two connections. On a machine so busy that a client waits for one until it gives its store up, that costs
    // the account a second login, as it should, and nothing else does.
    let is_late: Vec<_> = given_up
        .iter()
        .map(|given_up| given_up.load(Ordering::SeqCst) > 0)
        .collect();
    let late = is_late.iter().filter(|is_late| **is_late).count();
    assert!(
        (40..=40 + late).contains(&server.logins()),
        "{late}: {}",
        server.logins()
    );
    for ((one, other), is_late) in one.iter().zip(other).zip(is_late) {
        assert!(one == other || is_late);
    }
    let mut all: Vec<_> = tokens.iter().enumerate().map(|(at, token)| (token, at % 40)).collect();
    all.sort();
    all.dedup();
    let of_accounts = all.len();
    all.dedup_by_key(|(token, _)| *token);
    assert_eq!(all.len(), of_accounts, "two accounts have one token");
}
