//! Where a bearer may go.

use enkash_api::OperationId;
use reqwest::Url;

use crate::{
    layers::pipeline::ForeignOrigin,
    tests::support::{ACCOUNT, ScriptedSender, pipeline},
    transport::call_state::CallState,
};

#[tokio::test(start_paused = true)]
async fn a_bearer_goes_only_to_the_origins_of_its_client() {
    let script = ScriptedSender::always(ACCOUNT);
    let pipeline = pipeline(&script);
    for (url, is_ours) in [
        ("https://portal.test/path", true),
        ("https://portal.test:443/other?q=1", true),
        ("https://portal.test:8443/path", false),
        ("https://portal.test.evil.test/path", false),
        ("https://other.test/path", false),
    ] {
        let url: Url = url.parse().unwrap();
        let request = reqwest::Request::new(reqwest::Method::GET, url.clone());
        let http = enkash_api::http_client_builder().build().unwrap();
        let record = CallState::default();
        let sent = pipeline
            .run(&http, request, OperationId::GetRewardAccount, false, &record)
            .await;
        assert_eq!(sent.is_ok(), is_ours, "{url}");
        if let Err(error) = sent {
            assert!(error.is::<ForeignOrigin>(), "{error}");
            assert_eq!(record.attempt_count(), 0);
        }
    }
    assert_eq!(script.sent(), 2);
}
