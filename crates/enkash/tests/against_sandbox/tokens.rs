//! Logins and tokens against a server that counts them.

use std::{
    io::ErrorKind,
    net::TcpListener,
    sync::{Arc, Mutex},
    time::Duration,
};

use enkash::{
    Credentials, Enkash, Hosts, Outcome,
    reqwest::Proxy,
    token::{LedgerFuture, LedgerUpdate, LoginIdentity, MemoryLedger, StrikeLedger, TokenSource},
};
use enkash_sandbox::{
    Fault, FaultRule, Operation, Sandbox, Switches, When,
    switches::{ExpiresIn, TokenCasing, TokenReuse},
};

use crate::fixture::{Fixture, allocation, builder, builder_of, builder_with_password, until};

#[tokio::test]
async fn many_calls_share_one_log_in() {
    let fixture = Fixture::start().await;
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let rewards = fixture.rewards();
            tokio::spawn(async move { rewards.account().await.unwrap().value().available_balance.unwrap() })
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
    assert_eq!(fixture.sandbox.calls(Operation::IssueToken), 1);
}

#[tokio::test]
async fn a_wrong_password_spends_one_strike() {
    let sandbox = Sandbox::start().await.unwrap();
    let enkash = builder_with_password(&sandbox, "wrong").build().unwrap();
    let to = sandbox.credentials();
    for _ in 0..10 {
        let rewards = enkash.rewards(to.company_id.as_str(), to.card_account_id.as_str());
        let error = rewards.account().await.unwrap_err();
        assert!(
            error.is_credentials_rejected() && error.is_account_at_risk() && !error.is_login_uncertain(),
            "{error}"
        );
        let Outcome::NotSent(error) = rewards.allocate(allocation("1", "REF1")).await else {
            panic!("sent without a token");
        };
        assert!(error.is_credentials_rejected() && !error.was_sent());
        assert!(!error.to_string().contains("wrong"));
        assert!(error.advice().unwrap().contains("reset_latch"));
    }
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);
    assert!(!sandbox.is_locked(&to.username));
    assert!(enkash.token_state().is_latched);
}

#[tokio::test]
async fn a_recorder_is_shown_each_response_to_a_login_and_may_panic() {
    let sandbox = Sandbox::start().await.unwrap();
    let credentials = sandbox.credentials();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let source = |password: &str| {
        let seen = Arc::clone(&seen);
        TokenSource::builder(sandbox.url())
            .credentials(Credentials::new(
                &credentials.client_id,
                credentials.client_secret.as_str(),
                credentials.username.as_str(),
                password,
            ))
            .strike_ledger(MemoryLedger::default())
            .on_login_response(move |response| {
                let text = String::from_utf8_lossy(response.body()).into_owned();
                assert!(!format!("{response:?}").contains(&text));
                seen.lock().unwrap().push((response.status().as_u16(), text));
                panic!("a recorder that fails fails alone");
            })
            .build()
            .unwrap()
    };
    let token = source(&credentials.password).access_token().await.unwrap();
    source("wrong").access_token().await.unwrap_err();
    let seen = seen.lock().unwrap();
    let [(200, granted), (400, refused)] = seen.as_slice() else {
        panic!("{} responses", seen.len());
    };
    assert!(granted.contains(token.expose()));
    assert!(refused.contains("invalid_grant"));
}

#[tokio::test]
async fn a_log_in_that_may_have_been_counted_is_told_from_one_that_was_never_sent() {
    for fault in [
        Fault::Reset(When::Before),
        Fault::Reset(When::After),
        Fault::TornBody,
        Fault::BadGateway(When::After),
        Fault::Forbidden(When::Before),
    ] {
        let sandbox = Sandbox::start().await.unwrap();
        sandbox.add_fault(FaultRule::on(Operation::IssueToken, fault.clone()));
        let enkash = builder_with_password(&sandbox, &sandbox.credentials().password)
            .build()
            .unwrap();
        let error = enkash.token().await.unwrap_err();
        assert!(
            error.is_login_uncertain() && !error.is_account_at_risk(),
            "{fault:?}: {error}"
        );
        assert!(!error.was_sent(), "no call was");
        assert_eq!(enkash.token_state().strikes, 1, "{fault:?}");
        // A money call says the same.
        let to = sandbox.credentials();
        let rewards = enkash.rewards(to.company_id.as_str(), to.card_account_id.as_str());
        let Outcome::NotSent(error) = rewards.allocate(allocation("1", "REF1")).await else {
            panic!("sent without a token");
        };
        assert!(error.is_login_uncertain(), "{fault:?}: {error}");
    }

    let sandbox = Sandbox::start().await.unwrap();
    let enkash = builder_with_password(&sandbox, &sandbox.credentials().password)
        .build()
        .unwrap();
    sandbox.refuse_connections().await;
    let error = enkash.token().await.unwrap_err();
    assert!(!error.is_login_uncertain(), "{error}");
    assert_eq!(enkash.token_state().strikes, 0);
}

