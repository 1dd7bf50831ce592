//! The SBOM of a release: the crates that the binary holds, in CycloneDX.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use toml::Table;

use super::release::{FEATURES, Release, cargo, run_for_text};
use super::tools::{self, Tool};

/// What the tool calls its files, which it writes beside the manifest of every member of the workspace.
const NAME: &str = "enkash-dist-sbom";

/// Writes it, and says where it is.
pub(super) fn write(root: &Path, release: &Release, out: &Path) -> Result<PathBuf> {
    let mut command = cargo(root);
    command.args([
        Tool::Cyclonedx.subcommand(),
        "--all",
        "--features",
        FEATURES,
        "--no-build-deps",
        "--quiet",
    ]);
    command.args(["--format", "json", "--spec-version", "1.5", "--override-filename", NAME]);
    command.args(["--target", &release.target]);
    command.env("PATH", tools::path(root)?);
    // Without it a random number would be in the file.
    command.env("SOURCE_DATE_EPOCH", release.time.to_string());
    let made = run_for_text(&mut command);
    let sbom = out.join(format!("{}.cdx.json", release.folder_name()));
    let file = format!("{NAME}.json");
    let moved = made.and_then(|_| {
        let own = root.join("crates").join(super::release::PACKAGE).join(&file);
        let text = fs::read_to_string(own).context("cargo cyclonedx wrote no SBOM of the command")?;
        // Where it was made is nobody's business.
        let text = text.replace(&format!("file://{}", root.display()), "file:///enkash-rs");
        fs::write(&sbom, text).with_context(|| format!("writing {}", sbom.display()))
    });
    for member in members(root)? {
        // Not every member has one.
        let _ = fs::remove_file(root.join(member).join(&file));
    }
    moved.map(|_| sbom)
}

/// The folders of the workspace's members.
fn members(root: &Path) -> Result<Vec<String>> {
    let manifest: Table = fs::read_to_string(root.join("Cargo.toml"))?
        .parse()
        .context("reading Cargo.toml")?;
    let members = manifest
        .get("workspace")
        .and_then(|table| table.get("members")?.as_array());
    let members = members.context("Cargo.toml has no workspace.members")?;
    Ok(members
        .iter()
        .filter_map(|member| member.as_str().map(str::to_owned))
        .collect())
}
