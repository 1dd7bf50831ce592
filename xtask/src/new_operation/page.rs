//! Reads a page of the documentation, saved as Markdown: title, method, path and id; tables of parameters and fields; fenced
//! examples.
//!
//! Two forms are in use, facts in a list (`- Path: …`) and facts in a table of two columns; headings may have numbers. What a
//! section does not say stays open, and nothing of its prose is taken but the meaning of a field, which the spec then marks.

use super::markdown::{Block, Line, blocks, cells, plain};

/// The content type of an HTML form.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// What one page says.
#[derive(Debug, Default)]
pub struct Page {
    /// The heading of the first level.
    pub title: Option<String>,
    /// In upper case.
    pub method: Option<String>,
    /// With `{name}` for a parameter.
    pub path: Option<String>,
    /// Such as `api-9796905`.
    pub page_id: Option<String>,
    /// The section of the navigation.
    pub navigation: Option<String>,
    /// Whether the request's body is an HTML form, and not JSON.
    pub is_form: bool,
    /// Headers, path and query parameters.
    pub parameters: Vec<Row>,
    /// Fields of the request's body.
    pub request: Vec<Row>,
    /// Fields of the response on success.
    pub response: Vec<Row>,
    /// Examples.
    pub examples: Vec<PageExample>,
    /// The line in which the page lists errors, or contradicts itself in its own words.
    pub errors_line: Option<usize>,
    /// See `errors_line`.
    pub contradictions_line: Option<usize>,
    /// Lines of the page that could not be read, with the reason.
    pub faults: Vec<(usize, String)>,
}

/// A row of a table of fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The line.
    pub line: usize,
    /// Such as `payload.data[].cardId`.
    pub name: String,
    /// `header`, `path` or `query`, of a parameter.
    pub place: Option<String>,
    /// The type as the page has it.
    pub kind: String,
    /// Whether it is required, where the page says so.
    pub required: Option<bool>,
    /// What stands in the column of values and examples.
    pub values: Option<String>,
    /// The page's own sentence.
    pub meaning: Option<String>,
}

/// A fenced example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageExample {
    /// Whether it was received, and not sent.
    pub is_response: bool,
    /// The HTTP status that stands beside it.
    pub status: Option<u16>,
    /// Whether the page calls it cut.
    pub is_cut: bool,
    /// The line of its first line.
    pub line: usize,
    /// The text inside of the fence.
    pub text: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Facts,
    Parameters(Option<&'static str>),
    Request,
    Response,
    /// Of a failure.
    Errors,
    Examples,
    Contradictions,
    Other,
}

/// Reads the text of a page.
#[must_use]
pub fn read(text: &str) -> Page {
    let mut page = Page::default();
    let mut section = Section::Facts;
    // The paragraph that stands before a fence, and whether a blank line ended it.
    let (mut words_before, mut is_ended) = (String::new(), true);
    for block in blocks(text) {
        match block {
            Block::Heading { level: 1, line } if page.title.is_none() => page.title = Some(plain(&line.text)),
            Block::Heading { level, line } => {
                section = heading(section, level, &line.text.to_lowercase());
                (words_before, is_ended) = (line.text, true);
            }
            Block::Line(line) if line.text.trim().is_empty() => is_ended = true,
            Block::Line(line) => {
                page.line(section, &line);
                if std::mem::replace(&mut is_ended, false) {
                    words_before.clear();
                }
                words_before.push_str(&line.text);
                words_before.push(' ');
            }
            Block::Table(rows) => page.table(section, &rows),
            Block::Fence { text, line, is_closed } => {
                if !is_closed {
                    page.faults.push((
                        line - 1,
                        "this ``` is not closed: the rest of the page is taken as one example".to_owned(),
                    ));
                }
                page.examples.extend(example(section, &words_before, text, line));
            }
        }
    }
    page
}