/// One ledger for clients that share nothing else, as processes do.
#[derive(Clone, Debug, Default)]
struct SharedLedger(Arc<MemoryLedger>);

impl StrikeLedger for SharedLedger {
    fn change<'a>(&'a self, identity: &'a LoginIdentity, step: LedgerUpdate) -> LedgerFuture<'a> {
        self.0.change(identity, step)
    }
}

#[tokio::test]
async fn a_call_waits_for_the_log_in_of_others_no_longer_than_it_may_take() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.add_fault(FaultRule::on(Operation::IssueToken, Fault::StalledBody));
    let ledger = SharedLedger::default();
    let holder = builder(&sandbox).strike_ledger(ledger.clone()).build().unwrap();
    let flight = tokio::spawn(async move { holder.token().await.map(drop) });
    until("a log-in", || sandbox.calls(Operation::IssueToken) == 1).await;
    let millis = Duration::from_millis;
    let waiting = builder(&sandbox)
        .strike_ledger(ledger)
        .connect_timeout(millis(50))
        .attempt_timeout(millis(100))
        .operation_timeout(millis(100))
        .build()
        .unwrap();
    let to = sandbox.credentials();
    let rewards = waiting.rewards(to.company_id.as_str(), to.card_account_id.as_str());
    let Outcome::NotSent(error) = rewards.allocate(allocation("1", "REF1")).await else {
        panic!("sent without a token");
    };
    assert!(
        error.is_timeout() && error.to_string().contains("waited for a token"),
        "{error}"
    );
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);
    flight.abort();
}

#[tokio::test]
async fn a_revoked_token_costs_one_log_in_and_one_replay_for_each_read() {
    let fixture = Fixture::start().await;
    fixture.rewards().account().await.unwrap();
    fixture.sandbox.revoke_tokens();
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let rewards = fixture.rewards();
            tokio::spawn(async move { rewards.account().await.map(drop) })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(fixture.sandbox.calls(Operation::IssueToken), 2);
}

#[tokio::test]
async fn a_read_that_is_always_refused_is_replayed_once() {
    let fixture = Fixture::start().await;
    fixture.rewards().account().await.unwrap();
    fixture.sandbox.add_fault(FaultRule::on(
        Operation::GetRewardAccount,
        Fault::Unauthorized(When::Before),
    ));
    let error = fixture.rewards().account().await.unwrap_err();
    assert_eq!(error.status().unwrap().as_u16(), 401);
    assert_eq!(fixture.sandbox.calls(Operation::GetRewardAccount), 3);
    assert_eq!(fixture.sandbox.calls(Operation::IssueToken), 2);
}

#[tokio::test]
async fn a_money_call_refused_with_401_is_unknown_and_the_next_one_has_a_new_token() {
    for when in [When::Before, When::After] {
        let fixture = Fixture::start().await;
        fixture
            .sandbox
            .add_fault(FaultRule::on(Operation::CreateAllocatePoints, Fault::Unauthorized(when)).nth(1));
        let Outcome::Unknown(unknown) = fixture.rewards().allocate(allocation("1", "REF1")).await else {
            panic!("a 401 proves nothing");
        };
        assert_eq!(unknown.ticket.reference.as_str(), "REF1");
        assert_eq!(fixture.sandbox.calls(Operation::CreateAllocatePoints), 1);
        assert_eq!(
            fixture.rewards().allocate(allocation("1", "REF2")).await.as_str(),
            "done"
        );
        assert_eq!(fixture.sandbox.calls(Operation::IssueToken), 2);
    }
}

