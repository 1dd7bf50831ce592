//! The site as it was written: every link of every page leads to something, in the site or in the repository. mdbook, the themes and
//! the steps after it may all break a link that was right in the source, so this reads what a browser would.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use html5gum::{DefaultEmitter, Token, Tokenizer};

use super::links::{self, Target};
use super::{book, markdown};

/// What the pages of a site name, and what can be named in them.
struct Built<'a> {
    root: &'a Path,
    repository: String,
    /// Where the site will be, and its path there: with `/` at both ends.
    url: Option<&'a str>,
    base: String,
    files: BTreeSet<String>,
    pages: BTreeMap<String, Html>,
}

/// The parts of a page that links are about.
#[derive(Default)]
struct Html {
    ids: BTreeSet<String>,
    targets: BTreeSet<String>,
}

/// The links of the site in a folder that lead nowhere, one line for each. The addresses of others are held against the list of
/// known hosts, and not fetched.
///
/// # Errors
///
/// A file cannot be read.
pub fn mistakes(root: &Path, out: &Path, base_url: Option<&str>) -> Result<Vec<String>> {
    let mut built = Built {
        root,
        repository: book::repository(root)?,
        url: base_url,
        base: book::site_path(base_url),
        files: BTreeSet::new(),
        pages: BTreeMap::new(),
    };
    let mut texts = Vec::new();
    for path in files(out)? {
        if path.ends_with(".html") {
            built.pages.insert(path.clone(), Html::read(&read(out, &path)?));
        } else if path.ends_with(".md") || path.ends_with(".txt") {
            texts.push((path.clone(), read(out, &path)?));
        }
        built.files.insert(path);
    }
    let of_pages = built
        .pages
        .iter()
        .flat_map(|(page, html)| html.targets.iter().map(move |target| (page.clone(), target.clone())));
    let of_texts = texts.iter().flat_map(|(page, text)| {
        // llms-full.txt repeats the twins, whose links are checked where they stand.
        let links = if page.ends_with(super::twins::FULL) {
            Vec::new()
        } else {
            markdown::links(text)
        };
        links.into_iter().map(move |link| (page.clone(), link.target))
    });
    let named: Vec<_> = of_pages.chain(of_texts).collect();
    let mistakes = named
        .iter()
        .filter_map(|(page, target)| Some(format!("{page}: {}", built.mistake(page, target)?)));
    Ok(mistakes.collect())
}

impl Html {
    fn read(text: &str) -> Self {
        let mut html = Self::default();
        // Else what a script holds as a text would be taken for tags.
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        for Ok(token) in Tokenizer::new_with_emitter(text, emitter) {
            let Token::StartTag(tag) = token else { continue };
            for (name, value) in &tag.attributes {
                let value = String::from_utf8_lossy(value).into_owned();
                match name.as_slice() {
                    b"id" => {
                        html.ids.insert(value);
                    }
                    b"href" | b"src" if tag.name.as_slice() != b"base" => {
                        html.targets.insert(value);
                    }
                    b"srcset" => {
                        html.targets
                            .insert(value.split_whitespace().next().unwrap_or_default().to_owned());
                    }
                    _ => {}
                }
            }
        }
        html
    }
}

impl Built<'_> {
    fn mistake(&self, page: &str, target: &str) -> Option<String> {
        // The page of what is not found is shown under any address, so its links begin at the site.
        let from = if page == "404.html" { "index.html" } else { page };
        let in_full = self.url.and_then(|url| target.strip_prefix(url));
        let by_path = || target.strip_prefix(&self.base).filter(|_| !target.starts_with("//"));
        let inside = in_full.or_else(by_path);
        let (from, target) = inside.map_or((from, target), |inside| ("index.html", inside));
        if target.is_empty() || target.starts_with("data:image/") {
            return None;
        }
        match links::resolve(from, target) {
            Target::Outside => Some(format!("{target} leads out of the site")),
            Target::Address(address) => self.address_mistake(&address),
            Target::File { path, anchor } => self.file_mistake(&path, anchor.as_deref(), target),
        }
    }

    fn file_mistake(&self, path: &str, anchor: Option<&str>, target: &str) -> Option<String> {
        let path = if path.is_empty() { "index.html" } else { path };
        if !self.files.contains(path) {
            return Some(format!("{target} leads nowhere, the site has no {path}"));
        }
        let (anchor, html) = (anchor?, self.pages.get(path)?);
        let is_there = anchor.is_empty() || html.ids.contains(anchor);
        (!is_there).then(|| format!("{target} leads nowhere, {path} has no {anchor}"))
    }

    /// What the repository shows is there, too; another's address is only held against the list.
    fn address_mistake(&self, address: &str) -> Option<String> {
        let rest = address.strip_prefix(&self.repository);
        // Another repository may have a longer name.
        let Some(rest) = rest.filter(|rest| rest.is_empty() || rest.starts_with('/')) else {
            return links::address_mistake(address);
        };
        if matches!(rest, "" | "/") {
            return None;
        }
        let path = ["/blob/main/", "/tree/main/", "/edit/main/"]
            .iter()
            .find_map(|kind| rest.strip_prefix(kind));
        let Some(path) = path else {
            return Some(format!("{address}: nothing says what the repository has at {rest}"));
        };
        let path = path.split('#').next().unwrap_or(path);
        (!self.root.join(path).exists()).then(|| format!("{address} leads nowhere, the repository has no {path}"))
    }
}

