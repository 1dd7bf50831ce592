//! `cargo xtask diff`: what changed in the API, and whom that breaks. The comparison stands in `enkash_codegen::diff`; this
//! finds the two sides, prints the report and turns it into an exit code.

mod driver;
mod sides;

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use enkash_codegen::diff::{self, Accepted, Format, Report, Severity, SourceIndex};
use enkash_codegen::spec::Source;

use super::{Status, print_diagnostics};
use sides::Side;

const EXAMPLES: &str = "\
Examples:
  cargo xtask diff                            what changed since the base of the branch
  cargo xtask diff --base v0.1.0              what changed since a revision
  cargo xtask diff old.yaml new.yaml          two documents
  cargo xtask diff v0.1.0:spec/rewards.yaml spec/rewards.yaml
  cargo xtask diff v0.1.0 HEAD                two revisions of spec/
  cargo xtask diff --format markdown          to paste into a review
  cargo xtask diff --format changelog         the draft of an entry
  cargo xtask diff --schema                   the JSON Schema of --format json

`git diff` shows changes of spec/ in the same way after
  git config diff.enkash.command 'cargo xtask diff --git-driver'

The exit code is that of the worst change that spec/accepted-changes.yaml does not accept: 0 where all is compatible,
3 something behaves otherwise, 4 breaks at run time, 5 breaks at compile time, 6 no rule knows it. 1 is a failure.";

/// Say what changed in the API, and whom that breaks
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Diff {
    /// What it was, and what it is: a file, a folder with spec/ in it, a revision, or REVISION:PATH
    #[arg(num_args = 2, value_names = ["OLD", "NEW"], conflicts_with = "base")]
    sides: Vec<String>,
    /// The revision with which spec/ is compared, instead of the base of the branch
    #[arg(long, value_name = "REVISION")]
    base: Option<String>,
    /// How the report is shown
    #[arg(long, value_enum, default_value = "text")]
    format: Shown,
    /// Fail also where the changelog does not name an accepted breaking change
    #[arg(long)]
    check_changelog: bool,
    /// Print the JSON Schema of `--format json` instead
    #[arg(long)]
    schema: bool,
    /// Called by git, with what git gives to a diff driver
    #[arg(long, num_args = 7..=9, value_name = "ARGUMENT", hide = true, conflicts_with_all = ["sides", "base"])]
    git_driver: Option<Vec<String>>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shown {
    Text,
    Markdown,
    Json,
    Github,
    Changelog,
}

impl From<Shown> for Format {
    fn from(shown: Shown) -> Self {
        match shown {
            Shown::Text => Self::Text,
            Shown::Markdown => Self::Markdown,
            Shown::Json => Self::Json,
            Shown::Github => Self::Github,
            Shown::Changelog => Self::Changelog,
        }
    }
}

impl Diff {
    pub(super) fn run(self, root: &Path) -> Result<Status> {
        if self.schema {
            print(diff::SCHEMA)?;
            return Ok(Status::Success);
        }
        if let Some(arguments) = &self.git_driver {
            print(&driver::run(root, arguments)?)?;
            return Ok(Status::Success);
        }
        let (old, new) = match self.sides.as_slice() {
            [old, new] => (Side::parse(root, old)?, Side::parse(root, new)?),
            _ => (Side::base(root, self.base.as_deref())?, Side::working_tree(root)),
        };
        let (old, new) = sides::completed(root, old, new);
        let (report, accepted) = match compare(root, &old, &new) {
            Ok(compared) => compared,
            Err(diagnostics) => {
                print_diagnostics(&diagnostics)?;
                return Ok(Status::Failure);
            }
        };
        print(&report.render(self.format.into(), &accepted))?;
        if self.check_changelog && !names_all(root, &report, &accepted)? {
            return Ok(Status::Failure);
        }
        Ok(Status::Code(exit_code(accepted.worst(&report.findings))))
    }
}

/// Compares two sides, with what is accepted in the repository.
fn compare(root: &Path, old: &Side, new: &Side) -> Result<(Report, Accepted), Vec<enkash_codegen::spec::Diagnostic>> {
    let (old, new) = (
        diff::Description::read(&old.files)?,
        diff::Description::read(&new.files)?,
    );
    let report = diff::compare_with_uses(&old, &new, &SourceIndex::read(root));
    let path = root.join("spec/accepted-changes.yaml");
    let accepted = match path.is_file() {
        true => Accepted::read(&Source::file_below(root, path))?,
        false => Accepted::default(),
    };
    Ok((report, accepted))
}

fn names_all(root: &Path, report: &Report, accepted: &Accepted) -> Result<bool> {
    let changelog = fs::read_to_string(root.join("CHANGELOG.md")).context("reading CHANGELOG.md")?;
    let missing = report.missing_in_changelog(&changelog, accepted);
    let mut out = io::stderr().lock();
    for finding in &missing {
        writeln!(
            out,
            "CHANGELOG.md: `## Unreleased` does not name `{}`, which is accepted; `cargo xtask diff --format changelog` \
             writes a draft",
            finding.subject
        )?;
    }
    Ok(missing.is_empty())
}

const fn exit_code(severity: Severity) -> u8 {
    match severity {
        Severity::None | Severity::Compatible => 0,
        Severity::Behaviour => 3,
        Severity::RunTime => 4,
        Severity::CompileTime => 5,
        Severity::Unclassified => 6,
    }
}

fn print(text: &str) -> io::Result<()> {
    io::stdout().lock().write_all(text.as_bytes())
}
