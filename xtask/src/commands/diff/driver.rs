//! What git calls to show the difference of a file of spec/, in place of its lines. git takes an exit code other than 0 for a
//! crash, so there is none.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use enkash_codegen::diff::{FileKind, Format};
use enkash_codegen::generator::GeneratedFile;
use enkash_codegen::spec::Source;

use super::compare;
use super::sides::{Side, completed};

/// The report about one file. `arguments` are those of gitattributes(5): path, old file, hex, mode, new file, hex, mode.
pub(super) fn run(root: &Path, arguments: &[String]) -> Result<String> {
    let [path, old, _, _, new, ..] = arguments else {
        anyhow::bail!("git gives a driver seven arguments");
    };
    let mut out = format!("spec: {path}\n");
    let kinds = [old, new].map(|file| kind(file));
    let report = match kinds {
        [Some(kind), Some(other)] if kind == other => {
            let sides = [old, new].map(|file| Side::file(kind, Source::file(file)));
            let [old, new] = sides;
            let (old, new) = completed(root, old, new);
            compare(root, &old, &new).ok()
        }
        _ => None,
    };
    match report {
        Some((report, accepted)) => {
            // What is accepted for the whole branch need not occur in one file.
            let text = report.render(Format::Text, &accepted);
            let lines = text
                .lines()
                .filter(|line| !line.starts_with("accepted, and does not occur"));
            for line in lines {
                writeln!(out, "{line}")?;
            }
        }
        // A new file, one of another kind, or no YAML: its lines.
        None => out.push_str(&lines(path, old, new)?),
    }
    Ok(out)
}

fn kind(file: &str) -> Option<FileKind> {
    FileKind::of(&Source::file(file)).ok().flatten()
}

fn lines(path: &str, old: &str, new: &str) -> Result<String> {
    let read = |file: &str| match file {
        "/dev/null" | "nul" => Ok(String::new()),
        file => fs::read_to_string(file).with_context(|| format!("reading {file}")),
    };
    let wanted = GeneratedFile {
        path: path.to_owned(),
        content: read(new)?,
    };
    Ok(wanted.diff(&read(old)?, "old", "new"))
}
