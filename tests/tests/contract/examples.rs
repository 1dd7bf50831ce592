//! Every example of the spec goes through the generated types: what the documentation prints can be
//! read, and what we send survives bytes → type → bytes with nothing lost.

use enkash_codegen::spec::{Level, PrintedExampleKind};
use enkash_tests::{
    calls::{Decoded, TypeCodec, call_of},
    json,
    spec_view::{Operation, filled, operations, remove_undocumented},
};
use serde_json::Value;

const FORM: &str = "application/x-www-form-urlencoded";

#[test]
fn what_the_portal_prints_of_a_request_is_read_whole() {
    let mut read = 0;
    for operation in operations() {
        for seen in operation.seen(PrintedExampleKind::Request) {
            let media_type = operation.request_body().map(|body| body.media_type);
            assert_nothing_lost(&operation, media_type.unwrap_or_default(), &seen.value);
            read += 1;
        }
    }
    assert!(read > 0, "spec/ has no request that was seen");
}

#[test]
fn what_we_send_survives_bytes_to_type_to_bytes() {
    for operation in operations() {
        let Some(body) = operation.request_body() else { continue };
        assert!(
            !body.examples.is_empty(),
            "{}: the body has no example",
            operation.facts.id
        );
        for example in body.examples.values() {
            assert_nothing_lost(&operation, body.media_type, example);
        }
    }
}

#[test]
fn every_documented_field_survives() {
    for operation in operations() {
        if let Some(body) = operation.request_body() {
            assert_nothing_lost(&operation, body.media_type, &filled(body.schema));
        }
        let answer = filled(operation.success().schema);
        let typed = decode(&call_of(&operation).response, &operation, &answer);
        let differences = json::differences(&answer, &typed.value());
        assert!(differences.is_empty(), "{}: {differences:#?}", operation.facts.id);
        assert_documented_payload(&operation, &typed);
    }
}

#[test]
fn what_the_portal_prints_of_an_answer_is_read() {
    for operation in operations() {
        let known = operation.facts.evidence.response.level == Level::Documented;
        let mut read = 0;
        for seen in operation.seen(PrintedExampleKind::Response) {
            let typed = decode(&call_of(&operation).response, &operation, &seen.value);
            assert_documented_payload(&operation, &typed);
            let lost = json::differences(&documented_part(&operation, &seen.value), &typed.value());
            assert!(
                lost.is_empty(),
                "{}, page {:?}: {lost:#?}",
                operation.facts.id,
                seen.page
            );
            read += 1;
        }
        assert!(
            read > 0 || !known,
            "{}: a documented answer has no example",
            operation.facts.id
        );
    }
}

/// A payload takes any JSON; one of the documented form has to become more than that.
fn assert_documented_payload(operation: &Operation, typed: &Decoded) {
    let printed = &typed.printed.debug;
    assert!(
        !printed.contains("Other("),
        "{}: not of the documented form: {printed}",
        operation.facts.id
    );
}

/// Without the fields that the spec leaves out: the snapshot of the operation names them.
fn documented_part(operation: &Operation, value: &Value) -> Value {
    let mut value = value.clone();
    remove_undocumented(operation.success().schema, &mut value);
    value
}

fn decode(codec: &TypeCodec, operation: &Operation, value: &Value) -> Decoded {
    (codec.from_json)(value.to_string().as_bytes())
        .unwrap_or_else(|error| panic!("{}: {error}: {value}", operation.facts.id))
}

fn assert_nothing_lost(operation: &Operation, media_type: &str, value: &Value) {
    let id = &operation.facts.id;
    let codec = call_of(operation)
        .request
        .unwrap_or_else(|| panic!("{id} sends no body, and an example has one"));
    let differences = match media_type {
        FORM => {
            let sent = json::to_form(value);
            let typed = (codec.from_form)(sent.as_bytes()).unwrap_or_else(|error| panic!("{id}: {error}: {sent}"));
            let written = typed
                .form
                .unwrap_or_else(|| panic!("{id}: the type does not make a form"));
            json::differences(&json::from_form(sent.as_bytes()), &json::from_form(written.as_bytes()))
        }
        _ => json::differences(value, &decode(&codec, operation, value).value()),
    };
    assert!(differences.is_empty(), "{id}: {differences:#?}");
}
