//! The documentation site: the pages of the repository and the API reference as one book, by mdbook, with what mdbook does not
//! do. `cargo xtask docs` calls it.
//!
//! The site mirrors the repository: `docs/tour.md` becomes `docs/tour.html`, so links between pages stay as they are. What is
//! not a page becomes a link to the repository.

mod book;
pub mod built;
pub mod links;
pub mod markdown;
pub mod pictures;
pub mod reference;
pub mod summary;
mod twins;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use enkash_codegen::spec::Spec;

use self::links::{Linked, Target};
use self::reference::ReferencePage;
use self::summary::Item;

pub use self::book::MDBOOK_VERSION;

/// More pages or longer ones are a mistake, and no site.
const MAX_PAGES: usize = 1000;
const MAX_PAGE_BYTES: u64 = 1 << 20;

/// The pages that the site has, and those beside them whose links are checked as well.
pub struct Sources {
    root: PathBuf,
    /// What `docs/SUMMARY.md` says.
    items: Vec<Item>,
    reference: Vec<ReferencePage>,
    /// Every page, of the site or not: the path below the root, and the text.
    pages: Vec<(String, String)>,
    /// What is wrong with the list itself.
    mistakes: Vec<String>,
}

/// How the site is made.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder that is written.
    pub out: PathBuf,
    /// Where the site will be, with a `/` at its end. Only then there is a map of the site.
    pub base_url: Option<String>,
}

impl Sources {
    /// Reads the pages of the repository and makes those of the reference.
    ///
    /// # Errors
    ///
    /// A page cannot be read.
    pub fn read(root: &Path, spec: &Spec) -> Result<Self> {
        let text =
            fs::read_to_string(root.join(summary::PATH)).with_context(|| format!("reading {}", summary::PATH))?;
        let (items, mut mistakes) = summary::parse(&text);
        let reference = reference::pages(spec);
        let mut pages = Vec::new();
        for path in markdown_files(root)? {
            let size = fs::metadata(root.join(&path))?.len();
            if size > MAX_PAGE_BYTES {
                bail!("{path} has {size} bytes, a page may have {MAX_PAGE_BYTES}: split it");
            }
            let text = fs::read_to_string(root.join(&path)).with_context(|| format!("reading {path}"))?;
            pages.push((path, text.replace("\r\n", "\n")));
        }
        let must_be_named = |path: &str| {
            (path.starts_with("docs/") && path != summary::PATH)
                || (path.starts_with("crates/") && path.ends_with("/README.md"))
        };
        let of_site: Vec<_> = pages.iter().filter(|(path, _)| must_be_named(path)).cloned().collect();
        mistakes.extend(summary::missing(&items, &of_site));
        for entry in summary::entries(&items) {
            if !pages.iter().any(|(path, _)| *path == entry.path) {
                mistakes.push(format!("{}: there is no page {}", summary::PATH, entry.path));
            }
        }
        pages.extend(reference.iter().map(|page| (page.path.clone(), page.text.clone())));
        Ok(Self {
            root: root.to_owned(),
            items,
            reference,
            pages,
            mistakes,
        })
    }

    /// What is wrong with the pages, one line for each mistake: the list, links, pictures.
    ///
    /// # Errors
    ///
    /// cargo does not tell the dependencies of the crates.
    pub fn mistakes(&self) -> Result<Vec<String>> {
        let linked = Linked::new(&self.root, &self.pages);
        let mut mistakes = self.mistakes.clone();
        mistakes.extend(self.pages.iter().flat_map(|(path, text)| linked.mistakes(path, text)));
        mistakes.extend(pictures::mistakes(&self.root, &self.pages)?);
        Ok(mistakes)
    }

    /// How many pages the site has.
    #[must_use]
    pub fn page_count(&self) -> usize {
        summary::entries(&self.items).count() + self.reference.len()
    }

    /// Writes the site; the pages are without mistakes.
    ///
    /// # Errors
    ///
    /// mdbook is missing or fails, or a file cannot be written.
    pub fn build(&self, settings: &Settings) -> Result<()> {
        let repository = book::repository(&self.root)?;
        let pages = self.site_pages(&repository)?;
        book::build(&self.root, self, &pages, settings)?;
        twins::write(&settings.out, self, &pages, settings.base_url.as_deref())
    }

    /// The pages in the order of the list, with their links as the site needs them.
    fn site_pages(&self, repository: &str) -> Result<Vec<SitePage>> {
        let own = summary::entries(&self.items).map(|entry| entry.path.as_str());
        let paths: Vec<&str> = own
            .chain(self.reference.iter().map(|page| page.path.as_str()))
            .collect();
        let text_of = |path: &str| {
            self.pages
                .iter()
                .find(|(other, _)| other == path)
                .map(|(_, text)| text.as_str())
        };
        let pages = paths.iter().map(|path| {
            let text = text_of(path).with_context(|| format!("there is no page {path}"))?;
            let change = |target: &str| site_target(&self.root, repository, &paths, path, target);
            Ok(SitePage {
                path: (*path).to_owned(),
                text: markdown::without_rustdoc_links(&markdown::with_targets(text, change)),
            })
        });
        pages.collect()
    }
}

