//! Where everything is written. Results go to standard output in the form that `--output` asks for, notes
//! to standard error; a reader that goes away ends the command quietly. Commands write nowhere else.

mod csv;
mod movement;
mod table;
mod text;

use std::io::{self, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

pub(crate) use self::{
    csv::{Cell, unguarded},
    movement::{CallResult, Credited, Facts, Nothing, Payment, Report, Verdict},
    table::{Column, Table, listing},
    text::{money, printable, shortened, width},
};
use crate::exit::Failure;

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
    columns: Option<usize>,
    /// Steps aside for every line that is written.
    progress: ProgressBar,
    results: Box<dyn Write>,
    notes: Box<dyn Write>,
}

impl Output {
    pub(crate) fn to_standard(format: Format, quiet: bool) -> Self {
        Self {
            format,
            quiet,
            columns: terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0)),
            progress: ProgressBar::hidden(),
            results: Box::new(io::stdout()),
            notes: Box::new(io::stderr()),
        }
    }

    /// Shows how far a run got, on standard error and only where that is a terminal.
    pub(crate) fn begin_progress(&mut self, rows: usize) {
        if self.quiet {
            return;
        }
        let bar = ProgressBar::with_draw_target(Some(rows as u64), ProgressDrawTarget::stderr());
        self.progress = match ProgressStyle::with_template("{bar:32} {pos} of {len} rows, {eta} left") {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        };
    }

    pub(crate) fn advance_progress(&mut self) {
        self.progress.inc(1);
    }

    pub(crate) fn end_progress(&mut self) {
        self.progress.finish_and_clear();
        self.progress = ProgressBar::hidden();
    }

    /// One line of a result.
    pub(crate) fn line(&mut self, line: &str) -> Result<(), Failure> {
        let Self { progress, results, .. } = self;
        progress
            .suspend(|| writeln!(results, "{line}").and_then(|()| results.flush()))
            .map_err(|error| Failure::of_output(&error))
    }

    /// A whole table; where the terminal is too narrow for it, one value a line.
    pub(crate) fn table(&mut self, columns: Vec<Column>, rows: &[Vec<String>]) -> Result<(), Failure> {
        let lines = Table::of(columns, rows, self.columns);
        lines.iter().try_for_each(|line| self.line(line))
    }

    /// How many columns a table may take.
    pub(crate) fn columns(&self) -> Option<usize> {
        self.columns
    }

    /// A record of CSV.
    pub(crate) fn record(&mut self, cells: &[Cell<'_>]) -> Result<(), Failure> {
        let line = csv::record(cells)?;
        self.line(&line)
    }

    /// The names of the columns of a CSV.
    pub(crate) fn header(&mut self, names: &[&'static str]) -> Result<(), Failure> {
        let cells: Vec<_> = names.iter().map(|name| Cell::text(Some(*name))).collect();
        self.record(&cells)
    }

    /// A result as one line of JSON.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(value)
            .map_err(|error| Failure::environment(format!("the result cannot be written as JSON: {error}")))?;
        self.line(&text)
    }

    /// Something good to know; `--quiet` leaves it out.
    pub(crate) fn note(&mut self, text: &str) {
        if !self.quiet {
            self.say(text);
        }
    }

    /// Something that must be known. Where standard error is gone, there is nobody to tell.
    pub(crate) fn say(&mut self, text: &str) {
        let Self { progress, notes, .. } = self;
        // The portal's words may be in it.
        let lines: Vec<_> = text.split('\n').map(printable).collect();
        let _ = progress.suspend(|| writeln!(notes, "{}", lines.join("\n")));
    }

    /// A ticket, which must reach somebody before its call is sent.
    pub(crate) fn ticket(&mut self, text: &str) -> Result<(), Failure> {
        let Self { progress, notes, .. } = self;
        progress
            .suspend(|| writeln!(notes, "{text}").and_then(|()| notes.flush()))
            .map_err(|error| {
                Failure::not_sent(format!(
                    "the ticket cannot be written to standard error, and no call is sent without it: {error}"
                ))
            })
    }

    /// A question, without an end of line.
    pub(crate) fn prompt(&mut self, text: &str) {
        let _ = write!(self.notes, "{text}");
        let _ = self.notes.flush();
    }
}

#[cfg(test)]
mod captured {
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex},
    };

    use super::{Format, Output, ProgressBar};

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
    pub(crate) struct Shown {
        results: Buffer,
        notes: Buffer,
    }

    impl Shown {
        pub(crate) fn results(&self) -> String {
            String::from_utf8(self.results.0.lock().unwrap().clone()).unwrap()
        }

        pub(crate) fn notes(&self) -> String {
            String::from_utf8(self.notes.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Output {
        /// An output that a test can read.
        pub(crate) fn captured(format: Format) -> (Self, Shown) {
            let shown = Shown::default();
            let (results, notes) = (Box::new(shown.results.clone()), Box::new(shown.notes.clone()));
            (
                Self {
                    format,
                    quiet: false,
                    columns: None,
                    progress: ProgressBar::hidden(),
                    results,
                    notes,
                },
                shown,
            )
        }

        /// An output whose reader goes away after so many lines.
        pub(crate) fn broken_after(lines: usize) -> (Self, Shown) {
            struct Broken(usize);

            impl Write for Broken {
                fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                    let ends = bytes.iter().filter(|byte| **byte == b'\n').count();
                    self.0 = self.0.checked_sub(ends).ok_or(io::ErrorKind::BrokenPipe)?;
                    Ok(bytes.len())
                }

                fn flush(&mut self) -> io::Result<()> {
                    Ok(())
                }
            }

            let (output, shown) = Self::captured(Format::Table);
            let results = Box::new(Broken(lines));
            (Self { results, ..output }, shown)
        }
    }
}
