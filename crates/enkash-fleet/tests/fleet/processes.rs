//! Real processes, as on many machines: each with its own connections and memory. One of them stops, or is killed, in the middle.

use std::time::Duration;

use crate::{
    login_server::{LoginServer, Rejection},
    on_each_database,
    place::{self, Account, KEY, LOGIN_TIMEOUT, Place, WRONG_PASSWORD},
    process::{Answer, Process, Settings, connect, tokens_at_once},
};

on_each_database!(
    twenty_processes_log_in_once_and_try_a_wrong_password_once,
    a_changed_password_is_tried_twice_at_the_most_however_it_is_rejected,
    a_process_that_stood_still_beyond_its_lease_takes_the_newer_token,
    a_login_of_a_killed_process_counts_and_the_others_go_on,
);

/// What a password that is not right may be answered with, by the API or by a gateway before it, and whether credentials that
/// worked are only paused by it.
const REJECTIONS: [(Rejection, bool); 8] = [
    (Rejection::FORBIDDEN, false),
    (Rejection::Reply(401, "text/html", "<html>Unauthorized</html>"), false),
    (Rejection::Reply(404, "text/html", "<html>Not Found</html>"), false),
    (Rejection::Reply(200, "application/json", "{}"), false),
    (Rejection::Reply(200, "text/html", "<html>Please sign in</html>"), false),
    (
        Rejection::Reply(429, "application/json", r#"{"message":"Too many"}"#),
        true,
    ),
    (Rejection::Reply(500, "text/html", "<html>Error</html>"), true),
    (Rejection::CutOff, true),
];
/// Longer than any pause.
const QUARTER: Duration = Duration::from_secs(16 * 60);

fn settings(place: &Place, login_timeout: Duration) -> Settings {
    Settings {
        url: place.url.clone(),
        keys: KEY.to_owned(),
        login_timeout,
        stops_after_login: false,
    }
}

fn start(settings: &Settings, count: usize) -> Vec<Process> {
    (0..count).map(|_| Process::start(settings)).collect()
}

async fn twenty_processes_log_in_once_and_try_a_wrong_password_once(place: &Place) {
    let server = LoginServer::start();
    let mut processes = start(&settings(place, LOGIN_TIMEOUT), 20);
    let account = Account::at(&server);
    connect(&mut processes, &account);
    server.hold();
    let answers = tokens_at_once(&mut processes, &account, || {
        server.wait_for_a_login();
        server.release();
    });
    for answer in &answers {
        assert_eq!(answer.token.as_ref(), server.tokens().first(), "{answer:?}");
    }
    assert_eq!(server.logins(), 1);

    let wrong = account.of_user("another").with_password(WRONG_PASSWORD);
    for _ in 0..3 {
        for answer in tokens_at_once(&mut processes, &wrong, || {}) {
            assert!(
                answer.is_rejected && answer.is_latched && answer.strikes == 1,
                "{answer:?}"
            );
        }
    }
    assert_eq!((server.rejected(), server.most_in_flight()), (1, 1));
}

async fn a_changed_password_is_tried_twice_at_the_most_however_it_is_rejected(place: &Place) {
    let mut processes = start(&settings(place, LOGIN_TIMEOUT), 6);
    let has_clock = place.advance(Duration::ZERO);
    for (rejection, only_pauses) in REJECTIONS {
        let server = LoginServer::start();
        server.reject_by(rejection);
        let account = Account::at(&server);
        place.client(&account).access_token().await.unwrap();
        // It has worked, and works no more. Its token has ended, or was refused.
        server.change_password("next-password-8673254");
        let client = place.client(&account);
        place::connect(std::slice::from_ref(&client)).await;
        client.access_token().await.unwrap();
        client.refresh_now().await.unwrap_err();
        assert_eq!(server.rejected(), 1, "{rejection:?}");
        // Nobody sends another one while it pauses.
        for answer in tokens_at_once(&mut processes, &account, || {}) {
            assert!(answer.is_paused, "{rejection:?}: {answer:?}");
        }
        assert_eq!(server.rejected(), 1, "{rejection:?}");
        for round in 2..=4 {
            if place.advance(QUARTER) {
                tokens_at_once(&mut processes, &account, || {});
                // What says nothing of a password costs credentials that worked one attempt in each pause.
                let permitted = if only_pauses { round } else { 2 };
                assert_eq!(server.rejected(), permitted, "{rejection:?}");
            }
        }

        // Credentials that never worked are tried twice at the most, whatever comes back.
        let wrong = account.of_user("another").with_password(WRONG_PASSWORD);
        let before = server.rejected();
        for _ in 0..4 {
            tokens_at_once(&mut processes, &wrong, || {});
            place.advance(QUARTER);
        }
        let permitted = if has_clock { 2 } else { 1 };
        assert_eq!(server.rejected() - before, permitted, "{rejection:?}");
        assert_eq!(server.most_in_flight(), 1, "{rejection:?}");
    }
}

/// Until a login that nobody tells the end of counts as lost.
fn end_lease(place: &Place) {
    place.advance(place.login_timeout() + Duration::from_secs(6));
}

async fn a_process_that_stood_still_beyond_its_lease_takes_the_newer_token(place: &Place) {
    let server = LoginServer::start();
    let account = Account::at(&server);
    let settings = settings(place, place.login_timeout());
    let mut holder = Process::start(&Settings {
        stops_after_login: true,
        ..settings.clone()
    });
    holder.ask_for_token(&account);
    holder.wait_until_stopped();
    assert_eq!(server.logins(), 1);

    let mut other = Process::start(&settings);
    end_lease(place);
    let answer = other.token(&account);
    assert!(answer.is_paused && answer.strikes == 1, "{answer:?}");
    assert_eq!(other.reset(&account).error, "");
    let newer = other.token(&account).token;
    assert_eq!((server.logins(), newer.as_ref()), (2, server.tokens().last()));

    holder.go_on();
    assert_eq!(holder.hear().token, newer);
    let mut third = Process::start(&settings);
    assert_eq!(third.token(&account).token, newer);
    assert_eq!(server.logins(), 2);
}

async fn a_login_of_a_killed_process_counts_and_the_others_go_on(place: &Place) {
    let server = LoginServer::start();
    let account = Account::at(&server);
    let settings = settings(place, place.login_timeout());
    let (mut holder, mut others) = (Process::start(&settings), start(&settings, 3));
    server.hold();
    holder.ask_for_token(&account);
    server.wait_for_a_login();
    holder.kill();
    server.release();

    // They wait for the end of its lease.
    let answers = tokens_at_once(&mut others, &account, || end_lease(place));
    let is_paused = |answer: &Answer| answer.is_paused && answer.strikes == 1;
    assert!(answers.iter().all(is_paused), "{answers:?}");
    assert_eq!(server.logins(), 1);
    if !place.advance(Duration::from_secs(31)) {
        assert_eq!(others[0].reset(&account).error, "");
    }
    for answer in tokens_at_once(&mut others, &account, || {}) {
        assert_eq!(answer.token.as_ref(), server.tokens().last(), "{answer:?}");
    }
    assert_eq!(others[0].state(&account).strikes, 0);
    assert_eq!((server.logins(), server.most_in_flight()), (2, 1));
}
