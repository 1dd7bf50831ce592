//! The change of a key in three roll-outs, with programs of two generations side by side at each border.

use std::time::{Duration, Instant};

use enkash::token::TokenSource;

use crate::{
    login_server::{LoginServer, Rejection},
    on_each_database,
    place::{Account, KEY, NEXT_KEY, Place, Replies, WRONG_PASSWORD, builder, connect, tokens_of},
};

on_each_database!(
    a_key_changes_in_three_roll_outs_and_nothing_is_forgotten,
    programs_of_two_generations_log_in_once,
    a_login_in_flight_outlives_a_roll_out,
    who_knows_one_of_two_keys_never_begins_anew,
    strikes_under_both_keys_add_up,
);

/// The key files from the first one to the last.
fn generations() -> [String; 4] {
    [
        KEY.to_owned(),
        format!("{KEY}\n{NEXT_KEY}"),
        format!("{NEXT_KEY}\n{KEY}"),
        NEXT_KEY.to_owned(),
    ]
}

fn client(place: &Place, keys: &str, account: &Account) -> TokenSource {
    builder(&place.fleet_with(keys), account).build().unwrap()
}

/// Programs with one key file that were just started: one for each question.
struct Programs {
    working: TokenSource,
    rejected: [TokenSource; 2],
    in_doubt: [TokenSource; 2],
}

async fn a_key_changes_in_three_roll_outs_and_nothing_is_forgotten(place: &Place) {
    let server = LoginServer::start();
    let account = Account::at(&server);
    let rejected = account.clone().of_user("rejected").with_password(WRONG_PASSWORD);
    let in_doubt = account.clone().of_user("in doubt").with_password(WRONG_PASSWORD);
    let generations = generations();
    let programs = |keys: &String| Programs {
        working: client(place, keys, &account),
        rejected: [(); 2].map(|()| client(place, keys, &rejected)),
        in_doubt: [(); 2].map(|()| client(place, keys, &in_doubt)),
    };
    // To make so many takes long, and the pause of who is in doubt lasts half a minute: all are made before it begins. None connects
    // before it is asked.
    let roll_outs: Vec<_> = generations
        .windows(2)
        .map(|both| {
            // The last roll-out is for programs that have logged in since the one before.
            let settled = (both[1] == NEXT_KEY).then(|| client(place, &both[0], &account));
            (settled, [&both[0], &both[1], &both[0], &both[1]].map(programs))
        })
        .collect();
    let first = programs(&generations[0]);
    first.working.access_token().await.unwrap();
    first.rejected[0].access_token().await.unwrap_err();
    server.reject_by(Rejection::FORBIDDEN);
    first.in_doubt[0].access_token().await.unwrap_err();
    let mut logins = server.logins();
    let (paused, has_clock) = (Instant::now(), place.advance(Duration::ZERO));

    for (settled, programs) in roll_outs {
        if let Some(client) = settled {
            client.access_token().await.unwrap();
            client.refresh_now().await.unwrap();
            logins += 1;
        }
        for program in programs {
            program.working.access_token().await.unwrap();
            let error = program.rejected[0].access_token().await.unwrap_err();
            assert!(error.is_credentials_rejected(), "{error}");
            let state = program.rejected[1].query_state().await.unwrap();
            assert!(state.is_latched && state.strikes == 1, "{state:?}");
            // Where time is the database's own, the pause is half a minute: a machine that takes so long is not asked about it.
            if has_clock || paused.elapsed() < Duration::from_secs(25) {
                let error = program.in_doubt[0].access_token().await.unwrap_err();
                assert!(error.login_paused_until().is_some(), "{error}");
                let state = program.in_doubt[1].query_state().await.unwrap();
                assert!(!state.is_latched && state.strikes == 1, "{state:?}");
            }
        }
        assert_eq!(server.logins(), logins);
    }
}

/// All programs have run with this key file, and have logged in with it.
async fn settle(place: &Place, keys: &str) {
    let client = client(place, keys, &Account::at(&LoginServer::start()));
    client.access_token().await.unwrap();
}

