//! What an executor is told and what becomes of its error: every operation reaches it under its own
//! name and with the context of that call, and its error reaches the caller with its type.

use std::sync::{Arc, Mutex};

use enkash_api::{Call, Client, Executor, ExecutorFuture, OperationId, Transport, reqwest};
use enkash_tests::{
    calls::{Arguments, call_of, id_of, with_given_path},
    spec_view::{Operation, operations, resolved},
};

/// What the caller of one call tells the executor.
#[derive(Debug, PartialEq, Eq)]
struct Reference(usize);

/// Why the executor sends nothing.
#[derive(Debug, PartialEq, Eq)]
struct Refused {
    attempt: usize,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "attempt {} was refused here", self.attempt)
    }
}

impl std::error::Error for Refused {}

/// Notes what it is told, and refuses everything.
#[derive(Clone, Default)]
struct Refusing(Arc<Mutex<Vec<SeenCall>>>);

#[derive(Debug, PartialEq, Eq)]
struct SeenCall {
    operation: OperationId,
    method: String,
    reference: Option<usize>,
    other_context: bool,
}

impl Executor for Refusing {
    fn execute<'a>(&'a self, _: &'a reqwest::Client, request: reqwest::Request, call: Call<'a>) -> ExecutorFuture<'a> {
        let mut seen = self.0.lock().unwrap();
        seen.push(SeenCall {
            operation: call.operation.id,
            method: request.method().to_string(),
            reference: call.context::<Reference>().map(|reference| reference.0),
            other_context: call.context::<String>().is_some(),
        });
        let refused = Refused { attempt: seen.len() };
        Box::pin(async { Err(refused.into()) })
    }
}

fn client(executor: Refusing, operation: &Operation) -> Client {
    let transport = Transport::new(executor);
    with_given_path(
        Client::with_transport(
            "http://127.0.0.1:9",
            enkash_api::http_client_builder().build().unwrap(),
            transport,
        )
        .unwrap(),
        operation,
    )
}

#[tokio::test]
async fn the_executor_is_told_the_operation_and_the_context_of_the_call() {
    for (number, operation) in operations().enumerate() {
        let executor = Refusing::default();
        let client = client(executor.clone(), &operation);
        let arguments = Arguments::example(&operation);
        for client in [client.clone(), client.for_call(Arc::new(Reference(number))), client] {
            assert!((call_of(&operation).send)(client, arguments.clone()).await.is_err());
        }
        let seen = |reference| SeenCall {
            operation: id_of(&operation),
            method: operation.facts.method.clone(),
            reference,
            other_context: false,
        };
        // The context belongs to one call: neither the one before nor the one after has it.
        assert_eq!(
            *executor.0.lock().unwrap(),
            [seen(None), seen(Some(number)), seen(None)]
        );
    }
}

#[tokio::test]
async fn an_error_of_the_executor_reaches_the_caller_with_its_type_and_nothing_of_the_request() {
    for operation in operations() {
        let client = client(Refusing::default(), &operation);
        let mut arguments = Arguments::example(&operation);
        let answer = (call_of(&operation).send)(client.clone(), arguments.clone()).await;
        let error = answer.err().expect("the executor refuses");
        assert_eq!(error.find::<Refused>(), Some(&Refused { attempt: 1 }), "{error:?}");
        assert!(format!("{error:?}").contains("attempt 1 was refused here"), "{error:?}");
        assert_eq!(
            (error.status(), error.is_unknown_path(), error.is_undecodable()),
            (None, false, false)
        );

        let marker = "Canary-of-a-request";
        if let Some(body) = &mut arguments.body {
            mark_every_text(body, marker);
        }
        let texts = operation.parameters().into_iter();
        for parameter in texts.filter(|parameter| resolved(parameter.schema)["type"] == "string") {
            arguments.parameters.insert(parameter.rust_name, marker.to_owned());
        }
        let error = (call_of(&operation).send)(client, arguments)
            .await
            .err()
            .expect("the executor refuses");
        assert!(error.find::<Refused>().is_some(), "{error:?}");
        assert!(
            !format!("{error} {error:?}").contains(marker),
            "{}: {error:?}",
            operation.facts.id
        );
    }
}

fn mark_every_text(value: &mut serde_json::Value, marker: &str) {
    match value {
        serde_json::Value::String(text) => marker.clone_into(text),
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| mark_every_text(item, marker)),
        serde_json::Value::Object(fields) => fields.values_mut().for_each(|field| mark_every_text(field, marker)),
        _ => {}
    }
}
