//! Watches one call: opens its span, and tells the metrics hook how it ended, also when it ends by being
//! dropped. A money call that is dropped after it was handed over is the one doubt that no outcome names, so the log does:
//! each warning names the reference of one intent.

use enkash_api::OperationId;
use tracing::{Span, field::Empty};

use crate::{
    error::Error,
    metrics::{CallEvent, CallResult, MetricsHook},
    model::reference::ClientReference,
    outcome::{Outcome, UnknownReason},
    transport::{call_state::CallState, history::SendProgress},
};

/// A call under observation.
pub(crate) struct CallGuard<'a> {
    operation: OperationId,
    observer: &'a MetricsHook,
    state: &'a CallState,
    moves_value: bool,
    /// Of the intents that travel in it: the handles on a call whose outcome nobody gets.
    references: Vec<ClientReference>,
    span: Span,
    has_ended: bool,
}

impl<'a> CallGuard<'a> {
    pub(crate) fn start(
        operation: OperationId,
        observer: &'a MetricsHook,
        state: &'a CallState,
        moves_value: bool,
    ) -> Self {
        Self {
            operation,
            observer,
            state,
            moves_value,
            references: Vec::new(),
            span: call_span(operation),
            has_ended: false,
        }
    }

    /// The same, of a call in which these intents travel.
    pub(crate) fn of_intents(mut self, references: Vec<ClientReference>) -> Self {
        self.references = references;
        self
    }

    pub(crate) fn span(&self) -> Span {
        self.span.clone()
    }

    /// A read ended.
    pub(crate) fn finish_read<T>(mut self, result: &Result<T, Error>) {
        match result {
            Ok(_) => self.end(CallResult::Ok, None),
            Err(error) if error.is_refused() => self.end(CallResult::Refused, Some(error)),
            Err(error) if error.was_sent() => self.end(CallResult::Failed, Some(error)),
            Err(error) => self.end(CallResult::NotSent, Some(error)),
        }
    }

    /// A call that moves value ended, with an outcome for each intent. The one that somebody must look at stands for the call,
    /// or else the first.
    pub(crate) fn finish_value_call<T>(mut self, outcomes: &[Outcome<T>]) {
        let is_unknown = |outcome: &&Outcome<T>| matches!(outcome, Outcome::Unknown(_));
        match outcomes.iter().find(is_unknown).or(outcomes.first()) {
            Some(Outcome::Done(_)) => self.end(CallResult::Done, None),
            Some(Outcome::Pending(_)) => self.end(CallResult::Pending, None),
            Some(Outcome::Refused(error)) => self.end(CallResult::Refused, Some(error)),
            Some(Outcome::NotSent(error)) => self.end(CallResult::NotSent, Some(error)),
            Some(Outcome::Unknown(unknown)) => {
                let error = match &unknown.reason {
                    UnknownReason::NoAnswer(error) | UnknownReason::UnclearAnswer(error) => Some(error),
                    UnknownReason::OtherReference { .. }
                    | UnknownReason::NoReference
                    | UnknownReason::NotSettled(_) => None,
                };
                self.end(CallResult::Unknown, error);
            }
            // No intent, so nothing ended: it counts as dropped.
            None => return,
        }
        for outcome in outcomes {
            if let Outcome::Unknown(unknown) = outcome {
                self.warn_of_unknown(&unknown.ticket.reference);
            }
        }
    }

    fn warn_of_unknown(&self, reference: &ClientReference) {
        self.span().in_scope(|| {
            tracing::warn!(
                target: "enkash",
                { enkash.operation = self.operation.operation().name, enkash.reference = reference.as_str() },
                "it is not known whether the call happened: settle it before anything is repeated"
            );
        });
    }

    fn warn_of_dropped(&self, reference: &ClientReference) {
        self.span().in_scope(|| {
            tracing::warn!(
                target: "enkash",
                { enkash.operation = self.operation.operation().name, enkash.reference = reference.as_str() },
                "a call that moves value was dropped after it was handed over: it may have happened"
            );
        });
    }

    fn end(&mut self, result: CallResult, error: Option<&Error>) {
        self.has_ended = true;
        if self.span.is_none() && !self.observer.is_enabled() {
            return;
        }
        let attempts = self.state.attempt_count();
        let is_sent = self.state.sent() == SendProgress::HandedOver;
        self.span.record("enkash.outcome", result.as_str());
        self.span.record("enkash.attempts", attempts);
        self.span.record("enkash.sent", is_sent);
        if let Some(error) = error {
            self.span.record("error.type", error.label());
        }
        if !matches!(result, CallResult::Ok | CallResult::Done | CallResult::Pending) {
            self.span.record("otel.status_code", "ERROR");
        }
        self.observer.call(&CallEvent {
            operation: self.operation,
            result,
            attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
            elapsed: self.state.started.elapsed(),
        });
    }
}

impl Drop for CallGuard<'_> {
    fn drop(&mut self) {
        if self.has_ended {
            return;
        }
        self.end(CallResult::Cancelled, None);
        if self.moves_value && self.state.sent() == SendProgress::HandedOver {
            for reference in &self.references {
                self.warn_of_dropped(reference);
            }
        }
    }
}

/// The span of one call, from its start to its end.
fn call_span(operation: OperationId) -> Span {
    let name = operation.operation().name;
    tracing::info_span!(
        target: "enkash",
        "enkash.call",
        otel.name = name,
        otel.kind = "internal",
        otel.status_code = Empty,
        enkash.operation = name,
        enkash.outcome = Empty,
        enkash.attempts = Empty,
        enkash.sent = Empty,
        error.type = Empty,
    )
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::metrics::Metrics;
    use crate::tests::support::ScriptStep;
    use crate::tests::support::ScriptedSender;
    use crate::tests::support::builder;
    use crate::tests::support::rewards;

    #[derive(Default)]
    struct Results(Mutex<Vec<CallResult>>);

    impl Metrics for Arc<Results> {
        fn call(&self, call: &CallEvent) {
            self.0.lock().unwrap().push(call.result);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_lacks_what_is_read_from_it_is_no_success() {
        let results = Arc::<Results>::default();
        let script = ScriptedSender::always(ScriptStep::Answer(200, r#"{"code":0,"payload":{}}"#));
        let enkash = builder()
            .metrics(Arc::clone(&results))
            .build_with_sender(script)
            .unwrap();
        let error = rewards(&enkash).account().await.unwrap_err();
        assert!(error.was_sent() && error.attempts().len() == 1);
        assert_eq!(*results.0.lock().unwrap(), [CallResult::Failed]);
    }
}