async fn programs_of_two_generations_log_in_once(place: &Place) {
    let server = LoginServer::start();
    for (border, both) in generations().windows(2).enumerate() {
        settle(place, &both[0]).await;
        let account = Account::at(&server).of_user(&format!("user-{border}"));
        let clients: Vec<_> = (0..8)
            .map(|number| client(place, &both[number % 2], &account))
            .collect();
        connect(&clients).await;
        for token in tokens_of(clients).await {
            token.unwrap();
        }
        assert_eq!(server.tokens().len(), border + 1);
        let rejected = account
            .with_password(WRONG_PASSWORD)
            .of_user(&format!("rejected-{border}"));
        let clients = (0..8).map(|number| client(place, &both[number % 2], &rejected));
        for token in tokens_of(clients.collect()).await {
            token.unwrap_err();
        }
        assert_eq!(server.rejected(), border + 1);
    }
    assert_eq!(server.most_in_flight(), 1);
}

async fn a_login_in_flight_outlives_a_roll_out(place: &Place) {
    let server = LoginServer::start();
    for (border, both) in generations().windows(2).enumerate() {
        settle(place, &both[0]).await;
        let account = Account::at(&server).of_user(&format!("user-{border}"));
        let replies = Replies::default();
        let fleets = [(); 5].map(|()| place.fleet_with(&both[1]));
        let after = fleets.each_ref().map(|fleet| {
            let ledger = replies.watch(fleet.strike_ledger());
            builder(fleet, &account).strike_ledger(ledger).build().unwrap()
        });
        for fleet in &fleets {
            // As `connect` does, which would count as the first reply.
            fleet.check().await.unwrap();
        }
        server.hold();
        let before = tokio::spawn(tokens_of(vec![client(place, &both[0], &account)]));
        server.wait_for_a_login();
        let after = tokio::spawn(tokens_of(after.into()));
        replies.wait_for(5).await;
        server.release();
        let mut tokens = before.await.unwrap();
        tokens.extend(after.await.unwrap());
        for token in tokens {
            assert_eq!(token.unwrap(), server.tokens()[border]);
        }
        assert_eq!((server.logins(), server.most_in_flight()), (border + 1, 1));
    }
}

async fn who_knows_one_of_two_keys_never_begins_anew(place: &Place) {
    let server = LoginServer::start();
    server.reject_by(Rejection::FORBIDDEN);
    let [old, second, third, new] = generations();
    let accounts = ["one", "another"].map(|name| Account::at(&server).of_user(name).with_password(WRONG_PASSWORD));
    let ask = async |client: TokenSource| client.access_token().await.unwrap_err().to_string();
    let first = client(place, &second, &accounts[0]);
    // Both generations are at work, and one program was left behind or is ahead of the others. All are made before a pause begins,
    // which lasts half a minute.
    let programs = [&third, &second, &third, &second].map(|keys| {
        let alone = [(&old, 0), (&new, 0), (&old, 1), (&new, 1)];
        (
            client(place, keys, &accounts[1]),
            alone.map(|(keys, account)| client(place, keys, &accounts[account])),
        )
    });
    ask(first).await;
    for (at_work, alone) in programs {
        ask(at_work).await;
        for client in alone {
            let error = ask(client).await;
            let is_paused = error.contains("for a while");
            assert!(is_paused || error.contains("another key"), "{error}");
        }
        assert_eq!(server.logins(), 2);
    }
}

/// Where programs of three generations were at work at once.
async fn strikes_under_both_keys_add_up(place: &Place) {
    let server = LoginServer::start();
    server.reject_by(Rejection::FORBIDDEN);
    let account = Account::at(&server).with_password(WRONG_PASSWORD);
    let [old, _, third, new] = generations();
    for alone in [&old, &new] {
        let client = client(place, alone, &account);
        client.access_token().await.unwrap_err();
        assert_eq!(client.query_state().await.unwrap().strikes, 1);
        settle(place, &third).await;
    }
    let error = client(place, &third, &account).access_token().await.unwrap_err();
    assert!(error.is_account_at_risk(), "{error}");
    assert_eq!(server.rejected(), 2);
}
