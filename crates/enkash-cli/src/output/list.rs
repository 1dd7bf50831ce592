//! Lists and records, described once: every field has its name, how it is read, and where it shows. Table, CSV and JSON come
//! from this description. Every command that shows more than one form of a result describes it here.

use enkash::Money;
use serde::{Serialize, Serializer};

use super::{
    Format, Output,
    cell::Cell,
    table::{Column, Table},
    text::{format_money, truncate},
};
use crate::exit::CliError;

/// One field of a record.
struct Field<T> {
    /// Its name in JSON and CSV.
    key: &'static str,
    /// Its name for people.
    heading: String,
    /// Numbers stand on the right.
    is_number: bool,
    is_in_json: bool,
    is_in_csv: bool,
    /// How wide its cells are expected to be, where rows are shown as they come.
    width: usize,
    /// Where a longer text is cut. For names, never for ids and amounts.
    max_width: Option<usize>,
    /// Its words have colours.
    is_status: bool,
    read: Box<dyn Fn(&T) -> Cell>,
}

impl<T> Field<T> {
    /// The cell of a table. Without a value there is a dash, unless the column has no name either.
    fn shown(&self, row: &T) -> String {
        let cell = (self.read)(row);
        match (cell.shown(), self.max_width) {
            (Some(text), Some(width)) => truncate(&text, width).into_owned(),
            (Some(text), None) => text.into_owned(),
            (None, _) if self.heading.is_empty() => String::new(),
            (None, _) => "-".to_owned(),
        }
    }

    fn column(&self) -> Column {
        let column = Column::new(self.heading.clone(), self.is_number);
        if self.is_status { column.status() } else { column }
    }
}

/// The description of a list, built field by field.
pub(crate) struct List<T> {
    /// In the order of the JSON and of the CSV.
    fields: Vec<Field<T>>,
    /// What people see, in this order.
    columns: Vec<usize>,
    /// The field that is being described.
    current: usize,
}

/// Adds fields. A field is in JSON and CSV unless said otherwise, and in the table where [`List::in_table`] names it.
impl<T> List<T> {
    pub(crate) fn new() -> Self {
        Self {
            fields: Vec::new(),
            columns: Vec::new(),
            current: 0,
        }
    }

    fn add(mut self, key: &'static str, is_number: bool, read: impl Fn(&T) -> Cell + 'static) -> Self {
        self.current = self.fields.len();
        self.fields.push(Field {
            key,
            heading: key.replace('_', " "),
            is_number,
            is_in_json: true,
            is_in_csv: true,
            width: 0,
            max_width: None,
            is_status: false,
            read: Box::new(read),
        });
        self
    }

    pub(crate) fn text(self, key: &'static str, read: impl Fn(&T) -> Option<String> + 'static) -> Self {
        self.add(key, false, move |row| read(row).map_or(Cell::Missing, Cell::Text))
    }

    /// A number that is a text in JSON.
    pub(crate) fn number(self, key: &'static str, read: impl Fn(&T) -> Option<String> + 'static) -> Self {
        self.add(key, true, move |row| read(row).map_or(Cell::Missing, Cell::Number))
    }

    pub(crate) fn amount(self, key: &'static str, read: impl Fn(&T) -> Option<Money> + 'static) -> Self {
        self.number(key, move |row| read(row).map(format_money))
    }

    pub(crate) fn count(self, key: &'static str, read: impl Fn(&T) -> Option<i64> + 'static) -> Self {
        self.add(key, true, move |row| read(row).map_or(Cell::Missing, Cell::Count))
    }

    pub(crate) fn flag(self, key: &'static str, read: impl Fn(&T) -> Option<bool> + 'static) -> Self {
        self.add(key, false, move |row| read(row).map_or(Cell::Missing, Cell::Flag))
    }

    /// A value of any other form.
    pub(crate) fn cell(self, key: &'static str, read: impl Fn(&T) -> Cell + 'static) -> Self {
        self.add(key, false, read)
    }

    /// The fields of a record that this one holds.
    pub(crate) fn part<U: 'static>(mut self, part: List<U>, of: impl Fn(&T) -> &U + Clone + 'static) -> Self {
        for field in part.fields {
            let (read, of) = (field.read, of.clone());
            self = self.add(field.key, field.is_number, move |whole| read(of(whole)));
        }
        self
    }
}

/// Changes the field that was added last, or one that is named.
impl<T> List<T> {
    /// Selects a field.
    pub(crate) fn field(mut self, key: &str) -> Self {
        self.current = self.position(key).unwrap_or(self.current);
        self
    }

    fn position(&self, key: &str) -> Option<usize> {
        let position = self.fields.iter().position(|field| field.key == key);
        debug_assert!(position.is_some(), "there is no field {key}");
        position
    }

    fn change(mut self, change: impl FnOnce(&mut Field<T>)) -> Self {
        self.fields.get_mut(self.current).map(change);
        self
    }

    pub(crate) fn heading(self, heading: &str) -> Self {
        self.change(|field| heading.clone_into(&mut field.heading))
    }

    /// Makes room for cells of this width in rows that are shown as they come.
    pub(crate) fn at_least(self, width: usize) -> Self {
        self.change(|field| field.width = width)
    }

    pub(crate) fn at_most(self, width: usize) -> Self {
        self.change(|field| field.max_width = Some(width))
    }

