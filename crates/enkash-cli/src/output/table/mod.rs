//! Plain aligned columns for people. A cell that is wider than its column pushes the rest of its row and is
//! never cut, because a cut id or amount is a wrong one. Where a terminal is too narrow for the columns, each value stands
//! on a line of its own instead, because a terminal would fold the rows in the middle of an id.

use enkash_api::escape_controls;

use super::text::width;

/// A column of a table.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    title: String,
    /// Numbers stand on the right.
    is_number: bool,
    /// How wide its cells are expected to be.
    width: usize,
}

impl Column {
    pub(crate) fn new(title: impl Into<String>, is_number: bool) -> Self {
        let title = title.into();
        Self {
            width: width(&title),
            title,
            is_number,
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
}

impl Table {
    /// A table for a terminal of this width.
    pub(crate) fn new(columns: Vec<Column>, room: Option<usize>) -> Self {
        let needed: usize = columns.iter().map(|column| column.width + 2).sum();
        Self {
            is_vertical: room.is_some_and(|room| needed.saturating_sub(2) > room),
            columns,
        }
    }

    /// The names of the columns, where they stand above them.
    pub(crate) fn header(&self) -> Option<String> {
        let titles: Vec<_> = self.columns.iter().map(|column| column.title.clone()).collect();
        (!self.is_vertical).then(|| self.aligned(&titles))
    }

    /// The lines of a row: several in a narrow terminal.
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
            line.push_str(&cell);
            line.extend(std::iter::repeat_n(' ', after + 2));
        }
        line.truncate(line.trim_end().len());
        line
    }

    /// The header and all rows of a table that is known as a whole.
    pub(crate) fn render(mut columns: Vec<Column>, rows: &[Vec<String>], room: Option<usize>) -> Vec<String> {
        for row in rows {
            for (column, cell) in columns.iter_mut().zip(row) {
                column.width = column.width.max(width(cell));
            }
        }
        let table = Self::new(columns, room);
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

#[cfg(test)]
mod tests;
