//! Lists as CSV: a header with the names of the JSON, commas, quotes where they are needed, UTF-8, one record a line, because
//! line ends in a text are escaped on the way out as all control characters are. A spreadsheet runs a cell that begins like a
//! formula, so such a text gets one apostrophe in front, which our own reader takes off again. Numbers stay numbers, also
//! below zero.

use std::borrow::Cow;

use enkash_api::escape_controls;

use super::cell::Cell;
use crate::exit::CliError;

/// One line of CSV, without its end.
pub(crate) fn record(cells: &[Cell]) -> Result<String, CliError> {
    let unwritable = || CliError::runtime("the result cannot be written as CSV");
    let fields: Vec<_> = cells.iter().map(field).collect::<Result<_, _>>()?;
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    writer.write_record(fields).map_err(|_| unwritable())?;
    let bytes = writer.into_inner().map_err(|_| unwritable())?;
    let mut line = String::from_utf8(bytes).map_err(|_| unwritable())?;
    line.truncate(line.trim_end_matches('\n').len());
    Ok(line)
}

fn field(cell: &Cell) -> Result<String, CliError> {
    Ok(match cell {
        Cell::Json(Err(error)) => return Err(CliError::runtime(format!("the result cannot be written: {error}"))),
        Cell::Flag(flag) => flag.to_string(),
        // What is no plain number after all is written as text.
        Cell::Number(number) if is_plain_number(number) => number.clone(),
        Cell::Count(count) => count.to_string(),
        other => shown(&other.shown().unwrap_or_default()).into_owned(),
    })
}

/// `-5.00` and `12`, which no spreadsheet takes for a formula.
fn is_plain_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    match unsigned.split_once('.') {
        Some((whole, decimals)) => digits(whole) && digits(decimals),
        None => digits(unsigned),
    }
}

/// Whether a spreadsheet may run a cell with this text: it begins, perhaps after blanks that an import takes away, with
/// what begins a formula, in the narrow or the wide form.
fn begins_a_formula(text: &str) -> bool {
    if text.starts_with(['\t', '\r', '\n']) {
        return true;
    }
    let is_skipped = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}');
    text.trim_start_matches(is_skipped)
        .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

/// As a cell shows it: escaped first, so that what begins a formula is judged as it is written.
fn shown(text: &str) -> Cow<'_, str> {
    match escape_controls(text) {
        Cow::Borrowed(text) => escape_formula(text),
        Cow::Owned(text) => Cow::Owned(escape_formula(&text).into_owned()),
    }
}

/// What would be run gets an apostrophe; so does what could be taken for a text that got one.
fn escape_formula(text: &str) -> Cow<'_, str> {
    if begins_a_formula(text.trim_start_matches('\'')) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text behind [`escape_formula`]. Other texts, such as names that begin with an apostrophe, are left as they are.
pub(crate) fn unescape_formula(field: &str) -> &str {
    match field.strip_prefix('\'') {
        Some(text) if begins_a_formula(text.trim_start_matches('\'')) => text,
        _ => field,
    }
}

#[cfg(test)]
mod tests;
