//! Nothing secret or personal is printed. Marker strings are put into every `format: password` and
//! `format: personal` field, and into JSON that no page describes, of every example and of a value with all
//! documented fields; then they are looked for in everything that can be printed.

use enkash_api::{Client, Secret};
use enkash_codegen::spec::PrintedExampleKind;
use enkash_tests::{
    calls::{Arguments, Decoded, Printed, TypeCodec, call_of, with_given_path},
    loopback::{CannedResponse, Loopback},
    spec_view::{Operation, filled, is_any_json, operations, properties, walk},
};
use serde_json::{Value, json};

const MARKER: &str = "Canary-0f6e";

/// Puts the marker into every field that must not be shown: what is secret, what is personal, and JSON of which
/// nobody knows what it holds. Says how many there were.
fn mark(schema: &'static Value, value: &mut Value) -> usize {
    let mut marked = 0;
    walk(schema, value, "", &mut |schema, value, _| {
        if matches!(schema["format"].as_str(), Some("password" | "personal")) && value.is_string() {
            *value = MARKER.into();
            marked += 1;
        } else if is_any_json(schema) {
            *value = json!({"unknown": MARKER});
            marked += 1;
        }
    });
    marked
}

fn assert_hidden(what: &str, printed: &Printed) {
    for text in [&printed.debug, &printed.pretty_debug] {
        assert!(!text.contains(MARKER), "{what} shows what must not be shown: {text}");
    }
}

/// The marker has to have arrived in the type, or the test would prove nothing.
fn decoded(codec: &TypeCodec, operation: &Operation, value: &Value, marked: usize) -> Decoded {
    let typed = (codec.from_json)(value.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}: {value}"));
    let arrived = String::from_utf8_lossy(&typed.json).matches(MARKER).count();
    assert_eq!(arrived, marked, "{}: {value}", operation.facts.id);
    typed
}

#[test]
fn no_type_prints_what_the_examples_hold() {
    let (mut in_requests, mut in_answers) = (0, 0);
    for operation in operations() {
        let call = call_of(&operation);
        let seen = operation
            .seen(PrintedExampleKind::Request)
            .map(|seen| seen.value.clone());
        if let (Some(codec), Some(body)) = (&call.request, operation.request_body()) {
            for mut value in seen.chain(body.examples.values().map(|&example| example.clone())) {
                let marked = mark(body.schema, &mut value);
                in_requests += marked;
                assert_hidden(&operation.facts.id, &decoded(codec, &operation, &value, marked).printed);

                // The call itself can be printed before it is sent.
                let arguments = Arguments {
                    body: Some(value),
                    ..Arguments::example(&operation)
                };
                let client = Client::unauthenticated("http://127.0.0.1:9")
                    .unwrap()
                    .bearer(&Secret::new(MARKER))
                    .unwrap();
                assert_hidden(&operation.facts.id, &(call.print)(&client, &arguments));
            }
        }
        for seen in operation.seen(PrintedExampleKind::Response) {
            let mut value = seen.value.clone();
            let marked = mark(operation.success().schema, &mut value);
            in_answers += marked;
            assert_hidden(
                &operation.facts.id,
                &decoded(&call.response, &operation, &value, marked).printed,
            );
        }
    }
    assert!(
        in_requests > 0 && in_answers > 0,
        "{in_requests} and {in_answers} fields were marked"
    );
}

#[test]
fn no_type_prints_what_its_fields_may_hold() {
    for operation in operations() {
        let call = call_of(&operation);
        let request = call.request.zip(operation.request_body().map(|body| body.schema));
        for (codec, schema) in request.into_iter().chain([(call.response, operation.success().schema)]) {
            let mut value = filled(schema);
            let marked = mark(schema, &mut value);
            assert_hidden(
                &operation.facts.id,
                &decoded(&codec, &operation, &value, marked).printed,
            );
        }
    }
}

#[test]
fn a_payload_of_another_form_is_not_printed() {
    for operation in operations() {
        for payload in [json!(MARKER), json!({"unknown": MARKER}), json!([[MARKER]])] {
            let Ok(typed) =
                (call_of(&operation).response.from_json)(json!({"payload": payload}).to_string().as_bytes())
            else {
                continue;
            };
            // A description of plain text promises that it may be shown.
            let described = &properties(operation.success().schema);
            if described
                .get("payload")
                .is_some_and(|property| property.schema["type"] == "string")
            {
                continue;
            }
            assert_hidden(&operation.facts.id, &typed.printed);
        }
    }
}

#[tokio::test]
async fn an_error_does_not_print_what_the_answer_held() {
    let fields = format!(r#""unknown": "{MARKER}", "payload": {{"pin": "{MARKER}"}}, "{MARKER}": ["{MARKER}"]"#);
    for operation in operations() {
        for (status, body) in [
            (400, format!("{{\"code\": 1, {fields}}}")),
            (404, format!("{{{fields}}}")),
            (422, format!("{{\"message\": {{\"{MARKER}\": 1}}, {fields}}}")),
            (401, format!("{{\"error_description\": \"{MARKER}\", {fields}}}")),
            (500, format!("{{{fields}}}")),
            (500, MARKER.to_owned()),
            (
                200,
                format!("{{\"response_message\": [\"{MARKER}\"], \"code\": \"{MARKER}"),
            ),
            (200, MARKER.to_owned()),
            (204, String::new()),
        ] {
            let server = Loopback::answering(CannedResponse::json(status, body)).await;
            let client = Client::unauthenticated(server.base_url())
                .unwrap()
                .bearer(&Secret::new(MARKER))
                .unwrap();
            let client = with_given_path(client, &operation);
            let answer = (call_of(&operation).send)(client, Arguments::example(&operation)).await;
            let error = answer
                .err()
                .unwrap_or_else(|| panic!("{} took {status}", operation.facts.id));
            let mut printed = format!("{error} {error:?} {error:#?}");
            let mut source = std::error::Error::source(&error);
            while let Some(cause) = source {
                printed += &format!(" {cause} {cause:?}");
                source = cause.source();
            }
            assert!(!printed.contains(MARKER), "{} {status}: {printed}", operation.facts.id);
        }
    }
}

#[tokio::test]
async fn the_body_of_an_error_does_not_print_what_no_page_describes() {
    for operation in operations() {
        let body = json!({"code": 1, "message": "told to everybody", "payload": {"pin": [MARKER]}, "unknown": MARKER});
        let server = Loopback::answering(CannedResponse::json(400, body.to_string())).await;
        let client = with_given_path(Client::unauthenticated(server.base_url()).unwrap(), &operation);
        let answer = (call_of(&operation).send)(client, Arguments::example(&operation)).await;
        let error = answer.err().expect("an error");
        let printed = format!("{:?} {:#?}", error.body(), error.body());
        assert!(!printed.contains(MARKER), "{}: {printed}", operation.facts.id);
    }
}

#[test]
fn a_client_does_not_print_its_credential() {
    let client = Client::unauthenticated("http://127.0.0.1:9").unwrap();
    for client in [
        client.clone().bearer(&Secret::new(MARKER)),
        client.authorization(format!("Basic {MARKER}")),
    ] {
        let printed = format!("{:?}", client.unwrap());
        assert!(!printed.contains(MARKER), "{printed}");
    }
}
