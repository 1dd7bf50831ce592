//! `cargo xtask measure`: how long generation takes, and what the generated client costs to build beside
//! progenitor's own output for the same spec. The figures of docs/performance.md come from here.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::Args;
use enkash_codegen::generator;

use super::{Overlays, Status, load};
use crate::generated_files::{self, Mode};

const RUNS: usize = 5;

/// Measure generation and builds, beside progenitor's own output
#[derive(Args, Debug)]
pub(super) struct Measure {
    /// Leave out the builds, which take minutes
    #[arg(long)]
    no_builds: bool,
    #[command(flatten)]
    overlays: Overlays,
}

/// One crate under measurement.
struct BenchTarget {
    name: &'static str,
    manifest: PathBuf,
    /// A file whose change makes the crate build again.
    source: PathBuf,
}

/// Seconds: of the processor in user mode, and by the clock.
#[derive(Clone, Copy)]
struct Cost {
    user: f64,
    wall: f64,
}

impl Measure {
    pub(super) fn run(self, root: &Path) -> Result<Status> {
        let Some(spec) = load(root, &self.overlays)? else {
            return Ok(Status::Failure);
        };
        let mut milliseconds = Vec::new();
        for _ in 0..RUNS {
            let start = Instant::now();
            let Some(spec) = load(root, &self.overlays)? else {
                return Ok(Status::Failure);
            };
            generated_files::run(root, &spec, Mode::Check)?;
            milliseconds.push(start.elapsed().as_secs_f64() * 1000.0);
        }
        super::print_line(&format!(
            "generation, all steps, median of {RUNS}: {:.0} ms",
            median(milliseconds)
        ))?;

        let bare = generator::bare_client(&spec)?;
        let ours = fs::read_to_string(root.join("crates/enkash-api/src/generated.rs"))?;
        super::print_line(&format!(
            "generated lines: enkash-api {}, bare {}",
            ours.lines().count(),
            bare.lines().count()
        ))?;
        let folder = root.join("target/measure");
        // The benchmarks of a call include its source.
        let bare = bare_crate(root, &folder.join("bare-client"), &bare)?;
        if self.no_builds {
            return Ok(Status::Success);
        }
        let targets = [
            BenchTarget {
                name: "enkash-api",
                manifest: root.join("crates/enkash-api/Cargo.toml"),
                source: root.join("crates/enkash-api/src/generated.rs"),
            },
            bare,
        ];
        for (title, incremental) in [
            ("crate alone, from nothing", false),
            ("after an edit of the generated code", true),
        ] {
            let mut costs = [Vec::new(), Vec::new()];
            for target in &targets {
                // Dependencies first, so that only the crate itself is counted.
                build(target, &folder, incremental)?;
            }
            for _ in 0..RUNS {
                for (target, costs) in targets.iter().zip(&mut costs) {
                    costs.push(rebuild(target, &folder, incremental)?);
                }
            }
            for (target, costs) in targets.iter().zip(&costs) {
                let user = median(costs.iter().map(|cost| cost.user).collect());
                let wall = median(costs.iter().map(|cost| cost.wall).collect());
                super::print_line(&format!(
                    "{title}: {:12} {user:6.2} s user, {wall:6.2} s wall",
                    target.name
                ))?;
            }
            let ratios = costs[0]
                .iter()
                .zip(&costs[1])
                .map(|(ours, bare)| ours.user / bare.user)
                .collect();
            super::print_line(&format!(
                "{title}: ratio of user seconds, median of pairs: {:.2}",
                median(ratios)
            ))?;
        }
        Ok(Status::Success)
    }
}

/// A crate that holds progenitor's output and nothing else, with the dependencies that it needs.
fn bare_crate(root: &Path, folder: &Path, code: &str) -> Result<BenchTarget> {
    fs::create_dir_all(folder.join("src"))?;
    let manifest = folder.join("Cargo.toml");
    fs::write(
        &manifest,
        "[package]\nname = \"bare-client\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         bytes = \"1\"\nchrono = { version = \"0.4\", features = [\"serde\"] }\nfutures-core = \"0.3\"\n\
         progenitor-client = \"=0.15.1\"\nserde = { version = \"1\", features = [\"derive\"] }\nserde_json = \"1\"\n\
         reqwest = { version = \"0.13.5\", default-features = false, features = [\"form\", \"json\", \"query\", \"stream\", \
         \"rustls-no-provider\"] }\n\n[profile.dev]\ndebug = \"line-tables-only\"\n",
    )?;
    // The same versions of everything.
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    let source = folder.join("src/lib.rs");
    fs::write(&source, code)?;
    Ok(BenchTarget {
        name: "bare-client",
        manifest,
        source,
    })
}

/// Changes the source, builds, and puts the source back.
fn rebuild(target: &BenchTarget, folder: &Path, incremental: bool) -> Result<Cost> {
    let original = fs::read_to_string(&target.source)?;
    let marker = format!(
        "{original}\n/// Something new.\npub fn marker_{}() {{}}\n",
        std::process::id()
    );
    fs::write(&target.source, marker)?;
    let cost = build(target, folder, incremental);
    fs::write(&target.source, original)?;
    build(target, folder, incremental)?;
    cost
}

fn build(target: &BenchTarget, folder: &Path, incremental: bool) -> Result<Cost> {
    let artifacts = folder.join(if incremental { "incremental" } else { "plain" });
    let script = "TIMEFORMAT='%U %R'; time cargo build --quiet --lib --manifest-path \"$0\"";
    let start = Instant::now();
    let output = Command::new("bash")
        .args(["-c", script])
        .arg(&target.manifest)
        .env("CARGO_TARGET_DIR", artifacts)
        .env("CARGO_INCREMENTAL", if incremental { "1" } else { "0" })
        .output()
        .context("running bash, whose `time` counts processor seconds")?;
    let text = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "building {} failed:\n{text}", target.name);
    let user = text
        .lines()
        .last()
        .and_then(|line| line.split(' ').next()?.parse().ok());
    Ok(Cost {
        user: user.context("bash printed no times")?,
        wall: start.elapsed().as_secs_f64(),
    })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
