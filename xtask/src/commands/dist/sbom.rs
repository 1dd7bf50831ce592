//! The SBOM of a release: the crates that the binary is built from, in CycloneDX. The tool takes those of its tests as well.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::Value;
use sha2::{Digest, Sha256};
use toml::Table;
use url::Url;

use super::release::{FEATURES, Release, cargo, run_for_text};
use super::tools::{self, Tool};

/// What the tool calls its files, which it writes beside the manifest of every member of the workspace.
const NAME: &str = "enkash-dist-sbom";
/// What stands for the folder of the checkout: where it was made is nobody's business.
const ANYWHERE: &str = "file:///enkash-rs";

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
        let checkout = release.checkout.display().to_string();
        // Cargo makes the URLs of its packages in this way, on Windows too.
        let url = Url::from_file_path(&release.checkout).map_err(|()| anyhow!("{checkout} is no whole path"))?;
        let text = from_anywhere(&text, url.as_str(), &checkout)?;
        fs::write(&sbom, numbered(&text)?).with_context(|| format!("writing {}", sbom.display()))
    });
    for member in members(root)? {
        // Not every member has one.
        let _ = fs::remove_file(root.join(member).join(&file));
    }
    moved.map(|_| sbom)
}

/// The same without the folder of the checkout, which is given as a URL and as a path. Fails where a folder of this machine is left.
fn from_anywhere(text: &str, url: &str, path: &str) -> Result<String> {
    let text = text.replace(url, ANYWHERE);
    for (at, start) in text.match_indices("file:///") {
        let rest = text[at..].strip_prefix(ANYWHERE);
        ensure!(
            rest.is_some_and(|rest| rest.starts_with(['/', '#', '?', '"', ' '])),
            "the SBOM names a folder of this machine: {}",
            text[at + start.len()..].split(['"', '\n']).next().unwrap_or_default()
        );
    }
    // With slashes, and as JSON has it.
    for written in [path.to_owned(), path.replace('\\', "/"), path.replace('\\', "\\\\")] {
        ensure!(
            !text.contains(&written),
            "the SBOM names the folder of the checkout, {written}"
        );
    }
    Ok(text)
}

/// The same with a serial number, which attestations ask for and the tool leaves out where it is told the time. It follows from the
/// content, so that two builds agree.
fn numbered(text: &str) -> Result<String> {
    let mut sbom: Value = serde_json::from_str(text).context("the SBOM is no JSON")?;
    let object = sbom.as_object_mut().context("the SBOM is no object")?;
    let digest = Sha256::digest(text);
    let digits: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    // A UUID whose content is somebody's own: version 8, variant 8.
    let number = format!(
        "urn:uuid:{}-{}-8{}-8{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[13..16],
        &digits[17..20],
        &digits[20..]
    );
    object.insert("serialNumber".to_owned(), Value::String(number));
    Ok(format!("{sbom:#}\n"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_the_checkout_is_left_out() {
        for (url, path) in [
            ("file:///home/zoe/enkash-rs", "/home/zoe/enkash-rs"),
            ("file:///D:/a/enkash-rs", r"D:\a\enkash-rs"),
        ] {
            let sbom = |url: &str, other: &str| {
                format!(
                    r#"{{"bom-ref":"path+{url}/crates/enkash-cli#0.1.0","purl":"pkg:cargo/enkash-cli@0.1.0?download_url=file://.","x":"{other}"}}"#
                )
            };
            let made = from_anywhere(&sbom(url, "crates.io"), url, path).unwrap();
            assert_eq!(made, sbom(ANYWHERE, "crates.io"));
            // Another folder, one whose name only begins as this one, and this one in words of its own.
            for other in [
                "file:///home/zoe/.cargo".to_owned(),
                format!("{url}-other"),
                path.to_owned(),
                path.replace('\\', "/"),
                path.replace('\\', r"\\"),
            ] {
                let refused = from_anywhere(&sbom(url, &other), url, path).unwrap_err().to_string();
                assert!(refused.starts_with("the SBOM names "), "{other}: {refused}");
            }
        }
    }

    #[test]
    fn a_serial_number_follows_from_the_content() {
        let text = r#"{"bomFormat":"CycloneDX","specVersion":"1.5"}"#;
        let sbom = numbered(text).unwrap();
        assert_eq!(sbom, numbered(text).unwrap());
        let read: Value = serde_json::from_str(&sbom).unwrap();
        let number = read["serialNumber"].as_str().unwrap();
        let parts: Vec<_> = number
            .strip_prefix("urn:uuid:")
            .unwrap()
            .split('-')
            .map(str::len)
            .collect();
        assert_eq!(parts, [8, 4, 4, 4, 12], "{number}");
        assert_eq!(read["bomFormat"], "CycloneDX");
        assert_ne!(numbered("{}").unwrap(), sbom);
    }
}
