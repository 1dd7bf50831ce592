//! The generated files on disk: writes them where they differ from what spec/ says, or shows the difference.
//! `cargo xtask codegen` and `cargo xtask measure` call it.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use enkash_codegen::generator::{self, GeneratedFile};
use enkash_codegen::spec::Spec;

use crate::embedded;

/// What to do with the generated files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Write those that differ.
    Write,
    /// Write nothing, and tell what differs.
    Check,
}

/// One generated file.
#[derive(Debug)]
pub struct FileOutcome {
    /// The path, relative to the repository.
    pub path: String,
    /// The unified diff from what was there to what the spec says; empty where they are the same.
    pub diff: String,
}

/// Generates every file, in memory first: a failure writes nothing. The files come in the order of writing.
///
/// # Errors
///
/// The generator refuses the spec, or a file cannot be read or written.
pub fn run(root: &Path, spec: &Spec, mode: Mode) -> Result<Vec<FileOutcome>> {
    let mut files = generator::files(spec)?;
    files.extend(embedded::files(root, &files)?);
    let stale = embedded::stale(root, &files)?;
    let written = files.into_iter().map(|file| write_or_diff(root, file, mode));
    let removed = stale.into_iter().map(|path| remove_or_diff(root, path, mode));
    written.chain(removed).collect()
}

fn write_or_diff(root: &Path, file: GeneratedFile, mode: Mode) -> Result<FileOutcome> {
    let target = root.join(&file.path);
    let present = match fs::read_to_string(&target) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).with_context(|| format!("reading {}", file.path)),
    };
    let diff = file.diff(&present, "checked in", "from spec/");
    if mode == Mode::Write && !diff.is_empty() {
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&target, &file.content).with_context(|| format!("writing {}", file.path))?;
    }
    Ok(FileOutcome { path: file.path, diff })
}

fn remove_or_diff(root: &Path, path: String, mode: Mode) -> Result<FileOutcome> {
    let target = root.join(&path);
    let nothing = GeneratedFile {
        path,
        content: String::new(),
    };
    let present = fs::read_to_string(&target).with_context(|| format!("reading {}", nothing.path))?;
    let diff = nothing.diff(&present, "checked in", "gone, as its original is");
    if mode == Mode::Write {
        fs::remove_file(&target).with_context(|| format!("removing {}", nothing.path))?;
    }
    Ok(FileOutcome {
        path: nothing.path,
        diff,
    })
}
