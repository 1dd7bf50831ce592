//! What a Markdown page refers to, and what can be referred to in it: links with their places, and the anchors of headings.
//! The checks and the copies of pages for the site use it.

use std::collections::BTreeMap;
use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};

/// A target that a page names, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The target, without angle brackets.
    pub target: String,
    /// Where the target stands in the text.
    pub place: Range<usize>,
}

fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_FOOTNOTES | Options::ENABLE_TASKLISTS
}

/// All links and pictures, in the order of the text. Code is not looked into.
#[must_use]
pub fn links(text: &str) -> Vec<Link> {
    let mut found = Vec::new();
    let parser = Parser::new_ext(text, options()).into_offset_iter();
    for (_, definition) in parser.reference_definitions().iter() {
        found.extend(target_in(text, definition.span.clone(), &definition.dest, "]:"));
    }
    for (event, place) in parser {
        match event {
            Event::Start(
                Tag::Link {
                    link_type: LinkType::Inline,
                    dest_url,
                    ..
                }
                | Tag::Image {
                    link_type: LinkType::Inline,
                    dest_url,
                    ..
                },
            ) => found.extend(target_in(text, place, &dest_url, "](")),
            Event::Start(Tag::Link {
                link_type: LinkType::Autolink,
                dest_url,
                ..
            }) => {
                found.extend(target_in(text, place, &dest_url, "<"));
            }
            Event::Html(_) | Event::InlineHtml(_) => found.extend(attributes(text, place)),
            _ => {}
        }
    }
    found.sort_by_key(|link| link.place.start);
    found
}

/// The target behind the last `before` of a link.
fn target_in(text: &str, link: Range<usize>, target: &str, before: &str) -> Option<Link> {
    let within = &text[link.clone()];
    let behind = within.rfind(before)? + before.len();
    let start = link.start + behind + within[behind..].find(target)?;
    Some(Link {
        target: target.to_owned(),
        place: start..start + target.len(),
    })
}

/// The targets of HTML in a page.
fn attributes(text: &str, place: Range<usize>) -> Vec<Link> {
    let html = &text[place.clone()];
    let names = ["href=\"", "src=\"", "srcset=\""];
    let starts = names
        .iter()
        .flat_map(|name| html.match_indices(name).map(|(at, name)| at + name.len()));
    let link = |at: usize| {
        let target = html[at..].split('"').next().unwrap_or_default();
        let start = place.start + at;
        Link {
            target: target.to_owned(),
            place: start..start + target.len(),
        }
    };
    starts.map(link).collect()
}

/// The text with other targets: `change` says which stand in place of those that are there.
#[must_use]
pub fn with_targets(text: &str, change: impl Fn(&str) -> Option<String>) -> String {
    let mut changed = String::with_capacity(text.len());
    let mut done = 0;
    for link in links(text) {
        let Some(target) = change(&link.target) else { continue };
        changed.push_str(&text[done..link.place.start]);
        changed.push_str(&target);
        done = link.place.end;
    }
    changed + &text[done..]
}

/// The text without the brackets of names such as [`Vec`], which rustdoc makes links of and no other reader does.
#[must_use]
pub fn without_rustdoc_links(text: &str) -> String {
    let mut names = Vec::new();
    let parser = Parser::new_with_broken_link_callback(
        text,
        options(),
        Some(|link: pulldown_cmark::BrokenLink<'_>| {
            names.push(link.span.clone());
            None
        }),
    );
    parser.for_each(drop);
    names.sort_by_key(|name| name.start);
    let mut changed = String::with_capacity(text.len());
    let mut done = 0;
    for name in names {
        let Some(code) = text[name.clone()]
            .strip_prefix("[`")
            .and_then(|rest| rest.strip_suffix("`]"))
        else {
            continue;
        };
        changed.push_str(&text[done..name.start]);
        changed.push_str(&format!("`{code}`"));
        done = name.end;
    }
    changed + &text[done..]
}

/// The anchors of all headings, as GitHub and mdbook make them.
#[must_use]
pub fn anchors(text: &str) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    headings(text)
        .into_iter()
        .map(|heading| {
            let anchor = anchor(&heading);
            let count = seen.entry(anchor.clone()).or_default();
            *count += 1;
            match *count {
                1 => anchor,
                more => format!("{anchor}-{}", more - 1),
            }
        })
        .collect()
}

/// The anchor of a heading that no other of its page equals.
#[must_use]
pub fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter_map(|c| match c {
        c if c.is_alphanumeric() || matches!(c, '-' | '_') => Some(c.to_lowercase().to_string()),
        c if c.is_whitespace() => Some("-".to_owned()),
        _ => None,
    });
    kept.collect()
}

/// The text of the first heading.
#[must_use]
pub fn title(text: &str) -> Option<String> {
    headings(text).into_iter().next()
}

