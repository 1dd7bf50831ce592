//! What happens after a 401. The token cache has a clock here that never makes it wait between two logins: nothing but the
//! rules of the token layer keeps a call from being sent again.

use enkash_api::{OPERATIONS, OperationId};
use enkash_policy::After401;
use enkash_sandbox::{Fault, FaultRule, Operation, Sandbox, When};

use crate::{
    client::Enkash,
    model::{credentials::Credentials, hosts::Hosts},
    outcome::{Outcome, UnknownReason},
    policy::Policies,
    tests::support::{
        ACCOUNT, BUSY, ScriptStep, ScriptedSender, SkippingClock, Tokens, allocation, builder_with, pipeline, rewards,
        skipping_pipeline,
    },
    token_source::TokenSource,
};

const READ: OperationId = OperationId::GetRewardAccount;
const UNAUTHORIZED: ScriptStep = ScriptStep::Answer(401, "{}");

#[tokio::test]
async fn a_refused_read_is_replayed_once_with_a_newer_token_and_nothing_else_is() {
    let mut replayed = 0;
    for operation in OPERATIONS {
        let script = ScriptedSender::always(UNAUTHORIZED);
        let (answer, record) = skipping_pipeline(&script).send(operation.id).await;
        assert_eq!(answer.unwrap(), 401, "{}", operation.name);
        let is_replayed = Policies::shipped().of(operation.id).after_401 == After401::Replay;
        replayed += usize::from(is_replayed);
        let tokens: &[&str] = if is_replayed {
            &["token-0", "token-1"]
        } else {
            &["token-0"]
        };
        assert_eq!(script.bearers(), tokens, "{}", operation.name);
        assert_eq!(record.history().attempts.len(), tokens.len(), "{}", operation.name);
    }
    assert!(replayed > 0 && replayed < OPERATIONS.len());
}

#[tokio::test]
async fn nothing_is_replayed_on_a_path_that_the_user_gave() {
    for operation in OPERATIONS {
        let script = ScriptedSender::always(UNAUTHORIZED);
        let (answer, _) = skipping_pipeline(&script).send_on_given_path(operation.id).await;
        assert_eq!(answer.unwrap(), 401, "{}", operation.name);
        assert_eq!(script.bearers(), ["token-0"], "{}", operation.name);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_is_replayed_after_a_401_once_however_often_it_is_repeated() {
    let script = ScriptedSender::new([BUSY, UNAUTHORIZED, BUSY, UNAUTHORIZED, ACCOUNT]);
    let (answer, record) = skipping_pipeline(&script).send(READ).await;
    assert_eq!(answer.unwrap(), 401, "a second replay would have succeeded");
    assert_eq!(script.bearers(), ["token-0", "token-0", "token-1", "token-1"]);
    let attempts = record.history().attempts;
    let generations: Vec<_> = attempts.iter().map(|attempt| attempt.token_generation).collect();
    assert_eq!(generations, [Some(1), Some(1), Some(2), Some(2)]);
}

/// Without the clock, for the floor itself: a replay with the same bytes would meet the same refusal.
#[tokio::test]
async fn a_read_is_not_replayed_with_the_token_that_was_refused() {
    let script = ScriptedSender::always(UNAUTHORIZED);
    let pipeline = pipeline(&script);
    for _ in 0..2 {
        let (answer, _) = pipeline.send(READ).await;
        assert_eq!(answer.unwrap(), 401);
    }
    // The first call's replay, and then no login for a second.
    assert_eq!(script.bearers(), ["token-0", "token-1", "token-1"]);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_keeps_a_refused_token_takes_no_answer_away() {
    let script = ScriptedSender::always(UNAUTHORIZED);
    let enkash = builder_with(Tokens::keeping_refused())
        .build_with_sender(script.clone())
        .unwrap();
    let Outcome::Unknown(unknown) = rewards(&enkash).allocate(allocation()).await else {
        panic!("a 401 proves nothing");
    };
    let UnknownReason::UnclearAnswer(error) = &unknown.reason else {
        panic!("{unknown:?}");
    };
    assert_eq!(error.status().unwrap().as_u16(), 401);
    assert_eq!(script.sent(), 1);
}

/// The same at a real server that counts requests and logins.
#[tokio::test]
async fn at_a_server_that_refuses_every_token_a_read_costs_two_requests_and_a_money_call_one() {
    let sandbox = Sandbox::start().await.unwrap();
    let to = sandbox.credentials();
    let tokens = TokenSource::builder(sandbox.url())
        .credentials(Credentials::new(
            to.client_id.as_str(),
            to.client_secret.as_str(),
            to.username.as_str(),
            to.password.as_str(),
        ))
        .clock(SkippingClock::default())
        .build()
        .unwrap();
    let enkash = Enkash::builder(Hosts::new(sandbox.url()))
        .token_source(tokens)
        .partner_id(to.partner_id.as_str())
        .build()
        .unwrap();
    let rewards = enkash.rewards(to.company_id.as_str(), to.card_account_id.as_str());
    rewards.account().await.unwrap();
    let refused = Fault::Unauthorized(When::Before);
    sandbox.add_fault(FaultRule::on(Operation::GetRewardAccount, refused.clone()));
    sandbox.add_fault(FaultRule::on(Operation::CreateAllocatePoints, refused));

    let error = rewards.account().await.unwrap_err();
    assert_eq!(error.status().unwrap().as_u16(), 401);
    let generations: Vec<_> = error
        .attempts()
        .iter()
        .map(|attempt| attempt.token_generation)
        .collect();
    assert_eq!(generations, [Some(1), Some(2)]);
    assert_eq!(sandbox.calls(Operation::GetRewardAccount), 3);
    assert_eq!(sandbox.calls(Operation::IssueToken), 2);

    // A money call keeps its 401, and the next call has a newer token.
    for generation in [2, 3] {
        let Outcome::Unknown(unknown) = rewards.allocate(allocation()).await else {
            panic!("a 401 proves nothing");
        };
        assert_eq!(unknown.attempts().len(), 1);
        assert_eq!(unknown.attempts()[0].token_generation, Some(generation));
    }
    assert_eq!(sandbox.calls(Operation::CreateAllocatePoints), 2);
    assert_eq!(sandbox.calls(Operation::IssueToken), 3);
}
