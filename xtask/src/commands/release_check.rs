//! `cargo xtask release-check`: what is too slow for every change and must hold for a release. Each step is a tool that
//! others maintain, or a long run of our own tests; what was seen is recorded in docs/releasing.md.

use std::io::{self, Write};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::Result;
use clap::Args;

use super::Status;

/// Run the slow checks of a release, one after another
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo xtask release-check
  cargo xtask release-check --only features --only schedules
  cargo xtask release-check --baseline-rev v0.1.0

The tools are installed with:
  cargo install --locked cargo-deny cargo-hack cargo-semver-checks")]
pub(super) struct ReleaseCheck {
    /// Only this step; repeat it for several
    #[arg(long, value_name = "STEP", value_parser = ["package", "deny", "features", "pairs", "semver", "schedules", "kills"])]
    only: Vec<String>,
    /// The revision that the public API is compared with; without one there is nothing to compare
    #[arg(long, value_name = "REVISION")]
    baseline_rev: Option<String>,
    /// How many random schedules are played
    #[arg(long, default_value_t = 10_000, value_name = "COUNT")]
    schedules: u32,
    /// How often a run of 2,000 rows is killed, on one machine and with three workers
    #[arg(long, default_value_t = 200, value_name = "COUNT")]
    kills: u32,
}

/// One check.
struct Step {
    name: &'static str,
    command: Vec<String>,
    environment: Vec<(&'static str, String)>,
}

/// How a step ended.
enum StepStatus {
    Success,
    Failed,
    /// It could not run, and why.
    NotRun(String),
}

impl ReleaseCheck {
    pub(super) fn run(self, root: &Path) -> Result<Status> {
        let steps: Vec<_> = self.steps();
        let mut results = Vec::new();
        for step in steps
            .iter()
            .filter(|step| self.only.is_empty() || self.only.iter().any(|name| name == step.name))
        {
            writeln!(io::stderr(), "== {}: cargo {}", step.name, step.command.join(" "))?;
            let started = Instant::now();
            let ended = step.run(root)?;
            results.push((step.name, ended, started.elapsed()));
        }
        let mut out = io::stdout().lock();
        for (name, ended, time) in &results {
            let word = match ended {
                StepStatus::Success => "ok".to_owned(),
                StepStatus::Failed => "FAILED".to_owned(),
                StepStatus::NotRun(why) => format!("not run: {why}"),
            };
            writeln!(out, "{name:<10} {word} ({} s)", time.as_secs())?;
        }
        // A release that was not checked is not ready.
        Ok(
            if results.iter().all(|(_, ended, _)| matches!(ended, StepStatus::Success)) {
                Status::Success
            } else {
                Status::Failure
            },
        )
    }

    fn steps(&self) -> Vec<Step> {
        let step = |name, command: &[&str]| Step {
            name,
            command: command.iter().map(|&word| word.to_owned()).collect(),
            environment: Vec::new(),
        };
        let mut semver = step("semver", &["semver-checks", "check-release", "--workspace"]);
        if let Some(revision) = &self.baseline_rev {
            semver.command.extend(["--baseline-rev".to_owned(), revision.clone()]);
        }
        let mut schedules = step(
            "schedules",
            &["test", "--release", "-p", "enkash", "--test", "schedules"],
        );
        schedules
            .environment
            .push(("ENKASH_SCHEDULES", self.schedules.to_string()));
        let mut kills = step(
            "kills",
            &[
                "test",
                "--release",
                "-p",
                "enkash-cli",
                "--features",
                "worker",
                "--test",
                "kills",
            ],
        );
        kills.environment.extend([
            ("ENKASH_KILLS", self.kills.to_string()),
            ("ENKASH_KILLS_ROWS", "2000".to_owned()),
        ]);
        let mut steps = vec![
            // Each crate that is published, built from its package alone.
            step("package", &["xtask", "package"]),
            step("deny", &["deny", "check", "licenses", "bans", "sources"]),
            // Library and binary, with each set of features; tests use the default ones.
            step(
                "features",
                &["hack", "check", "--workspace", "--feature-powerset", "--no-dev-deps"],
            ),
            // What `cargo xtask diff` says about compiling, held against the compiler.
            step(
                "pairs",
                &[
                    "test",
                    "-p",
                    "enkash-codegen",
                    "--test",
                    "diff",
                    "--",
                    "--ignored",
                    "--nocapture",
                    "compiled",
                ],
            ),
            schedules,
            kills,
        ];
        if self.baseline_rev.is_some() {
            steps.push(semver);
        }
        steps
    }
}

impl Step {
    fn run(&self, root: &Path) -> Result<StepStatus> {
        let tool = &self.command[0];
        if !matches!(tool.as_str(), "test" | "xtask") && !is_installed(tool)? {
            let why = format!("`cargo install --locked cargo-{tool}` installs its tool");
            return Ok(StepStatus::NotRun(why));
        }
        let status = Command::new(env!("CARGO"))
            .args(&self.command)
            .envs(self.environment.iter().cloned())
            .current_dir(root)
            .status()?;
        Ok(if status.success() {
            StepStatus::Success
        } else {
            StepStatus::Failed
        })
    }
}

fn is_installed(tool: &str) -> Result<bool> {
    let output = Command::new(env!("CARGO")).args([tool, "--version"]).output()?;
    Ok(output.status.success())
}
