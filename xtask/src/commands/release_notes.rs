//! `cargo xtask release-notes`: what the changelog says about a version. The release workflow begins with it, so that a tag
//! without a version or without a section publishes nothing.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use clap::Args;
use toml::{Table, Value};

use super::{Status, print_line};

/// Print the changelog's section of a tag, which must be that of the workspace's version
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  cargo xtask release-notes --tag v0.1.0")]
pub(super) struct ReleaseNotes {
    /// The tag: `v` and the version
    #[arg(long)]
    tag: String,
}

impl ReleaseNotes {
    pub(super) fn run(self, root: &Path) -> Result<Status> {
        let read = |name: &str| fs::read_to_string(root.join(name)).with_context(|| format!("reading {name}"));
        let version = workspace_version(&read("Cargo.toml")?)?;
        let expected = format!("v{version}");
        ensure!(
            self.tag == expected,
            "the tag {} is not the version of Cargo.toml: set the version, or tag {expected}",
            self.tag
        );
        print_line(section(&read("CHANGELOG.md")?, &version)?)?;
        Ok(Status::Success)
    }
}

fn workspace_version(manifest: &str) -> Result<String> {
    let manifest: Table = manifest.parse().context("reading Cargo.toml")?;
    let workspace = manifest.get("workspace");
    let version = workspace.and_then(|table| table.get("package")?.get("version")?.as_str());
    let version = version.context("Cargo.toml has no workspace.package.version")?;
    let dependencies = workspace.and_then(|table| table.get("dependencies")?.as_table());
    for (name, dependency) in dependencies.into_iter().flatten() {
        // Ours are reached by a path, and published with the version beside it, which crates.io never lets go of.
        let asked = dependency
            .get("path")
            .and(dependency.get("version"))
            .and_then(Value::as_str);
        ensure!(
            asked.is_none_or(|asked| asked == version),
            "Cargo.toml asks for {name} {}, and the version is {version}: set it in workspace.dependencies too",
            asked.unwrap_or_default()
        );
    }
    Ok(version.to_owned())
}

/// What stands under the heading of the version, which may have a date behind it.
fn section<'a>(changelog: &'a str, version: &str) -> Result<&'a str> {
    let heading = |line: &str| {
        let rest = line.strip_prefix("## ")?.strip_prefix(version)?;
        (rest.is_empty() || rest.starts_with(' ')).then_some(())
    };
    let mut at = 0;
    let mut start = None;
    for line in changelog.split_inclusive('\n') {
        match start {
            None if heading(line.trim_end()).is_some() => start = Some(at + line.len()),
            Some(start) if line.starts_with("## ") => return filled(&changelog[start..at], version),
            _ => {}
        }
        at += line.len();
    }
    let start = start.with_context(|| {
        format!("CHANGELOG.md has no section of {version}: put `## {version} - YYYY-MM-DD` below `## Unreleased`")
    })?;
    filled(&changelog[start..], version)
}

fn filled<'a>(section: &'a str, version: &str) -> Result<&'a str> {
    let section = section.trim();
    ensure!(!section.is_empty(), "the section of {version} in CHANGELOG.md is empty");
    Ok(section)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANGELOG: &str = "# Changelog\n\n## Unreleased\n\nnew\n\n## 0.2.0 - 2027-01-02\n\n### Added\n\n* two\n\n## 0.1.0\n\none\n\n## 0.0.1\n";

    #[test]
    fn a_version_has_its_own_section() {
        assert_eq!(section(CHANGELOG, "0.2.0").unwrap(), "### Added\n\n* two");
        assert_eq!(section(CHANGELOG, "0.1.0").unwrap(), "one");
    }

    #[test]
    fn a_version_without_a_section_is_refused() {
        for (version, told) in [("0.2", "no section"), ("0.3.0", "no section"), ("0.0.1", "is empty")] {
            let error = section(CHANGELOG, version).unwrap_err().to_string();
            assert!(error.contains(told) && error.contains(version), "{error}");
        }
    }

    #[test]
    fn the_version_is_that_of_the_workspace() {
        let manifest = "[workspace.package]\nversion = \"1.2.3\"\n";
        assert_eq!(workspace_version(manifest).unwrap(), "1.2.3");
        assert!(workspace_version("[package]\nversion = \"1.2.3\"\n").is_err());
        let asking = |version| {
            format!(
                "{manifest}[workspace.dependencies]\nserde = \"1\"\nours = {{ path = \"x\", version = \"{version}\" }}\n"
            )
        };
        assert!(workspace_version(&asking("1.2.3")).is_ok());
        let forgotten = workspace_version(&asking("1.2.2")).unwrap_err().to_string();
        assert!(forgotten.contains("ours 1.2.2"), "{forgotten}");
    }
}