fn headings(text: &str) -> Vec<String> {
    let mut headings = Vec::new();
    let mut open: Option<String> = None;
    for event in Parser::new_ext(text, options()) {
        match (event, &mut open) {
            (Event::Start(Tag::Heading { .. }), _) => open = Some(String::new()),
            (Event::End(TagEnd::Heading(_)), _) => headings.extend(open.take()),
            (Event::Text(part) | Event::Code(part), Some(heading)) => heading.push_str(&part),
            (Event::SoftBreak, Some(heading)) => heading.push(' '),
            _ => {}
        }
    }
    headings
}

/// The first paragraph under the title, in one line and without its marks: what a list of pages says of it.
#[must_use]
pub fn first_sentence(text: &str) -> Option<String> {
    let mut paragraph: Option<String> = None;
    let mut pictures = 0;
    for event in Parser::new_ext(text, options()) {
        match (event, &mut paragraph) {
            (Event::Start(Tag::Image { .. }), _) => pictures += 1,
            (Event::End(TagEnd::Image), _) => pictures -= 1,
            _ if pictures > 0 => {}
            (Event::Start(Tag::Paragraph), None) => paragraph = Some(String::new()),
            (Event::End(TagEnd::Paragraph), Some(found)) if found.trim().is_empty() => paragraph = None,
            (Event::End(TagEnd::Paragraph), Some(_)) => break,
            (Event::Text(part) | Event::Code(part), Some(found)) => found.push_str(&part),
            (Event::SoftBreak | Event::HardBreak, Some(found)) => found.push(' '),
            _ => {}
        }
    }
    let paragraph = paragraph?;
    let end = paragraph.find(". ").map_or(paragraph.len(), |at| at + 1);
    let sentence = paragraph[..end].trim();
    (!sentence.is_empty()).then(|| sentence.to_owned())
}

/// A code block with a given language: its place from the opening fence to the closing one, and its text.
#[must_use]
pub fn code_blocks(text: &str, language: &str) -> Vec<(Range<usize>, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(Range<usize>, String)> = None;
    for (event, place) in Parser::new_ext(text, options()).into_offset_iter() {
        match (event, &mut open) {
            (Event::Start(Tag::CodeBlock(pulldown_cmark::CodeBlockKind::Fenced(info))), _) if &*info == language => {
                open = Some((place, String::new()));
            }
            (Event::Text(part), Some((_, block))) => block.push_str(&part),
            (Event::End(TagEnd::CodeBlock), _) => blocks.extend(open.take()),
            _ => {}
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(text: &str) -> Vec<String> {
        links(text).into_iter().map(|link| link.target).collect()
    }

    #[test]
    fn every_kind_of_link_is_found_and_code_is_not() {
        let text = "[a](one.md) ![b](two.png) [![c](three.svg)](four.md#x \"t\") [d][ref] <https://five>\n\n\
                    <p><img src=\"six.png\"></p>\n\n`[e](no.md)`\n\n```\n[f](no.md)\n```\n\n[ref]: seven.md\n";
        let expected = [
            "one.md",
            "two.png",
            "three.svg",
            "four.md#x",
            "https://five",
            "six.png",
            "seven.md",
        ];
        assert_eq!(targets(text), expected);
    }

    #[test]
    fn only_targets_change() {
        let text = "[one.md](one.md), `[one.md](one.md)`, <img src=\"one.md\">\n\n[x]: <one.md>\n";
        let changed = with_targets(text, |target| (target == "one.md").then(|| "two.md".to_owned()));
        let expected = "[one.md](two.md), `[one.md](one.md)`, <img src=\"two.md\">\n\n[x]: <two.md>\n";
        assert_eq!(changed, expected);
    }

    #[test]
    fn names_for_rustdoc_lose_their_brackets() {
        let text = "[`Vec`] and [`Real`], [x] `[`Code`]`\n\n[`Real`]: real.md\n";
        assert_eq!(
            without_rustdoc_links(text),
            "`Vec` and [`Real`], [x] `[`Code`]`\n\n[`Real`]: real.md\n"
        );
    }

    #[test]
    fn anchors_are_those_of_github() {
        let text = "# A `code` title: why?\n\n## Twice\n\n## Twice\n\nTwo-part_word\n===\n";
        assert_eq!(anchors(text), ["a-code-title-why", "twice", "twice-1", "two-part_word"]);
    }

    #[test]
    fn the_first_sentence_stands_under_the_title() {
        let text = "<!-- x -->\n\n# Title\n\n![picture](a.png)\n\nOne `thing` is\nthis. Another is not.\n";
        assert_eq!(first_sentence(text).as_deref(), Some("One thing is this."));
        assert_eq!(
            first_sentence("# T\n\nOne `a` is\nthis. Two.\n").as_deref(),
            Some("One a is this.")
        );
    }
}
