//! What becomes of a line of JSON where an expression filters it: its results, or, where it fails, what the line says about the outcome
//! of a call. [`Output`] calls it.

use enkash_api::escape_controls;

use super::super::{OnLoss, Output};
use crate::exit::CliError;

impl Output {
    /// Prints what the expression makes of a line. After one that it failed at, no other is filtered.
    pub(in crate::output) fn filter(&mut self, line: &str) -> Result<(), CliError> {
        if self.has_lost_results {
            return self.print_line(&outcome_fields(line));
        }
        match self.jq.as_mut().map(|jq| jq.apply(line)) {
            Some(Ok(results)) => self.print_filtered(&results),
            Some(Err(problem)) => self.lose_filtered(line, &problem),
            None => self.print_line(line),
        }
    }

    /// Texts have lines and tabs of their own, such as those of `@tsv`.
    fn print_filtered(&mut self, results: &[String]) -> Result<(), CliError> {
        let escaped = |line: &str| line.split('\t').map(escape_controls).collect::<Vec<_>>().join("\t");
        let lines = results.iter().flat_map(|result| result.split('\n'));
        let text: String = lines.map(|line| format!("{}\n", escaped(line))).collect();
        self.result(&text)
    }

    /// What the expression could not be applied to. What became of value is said all the same.
    fn lose_filtered(&mut self, text: &str, problem: &str) -> Result<(), CliError> {
        if self.on_loss == OnLoss::Fail {
            return Err(CliError::runtime(format!("--jq: {problem}")));
        }
        self.has_lost_results = true;
        self.warn(&format!(
            "enkash: --jq: {problem}; of what standard output did not get, this follows here"
        ));
        self.print_line(&outcome_fields(text))
    }
}

/// What a line of JSON says about the outcome of a call. Standard error is kept in logs: nothing else of the line goes there, no code, no
/// pin and no person.
fn outcome_fields(line: &str) -> String {
    const FIELDS: [&str; 16] = [
        "type",
        "line",
        "operation",
        "reference",
        "amount",
        "outcome",
        "reason",
        "next",
        // Of the totals of a run.
        "run",
        "rows",
        "done",
        "refused",
        "pending",
        "not_sent",
        "unknown",
        "allocated",
    ];
    let value: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
    let fields = FIELDS.iter().filter_map(|name| {
        Some((
            (*name).to_owned(),
            value
                .get(name)
                .filter(|value| !value.is_object() && !value.is_array())?
                .clone(),
        ))
    });
    serde_json::Value::Object(fields.collect()).to_string()
}
