//! What is released: the version, the target, and the names of its files, which the metadata of cargo-binstall and the docs repeat.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// The package of the command, and its binary.
pub(super) const PACKAGE: &str = "enkash-cli";
/// The features that the released programs have, by their one name.
pub(super) const FEATURES: &str = "enkash-cli/full";
pub(super) const BINARY: &str = "enkash";

/// A release for one target.
pub(super) struct Release {
    pub(super) version: String,
    pub(super) target: String,
    /// The checkout, as cargo writes it.
    pub(super) checkout: PathBuf,
    /// Cargo's own folder of what it builds.
    pub(super) target_folder: PathBuf,
    /// Seconds since 1970: the time of all files, so that two builds of one commit agree.
    pub(super) time: u64,
}

impl Release {
    pub(super) fn of(root: &Path, target: Option<&str>) -> Result<Self> {
        let metadata = run_for_text(cargo(root).args(["metadata", "--no-deps", "--format-version", "1", "--locked"]))?;
        let metadata: Value = serde_json::from_str(&metadata).context("reading what cargo metadata prints")?;
        let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
        let package = packages.iter().find(|package| package["name"] == PACKAGE);
        let version = package.and_then(|package| package["version"].as_str());
        let folder = metadata["target_directory"].as_str();
        let checkout = metadata["workspace_root"].as_str();
        Ok(Self {
            version: version
                .with_context(|| format!("the workspace has no package {PACKAGE}"))?
                .to_owned(),
            target: target.map_or_else(|| default_target(root), |target| Ok(target.to_owned()))?,
            checkout: checkout.context("cargo metadata names no workspace")?.into(),
            target_folder: folder.context("cargo metadata names no target folder")?.into(),
            time: source_time(root)?,
        })
    }

    pub(super) fn is_for_linux(&self) -> bool {
        self.target.contains("-linux-")
    }

    /// The name of the binary's file.
    pub(super) fn binary_name(&self) -> String {
        let suffix = if self.target.contains("-windows-") { ".exe" } else { "" };
        format!("{BINARY}{suffix}")
    }

    /// The folder that the archive holds.
    pub(super) fn folder_name(&self) -> String {
        format!("{BINARY}-{}-{}", self.version, self.target)
    }

    pub(super) fn archive_name(&self) -> String {
        format!("{}.tar.gz", self.folder_name())
    }

    /// Where the content of archive and package is put together. The metadata of the package names it.
    pub(super) fn stage(&self) -> PathBuf {
        self.target_folder.join("dist-stage")
    }
}

pub(super) fn cargo(root: &Path) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root);
    command
}

/// What the command prints; it must end well.
pub(super) fn run_for_text(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("running {command:?}"))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} failed:\n{}", errors.trim_end());
    String::from_utf8(output.stdout).with_context(|| format!("{command:?} prints no UTF-8"))
}

/// This machine's static target where it can be built, and else its own.
fn default_target(root: &Path) -> Result<String> {
    let rustc = || {
        let mut command = Command::new("rustc");
        command.current_dir(root);
        command
    };
    let about = run_for_text(rustc().arg("-vV"))?;
    let host = about.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.context("rustc -vV names no host")?;
    let Some(machine) = host.strip_suffix("-unknown-linux-gnu") else {
        return Ok(host.to_owned());
    };
    let fixed = format!("{machine}-unknown-linux-musl");
    let libraries = run_for_text(rustc().args(["--print", "target-libdir", "--target", &fixed]))?;
    let has_compiler = is_in_path(&format!("{machine}-linux-musl-gcc")) || is_in_path("musl-gcc");
    let is_ready = has_compiler && Path::new(libraries.trim_end()).is_dir();
    Ok(if is_ready { fixed } else { host.to_owned() })
}

fn is_in_path(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// `SOURCE_DATE_EPOCH`, or the time of the commit.
fn source_time(root: &Path) -> Result<u64> {
    let given = env::var("SOURCE_DATE_EPOCH").ok();
    let text = match given {
        Some(text) => text,
        None => run_for_text(
            Command::new("git")
                .args(["log", "-1", "--format=%ct"])
                .current_dir(root),
        )
        .context("without a git history, SOURCE_DATE_EPOCH says the time of the files")?,
    };
    let seconds = text
        .trim()
        .parse()
        .with_context(|| format!("{text:?} is no time in seconds"));
    // No archive has a time before its first file system.
    seconds.map(|seconds: u64| seconds.max(1))
}
