//! The binary of a release: the profile `dist`, the features of a release, and no path of the machine that built it.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::release::{FEATURES, PACKAGE, Release, cargo};
use super::tools::{self, Tool};

/// Builds it, by way of the tool that writes the list of the parts into the binary, and says where it is.
pub(super) fn binary(root: &Path, release: &Release, audited: Option<Tool>, is_unoptimized: bool) -> Result<PathBuf> {
    let mut command = cargo(root);
    if let Some(tool) = audited {
        command.arg(tool.subcommand()).env("PATH", tools::path(root)?);
    }
    command.args([
        "build",
        "--locked",
        "--profile",
        "dist",
        "--package",
        PACKAGE,
        "--features",
        FEATURES,
    ]);
    command.args(["--target", &release.target]);
    command.env("RUSTFLAGS", flags(root)?);
    if is_unoptimized {
        command.envs([("CARGO_PROFILE_DIST_OPT_LEVEL", "0"), ("CARGO_PROFILE_DIST_LTO", "off")]);
    }
    let status = command.status().context("running cargo build")?;
    let remedy = if release.target.contains("-musl") {
        "; it needs `rustup target add` for the target, and the Debian package musl-tools for its C compiler"
    } else {
        ""
    };
    ensure!(status.success(), "the build for {} failed{remedy}", release.target);
    let folder = release.target_folder.join(&release.target).join("dist");
    Ok(folder.join(release.binary_name()))
}

/// The flags of the environment, and the folders of this machine under names that are the same everywhere.
fn flags(root: &Path) -> Result<String> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let home = home.context("neither CARGO_HOME nor a home folder is known")?;
    let mut flags: Vec<_> = env::var("RUSTFLAGS").into_iter().collect();
    for (folder, name) in [(home.as_path(), "cargo"), (root, "enkash-rs")] {
        let folder = folder.to_str().context("a folder of the build is no UTF-8")?;
        let remedy = "RUSTFLAGS cannot name it: move the checkout or set CARGO_HOME";
        ensure!(!folder.contains(' '), "{folder:?} has a space: {remedy}");
        flags.push(format!("--remap-path-prefix={folder}={name}"));
    }
    Ok(flags.join(" "))
}
