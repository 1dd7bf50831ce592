//! How far a sandbox answers as a recording: reads recordings, plays them, and says in lines for people what was found. The
//! commands `replay` and `sandbox --like` call it.

use std::path::PathBuf;

use enkash_recording::Recording;
use enkash_replay::{Comparison, OperationReport, Report, SwitchChoice};
use enkash_sandbox::Switches;

use crate::{exit::CliError, output::Output};

/// More differences of one operation than this are counted and not named.
const MAX_NAMED: usize = 12;

/// Reads the recordings, one behind the other, and plays them.
pub(crate) async fn compare(files: &[PathBuf], start: Switches, output: &mut Output) -> Result<Report, CliError> {
    let mut all = Recording::default();
    for file in files {
        let recording =
            Recording::read(file).map_err(|error| CliError::bad_input(format!("{}: {error}", file.display())))?;
        if let Some(reason) = &recording.cut_off {
            output.note(&format!("note: the end of {} is missing: {reason}", file.display()));
        }
        all.exchanges.extend(recording.exchanges);
        all.redaction.extend(recording.redaction);
    }
    enkash_replay::compare(&all, start)
        .await
        .map_err(|error| CliError::runtime(error.to_string()))
}

/// What was set, what could not be decided, and what still differs.
pub(crate) fn lines(report: &Report) -> Vec<String> {
    let (before, after) = (&report.before, &report.after);
    let mut lines = vec![
        format!(
            "{} exchanges of the recording were played against the sandbox",
            after.played
        ),
        format!(
            "{} agree with the sandbox as it was, {} with the switches below",
            before.same, after.same
        ),
    ];
    let changed: Vec<_> = report.switches.iter().filter(|choice| choice.is_changed).collect();
    lines.push(
        if changed.is_empty() {
            "switches: none is to be set"
        } else {
            "switches to set:"
        }
        .to_owned(),
    );
    lines.extend(changed.into_iter().map(|choice| format!("  {}", setting(choice))));
    let undecided: Vec<_> = report.switches.iter().filter(|choice| !choice.is_shown).collect();
    let undecided: Vec<_> = undecided.iter().map(|choice| choice.name.as_str()).collect();
    if !undecided.is_empty() {
        lines.push(format!("not shown by the recording: {}", undecided.join(", ")));
    }
    lines.extend(differences(after));
    for (count, what) in [
        (report.unmatched, "of no operation whose path is known"),
        (
            report.encrypted,
            "with an encrypted body, which cannot be played: that switch is read off it",
        ),
        (report.unanswered, "without a response"),
        (report.left_out, "beyond the first ones of a long recording"),
    ] {
        if count > 0 {
            lines.push(format!("not played: {count} {what}"));
        }
    }
    lines
}

fn setting(choice: &SwitchChoice) -> String {
    match choice.equals.as_slice() {
        [] => format!("{}={}", choice.name, choice.value),
        equals => format!("{}={} (as well: {})", choice.name, choice.value, equals.join(", ")),
    }
}

fn differences(comparison: &Comparison) -> Vec<String> {
    let differing = comparison
        .operations
        .iter()
        .filter(|(_, operation)| operation.same < operation.played);
    let mut lines: Vec<_> = differing
        .flat_map(|(name, operation)| of_operation(name, operation))
        .collect();
    if !lines.is_empty() {
        lines.insert(0, "where the sandbox still answers otherwise:".to_owned());
    }
    lines
}

fn of_operation(name: &str, operation: &OperationReport) -> Vec<String> {
    let mut lines = vec![format!("  {name}: {} of {} agree", operation.same, operation.played)];
    for (recorded, sandbox, count) in &operation.statuses {
        lines.push(format!(
            "    status: {recorded} in the recording, {sandbox} in the sandbox, {}",
            times(*count)
        ));
    }
    if operation.outcomes > 0 {
        lines.push(format!(
            "    outcome: one reports a failure in a 200, {}",
            times(operation.outcomes)
        ));
    }
    for (field, count) in operation.fields.iter().take(MAX_NAMED) {
        let name = if field.field.is_empty() { "body" } else { &field.field };
        lines.push(format!(
            "    {name}: {} in the recording, {} in the sandbox, {}",
            field.recorded,
            field.sandbox,
            times(*count)
        ));
    }
    if operation.fields.len() > MAX_NAMED {
        lines.push(format!("    and {} fields more", operation.fields.len() - MAX_NAMED));
    }
    lines
}

fn times(count: u64) -> String {
    match count {
        1 => "once".to_owned(),
        count => format!("{count} times"),
    }
}
