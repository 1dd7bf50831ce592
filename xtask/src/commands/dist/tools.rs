//! The tools of others that a release needs, in the versions that CI has. They stand in `target/tools`.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use super::release::cargo;

/// A subcommand of cargo.
#[derive(Clone, Copy)]
pub(super) enum Tool {
    /// Writes the list of the crates into the binary.
    Auditable,
    /// Makes the SBOM.
    Cyclonedx,
    /// Makes the Debian package.
    Deb,
}

impl Tool {
    pub(super) fn subcommand(self) -> &'static str {
        match self {
            Self::Auditable => "auditable",
            Self::Cyclonedx => "cyclonedx",
            Self::Deb => "deb",
        }
    }

    /// As `cargo install` takes it.
    fn package(self) -> &'static str {
        match self {
            Self::Auditable => "cargo-auditable@0.7.7",
            Self::Cyclonedx => "cargo-cyclonedx@0.5.9",
            Self::Deb => "cargo-deb@3.8.0",
        }
    }
}

fn folder(root: &Path) -> PathBuf {
    root.join("target/tools")
}

/// `PATH` with the tools before everything else.
pub(super) fn path(root: &Path) -> Result<OsString> {
    let others = env::var_os("PATH").unwrap_or_default();
    let folders = [folder(root).join("bin")].into_iter().chain(env::split_paths(&others));
    env::join_paths(folders).context("PATH cannot be extended")
}

/// Installs what is missing; what is there in its version costs a second.
pub(super) fn install(root: &Path, tools: &[Tool]) -> Result<()> {
    for tool in tools {
        let mut install = cargo(root);
        install
            .args(["install", "--locked", "--quiet", "--root"])
            .arg(folder(root))
            .arg(tool.package());
        // One folder for all: what they share is built once.
        install.arg("--target-dir").arg(root.join("target/tools-build"));
        if matches!(tool, Tool::Deb) {
            // Without xz in C: gzip is enough.
            install.arg("--no-default-features");
        }
        let status = install.status().context("running cargo install")?;
        ensure!(status.success(), "{} was not installed", tool.package());
    }
    Ok(())
}

/// Fails where one is missing, and says how to get it.
pub(super) fn require(root: &Path, tools: &[Tool]) -> Result<()> {
    for tool in tools {
        let asked = cargo(root)
            .args([tool.subcommand(), "--version"])
            .env("PATH", path(root)?)
            .output()?;
        if !asked.status.success() {
            let remedy = "`cargo xtask dist --install-tools` installs it, --archive-only does without";
            bail!("cargo {} is missing: {remedy}", tool.subcommand());
        }
    }
    Ok(())
}
