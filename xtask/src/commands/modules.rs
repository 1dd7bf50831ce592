//! `cargo xtask modules`: which modules import each other in a circle.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use clap::Args;

use super::{Status, print_line};
use crate::modules;

/// The circles that are known, below the root. The list only gets shorter.
const KNOWN: &str = "xtask/known-circles.txt";

const EXAMPLES: &str = "\
Examples:
  cargo xtask modules               list the circles of every crate
  cargo xtask modules --check       fail on one that is not known, and on a known one that is gone
  cargo xtask modules --imports enkash
                                    list the imports of one crate";

/// Find modules that import each other in a circle
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Modules {
    /// Fail where the circles are not those of xtask/known-circles.txt
    #[arg(long)]
    check: bool,
    /// List the imports of this crate instead
    #[arg(long, value_name = "CRATE", conflicts_with = "check")]
    imports: Option<String>,
}

impl Modules {
    pub(super) fn run(self, root: &Path) -> Result<Status> {
        let graphs = modules::of_workspace(root)?;
        if let Some(name) = self.imports {
            let graph = graphs.iter().find(|graph| graph.name == name);
            let graph = graph.with_context(|| format!("there is no crate {name}"))?;
            for (from, targets) in &graph.imports {
                let targets: Vec<_> = targets.iter().map(|target| path(target)).collect();
                print_line(&format!("{} -> {}", path(from), targets.join(" ")))?;
            }
            return Ok(Status::Success);
        }
        let circles: BTreeSet<_> = graphs
            .iter()
            .flat_map(|graph| {
                graph
                    .circles()
                    .into_iter()
                    .map(|circle| format!("{} {circle}", graph.name))
            })
            .collect();
        if !self.check {
            for circle in &circles {
                print_line(circle)?;
            }
            return Ok(Status::Success);
        }
        let text = fs::read_to_string(root.join(KNOWN)).with_context(|| format!("reading {KNOWN}"))?;
        let known: BTreeSet<_> = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(str::to_owned)
            .collect();
        for circle in circles.difference(&known) {
            print_line(&format!("a circle that {KNOWN} does not know: {circle}"))?;
        }
        for circle in known.difference(&circles) {
            print_line(&format!("gone, so take it out of {KNOWN}: {circle}"))?;
        }
        Ok(if circles == known {
            Status::Success
        } else {
            Status::Failure
        })
    }
}

fn path(module: &[String]) -> String {
    match module {
        [] => "crate".to_owned(),
        path => path.join("::"),
    }
}
