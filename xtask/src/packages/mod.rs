//! What the crates of the workspace say of themselves to those who get them from crates.io: which are published, in what order,
//! whether each says what crates.io asks, and whether all that they need runs on the oldest Rust that is promised. The command
//! `package` reads it from `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// A crate that is published.
#[derive(Debug)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// The workspace, as cargo reads it.
#[derive(Debug)]
pub struct Workspace {
    metadata: Value,
    /// What is ever built, by name and version. The metadata also lists what no feature brings in.
    built: BTreeSet<(String, String)>,
}

impl Workspace {
    /// Asks cargo, which fetches what is missing of the dependencies.
    ///
    /// # Errors
    ///
    /// Cargo fails, for one because `Cargo.lock` does not fit the manifests.
    pub fn read(root: &Path) -> Result<Self> {
        let metadata = cargo(root, "metadata --format-version 1 --locked --all-features")?;
        let metadata = serde_json::from_str(&metadata).context("reading `cargo metadata`")?;
        let tree = "tree --workspace --locked --all-features --target all --edges all --prefix none --format {p}";
        Ok(Self::new(metadata, &cargo(root, tree)?))
    }

    /// From what `cargo metadata` and `cargo tree` printed.
    #[must_use]
    pub fn new(metadata: Value, tree: &str) -> Self {
        let built = tree.lines().filter_map(|line| {
            let mut words = line.split(' ');
            Some((words.next()?.to_owned(), words.next()?.strip_prefix('v')?.to_owned()))
        });
        Self {
            metadata,
            built: built.collect(),
        }
    }

    fn packages(&self) -> impl Iterator<Item = &Value> {
        self.metadata["packages"].as_array().into_iter().flatten()
    }

    fn published(&self) -> impl Iterator<Item = &Value> {
        // `publish = false` is an empty list of registries. What comes from a registry is no crate of ours.
        self.packages()
            .filter(|package| package["source"].is_null() && package["publish"] != Value::Array(Vec::new()))
    }

    /// The crates that are published, each after those that it needs: the order in which crates.io takes them.
    ///
    /// # Errors
    ///
    /// Crates need each other in a circle.
    pub fn publish_order(&self) -> Result<Vec<Package>> {
        let published = self.published().map(|package| (text(package, "name"), package));
        let mut left: BTreeMap<_, _> = published.collect();
        let mut order = Vec::new();
        while !left.is_empty() {
            let waits = |package: &Value| {
                let mut kept = dependencies(package).filter(|dependency| is_kept(dependency));
                kept.any(|dependency| left.contains_key(text(dependency, "name")))
            };
            let Some((&name, &package)) = left.iter().find(|(_, package)| !waits(package)) else {
                let names: Vec<_> = left.into_keys().collect();
                bail!(
                    "these need each other in a circle and have no order: {}",
                    names.join(", ")
                );
            };
            left.remove(name);
            order.push(Package {
                name: name.to_owned(),
                version: text(package, "version").to_owned(),
            });
        }
        Ok(order)
    }

    /// What stands in the way of publishing, a line each.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let names: Vec<_> = self.published().map(|package| text(package, "name")).collect();
        let mut problems = Vec::new();
        for package in self.published() {
            let name = text(package, "name");
            let mut add = |problem: String| problems.push(format!("{name}: {problem}"));
            for key in ["description", "license", "readme", "repository", "rust_version"] {
                if text(package, key).is_empty() {
                    add(format!("its manifest has no {}", key.replace('_', "-")));
                }
            }
            for key in ["keywords", "categories"] {
                let count = package[key].as_array().map_or(0, Vec::len);
                if !(1..=5).contains(&count) {
                    add(format!("crates.io takes 1 to 5 {key}, and it has {count}"));
                }
            }
            for keyword in package["keywords"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
            {
                if !is_keyword(keyword) {
                    add(format!("crates.io does not take the keyword {keyword}"));
                }
            }
            for dependency in dependencies(package).filter(|dependency| !dependency["path"].is_null()) {
                let needed = text(dependency, "name");
                match (is_kept(dependency), names.contains(&needed)) {
                    (true, false) => add(format!("it depends on {needed}, which is not published")),
                    (false, _) if dependency["kind"] != "dev" => {
                        add(format!("it depends on {needed} without a version"));
                    }
                    _ => {}
                }
            }
        }
        problems
    }

    /// Packages of `Cargo.lock` that are built and ask for a newer Rust than ours do, a line each.
    #[must_use]
    pub fn newer_rust(&self) -> Vec<String> {
        let ours = self.published().filter_map(rust_version).min();
        let is_built = |package: &Value| {
            let package = (text(package, "name").to_owned(), text(package, "version").to_owned());
            self.built.contains(&package)
        };
        let newer = self
            .packages()
            .filter(|package| rust_version(package) > ours && is_built(package));
        newer
            .map(|package| {
                format!(
                    "{} {} needs Rust {}, and `rust-version` promises an older one: take an older version into Cargo.lock",
                    text(package, "name"),
                    text(package, "version"),
                    text(package, "rust_version"),
                )
            })
            .collect()
    }
}

fn cargo(root: &Path, command: &str) -> Result<String> {
    let output = Command::new(env!("CARGO"))
        .args(command.split(' '))
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "`cargo {command}` failed");
    String::from_utf8(output.stdout).with_context(|| format!("reading `cargo {command}`"))
}

fn dependencies(package: &Value) -> impl Iterator<Item = &Value> {
    package["dependencies"].as_array().into_iter().flatten()
}

/// Whether a dependency is in the published manifest. Cargo leaves out one of tests that has a path and no version.
fn is_kept(dependency: &Value) -> bool {
    text(dependency, "req") != "*"
}

fn rust_version(package: &Value) -> Option<Vec<u32>> {
    let parts = text(package, "rust_version").split('.');
    let mut parts: Vec<u32> = parts.map(str::parse).collect::<Result<_, _>>().ok()?;
    parts.resize(3, 0);
    Some(parts)
}

/// As crates.io has it.
fn is_keyword(keyword: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+');
    keyword.len() <= 20 && keyword.starts_with(|c: char| c.is_ascii_alphanumeric()) && keyword.chars().all(is_allowed)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests;
