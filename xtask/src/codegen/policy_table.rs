//! The policy table of the high level: what each operation does with value, and how it may be repeated
//! and settled. An operation that is missing there counts as moving value.

use std::fmt::Write;

use anyhow::Result;
use heck::ToUpperCamelCase;

use super::{
    Artefact, operations,
    rust_source::{header, literal, optional_literal},
};
use crate::spec::{After401, OperationPolicy, Repeat, Spec};

pub(super) fn generate(spec: &Spec) -> Result<Artefact> {
    let mut content = header("spec/policy.yaml");
    let mut policies = spec.operations.iter().map(|operation| &operation.policy);
    if policies.any(|policy| policy.settlement.absence_proves_after_seconds.is_some()) {
        content.push_str("use std::time::Duration;\n\n");
    }
    content.push_str(
        "use enkash_api::OperationId;\n\nuse crate::policy::{After401, Effect, Policy, Reference, Repeat, Settlement, \
         SettlementEvidence, SettlementStep};\n\n",
    );
    content.push_str("/// What is known of each operation, in the order of the description.\n");
    content.push_str("pub(crate) const POLICIES: &[(OperationId, Policy)] = &[\n");
    for operation in &spec.operations {
        writeln!(content, "    (")?;
        writeln!(content, "        OperationId::{},", operations::variant(operation))?;
        row(&mut content, &operation.policy)?;
        writeln!(content, "    ),")?;
    }
    content.push_str("];\n");
    Ok(Artefact {
        path: "crates/enkash/src/policy_table.rs",
        content,
    })
}

fn row(content: &mut String, policy: &OperationPolicy) -> std::fmt::Result {
    writeln!(content, "        Policy {{")?;
    writeln!(
        content,
        "            effect: Effect::{},",
        policy.effect.as_str().to_upper_camel_case()
    )?;
    let repeat = match policy.repeat {
        Repeat::Safe => "Safe",
        Repeat::Never => "Never",
    };
    writeln!(content, "            repeat: Repeat::{repeat},")?;
    let after_401 = match policy.after_401 {
        After401::Replay => "Replay",
        After401::Unknown => "Unknown",
    };
    writeln!(content, "            after_401: After401::{after_401},")?;
    match &policy.reference {
        None => writeln!(content, "            reference: None,")?,
        Some(reference) => {
            let names: Vec<_> = reference.sent_as.iter().map(|name| literal(name)).collect();
            writeln!(content, "            reference: Some(Reference {{")?;
            writeln!(content, "                sent_as: &[{}],", names.join(", "))?;
            writeln!(
                content,
                "                echoed_as: {},",
                optional_literal(reference.echoed_as.as_deref())
            )?;
            writeln!(content, "            }}),")?;
        }
    }
    writeln!(content, "            settlement: Settlement {{")?;
    writeln!(
        content,
        "                evidence: SettlementEvidence::{},",
        policy.settlement.evidence.as_str().to_upper_camel_case()
    )?;
    let absence = match policy.settlement.absence_proves_after_seconds {
        None => "None".to_owned(),
        Some(seconds) => format!("Some(Duration::from_secs({seconds}))"),
    };
    writeln!(content, "                absence_proves_after: {absence},")?;
    writeln!(content, "                steps: &[")?;
    for step in &policy.settlement.steps {
        writeln!(
            content,
            "                    SettlementStep {{ find: {}, operation: OperationId::{}, by: {} }},",
            literal(&step.find),
            step.operation.to_upper_camel_case(),
            literal(&step.by)
        )?;
    }
    writeln!(content, "                ],\n            }},\n        }},")
}