/// A page of the site.
pub(crate) struct SitePage {
    /// The file, below the root.
    path: String,
    /// The text, whose links are those of the site.
    text: String,
}

impl SitePage {
    /// Its twin on the site; mdbook calls a `README` an index.
    fn twin(&self) -> String {
        as_index(&self.path)
    }

    fn html(&self) -> String {
        format!("{}.html", self.twin().trim_end_matches(".md"))
    }

    fn title(&self) -> String {
        markdown::title(&self.text).unwrap_or_else(|| self.path.clone())
    }
}

fn as_index(path: &str) -> String {
    match path.strip_suffix("README.md") {
        Some(folder) if folder.is_empty() || folder.ends_with('/') => format!("{folder}index.md"),
        _ => path.to_owned(),
    }
}

/// Pictures are copied to the site; all else that is no page is shown by the repository.
fn is_picture(path: &str) -> bool {
    [".svg", ".png"].iter().any(|ending| path.ends_with(ending))
}

/// What a link has on the site, where it is not what it has in the repository.
fn site_target(root: &Path, repository: &str, paths: &[&str], page: &str, target: &str) -> Option<String> {
    let Target::File { path, anchor } = links::resolve(page, target) else {
        return None;
    };
    let page_of_folder = format!("{path}/README.md");
    let found = [path.as_str(), page_of_folder.as_str()]
        .into_iter()
        .find(|path| paths.contains(path));
    let anchor = anchor.map(|anchor| format!("#{anchor}")).unwrap_or_default();
    if let Some(found) = found {
        if found == page && !anchor.is_empty() {
            return Some(anchor);
        }
        return Some(links::relative(page, &as_index(found)) + &anchor);
    }
    if is_picture(&path) {
        return None;
    }
    let kind = if root.join(&path).is_dir() { "tree" } else { "blob" };
    Some(format!("{repository}/{kind}/main/{path}{anchor}"))
}

/// All pages of the repository that people read, below the root and sorted.
fn markdown_files(root: &Path) -> Result<Vec<String>> {
    // What is not ours, copies, and texts that tests read.
    const SKIPPED: [&str; 4] = ["target", "crates/enkash-codegen/embedded", "docs/site", "node_modules"];
    let (mut files, mut open) = (Vec::new(), vec![String::new()]);
    while let Some(folder) = open.pop() {
        let entries = fs::read_dir(root.join(&folder)).with_context(|| format!("reading {folder}"))?;
        for entry in entries {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let path = if folder.is_empty() {
                name.clone()
            } else {
                format!("{folder}/{name}")
            };
            let is_of_tests = path.contains("/tests/") || path.starts_with("tests/snapshots");
            if SKIPPED.contains(&path.as_str()) || is_of_tests || (name.starts_with('.') && name != ".github") {
                continue;
            }
            let kind = entry.file_type()?;
            if kind.is_dir() {
                open.push(path);
            } else if kind.is_file() && name.ends_with(".md") {
                files.push(path);
            }
        }
    }
    if files.len() > MAX_PAGES {
        bail!(
            "the repository has {} pages, the site may have {MAX_PAGES}",
            files.len()
        );
    }
    files.sort_unstable();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_kept_within_the_site_and_lead_to_the_repository_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("spec")).unwrap();
        let paths = [
            "README.md",
            "docs/tour.md",
            "docs/guide/README.md",
            "crates/enkash/README.md",
        ];
        let target = |page, target| site_target(folder.path(), "https://host/r", &paths, page, target);
        assert_eq!(
            target("docs/tour.md", "guide/README.md#a").as_deref(),
            Some("guide/index.md#a")
        );
        assert_eq!(
            target("README.md", "crates/enkash").as_deref(),
            Some("crates/enkash/index.md")
        );
        assert_eq!(target("docs/tour.md", "../README.md").as_deref(), Some("../index.md"));
        assert_eq!(target("README.md", "#a").as_deref(), Some("#a"));
        assert_eq!(
            target("docs/tour.md", "../spec").as_deref(),
            Some("https://host/r/tree/main/spec")
        );
        assert_eq!(
            target("docs/tour.md", "../a.yaml#L1").as_deref(),
            Some("https://host/r/blob/main/a.yaml#L1")
        );
        assert_eq!(target("docs/tour.md", "plots/a.svg"), None);
        assert_eq!(target("docs/tour.md", "https://docs.rs/a"), None);
    }
}
