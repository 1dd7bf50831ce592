//! `cargo xtask codegen`: writes the generated files, or shows where they differ.

use std::io::{self, Write};
use std::path::Path;

use anyhow::Result;
use clap::Args;

use super::{Overlays, Status, load};
use crate::generated_files::{self, Mode};

const EXAMPLES: &str = "\
Examples:
  cargo xtask codegen
  cargo xtask codegen --check
  cargo xtask codegen --overlay mine.yaml --overlay more.yaml
  cargo xtask codegen --policy-overlay my-policy.yaml
  cargo xtask codegen --check --policy-overlay my-policy.yaml --allow-loosening createAllocatePoints

A policy overlay may tighten what an operation is allowed to do. Each change that loosens it is an error that says \
what the client would do with it, and needs --allow-loosening with the name of the operation. spec/README.md, \"Your \
own policy\", shows how to write one.

An overlay may move a read to a path that no operation has. Every other move, swap or new name of an operation's id \
needs --allow-loosening too, because the id carries the policy.";

/// Write the files that are generated from spec/
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Codegen {
    /// Write nothing: print a unified diff and fail where a file differs
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    overlays: Overlays,
}

impl Codegen {
    pub(super) fn run(self, root: &Path) -> Result<Status> {
        let Some(spec) = load(root, &self.overlays)? else {
            return Ok(Status::Failure);
        };
        let mode = if self.check { Mode::Check } else { Mode::Write };
        let files = generated_files::run(root, &spec, mode)?;
        let mut out = io::stdout().lock();
        match mode {
            Mode::Write => {
                for file in &files {
                    let word = if file.diff.is_empty() { "unchanged" } else { "written" };
                    writeln!(out, "{word:9} {}", file.path)?;
                }
            }
            Mode::Check => {
                for file in files.iter().filter(|file| !file.diff.is_empty()) {
                    out.write_all(file.diff.as_bytes())?;
                }
                if files.iter().any(|file| !file.diff.is_empty()) {
                    writeln!(
                        io::stderr(),
                        "generated files differ from spec/; to fix it: {}",
                        self.fix()
                    )?;
                    return Ok(Status::Failure);
                }
            }
        }
        Ok(Status::Success)
    }

    /// The command that writes what `--check` missed.
    fn fix(&self) -> String {
        format!("cargo xtask codegen{}", self.overlays.typed())
    }
}
