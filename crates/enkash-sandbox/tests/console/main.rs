//! The console: that it shows what happened and nothing secret, that what it does arrives, and that no page of another site
//! can read or drive it. How it looks and works in a browser is tried by `.ci/test-console`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

#[path = "../client/mod.rs"]
mod client;

#[cfg(feature = "console")]
mod allocations;
#[cfg(feature = "console")]
mod browser;
#[cfg(feature = "console")]
mod controls;
#[cfg(feature = "console")]
mod pages;

/// Without the feature, the two pages are paths that no operation has.
#[cfg(not(feature = "console"))]
#[tokio::test]
async fn without_the_feature_nothing_is_there() {
    let sandbox = enkash_sandbox::Sandbox::start().await.unwrap();
    let client = client::Client::new(&sandbox);
    for path in ["/", "/docs", "/_sandbox/console/live", "/_sandbox/console/console.css"] {
        let (status, body) = client.get(path).await;
        assert_eq!((status.as_u16(), &body["response_code"]), (404, &1.into()), "{path}");
    }
    assert_eq!(sandbox.log().len(), 4);
}
