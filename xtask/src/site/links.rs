//! Where the links of pages go: within the repository, which the site mirrors, or out of it. `summary.rs` reads its list with it,
//! the checks follow links by it, and the pages of the site get theirs from it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::markdown;

/// The hosts that a page may link to. A host that is not here may be a slip of the pen, so it is added on purpose. The links
/// themselves are not fetched: whether another's page still answers is not ours to hold a change up for.
const HOSTS: [&str; 7] = [
    "crates.io",
    "docs.rs",
    "github.com",
    "jqlang.org",
    "owasp.org",
    "rustup.rs",
    "www.contributor-covenant.org",
];

/// What a link names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Something in the repository, with the anchor in it.
    File {
        /// Below the root; empty is the root itself.
        path: String,
        /// What stands behind `#`.
        anchor: Option<String>,
    },
    /// An address of another.
    Address(String),
    /// Something above the root of the repository.
    Outside,
}

/// What a link of a page names; paths are below the root.
#[must_use]
pub fn resolve(page: &str, target: &str) -> Target {
    if has_scheme(target) || target.starts_with("//") {
        return Target::Address(target.to_owned());
    }
    let (path, anchor) = match target.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor.to_owned())),
        None => (target, None),
    };
    if path.is_empty() {
        return Target::File {
            path: page.to_owned(),
            anchor,
        };
    }
    let mut steps: Vec<&str> = page.split('/').collect();
    steps.pop();
    for step in path.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                if steps.pop().is_none() {
                    return Target::Outside;
                }
            }
            step => steps.push(step),
        }
    }
    Target::File {
        path: steps.join("/"),
        anchor,
    }
}

fn has_scheme(target: &str) -> bool {
    let scheme = target.split(':').next().unwrap_or_default();
    scheme.len() < target.len()
        && !scheme.is_empty()
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

/// The way from one file to another; both are below the root.
#[must_use]
pub fn relative(from: &str, to: &str) -> String {
    let mut from: Vec<&str> = from.split('/').collect();
    from.pop();
    let to: Vec<&str> = to.split('/').collect();
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let ups = std::iter::repeat_n("..", from.len() - shared);
    ups.chain(to[shared..].iter().copied()).collect::<Vec<_>>().join("/")
}

/// A server that the reader has started. It has no certificate, and nobody else can be meant.
const OWN_MACHINE: &str = "http://127.0.0.1:";

/// What is wrong with an address, if anything is.
#[must_use]
pub fn address_mistake(address: &str) -> Option<String> {
    if address.starts_with(OWN_MACHINE) {
        return None;
    }
    let Some(rest) = address.strip_prefix("https://") else {
        return address
            .strip_prefix("mailto:")
            .is_none_or(str::is_empty)
            .then(|| format!("{address} does not begin with https://"));
    };
    let host = rest.split(['/', '#', '?']).next().unwrap_or_default();
    (!HOSTS.contains(&host))
        .then(|| format!("{host} is not in the list of hosts in xtask/src/site/links.rs, add it if {address} is meant"))
}

/// All pages with their anchors, and the repository that they stand in: what links are followed in.
pub struct Linked<'a> {
    root: &'a Path,
    anchors: BTreeMap<&'a str, BTreeSet<String>>,
}

impl<'a> Linked<'a> {
    /// Of these pages, each with its path below the root and its text.
    #[must_use]
    pub fn new(root: &'a Path, pages: &'a [(String, String)]) -> Self {
        let anchors = pages
            .iter()
            .map(|(path, text)| (path.as_str(), markdown::anchors(text).into_iter().collect()));
        Self {
            root,
            anchors: anchors.collect(),
        }
    }

    /// The links of a page that lead nowhere, one line for each.
    #[must_use]
    pub fn mistakes(&self, page: &str, text: &str) -> Vec<String> {
        let mistakes = markdown::links(text).into_iter().filter_map(|link| {
            let line = 1 + text[..link.place.start].matches('\n').count();
            let mistake = self.mistake(page, &link.target)?;
            Some(format!("{page}:{line}: {mistake}"))
        });
        mistakes.collect()
    }

    fn mistake(&self, page: &str, target: &str) -> Option<String> {
        let (path, anchor) = match resolve(page, target) {
            Target::Address(address) => return address_mistake(&address),
            Target::Outside => return Some(format!("{target} leads out of the repository")),
            Target::File { path, anchor } => (path, anchor),
        };
        let of_page = self.anchors.get(path.as_str());
        if of_page.is_none() && !self.root.join(&path).exists() {
            return Some(format!("{target} leads nowhere, there is no {path}"));
        }
        let anchor = anchor?;
        match of_page {
            Some(anchors) if anchors.contains(&anchor) => None,
            Some(_) => Some(format!(
                "{target} leads nowhere, {path} has no heading with the anchor {anchor}"
            )),
            None => Some(format!("{target} has an anchor, and {path} is no page")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, anchor: Option<&str>) -> Target {
        Target::File {
            path: path.to_owned(),
            anchor: anchor.map(str::to_owned),
        }
    }

    #[test]
    fn links_are_followed_from_their_page() {
        assert_eq!(
            resolve("docs/guide/a.md", "../runs.md#x"),
            file("docs/runs.md", Some("x"))
        );
        assert_eq!(resolve("docs/guide/a.md", "#x"), file("docs/guide/a.md", Some("x")));
        assert_eq!(resolve("README.md", "crates/enkash/"), file("crates/enkash", None));
        assert_eq!(resolve("docs/a.md", "../../b.md"), Target::Outside);
        assert!(matches!(resolve("a.md", "https://docs.rs/x"), Target::Address(_)));
        assert!(matches!(resolve("a.md", "mailto:a@example.com"), Target::Address(_)));
        assert_eq!(relative("docs/guide/a.md", "docs/runs.md"), "../runs.md");
        assert_eq!(relative("README.md", "docs/runs.md"), "docs/runs.md");
        assert_eq!(relative("docs/a.md", "docs/a.md"), "a.md");
    }

    #[test]
    fn what_leads_nowhere_is_named_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("there.yaml"), "").unwrap();
        let text = "# A\n\n[b](b.md#the-b) <http://127.0.0.1:4010/> [y](../there.yaml) [self](#a)\n\n[1](c.md)\n[2](b.md#no)\n[3](../../up.md)\n\
                    [4](https://exmaple.com)\n[5](http://docs.rs)\n[6](../there.yaml#L1)\n";
        let pages =
            [("docs/a.md", text), ("docs/b.md", "## The B\n")].map(|(path, text)| (path.to_owned(), text.to_owned()));
        let found = Linked::new(folder.path(), &pages).mistakes("docs/a.md", text);
        let lines: Vec<_> = found.iter().map(|line| line.split(' ').next().unwrap()).collect();
        let expected = [
            "docs/a.md:5:",
            "docs/a.md:6:",
            "docs/a.md:7:",
            "docs/a.md:8:",
            "docs/a.md:9:",
            "docs/a.md:10:",
        ];
        assert_eq!(lines, expected, "{found:#?}");
    }
}
