//! Login: the grant, the token's life, the lock after three failures in a row, and what a bearer opens.

mod client;

use std::time::Duration;

use jiff::Timestamp;

use client::{ACCOUNT, Client, HOLDER, assert_error, assert_sound, reply};
use enkash_sandbox::{
    Operation, Sandbox, Switches,
    clock::ManualClock,
    switches::{ExpiresIn, TokenCasing, TokenReuse},
};
use serde_json::json;

/// A clock that moves only when the sandbox is moved.
fn still() -> ManualClock {
    ManualClock::at(Timestamp::from_second(1_700_000_000).expect("an instant that fits"))
}

#[tokio::test]
async fn a_login_gives_the_documented_fields() {
    let sandbox = Sandbox::builder().clock(still()).start().await.unwrap();
    let client = Client::new(&sandbox);
    let (status, body) = client.login(&client.to.username, &client.to.password).await;
    assert_eq!(status, 200);
    assert_eq!(body["access_token"].as_str().unwrap().len(), 27);
    assert_eq!(body["refresh_token"].as_str().unwrap().len(), 27);
    assert_eq!(body["token_type"], "bearer");
    assert_eq!(body["scope"], "read write trust");
    assert_eq!(body["expires_in"], 300);
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);
    assert_sound(&sandbox);
}

/// One that is started again is another portal, and must not take what the earlier one gave.
#[tokio::test]
async fn a_token_is_good_for_the_sandbox_that_gave_it_and_for_no_other() {
    let (one, other) = (Sandbox::start().await.unwrap(), Sandbox::start().await.unwrap());
    let (ours, mut client) = (Client::partner(&one).await, Client::partner(&other).await);
    assert_eq!(client.post(ACCOUNT, &client.account()).await.0, 200);
    client.token = ours.token;
    assert_eq!(client.post(ACCOUNT, &client.account()).await.0, 401);
}

#[tokio::test]
async fn three_failures_in_a_row_lock_the_account_even_for_the_right_password() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::new(&sandbox);
    let (user, right) = (client.to.username.clone(), client.to.password.clone());
    for _ in 0..2 {
        let (status, body) = client.login(&user, "wrong").await;
        assert_eq!(status, 400);
        assert_eq!(body["error"], "invalid_grant");
    }
    assert_eq!(client.login(&user, &right).await.0, 200, "two failures do not lock");
    for _ in 0..3 {
        assert!(!sandbox.is_locked(&user), "a success starts the count again");
        client.login(&user, "wrong").await;
    }
    assert!(sandbox.is_locked(&user));
    let (status, body) = client.login(&user, &right).await;
    assert_eq!(status, 400);
    assert_eq!(body["error_description"], "User account is locked");
    assert_eq!(
        client.login(HOLDER, &right).await.0,
        200,
        "another account is not locked"
    );
    assert!(sandbox.unlock(&user));
    assert_eq!(client.login(&user, &right).await.0, 200);
    assert_sound(&sandbox);
}

#[tokio::test]
async fn a_wrong_client_secret_is_a_strike_too_and_missing_basic_is_not() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut client = Client::new(&sandbox);
    let (user, right) = (client.to.username.clone(), client.to.password.clone());
    for _ in 0..3 {
        let request = client.http.post(format!("{}/oauth/token", client.to.url));
        let form = [
            ("username", user.as_str()),
            ("password", &right),
            ("grant_type", "password"),
            ("clientId", "x"),
        ];
        let (status, _) = reply(request.form(&form).send().await.unwrap()).await;
        assert_eq!(status, 401);
    }
    assert!(!sandbox.is_locked(&user));
    client.to.client_secret = "0".repeat(40);
    for _ in 0..3 {
        let (status, body) = client.login(&user, &right).await;
        assert_eq!((status.as_u16(), &body["error"]), (401, &json!("invalid_client")));
    }
    assert!(sandbox.is_locked(&user));
    assert_sound(&sandbox);
}

#[tokio::test]
async fn another_grant_and_a_missing_field_are_refused_without_a_strike() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::new(&sandbox);
    let forms = [
        vec![
            ("username", "u"),
            ("password", "p"),
            ("grant_type", "refresh_token"),
            ("clientId", "c"),
        ],
        vec![("username", "u"), ("grant_type", "password"), ("clientId", "c")],
    ];
    for form in forms {
        let request = client.login_request("x", "y").form(&form);
        let (status, body) = reply(request.send().await.unwrap()).await;
        assert_eq!(status, 400, "{body}");
        assert!(body["error"].is_string(), "{body}");
    }
    assert_sound(&sandbox);
}

