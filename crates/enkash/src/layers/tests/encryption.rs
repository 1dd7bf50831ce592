//! What becomes of a call whose encrypted answer cannot be read.

use enkash_api::OperationId;

use crate::{
    encryption::{PayloadEncryption, settings::Encryption},
    outcome::{Outcome, UnknownReason},
    tests::support::{ACCOUNT, ScriptStep, ScriptedSender, allocation, builder, rewards, skipping_pipeline},
};

/// Encrypted with another key, cut short, and not Base64.
const UNREADABLE: [&str; 3] = [
    r#"{"request":"g48nav3TVchlEGLZkE1AL5IYmFNqoBAPD1QASJgf8ck="}"#,
    r#"{"request":"g48nav3TVchlEGLZ"}"#,
    r#""not Base64""#,
];

#[tokio::test(start_paused = true)]
async fn a_money_call_with_an_unreadable_answer_is_unknown_whatever_the_status() {
    for body in UNREADABLE {
        for status in [200, 400, 404, 422, 500] {
            let script = ScriptedSender::always(ScriptStep::Answer(status, body));
            let enkash = builder()
                .encryption(Encryption::with_key("key"))
                .build_with_sender(script.clone());
            let Outcome::Unknown(unknown) = rewards(&enkash.unwrap()).allocate(allocation()).await else {
                panic!("{status} {body} proves nothing");
            };
            let UnknownReason::UnclearAnswer(error) = &unknown.reason else {
                panic!("{:?}", unknown.reason);
            };
            assert!(error.is_undecryptable() && error.was_sent(), "{error}");
            assert_eq!(error.status().map(|status| status.as_u16()), Some(status));
            assert_eq!((script.sent(), unknown.attempts().len()), (1, 1));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_with_an_unreadable_answer_is_an_error_and_is_not_repeated() {
    for body in UNREADABLE {
        let script = ScriptedSender::always(ScriptStep::Answer(200, body));
        let enkash = builder()
            .encryption(Encryption::with_key("key"))
            .build_with_sender(script.clone());
        let error = rewards(&enkash.unwrap()).account().await.unwrap_err();
        assert!(
            error.is_undecryptable() && error.was_sent() && !error.is_refused(),
            "{error}"
        );
        assert_eq!(script.sent(), 1);
    }
}

#[tokio::test]
async fn a_401_that_cannot_be_read_refuses_the_token_all_the_same() {
    for body in UNREADABLE {
        let script = ScriptedSender::new([ScriptStep::Answer(401, body), ACCOUNT]);
        let encryption =
            PayloadEncryption::new(Encryption::with_key("key"), None, crate::policy::Policies::shipped()).unwrap();
        let mut pipeline = skipping_pipeline(&script);
        std::sync::Arc::get_mut(&mut pipeline.bearer.transport)
            .unwrap()
            .encryption = Some(encryption.into());
        let _ = pipeline.send(OperationId::GetRewardAccount).await;
        assert_eq!(script.bearers(), ["token-0", "token-1"], "{body}");
    }
}
