//! The licences of what the binary holds: most ask that their text goes with every copy.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::release::{FEATURES, Release, cargo, run_for_text};

/// For parts that come without a text of their own.
const MIT: &str = include_str!("license_texts/MIT.txt");
const MPL: &str = include_str!("license_texts/MPL-2.0.txt");
const APACHE: &str = include_str!("../../../../LICENSE-APACHE");

/// A part of the binary.
struct Part {
    id: String,
    license: String,
    texts: Vec<String>,
}

/// Every part with its licence, and every text once, with the parts that it belongs to.
pub(super) fn text(root: &Path, release: &Release, package: &str) -> Result<String> {
    let options = ["--locked", "--features", FEATURES];
    let metadata = run_for_text(
        cargo(root)
            .args(["metadata", "--format-version", "1"])
            .args(options)
            .args([
                "--manifest-path",
                &format!("crates/{package}/Cargo.toml"),
                "--filter-platform",
                &release.target,
            ]),
    )?;
    let metadata: Value = serde_json::from_str(&metadata).context("reading what cargo metadata prints")?;
    // Metadata has what any member of the workspace and any test of it asks for.
    let tree = run_for_text(cargo(root).args(["tree", "--package", package]).args(options).args([
        "--target",
        &release.target,
        "--edges",
        "normal,no-proc-macro",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]))?;
    let mut parts = parts(&metadata, &tree)?;
    parts.extend(linked(&release.target));
    let mut all = "The crates and libraries that `enkash` holds, with their licences. The source of a crate is at https://crates.io/crates/NAME/VERSION.\n\n".to_owned();
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

/// What cargo does not list, and every binary holds.
fn linked(target: &str) -> Vec<Part> {
    let mut parts = vec![Part {
        id: "the standard library of Rust".to_owned(),
        license: "MIT OR Apache-2.0".to_owned(),
        texts: vec![APACHE.trim_matches('\n').to_owned()],
    }];
    if target.contains("-musl") {
        parts.push(Part {
            id: "musl".to_owned(),
            license: "MIT".to_owned(),
            texts: vec![mit("2005-2020 Rich Felker, et al.")],
        });
    }
    parts
}

/// What is not of this workspace and goes into the binary: no build script's and no test's. `tree` has a line for each crate, such as
/// `serde v1.0.0`.
fn parts(metadata: &Value, tree: &str) -> Result<Vec<Part>> {
    let held: BTreeSet<_> = tree
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            Some((words.next()?, words.next()?.strip_prefix('v')?))
        })
        .collect();
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut parts = Vec::new();
    for one in packages.iter().filter(|one| !one["source"].is_null()) {
        let field = |name: &str| one[name].as_str().unwrap_or_default();
        if !held.contains(&(field("name"), field("version"))) {
            continue;
        }
        let folder = Path::new(field("manifest_path"))
            .parent()
            .context("a manifest has no folder")?;
        let license = field("license");
        let id = format!("{} {}", field("name"), field("version"));
        let mut texts = license_texts(folder)?;
        if texts.is_empty() {
            let text = standard_text(license, &one["authors"], field("name"));
            texts.push(text.with_context(|| {
                format!("{id} ({license}) comes without the text of its licence: add it to license_texts")
            })?);
        }
        parts.push(Part {
            id,
            license: license.to_owned(),
            texts,
        });
    }
    ensure!(
        !parts.is_empty(),
        "cargo tree and cargo metadata name no crate in common"
    );
    parts.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(parts)
}

/// The text of a licence by its name. Of several that may be chosen one is enough.
fn standard_text(license: &str, authors: &Value, name: &str) -> Option<String> {
    let choices: Vec<_> = license.split(" OR ").flat_map(|part| part.split('/')).collect();
    if choices.contains(&"Apache-2.0") {
        return Some(APACHE.trim_matches('\n').to_owned());
    }
    if choices.contains(&"MIT") {
        let authors = authors.as_array().map(Vec::as_slice).unwrap_or_default();
        let authors: Vec<_> = authors.iter().filter_map(Value::as_str).collect();
        return Some(match authors.is_empty() {
            true => mit(&format!("the authors of {name}")),
            false => mit(&authors.join(", ")),
        });
    }
    choices.contains(&"MPL-2.0").then(|| MPL.trim_matches('\n').to_owned())
}

fn mit(holders: &str) -> String {
    MIT.trim_matches('\n').replace("{holders}", holders)
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
