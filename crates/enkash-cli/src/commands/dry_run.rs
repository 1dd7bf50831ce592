//! What `--dry-run` shows: each request as it would travel, for people as text and for programs one JSON object a line.

use enkash::config::DryRunRequest;
use serde::Serialize;

use crate::{
    exit::CliError,
    output::{Format, Output},
};

#[derive(Serialize)]
struct DryRunLine<'a> {
    dry_run: bool,
    #[serde(flatten)]
    request: &'a DryRunRequest,
}

pub(super) fn show(requests: &[DryRunRequest], output: &mut Output) -> Result<(), CliError> {
    for (number, request) in requests.iter().enumerate() {
        match output.format {
            Format::Json => output.json(&DryRunLine { dry_run: true, request })?,
            Format::Table | Format::Csv => {
                if number > 0 {
                    output.print_line("")?;
                }
                for line in request.to_string().lines() {
                    output.print_line(line)?;
                }
            }
        }
    }
    let count = match requests.len() {
        1 => "this request".to_owned(),
        count => format!("these {count} requests"),
    };
    output.note(&format!("dry run: {count} would be sent; nothing was"));
    Ok(())
}
