//! What operators see: the spans with their fields, and the metrics hook. The names stand in
//! docs/observability.md; changing one breaks somebody's dashboard.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use enkash::{
    AttemptResult, Money, OperationId,
    config::RetryPolicy,
    metrics::{CallEvent, CallResult, LoginEvent, Metrics, RetryEvent},
    rewards::{BulkAllocation, BulkMode, BulkRow},
};
use enkash_sandbox::{Fault, FaultRule, Operation, Sandbox, When};
use tracing_subscriber::{Layer, Registry, layer::Context, prelude::*};

use crate::fixture::{Fixture, allocation, builder, builder_with_password, until};

#[derive(Clone, Default)]
struct Counters(Arc<Mutex<Vec<String>>>);

impl Counters {
    fn note(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    fn lines(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// Without the logins.
    fn calls(&self) -> Vec<String> {
        let lines = self.lines().into_iter();
        lines.filter(|line| !line.starts_with("login")).collect()
    }
}

impl Metrics for Counters {
    fn call(&self, call: &CallEvent) {
        self.note(format!(
            "{} {} after {}",
            call.operation,
            call.result.as_str(),
            call.attempts
        ));
    }

    fn retry(&self, retry: &RetryEvent) {
        assert!(matches!(retry.result, AttemptResult::Answered(_)));
        self.note(format!("{} repeated after attempt {}", retry.operation, retry.attempt));
    }

    fn retry_budget_exhausted(&self, operation: OperationId) {
        self.note(format!("{operation} not repeated"));
    }

    fn login(&self, login: &LoginEvent) {
        self.note(format!("login {}", login.result.as_str()));
    }
}

async fn fixture(counters: &Counters) -> Fixture {
    let sandbox = Sandbox::start().await.unwrap();
    let retries = RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO).budget(1);
    let enkash = builder(&sandbox)
        .retries(retries)
        .metrics(counters.clone())
        .build()
        .unwrap();
    enkash.token().await.unwrap();
    Fixture { sandbox, enkash }
}

#[tokio::test]
async fn the_metrics_hook_is_told_of_calls_repetitions_and_the_budget() {
    let counters = Counters::default();
    let fixture = fixture(&counters).await;
    counters.lines();
    fixture.rewards().account().await.unwrap();
    fixture
        .rewards()
        .allocate(allocation("1", "REF1"))
        .await
        .done()
        .unwrap();
    fixture.fault(Fault::ServerError(When::After));
    assert_eq!(
        fixture.rewards().allocate(allocation("1", "REF2")).await.as_str(),
        "unknown"
    );
    assert_eq!(
        fixture.rewards().allocate(allocation("0", "REF3")).await.as_str(),
        "not sent"
    );
    assert_eq!(
        counters.lines(),
        [
            "getRewardAccount ok after 1",
            "createAllocatePoints done after 1",
            "createAllocatePoints unknown after 1",
        ],
        "what is refused before a call begins is no call"
    );

    let gateway = Fault::BadGateway(When::Before);
    fixture
        .sandbox
        .add_fault(FaultRule::on(Operation::GetRewardAccount, gateway));
    fixture.rewards().account().await.unwrap_err();
    assert_eq!(
        counters.lines(),
        [
            "getRewardAccount repeated after attempt 1",
            "getRewardAccount not repeated",
            "getRewardAccount failed after 2",
        ]
    );
}

#[tokio::test]
async fn the_metrics_hook_is_told_of_each_log_in() {
    let counters = Counters::default();
    let fixture = fixture(&counters).await;
    assert_eq!(counters.lines(), ["login succeeded"]);
    let wrong = builder_with_password(&fixture.sandbox, "wrong")
        .metrics(counters.clone())
        .build()
        .unwrap();
    for _ in 0..2 {
        wrong.token().await.unwrap_err();
    }
    // The second one was not sent: the API's answer to the first still stands.
    assert_eq!(counters.lines(), ["login rejected", "login rejected"]);
    assert_eq!(fixture.sandbox.calls(Operation::IssueToken), 2);
}

#[tokio::test]
async fn the_metrics_hook_is_told_of_a_call_that_was_dropped() {
    let counters = Counters::default();
    let fixture = fixture(&counters).await;
    counters.lines();
    fixture.fault(Fault::Delay(Duration::from_secs(3600), When::After));
    {
        let rewards = fixture.rewards();
        tokio::select! {
            outcome = rewards.allocate(allocation("1", "REF1")) => panic!("{outcome:?}"),
            () = until("its effect", || fixture.sandbox.credits("REF1") == 1) => {}
        }
    }
    assert_eq!(counters.lines(), ["createAllocatePoints cancelled after 1"]);
    assert_eq!(CallResult::Cancelled.as_str(), "cancelled");
    assert_eq!(fixture.sandbox.calls(Operation::CreateAllocatePoints), 1);
}

/// Closed spans with their fields.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<BTreeMap<String, String>>>>);

struct Fields(BTreeMap<String, String>);

impl tracing::field::Visit for Fields {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &tracing::field::Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
}

impl Layer<Registry> for Spans {
    fn on_new_span(
        &self,
        attributes: &tracing::span::Attributes<'_>,
        id: &tracing::span::Id,
        context: Context<'_, Registry>,
    ) {
        let span = context.span(id).unwrap();
        let mut fields = Fields(BTreeMap::from([("span".to_owned(), span.name().to_owned())]));
        attributes.record(&mut fields);
        span.extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &tracing::span::Id, values: &tracing::span::Record<'_>, context: Context<'_, Registry>) {
        let span = context.span(id).unwrap();
        values.record(span.extensions_mut().get_mut::<Fields>().unwrap());
    }

