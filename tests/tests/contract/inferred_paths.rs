//! An inferred path works and warns: once for each operation and transport, however often it is called
//! and however many copies of the client there are.

use std::{
    fmt,
    future::Future,
    sync::{Arc, Mutex},
};

use enkash_api::{Client, Method, PathTemplate};
use enkash_codegen::spec;
use enkash_tests::{
    calls::{Arguments, call_of, id_of},
    loopback::{CannedResponse, Loopback},
    spec_view::{Operation, operations},
};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// Keeps the warnings that are given while it is the default.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN && metadata.target().starts_with("enkash_api")
    }

    fn event(&self, event: &Event<'_>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        self.0.lock().unwrap().push(text.0);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push_str(&format!("{field}={value:?} "));
    }
}

/// What is warned of while this runs.
fn warnings_of(run: impl Future<Output = ()>) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let warnings = Warnings::default();
    tracing::subscriber::with_default(warnings.clone(), || runtime.block_on(run));
    warnings.0.lock().unwrap().clone()
}

async fn call(client: &Client, operation: &Operation) {
    (call_of(operation).send)(client.clone(), Arguments::example(operation))
        .await
        .unwrap();
}

fn inferred() -> Vec<Operation> {
    operations()
        .filter(|operation| operation.facts.evidence.path.level == spec::Level::Inferred)
        .collect()
}

#[test]
fn an_inferred_path_warns_exactly_once_for_each_transport() {
    assert!(!inferred().is_empty(), "spec/ has no operation of inferred path");
    for operation in inferred() {
        let warnings = warnings_of(async {
            let server = Loopback::answering(CannedResponse::json(200, "{}")).await;
            for _transport in 0..2 {
                let client = Client::unauthenticated(server.base_url()).unwrap();
                call(&client, &operation).await;
                call(&client, &operation).await;
                call(&client.for_call(Arc::new(1)), &operation).await;
            }
        });
        assert_eq!(warnings.len(), 2, "{warnings:#?}");
        for warning in warnings {
            assert!(
                warning.contains(&operation.facts.id) && warning.contains("inferred"),
                "{warning}"
            );
        }
    }
}

#[test]
fn a_path_of_the_users_does_not_warn() {
    for operation in inferred() {
        let warnings = warnings_of(async {
            let server = Loopback::answering(CannedResponse::json(200, "{}")).await;
            let path = PathTemplate::new(Method::POST, "/api/v7/list").unwrap();
            call(
                &Client::unauthenticated(server.base_url())
                    .unwrap()
                    .with_path(id_of(&operation), path),
                &operation,
            )
            .await;
        });
        assert!(warnings.is_empty(), "{warnings:#?}");
    }
}

#[test]
fn a_documented_path_does_not_warn() {
    let documented = operations().filter(|operation| operation.facts.evidence.path.level == spec::Level::Documented);
    let warnings = warnings_of(async {
        let server = Loopback::answering(CannedResponse::json(200, "{}")).await;
        for operation in documented {
            call(&Client::unauthenticated(server.base_url()).unwrap(), &operation).await;
        }
    });
    assert!(warnings.is_empty(), "{warnings:#?}");
}