fn read(out: &Path, path: &str) -> Result<String> {
    fs::read_to_string(out.join(path)).with_context(|| format!("reading {path}"))
}

/// All files of the site, below its folder.
fn files(out: &Path) -> Result<Vec<String>> {
    let (mut files, mut open) = (Vec::new(), vec![String::new()]);
    while let Some(folder) = open.pop() {
        for entry in
            fs::read_dir(out.join(&folder)).with_context(|| format!("reading {}", out.join(&folder).display()))?
        {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() {
                name
            } else {
                format!("{folder}/{name}")
            };
            if entry.file_type()?.is_dir() {
                open.push(path);
            } else {
                files.push(path);
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A site of two pages and one picture; `page` is the body of the first.
    fn site(page: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let manifest = "[workspace.package]\nrepository = \"https://host.example/r\"\n";
        fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
        fs::create_dir_all(folder.path().join("site/docs")).unwrap();
        fs::write(folder.path().join("site/index.html"), "<h1 id=\"top\">x</h1>").unwrap();
        fs::write(folder.path().join("site/docs/a.html"), page).unwrap();
        fs::write(folder.path().join("site/docs/a.png"), "").unwrap();
        folder
    }

    fn found(page: &str) -> Vec<String> {
        let folder = site(page);
        mistakes(
            folder.path(),
            &folder.path().join("site"),
            Some("https://h.example/base/"),
        )
        .unwrap()
    }

    #[test]
    fn links_that_lead_somewhere_are_well() {
        let page = "<p id=here><a href=\"../index.html#top\">1</a><a href=\"#here\">2</a><img src=\"a.png\">\
                    <a href=\"/base/index.html\">3</a><a href=\"https://h.example/base/docs/a.png\">6</a><a href=\"https://host.example/r/blob/main/Cargo.toml#L1\">4</a>\
                    <a href=\"https://docs.rs/x\">5</a><script>'<a href=\"no.html\">'</script>";
        assert_eq!(found(page), Vec::<String>::new());
    }

    #[test]
    fn each_broken_link_is_named() {
        for (broken, word) in [
            ("<a href=\"b.html\">", "no docs/b.html"),
            ("<a href=\"../index.html#no\">", "index.html has no no"),
            ("<a href=\"#no\">", "docs/a.html has no no"),
            ("<img src=\"b.png\">", "no docs/b.png"),
            ("<source srcset=\"c.png 2x\">", "no docs/c.png"),
            ("<script src=\"x.js\"></script>", "no docs/x.js"),
            ("<link href=\"/base/x.css\">", "no x.css"),
            ("<a href=\"https://h.example/base/x.html\">", "no x.html"),
            ("<a href=\"../../up.html\">", "out of the site"),
            (
                "<a href=\"https://host.example/r/blob/main/no.rs\">",
                "the repository has no no.rs",
            ),
            (
                "<a href=\"https://host.example/r/blob/master/Cargo.toml\">",
                "nothing says what the repository has",
            ),
            ("<a href=\"https://host.example/r-typo\">", "is not in the list"),
            (
                "<a href=\"https://stranger.example/\">",
                "stranger.example is not in the list",
            ),
            ("<a href=\"http://docs.rs/\">", "does not begin with https://"),
        ] {
            let found = found(broken);
            assert!(
                found.len() == 1 && found[0].starts_with("docs/a.html: ") && found[0].contains(word),
                "{broken}: {found:?}"
            );
        }
    }

    #[test]
    fn links_of_the_twins_are_followed_as_well() {
        let folder = site("");
        fs::write(folder.path().join("site/docs/a.md"), "[b](b.md) [c](a.png)\n").unwrap();
        let found = mistakes(folder.path(), &folder.path().join("site"), None).unwrap();
        assert_eq!(found, ["docs/a.md: b.md leads nowhere, the site has no docs/b.md"]);
    }
}
