//! Writes everything that is generated from spec/: the client, the tables, the bundled document and the
//! coverage page. Called by `cargo xtask codegen`; with `--check` it writes nothing and shows what differs.

mod bundle;
mod client;
mod coverage;
mod open_enums;
mod operations;
mod policy;
mod progenitor_output;
mod rust_source;

use std::{fs, path::Path};

use anyhow::{Context, Result};
use similar::TextDiff;

use crate::spec::Spec;

/// What to do with the generated files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Write those that differ.
    Write,
    /// Write nothing, and tell what differs.
    Check,
}

/// What a run found.
#[derive(Debug)]
pub struct CodegenReport {
    /// Every generated file, in the order of writing.
    pub files: Vec<FileOutcome>,
}

/// One generated file.
#[derive(Debug)]
pub struct FileOutcome {
    /// The path, relative to the repository.
    pub path: &'static str,
    /// The unified diff from what was there to what the spec says; empty where they are the same.
    pub diff: String,
}

impl CodegenReport {
    /// Whether the files are what the spec says.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.files.iter().all(|file| file.diff.is_empty())
    }
}

/// A generated file, not yet written.
struct GeneratedFile {
    path: &'static str,
    content: String,
}

/// Generates every file, in memory first: a failure writes nothing.
///
/// # Errors
///
/// The generator refuses the spec, or a file cannot be read or written.
pub fn run(root: &Path, spec: &Spec, mode: Mode) -> Result<CodegenReport> {
    let [types, calls] = client::generate(spec).context("generating the client")?;
    let files = [
        types,
        calls,
        open_enums::generate(spec)?,
        operations::generate(spec)?,
        operations::generate_for_sandbox(spec)?,
        policy::generate(spec)?,
        bundle::generate(spec)?,
        coverage::generate(root, spec)?,
    ];
    let files = files
        .iter()
        .map(|file| write_or_diff(root, file, mode))
        .collect::<Result<_>>()?;
    Ok(CodegenReport { files })
}

/// progenitor's output for the same spec, without any of our replacements: what the client's cost is measured against.
///
/// # Errors
///
/// progenitor refuses the spec.
pub fn bare_client(spec: &Spec) -> Result<String> {
    client::generate_bare(spec)
}

fn write_or_diff(root: &Path, file: &GeneratedFile, mode: Mode) -> Result<FileOutcome> {
    let target = root.join(file.path);
    let present = match fs::read_to_string(&target) {
        // A checkout on Windows may have turned the line ends.
        Ok(text) => text.replace("\r\n", "\n"),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).with_context(|| format!("reading {}", file.path)),
    };
    let diff = unified_diff(file.path, &present, &file.content);
    if mode == Mode::Write && !diff.is_empty() {
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&target, &file.content).with_context(|| format!("writing {}", file.path))?;
    }
    Ok(FileOutcome { path: file.path, diff })
}

fn unified_diff(path: &str, present: &str, wanted: &str) -> String {
    if present == wanted {
        return String::new();
    }
    TextDiff::from_lines(present, wanted)
        .unified_diff()
        .context_radius(3)
        .header(&format!("{path} (checked in)"), &format!("{path} (from spec/)"))
        .to_string()
}
