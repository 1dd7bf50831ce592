//! Where everything is written. Results go to standard output in the form that `--output` asks for, notes
//! to standard error; a reader that goes away ends the command quietly. Commands write nowhere else, and whatever passes here
//! loses what would steer a terminal.

mod cell;
mod csv;
mod list;
mod log;
mod progress;
mod stream;
mod table;
mod text;

use std::io;

use enkash_api::escape_controls;
use serde::Serialize;

pub(crate) use self::csv::record as csv_record;
use self::progress::Progress;
pub(crate) use self::progress::ProgressCounts;
use self::stream::Stream;
pub(crate) use self::{
    cell::Cell,
    csv::unescape_formula,
    list::{List, Rows},
    log::log_lines,
    table::{Column, Table, key_value_lines},
    text::{MAX_NAME_WIDTH, format_money, width},
};
use crate::exit::CliError;

/// The form of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    // For people.
    Table,
    // For programs: objects with stable names, amounts as text.
    Json,
    // For spreadsheets: lists only.
    Csv,
}

/// Standard output and standard error of one command.
pub(crate) struct Output {
    pub(crate) format: Format,
    quiet: bool,
    /// How many columns the terminal has; `None` where results go elsewhere.
    terminal_width: Option<usize>,
    /// Is hidden while a line is written.
    progress: Progress,
    results: Stream,
    notes: Stream,
    /// What becomes of a result that standard output does not take.
    on_loss: OnLoss,
    has_lost_results: bool,
}

/// What to do where standard output does not take a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OnLoss {
    /// End the command: it can be run again.
    Fail,
    /// Write it to standard error.
    Report,
    /// The same, unless it was a reader that went away.
    ReportUnlessReaderLeft,
}

impl Output {
    pub(crate) fn to_standard(format: Format, quiet: bool) -> Self {
        let columns = terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
        Self::new(format, Stream::standard_output(), Stream::standard_error()).for_terminal(columns, quiet)
    }

    fn new(format: Format, results: Stream, notes: Stream) -> Self {
        Self {
            format,
            quiet: false,
            terminal_width: None,
            progress: Progress::hidden(),
            results,
            notes,
            on_loss: OnLoss::Fail,
            has_lost_results: false,
        }
    }

    fn for_terminal(self, terminal_width: Option<usize>, quiet: bool) -> Self {
        Self {
            terminal_width,
            quiet,
            ..self
        }
    }

    /// From here on results say what became of value. One that standard output does not take goes to standard error, and so do
    /// those after it; no write fails the command.
    pub(crate) fn keep_outcomes(&mut self) {
        self.keep(OnLoss::Report);
    }

    /// The same where nothing is at stake and there is much to say: a reader that goes away ends the command.
    pub(crate) fn keep_outcomes_for_readers(&mut self) {
        self.keep(OnLoss::ReportUnlessReaderLeft);
    }

    fn keep(&mut self, on_loss: OnLoss) {
        self.on_loss = on_loss;
        if self.results.is_closed() {
            self.warn("enkash: standard output is closed; what it would have got follows here");
        }
    }

    /// Whether standard output stopped taking results.
    pub(crate) fn has_lost_results(&self) -> bool {
        self.has_lost_results
    }

    /// Shows how far long work got, on standard error.
    pub(crate) fn begin_progress(&mut self, rows: u64) {
        if !self.quiet {
            self.progress = Progress::begin(rows);
        }
    }

    pub(crate) fn advance_progress(&mut self) {
        self.progress.advance();
    }

    /// Shows how far a run got, by outcome.
    pub(crate) fn show_progress(&mut self, counts: ProgressCounts) {
        if let Some(line) = self.progress.set(counts) {
            self.warn(&line);
        }
    }

    pub(crate) fn end_progress(&mut self) {
        self.progress.end();
        self.progress = Progress::hidden();
    }

    /// One line of a result.
    pub(crate) fn print_line(&mut self, line: &str) -> Result<(), CliError> {
        self.print_lines([line])
    }

