//! The policy of the high level: what each operation of the spec does with value. The client reads it as it stands, so that
//! a user's overlay at run time changes the same document.

use std::collections::BTreeMap;

use anyhow::Result;
use enkash_policy::Policy;

use super::GeneratedFile;
use crate::spec::Spec;

pub(super) fn generate(spec: &Spec) -> Result<GeneratedFile> {
    let entries = spec.operations.iter();
    let operations: BTreeMap<_, _> = entries
        .map(|operation| {
            let mut policy = operation.policy.clone();
            policy.note = None;
            (operation.id.clone(), policy)
        })
        .collect();
    Ok(GeneratedFile {
        path: "crates/enkash/src/policy.json".to_owned(),
        content: serde_json::to_string_pretty(&Policy { operations })? + "\n",
    })
}
