//! The tables of the console. On a narrow screen each row becomes a card whose cells carry their column's name, so cells
//! repeat it; roles are stated because browsers forget them where the layout is not that of a table.

use maud::{Markup, html};

/// What a column holds, which decides how it is set.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// Aligned right, digits of one width.
    Number,
    /// An id or another word for machines.
    Code,
}

impl Kind {
    fn class(self) -> Option<&'static str> {
        match self {
            Kind::Text => None,
            Kind::Number => Some("number"),
            Kind::Code => Some("code"),
        }
    }
}

pub(super) type Column = (&'static str, Kind);

/// A row of a table.
pub(super) struct Row<const N: usize> {
    /// Where links find it, and what keeps its place in sight while the table changes.
    pub(super) id: Option<String>,
    pub(super) class: Option<String>,
    pub(super) cells: [Markup; N],
}

impl<const N: usize> From<[Markup; N]> for Row<N> {
    fn from(cells: [Markup; N]) -> Self {
        Row {
            id: None,
            class: None,
            cells,
        }
    }
}

/// Rows, and how many there are beside those shown.
pub(super) struct Rows<T> {
    pub(super) shown: Vec<T>,
    pub(super) total: usize,
}

/// A section of the page that is refreshed by itself, with a table or with a sentence that says why there is none.
pub(super) fn section<T, const N: usize>(
    id: &str,
    title: &str,
    columns: [Column; N],
    rows: &Rows<T>,
    row: impl Fn(&T) -> [Markup; N],
    empty: &Markup,
) -> Markup {
    html! {
        section.panel id=(id) data-live="" aria-labelledby={ (id) "-title" } {
            (heading(id, title, rows))
            (body(title, columns, rows, row, empty))
        }
    }
}

pub(super) fn heading<T>(id: &str, title: &str, rows: &Rows<T>) -> Markup {
    html! {
        header.panel-head {
            h2 id={ (id) "-title" } { (title) }
            span.count {
                @if rows.shown.len() < rows.total { "newest " (rows.shown.len()) " of " (rows.total) }
                @else { (rows.total) }
            }
        }
    }
}

pub(super) fn body<T, const N: usize>(
    title: &str,
    columns: [Column; N],
    rows: &Rows<T>,
    row: impl Fn(&T) -> [Markup; N],
    empty: &Markup,
) -> Markup {
    if rows.shown.is_empty() {
        return html! { p.empty { (empty) } };
    }
    grid(title, None, columns, rows.shown.iter().map(|item| row(item).into()))
}

/// The table alone.
pub(super) fn grid<const N: usize>(
    title: &str,
    class: Option<&str>,
    columns: [Column; N],
    rows: impl Iterator<Item = Row<N>>,
) -> Markup {
    html! {
        div.scroll role="group" aria-label=(title) tabindex="0" {
            table role="table" class=[class] {
                thead role="rowgroup" {
                    tr role="row" {
                        @for (name, kind) in columns {
                            th role="columnheader" scope="col" class=[kind.class()] { (name) }
                        }
                    }
                }
                tbody role="rowgroup" {
                    @for row in rows {
                        tr role="row" id=[row.id] class=[row.class] {
                            @for ((name, kind), cell) in columns.iter().zip(row.cells) {
                                td role="cell" class=[kind.class()] data-label=(name) { (cell) }
                            }
                        }
                    }
                }
            }
        }
    }
}