#[tokio::test]
async fn a_token_dies_when_its_life_is_over_on_the_sandbox_clock() {
    let sandbox = Sandbox::builder()
        .clock(still())
        .token_life(Duration::from_secs(60))
        .start()
        .await
        .unwrap();
    let client = Client::partner(&sandbox).await;
    sandbox.advance(Duration::from_secs(59));
    assert_eq!(client.post(ACCOUNT, &client.account()).await.0, 200);
    sandbox.advance(Duration::from_secs(1));
    let response = client
        .request(reqwest::Method::POST, ACCOUNT)
        .json(&client.account())
        .send()
        .await
        .unwrap();
    let challenge = response.headers()["www-authenticate"].to_str().unwrap().to_owned();
    assert!(challenge.starts_with("Bearer"), "{challenge}");
    assert_error(&reply(response).await, 401, "expired");
    assert_sound(&sandbox);
}

#[tokio::test]
async fn no_token_a_wrong_one_and_a_revoked_one_get_401() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut client = Client::partner(&sandbox).await;
    let url = format!("{}{ACCOUNT}", client.to.url);
    let bare = client
        .http
        .post(&url)
        .header("partnerId", &client.to.partner_id)
        .json(&client.account());
    assert_error(&reply(bare.send().await.unwrap()).await, 401, "required");
    let basic = client
        .http
        .post(&url)
        .basic_auth("a", Some("b"))
        .json(&client.account());
    assert_error(&reply(basic.send().await.unwrap()).await, 401, "required");
    sandbox.revoke_tokens();
    assert_error(&client.post(ACCOUNT, &client.account()).await, 401, "not known");
    client.token = "x".repeat(27);
    assert_error(&client.post(ACCOUNT, &client.account()).await, 401, "not known");
    assert_sound(&sandbox);
}

#[tokio::test]
async fn reuse_gives_the_live_token_a_new_one_or_kills_the_old_one() {
    let sandbox = Sandbox::builder().clock(still()).start().await.unwrap();
    let first = Client::partner(&sandbox).await;
    let second = Client::partner(&sandbox).await;
    assert_ne!(first.token, second.token);
    assert_eq!(
        first.post(ACCOUNT, &first.account()).await.0,
        200,
        "new: the old one lives on"
    );

    sandbox.set_switches(Switches::new().token_reuse(TokenReuse::Live));
    sandbox.advance(Duration::from_secs(100));
    let (_, body) = first.login(&first.to.username, &first.to.password).await;
    assert_eq!(
        body["access_token"], second.token,
        "live: the token that lives comes again"
    );
    assert_eq!(body["expires_in"], 200);
    sandbox.advance(Duration::from_secs(200));
    let third = Client::partner(&sandbox).await;
    assert_ne!(third.token, second.token, "live: a dead token does not come again");

    sandbox.set_switches(Switches::new().token_reuse(TokenReuse::RevokeOld));
    let fourth = Client::partner(&sandbox).await;
    assert_error(&third.post(ACCOUNT, &third.account()).await, 401, "not known");
    assert_eq!(fourth.post(ACCOUNT, &fourth.account()).await.0, 200);
    assert_sound(&sandbox);
}

#[tokio::test]
async fn expires_in_and_the_casing_follow_their_switches() {
    let sandbox = Sandbox::builder().clock(still()).start().await.unwrap();
    let client = Client::new(&sandbox);
    let log_in = async |switches: Switches| {
        sandbox.set_switches(switches);
        client.login(&client.to.username, &client.to.password).await.1
    };
    assert_eq!(
        log_in(Switches::new().expires_in(ExpiresIn::Documented)).await["expires_in"],
        86_399
    );
    assert_eq!(
        log_in(Switches::new().expires_in(ExpiresIn::Zero)).await["expires_in"],
        0
    );
    assert!(
        log_in(Switches::new().expires_in(ExpiresIn::Absent))
            .await
            .get("expires_in")
            .is_none()
    );
    let absolute = log_in(Switches::new().expires_in(ExpiresIn::AbsoluteMilliseconds)).await;
    assert_eq!(absolute["expires_in"], 1_700_000_300_000_i64);

    let camel = log_in(Switches::new().token_casing(TokenCasing::Camel)).await;
    assert!(
        camel["accessToken"].is_string() && camel.get("access_token").is_none(),
        "{camel}"
    );
    let inside = log_in(Switches::new().token_casing(TokenCasing::Payload)).await;
    assert_eq!(inside["response_code"], 0);
    assert!(inside["payload"]["access_token"].is_string(), "{inside}");
    assert_sound(&sandbox);
}
