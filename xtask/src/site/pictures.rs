//! The mermaid blocks of pages. GitHub draws them; the site shows `docs/pictures/NAME.svg`, drawn once by
//! `.ci/draw_pictures.py`, so that its readers load no script of another. The check holds each picture to its block, and the block of
//! the crates to what cargo says.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use super::markdown;

/// The block whose arrows are the dependencies of the crates.
const CRATES: &str = "crates";

/// Where the pictures stand, below the root.
const FOLDER: &str = "docs/pictures";

/// A block of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagram {
    /// The name, which its first line gives: `%% picture: NAME`.
    pub name: String,
    /// The text of the block.
    pub source: String,
}

impl Diagram {
    /// The file of its picture, below the root.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{FOLDER}/{}.svg", self.name)
    }

    /// Its picture, if there is one that was drawn from this very text.
    #[must_use]
    pub fn picture(&self, root: &Path) -> Option<String> {
        let picture = fs::read_to_string(root.join(self.path())).ok()?.replace("\r\n", "\n");
        picture.contains(&self.mark()).then_some(picture)
    }

    /// What the script writes into the picture: the text that it was drawn from.
    fn mark(&self) -> String {
        let text = self
            .source
            .trim()
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        format!("<metadata>{text}</metadata>")
    }
}

/// The blocks of a page, or what is wrong with one.
///
/// # Errors
///
/// A block has no name.
pub fn diagrams(page: &str, text: &str) -> Result<Vec<Diagram>, String> {
    let blocks = markdown::code_blocks(text, "mermaid").into_iter();
    blocks
        .map(|(place, source)| {
            let name = source.lines().next().and_then(|line| line.strip_prefix("%% picture: "));
            let is_plain = |name: &&str| name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
            match name.map(str::trim).filter(|name| !name.is_empty()).filter(is_plain) {
                Some(name) => Ok(Diagram {
                    name: name.to_owned(),
                    source,
                }),
                None => {
                    let line = 1 + text[..place.start].matches('\n').count();
                    Err(format!(
                        "{page}:{line}: the first line of a mermaid block is `%% picture: NAME`, NAME in small letters"
                    ))
                }
            }
        })
        .collect()
}

/// What is wrong with the blocks of these pages.
///
/// # Errors
///
/// cargo does not tell the dependencies.
pub fn mistakes(root: &Path, pages: &[(String, String)]) -> Result<Vec<String>> {
    let mut mistakes = Vec::new();
    for (page, text) in pages {
        let found = match diagrams(page, text) {
            Ok(found) => found,
            Err(mistake) => {
                mistakes.push(mistake);
                continue;
            }
        };
        for diagram in found {
            if diagram.picture(root).is_none() {
                let path = diagram.path();
                mistakes.push(format!(
                    "{page}: {path} is not drawn from the block {}: run `target/browser/bin/python .ci/draw_pictures.py`",
                    diagram.name
                ));
            }
            if diagram.name == CRATES {
                mistakes.extend(edge_mistakes(page, &arrows(&diagram.source), &dependencies(root)?));
            }
        }
    }
    Ok(mistakes)
}

type Edges = BTreeSet<(String, String)>;

/// The arrows `a --> b` of a block.
fn arrows(source: &str) -> Edges {
    let arrows = source.lines().filter_map(|line| line.trim().split_once(" --> "));
    arrows
        .map(|(from, to)| (from.trim().to_owned(), to.trim().to_owned()))
        .collect()
}

/// Which package below `crates/` and `xtask/` needs which other; what only tests need is left out.
fn dependencies(root: &Path) -> Result<Edges> {
    let arguments = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(root)
        .output()
        .context("cargo cannot be run")?;
    let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata did not answer")?;
    let packages: Vec<&Value> = metadata["packages"].as_array().into_iter().flatten().collect();
    let is_ours = |name: &str| packages.iter().any(|package| package["name"] == name);
    let is_shown = |package: &&&Value| {
        let folder = Path::new(package["manifest_path"].as_str().unwrap_or_default()).parent();
        folder.is_some_and(|folder| {
            folder.ends_with("xtask") || folder.parent().is_some_and(|above| above.ends_with("crates"))
        })
    };
    let mut edges = Edges::new();
    for package in packages.iter().filter(is_shown) {
        let from = package["name"].as_str().unwrap_or_default();
        for needed in package["dependencies"].as_array().into_iter().flatten() {
            let to = needed["name"].as_str().unwrap_or_default();
            if needed["kind"] != "dev" && is_ours(to) {
                edges.insert((from.to_owned(), to.to_owned()));
            }
        }
    }
    Ok(edges)
}

