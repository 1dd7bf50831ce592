//! Payload encryption against a server that wants it, in each form that the sandbox knows.

use enkash::{
    OperationId, Outcome,
    encryption::{EncryptedBodyFormat, Encryption, EncryptionMode, KeyDigest},
    raw,
    rewards::{CardSearch, CheckedPerson, Unallocation},
};
use enkash_sandbox::{
    Operation, Sandbox, Switches,
    switches::{Encryption as Wanted, ErrorBody},
};

use crate::fixture::{Fixture, allocation, builder, person, reference};

async fn sandbox(wanted: Wanted) -> Sandbox {
    let switches = Switches::new().encryption(wanted);
    Sandbox::builder().switches(switches).start().await.unwrap()
}

fn fixture(sandbox: Sandbox, encryption: Encryption) -> Fixture {
    let enkash = builder(&sandbox).encryption(encryption).build().unwrap();
    Fixture { sandbox, enkash }
}

fn keyed(sandbox: &Sandbox) -> Encryption {
    Encryption::with_key(sandbox.credentials().client_secret.as_str())
}

/// Users of the low level see the headers: the length of what travelled is not that of what they read.
#[tokio::test]
async fn a_decrypted_answer_has_no_length_of_the_encrypted_one() {
    for (wanted, has_length) in [(Wanted::Requests, true), (Wanted::Both, false)] {
        let sandbox = sandbox(wanted).await;
        let encryption = keyed(&sandbox).mode(EncryptionMode::Both);
        let fixture = fixture(sandbox, encryption);
        let to = fixture.sandbox.credentials();
        let body = raw::types::RewardAccountRequest::builder()
            .company_id(to.company_id.as_str())
            .card_account_id(to.card_account_id.as_str());
        let client = raw::client(&fixture.enkash, OperationId::GetRewardAccount);
        let call = client
            .get_reward_account()
            .partner_id(to.partner_id.as_str())
            .body(body);
        let answer = call.send().await.unwrap();
        assert_eq!(
            answer.headers().contains_key("content-length"),
            has_length,
            "{wanted:?}"
        );
    }
}

#[tokio::test]
async fn each_form_that_a_portal_may_want_is_spoken() {
    for (wanted, mode, form) in [
        (Wanted::Off, EncryptionMode::Off, EncryptedBodyFormat::Wrapped),
        (Wanted::Requests, EncryptionMode::Requests, EncryptedBodyFormat::Wrapped),
        // Plain answers are understood where encrypted ones are expected.
        (Wanted::Requests, EncryptionMode::Both, EncryptedBodyFormat::Wrapped),
        (Wanted::Both, EncryptionMode::Both, EncryptedBodyFormat::Wrapped),
        (
            Wanted::BareString,
            EncryptionMode::Both,
            EncryptedBodyFormat::BareString,
        ),
    ] {
        let sandbox = sandbox(wanted).await;
        let encryption = keyed(&sandbox).mode(mode).request_format(form);
        let fixture = fixture(sandbox, encryption);
        let rewards = fixture.rewards();
        assert!(
            rewards.account().await.unwrap().value().available_balance.is_some(),
            "{wanted:?}"
        );
        let Outcome::Done(given) = rewards.allocate(allocation("2.50", "REF1")).await else {
            panic!("{wanted:?} {mode:?}: not done");
        };
        assert_eq!(given.value().card_balance, Some("2.50".parse().unwrap()));
        let back = Unallocation::from_person(
            CheckedPerson::assume_checked(person()),
            "1".parse().unwrap(),
            reference("REF2"),
        );
        assert_eq!(rewards.unallocate(back).await.as_str(), "done");
        assert_eq!(
            rewards
                .cards(CardSearch::card(given.value().card.clone().unwrap()))
                .await
                .unwrap()
                .value()
                .len(),
            1
        );
        // A refusal in a 2xx is encrypted as well.
        let Outcome::Refused(error) = rewards.allocate(allocation("1000000000", "REF3")).await else {
            panic!("{wanted:?} {mode:?}: not refused");
        };
        assert_eq!(error.message(), Some("Insufficient balance in card account"));
        assert!(fixture.sandbox.audit().is_empty());
    }
}

#[tokio::test]
async fn the_client_secret_can_be_the_key() {
    let fixture = fixture(sandbox(Wanted::Both).await, Encryption::with_client_secret());
    assert_eq!(
        fixture.rewards().allocate(allocation("1", "REF1")).await.as_str(),
        "done"
    );
}

#[tokio::test]
async fn an_operation_may_stay_plain() {
    let sandbox = sandbox(Wanted::Both).await;
    let encryption = keyed(&sandbox).operation(OperationId::GetRewardAccount, EncryptionMode::Off);
    let fixture = fixture(sandbox, encryption);
    let error = fixture.rewards().account().await.unwrap_err();
    assert!(error.is_refused(), "the sandbox wants it encrypted: {error}");
    assert_eq!(
        fixture.rewards().allocate(allocation("1", "REF1")).await.as_str(),
        "done"
    );
}

#[tokio::test]
async fn a_request_with_another_key_or_digest_is_refused_and_nothing_moves() {
    for wrong in [
        Encryption::with_key("another key"),
        Encryption::with_client_secret().digest(KeyDigest::Sha1),
    ] {
        let fixture = fixture(sandbox(Wanted::Both).await, wrong);
        let Outcome::Refused(error) = fixture.rewards().allocate(allocation("1", "REF1")).await else {
            panic!("the sandbox cannot have read it");
        };
        assert_eq!(error.message(), Some("Invalid encrypted request."));
        assert_eq!(fixture.sandbox.credits("REF1"), 0);
    }
}

#[tokio::test]
async fn plain_errors_and_pages_of_html_keep_their_meaning() {
    for (body, word) in [(ErrorBody::Json, "refused"), (ErrorBody::Html, "unknown")] {
        let switches = Switches::new().encryption(Wanted::Both).error_body(body);
        let sandbox = Sandbox::builder().switches(switches).start().await.unwrap();
        let fixture = fixture(sandbox, Encryption::with_key("another key"));
        assert_eq!(fixture.rewards().allocate(allocation("1", "REF1")).await.as_str(), word);
        assert_eq!(fixture.sandbox.calls(Operation::CreateAllocatePoints), 1);
    }
}
