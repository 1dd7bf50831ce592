//! The string enums of the spec, as a list for the hand-written macro that makes them open.

use std::fmt::Write;

use anyhow::{Result, ensure};
use heck::ToUpperCamelCase;
use serde_json::Value;

use super::{
    GeneratedFile,
    rust_source::{header, literal, one_line},
};
use crate::spec::Spec;

/// One string enum of the components.
pub(super) struct OpenEnum<'a> {
    pub(super) name: String,
    description: String,
    words: Vec<&'a str>,
}

/// Every string enum of the components, by name.
pub(super) fn in_document(document: &Value) -> Vec<OpenEnum<'_>> {
    let mut found = Vec::new();
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        let (Some("string"), Some(words)) = (schema["type"].as_str(), schema["enum"].as_array()) else {
            continue;
        };
        found.push(OpenEnum {
            name: name.clone(),
            description: one_line(schema["description"].as_str().unwrap_or_default()),
            words: words.iter().filter_map(Value::as_str).collect(),
        });
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

pub(super) fn generate(spec: &Spec) -> Result<GeneratedFile> {
    let mut content = header("spec/rewards.yaml");
    content.push_str("open_enums! {\n");
    for list in in_document(&spec.document) {
        writeln!(content, "    #[doc = {}]", literal(&list.description))?;
        writeln!(content, "    {} {{", list.name)?;
        let mut variants = Vec::new();
        for word in list.words {
            let variant = word.to_upper_camel_case();
            ensure!(
                variant.starts_with(|c: char| c.is_ascii_alphabetic()) && variant != "Unknown",
                "{}: {word:?} makes no name in Rust",
                list.name
            );
            ensure!(
                !variants.contains(&variant),
                "{}: two words make the name {variant}",
                list.name
            );
            writeln!(content, "        {variant} = {},", literal(word))?;
            variants.push(variant);
        }
        content.push_str("    }\n");
    }
    content.push_str("}\n");
    Ok(GeneratedFile {
        path: "crates/enkash-api/src/open_enums_list.rs".to_owned(),
        content,
    })
}
