//! Every operation is really called, with every example of the spec, against a server on
//! loopback: method, path, query, headers and body are exactly the documented ones, and nothing else.

use std::collections::BTreeMap;

use enkash_api::{Client, Method, PathTemplate, Secret};
use enkash_codegen::spec::{Level, PrintedExampleKind};
use enkash_tests::{
    calls::{Arguments, GIVEN_PATH, call_of, id_of, with_given_path},
    json,
    loopback::{CannedResponse, Loopback, Received},
    spec_view::{Operation, operations},
};
use serde_json::Value;

const BASIC: &str = "Basic b3BhcXVl";

/// Headers whose value belongs to the connection, not to the operation.
const OF_THE_CONNECTION: [&str; 3] = ["host", "content-length", "user-agent"];

#[tokio::test]
async fn each_example_is_sent_as_the_description_says() {
    for operation in operations() {
        let path = match operation.facts.evidence.path.level {
            Level::Unknown => GIVEN_PATH,
            _ => &operation.facts.path,
        };
        assert_sent(&operation, "", path, |client| with_given_path(client, &operation)).await;
    }
}

#[tokio::test]
async fn the_path_of_the_base_url_stands_before_the_path_of_the_operation() {
    for operation in known() {
        let path = format!("/gateway/v2{}", operation.facts.path);
        assert_sent(&operation, "/gateway/v2/", &path, |client| client).await;
    }
}

#[tokio::test]
async fn a_path_of_the_users_takes_the_parameters_of_the_operation() {
    for operation in known() {
        let path = format!("/moved{}", operation.facts.path);
        let method = operation.facts.method.parse::<Method>().unwrap();
        let template = PathTemplate::new(method, &path).unwrap();
        let given = |client: Client| client.with_path(id_of(&operation), template.clone());
        assert_sent(&operation, "", &path, given).await;
        assert_sent(&operation, "/gateway", &format!("/gateway{path}"), given).await;
    }
}

#[tokio::test]
async fn without_a_credential_none_is_sent() {
    for operation in operations() {
        let mut server = Loopback::answering(answer_of(&operation)).await;
        let client = with_given_path(Client::unauthenticated(server.base_url()).unwrap(), &operation);
        (call_of(&operation).send)(client, Arguments::example(&operation))
            .await
            .unwrap();
        let request = server.only_request();
        assert!(!request.headers.contains_key("authorization"), "{}", operation.facts.id);
    }
}

/// The operations that need no path of the user's.
fn known() -> impl Iterator<Item = Operation> {
    operations().filter(|operation| operation.facts.evidence.path.level != Level::Unknown)
}

/// Sends each example and compares it with the spec, but for the path template. The response has to be
/// understood too.
async fn assert_sent(operation: &Operation, base_path: &str, template: &str, prepare: impl Fn(Client) -> Client) {
    for (name, arguments) in Arguments::examples(operation) {
        let mut server = Loopback::answering(answer_of(operation)).await;
        let client = Client::unauthenticated(&format!("{}{base_path}", server.base_url())).unwrap();
        let client = match operation.security() {
            "basicAuth" => client.authorization(BASIC),
            _ => client.bearer(&Secret::new("opaque")),
        };
        let answer = (call_of(operation).send)(prepare(client.unwrap()), arguments.clone()).await;
        answer.unwrap_or_else(|error| panic!("{}: {error:?}", operation.facts.id));

        let differences = differences(operation, &arguments, template, &server.only_request());
        assert!(
            differences.is_empty(),
            "{}, example {name}: {differences:#?}",
            operation.facts.id
        );
    }
}

/// A response that the documentation prints, or an empty one where none is known.
fn answer_of(operation: &Operation) -> CannedResponse {
    let seen = operation.seen(PrintedExampleKind::Response).next();
    CannedResponse::json(200, seen.map_or_else(|| "{}".to_owned(), |seen| seen.value.to_string()))
}

fn differences(operation: &Operation, arguments: &Arguments, template: &str, request: &Received) -> Vec<String> {
    let mut found = Vec::new();
    let mut expect = |what: &str, expected: String, sent: String| {
        if expected != sent {
            found.push(format!("{what}: the description says {expected}, sent was {sent}"));
        }
    };
    expect("method", operation.facts.method.clone(), request.method.clone());
    expect(
        "path",
        expected_path(operation, arguments, template),
        request.path.clone(),
    );

    let mut query = request.query.clone();
    query.sort();
    expect(
        "query",
        format!("{:?}", parameters(operation, arguments, "query")),
        format!("{query:?}"),
    );

    let sent = request
        .headers
        .iter()
        .filter(|(name, _)| !OF_THE_CONNECTION.contains(&name.as_str()));
    let sent: BTreeMap<_, _> = sent
        .map(|(name, values)| (name.clone(), values.join(" and ")))
        .collect();
    expect(
        "headers",
        format!("{:?}", expected_headers(operation, arguments)),
        format!("{sent:?}"),
    );

    found.extend(body_difference(operation, arguments, &request.body));
    found
}

fn expected_path(operation: &Operation, arguments: &Arguments, template: &str) -> String {
    let filled = parameters(operation, arguments, "path").into_iter();
    let path = filled.fold(template.to_owned(), |path, (name, value)| {
        path.replace(&format!("{{{name}}}"), &value)
    });
    assert!(!path.contains('{'), "{path} has a placeholder that is no parameter");
    path
}

/// The parameters of one place with their values, sorted by name.
fn parameters(operation: &Operation, arguments: &Arguments, place: &str) -> Vec<(String, String)> {
    let parameters = operation.parameters();
    let here = parameters.iter().filter(|parameter| parameter.place == place);
    let mut found: Vec<_> = here
        .map(|parameter| {
            (
                parameter.name.to_owned(),
                arguments.parameters[&parameter.rust_name].clone(),
            )
        })
        .collect();
    found.sort();
    found
}

fn expected_headers(operation: &Operation, arguments: &Arguments) -> BTreeMap<String, String> {
    let documented = parameters(operation, arguments, "header").into_iter();
    let mut headers: BTreeMap<_, _> = documented.map(|(name, value)| (name.to_lowercase(), value)).collect();
    let mut always = |name: &str, value: &str| headers.insert(name.to_owned(), value.to_owned());
    always("accept", operation.success().media_type);
    if let Some(body) = operation.request_body() {
        always("content-type", body.media_type);
    }
    always(
        "authorization",
        match operation.security() {
            "basicAuth" => BASIC,
            _ => "Bearer opaque",
        },
    );
    headers
}

fn body_difference(operation: &Operation, arguments: &Arguments, sent: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(sent);
    let Some(body) = operation.request_body() else {
        return (!sent.is_empty()).then(|| format!("body: none is documented, sent was {text}"));
    };
    let value: Value = match body.media_type {
        "application/json" => serde_json::from_slice(sent).unwrap_or_else(|error| panic!("{error}: {text}")),
        _ => json::from_form(sent),
    };
    let differences = json::differences(arguments.body.as_ref()?, &value);
    (!differences.is_empty()).then(|| format!("body: {differences:?}"))
}
