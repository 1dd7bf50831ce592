//! How well an operation is known, beside results that rest on it. Commands that show responses of the API use it.

use enkash::{OperationId, spec::EvidenceLevel};
use serde::Serialize;
use serde_json::json;

use crate::{
    exit::CliError,
    output::{Format, List, Output, key_value_lines},
};

/// How well an operation is known, as results in JSON say it.
#[derive(Serialize)]
pub(super) struct EvidenceJson {
    path: String,
    response: String,
}

impl EvidenceJson {
    pub(super) fn for_operation(operation: OperationId) -> Self {
        let evidence = operation.operation().evidence;
        Self {
            path: evidence.path.to_string(),
            response: evidence.response.to_string(),
        }
    }
}

/// The error of a change, with a hint where the change may have happened although its response is missing.
pub(super) fn with_uncertain_hint(error: enkash::Error, hint: &str) -> CliError {
    let may_have_happened = error.was_sent() && !error.is_refused();
    let mut failure = CliError::from(error);
    if may_have_happened {
        failure.message.push_str(&format!("\n{hint}"));
    }
    failure
}

/// How many rows of one response are shown, how many came, and how many the API counts.
pub(super) struct ListCount {
    pub(super) shown: usize,
    pub(super) received: usize,
    pub(super) counted: Option<u64>,
}

impl ListCount {
    pub(super) fn is_limited(&self) -> bool {
        self.shown < self.received
    }

    /// Whether the API says that it has more than it gave.
    pub(super) fn is_cut(&self) -> bool {
        self.counted.is_some_and(|counted| counted > self.received as u64)
    }

    /// Says so where a part is shown only. That the API gave a part only is a warning: sums over it are wrong.
    pub(super) fn report(&self, of_what: &str, output: &mut Output) {
        let total = self.counted.max(Some(self.received as u64)).unwrap_or_default();
        let text = format!("{} of {total} {of_what}", self.shown);
        if self.is_cut() {
            output.warn(&format!("warning: {text}"));
        } else if self.is_limited() {
            output.note(&format!("note: {text}"));
        }
    }
}

/// Shows the rows of an operation's response, in JSON under this name.
pub(super) fn show_list<T>(
    operation: OperationId,
    name: &str,
    list: &List<T>,
    rows: &[T],
    count: &ListCount,
    output: &mut Output,
) -> Result<(), CliError> {
    if output.format == Format::Json {
        output.json(&json!({
            "evidence": EvidenceJson::for_operation(operation),
            name: list.json_of_all(rows),
            "records_count": count.counted,
            "is_limited": count.is_limited(),
        }))?;
    } else {
        list.write(rows, output)?;
    }
    note_evidence(output, operation);
    Ok(())
}

/// Shows the record of an operation's response: for people one value a line, for programs with the evidence.
pub(super) fn show_record<T>(
    operation: OperationId,
    list: &List<T>,
    record: &T,
    output: &mut Output,
) -> Result<(), CliError> {
    if output.format == Format::Json {
        let mut json = json!(list.json(record));
        json["evidence"] = json!(EvidenceJson::for_operation(operation));
        output.json(&json)?;
    } else {
        output.print_lines(key_value_lines(&list.pairs(record)))?;
    }
    note_evidence(output, operation);
    Ok(())
}

/// A response that reports success, without a list where lists of the API stand. It is not an empty one.
pub(super) fn no_list(raw: &str) -> CliError {
    CliError::runtime(format!(
        "the API reports success, and `payload.data` is missing: the response has no list where other lists of the API stand{raw}"
    ))
}

/// Says so where the API shows a part of a list only.
pub(super) fn note_cut(shown: usize, total: Option<u64>, of_what: &str, output: &mut Output) {
    if let Some(total) = total.filter(|total| *total > shown as u64) {
        output.note(&format!("note: {shown} of {total} {of_what}"));
    }
}

/// Says so where the API does not document how to ask or what comes back.
pub(super) fn note_evidence(output: &mut Output, operation: OperationId) {
    let evidence = operation.operation().evidence;
    let known = |part: &str, level| match level {
        EvidenceLevel::Documented | EvidenceLevel::Observed => None,
        level => Some(format!("{part} is {level}")),
    };
    let path = known("the path", evidence.path);
    let response = known("the response's form", evidence.response);
    let parts: Vec<_> = path.into_iter().chain(response).collect();
    if !parts.is_empty() {
        output.note(&format!(
            "note: {}; EnKash's pages do not document it",
            parts.join(", and ")
        ));
    }
}
