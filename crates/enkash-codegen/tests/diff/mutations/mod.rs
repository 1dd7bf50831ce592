//! Random changes of the real description: each is named, in the category that it touches, and none passes in silence.

mod fields;
mod operations;

use std::sync::OnceLock;

use enkash_codegen::diff::{Category, Report, Severity, compare};
use enkash_codegen::spec::yaml_to_json;
use serde_json::Value;

use crate::pairs::Side;
use crate::random::Random;
use fields::*;
use operations::*;

fn real() -> Side {
    static REAL: OnceLock<Side> = OnceLock::new();
    let read = |text| yaml_to_json(text).expect("the description is YAML");
    let real = REAL.get_or_init(|| Side {
        document: read(include_str!("../../../embedded/spec/rewards.yaml")),
        policy: read(include_str!("../../../embedded/spec/policy.yaml")),
        surface: read(include_str!("../../../embedded/spec/surface.yaml")),
        sandbox: read(include_str!("../../../embedded/spec/sandbox.overlay.yaml")),
    });
    real.clone()
}

/// What a mutation did: the rules that may name it, what the subject holds, and the category that must have it.
struct Did {
    what: String,
    rules: &'static [&'static str],
    subject: String,
    category: Category,
    severity: Severity,
}

fn did(
    what: &str,
    rules: &'static [&'static str],
    subject: &str,
    category: Category,
    severity: Severity,
) -> Option<Did> {
    Some(Did {
        what: format!("{what} {subject}"),
        rules,
        subject: subject.to_owned(),
        category,
        severity,
    })
}

type Mutation = fn(&mut Side, &mut Random) -> Option<Did>;

const MUTATIONS: [Mutation; 30] = [
    field_removed,
    field_added,
    field_renamed,
    field_of_another_type,
    field_without_format,
    field_required,
    field_refers,
    field_deprecated,
    field_with_unknown_key,
    items_of_another_type,
    word_added,
    word_removed,
    type_removed,
    type_added,
    operation_removed,
    operation_renamed,
    path_changed,
    method_changed,
    tag_changed,
    security_changed,
    parameter_added,
    parameter_of_another_type,
    parameter_removed,
    status_removed,
    status_added,
    evidence_changed,
    note_changed,
    example_removed,
    policy_changed,
    wrapper_renamed,
];

fn keys(value: &Value) -> Vec<String> {
    value
        .as_object()
        .map(|map| map.keys().cloned().collect())
        .unwrap_or_default()
}

fn set(side: &mut Side, pointer: &str, key: &str, value: Value) -> Option<()> {
    side.document.pointer_mut(pointer)?[key] = value;
    Some(())
}

fn remove(side: &mut Side, pointer: &str, key: &str) -> Option<Value> {
    side.document.pointer_mut(pointer)?.as_object_mut()?.remove(key)
}

fn is_named(report: &Report, did: &Did) -> bool {
    report.findings.iter().any(|finding| {
        did.rules.contains(&finding.rule)
            && (finding.subject == did.subject || finding.subject.starts_with(&format!("{} ", did.subject)))
            && finding.severity_of(did.category) >= did.severity
    })
}

#[test]
fn each_of_three_hundred_changes_of_the_real_description_is_named_in_its_category() {
    let before = real();
    let description = before.description();
    let mut random = Random::new(20_260_131);
    let (mut made, mut wrong) = (0, Vec::new());
    let mut kinds = [0; MUTATIONS.len()];
    for round in 0.. {
        if made == 300 {
            break;
        }
        assert!(round < 3000, "mutations find nothing to change");
        let mut after = before.clone();
        let kind = round % MUTATIONS.len();
        let Some(did) = MUTATIONS[kind](&mut after, &mut random) else {
            continue;
        };
        if after == before {
            continue;
        }
        (made, kinds[kind]) = (made + 1, kinds[kind] + 1);
        let report = compare(&description, &after.description());
        if !is_named(&report, &did) {
            let found: Vec<_> = report
                .findings
                .iter()
                .map(|finding| (finding.rule, &finding.subject))
                .collect();
            wrong.push(format!("{}: {found:?}", did.what));
        }
    }
    assert!(kinds.iter().all(|count| *count > 0), "{kinds:?}");
    assert!(wrong.is_empty(), "{} of {made}\n{}", wrong.len(), wrong.join("\n"));
}
