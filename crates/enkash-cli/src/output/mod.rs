//! Where everything is written. Results go to standard output in the form that `--output` asks for, notes
//! to standard error; a reader that goes away ends the command quietly. Commands write nowhere else, and whatever passes here
//! loses what would steer a terminal.

mod cell;
mod color;
mod csv;
#[cfg(feature = "jq")]
mod jq;
mod list;
mod log;
mod progress;
mod stream;
mod table;
mod text;

use std::io::{self, IsTerminal};

use enkash_api::escape_controls;
use serde::Serialize;

use self::color::Tone;
pub(crate) use self::csv::record as csv_record;
#[cfg(feature = "jq")]
use self::jq::JqFilter;
#[cfg(feature = "jq")]
pub(crate) use self::jq::{PROCESS_ARGUMENT as JQ_PROCESS_ARGUMENT, serve as serve_jq};
use self::progress::Progress;
pub(crate) use self::progress::ProgressCounts;
use self::stream::Stream;
pub(crate) use self::{
    cell::Cell,
    color::ColorChoice,
    csv::unescape_formula,
    list::{List, Rows},
    log::log_lines,
    stream::hold_output,
    table::{Column, Table, Terminal, key_value_lines, paint_last},
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
    /// What results are shown on.
    terminal: Terminal,
    are_notes_colored: bool,
    /// Whether it says what to do next: where a person sees it.
    has_hints: bool,
    /// Is hidden while a line is written.
    progress: Progress,
    results: Stream,
    notes: Stream,
    /// What `--jq` makes of each line of JSON.
    #[cfg(feature = "jq")]
    jq: Option<JqFilter>,
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
    pub(crate) fn to_standard(format: Format, quiet: bool, color: ColorChoice) -> Self {
        let width = terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
        let terminal = Terminal {
            width,
            // What a program reads has no colours, whatever the user says of them.
            is_colored: format == Format::Table && color.is_on(&io::stdout()),
        };
        Self {
            terminal,
            quiet,
            are_notes_colored: color.is_on(&io::stderr()),
            ..Self::new(format, Stream::standard_output(), Stream::standard_error())
        }
    }

    /// From here on it says what to do next, where a terminal shows it.
    pub(crate) fn show_hints(&mut self, are_wanted: bool) {
        self.has_hints = are_wanted && io::stderr().is_terminal();
    }

    fn new(format: Format, results: Stream, notes: Stream) -> Self {
        Self {
            format,
            quiet: false,
            terminal: Terminal::default(),
            are_notes_colored: false,
            has_hints: false,
            progress: Progress::hidden(),
            results,
            notes,
            #[cfg(feature = "jq")]
            jq: None,
            on_loss: OnLoss::Fail,
            has_lost_results: false,
        }
    }

    /// From here on each line of JSON is printed as this expression of jq makes it.
    #[cfg(feature = "jq")]
    pub(crate) fn filter_by(&mut self, expression: &str) -> Result<(), CliError> {
        self.jq = Some(JqFilter::start(expression)?);
        Ok(())
    }

    /// The same, in a build without jq.
    #[cfg(not(feature = "jq"))]
    pub(crate) fn filter_by(&mut self, _expression: &str) -> Result<(), CliError> {
        Err(CliError::bad_input(
            "--jq is not in this program: build it with --features jq, or give --json to the command jq. Nothing was sent.",
        ))
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

    /// Shows how much of a list was read, on standard error.
    pub(crate) fn begin_reading(&mut self, noun: &'static str) {
        if !self.quiet {
            self.progress = Progress::reading(noun);
        }
    }

    pub(crate) fn show_read(&mut self, rows: usize) {
        if let Some(line) = self.progress.read(rows as u64) {
            self.warn(&line);
        }
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
        self.refuse_filter()?;
        let escaped = |line: &_| format!("{}\n", escape_controls(AsRef::as_ref(line)));
        let text: String = lines.into_iter().map(|line| escaped(&line)).collect();
        self.result(&text)
    }

    /// The same of lines that are escaped already, and may have colours.
    pub(crate) fn print_escaped_lines(&mut self, lines: &[String]) -> Result<(), CliError> {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        self.result(&text)
    }

    /// A text of this program alone, as it is.
    pub(crate) fn verbatim(&mut self, text: &str) -> Result<(), CliError> {
        self.refuse_filter()?;
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
        self.print_escaped_lines(&Table::render(columns, rows, self.terminal))
    }

    /// What tables are shown on.
    pub(crate) fn terminal(&self) -> Terminal {
        self.terminal
    }

    /// What to do next, in one line, where a person at a terminal sees it.
    pub(crate) fn hint(&mut self, text: &str) {
        if self.has_hints {
            self.note(&format!("hint: {text}"));
        }
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
        self.json_line(&text)
    }

    /// A result that is a line of JSON already.
    pub(crate) fn json_line(&mut self, text: &str) -> Result<(), CliError> {
        #[cfg(feature = "jq")]
        if self.jq.is_some() {
            return self.filter(text);
        }
        self.print_line(text)
    }

    /// Whether an expression filters what is printed.
    #[cfg(feature = "jq")]
    pub(crate) fn is_filtered(&self) -> bool {
        self.jq.is_some()
    }

    /// The same, in a build without jq.
    #[cfg(not(feature = "jq"))]
    pub(crate) fn is_filtered(&self) -> bool {
        false
    }

    /// A result that is no JSON has nothing to filter. What a filter lost is said as it is.
    fn refuse_filter(&self) -> Result<(), CliError> {
        #[cfg(feature = "jq")]
        if self.jq.is_some() && !self.has_lost_results {
            return Err(CliError::bad_input("--jq filters JSON, and this command prints none"));
        }
        Ok(())
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
        let mut text = format!("{}\n", lines.join("\n"));
        if self.are_notes_colored
            && let Some((word, tone)) = Tone::of_message(&text)
        {
            text = format!("{}{}", tone.paint(word), &text[word.len()..]);
        }
        let _ = self.write_note(&text);
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
