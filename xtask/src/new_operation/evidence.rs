//! How well each side of a new operation is known, as `x-enkash` says it.
//!
//! A side is documented where the page's table and its example agree, inferred where only one of them has it or where they
//! contradict each other, and unknown where there is neither. The contradictions stand in the note.

use enkash_codegen::lint::MARK;

use super::input::{Example, Input};
use super::shape::Comparison;
use super::yaml::inline_scalar;

/// The general guide, which lists errors for all calls.
const ERROR_GUIDE: &str = "doc-1038569";
const ERROR_NOTE: &str = "The general guide lists 400, 404 and 422 for all calls without a body, and a failure as HTTP 200 with \
                          code 1; the body's shape is that of the failure example.";

/// How one side is known.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fact {
    pub(super) level: &'static str,
    pub(super) page: Option<String>,
    pub(super) note: Vec<String>,
}

impl Fact {
    /// The lines of the fact under its key.
    pub(super) fn lines(&self, side: &str) -> Vec<String> {
        let page = self.page.as_deref().map(inline_scalar);
        if let (Some(page), true) = (&page, self.note.is_empty()) {
            return vec![format!("{side}: {{level: {}, page: {page}}}", self.level)];
        }
        let mut lines = vec![format!("{side}:"), format!("  level: {}", self.level)];
        lines.extend(page.map(|page| format!("  page: {page}")));
        if !self.note.is_empty() {
            lines.extend(
                folded("note", &self.note.join(" "))
                    .into_iter()
                    .map(|line| format!("  {line}")),
            );
        }
        lines
    }
}

/// How method and path are known.
pub(super) fn of_path(input: &Input) -> Fact {
    if input.path.is_none() {
        return Fact {
            level: "unknown",
            page: None,
            note: vec!["No page that was read states the path.".to_owned()],
        };
    }
    if input.is_path_of_page {
        return with_page(input, "documented", Vec::new());
    }
    with_page(
        input,
        "inferred",
        vec![format!(
            "{MARK} say where method and path are from, which no page states that was read."
        )],
    )
}

/// How the request or the response is known.
pub(super) fn of_side(input: &Input, has_rows: bool, example: Option<&Example>, found: &Comparison) -> Fact {
    let mut note: Vec<String> = found
        .contradictions
        .iter()
        .chain(&found.gaps)
        .map(|words| sentence(words))
        .collect();
    if let Some(example) = example.filter(|example| !example.broken_lines.is_empty()) {
        let lines: Vec<_> = example.broken_lines.iter().map(ToString::to_string).collect();
        note.push(format!(
            "The example is not JSON as it is printed (lines {}).",
            lines.join(", ")
        ));
    }
    match (has_rows, example) {
        (false, None) => Fact {
            level: "unknown",
            page: None,
            note: vec!["Not seen: what was read has neither a table nor an example of it.".to_owned()],
        },
        (true, Some(_)) if found.contradictions.is_empty() && found.gaps.is_empty() => {
            with_page(input, "documented", note)
        }
        (true, Some(_)) => with_page(input, "inferred", note),
        (true, None) => {
            note.insert(
                0,
                "Known from the page's table only; the page has no example.".to_owned(),
            );
            with_page(input, "inferred", note)
        }
        (false, Some(_)) if input.is_page => {
            note.insert(
                0,
                "Known from the page's example only, types and names alike.".to_owned(),
            );
            with_page(input, "inferred", note)
        }
        (false, Some(_)) => {
            note.insert(0, "Known from one example only, types and names alike.".to_owned());
            with_page(input, "inferred", note)
        }
    }
}

/// How a request without a body is known.
pub(super) fn of_parameters(input: &Input) -> Fact {
    match (input.is_page, input.parameters.is_empty()) {
        (true, false) => with_page(input, "documented", Vec::new()),
        (true, true) => with_page(
            input,
            "inferred",
            vec!["The page names no parameter and no body.".to_owned()],
        ),
        (false, _) => Fact {
            level: "unknown",
            page: None,
            note: vec!["Not seen: no page was read, and no request.".to_owned()],
        },
    }
}

/// How errors are known.
pub(super) fn of_errors(input: &Input, has_statuses: bool) -> Fact {
    let own = match (input.is_page, input.lists_errors) {
        (true, false) => "The page shows no error.".to_owned(),
        (true, true) => format!("{MARK} say which errors the page lists."),
        (false, _) => "No error was seen.".to_owned(),
    };
    if has_statuses {
        return Fact {
            level: "inferred",
            page: Some(ERROR_GUIDE.to_owned()),
            note: vec![own, ERROR_NOTE.to_owned()],
        };
    }
    Fact {
        level: "unknown",
        page: None,
        note: vec![own],
    }
}

fn with_page(input: &Input, level: &'static str, mut note: Vec<String>) -> Fact {
    if input.page_id.is_none() && note.is_empty() {
        note.push("The page's id is not known.".to_owned());
    }
    Fact {
        level,
        page: input.page_id.clone(),
        note,
    }
}

/// A text as a sentence. A name at its beginning stays as it is.
pub(super) fn sentence(words: &str) -> String {
    let mut words = words.to_owned();
    if words.starts_with("the ") {
        words.replace_range(..1, "T");
    }
    words.push('.');
    words
}

/// A key with a text that may be long, in lines of the width that spec/ has.
pub(super) fn folded(key: &str, text: &str) -> Vec<String> {
    let mut lines = vec![format!("{key}: >-")];
    let mut line = String::from(" ");
    for word in text.split_whitespace() {
        if line.len() + word.len() > 100 && line.len() > 1 {
            lines.push(std::mem::replace(&mut line, " ".to_owned()));
        }
        line.push(' ');
        line.push_str(word);
    }
    lines.push(line);
    lines
}
