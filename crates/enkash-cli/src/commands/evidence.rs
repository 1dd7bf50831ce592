//! How well an operation is known, beside results that rest on it. Commands that show what the API answered use it.

use enkash::{EvidenceLevel, OperationId};
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

/// The error of a change, with a hint where the change may have happened although its answer is missing.
pub(super) fn with_uncertain_hint(error: enkash::Error, hint: &str) -> CliError {
    let may_have_happened = error.was_sent() && !error.is_refused();
    let mut failure = CliError::from(error);
    if may_have_happened {
        failure.message.push_str(&format!("\n{hint}"));
    }
    failure
}

/// Shows the rows that an operation answered with, in JSON under this name.
pub(super) fn show_list<T>(
    operation: OperationId,
    name: &str,
    list: &List<T>,
    rows: &[T],
    output: &mut Output,
) -> Result<(), CliError> {
    if output.format == Format::Json {
        let evidence = EvidenceJson::for_operation(operation);
        output.json(&json!({ "evidence": evidence, name: list.json_of_all(rows) }))?;
    } else {
        list.write(rows, output)?;
    }
    note_evidence(output, operation);
    Ok(())
}

/// Shows the record that an operation answered with: for people one value a line, for programs with the evidence.
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

/// An answer that says success, without a list where lists of the API stand. It is not an empty one.
pub(super) fn no_list(raw: &str) -> CliError {
    CliError::runtime(format!(
        "the portal said yes, and `payload.data` is missing: its answer has no list where its other lists stand{raw}"
    ))
}

/// Says so where the portal does not document how to ask or what comes back.
pub(super) fn note_evidence(output: &mut Output, operation: OperationId) {
    let evidence = operation.operation().evidence;
    let path = match evidence.path {
        EvidenceLevel::Documented => None,
        level => Some(format!("the path is {level}")),
    };
    let response = match evidence.response {
        EvidenceLevel::Documented => None,
        EvidenceLevel::Unknown => Some("nobody saw the answer's form".to_owned()),
        level => Some(format!("the answer's form is {level}")),
    };
    let parts: Vec<_> = path.into_iter().chain(response).collect();
    if !parts.is_empty() {
        output.note(&format!(
            "note: {}; the portal's pages do not document it",
            parts.join(", and ")
        ));
    }
}
