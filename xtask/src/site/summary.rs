//! `docs/SUMMARY.md`: which pages the site has, and in which order. A page that it does not name would be on the site nowhere, so
//! the check refuses it.

use std::collections::BTreeSet;

use super::links::{self, Target};
use super::markdown;

/// Where it stands, below the root.
pub const PATH: &str = "docs/SUMMARY.md";

/// The line in whose place the pages of the API reference go.
const REFERENCE: &str = "<!-- the API reference -->";

/// One line that says something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// The title of the pages that follow.
    Part(String),
    /// A page.
    Page(Entry),
    /// The pages of the API reference stand here.
    Reference,
}

/// A page in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// How many pages it stands under.
    pub depth: usize,
    /// What the list calls it.
    pub title: String,
    /// The file, below the root.
    pub path: String,
}

/// Reads the list, and tells what is wrong with it: one line for each mistake.
#[must_use]
pub fn parse(text: &str) -> (Vec<Item>, Vec<String>) {
    let (mut items, mut mistakes) = (Vec::new(), Vec::new());
    for (number, line) in text.lines().enumerate() {
        match item(line) {
            Ok(found) => items.extend(found),
            Err(mistake) => mistakes.push(format!("{PATH}:{}: {mistake}", number + 1)),
        }
    }
    if !items.contains(&Item::Reference) {
        mistakes.push(format!(
            "{PATH}: the line `{REFERENCE}` is missing, it says where the API reference goes"
        ));
    }
    let mut paths = BTreeSet::new();
    for entry in entries(&items) {
        if !paths.insert(&entry.path) {
            mistakes.push(format!("{PATH}: {} stands twice, keep one of them", entry.path));
        }
    }
    (items, mistakes)
}

/// The pages, without what stands between them.
pub fn entries(items: &[Item]) -> impl Iterator<Item = &Entry> {
    items.iter().filter_map(|item| match item {
        Item::Page(entry) => Some(entry),
        Item::Part(_) | Item::Reference => None,
    })
}

fn item(line: &str) -> Result<Option<Item>, String> {
    let content = line.trim();
    if content.is_empty() || content == "# Summary" {
        return Ok(None);
    }
    if content == REFERENCE {
        return Ok(Some(Item::Reference));
    }
    if let Some(title) = content.strip_prefix("# ") {
        return Ok(Some(Item::Part(title.to_owned())));
    }
    let indent = line.len() - line.trim_start().len();
    let content = content.strip_prefix("- ").unwrap_or(content);
    let parts = content
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(')'))
        .and_then(|rest| rest.split_once("]("));
    let Some((title, target)) = parts else {
        return Err(format!("`{content}` is no page, write `- [TITLE](FILE.md)`"));
    };
    match links::resolve(PATH, target) {
        Target::File { path, anchor: None } => Ok(Some(Item::Page(Entry {
            depth: indent / 2,
            title: title.to_owned(),
            path,
        }))),
        _ => Err(format!("{target} is no file of the repository")),
    }
}

/// The pages of these that the list does not name, each with the line that names it.
#[must_use]
pub fn missing(items: &[Item], pages: &[(String, String)]) -> Vec<String> {
    let named: BTreeSet<_> = entries(items).map(|entry| entry.path.as_str()).collect();
    let missing = pages.iter().filter(|(path, _)| !named.contains(path.as_str()));
    missing
        .map(|(path, text)| {
            let title = markdown::title(text).unwrap_or_else(|| path.clone());
            let from_here = links::relative(PATH, path);
            format!("{PATH}: {path} is not in it and would be on the site nowhere, add `- [{title}]({from_here})`")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_read_with_its_depths() {
        let text = "# Summary\n\n[Start](../README.md)\n\n# Use it\n\n- [Guide](guide/README.md)\n  - [First](guide/first.md)\n\n<!-- the API reference -->\n";
        let (items, mistakes) = parse(text);
        assert_eq!(mistakes, Vec::<String>::new());
        let entries: Vec<_> = entries(&items)
            .map(|entry| (entry.depth, entry.path.as_str()))
            .collect();
        assert_eq!(
            entries,
            [
                (0, "README.md"),
                (0, "docs/guide/README.md"),
                (1, "docs/guide/first.md")
            ]
        );
    }

    #[test]
    fn a_page_that_is_missing_is_named_with_the_line_that_adds_it() {
        let (items, _) = parse("- [A](a.md)\n<!-- the API reference -->\n");
        let pages = [
            ("docs/a.md", "# A\n"),
            ("docs/b/c.md", "# The C\n"),
            ("crates/d/README.md", "# D\n"),
        ];
        let pages = pages.map(|(path, text)| (path.to_owned(), text.to_owned()));
        let lines = missing(&items, &pages);
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines[0].ends_with("add `- [The C](b/c.md)`"), "{}", lines[0]);
        assert!(lines[1].ends_with("add `- [D](../crates/d/README.md)`"), "{}", lines[1]);
    }

    #[test]
    fn a_line_that_says_nothing_and_a_page_that_stands_twice_are_refused() {
        let (_, mistakes) = parse("- [A](a.md)\n- [B](./a.md)\n- C\n- [D](https://example.com/d.md)\n");
        assert_eq!(mistakes.len(), 4, "{mistakes:?}");
        assert!(mistakes[0].starts_with("docs/SUMMARY.md:3: `C` is no page"));
        assert!(mistakes[1].starts_with("docs/SUMMARY.md:4: "));
        assert!(mistakes[3].contains("docs/a.md stands twice"));
    }
}
