//! Makes everything that is generated from a spec: the client, the tables, the bundled documents and the coverage
//! page. It writes nothing: `cargo xtask codegen` does, and compares with `--check`.

mod bundle;
mod client;
mod coverage;
mod open_enums;
mod operations;
mod policy;
mod progenitor_output;
mod rust_source;

use anyhow::{Context, Result};
use similar::TextDiff;

use crate::spec::Spec;

/// A generated file, not yet written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneratedFile {
    /// Where it belongs, below the root of what is generated.
    pub path: String,
    /// The whole text.
    pub content: String,
}

impl GeneratedFile {
    /// The unified diff from what is there to this; empty where they are the same. The labels say what each side is.
    #[must_use]
    pub fn diff(&self, present: &str, label_present: &str, label_wanted: &str) -> String {
        // A checkout on Windows may have turned the line ends.
        let present = present.replace("\r\n", "\n");
        if present == self.content {
            return String::new();
        }
        let path = &self.path;
        TextDiff::from_lines(present.as_str(), self.content.as_str())
            .unified_diff()
            .context_radius(3)
            .header(
                &format!("{path} ({label_present})"),
                &format!("{path} ({label_wanted})"),
            )
            .to_string()
    }
}

/// Every generated file of the repository, in the order of writing.
///
/// # Errors
///
/// The generator refuses the spec.
pub fn files(spec: &Spec) -> Result<Vec<GeneratedFile>> {
    let mut files = api_files(spec)?;
    files.extend([
        operations::generate_for_sandbox(spec)?,
        policy::generate(spec)?,
        coverage::generate(spec)?,
    ]);
    files.extend(bundle::generate(spec)?);
    Ok(files)
}

/// Where the crate of the low level stands in the repository.
pub(crate) const API_FOLDER: &str = "crates/enkash-api/";

/// Those of `enkash-api`.
pub(crate) fn api_files(spec: &Spec) -> Result<Vec<GeneratedFile>> {
    let [types, calls] = client::generate(spec).context("generating the client")?;
    Ok(vec![
        types,
        calls,
        open_enums::generate(spec)?,
        operations::generate(spec)?,
    ])
}

/// progenitor's output for the same spec, without any of our replacements: what the client's cost is measured against.
///
/// # Errors
///
/// progenitor refuses the spec.
pub fn bare_client(spec: &Spec) -> Result<String> {
    client::generate_bare(spec)
}
