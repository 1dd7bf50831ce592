//! Plain aligned columns for people. A cell that is wider than its column pushes the rest of its row and is
//! never cut, because a cut id or amount is a wrong one.

use super::text::{printable, width};

/// On which side the text of a column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    pub(crate) title: &'static str,
    pub(crate) align: Align,
    /// How wide its cells are expected to be.
    pub(crate) width: usize,
}

impl Column {
    pub(crate) fn left(title: &'static str) -> Self {
        Self {
            title,
            align: Align::Left,
            width: width(title),
        }
    }

    pub(crate) fn right(title: &'static str) -> Self {
        Self {
            align: Align::Right,
            ..Self::left(title)
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
}

impl Table {
    pub(crate) fn new(columns: Vec<Column>) -> Self {
        Self { columns }
    }

    pub(crate) fn header(&self) -> String {
        self.row(
            &self
                .columns
                .iter()
                .map(|column| column.title.to_owned())
                .collect::<Vec<_>>(),
        )
    }

    pub(crate) fn row(&self, cells: &[String]) -> String {
        let mut line = String::new();
        for (column, cell) in self.columns.iter().zip(cells) {
            let cell = printable(cell);
            let room = column.width.saturating_sub(width(&cell));
            let (before, after) = match column.align {
                Align::Left => (0, room),
                Align::Right => (room, 0),
            };
            line.extend(std::iter::repeat_n(' ', before));
            line.push_str(&cell);
            line.extend(std::iter::repeat_n(' ', after + 2));
        }
        line.truncate(line.trim_end().len());
        line
    }

    /// The header and all rows of a table that is known as a whole.
    pub(crate) fn of(mut columns: Vec<Column>, rows: &[Vec<String>]) -> Vec<String> {
        for row in rows {
            for (column, cell) in columns.iter_mut().zip(row) {
                *column = column.at_least(width(&printable(cell)));
            }
        }
        let table = Self::new(columns);
        std::iter::once(table.header())
            .chain(rows.iter().map(|row| table.row(row)))
            .collect()
    }
}

/// Names and values, one pair a line; pairs without a value are left out.
pub(crate) fn listing(pairs: &[(&'static str, Option<String>)]) -> Vec<String> {
    let shown = || pairs.iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
    let names = shown().map(|(name, _)| width(name)).max().unwrap_or_default();
    shown()
        .map(|(name, value)| format!("{name:names$}  {}", printable(value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_aligned_and_never_cut() {
        let columns = vec![Column::left("id"), Column::right("amount"), Column::left("name")];
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let lines = Table::of(
            columns.clone(),
            &[row(["A1", "1.00", "आशा"]), row(["LONGID", "12345678.90", ""])],
        );
        assert_eq!(
            lines,
            [
                "id           amount  name",
                "A1             1.00  आशा",
                "LONGID  12345678.90"
            ]
        );
        let narrow = Table::new(columns);
        assert_eq!(
            narrow.row(&row(["LONGID", "12345678.90", "B"])),
            "LONGID  12345678.90  B"
        );
    }

    #[test]
    fn a_value_that_is_not_there_is_left_out() {
        let pairs = [
            ("a", Some("1".to_owned())),
            ("long", None),
            ("b", Some("x\ny".to_owned())),
        ];
        assert_eq!(listing(&pairs), ["a  1", "b  x\u{fffd}y"]);
    }
}