#[tokio::test]
async fn every_form_of_token_answer_is_read() {
    for casing in [TokenCasing::Snake, TokenCasing::Camel, TokenCasing::Payload] {
        for expires_in in [
            ExpiresIn::Documented,
            ExpiresIn::Absent,
            ExpiresIn::Zero,
            ExpiresIn::AbsoluteMilliseconds,
        ] {
            let switches = Switches::new().token_casing(casing).expires_in(expires_in);
            let fixture = Fixture::of(Sandbox::builder().switches(switches).start().await.unwrap());
            let state = fixture.enkash.token().await.unwrap();
            let left = state.lifetime_left.unwrap();
            assert!(left.as_secs() <= 300, "{casing:?} {expires_in:?}: {left:?}");
            assert_eq!(state.generation, 1);
            fixture.rewards().account().await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_server_that_hands_the_live_token_back_is_not_asked_again_and_again() {
    let switches = Switches::new().token_reuse(TokenReuse::Live);
    let fixture = Fixture::of(Sandbox::builder().switches(switches).start().await.unwrap());
    fixture.rewards().account().await.unwrap();
    fixture.sandbox.add_fault(FaultRule::on(
        Operation::GetRewardAccount,
        Fault::Unauthorized(When::Before),
    ));
    for _ in 0..10 {
        // A replay with the same bytes would be refused the same way.
        fixture.rewards().account().await.unwrap_err();
    }
    assert_eq!(fixture.sandbox.calls(Operation::GetRewardAccount), 11);
    assert!(
        fixture.sandbox.calls(Operation::IssueToken) <= 3,
        "{}",
        fixture.sandbox.calls(Operation::IssueToken)
    );
}

#[tokio::test]
async fn credentials_do_not_travel_over_plain_http() {
    let sandbox = Sandbox::start().await.unwrap();
    let to = sandbox.credentials();
    let credentials = enkash::Credentials::new(
        to.client_id.as_str(),
        to.client_secret.as_str(),
        "9000000001",
        "opaque-pass",
    );
    let enkash = Enkash::builder(Hosts::new("http://192.0.2.1"))
        .credentials(credentials)
        .partner_id("CRMXWB3ZM")
        .build()
        .unwrap();
    let error = enkash.token().await.unwrap_err();
    assert!(error.to_string().contains("192.0.2.1 over plain http"), "{error}");
    assert!(!error.to_string().contains("opaque-pass"));
}

#[tokio::test]
async fn a_name_that_resolves_to_loopback_only_may_use_plain_http() {
    let sandbox = Sandbox::start().await.unwrap();
    let to = sandbox.credentials();
    let by_name = Hosts::new(format!("http://localhost:{}", sandbox.address().port()));
    let enkash = builder_of(by_name, &sandbox).build().unwrap();
    let rewards = enkash.rewards(to.company_id.as_str(), to.card_account_id.as_str());
    rewards.account().await.unwrap();
}

#[tokio::test]
async fn a_host_allowed_by_name_is_sent_log_ins_and_calls_over_plain_http() {
    let sandbox = Sandbox::start().await.unwrap();
    let to = sandbox.credentials();
    let address = sandbox.address();
    let hosts = Hosts::new(format!("http://stub.test:{}", address.port()));
    let enkash = builder_of(hosts, &sandbox)
        .allow_plain_http("stub.test")
        .configure_http(move |http| http.no_proxy().resolve("stub.test", address))
        .build()
        .unwrap();
    let rewards = enkash.rewards(to.company_id.as_str(), to.card_account_id.as_str());
    rewards.account().await.unwrap();
}

/// A proxy would carry the bearer in the clear, and connect to whom it likes.
#[tokio::test]
async fn plain_http_to_this_machine_goes_through_no_proxy() {
    let sandbox = Sandbox::start().await.unwrap();
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    proxy.set_nonblocking(true).unwrap();
    let through = Proxy::all(format!("http://{}", proxy.local_addr().unwrap())).unwrap();
    // One host elsewhere: not all of the client's hosts are this machine.
    let hosts = Hosts::new(sandbox.url()).tag("Redemption", "https://portal.invalid");
    let to = sandbox.credentials();
    let enkash = builder_of(hosts, &sandbox)
        .configure_http(move |http| http.proxy(through.clone()))
        .build()
        .unwrap();
    let rewards = enkash.rewards(to.company_id.as_str(), to.card_account_id.as_str());
    rewards.account().await.unwrap();
    assert_eq!(proxy.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[tokio::test]
async fn a_builder_names_what_cannot_be_right() {
    let sandbox = Sandbox::start().await.unwrap();
    let error = Enkash::builder(Hosts::new("https://api.example")).build().unwrap_err();
    assert!(
        error
            .to_string()
            .contains("`credentials` (or `token_source`) and `partner_id`"),
        "{error}"
    );
    let slow = std::time::Duration::from_secs(30);
    let error = builder(&sandbox).connect_timeout(slow).build().unwrap_err();
    assert!(
        error.to_string().contains("shorter than the attempt timeout"),
        "{error}"
    );
}

/// No token is held, so it is the login that finds nobody.
#[tokio::test]
async fn a_fresh_client_knows_that_the_host_cannot_be_reached() {
    let fixture = Fixture::start().await;
    fixture.sandbox.refuse_connections().await;
    let rewards = fixture.rewards();
    let Outcome::NotSent(of_money) = rewards.allocate(allocation("1", "REF1")).await else {
        panic!("nothing was sent");
    };
    let of_read = rewards.account().await.unwrap_err();
    let of_token = fixture.enkash.token().await.unwrap_err();
    for error in [of_money, of_read, of_token] {
        assert!(error.is_unreachable() && !error.was_sent(), "{error}");
        assert!(!error.is_login_uncertain() && !error.is_account_at_risk(), "{error}");
        let origin = fixture.sandbox.url().to_string();
        let origin = origin.trim_end_matches('/');
        let text = error.to_string();
        assert!(
            text.contains(&format!("the token host {origin} could not be reached: ")),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_login_at_a_wrong_path_names_where_it_was_sent() {
    let fixture = Fixture::start().await;
    let wrong = format!("{}/api/v0", fixture.sandbox.url().to_string().trim_end_matches('/'));
    let client = builder_of(Hosts::new(wrong.as_str()), &fixture.sandbox);
    let client = client.strike_ledger(MemoryLedger::default()).build().unwrap();
    let error = client.token().await.unwrap_err().to_string();
    assert!(
        error.contains(&format!("the login at {wrong} failed with HTTP 404")),
        "{error}"
    );
}
