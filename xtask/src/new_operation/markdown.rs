//! The parts of Markdown that a page of the documentation has: headings, lines, tables and fences, each with its line.
//!
//! The page reader is its only caller. Line ends of Windows are those of others here.

/// A line and its number, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) number: usize,
    pub(super) text: String,
}

/// A part of a page.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// Without its `#`.
    Heading { level: usize, line: Line },
    /// Any other line.
    Line(Line),
    /// The lines of a table, the head first.
    Table(Vec<Line>),
    /// What stands between two fences, and the line where it begins.
    Fence { text: String, line: usize, is_closed: bool },
}

/// The parts of a page, in its order.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().enumerate().peekable();
    while let Some((index, text)) = lines.next() {
        let line = Line {
            number: index + 1,
            text: text.trim_end().to_owned(),
        };
        let start = line.text.trim_start();
        let level = start.chars().take_while(|next| *next == '#').count();
        if start.starts_with("```") {
            let mut inside = Vec::new();
            let mut is_closed = false;
            for (_, text) in lines.by_ref() {
                if text.trim_start().starts_with("```") {
                    is_closed = true;
                    break;
                }
                inside.push(text.trim_end());
            }
            blocks.push(Block::Fence {
                text: inside.join("\n"),
                line: line.number + 1,
                is_closed,
            });
        } else if start.starts_with('|') {
            let mut table = vec![line];
            while let Some((index, text)) = lines.next_if(|(_, text)| text.trim_start().starts_with('|')) {
                table.push(Line {
                    number: index + 1,
                    text: text.trim_end().to_owned(),
                });
            }
            blocks.push(Block::Table(table));
        } else if (1..=6).contains(&level) && start[level..].starts_with(' ') {
            let text = start[level..].trim().to_owned();
            blocks.push(Block::Heading {
                level,
                line: Line { text, ..line },
            });
        } else {
            blocks.push(Block::Line(line));
        }
    }
    blocks
}

/// The cells of a row. A bar in a code span or behind a backslash parts nothing.
pub(super) fn cells(row: &str) -> Vec<String> {
    let row = row.trim().trim_start_matches('|');
    let mut cells = vec![String::new()];
    let (mut is_code, mut is_escaped) = (false, false);
    for next in row.chars() {
        let is_plain = !std::mem::replace(&mut is_escaped, next == '\\');
        is_code ^= next == '`';
        match next {
            '|' if is_plain && !is_code => cells.push(String::new()),
            _ => cells.last_mut().into_iter().for_each(|cell| cell.push(next)),
        }
    }
    if cells.last().is_some_and(|last| last.trim().is_empty()) {
        cells.pop();
    }
    cells.into_iter().map(|cell| cell.trim().replace("\\|", "|")).collect()
}

/// A text without the marks of code and of weight.
pub(super) fn plain(text: &str) -> String {
    text.replace(['`', '*'], "").replace("\\_", "_").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Block, blocks, cells};

    #[test]
    fn a_bar_in_code_parts_no_cell() {
        assert_eq!(cells("| a | `b|c` | d \\| e |"), ["a", "`b|c`", "d | e"]);
    }

    #[test]
    fn line_ends_of_windows_change_nothing() {
        let text = "# A\n\n| n |\n|---|\n| x |\n\n```json\n{}\n```\n";
        let found = blocks(text);
        assert_eq!(blocks(&text.replace('\n', "\r\n")), found);
        assert!(
            matches!(&found[..], [Block::Heading { .. }, Block::Line(_), Block::Table(rows), Block::Line(_),
            Block::Fence { line: 8, is_closed: true, .. }] if rows.len() == 3)
        );
    }
}
