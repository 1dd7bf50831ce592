//! The commands of `cargo xtask`: what can be typed, where the output goes, and the exit code.
//!
//! A command prints what it found to standard output or standard error and says how it went; everything it does
//! stands in the library. Exit codes: 0 is well, 1 is a diagnostic or a failure, 2 is wrong usage (by clap); `diff` has more.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use anyhow::Context;
use clap::{ArgGroup, Args, Parser, Subcommand};
use enkash_codegen::lint as lint_rules;
use enkash_codegen::spec::{Changes, Diagnostic, Source, Sources, Spec};

mod ci;
mod codegen;
mod diff;
mod dist;
mod docs;
mod learn;
mod lint;
mod measure;
mod modules;
mod new_operation;
mod operations;
mod package;
mod release_check;
mod release_notes;

const EXAMPLES: &str = "\
Examples:
  cargo xtask ci --quick                      run the checks that take under a minute
  cargo xtask codegen                         write the generated files
  cargo xtask codegen --check                 fail, with a diff, where they differ from spec/
  cargo xtask codegen --overlay mine.yaml     generate for an API that differs
  cargo xtask codegen --policy-overlay my-policy.yaml
                                              generate with a policy of your own
  cargo xtask learn monday.har --write seen.yaml
                                              say where a recording disagrees with spec/, and mend it
  cargo xtask diff                            say what changed in the API, and whom that breaks
  cargo xtask docs                            write the documentation site, and check its links
  cargo xtask operations                      list all operations, with evidence and policy
  cargo xtask lint                            hold spec/ to the rules of spec/README.md
  cargo xtask modules                         list modules that import each other in a circle
  cargo xtask new-operation --from page.md    begin an operation from a page of the documentation
  cargo xtask package                         build each crate from what would be published
  cargo xtask release-check                   run the slow checks of a release
  cargo xtask dist                            make archive, package and SBOM of a release";

/// What was typed.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "Read spec/ and write what is generated from it"
)]
#[command(after_help = EXAMPLES, disable_help_subcommand = true)]
pub struct CommandLine {
    /// The repository, when it is not the one around the current folder
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Ci(ci::Ci),
    Codegen(codegen::Codegen),
    Diff(diff::Diff),
    Dist(dist::Dist),
    Docs(docs::Docs),
    Learn(learn::Learn),
    Operations(operations::Operations),
    Lint(lint::Lint),
    Measure(measure::Measure),
    Modules(modules::Modules),
    NewOperation(new_operation::NewOperation),
    Package(package::PackageCommand),
    ReleaseCheck(release_check::ReleaseCheck),
    ReleaseNotes(release_notes::ReleaseNotes),
}

/// Changes to the spec that are written in files of their own.
#[derive(Args, Debug, Default)]
#[command(group(ArgGroup::new("any_overlay").args(["files", "policy_files"]).multiple(true)))]
struct Overlays {
    /// An OpenAPI Overlay 1.0 of spec/rewards.yaml; repeat it to apply several in this order
    #[arg(long = "overlay", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The same of spec/policy.yaml, which it may tighten; repeat it to apply several in this order
    #[arg(long = "policy-overlay", value_name = "FILE")]
    policy_files: Vec<PathBuf>,
    /// Let the overlays loosen the policy of this operation, or give its id to another call; repeat it for each one
    #[arg(long, value_name = "OPERATION", requires = "any_overlay")]
    allow_loosening: Vec<String>,
}

impl Overlays {
    fn changes(&self, root: &Path) -> Changes {
        let sources = |files: &[PathBuf]| files.iter().map(|file| Source::file_below(root, file)).collect();
        Changes {
            overlays: sources(&self.files),
            policy_overlays: sources(&self.policy_files),
            allow_loosening: self.allow_loosening.clone(),
        }
    }

    /// As they were typed, each with a space before it.
    fn typed(&self) -> String {
        let files = |flag: &'static str, files: &[PathBuf]| {
            let typed = files.iter().map(|file| format!(" {flag} {}", file.display()));
            typed.collect::<String>()
        };
        let allowed = self.allow_loosening.iter().map(|id| format!(" --allow-loosening {id}"));
        [
            files("--overlay", &self.files),
            files("--policy-overlay", &self.policy_files),
            allowed.collect(),
        ]
        .concat()
    }
}

/// How a command went.
enum Status {
    Success,
    Failure,
    /// An exit code of the command's own.
    Code(u8),
}

impl CommandLine {
    /// Runs the command and reports how it went.
    pub fn run(self) -> ExitCode {
        let root = self.root.map_or_else(repository, Ok);
        let status = root.and_then(|root| match self.command {
            Command::Ci(command) => command.run(&root),
            Command::Codegen(command) => command.run(&root),
            Command::Diff(command) => command.run(&root),
            Command::Dist(command) => command.run(&root),
            Command::Docs(command) => command.run(&root),
            Command::Learn(command) => command.run(&root),
            Command::Operations(command) => command.run(&root),
            Command::Lint(command) => command.run(&root),
            Command::Measure(command) => command.run(&root),
            Command::Modules(command) => command.run(&root),
            Command::NewOperation(command) => command.run(&root),
            Command::Package(command) => command.run(&root),
            Command::ReleaseCheck(command) => command.run(&root),
            Command::ReleaseNotes(command) => command.run(&root),
        });
        match status {
            Ok(Status::Success) => ExitCode::SUCCESS,
            Ok(Status::Failure) => ExitCode::FAILURE,
            Ok(Status::Code(code)) => ExitCode::from(code),
            // A reader such as `head` has seen enough.
            Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
            Err(error) => {
                // Nothing is left to tell if standard error is gone too.
                let _ = writeln!(io::stderr(), "error: {error:#}");
                ExitCode::FAILURE
            }
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// The repository that this program is run for: the workspace of the package that cargo runs it from, or the one around the
/// current folder. Where it was built does not matter, for a binary may be copied.
fn repository() -> anyhow::Result<PathBuf> {
    let start = match env::var_os("CARGO_MANIFEST_DIR").filter(|folder| !folder.is_empty()) {
        Some(folder) => PathBuf::from(folder),
        None => env::current_dir().context("the current folder is not known")?,
    };
    let workspace = start.ancestors().find(|folder| is_workspace(folder));
    let remedy = "run it there, or name the repository with --root";
    let workspace =
        workspace.with_context(|| format!("no workspace is at {} or above it: {remedy}", start.display()))?;
    Ok(workspace.to_owned())
}

/// Whether its manifest has a table of a workspace.
fn is_workspace(folder: &Path) -> bool {
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    let mut lines = manifest.lines().map(str::trim);
    lines.any(|line| line.starts_with("[workspace]") || line.starts_with("[workspace."))
}

/// Loads the spec, or prints what is wrong with it.
fn load(root: &Path, overlays: &Overlays) -> anyhow::Result<Option<Spec>> {
    match lint_rules::load(&Sources::in_repository(root), &overlays.changes(root)) {
        Ok(spec) => Ok(Some(spec)),
        Err(diagnostics) => {
            print_diagnostics(&diagnostics)?;
            Ok(None)
        }
    }
}

/// One line to standard output.
fn print_line(line: &str) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{line}")
}

fn print_diagnostics(diagnostics: &[Diagnostic]) -> io::Result<()> {
    let mut out = io::stderr().lock();
    for diagnostic in diagnostics {
        writeln!(out, "{diagnostic}")?;
    }
    let plural = if diagnostics.len() == 1 { "" } else { "s" };
    writeln!(
        out,
        "{} finding{plural}; spec/README.md has the rules",
        diagnostics.len()
    )
}