    /// The lines of one result, which are lost together or not at all.
    pub(crate) fn print_lines(&mut self, lines: impl IntoIterator<Item = impl AsRef<str>>) -> Result<(), CliError> {
        let escaped = |line: &_| format!("{}\n", escape_controls(AsRef::as_ref(line)));
        let text: String = lines.into_iter().map(|line| escaped(&line)).collect();
        self.result(&text)
    }

    /// A text of this program alone, as it is.
    pub(crate) fn verbatim(&mut self, text: &str) -> Result<(), CliError> {
        self.result(text)
    }

    fn result(&mut self, text: &str) -> Result<(), CliError> {
        let Self { progress, results, .. } = self;
        if !self.has_lost_results
            && let Err(error) = progress.suspend(|| results.write(text))
        {
            let is_kept = match self.on_loss {
                OnLoss::Fail => false,
                OnLoss::Report => true,
                OnLoss::ReportUnlessReaderLeft => error.kind() != io::ErrorKind::BrokenPipe,
            };
            if !is_kept {
                return Err(CliError::from_output(&error));
            }
            self.has_lost_results = true;
            self.warn(&format!(
                "enkash: standard output cannot be written ({error}); what it did not get follows here"
            ));
        }
        if self.has_lost_results || (self.results.is_closed() && self.on_loss != OnLoss::Fail) {
            // Where nobody reads that either, the ledger still has it.
            let _ = self.write_note(text);
        }
        Ok(())
    }

    /// A whole table of texts; where the terminal is too narrow for it, one value a line.
    pub(crate) fn table(&mut self, titles: &[&str], rows: &[Vec<String>]) -> Result<(), CliError> {
        let columns = titles.iter().map(|title| Column::new(*title, false)).collect();
        self.print_lines(Table::render(columns, rows, self.terminal_width))
    }

    /// How many columns a table may take.
    pub(crate) fn terminal_width(&self) -> Option<usize> {
        self.terminal_width
    }

    /// A record of CSV.
    pub(crate) fn record(&mut self, cells: &[Cell]) -> Result<(), CliError> {
        let line = csv::record(cells)?;
        self.print_line(&line)
    }

    /// A result as one line of JSON.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), CliError> {
        let text = serde_json::to_string(value)
            .map_err(|error| CliError::runtime(format!("the result cannot be written as JSON: {error}")))?;
        self.print_line(&text)
    }

    /// Something good to know; `--quiet` leaves it out.
    pub(crate) fn note(&mut self, text: &str) {
        if !self.quiet {
            self.warn(text);
        }
    }

    /// Something that must be known, in as many lines as it has. Where standard error is gone, nobody can read it.
    pub(crate) fn warn(&mut self, text: &str) {
        let lines: Vec<_> = text.split('\n').map(escape_controls).collect();
        let _ = self.write_note(&format!("{}\n", lines.join("\n")));
    }

    /// A question, without an end of line.
    pub(crate) fn prompt(&mut self, text: &str) {
        let _ = self.write_note(&escape_controls(text));
    }

    fn write_note(&mut self, text: &str) -> io::Result<()> {
        let Self { progress, notes, .. } = self;
        progress.suspend(|| notes.write(text))
    }
}

#[cfg(test)]
mod captured {
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex},
    };

    use super::{Format, Output, Stream};

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What a captured output was given.
    #[derive(Default)]
    pub(crate) struct CapturedText {
        results: Buffer,
        notes: Buffer,
    }

    impl CapturedText {
        pub(crate) fn results(&self) -> String {
            String::from_utf8(self.results.0.lock().unwrap().clone()).unwrap()
        }

        pub(crate) fn notes(&self) -> String {
            String::from_utf8(self.notes.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Output {
        /// An output that a test can read.
        pub(crate) fn captured(format: Format) -> (Self, CapturedText) {
            let shown = CapturedText::default();
            let (results, notes) = (Stream::to(shown.results.clone()), Stream::to(shown.notes.clone()));
            (Self::new(format, results, notes), shown)
        }
    }
}
