//! The content of archive and package, put together in one folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::licenses;
use super::release::{PACKAGE, Release, run_for_text};

/// What the repository gives, and its name in the archive.
pub(super) const DOCUMENTS: &[(&str, &str)] = &[
    ("CHANGELOG.md", "CHANGELOG.md"),
    ("LICENSE-APACHE", "LICENSE-APACHE"),
    ("LICENSE-MIT", "LICENSE-MIT"),
    ("crates/enkash-cli/README.md", "README.md"),
];

/// Each shell, and the name under which it looks for completions.
pub(super) const COMPLETIONS: &[(&str, &str)] = &[
    ("bash", "enkash.bash"),
    ("elvish", "enkash.elv"),
    ("fish", "enkash.fish"),
    ("powershell", "_enkash.ps1"),
    ("zsh", "_enkash"),
];

/// The licences of the crates in the binary.
pub(super) const PARTS: &str = "THIRD-PARTY-LICENSES.txt";

/// Fills the folder anew, and says where it is.
pub(super) fn fill(root: &Path, release: &Release, binary: &Path) -> Result<PathBuf> {
    let stage = release.stage();
    if stage.exists() {
        fs::remove_dir_all(&stage).with_context(|| format!("emptying {}", stage.display()))?;
    }
    fs::create_dir_all(stage.join("completions"))?;
    let copy = |from: &Path, name: &str| {
        let copied = fs::copy(from, stage.join(name));
        copied.with_context(|| format!("copying {}", from.display()))
    };
    copy(binary, &release.binary_name())?;
    for (from, name) in DOCUMENTS {
        copy(&root.join(from), name)?;
    }
    let version = run_for_text(Command::new(binary).arg("--version"))
        .context("manual pages and completions come out of the binary, so it must run on this machine")?;
    let expected = format!("enkash {}", release.version);
    ensure!(
        version.trim_end() == expected,
        "the binary says {version:?} in place of {expected:?}"
    );
    run_for_text(Command::new(binary).arg("man").arg(stage.join("man/man1")))?;
    for (shell, name) in COMPLETIONS {
        let script = run_for_text(Command::new(binary).args(["completions", shell]))?;
        fs::write(stage.join("completions").join(name), script)?;
    }
    fs::write(stage.join(PARTS), licenses::text(root, release, PACKAGE)?)?;
    Ok(stage)
}
