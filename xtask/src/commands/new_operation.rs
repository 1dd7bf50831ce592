//! `cargo xtask new-operation`: writes what a new operation needs, and prints what is left to do by hand.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use enkash_codegen::generator::GeneratedFile;

use super::Status;
use crate::generated_files::{self, Mode};
use crate::new_operation::input::Arguments;
use crate::new_operation::{FileChange, Plan, plan, steps};

const EXAMPLES: &str = "\
Examples:
  cargo xtask new-operation --from page.md --dry-run
  cargo xtask new-operation --from page.md --id getRewardLimits --tag 'Reward Allocation'
  cargo xtask new-operation --from request.json+response.json --id getRewardLimits --tag 'Reward Allocation' \\
      --method POST --path /api/v0/partner/enKashCard/limits
  cargo xtask new-operation --from request.json --id getRewardLimits --tag 'Reward Allocation' --method POST

A page is the text of one page of the documentation as Markdown: its title as the first heading; method, path, page id and section \
as a list (`- Path: /api/…`) or a table of two columns; tables of headers, parameters and fields; and fenced examples. JSON that \
is broken as pages print it is read as far as it can be, and each mistake is told with its line.

What table and example say against each other is written into the evidence and the field becomes any JSON. Values of examples are \
replaced by synthetic ones. Each sentence that is the page's own has a mark before it, and `cargo xtask lint` refuses the mark. \
The policy is the strictest until somebody says otherwise. Without a path the operation is one of unknown path.

CONTRIBUTING.md, \"Add an operation\", has the steps that are left.";

/// Begin a new operation from a page, or from a request and a response
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct NewOperation {
    /// A page, or a request and a response joined by `+`, of which one may be missing
    #[arg(long, required = true, value_name = "FILE")]
    from: Vec<PathBuf>,
    /// The operationId; without it made of the page's title
    #[arg(long, value_name = "NAME")]
    id: Option<String>,
    /// The tag, which decides host and handle; without it the one that the page's section names
    #[arg(long, value_name = "TAG")]
    tag: Option<String>,
    /// The method, where the page does not state it
    #[arg(long, value_name = "METHOD")]
    method: Option<String>,
    /// The path, where the page does not state it
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// The page's id, such as api-9796905
    #[arg(long, value_name = "ID")]
    page_id: Option<String>,
    /// Write nothing: print the diff
    #[arg(long)]
    dry_run: bool,
}

impl NewOperation {
    pub(super) fn run(self, root: &Path) -> Result<Status> {
        let plan = plan(
            root,
            &Arguments {
                from: self.from,
                id: self.id,
                tag: self.tag,
                method: self.method,
                path: self.path,
                page_id: self.page_id,
            },
        )?;
        // A spec that the generator refuses must not be written.
        enkash_codegen::generator::files(&plan.spec)
            .context("the generator refuses the result, and nothing is written")?;
        let mut out = io::stdout().lock();
        if self.dry_run {
            for file in &plan.files {
                out.write_all(diff(file).as_bytes())?;
            }
            writeln!(out, "nothing is written; cargo xtask codegen would follow")?;
        } else {
            write(root, &plan, &mut out)?;
        }
        report(&plan, &mut out)?;
        Ok(Status::Success)
    }
}

fn diff(file: &FileChange) -> String {
    let new = GeneratedFile {
        path: file.path.to_owned(),
        content: file.after.replace("\r\n", "\n"),
    };
    new.diff(&file.before, "as it is", "as it would be")
}

fn write(root: &Path, plan: &Plan, out: &mut impl Write) -> Result<()> {
    for file in &plan.files {
        fs::write(root.join(file.path), &file.after).with_context(|| format!("writing {}", file.path))?;
        let added = file.after.lines().count() - file.before.lines().count();
        writeln!(out, "written   {} (+{added} lines)", file.path)?;
    }
    let generated = generated_files::run(root, &plan.spec, Mode::Write)?;
    for file in generated.iter().filter(|file| !file.diff.is_empty()) {
        writeln!(out, "generated {}", file.path)?;
    }
    Ok(())
}

fn report(plan: &Plan, out: &mut impl Write) -> Result<()> {
    for (head, list) in [
        ("could not be read as it stands there", &plan.faults),
        ("to decide", &plan.questions),
    ] {
        if !list.is_empty() {
            writeln!(out, "\n{head}:")?;
            for entry in list {
                writeln!(out, "  - {entry}")?;
            }
        }
    }
    writeln!(
        out,
        "\nleft to do for {}, in order ({} marked sentences; CONTRIBUTING.md explains each step):",
        plan.id, plan.marks
    )?;
    out.write_all(steps::printed().as_bytes())?;
    Ok(())
}
