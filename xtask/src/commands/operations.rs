//! `cargo xtask operations`: all operations, as a table for people or as JSON for programs.

use std::io::{self, Write};
use std::path::Path;

use anyhow::Result;
use clap::Args;
use enkash_codegen::spec::{Evidence, Operation};
use serde_json::{Value, json};

use super::{Overlays, Status, load};

const EXAMPLES: &str = "\
Examples:
  cargo xtask operations
  cargo xtask operations --json | jq '.[] | select(.policy.effect == \"moves-value\") | .id'";

/// List all operations, with evidence and policy
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Operations {
    /// Print a JSON array
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    overlays: Overlays,
}

impl Operations {
    pub(super) fn run(self, root: &Path) -> Result<Status> {
        let Some(spec) = load(root, &self.overlays)? else {
            return Ok(Status::Failure);
        };
        let mut out = io::stdout().lock();
        if self.json {
            let operations: Vec<_> = spec.operations.iter().map(as_json).collect();
            writeln!(out, "{:#}", Value::Array(operations))?;
        } else {
            out.write_all(table(&spec.operations).as_bytes())?;
        }
        Ok(Status::Success)
    }
}

fn as_json(operation: &Operation) -> Value {
    let Evidence {
        path,
        request,
        response,
        errors,
    } = &operation.evidence;
    let policy = &operation.policy;
    json!({
        "id": operation.id,
        "method": operation.method,
        "path": operation.path,
        "tag": operation.tag,
        "pages": operation.pages,
        "evidence": {
            "path": path.level.as_str(),
            "request": request.level.as_str(),
            "response": response.level.as_str(),
            "errors": errors.level.as_str(),
        },
        "policy": {
            "effect": policy.effect.as_str(),
            "repeat": policy.repeat.as_str(),
            "after401": policy.after_401.as_str(),
            "settlement": policy.settlement.evidence.as_str(),
        },
    })
}

const HEADINGS: [&str; 7] = ["operation", "tag", "method", "path", "evidence", "effect", "repeat"];

fn table(operations: &[Operation]) -> String {
    let rows: Vec<[String; 7]> = std::iter::once(HEADINGS.map(str::to_owned))
        .chain(operations.iter().map(row))
        .collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 7] = std::array::from_fn(width);
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text + "\nevidence: of path, request, response and errors; d documented, o observed, i inferred, u unknown\n"
}

fn row(operation: &Operation) -> [String; 7] {
    let Evidence {
        path,
        request,
        response,
        errors,
    } = &operation.evidence;
    let initials = [path, request, response, errors].map(|fact| &fact.level.as_str()[..1]);
    [
        operation.id.clone(),
        operation.tag.clone(),
        operation.method.clone(),
        operation.path.clone(),
        initials.concat(),
        operation.policy.effect.as_str().to_owned(),
        operation.policy.repeat.as_str().to_owned(),
    ]
}
