//! `cargo xtask lint`: holds spec/ to the rules that no general linter has.

use std::io::{self, Write};
use std::path::Path;

use anyhow::Result;
use clap::Args;
use enkash_codegen::lint;
use enkash_codegen::spec::Sources;

use super::{Overlays, Status, print_diagnostics};

const EXAMPLES: &str = "\
Examples:
  cargo xtask lint
  cargo xtask lint --rules
  cargo xtask lint --overlay mine.yaml
  cargo xtask lint --policy-overlay my-policy.yaml";

/// Hold spec/ to the rules of spec/README.md
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Lint {
    /// List the rules instead
    #[arg(long)]
    rules: bool,
    #[command(flatten)]
    overlays: Overlays,
}

impl Lint {
    pub(super) fn run(self, root: &Path) -> Result<Status> {
        if self.rules {
            let mut out = io::stdout().lock();
            let rules = lint::RULES.iter().map(|rule| (rule.name, rule.purpose));
            for (name, purpose) in rules.chain(lint::TEXT_RULES) {
                writeln!(out, "{name:20} {purpose}")?;
            }
            return Ok(Status::Success);
        }
        let diagnostics = lint::run(&Sources::in_repository(root), &self.overlays.changes(root));
        if diagnostics.is_empty() {
            return Ok(Status::Success);
        }
        print_diagnostics(&diagnostics)?;
        Ok(Status::Failure)
    }
}
