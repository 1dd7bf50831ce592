//! A value that stands in a path cannot lead the request to another path: it stays in its segment, and
//! what would leave it is refused before anything is sent.

use enkash_api::Client;
use enkash_tests::{
    calls::{Arguments, call_of},
    loopback::{CannedResponse, Loopback},
    spec_view::{Operation, operations},
};

/// Every operation with a parameter in its path, and its example with this value in that place.
fn with_path_values(value: &str) -> Vec<(Operation, Arguments)> {
    let mut found = Vec::new();
    for operation in operations() {
        for parameter in operation
            .parameters()
            .iter()
            .filter(|parameter| parameter.place == "path")
        {
            let mut arguments = Arguments::example(&operation);
            arguments
                .parameters
                .insert(parameter.rust_name.clone(), value.to_owned());
            found.push((operation, arguments));
        }
    }
    assert!(!found.is_empty(), "spec/ has no parameter in a path");
    found
}

#[tokio::test]
async fn a_value_that_would_leave_its_segment_is_refused_and_nothing_is_sent() {
    for value in ["..", ".", "", "a\\b", "x\\..\\..\\admin"] {
        for (operation, arguments) in with_path_values(value) {
            let mut server = Loopback::answering(CannedResponse::json(200, "{}")).await;
            let client = Client::unauthenticated(server.base_url()).unwrap();
            let answer = (call_of(&operation).send)(client, arguments).await;
            assert!(answer.is_err(), "{} took {value:?}", operation.facts.id);
            assert!(
                server.received().is_empty(),
                "{} was sent with {value:?}",
                operation.facts.id
            );
        }
    }
}

#[tokio::test]
async fn a_value_of_any_characters_stays_in_its_segment() {
    let value = "../a/b?d=e#f %2e%2e;ü\t+";
    for (operation, arguments) in with_path_values(value) {
        let mut server = Loopback::answering(CannedResponse::json(200, "{}")).await;
        let client = Client::unauthenticated(server.base_url()).unwrap();
        (call_of(&operation).send)(client, arguments).await.unwrap();

        let request = server.only_request();
        let template: Vec<_> = operation.facts.path.split('/').collect();
        let sent: Vec<_> = request.path.split('/').collect();
        assert_eq!(sent.len(), template.len(), "{}", request.path);
        for (segment, sent) in template.iter().zip(sent) {
            match segment.starts_with('{') {
                true => assert_eq!(decoded(sent), value, "{}", request.path),
                false => assert_eq!(*segment, sent),
            }
        }
        assert!(request.query.iter().all(|(name, _)| name != "d"), "{:?}", request.query);
    }
}

fn decoded(segment: &str) -> String {
    // A plus means itself in a path.
    let form = format!("={}", segment.replace('+', "%2B"));
    form_urlencoded::parse(form.as_bytes())
        .next()
        .expect("one pair")
        .1
        .into_owned()
}
