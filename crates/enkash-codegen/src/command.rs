//! The command `enkash-codegen`: what can be typed, where the output goes, and the exit code: 0 is well, 1 is a diagnostic, a
//! difference or a failure, 2 is wrong usage (by clap).

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{ArgGroup, Parser};
use enkash_codegen::api_crate::{self, ApiCrate, Written};
use enkash_codegen::lint;
use enkash_codegen::spec::{Changes, Diagnostic, Source, Sources, Spec};

const EXAMPLES: &str = "\
Examples:
  enkash-codegen --overlay mine.yaml --out vendor/enkash-api
  enkash-codegen --overlay mine.yaml --out vendor/enkash-api --check
  enkash-codegen --overlay mine.yaml --policy-overlay my-policy.json --out vendor/enkash-api
  enkash-codegen --overlay mine.yaml --allow-loosening createOrder --out vendor/enkash-api

A workspace takes the crate in its Cargo.toml, and everything that depends on enkash-api is compiled with it:
  [patch.crates-io]                                           # where enkash comes from crates.io
  enkash-api = { path = \"vendor/enkash-api\" }
  [patch.\"https://github.com/enkash-rs/enkash-rs\"]            # where it comes from git
  enkash-api = { path = \"vendor/enkash-api\" }

An operation that an overlay adds is in the low level only, and counts as moving value until the client is built with a \
policy overlay that says otherwise. docs/guide/api-differs.md shows all of it.";

/// Write a crate enkash-api for an API that differs from the spec
#[derive(Debug, Parser)]
#[command(name = "enkash-codegen", version, after_help = EXAMPLES)]
#[command(group(ArgGroup::new("any_overlay").args(["files", "policy_files"]).multiple(true)))]
pub(crate) struct CommandLine {
    /// An OpenAPI Overlay 1.0 of the spec; repeat it to apply several in this order
    #[arg(long = "overlay", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The same of the policy. It is checked, and nothing of it is written: the client needs it when it is built
    #[arg(long = "policy-overlay", value_name = "FILE")]
    policy_files: Vec<PathBuf>,
    /// Let the overlays loosen the policy of this operation, or give its id to another call; repeat it for each one
    #[arg(long, value_name = "OPERATION", requires = "any_overlay")]
    allow_loosening: Vec<String>,
    /// Let overlays remove operations that the crate enkash calls: it does not compile with the result
    #[arg(long)]
    low_level_only: bool,
    /// The folder of the crate. What is in it is replaced, if this program wrote it
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Write nothing: print a unified diff and fail where the folder differs
    #[arg(long)]
    check: bool,
}

impl CommandLine {
    /// Runs it and reports how it went.
    pub(crate) fn run(self) -> ExitCode {
        match self.generate() {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            // A reader such as `head` has seen enough.
            Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
            Err(error) => {
                // Nothing is left to tell if standard error is gone too.
                let _ = writeln!(io::stderr(), "error: {error:#}");
                ExitCode::FAILURE
            }
        }
    }

    /// Whether all is well.
    fn generate(&self) -> Result<bool> {
        let spec = match self.load() {
            Ok(spec) => spec,
            Err(diagnostics) => {
                print_diagnostics(&diagnostics)?;
                return Ok(false);
            }
        };
        let api = ApiCrate::generate(&spec)?;
        if self.check {
            return self.compare(&api);
        }
        let written = api.write(&self.out)?;
        self.report(&spec, written)?;
        Ok(true)
    }

    fn compare(&self, api: &ApiCrate) -> Result<bool> {
        let (out, fix) = (self.out.display(), self.typed());
        if !self.out.exists() {
            writeln!(io::stderr(), "{out} is not there; to write it: {fix}")?;
            return Ok(false);
        }
        let diff = api.diff(&self.out)?;
        io::stdout().lock().write_all(diff.as_bytes())?;
        if !diff.is_empty() {
            writeln!(io::stderr(), "{out} differs from what is generated; to fix it: {fix}")?;
        }
        Ok(diff.is_empty())
    }

    fn load(&self) -> Result<Spec, Vec<Diagnostic>> {
        let sources = |files: &[PathBuf]| files.iter().map(Source::file).collect();
        let changes = Changes {
            overlays: sources(&self.files),
            policy_overlays: sources(&self.policy_files),
            allow_loosening: self.allow_loosening.clone(),
        };
        let spec = lint::load(&Sources::embedded(), &changes)?;
        let shipped = lint::load(&Sources::embedded(), &Changes::default())?;
        api_crate::check_at_run_time(&shipped.policy, &changes.policy_overlays)?;
        let missing = api_crate::missing_for_high_level(&spec);
        if missing.is_empty() || self.low_level_only {
            Ok(spec)
        } else {
            Err(missing)
        }
    }

    fn report(&self, spec: &Spec, written: Written) -> io::Result<()> {
        let mut out = io::stdout().lock();
        let word = match written {
            Written::New | Written::Replaced => "written",
            Written::Unchanged => "unchanged",
        };
        writeln!(out, "{word} {}", self.out.display())?;
        for line in api_crate::changes(spec) {
            writeln!(out, "  {line}")?;
        }
        if !self.policy_files.is_empty() {
            let files: Vec<_> = self
                .policy_files
                .iter()
                .map(|file| file.display().to_string())
                .collect();
            let files = files.join(", ");
            writeln!(
                out,
                "  the policy is not part of it: give {files} to `EnkashBuilder::policy_overlay`"
            )?;
        }
        Ok(())
    }

    /// The command that writes what `--check` missed.
    fn typed(&self) -> String {
        let mut words = vec!["enkash-codegen".to_owned()];
        for (flag, files) in [("--overlay", &self.files), ("--policy-overlay", &self.policy_files)] {
            words.extend(files.iter().flat_map(|file| [flag.to_owned(), shell_word(file)]));
        }
        let allowed = self.allow_loosening.iter();
        words.extend(allowed.map(|id| format!("--allow-loosening {id}")));
        if self.low_level_only {
            words.push("--low-level-only".to_owned());
        }
        words.push(format!("--out {}", shell_word(&self.out)));
        words.join(" ")
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// A path as a shell takes it for one word.
fn shell_word(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+=:@%,\\".contains(c);
    if text.chars().all(is_plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

fn print_diagnostics(diagnostics: &[Diagnostic]) -> io::Result<()> {
    let mut out = io::stderr().lock();
    for diagnostic in diagnostics {
        writeln!(out, "{diagnostic}")?;
    }
    let plural = if diagnostics.len() == 1 { "" } else { "s" };
    let count = diagnostics.len();
    writeln!(
        out,
        "{count} finding{plural}; nothing was written. spec/README.md has the rules"
    )
}
