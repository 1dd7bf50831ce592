//! The licences of the crates that the binary holds: most ask that their text goes with every copy.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::release::{FEATURES, Release, cargo, run_for_text};

/// A crate of the binary.
struct Part {
    id: String,
    license: String,
    texts: Vec<String>,
}

/// Every crate with its licence, and every text once, with the crates that it belongs to.
pub(super) fn text(root: &Path, release: &Release, package: &str) -> Result<String> {
    let manifest = format!("crates/{package}/Cargo.toml");
    let arguments = ["metadata", "--format-version", "1", "--locked", "--features", FEATURES];
    let metadata = run_for_text(cargo(root).args(arguments).args([
        "--manifest-path",
        &manifest,
        "--filter-platform",
        &release.target,
    ]))?;
    let metadata: Value = serde_json::from_str(&metadata).context("reading what cargo metadata prints")?;
    let parts = parts(&metadata, package)?;
    let mut all = "The crates that `enkash` holds, with their licences. The source of each is at https://crates.io/crates/NAME/VERSION.\n\n".to_owned();
    let mut by_text = BTreeMap::<&str, Vec<&str>>::new();
    for part in &parts {
        writeln!(all, "{}: {}", part.id, part.license)?;
        for text in &part.texts {
            by_text.entry(text).or_default().push(&part.id);
        }
    }
    for (text, parts) in by_text {
        write!(all, "\n{}\n{}\n\n{text}\n", "-".repeat(80), parts.join(", "))?;
    }
    Ok(all)
}

/// What is not of this workspace and goes into the binary: no build script's and no test's.
fn parts(metadata: &Value, package: &str) -> Result<Vec<Part>> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let packages = list(&metadata["packages"]);
    let root = packages.iter().find(|one| one["name"] == package);
    let root = root
        .and_then(|one| one["id"].as_str())
        .context("cargo metadata has no such package")?;
    let nodes = list(&metadata["resolve"]["nodes"]);
    let mut reached = BTreeSet::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(id) = waiting.pop() {
        if !reached.insert(id.clone()) {
            continue;
        }
        let node = nodes
            .iter()
            .find(|node| node["id"] == id.as_str())
            .context("cargo metadata lacks a crate")?;
        let normal = |dependency: &Value| list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"].is_null());
        let dependencies = list(&node["deps"]);
        waiting.extend(
            dependencies
                .iter()
                .filter(|one| normal(one))
                .filter_map(|one| one["pkg"].as_str().map(str::to_owned)),
        );
    }
    let mut parts = Vec::new();
    for one in packages.iter().filter(|one| !one["source"].is_null()) {
        let field = |name: &str| one[name].as_str().unwrap_or_default();
        if !reached.contains(field("id")) {
            continue;
        }
        let folder = Path::new(field("manifest_path"))
            .parent()
            .context("a manifest has no folder")?;
        parts.push(Part {
            id: format!("{} {}", field("name"), field("version")),
            license: one["license"].as_str().unwrap_or("see its text below").to_owned(),
            texts: license_texts(folder)?,
        });
    }
    parts.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(parts)
}

fn license_texts(folder: &Path) -> Result<Vec<String>> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_uppercase();
        let is_license = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE"]
            .iter()
            .any(|start| name.starts_with(start));
        if is_license && entry.file_type()?.is_file() {
            let text = String::from_utf8_lossy(&fs::read(entry.path())?).replace("\r\n", "\n");
            texts.push(text.trim_matches('\n').to_owned());
        }
    }
    texts.sort();
    texts.dedup();
    Ok(texts)
}
