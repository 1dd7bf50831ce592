//! `cargo xtask learn`: holds recordings against spec/, prints where they disagree and what of it they touched, and writes the
//! overlay that mends it. Everything it knows stands in `enkash_codegen::learn`.

mod questions;
mod report;

use std::fs::OpenOptions;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use enkash_codegen::learn::{Lessons, RecordedExchange, StatedPath, learn};
use enkash_codegen::spec::Spec;
use enkash_recording::Recording;

use super::{Overlays, Status, load, print_line};

const EXAMPLES: &str = "\
Examples:
  cargo xtask learn monday.har
  cargo xtask learn monday.har tuesday.har --write seen.yaml
  cargo xtask learn monday.har --write seen.yaml --interactive
  cargo xtask learn monday.har --overlay seen.yaml --check
  cargo xtask learn monday.har --path searchCatalog='POST /api/v0/catalog/search' --write seen.yaml
  cargo xtask learn monday.har --json | jq '.findings[] | select(.kind == \"other-type\")'

A finding is where a recording disagrees with spec/, after the overlays that you name: a field, a type, a word, a status, \
a path. What a request that was refused looks like is none. A finding is also a fact that was inferred or unknown and has \
been seen. --write puts all of them into an overlay, or with --interactive those that you accept; cargo xtask codegen \
--overlay generates from it. No value of the recording is printed or written, except words in capitals where spec/ has an \
enumeration.";

/// Say where recordings disagree with spec/, and write the overlay that mends it
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Learn {
    /// Recordings: HAR 1.2, or plain pairs of request and response in JSON
    #[arg(required = true, value_name = "FILE")]
    recordings: Vec<PathBuf>,
    /// Write the overlay that mends the findings; the file must not be there yet
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// Ask for each finding whether it enters the overlay
    #[arg(long, requires = "write", conflicts_with = "json")]
    interactive: bool,
    /// The method and path of an operation whose path is unknown; repeat it for several
    #[arg(long = "path", value_name = "OPERATION=METHOD PATH", value_parser = stated_path)]
    paths: Vec<StatedPath>,
    /// Fail where there is a finding
    #[arg(long)]
    check: bool,
    /// Print findings and coverage as a JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    overlays: Overlays,
}

impl Learn {
    pub(super) fn run(self, root: &Path) -> Result<Status> {
        let is_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
        ensure!(
            !self.interactive || is_terminal,
            "--interactive asks on a terminal, and this is none: leave it out to accept all, and take out of the overlay \
             what you do not want"
        );
        if let Some(path) = self.write.as_deref().filter(|path| path.exists()) {
            bail!("{} is there already: name another file, or remove it", path.display());
        }
        let Some(spec) = load(root, &self.overlays)? else {
            return Ok(Status::Failure);
        };
        for path in &self.paths {
            let is_known = spec.operations.iter().any(|operation| operation.id == path.operation);
            ensure!(is_known, "--path: there is no operation {}", path.operation);
        }
        let lessons = learn(&spec, &self.paths, self.exchanges()?);
        if self.json {
            print_line(&serde_json::to_string_pretty(&lessons)?)?;
        } else {
            io::stdout().lock().write_all(report::text(&lessons).as_bytes())?;
        }
        if let Some(path) = &self.write {
            self.write_overlay(path, &spec, &lessons)?;
        }
        match self.check && !lessons.findings.is_empty() {
            true => Ok(Status::Failure),
            false => Ok(Status::Success),
        }
    }

    fn exchanges(&self) -> Result<Vec<RecordedExchange>> {
        let mut exchanges = Vec::new();
        for file in &self.recordings {
            let recording = Recording::read(file).with_context(|| file.display().to_string())?;
            if let Some(reason) = &recording.cut_off {
                writeln!(io::stderr(), "{}: its end is missing: {reason}", file.display())?;
            }
            let name = report::printable(&file.display().to_string());
            exchanges.extend(
                recording
                    .exchanges
                    .into_iter()
                    .enumerate()
                    .map(|(index, exchange)| RecordedExchange {
                        place: format!("{name}, exchange {}", index + 1),
                        exchange,
                    }),
            );
        }
        Ok(exchanges)
    }

    fn write_overlay(&self, path: &Path, spec: &Spec, lessons: &Lessons) -> Result<()> {
        let accepted = match self.interactive {
            false => vec![true; lessons.findings.len()],
            true => match questions::ask(&lessons.findings, &mut io::stdin().lock(), &mut io::stdout().lock())? {
                Some(accepted) => accepted,
                None => {
                    writeln!(io::stderr(), "nothing was written")?;
                    return Ok(());
                }
            },
        };
        let Some(text) = lessons.overlay(spec, &self.paths, |index| accepted[index]) else {
            writeln!(io::stderr(), "nothing to mend: {} was not written", path.display())?;
            return Ok(());
        };
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create_new(true)
            .open(path)
            .with_context(|| path.display().to_string())?;
        file.write_all(text.as_bytes())
            .with_context(|| path.display().to_string())?;
        writeln!(
            io::stderr(),
            "{} was written; read it, then: cargo xtask codegen{} --overlay {}",
            path.display(),
            self.overlays.typed(),
            path.display()
        )?;
        Ok(())
    }
}

/// Reads `searchCatalog=POST /api/v0/catalog/search`.
fn stated_path(text: &str) -> Result<StatedPath, String> {
    let form = "write OPERATION='METHOD /path', such as searchCatalog='POST /api/v0/catalog/search'";
    let (operation, call) = text.split_once('=').ok_or(form)?;
    let (method, path) = call.trim().split_once(' ').ok_or(form)?;
    let method = method.to_ascii_uppercase();
    if !["DELETE", "GET", "PATCH", "POST", "PUT"].contains(&method.as_str()) || !path.trim().starts_with('/') {
        return Err(form.to_owned());
    }
    Ok(StatedPath {
        operation: operation.trim().to_owned(),
        method,
        path: path.trim().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::stated_path;

    #[test]
    fn a_path_is_stated_with_its_operation_and_method() {
        let path = stated_path("searchCatalog=post /api/v0/search").unwrap();
        assert_eq!(
            (path.operation.as_str(), path.method.as_str(), path.path.as_str()),
            ("searchCatalog", "POST", "/api/v0/search")
        );
        for wrong in [
            "searchCatalog",
            "searchCatalog=/path",
            "searchCatalog=POST path",
            "searchCatalog=TRACE /path",
        ] {
            assert!(stated_path(wrong).is_err(), "{wrong}");
        }
    }
}
