//! What operators see of a client: spans for `tracing`, and the hook for metrics. The pipeline and the two
//! ways of calling report here; the names are a promise, written down in docs/observability.md.

mod call;
mod metrics;
mod spans;

pub use self::metrics::{CallEvent, CallResult, LogInEvent, LogInResult, Metrics, RetryEvent};
pub(crate) use self::{
    call::ObservedCall,
    metrics::Observer,
    spans::{AttemptSpan, CallSpan},
};
