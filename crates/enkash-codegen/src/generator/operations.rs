//! The operation table of the low level: what each operation is, which pages describe it, and how well; and the ids alone
//! for the sandbox.

use std::fmt::Write;

use anyhow::Result;
use heck::ToUpperCamelCase;

use super::{
    GeneratedFile,
    rust_source::{header, literal, one_line, optional_literal},
};
use crate::spec::{Level, Operation, Spec};

pub(super) fn generate(spec: &Spec) -> Result<GeneratedFile> {
    let mut content = header("spec/rewards.yaml");
    content.push_str("/// The id of an operation. More may come with a later description.\n");
    ids(&mut content, "OperationId", spec)?;
    content.push_str("\n/// Every operation, in the order of the description.\n");
    content.push_str("pub const OPERATIONS: &[Operation] = &[\n");
    for operation in &spec.operations {
        row(&mut content, operation)?;
    }
    content.push_str("];\n");
    Ok(GeneratedFile {
        path: "crates/enkash-api/src/operations.rs".to_owned(),
        content,
    })
}

/// The ids again, for the sandbox: it has no type in common with the client. Its `match` over them shows one that it does not
/// serve.
pub(super) fn generate_for_sandbox(spec: &Spec) -> Result<GeneratedFile> {
    let mut content = header("spec/rewards.yaml");
    content.push_str("/// An operation of the Reward APIs, by the `operationId` of the bundled document.\n");
    ids(&mut content, "Operation", spec)?;
    content.push_str("\nimpl Operation {\n    /// Every operation, in the order of the document.\n");
    content.push_str("    pub const ALL: &'static [Operation] = &[\n");
    for operation in &spec.operations {
        writeln!(content, "        Operation::{},", variant(operation))?;
    }
    content.push_str("    ];\n\n    /// The `operationId` in the bundled document.\n    #[must_use]\n");
    content.push_str("    pub const fn id(self) -> &'static str {\n        match self {\n");
    for operation in &spec.operations {
        writeln!(
            content,
            "            Operation::{} => {},",
            variant(operation),
            literal(&operation.id)
        )?;
    }
    content.push_str("        }\n    }\n}\n");
    Ok(GeneratedFile {
        path: "crates/enkash-sandbox/src/operation/generated.rs".to_owned(),
        content,
    })
}

fn ids(content: &mut String, name: &str, spec: &Spec) -> std::fmt::Result {
    content.push_str("#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]\n#[non_exhaustive]\n");
    writeln!(content, "pub enum {name} {{")?;
    for operation in &spec.operations {
        writeln!(content, "    /// {}", one_line(&operation.summary))?;
        writeln!(content, "    {},", variant(operation))?;
    }
    writeln!(content, "}}")
}

/// The name of an operation in `OperationId`.
pub(super) fn variant(operation: &Operation) -> String {
    operation.id.to_upper_camel_case()
}

fn row(content: &mut String, operation: &Operation) -> std::fmt::Result {
    writeln!(content, "    Operation {{")?;
    writeln!(content, "        id: OperationId::{},", variant(operation))?;
    for (field, value) in [
        ("name", &operation.id),
        ("rust_name", &operation.rust_name),
        ("method", &operation.method),
        ("path", &operation.path),
        ("tag", &operation.tag),
    ] {
        writeln!(content, "        {field}: {},", literal(value))?;
    }
    writeln!(content, "        pages: &[")?;
    for page in &operation.pages {
        writeln!(
            content,
            "            DocPage {{ id: {}, title: {}, section: {} }},",
            optional_literal(page.id.as_deref()),
            literal(&page.title),
            literal(&page.section)
        )?;
    }
    writeln!(content, "        ],")?;
    writeln!(content, "        evidence: Evidence {{")?;
    for (side, fact) in [
        ("path", &operation.evidence.path),
        ("request", &operation.evidence.request),
        ("response", &operation.evidence.response),
        ("errors", &operation.evidence.errors),
    ] {
        let level = match fact.level {
            Level::Documented => "Documented",
            Level::Observed => "Observed",
            Level::Inferred => "Inferred",
            Level::Unknown => "Unknown",
        };
        writeln!(content, "            {side}: EvidenceLevel::{level},")?;
    }
    writeln!(content, "        }},\n    }},")
}