fn heading(before: Section, level: usize, words: &str) -> Section {
    // `4. Responses` is a heading with a number, and `422` one of a status.
    let numbered = words
        .split_once(". ")
        .filter(|(number, _)| number.bytes().all(|byte| byte.is_ascii_digit()));
    let words = numbered.map_or(words, |(_, rest)| rest);
    let has = |word: &str| words.contains(word);
    if level > 2 && matches!(before, Section::Response | Section::Errors) {
        let status = status_of(words);
        return match status {
            Some(status) if !(200..300).contains(&status) => Section::Errors,
            Some(_) => Section::Response,
            None => before,
        };
    }
    if level > 2 && before == Section::Examples {
        return before;
    }
    match () {
        () if has("contradiction") => Section::Contradictions,
        () if has("example") => Section::Examples,
        () if has("error") => Section::Errors,
        () if has("response") => Section::Response,
        () if has("body") || words == "request" => Section::Request,
        () if ["header", "parameter", "query", "param"].into_iter().any(has) => Section::Parameters(place_in(words)),
        () if ["page", "identity", "overview"].contains(&words) => Section::Facts,
        () => Section::Other,
    }
}

/// The one place that these words name.
fn place_in(words: &str) -> Option<&'static str> {
    let mut places = ["header", "path", "query"]
        .into_iter()
        .filter(|place| words.contains(place));
    let first = places.next();
    first.filter(|_| places.next().is_none())
}

fn status_of(words: &str) -> Option<u16> {
    let mut numbers = words.split(|next: char| !next.is_ascii_digit());
    numbers
        .find(|number| number.len() == 3)
        .and_then(|number| number.parse().ok())
}

fn example(section: Section, words: &str, text: String, line: usize) -> Option<PageExample> {
    let lower = words.to_lowercase();
    let is_response = match section {
        Section::Request => false,
        Section::Response => true,
        Section::Examples if lower.contains("response") || lower.contains("answer") => true,
        Section::Examples if lower.contains("request") => false,
        _ => return None,
    };
    Some(PageExample {
        is_response,
        status: status_of(&lower).filter(|_| is_response),
        is_cut: ["truncated", "incomplete", "is cut", "(cut", "cut off"]
            .into_iter()
            .any(|word| lower.contains(word)),
        line,
        text,
    })
}

impl Page {
    fn line(&mut self, section: Section, line: &Line) {
        let text = line.text.trim();
        let item = text.strip_prefix(['-', '*']).map(str::trim_start);
        match section {
            Section::Facts => {
                if let Some((key, value)) = item.and_then(|item| item.split_once(':')) {
                    self.fact(key, value.trim());
                }
            }
            Section::Request => self.is_form |= text.contains(FORM),
            Section::Contradictions if !text.is_empty() => {
                self.contradictions_line.get_or_insert(line.number);
            }
            _ => {}
        }
    }

    fn fact(&mut self, key: &str, value: &str) {
        let key = plain(key).to_lowercase();
        let value_text = plain(value);
        let page_id = || {
            let mut words = value_text.split(|next: char| !next.is_ascii_alphanumeric() && next != '-');
            let found = words.find(|word| word.len() >= 5 && word.bytes().any(|byte| byte.is_ascii_digit()))?;
            Some(if found.bytes().all(|byte| byte.is_ascii_digit()) {
                format!("api-{found}")
            } else {
                found.to_owned()
            })
        };
        let mut words = value_text.split_whitespace();
        if key.contains("method") && self.method.is_none() {
            let is_method =
                |word: &&str| ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&word.to_uppercase().as_str());
            self.method = words.clone().find(is_method).map(str::to_uppercase);
        }
        if (key.contains("path") || key == "url" || key == "endpoint") && self.path.is_none() {
            self.path = words.find_map(path_of);
        }
        if key.contains("page id") && self.page_id.is_none() {
            self.page_id = page_id();
        }
        if key.contains("section") && self.navigation.is_none() {
            self.navigation = Some(value_text);
        }
    }

    fn table(&mut self, section: Section, lines: &[Line]) {
        let [head, _, rows @ ..] = lines else { return };
        let head: Vec<_> = cells(&head.text)
            .iter()
            .map(|cell| plain(cell).to_lowercase())
            .collect();
        match section {
            Section::Facts => {
                for row in rows {
                    if let [key, value, ..] = cells(&row.text).as_slice() {
                        self.fact(key, value);
                    }
                }
            }
            Section::Parameters(place) => self
                .parameters
                .extend(rows.iter().filter_map(|row| field(&head, row, place))),
            Section::Request => self
                .request
                .extend(rows.iter().filter_map(|row| field(&head, row, None))),
            Section::Response => self
                .response
                .extend(rows.iter().filter_map(|row| field(&head, row, None))),
            Section::Errors => {
                self.errors_line.get_or_insert(lines[0].number);
            }
            Section::Examples | Section::Contradictions | Section::Other => {}
        }
    }
}

