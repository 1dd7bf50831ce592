//! A server that is killed, and comes back: what was counted stays, what cannot be counted is not sent, and tokens go on.

use std::{net::TcpListener, time::Duration};

use enkash::token::TokenSource;

use crate::{
    login_server::{LoginServer, PASSWORD, Rejection},
    on_servers_of_their_own,
    place::{Account, CLIENT_ID, CLIENT_SECRET, KEY, Place, USERNAME, WRONG_PASSWORD, builder, fleet_at, tokens_of},
    process::{Process, Settings},
};

on_servers_of_their_own!(
    a_rejection_that_could_not_be_recorded_is_recorded_before_the_next_login,
    no_strike_is_forgotten_whenever_the_database_is_killed,
    a_holder_and_the_database_killed_together_leave_a_strike,
    without_the_database_tokens_are_served_and_no_login_is_sent,
    a_token_store_that_is_away_costs_logins_and_no_call,
);

fn start(place: &Place) -> Process {
    Process::start(&Settings {
        url: place.url.clone(),
        keys: KEY.to_owned(),
        login_timeout: place.login_timeout(),
        stops_after_login: false,
    })
}

async fn a_rejection_that_could_not_be_recorded_is_recorded_before_the_next_login(mut place: Place) {
    let server = LoginServer::start();
    let account = Account::at(&server).with_password(WRONG_PASSWORD);
    let client = place.client(&account);
    server.hold();
    let call = tokio::spawn(tokens_of(vec![client.clone()]));
    server.wait_for_a_login();
    place.stop();
    server.release();
    let error = call.await.unwrap().remove(0).unwrap_err();
    assert!(error.is_credentials_rejected(), "{error}");
    place.start_again();
    // Whoever comes next, be it after a word of this client only, knows of it.
    for client in [client, place.client(&account)] {
        let error = client.access_token().await.unwrap_err();
        assert!(error.is_credentials_rejected(), "{error}");
        let state = client.query_state().await.unwrap();
        assert!(state.is_latched && state.strikes == 1, "{state:?}");
    }
    assert_eq!(server.logins(), 1);
}

/// When the database is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// While the first processes ask for the right to log in.
    Reservation,
    /// Between the reservation and the answer.
    Login,
    /// When the first one knows of the answer.
    Rejection,
}

async fn no_strike_is_forgotten_whenever_the_database_is_killed(mut place: Place) {
    let server = LoginServer::start();
    let mut processes: Vec<_> = (0..10).map(|_| start(&place)).collect();
    for (number, (moment, is_no)) in [
        (Moment::Reservation, false),
        (Moment::Login, true),
        (Moment::Login, false),
        (Moment::Rejection, true),
    ]
    .into_iter()
    .enumerate()
    {
        let rejection = if is_no { Rejection::NO } else { Rejection::FORBIDDEN };
        server.reject_by(rejection);
        let account = Account::at(&server)
            .of_user(&format!("user-{number}"))
            .with_password(WRONG_PASSWORD);
        let before = server.rejected();
        if moment == Moment::Login {
            server.hold();
        }
        for process in &mut processes {
            process.ask_for_token(&account);
        }
        match moment {
            Moment::Reservation => {}
            Moment::Login => server.wait_for_a_login(),
            Moment::Rejection => {
                processes[0].hear();
                processes[0].ask_for_token(&account);
            }
        }
        place.stop();
        server.release();
        place.start_again();
        // Whoever has the lease may have given up on telling its end.
        place.advance(place.login_timeout() + Duration::from_secs(6));
        for process in &mut processes {
            let answer = process.hear();
            assert_eq!(answer.token, None, "{moment:?}: {answer:?}");
        }
        // All that was sent is counted, and nobody sends more.
        processes.push(start(&place));
        let answers: Vec<_> = processes.iter_mut().map(|process| process.token(&account)).collect();
        processes.pop();
        let rejected = server.rejected() - before;
        let state = start(&place).state(&account);
        // A right to log in may be granted by a database that is killed before it can say so. Nobody sends a login by it, and when its
        // time is over it counts as a login without an answer, which pauses all the others.
        let may_be_none = moment == Moment::Reservation && answers.iter().any(|answer| answer.is_paused);
        assert!(
            (usize::from(!may_be_none)..=2).contains(&rejected) && state.strikes as usize >= rejected,
            "{moment:?} with {rejection:?}: {rejected} sent, {state:?}, {answers:?}"
        );
        assert_eq!(state.is_latched, is_no, "{moment:?}: {state:?}");
    }
    assert_eq!(server.most_in_flight(), 1);
}

async fn a_holder_and_the_database_killed_together_leave_a_strike(mut place: Place) {
    let server = LoginServer::start();
    let account = Account::at(&server).with_password(WRONG_PASSWORD);
    let mut holder = start(&place);
    server.hold();
    holder.ask_for_token(&account);
    server.wait_for_a_login();
    place.stop();
    holder.kill();
    server.release();
    place.start_again();
    let mut other = start(&place);
    other.ask_for_token(&account);
    place.advance(place.login_timeout() + Duration::from_secs(6));
    let answer = other.hear();
    assert!(answer.is_paused && answer.strikes == 1, "{answer:?}");
    assert_eq!(server.logins(), 1);
}

async fn without_the_database_tokens_are_served_and_no_login_is_sent(mut place: Place) {
    let server = LoginServer::start();
    let account = Account::at(&server);
    let (served, later) = (
        place.client(&account),
        place.client(&account.clone().of_user("another")),
    );
    let token = served.access_token().await.unwrap();
    // It has a connection that breaks off.
    later.query_state().await.unwrap();
    place.stop();
    let never_connected = place.client(&account.of_user("third"));
    for _ in 0..3 {
        assert_eq!(served.access_token().await.unwrap(), token);
        for client in [&later, &never_connected] {
            let error = client.access_token().await.unwrap_err();
            assert!(!error.is_login_uncertain() && !error.is_account_at_risk(), "{error}");
            let text = format!("{error} {error:?} {:?}", error.advice());
            assert!(text.contains(place.fleet().place()), "{text}");
            for secret in [PASSWORD, USERNAME, CLIENT_ID, CLIENT_SECRET, KEY, "third"] {
                assert!(!text.contains(secret), "{text}");
            }
        }
    }
    assert_eq!(server.logins(), 1);
    place.start_again();
    later.access_token().await.unwrap();
    never_connected.access_token().await.unwrap();
    assert_eq!(server.logins(), 3);
}

/// With its tokens where nobody answers.
fn client_without_store(place: &Place, account: &Account) -> TokenSource {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let (scheme, _) = place.url.split_once(':').unwrap();
    let elsewhere = fleet_at(&format!("{scheme}://127.0.0.1:{port}/0"), KEY);
    let builder = builder(&place.fleet(), account);
    builder.token_store(elsewhere.token_store()).build().unwrap()
}

async fn a_token_store_that_is_away_costs_logins_and_no_call(place: Place) {
    let server = LoginServer::start();
    let account = Account::at(&server);
    let clients: Vec<_> = (0..4).map(|_| client_without_store(&place, &account)).collect();
    for _ in 0..2 {
        for token in tokens_of(clients.clone()).await {
            token.unwrap();
        }
    }
    assert_eq!((server.logins(), server.most_in_flight()), (4, 1));
    // Strikes are counted all the same.
    let wrong = account.with_password(WRONG_PASSWORD);
    for token in tokens_of((0..4).map(|_| client_without_store(&place, &wrong)).collect()).await {
        assert!(token.unwrap_err().is_credentials_rejected());
    }
    assert_eq!(server.rejected(), 1);
}
