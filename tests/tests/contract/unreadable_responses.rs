//! Responses that are not the API's keep what is known of them, for every operation: a gateway's page
//! keeps its status, and a success of another form is said to be one.

use enkash_api::{
    Call, Client, Error, Executor, ExecutorFuture, ResponseLimit, Transport, UnreadableResponse, reqwest,
};
use enkash_tests::{
    calls::{Arguments, call_of, with_given_path},
    loopback::{CannedResponse, Loopback},
    spec_view::{Operation, operations},
};

async fn error_of(operation: &Operation, prepared: CannedResponse) -> Error {
    let mut server = Loopback::answering(prepared).await;
    let client = with_given_path(Client::unauthenticated(server.base_url()).unwrap(), operation);
    let answer = (call_of(operation).send)(client, Arguments::example(operation)).await;
    // Neither a redirect nor a failure makes it ask again.
    server.only_request();
    answer
        .err()
        .unwrap_or_else(|| panic!("{} took the answer", operation.facts.id))
}

#[tokio::test]
async fn a_gateways_page_keeps_its_status() {
    let html = |status, headers| CannedResponse {
        status,
        headers,
        body: b"<html>Canary</html>".to_vec(),
    };
    for operation in operations() {
        for (status, more) in [
            (502, None),
            (503, None),
            (404, None),
            (400, None),
            (302, Some(("location", "/Canary"))),
        ] {
            let headers = [("content-type", "text/html; charset=utf-8")]
                .into_iter()
                .chain(more)
                .collect();
            let error = error_of(&operation, html(status, headers)).await;

            let kept = error
                .find::<UnreadableResponse>()
                .unwrap_or_else(|| panic!("{status}: {error:?}"));
            assert_eq!(
                (kept.status.as_u16(), kept.length),
                (status, 19),
                "{}",
                operation.facts.id
            );
            assert_eq!(kept.content_type, "text/html; charset=utf-8");
            assert_eq!(error.status().map(|status| status.as_u16()), Some(status));
            assert!(error.body().is_none() && !error.is_undecodable());
            assert!(!format!("{error} {error:?}").contains("Canary"), "{error:?}");
        }
    }
}

#[tokio::test]
async fn the_portals_own_error_keeps_status_code_and_message() {
    for operation in operations() {
        let documented = operation.answers();
        let documented = documented.keys().filter(|status| status.starts_with('4'));
        for status in documented.map(|status| status.parse().unwrap()) {
            for body in [
                r#"{"code": 1, "message": "no such card", "payload": "no such card"}"#,
                r#"{"response_code": "1", "response_message": "no such card", "payload": null, "more": {}}"#,
            ] {
                let error = error_of(&operation, CannedResponse::json(status, body)).await;
                assert_eq!(
                    error.status().map(|status| status.as_u16()),
                    Some(status),
                    "{}",
                    operation.facts.id
                );
                let body = error
                    .body()
                    .unwrap_or_else(|| panic!("{}: {error:?}", operation.facts.id));
                assert_eq!(
                    body.code.as_ref().or(body.response_code.as_ref()).unwrap().as_i64(),
                    Some(1)
                );
                assert!(error.to_string().ends_with(", code 1: no such card"), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn an_undocumented_status_is_kept() {
    for operation in operations() {
        let error = error_of(&operation, CannedResponse::json(409, r#"{"code": 1}"#)).await;
        assert_eq!(
            error.status().map(|status| status.as_u16()),
            Some(409),
            "{}",
            operation.facts.id
        );
    }
}

#[tokio::test]
async fn a_401_says_what_to_do_about_the_credential_and_never_shows_it() {
    let operation = operations()
        .find(|operation| operation.facts.id == "getCoinBalance")
        .unwrap();
    for (credential, advice) in [
        (None, "No credential was sent"),
        (Some("Bearer Canary"), "a token lives 5 minutes"),
        (Some("Basic Canary"), "which the spec does not document"),
    ] {
        for body in [r#"{"code": 1, "message": "Canary"}"#, "<html>Canary</html>"] {
            let server = Loopback::answering(CannedResponse::json(401, body)).await;
            let mut client = Client::unauthenticated(server.base_url()).unwrap();
            if let Some(credential) = credential {
                client = client.authorization(credential).unwrap();
            }
            let answer = (call_of(&operation).send)(client, Arguments::example(&operation)).await;
            let error = answer.err().unwrap();
            assert_eq!(error.status().map(|status| status.as_u16()), Some(401));
            let is_json = body.starts_with('{');
            assert!(
                error.to_string().contains(advice) || !is_json && credential == Some("Basic Canary"),
                "{error}"
            );
            assert!(!format!("{error} {error:?}").contains("Canary"), "{error:?}");
        }
    }
}

#[tokio::test]
async fn a_success_of_another_form_is_said_to_be_one() {
    for operation in operations() {
        // JSON that is no JSON fits no type, not even free JSON.
        let error = error_of(&operation, CannedResponse::json(200, r#"{"payload": {"pin": "Canary"#)).await;
        assert!(error.is_undecodable(), "{}: {error:?}", operation.facts.id);
        assert_eq!(error.status(), None);
        assert!(!format!("{error} {error:?}").contains("Canary"), "{error:?}");
    }
}

/// Sends, and reads nothing.
struct Sending;

impl Executor for Sending {
    fn execute<'a>(&'a self, http: &'a reqwest::Client, request: reqwest::Request, _: Call<'a>) -> ExecutorFuture<'a> {
        Box::pin(async { Ok(http.execute(request).await?) })
    }
}

/// The low level alone, and with an executor that knows nothing of limits.
#[tokio::test]
async fn a_response_that_is_too_large_is_not_decoded_and_is_said_to_be() {
    const LIMIT: usize = 50_000;
    let bytes = format!("\"{}\"", "x".repeat(LIMIT - 1));
    let values = format!(
        r#"{{"code":0,"payload":[{}]}}"#,
        vec![r#"{"":0}"#; LIMIT / 10].join(",")
    );
    for operation in operations() {
        for (status, body) in [
            (200, &bytes),
            (200, &values),
            (400, &bytes),
            (400, &values),
            (502, &bytes),
        ] {
            for transport in [Transport::default(), Transport::new(Sending)] {
                let mut server = Loopback::answering(CannedResponse::json(status, body.as_str())).await;
                let http = enkash_api::http_client_builder().no_proxy().build().unwrap();
                let client = Client::with_transport(server.base_url(), http, transport).unwrap();
                let client = with_given_path(client, &operation).with_response_limit(ResponseLimit::bytes(LIMIT));
                let answer = (call_of(&operation).send)(client, Arguments::example(&operation)).await;
                server.only_request();
                let error = answer.err().unwrap_or_else(|| panic!("{} took it", operation.facts.id));
                assert!(error.is_response_too_large(), "{error:?}");
                assert_eq!(error.status().map(|status| status.as_u16()), Some(status));
                assert!(error.to_string().contains("limit of 50000 bytes"), "{error}");
            }
        }
    }
}
