//! The token layer as a `reqwest-middleware` middleware, in a client that uses nothing else of ours: one
//! log-in, a replay only where it cannot do harm, and errors that keep their type.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use enkash::{
    Credentials,
    token::{Replayable, TokenMiddleware, TokenSource},
};
use enkash_sandbox::{Fault, FaultRule, Operation, Sandbox, When};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, RequestBuilder};
use serde_json::json;

const BALANCE: &str = "/api/v0/coins/balance?userId=EK0NOBODY";
const ACCOUNT: &str = "/api/v0/partner/enKashCard/cardAccount/get";

struct Bench {
    sandbox: Sandbox,
    client: ClientWithMiddleware,
}

impl Bench {
    async fn start() -> Self {
        let sandbox = Sandbox::start().await.unwrap();
        let password = sandbox.credentials().password.clone();
        Self::with_password(sandbox, &password)
    }

    fn with_password(sandbox: Sandbox, password: &str) -> Self {
        let to = sandbox.credentials();
        let credentials = Credentials::new(
            to.client_id.as_str(),
            to.client_secret.as_str(),
            to.username.as_str(),
            password,
        );
        let tokens = TokenSource::builder(sandbox.url())
            .credentials(credentials)
            .build()
            .unwrap();
        let client = ClientBuilder::new(enkash_api::http_client_builder().build().unwrap())
            .with(TokenMiddleware::new(tokens))
            .build();
        Self { sandbox, client }
    }

    fn account(&self) -> RequestBuilder {
        let to = self.sandbox.credentials();
        let body = json!({"companyId": to.company_id, "cardAccountId": to.card_account_id});
        self.client
            .post(format!("{}{ACCOUNT}", self.sandbox.url()))
            .header("partnerId", &to.partner_id)
            .header("content-type", "application/json")
            .body(body.to_string())
    }

    fn balance(&self) -> RequestBuilder {
        self.client.get(format!("{}{BALANCE}", self.sandbox.url()))
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.sandbox.violations(), Vec::<String>::new());
        }
    }
}

#[tokio::test]
async fn many_requests_share_one_log_in() {
    let bench = Bench::start().await;
    for _ in 0..20 {
        assert_eq!(bench.account().send().await.unwrap().status(), 200);
    }
    assert_eq!(bench.sandbox.calls(Operation::IssueToken), 1);
}

#[tokio::test]
async fn after_a_401_only_what_cannot_do_harm_is_replayed() {
    let bench = Bench::start().await;
    assert_eq!(bench.account().send().await.unwrap().status(), 200);

    // A POST keeps its 401, unless its sender says that it may be sent again.
    bench.sandbox.revoke_tokens();
    assert_eq!(bench.account().send().await.unwrap().status(), 401);
    assert_eq!(bench.account().send().await.unwrap().status(), 200);
    assert_eq!(bench.sandbox.calls(Operation::GetRewardAccount), 3);

    let bench = Bench::start().await;
    bench
        .sandbox
        .add_fault(FaultRule::on(Operation::GetCoinBalance, Fault::Unauthorized(When::Before)).times(1));
    assert_ne!(bench.balance().send().await.unwrap().status(), 401, "a GET is replayed");
    assert_eq!(bench.sandbox.calls(Operation::GetCoinBalance), 2);
}

#[tokio::test]
async fn a_request_marked_as_replayable_is_replayed_once() {
    let bench = Bench::start().await;
    assert_eq!(bench.account().send().await.unwrap().status(), 200);
    bench.sandbox.revoke_tokens();
    assert_eq!(
        bench
            .account()
            .with_extension(Replayable)
            .send()
            .await
            .unwrap()
            .status(),
        200
    );

    bench.sandbox.add_fault(FaultRule::on(
        Operation::GetRewardAccount,
        Fault::Unauthorized(When::Before),
    ));
    let before = bench.sandbox.calls(Operation::GetRewardAccount);
    assert_eq!(
        bench
            .account()
            .with_extension(Replayable)
            .send()
            .await
            .unwrap()
            .status(),
        401
    );
    assert!(bench.sandbox.calls(Operation::GetRewardAccount) - before <= 2);
}

#[tokio::test]
async fn our_error_is_found_in_the_middlewares() {
    let bench = Bench::with_password(Sandbox::start().await.unwrap(), "wrong");
    for _ in 0..5 {
        let error = bench.account().send().await.unwrap_err();
        let reqwest_middleware::Error::Middleware(error) = error else {
            panic!("another kind: {error}");
        };
        let ours = error.downcast_ref::<enkash::Error>().unwrap();
        assert!(ours.is_credentials_rejected() && !ours.was_sent());
    }
    assert_eq!(bench.sandbox.calls(Operation::IssueToken), 1);
}

#[tokio::test]
async fn the_token_goes_nowhere_else() {
    let (bench, elsewhere) = (Bench::start().await, Sandbox::start().await.unwrap());
    let error = bench
        .client
        .get(format!("{}{BALANCE}", elsewhere.url()))
        .send()
        .await
        .unwrap_err();
    assert!(
        format!("{error:?}").contains("the token is not sent to 127.0.0.1"),
        "{error:?}"
    );
    assert!(elsewhere.log().is_empty());
}
