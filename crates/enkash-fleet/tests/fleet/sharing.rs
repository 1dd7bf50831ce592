//! One token, and one count of strikes.

use enkash_sandbox::{Operation, Sandbox};

use crate::{
    on_each_database,
    place::{Place, client},
};

on_each_database!(clients_log_in_once, a_wrong_password_is_tried_once);

async fn clients_log_in_once(place: &Place) {
    let sandbox = Sandbox::start().await.unwrap();
    let calls: Vec<_> = (0..20)
        .map(|_| place.client(&sandbox))
        .map(|client| tokio::spawn(async move { client.access_token().await.unwrap() }))
        .collect();
    let mut tokens = Vec::new();
    for call in calls {
        tokens.push(call.await.unwrap().expose().to_owned());
    }
    tokens.dedup();
    assert_eq!(tokens.len(), 1);
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);
}

async fn a_wrong_password_is_tried_once(place: &Place) {
    let sandbox = Sandbox::start().await.unwrap();
    let calls: Vec<_> = (0..20)
        .map(|_| client(&place.fleet(), &sandbox, Some("wrong")))
        .map(|client| tokio::spawn(async move { client.access_token().await.unwrap_err() }))
        .collect();
    for call in calls {
        let error = call.await.unwrap();
        assert!(error.is_credentials_rejected(), "{error}");
    }
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);
}