fn edge_mistakes(page: &str, drawn: &Edges, real: &Edges) -> Vec<String> {
    let wrong = drawn
        .difference(real)
        .map(|(from, to)| format!("{page}: the picture has {from} --> {to}, and {from} does not need {to}"));
    let absent = real
        .difference(drawn)
        .map(|(from, to)| format!("{page}: the picture lacks {from} --> {to}, a dependency of {from}"));
    wrong.chain(absent).collect()
}

/// A page of the site as mdbook wrote it, with pictures in place of the blocks; `None` where its blocks are not these.
#[must_use]
pub fn with_pictures(html: &str, diagrams: &[Diagram], root: &Path) -> Option<String> {
    const START: &str = "<pre><code class=\"language-mermaid\">";
    const END: &str = "</code></pre>";
    let mut parts = html.split(START);
    let mut text = parts.next()?.to_owned();
    let mut diagrams = diagrams.iter();
    for part in parts {
        let picture = diagrams.next()?.picture(root)?;
        let (_, rest) = part.split_once(END)?;
        text += &format!("<figure class=\"diagram\">{picture}</figure>{rest}");
    }
    diagrams.next().is_none().then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges(pairs: &[(&str, &str)]) -> Edges {
        pairs
            .iter()
            .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()))
            .collect()
    }

    #[test]
    fn arrows_that_are_wrong_or_absent_are_named() {
        let drawn = arrows("%% picture: crates\nflowchart LR\n  a --> b\n  a --> c\n  subgraph x\n  end\n");
        assert_eq!(drawn, edges(&[("a", "b"), ("a", "c")]));
        let lines = edge_mistakes("p.md", &drawn, &edges(&[("a", "b"), ("b", "c")]));
        assert_eq!(
            lines,
            [
                "p.md: the picture has a --> c, and a does not need c",
                "p.md: the picture lacks b --> c, a dependency of b"
            ]
        );
    }

    #[test]
    fn a_picture_of_another_text_is_none() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join(FOLDER)).unwrap();
        let page = "```mermaid\n%% picture: one\na --> b\n```\n";
        let diagram = diagrams("p.md", page).unwrap().remove(0);
        let path = folder.path().join(diagram.path());
        assert_eq!(diagram.picture(folder.path()), None);
        fs::write(&path, "<svg><metadata>%% picture: one\na --&gt; b</metadata></svg>").unwrap();
        assert!(diagram.picture(folder.path()).is_some());
        let html = "<p>x</p><pre><code class=\"language-mermaid\">a</code></pre><p>y</p>";
        let shown = with_pictures(html, std::slice::from_ref(&diagram), folder.path()).unwrap();
        assert!(shown.starts_with("<p>x</p><figure class=\"diagram\"><svg>") && shown.ends_with("</figure><p>y</p>"));
        assert_eq!(with_pictures(html, &[], folder.path()), None);
        assert_eq!(
            with_pictures("<p>x</p>", std::slice::from_ref(&diagram), folder.path()),
            None
        );
        fs::write(&path, "<svg><metadata>%% picture: one\na --&gt; c</metadata></svg>").unwrap();
        assert_eq!(diagram.picture(folder.path()), None);
    }

    #[test]
    fn a_block_without_a_name_is_refused_with_its_line() {
        let mistake = diagrams("p.md", "# P\n\n```mermaid\na --> b\n```\n").unwrap_err();
        assert!(mistake.starts_with("p.md:3: "), "{mistake}");
    }
}
