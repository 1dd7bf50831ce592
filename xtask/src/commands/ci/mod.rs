//! `cargo xtask ci`: the one list of checks that a change must pass. `.ci/run` installs what they need and calls it; a
//! contributor calls it with `--quick` before each commit.

use std::env;
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Args;

use super::{Status, print_line};

/// Run the checks that a change must pass, one after another, up to the first that fails
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo xtask ci --quick     before each commit: under a minute when everything is built
  cargo xtask ci --list      the checks, each with its command
  .ci/run                    all of them; it installs what they need first")]
pub(super) struct Ci {
    /// Only the checks that take under a minute together when everything is built
    #[arg(long)]
    quick: bool,
    /// Print the checks and their commands, and run none
    #[arg(long)]
    list: bool,
}

/// One check.
struct Step {
    name: &'static str,
    is_quick: bool,
    /// As it is typed: words with spaces between them.
    command: &'static str,
    environment: Option<(&'static str, &'static str)>,
}

const fn quick(name: &'static str, command: &'static str) -> Step {
    Step {
        is_quick: true,
        ..slow(name, command)
    }
}

const fn slow(name: &'static str, command: &'static str) -> Step {
    Step {
        name,
        is_quick: false,
        command,
        environment: None,
    }
}

/// All checks, one a line, in the order in which they run: those that fail soonest first.
#[rustfmt::skip]
const STEPS: &[Step] = &[
    quick("format", "cargo fmt --all --check"),
    quick("the spec's own rules", "cargo xtask lint"),
    quick("generated files", "cargo xtask codegen --check"),
    quick("what changed in the API", "cargo xtask diff --check-changelog"),
    quick("circles of modules", "cargo xtask modules --check"),
    quick("pages, links and pictures", "cargo xtask docs --check"),
    quick("clippy", "cargo clippy --workspace --all-targets -- -D warnings"),
    quick("unit tests of the lowest crates", "cargo test --quiet -p enkash-api -p enkash-policy --lib"),
    slow("the spec, by another validator", "target/validators/bin/openapi-spec-validator --schema 3.0 spec/rewards.yaml"),
    slow("workflows", "target/validators/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/ci.yml .github/workflows/docs.yml .github/workflows/release.yml"),
    slow("dependabot", "target/validators/bin/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml"),
    slow("manifests and compose files", ".ci/check-deploy"),
    slow("what is published", "cargo xtask package --no-build"),
    slow("the Dockerfile", ".ci/check-image"),
    slow("tests, with the README's command", ".ci/test-workspace"),
    slow("ledger and fleet in their databases", "cargo test --quiet -p enkash-ledger -p enkash-fleet --features enkash-ledger/worker,enkash-fleet/postgres,enkash-fleet/redis"),
    slow("the command in their databases", "cargo test --quiet -p enkash-cli --features full --test cli -- from_postgresql fleet:: jq::"),
    slow("clippy of workers and fleets", "cargo clippy -p enkash-ledger -p enkash-fleet -p enkash-cli --all-targets --features enkash-cli/full -- -D warnings"),
    Step { environment: Some(("ENKASH_KILLS", "80")), ..slow("runs that are killed", "cargo test --quiet -p enkash-cli --features full --test kills") },
    slow("archive and package of a release", "cargo xtask dist --unoptimized"),
    slow("the tour, with the archive's binary", ".ci/test-archive"),
    slow("the tour, with the installed package", ".ci/test-package"),
    slow("the files of the image, without a runtime", ".ci/test-image"),
    slow("the README's first command", "cargo run -p enkash-cli -- --sandbox allocate --file examples/allocations.csv"),
    slow("the sandbox, by a property-based tester", ".ci/test-api"),
    slow("the sandbox without its console", "cargo test -p enkash-sandbox --test console"),
    slow("the command without the console", "cargo check -p enkash-cli --no-default-features"),
    slow("the console in a browser", ".ci/test-console"),
    slow("the documentation site in a browser", ".ci/test-docs"),
    slow("clippy with schemars", "cargo clippy -p enkash-api --all-targets --features schemars -- -D warnings"),
    slow("the Testcontainers recipe", "cargo check --manifest-path docs/recipes/testcontainers/Cargo.toml --tests --target-dir target"),
    slow("clippy of the sandbox alone", "cargo clippy -p enkash-sandbox --all-targets -- -D warnings"),
    Step { environment: Some(("RUSTDOCFLAGS", "-D warnings")), ..slow("documentation", "cargo doc --workspace --no-deps") },
];

impl Ci {
    pub(super) fn run(self, root: &Path) -> Result<Status> {
        let steps = STEPS.iter().filter(|step| step.is_quick || !self.quick);
        if self.list {
            for step in steps {
                print_line(&format!("{:<40} {}", step.name, step.typed()))?;
            }
            return Ok(Status::Success);
        }
        // Asked for now: the checks build this program again, and then the system has no path of the one that runs.
        let this_program = env::current_exe().context("this program has no path")?;
        let started = Instant::now();
        for step in steps {
            let seconds = started.elapsed().as_secs();
            writeln!(io::stderr(), "\n== {} ({seconds} s): {}", step.name, step.typed())?;
            if !step.passes(root, &this_program)? {
                let typed = step.typed();
                writeln!(io::stderr(), "\n{} failed; to repeat it alone: {typed}", step.name)?;
                return Ok(Status::Failure);
            }
        }
        writeln!(io::stderr(), "\n== all passed ({} s)", started.elapsed().as_secs())?;
        Ok(Status::Success)
    }
}

impl Step {
    fn passes(&self, root: &Path, this_program: &Path) -> Result<bool> {
        let mut words = self.command.split(' ');
        let program = words.next().unwrap_or_default();
        let mut command = match self.command.strip_prefix("cargo xtask ") {
            // This program itself: cargo would only build it again.
            Some(arguments) => {
                words = arguments.split(' ');
                Command::new(this_program)
            }
            None if program == "cargo" => Command::new(env!("CARGO")),
            None => Command::new(root.join(program)),
        };
        command.args(words).envs(self.environment).current_dir(root);
        let status = command
            .status()
            .with_context(|| format!("{program} cannot be run; `.ci/run` installs what the checks need"))?;
        Ok(status.success())
    }

    /// What a shell runs.
    fn typed(&self) -> String {
        match self.environment {
            Some((name, value)) => format!("{name}=\"{value}\" {}", self.command),
            None => self.command.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
