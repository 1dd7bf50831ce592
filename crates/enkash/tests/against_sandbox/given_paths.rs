//! Paths that a user gives: they do not lead a call to another operation, and nothing is repeated on them.

use enkash::{
    Error, OperationId, raw,
    spec::{Method, PathTemplate},
};
use enkash_sandbox::{Fault, FaultRule, Operation, When};

use crate::fixture::{Fixture, builder};

const ALLOCATE: &str = "/api/v0/partner/enKashCard/create-allocate-points";

fn post(path: &str) -> PathTemplate {
    PathTemplate::new(Method::POST, path).unwrap()
}

#[tokio::test]
async fn a_client_that_reads_where_value_moves_is_not_built() {
    let fixture = Fixture::start().await;
    for (operation, path) in [
        (OperationId::GetRewardAccount, ALLOCATE),
        (
            OperationId::SearchCards,
            "/api/v0/partner/EnKashCard/Create-Allocate-Points",
        ),
        (OperationId::SearchCatalog, "/api/v0/partner/enKashCard/{page}"),
        (OperationId::SearchOrders, "/api/v0/partner/create-order"),
        (OperationId::GetRewardAccount, "/oauth/token"),
        (OperationId::CreateCoinEvent, "/api/v0/enkash-coins/allocate-coin"),
    ] {
        let refused = builder(&fixture.sandbox).path(operation, post(path)).build();
        let error: Error = refused.map(|_| path).unwrap_err();
        assert!(error.is_invalid_input(), "{error}");
        let said = error.to_string();
        assert!(
            said.contains(operation.operation().name) && said.contains(path),
            "{said}"
        );
        assert!(
            said.contains("moves value") || said.contains("is never repeated"),
            "{said}"
        );
    }
    assert!(fixture.sandbox.log().is_empty());
}

/// The low level takes paths too, and knows nothing of value; the pipeline behind it does.
#[tokio::test]
async fn a_read_of_the_low_level_is_not_sent_where_value_moves() {
    let fixture = Fixture::start().await;
    let filled = post("/api/v0/partner/enKashCard/{page}")
        .fill("page", "create-allocate-points")
        .unwrap();
    for path in [post(ALLOCATE), filled] {
        let operation = OperationId::GetRewardAccount;
        let client = raw::client(&fixture.enkash, operation).with_path(operation, path);
        let to = fixture.sandbox.credentials();
        let body = raw::types::RewardAccountRequest::builder()
            .card_account_id(to.card_account_id.as_str())
            .company_id(to.company_id.as_str());
        let sent = client
            .get_reward_account()
            .partner_id(to.partner_id.as_str())
            .body(body)
            .send()
            .await;
        assert!(sent.is_err());
        assert_eq!(fixture.sandbox.calls(Operation::CreateAllocatePoints), 0);
        assert!(fixture.sandbox.log().is_empty());
    }
}

#[tokio::test]
async fn a_read_on_a_given_path_is_sent_once_whatever_comes_back() {
    let fixture = Fixture::start().await;
    let operation = OperationId::GetRewardAccount;
    let enkash = builder(&fixture.sandbox)
        .path(operation, post(operation.operation().path))
        .build()
        .unwrap();
    let to = fixture.sandbox.credentials();
    let rewards = enkash.rewards(to.company_id.as_str(), to.card_account_id.as_str());
    rewards.account().await.unwrap();
    for (number, fault) in [Fault::BadGateway(When::Before), Fault::Unauthorized(When::Before)]
        .into_iter()
        .enumerate()
    {
        fixture
            .sandbox
            .add_fault(FaultRule::on(Operation::GetRewardAccount, fault));
        rewards.account().await.unwrap_err();
        fixture.sandbox.clear_faults();
        assert_eq!(fixture.sandbox.calls(Operation::GetRewardAccount), 2 + number as u64);
    }
}