/// A path, without the host that may stand before it.
fn path_of(word: &str) -> Option<String> {
    let path = match word.split_once("://") {
        Some((_, rest)) => &rest[rest.find('/')?..],
        None => word,
    };
    let path = path
        .split(['?', '#'])
        .next()
        .unwrap_or_default()
        .trim_end_matches([',', ';', '.']);
    path.starts_with('/').then(|| path.to_owned())
}

fn field(head: &[String], line: &Line, place: Option<&str>) -> Option<Row> {
    let cells = cells(&line.text);
    let column = |is_it: &dyn Fn(&str) -> bool| {
        let index = head.iter().position(|name| is_it(name))?;
        cells
            .get(index)
            .map(|cell| cell.trim())
            .filter(|cell| !matches!(*cell, "" | "-" | "–" | "—"))
    };
    let name = plain(column(&|name| matches!(name, "name" | "field" | "parameter" | "key"))?);
    let own_place =
        column(&|name| name == "in" || name == "place" || name == "location").map(|cell| plain(cell).to_lowercase());
    let required = column(&|name| name.starts_with("required") || name.starts_with("mandatory")).map(str::to_lowercase);
    let required = required.and_then(|word| match () {
        () if ["yes", "required", "true", "mandatory", "auth"]
            .iter()
            .any(|yes| word.starts_with(yes)) =>
        {
            Some(true)
        }
        () if ["no,", "optional", "false"].iter().any(|no| word.starts_with(no)) || word == "no" => Some(false),
        () => None,
    });
    Some(Row {
        line: line.number,
        name,
        place: own_place.or(place.map(str::to_owned)),
        kind: plain(column(&|name| name.contains("type")).unwrap_or_default()).to_lowercase(),
        required,
        values: column(&|name| name.contains("enum") || name.contains("example") || name.contains("value"))
            .map(str::to_owned),
        meaning: column(&|name| name.contains("meaning") || name.contains("description")).map(plain),
    })
}

#[cfg(test)]
mod tests {
    use super::read;

    const PAGES: [&str; 2] = [
        include_str!("../../tests/pages/list-reward-limits.md"),
        include_str!("../../tests/pages/block-voucher.md"),
    ];

    #[test]
    fn both_forms_of_a_page_give_the_same_facts() {
        let [list, table] = PAGES.map(read);
        assert_eq!(list.method.as_deref(), Some("POST"));
        assert_eq!(list.path.as_deref(), Some("/api/v0/partner/enKashCard/reward-limits"));
        assert_eq!(list.page_id.as_deref(), Some("api-9000001"));
        assert_eq!(table.method.as_deref(), Some("POST"));
        assert_eq!(
            table.path.as_deref(),
            Some("/api/v0/partner/vouchers/{voucherId}/block")
        );
        assert_eq!(table.page_id.as_deref(), Some("api-9000002"));
        assert_eq!((list.examples.len(), table.examples.len()), (2, 2));
        assert_eq!(
            (list.response.len(), table.response.len()),
            (7, 1),
            "a failure has fields of its own"
        );
        assert!(table.examples[1].is_cut && !list.examples[1].is_cut);
    }

    #[test]
    fn a_page_may_end_anywhere() {
        for page in PAGES {
            for (end, _) in page.char_indices() {
                let _ = read(&page[..end]);
            }
        }
    }
}
