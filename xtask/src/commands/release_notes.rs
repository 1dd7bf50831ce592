//! `cargo xtask release-notes`: what the changelog says about a version. The release workflow begins with it, so that a tag
//! publishes nothing without a version, without a section with a date, with a page that says that nothing was published, or with
//! an action or an image that somebody else can exchange.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use toml::{Table, Value};

use super::{Status, print_line};

/// What is wrong from the first publication on: file and sentence. docs/releasing.md names the files.
const WRONG_ONCE_PUBLISHED: &[(&str, &str)] = &[
    ("CHANGELOG.md", "Ready, and not yet published."),
    ("README.md", "Nothing is on crates.io yet"),
    ("SECURITY.md", "Nothing is released yet"),
    ("docs/guide/testing.md", "nothing is on crates.io yet"),
    ("docs/install.md", "No version is released yet."),
];

/// The workflow that signs and publishes.
const WORKFLOW: &str = ".github/workflows/release.yml";

/// What the signed image is built by.
const IMAGE: &str = "Dockerfile";

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
        // Debian writes it otherwise, and GitHub would show it as the newest release.
        ensure!(
            !version.contains(['-', '+']),
            "{version} is no plain version, and the release workflow is made for those: set one like 1.2.3 in Cargo.toml"
        );
        let expected = format!("v{version}");
        ensure!(
            self.tag == expected,
            "the tag {} is not the version of Cargo.toml: set the version, or tag {expected}",
            self.tag
        );
        let changelog = read("CHANGELOG.md")?;
        let section = section(&changelog, &version)?;
        for (file, sentence) in WRONG_ONCE_PUBLISHED {
            says_no_longer(file, &read(file)?, sentence)?;
        }
        pinned(WORKFLOW, &read(WORKFLOW)?)?;
        pinned_image(IMAGE, &read(IMAGE)?)?;
        print_line(section)?;
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

/// What stands under the heading of the version, which has the day of the release behind it.
fn section<'a>(changelog: &'a str, version: &str) -> Result<&'a str> {
    let mut at = 0;
    let mut start = None;
    for (index, line) in changelog.split_inclusive('\n').enumerate() {
        match (start, is_heading_of(line.trim_end(), version)) {
            (None, true) => {
                dated(line.trim_end(), version, index + 1)?;
                start = Some(at + line.len());
            }
            (Some(start), _) if line.starts_with("## ") => return filled(&changelog[start..at], version),
            _ => {}
        }
        at += line.len();
    }
    let start = start.with_context(|| {
        format!("CHANGELOG.md has no section of {version}: put `## {version} - YYYY-MM-DD` below `## Unreleased`")
    })?;
    filled(&changelog[start..], version)
}

fn is_heading_of(line: &str, version: &str) -> bool {
    let rest = line.strip_prefix("## ").and_then(|rest| rest.strip_prefix(version));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// Refuses a heading that is anything but version and day: nothing of the version was decided to be published.
fn dated(heading: &str, version: &str, line: usize) -> Result<()> {
    let day = heading.strip_prefix(&format!("## {version} - "));
    ensure!(
        day.is_some_and(is_day),
        "CHANGELOG.md:{line}: `{heading}` has no day of the release: write `## {version} - YYYY-MM-DD`"
    );
    Ok(())
}

/// A day of the calendar, as `2027-01-31`.
fn is_day(text: &str) -> bool {
    let number = |range: std::ops::Range<usize>| {
        let digits = text.get(range)?;
        digits
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| digits.parse::<u32>().ok())?
    };
    let (Some(year), Some(month), Some(day)) = (number(0..4), number(5..7), number(8..10)) else {
        return false;
    };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => return false,
    };
    text.len() == 10 && &text[4..5] == "-" && &text[7..8] == "-" && (1..=days).contains(&day)
}

/// Refuses a file that still has the sentence.
fn says_no_longer(file: &str, text: &str, sentence: &str) -> Result<()> {
    if let Some(index) = text.lines().position(|line| line.contains(sentence)) {
        bail!(
            "{file}:{}: `{sentence}` is wrong once this tag is published: say how it is from then on",
            index + 1
        );
    }
    Ok(())
}

/// Refuses an action of others that is not named by its commit: who moves its tag would sign and publish as this project.
fn pinned(file: &str, workflow: &str) -> Result<()> {
    for (index, line) in workflow.lines().enumerate() {
        let line = line.trim_start();
        let Some(action) = line.strip_prefix("- ").unwrap_or(line).strip_prefix("uses:") else {
            continue;
        };
        let action = action.split_whitespace().next().unwrap_or_default();
        let commit = action.split_once('@').map_or("", |(_, commit)| commit);
        let is_commit = commit.len() == 40 && commit.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        ensure!(
            action.starts_with("./.github/") || is_commit,
            "{file}:{}: `{action}` is not pinned by its commit: docs/releasing.md has the command that finds it",
            index + 1
        );
    }
    Ok(())
}