    fn on_close(&self, id: tracing::span::Id, context: Context<'_, Registry>) {
        let span = context.span(&id).unwrap();
        if span.metadata().target() == "enkash" {
            let Fields(mut fields) = span.extensions_mut().remove().unwrap();
            let parent = span.parent().map_or("none", |parent| parent.name());
            fields.insert("parent".to_owned(), parent.to_owned());
            self.0.lock().unwrap().push(fields);
        }
    }
}

#[tokio::test]
async fn spans_have_the_documented_names_and_fields() {
    let spans = Spans::default();
    let fixture = fixture(&Counters::default()).await;
    let _listening = tracing::subscriber::set_default(tracing_subscriber::registry().with(spans.clone()));
    let gateway = Fault::BadGateway(When::Before);
    fixture
        .sandbox
        .add_fault(FaultRule::on(Operation::GetRewardAccount, gateway).times(1));
    fixture.rewards().account().await.unwrap();
    fixture.fault(Fault::ServerError(When::After));
    assert_eq!(
        fixture.rewards().allocate(allocation("1", "REF1")).await.as_str(),
        "unknown"
    );

    let port = fixture.sandbox.address().port().to_string();
    let attempt = |operation: &str, more: &[(&str, &str)]| {
        let fields = [
            ("span", "enkash.attempt"),
            ("parent", "enkash.call"),
            ("enkash.operation", operation),
            ("enkash.token.generation", "1"),
            ("http.request.method", "POST"),
            ("otel.kind", "client"),
            ("otel.name", "POST"),
            ("server.address", "127.0.0.1"),
            ("server.port", &port),
        ];
        expected(&[&fields, more].concat())
    };
    let call = |operation: &str, more: &[(&str, &str)]| {
        let fields = [
            ("span", "enkash.call"),
            ("parent", "none"),
            ("enkash.operation", operation),
            ("enkash.sent", "true"),
            ("otel.kind", "internal"),
            ("otel.name", operation),
        ];
        expected(&[&fields, more].concat())
    };
    let error = ("otel.status_code", "ERROR");
    let (read, money) = ("getRewardAccount", "createAllocatePoints");
    let mut closed = spans.0.lock().unwrap().clone();
    for span in &mut closed {
        if let Some(waited) = span.remove("enkash.waited_ms") {
            waited.parse::<u64>().unwrap();
        }
    }
    let status = "http.response.status_code";
    assert_eq!(
        closed,
        [
            attempt(
                read,
                &[("enkash.attempt", "1"), (status, "502"), ("error.type", "502"), error]
            ),
            attempt(
                read,
                &[
                    ("enkash.attempt", "2"),
                    ("http.request.resend_count", "1"),
                    (status, "200")
                ]
            ),
            call(read, &[("enkash.attempts", "2"), ("enkash.outcome", "ok")]),
            attempt(
                money,
                &[("enkash.attempt", "1"), (status, "500"), ("error.type", "500"), error]
            ),
            call(
                money,
                &[
                    ("enkash.attempts", "1"),
                    ("enkash.outcome", "unknown"),
                    ("error.type", "unreadable"),
                    error
                ]
            ),
        ]
    );
}

fn expected(fields: &[(&str, &str)]) -> BTreeMap<String, String> {
    fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[tokio::test]
async fn a_call_that_the_missing_echo_holds_back_is_counted() {
    let counters = Counters::default();
    let fixture = fixture(&counters).await;
    fixture.fault(Fault::OtherReference);
    for name in ["REF1", "REF2"] {
        assert!(fixture.rewards().allocate(allocation("1", name)).await.done().is_none());
    }
    assert_eq!(
        counters.calls(),
        [
            "createAllocatePoints unknown after 1",
            "createAllocatePoints not_sent after 0"
        ]
    );
}

#[tokio::test]
async fn a_bulk_request_counts_as_the_row_that_somebody_must_look_at() {
    let counters = Counters::default();
    let fixture = fixture(&counters).await;
    let row = |mobile: &str, amount: i32, name: &str| {
        let reference = name.parse().unwrap();
        BulkRow::new("Mr", "Ravi", "ravi@example.com", mobile, Money::from(amount), reference)
    };
    let all = |rows| BulkAllocation::new(rows, BulkMode::ExistingAndNew).unwrap();
    let good = all(vec![row("9000000011", 10, "BULK1")]);
    let twins = all(vec![
        row("9000000011", 10, "BULK2"),
        row("9000000012", 5, "BULK3"),
        row("9000000012", 5, "BULK4"),
    ]);
    for bulk in [good, twins] {
        let _ = fixture.rewards().allocate_bulk(bulk).await;
    }
    assert_eq!(
        counters.calls(),
        [
            "bulkCreateAllocateRewards done after 1",
            "bulkCreateAllocateRewards unknown after 1"
        ]
    );
}

/// The warnings of `enkash`, as operation and reference.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<(String, String)>>>);

impl Warnings {
    /// Those since the last time, in order of their references.
    fn take(&self) -> Vec<(String, String)> {
        let mut warnings = std::mem::take(&mut *self.0.lock().unwrap());
        warnings.sort();
        warnings
    }
}

impl Layer<Registry> for Warnings {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, Registry>) {
        if event.metadata().target() == "enkash" && *event.metadata().level() == tracing::Level::WARN {
            let mut fields = Fields(BTreeMap::new());
            event.record(&mut fields);
            let mut take = |name| fields.0.remove(name).unwrap_or_default();
            let named = (take("enkash.operation"), take("enkash.reference"));
            self.0.lock().unwrap().push(named);
        }
    }
}

fn bulk(references: [&str; 2]) -> BulkAllocation {
    let row = |(reference, mobile): (&str, &str)| {
        let reference = reference.parse().unwrap();
        BulkRow::new("Mr", "Ravi", "ravi@example.com", mobile, Money::from(1), reference)
    };
    let rows = references.into_iter().zip(["9000000011", "9000000012"]);
    BulkAllocation::new(rows.map(row).collect(), BulkMode::ExistingAndNew).unwrap()
}

#[tokio::test]
async fn each_payment_in_doubt_is_warned_of_by_its_reference() {
    let warnings = Warnings::default();
    let fixture = fixture(&Counters::default()).await;
    let _listening = tracing::subscriber::set_default(tracing_subscriber::registry().with(warnings.clone()));
    let named = |operation: &str, references: &[&str]| -> Vec<_> {
        let pair = |reference: &&str| (operation.to_owned(), (*reference).to_owned());
        references.iter().map(pair).collect()
    };
    let (points, many) = ("createAllocatePoints", "bulkCreateAllocateRewards");
    let rewards = fixture.rewards();
    rewards.allocate(allocation("1", "REF1")).await.done().unwrap();
    assert_eq!(warnings.take(), []);

    fixture.fault(Fault::ServerError(When::After));
    assert!(rewards.allocate(allocation("1", "REF2")).await.is_unknown());
    assert_eq!(warnings.take(), named(points, &["REF2"]));

    let on_bulk = |fault| FaultRule::on(Operation::BulkCreateAllocateRewards, fault);
    fixture
        .sandbox
        .add_fault(on_bulk(Fault::ServerError(When::After)).times(1));
    let outcome = rewards.allocate_bulk(bulk(["ROW1", "ROW2"])).await;
    assert!(outcome.rows.iter().all(|row| row.is_unknown()));
    assert_eq!(warnings.take(), named(many, &["ROW1", "ROW2"]));

    let forever = || Fault::Delay(Duration::from_secs(3600), When::After);
    fixture.sandbox.clear_faults();
    fixture.fault(forever());
    fixture.sandbox.add_fault(on_bulk(forever()));
    tokio::select! {
        outcome = rewards.allocate(allocation("1", "REF3")) => panic!("{outcome:?}"),
        () = until("its effect", || fixture.sandbox.credits("REF3") == 1) => {}
    }
    assert_eq!(warnings.take(), named(points, &["REF3"]));
    tokio::select! {
        outcome = rewards.allocate_bulk(bulk(["ROW3", "ROW4"])) => panic!("{outcome:?}"),
        () = until("its effect", || fixture.sandbox.credits("ROW4") == 1) => {}
    }
    assert_eq!(warnings.take(), named(many, &["ROW3", "ROW4"]));

    drop(rewards.allocate(allocation("1", "REF4")));
    assert_eq!(warnings.take(), [], "nothing was handed over");
}
