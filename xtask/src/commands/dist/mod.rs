//! `cargo xtask dist`: makes what a release has for one target, in one folder: the archive, the Debian package, the checksums, and
//! where it is asked for the list of the parts (SBOM). CI runs the tour with it, and the release workflow calls it on each platform.
//!
//! The binary runs on the machine that builds it, because the manual pages and the completions come out of it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;

use super::{Status, print_line};
use archive::Entry;
use release::Release;
use tools::Tool;

mod archive;
mod build;
mod licenses;
mod package;
mod release;
mod sbom;
mod stage;
#[cfg(test)]
mod tests;
mod tools;

/// Make what a release has for one target: archive, Debian package, checksums and SBOM
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  cargo xtask dist --install-tools      the tools, once: into target/tools
  cargo xtask dist                      archive, package and checksums, into target/dist
  cargo xtask dist --sbom               with the SBOM, whose tool --install-tools --sbom installs
  cargo xtask dist --no-package         no Debian package, whose tool --install-tools --no-package leaves out
  cargo xtask dist --archive-only       with plain cargo and no tool
  cargo xtask dist --target x86_64-unknown-linux-musl --out /tmp/release

Without --target it is this machine's static target (musl) where that and its C
compiler are installed, and else this machine's own.")]
pub(super) struct Dist {
    /// The target, whose binaries must run on this machine
    #[arg(long, value_name = "TRIPLE")]
    target: Option<String>,
    /// The folder of the files, which is made where it is missing
    #[arg(long, value_name = "DIR", default_value = "target/dist")]
    out: PathBuf,
    /// The SBOM too; its tool takes longer to build than the others together
    #[arg(long)]
    sbom: bool,
    /// No Debian package, and not its tool
    #[arg(long)]
    no_package: bool,
    /// No package, and no list of the parts inside of the binary
    #[arg(long, conflicts_with_all = ["sbom", "no_package"])]
    archive_only: bool,
    /// Without optimisation, in a fraction of the time: for checks of everything else
    #[arg(long)]
    unoptimized: bool,
    /// Only install the tools that the rest needs, in the versions that CI has
    #[arg(long, conflicts_with_all = ["target", "archive_only", "unoptimized"])]
    install_tools: bool,
}

impl Dist {
    pub(super) fn run(self, root: &Path) -> Result<Status> {
        if self.install_tools {
            tools::install(root, &self.tools())?;
            return Ok(Status::Success);
        }
        tools::require(root, &self.tools())?;
        let release = Release::of(root, self.target.as_deref())?;
        let out = root.join(&self.out);
        fs::create_dir_all(&out).with_context(|| format!("making {}", out.display()))?;
        let audited = (!self.archive_only).then_some(Tool::Auditable);
        let binary = build::binary(root, &release, audited, self.unoptimized)?;
        let stage = stage::fill(root, &release, &binary)?;
        let entries = Entry::below(&stage)?;
        let archive = out.join(release.archive_name());
        archive::write(&archive, &release.folder_name(), &entries, release.time)?;
        let mut files = vec![archive];
        if self.sbom {
            files.push(sbom::write(root, &release, &out)?);
        }
        if self.makes_package() && release.is_for_linux() {
            files.push(package::write(root, &release, &out)?);
        }
        files.push(archive::write_checksums(&out, &files)?);
        for file in files {
            let bytes = fs::metadata(&file)?.len();
            print_line(&format!("{:>10}  {}", bytes, file.display()))?;
        }
        Ok(Status::Success)
    }

    /// What it needs beside cargo.
    fn tools(&self) -> Vec<Tool> {
        let needed = [
            (Tool::Auditable, !self.archive_only),
            (Tool::Deb, self.makes_package()),
            (Tool::Cyclonedx, self.sbom),
        ];
        needed
            .into_iter()
            .filter_map(|(tool, is_needed)| is_needed.then_some(tool))
            .collect()
    }

    fn makes_package(&self) -> bool {
        !self.archive_only && !self.no_package
    }
}
