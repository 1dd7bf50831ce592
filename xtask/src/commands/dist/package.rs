//! The Debian package of a release. What it holds stands in the manifest of the command, under `package.metadata.deb`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::release::{PACKAGE, Release, cargo, run_for_text};
use super::tools::{self, Tool};

/// Writes it, and says where it is.
pub(super) fn write(root: &Path, release: &Release, out: &Path) -> Result<PathBuf> {
    let folder = release.target_folder.join("dist-debian");
    fs::create_dir_all(&folder)?;
    let date = run_for_text(Command::new("date").args(["--utc", "--rfc-email", &format!("--date=@{}", release.time)]))?;
    fs::write(folder.join("changelog"), changelog(&release.version, date.trim_end()))?;
    let license = fs::read_to_string(root.join("LICENSE-MIT")).context("reading LICENSE-MIT")?;
    fs::write(folder.join("copyright"), copyright(&license))?;
    let mut command = cargo(root);
    command.args([
        Tool::Deb.subcommand(),
        "--package",
        PACKAGE,
        "--profile",
        "dist",
        "--target",
        &release.target,
    ]);
    command
        .args(["--no-build", "--no-strip", "--quiet", "--output"])
        .arg(out);
    command
        .env("PATH", tools::path(root)?)
        .env("SOURCE_DATE_EPOCH", release.time.to_string());
    let printed = run_for_text(&mut command)?;
    // It says the path of what it wrote.
    let path = printed.lines().last().context("cargo deb names no file")?;
    Ok(PathBuf::from(path))
}

/// Debian's form of a changelog, which names the real one.
fn changelog(version: &str, date: &str) -> String {
    format!(
        "enkash ({version}-1) stable; urgency=medium\n\n  * Release {version}: /usr/share/doc/enkash/NEWS.md says what is new.\n\n \
         -- enkash-rs <enkash-rs@users.noreply.github.com>  {date}\n"
    )
}

/// Both licences: the text of one, and where Debian has that of the other.
fn copyright(license: &str) -> String {
    format!(
        "{}\n\nOr, at your choice, the Apache License, Version 2.0, whose text is in\n/usr/share/common-licenses/Apache-2.0.\n\n\
         The crates that the command holds have licences of their own: see\n/usr/share/doc/enkash/third-party.txt.\n",
        license.trim_end()
    )
}