/// Refuses a base image that is not named by its digest: what compiles the binary can put anything into it.
fn pinned_image(file: &str, dockerfile: &str) -> Result<()> {
    for (index, line) in dockerfile.lines().enumerate() {
        let mut words = line.split_whitespace();
        if !words.next().is_some_and(|word| word.eq_ignore_ascii_case("FROM")) {
            continue;
        }
        let image = words.next().unwrap_or_default();
        let digest = image.split_once("@sha256:").map_or("", |(_, digest)| digest);
        let is_digest = digest.len() == 64 && digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        ensure!(
            image == "scratch" || is_digest,
            "{file}:{}: `{image}` is not pinned by its digest: docs/releasing.md has the command that finds it",
            index + 1
        );
    }
    Ok(())
}

fn filled<'a>(section: &'a str, version: &str) -> Result<&'a str> {
    let section = section.trim();
    ensure!(!section.is_empty(), "the section of {version} in CHANGELOG.md is empty");
    Ok(section)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANGELOG: &str = "# Changelog\n\n## Unreleased\n\nnew\n\n## 0.2.0 - 2027-01-02\n\n### Added\n\n* two\n\n## 0.1.0 - 2026-12-31\n\none\n\n## 0.0.1 - 2026-12-30\n";

    fn read(name: &str) -> String {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        fs::read_to_string(root.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

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
    fn a_heading_without_a_day_of_the_calendar_is_refused() {
        for (behind, is_taken) in [
            (" - 2026-11-30", true),
            (" - 2028-02-29", true),
            ("", false),
            (" ", false),
            (" - YYYY-MM-DD", false),
            (" - unreleased", false),
            (" 2026-11-30", false),
            (" - 2026-11-31", false),
            (" - 2026-02-29", false),
            (" - 2100-02-29", false),
            (" - 2026-13-01", false),
            (" - 2026-00-10", false),
            (" - 2026-11-00", false),
            (" - 2026-11-3", false),
            (" - 2026/11/30", false),
            (" - +026-11-30", false),
            (" - 2026-11-30 (draft)", false),
            (" - 2026-11-3é", false),
        ] {
            let changelog = format!("# Changelog\n\n## 0.1.0{behind}\n\none\n");
            match section(&changelog, "0.1.0") {
                Ok(section) => assert!(is_taken && section == "one", "{behind:?} was taken"),
                Err(error) => {
                    let error = error.to_string();
                    assert!(
                        !is_taken && error.starts_with("CHANGELOG.md:3: "),
                        "{behind:?}: {error}"
                    );
                    assert!(error.contains("`## 0.1.0 - YYYY-MM-DD`"), "{error}");
                }
            }
        }
    }

    #[test]
    fn what_publication_makes_wrong_is_there_until_the_version_has_its_day() {
        let version = workspace_version(&read("Cargo.toml")).unwrap();
        let has_day = section(&read("CHANGELOG.md"), &version).is_ok();
        let releasing = read("docs/releasing.md");
        for (file, sentence) in WRONG_ONCE_PUBLISHED {
            let said = says_no_longer(file, &read(file), sentence);
            assert_eq!(
                said.is_ok(),
                has_day,
                "{file}: {sentence}: the list or the file is wrong"
            );
            let name = file.rsplit('/').next().unwrap();
            assert!(releasing.contains(name), "docs/releasing.md does not name {file}");
        }
        let error = says_no_longer("a.md", "one\ntwo yet\n", "two yet")
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("a.md:2: `two yet` "), "{error}");
    }

    #[test]
    fn an_action_that_can_move_is_refused() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        let own = "jobs:\n  checks:\n    uses: ./.github/workflows/ci.yml\n";
        let good = format!(
            "{own}    steps:\n      - uses: actions/checkout@{commit} # v5\n      - id: x\n        uses: a/b@{commit}\n"
        );
        pinned("release.yml", &good).unwrap();
        for moving in [
            good.replace(commit, "v5"),
            good.replace(commit, &commit[..39]),
            good.replace(commit, "v123456789abcdef0123456789abcdef01234567"),
            good.replace(&format!("@{commit}\n"), "\n"),
        ] {
            let error = pinned("release.yml", &moving).unwrap_err().to_string();
            assert!(error.starts_with("release.yml:"), "{error}");
            assert!(error.contains("docs/releasing.md"), "{error}");
        }
        // What the check finds is what the workflow has.
        let workflow = read(WORKFLOW);
        let written = workflow.lines().filter(|line| line.contains("uses:")).count();
        let found = workflow.lines().filter(|line| {
            let line = line.trim_start();
            line.strip_prefix("- ").unwrap_or(line).starts_with("uses: ")
        });
        assert_eq!(found.count(), written);
    }

    #[test]
    fn an_image_that_can_move_is_refused() {
        let digest = "0123456789abcdef".repeat(4);
        let good = format!("# x\nFROM rust:1.95.0-alpine3.22@sha256:{digest} AS build\nRUN x\nFROM scratch\n");
        pinned_image("Dockerfile", &good).unwrap();
        for moving in [
            good.replace(&format!("@sha256:{digest}"), ""),
            good.replace(&digest, &digest[..63]),
            good.replace("FROM scratch", "from alpine:3.22"),
            good.replace("FROM scratch", "FROM --platform=linux/amd64 alpine:3.22"),
        ] {
            let error = pinned_image("Dockerfile", &moving).unwrap_err().to_string();
            assert!(error.starts_with("Dockerfile:"), "{error}");
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