    /// Its words are a status of this program's, which tables show in colour.
    pub(crate) fn status(self) -> Self {
        self.change(|field| field.is_status = true)
    }

    pub(crate) fn not_in_csv(self) -> Self {
        self.change(|field| field.is_in_csv = false)
    }

    pub(crate) fn not_in_json(self) -> Self {
        self.change(|field| field.is_in_json = false)
    }

    pub(crate) fn only_in_table(self) -> Self {
        self.not_in_csv().not_in_json()
    }

    /// The fields that people see, by their keys, with blanks between them.
    pub(crate) fn in_table(mut self, keys: &str) -> Self {
        self.columns = keys.split(' ').filter_map(|key| self.position(key)).collect();
        self
    }
}

/// Shows rows.
impl<T> List<T> {
    pub(crate) fn json<'a>(&'a self, row: &'a T) -> Json<'a, T> {
        Json { list: self, row }
    }

    pub(crate) fn json_of_all<'a>(&'a self, rows: impl IntoIterator<Item = &'a T>) -> Vec<Json<'a, T>> {
        rows.into_iter().map(|row| self.json(row)).collect()
    }

    fn csv(&self) -> impl Iterator<Item = &Field<T>> {
        self.fields.iter().filter(|field| field.is_in_csv)
    }

    /// The names of its columns in CSV.
    pub(crate) fn csv_keys(&self) -> Vec<&'static str> {
        self.csv().map(|field| field.key).collect()
    }

    fn columns(&self) -> impl Iterator<Item = &Field<T>> {
        self.columns.iter().map(|position| &self.fields[*position])
    }

    fn write_header(&self, output: &mut Output) -> Result<(), CliError> {
        let names: Vec<_> = self.csv().map(|field| Cell::Text(field.key.to_owned())).collect();
        output.record(&names)
    }

    fn write_record(&self, row: &T, output: &mut Output) -> Result<(), CliError> {
        let cells: Vec<_> = self.csv().map(|field| (field.read)(row)).collect();
        output.record(&cells)
    }

    /// The names and values of the columns; what is missing has no value.
    pub(crate) fn pairs(&self, row: &T) -> Vec<(String, Option<String>)> {
        let shown = |field: &Field<T>| (field.read)(row).shown().map(|text| text.into_owned());
        self.columns()
            .map(|field| (field.heading.clone(), shown(field)))
            .collect()
    }

    /// The same of all fields, in their order.
    pub(crate) fn all_pairs(mut self, row: &T) -> Vec<(String, Option<String>)> {
        self.columns = (0..self.fields.len()).collect();
        self.pairs(row)
    }

    /// The same as [`List::pairs`], with all numbers under each other.
    pub(crate) fn aligned_pairs(&self, row: &T) -> Vec<(String, Option<String>)> {
        let mut pairs = self.pairs(row);
        let mut numbers: Vec<_> = pairs
            .iter_mut()
            .zip(self.columns())
            .filter(|(_, field)| field.is_number)
            .filter_map(|((_, value), _)| value.as_mut())
            .collect();
        let widest = numbers.iter().map(|number| number.len()).max().unwrap_or_default();
        for number in &mut numbers {
            **number = format!("{number:>widest$}");
        }
        pairs
    }

    fn row(&self, row: &T) -> Vec<String> {
        self.columns().map(|field| field.shown(row)).collect()
    }

    /// A whole list as CSV or as a table.
    pub(crate) fn write(&self, rows: &[T], output: &mut Output) -> Result<(), CliError> {
        if output.format == Format::Csv {
            self.write_header(output)?;
            return rows.iter().try_for_each(|row| self.write_record(row, output));
        }
        let columns = self.columns().map(Field::column).collect();
        let rows: Vec<_> = rows.iter().map(|row| self.row(row)).collect();
        output.print_escaped_lines(&Table::render(columns, &rows, output.terminal()))
    }

    /// Rows that are shown as they come.
    pub(crate) fn stream(self, output: &Output) -> Rows<T> {
        let columns = self.columns().map(|field| field.column().at_least(field.width));
        Rows {
            table: Table::new(columns.collect(), output.terminal()),
            list: self,
        }
    }
}

/// Rows that are shown as they come.
pub(crate) struct Rows<T> {
    list: List<T>,
    table: Table,
}

impl<T> Rows<T> {
    /// Writes the header, where the format has one.
    pub(crate) fn begin(&self, output: &mut Output) -> Result<(), CliError> {
        match output.format {
            Format::Json => Ok(()),
            Format::Csv => self.list.write_header(output),
            Format::Table => self.table.header().map_or(Ok(()), |header| output.print_line(&header)),
        }
    }

    pub(crate) fn row(&self, row: &T, output: &mut Output) -> Result<(), CliError> {
        match output.format {
            Format::Json => output.json(&self.list.json(row)),
            Format::Csv => self.list.write_record(row, output),
            Format::Table => output.print_escaped_lines(&self.table.row(&self.list.row(row))),
        }
    }
}

/// A record as JSON.
pub(crate) struct Json<'a, T> {
    list: &'a List<T>,
    row: &'a T,
}

impl<T> Serialize for Json<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = self.list.fields.iter().filter(|field| field.is_in_json);
        serializer.collect_map(fields.map(|field| (field.key, (field.read)(self.row))))
    }
}
