//! `spec/policy.yaml`: what each operation does with value, and how it may be repeated and settled.
//!
//! None of this is a wire fact, which is why it stands apart from the OpenAPI document. The types are those of
//! `enkash_policy`, which the client shares; this holds the file against its tables and knows its lines.

use enkash_policy::Policy;

use super::diagnostic::Diagnostic;
use super::document::Document;
use super::pointer::Pointer;
use super::shape::Shape::{Count, List, MapOf, NullOr, Object as Is, Text, Word};
use super::shape::{self, Object, Others, Shape, optional, required};
use super::suggestion::did_you_mean;

const EFFECTS: [&str; 4] = ["authenticates", "reads", "changes-state", "moves-value"];
const REPEATS: [&str; 2] = ["safe", "never"];
const AFTER_401: [&str; 2] = ["replay", "unknown"];
const PAYLOAD_KINDS: [&str; 2] = ["object", "text"];
const SETTLEMENT_EVIDENCE: [&str; 3] = ["verified", "unverified", "none"];

static FILE: Shape = Is(&POLICY);

static POLICY: Object = Object {
    section: None,
    fields: &[required("operations", MapOf(&Is(&OPERATION)))],
    others: Others::Refused,
};

static OPERATION: Object = Object {
    section: None,
    fields: &[
        required("effect", Word(&EFFECTS)),
        required("repeat", Word(&REPEATS)),
        required("after-401", Word(&AFTER_401)),
        optional("reference", Is(&REFERENCE)),
        optional("outcome", Is(&OUTCOME)),
        optional("settlement", Is(&SETTLEMENT)),
        optional("note", Text),
    ],
    others: Others::Refused,
};

static REFERENCE: Object = Object {
    section: None,
    fields: &[required("sent-as", List(&Text)), required("echoed-as", NullOr(&Text))],
    others: Others::Refused,
};

static OUTCOME: Object = Object {
    section: None,
    fields: &[
        optional("success-codes", List(&Text)),
        optional("success-messages", List(&Text)),
        optional("success-payload", Word(&PAYLOAD_KINDS)),
        optional("success-texts", List(&Text)),
        optional("refusal-codes", List(&Text)),
        optional("refusal-texts", List(&Text)),
        optional("other-fields", List(&Text)),
    ],
    others: Others::Refused,
};

static SETTLEMENT: Object = Object {
    section: None,
    fields: &[
        required("evidence", Word(&SETTLEMENT_EVIDENCE)),
        optional("absence-proves-after-seconds", NullOr(&Count)),
        optional("steps", List(&Is(&STEP))),
        optional("entry", Is(&ENTRY)),
    ],
    others: Others::Refused,
};

static ENTRY: Object = Object {
    section: None,
    fields: &[
        optional("states", List(&Text)),
        optional("credit-kinds", List(&Text)),
        optional("debit-kinds", List(&Text)),
        optional("descriptions", List(&Text)),
        optional("same-dates", List(&Text)),
        optional("later-dates", List(&Text)),
        optional("other-fields", List(&Text)),
    ],
    others: Others::Refused,
};

static STEP: Object = Object {
    section: None,
    fields: &[
        required("find", Text),
        required("operation", Text),
        required("by", Text),
    ],
    others: Others::Refused,
};

/// Reads the policy out of its document.
pub(crate) fn read(document: &Document) -> Result<Policy, Vec<Diagnostic>> {
    let diagnostics = shape::check(document, &FILE).diagnostics;
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    serde_json::from_value(document.value.clone())
        .map_err(|error| vec![document.diagnostic(&Pointer::root(), error.to_string())])
}

/// Finds entries and settlement steps that name operations which do not exist.
pub(crate) fn unknown_operations(document: &Document, policy: &Policy, known: &[&str]) -> Vec<Diagnostic> {
    let operations = Pointer::root().child("operations");
    let unknown = |at: Pointer, name: &str| {
        (!known.contains(&name)).then(|| {
            let hint = did_you_mean(name, known.iter().copied());
            document.diagnostic(&at, format!("{at}: there is no operation {name}{hint}"))
        })
    };
    let mut diagnostics = Vec::new();
    for (name, entry) in &policy.operations {
        let at = operations.child(name);
        diagnostics.extend(unknown(at.clone(), name));
        for (index, step) in entry.settlement.steps.iter().enumerate() {
            let at = at.child("settlement").child("steps").index(index).child("operation");
            diagnostics.extend(unknown(at, &step.operation));
        }
    }
    diagnostics
}

#[cfg(test)]
mod tests {
    use enkash_policy::{After401, Effect, PayloadKind, Repeat, SettlementEvidence};
    use serde::de::DeserializeOwned;

    use super::{AFTER_401, EFFECTS, PAYLOAD_KINDS, REPEATS, SETTLEMENT_EVIDENCE};

    fn spelled<T: DeserializeOwned, const N: usize>(words: [&str; N], as_str: fn(T) -> &'static str) {
        for word in words {
            assert_eq!(as_str(serde_json::from_value(word.into()).unwrap()), word);
        }
    }

    #[test]
    fn the_words_of_the_tables_are_those_of_the_types() {
        spelled(EFFECTS, Effect::as_str);
        spelled(REPEATS, Repeat::as_str);
        spelled(AFTER_401, After401::as_str);
        spelled(PAYLOAD_KINDS, PayloadKind::as_str);
        spelled(SETTLEMENT_EVIDENCE, SettlementEvidence::as_str);
    }
}
