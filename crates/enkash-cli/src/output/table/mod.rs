//! Plain aligned columns for people. A cell that is wider than its column pushes the rest of its row and is
//! never cut, because a cut id or amount is a wrong one. Where a terminal is too narrow for the columns, each value stands
//! on a line of its own instead, because a terminal would fold the rows in the middle of an id.

use enkash_api::escape_controls;

use super::{color::paint_status, text::width};

/// A column of a table.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    title: String,
    /// Numbers stand on the right.
    is_number: bool,
    /// How wide its cells are expected to be.
    width: usize,
    /// Its words have colours.
    is_status: bool,
}

/// What a table is shown on.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Terminal {
    /// How many columns it has; `None` where results go elsewhere.
    pub(crate) width: Option<usize>,
    pub(crate) is_colored: bool,
}

impl From<Option<usize>> for Terminal {
    fn from(width: Option<usize>) -> Self {
        Self {
            width,
            is_colored: false,
        }
    }
}

impl Column {
    pub(crate) fn new(title: impl Into<String>, is_number: bool) -> Self {
        let title = title.into();
        Self {
            width: width(&title),
            title,
            is_number,
            is_status: false,
        }
    }

    /// With the words of a status.
    pub(crate) fn status(self) -> Self {
        Self {
            is_status: true,
            ..self
        }
    }

    /// Makes room for cells of this width.
    pub(crate) fn at_least(mut self, width: usize) -> Self {
        self.width = self.width.max(width);
        self
    }
}

/// Rows that are shown as they come, so that the columns are set before.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    is_vertical: bool,
    is_colored: bool,
}

impl Table {
    pub(crate) fn new(columns: Vec<Column>, terminal: impl Into<Terminal>) -> Self {
        let terminal = terminal.into();
        let needed: usize = columns.iter().map(|column| column.width + 2).sum();
        Self {
            is_vertical: terminal.width.is_some_and(|room| needed.saturating_sub(2) > room),
            is_colored: terminal.is_colored,
            columns,
        }
    }

    /// The names of the columns, where they stand above them.
    pub(crate) fn header(&self) -> Option<String> {
        let titles: Vec<_> = self.columns.iter().map(|column| column.title.clone()).collect();
        (!self.is_vertical).then(|| self.aligned(&titles))
    }

    /// The lines of a row, escaped: several in a narrow terminal.
    pub(crate) fn row(&self, cells: &[String]) -> Vec<String> {
        if !self.is_vertical {
            return vec![self.aligned(cells)];
        }
        let pairs: Vec<_> = self
            .columns
            .iter()
            .zip(cells)
            .filter(|(_, cell)| !cell.is_empty())
            .map(|(column, cell)| (&column.title, Some(cell.clone())))
            .collect();
        let mut lines = key_value_lines(&pairs);
        let shown = self.columns.iter().zip(cells).filter(|(_, cell)| !cell.is_empty());
        for (line, (column, cell)) in lines.iter_mut().zip(shown) {
            if column.is_status {
                paint_last(line, cell, self.is_colored);
            }
        }
        // An empty line between rows.
        lines.push(String::new());
        lines
    }

    fn aligned(&self, cells: &[String]) -> String {
        let mut line = String::new();
        for (column, cell) in self.columns.iter().zip(cells) {
            let cell = escape_controls(cell);
            let room = column.width.saturating_sub(width(&cell));
            let (before, after) = if column.is_number { (room, 0) } else { (0, room) };
            line.extend(std::iter::repeat_n(' ', before));
            match paint_status(&cell, self.is_colored && column.is_status) {
                Some(painted) => line.push_str(&painted),
                None => line.push_str(&cell),
            }
            line.extend(std::iter::repeat_n(' ', after + 2));
        }
        line.truncate(line.trim_end().len());
        line
    }

    /// The header and all rows of a table that is known as a whole.
    pub(crate) fn render(mut columns: Vec<Column>, rows: &[Vec<String>], terminal: impl Into<Terminal>) -> Vec<String> {
        for row in rows {
            for (column, cell) in columns.iter_mut().zip(row) {
                column.width = column.width.max(width(cell));
            }
        }
        let table = Self::new(columns, terminal);
        table
            .header()
            .into_iter()
            .chain(rows.iter().flat_map(|row| table.row(row)))
            .collect()
    }
}

/// Names and values, one pair a line; pairs without a value are left out.
pub(crate) fn key_value_lines(pairs: &[(impl AsRef<str>, Option<String>)]) -> Vec<String> {
    let shown = || {
        pairs
            .iter()
            .filter_map(|(name, value)| Some((name.as_ref(), value.as_deref()?)))
    };
    let names = shown().map(|(name, _)| width(name)).max().unwrap_or_default();
    shown()
        .map(|(name, value)| format!("{name:names$}  {}", escape_controls(value)))
        .collect()
}

/// Paints the status that a line ends with, where it has a colour.
pub(crate) fn paint_last(line: &mut String, status: &str, is_colored: bool) {
    if let Some(painted) = paint_status(status, is_colored)
        && line.ends_with(status)
    {
        line.truncate(line.len() - status.len());
        line.push_str(&painted);
    }
}

#[cfg(test)]
mod tests;
