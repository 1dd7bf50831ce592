//! `cargo xtask package`: packs every crate that is published, and builds each from what was packed and from nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;

use super::{Status, print_line};
use crate::packages::{Package, Workspace};

/// What is packed beside sources: one line each, crate and path, or crate and folder.
const PACKED: &str = "xtask/packed-files.txt";
/// Of one file and of one packed crate. The largest of today are 340 kB and 240 kB.
const MAX_FILE: u64 = 512 * 1024;
const MAX_CRATE: u64 = 1024 * 1024;

const EXAMPLES: &str = "\
Examples:
  cargo xtask package              check the crates, pack them, and build each from its package alone
  cargo xtask package --no-build   check them only: manifests, files, sizes and the oldest Rust
  cargo xtask package --list       print each file of each crate, in the order in which crates are published";

/// Pack the crates that are published, and build each from its package alone
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct PackageCommand {
    /// Do not build
    #[arg(long)]
    no_build: bool,
    /// Print each file that is packed, and check nothing
    #[arg(long, conflicts_with = "no_build")]
    list: bool,
}

impl PackageCommand {
    pub(super) fn run(self, root: &Path) -> Result<Status> {
        let workspace = Workspace::read(root)?;
        let order = workspace.publish_order()?;
        if self.list {
            for package in &order {
                for file in files(root, package)? {
                    print_line(&format!("{} {file}", package.name))?;
                }
            }
            return Ok(Status::Success);
        }
        let mut problems = workspace.problems();
        problems.extend(workspace.newer_rust());
        problems.extend(unexpected_files(root, &order)?);
        if problems.is_empty() {
            pack(root, &order, !self.no_build)?;
            problems.extend(large_crates(root, &order)?);
        }
        for problem in &problems {
            print_line(problem)?;
        }
        if !problems.is_empty() {
            return Ok(Status::Failure);
        }
        let names: Vec<_> = order.iter().map(|package| package.name.as_str()).collect();
        print_line(&format!("published in this order: {}", names.join(", ")))?;
        Ok(Status::Success)
    }
}

/// Packed files that nobody has looked at, and those of the list that are gone.
fn unexpected_files(root: &Path, order: &[Package]) -> Result<Vec<String>> {
    let text = fs::read_to_string(root.join(PACKED)).with_context(|| format!("reading {PACKED}"))?;
    let known: BTreeSet<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let mut used = BTreeSet::new();
    let mut problems = Vec::new();
    for package in order {
        for file in files(root, package)? {
            let path = root.join("crates").join(&package.name).join(&file);
            // Cargo makes some files itself.
            let length = fs::metadata(path).map_or(0, |file| file.len());
            if length > MAX_FILE {
                problems.push(format!(
                    "{} {file}: {length} bytes, and {MAX_FILE} are the limit",
                    package.name
                ));
            }
            if is_usual(&file) {
                continue;
            }
            let line = format!("{} {file}", package.name);
            match known.iter().find(|known| line == **known || known.ends_with('/') && line.starts_with(**known)) {
                Some(known) => drop(used.insert(*known)),
                None => problems.push(format!(
                    "{line} would be published, and {PACKED} does not list it: list it there, or leave it out by `include` in Cargo.toml"
                )),
            }
        }
    }
    let gone = known.difference(&used);
    problems.extend(
        gone.map(|line| format!("{line} is not packed: take it out of {PACKED}, or into `include` in Cargo.toml")),
    );
    Ok(problems)
}

/// What every crate has: sources, manifests, licences, and what cargo adds.
fn is_usual(file: &str) -> bool {
    file.starts_with("src/") && file.ends_with(".rs")
        || matches!(
            file,
            ".cargo_vcs_info.json"
                | "Cargo.lock"
                | "Cargo.toml"
                | "Cargo.toml.orig"
                | "LICENSE-APACHE"
                | "LICENSE-MIT"
                | "README.md"
        )
}

fn files(root: &Path, package: &Package) -> Result<Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["package", "--list", "--allow-dirty", "--quiet", "-p", &package.name])
        .current_dir(root)
        .output()?;
    ensure!(
        output.status.success(),
        "{} cannot be packed: {}",
        package.name,
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).context("the name of a file is not UTF-8")?;
    Ok(text.lines().map(|line| line.replace('\\', "/")).collect())
}

/// Cargo puts the packed crates into a registry of its own, so that none of them reaches into the repository.
fn pack(root: &Path, order: &[Package], builds: bool) -> Result<()> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["package", "--locked", "--allow-dirty", "--quiet"]);
    command.args(order.iter().flat_map(|package| ["-p", &package.name]));
    if !builds {
        command.arg("--no-verify");
    }
    // A packed crate does not know the profile of the workspace. With this its dependencies are those that are built already.
    command.env("CARGO_PROFILE_DEV_DEBUG", "false");
    let status = command.current_dir(root).status()?;
    ensure!(
        status.success(),
        "a crate cannot be packed, or not be built from its package alone"
    );
    Ok(())
}

fn large_crates(root: &Path, order: &[Package]) -> Result<Vec<String>> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder));
    let mut problems = Vec::new();
    for package in order {
        let file = format!("{}-{}.crate", package.name, package.version);
        let length = fs::metadata(target.join("package").join(&file))
            .with_context(|| format!("reading {file}"))?
            .len();
        if length > MAX_CRATE {
            problems.push(format!("{file}: {length} bytes, and {MAX_CRATE} are the limit"));
        }
    }
    Ok(problems)
}
