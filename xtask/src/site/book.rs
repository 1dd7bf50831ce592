//! mdbook: a copy of the pages as it wants them, its run, and what is put right in what it wrote.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::pictures::{self, Diagram};
use super::summary::Item;
use super::{Settings, SitePage, Sources, is_picture, links, markdown, reference};

/// The version that writes what the checks know.
pub const MDBOOK_VERSION: &str = "0.5.4";

/// What is mdbook's own: settings, style, icon.
const BOOK_FOLDER: &str = "docs/site";

const LIST: &str = "SUMMARY.md";

/// The address of the repository, which the manifest of the workspace states.
pub(super) fn repository(root: &Path) -> Result<String> {
    let manifest = fs::read_to_string(root.join("Cargo.toml")).context("reading Cargo.toml")?;
    let manifest: toml::Table = toml::from_str(&manifest).context("Cargo.toml")?;
    let repository = manifest
        .get("workspace")
        .and_then(|workspace| workspace.get("package")?.get("repository")?.as_str());
    Ok(repository
        .context("Cargo.toml has no workspace.package.repository")?
        .trim_end_matches('/')
        .to_owned())
}

/// Writes the site with mdbook.
pub(super) fn build(root: &Path, sources: &Sources, pages: &[SitePage], settings: &Settings) -> Result<()> {
    let mdbook = find_mdbook(root)?;
    refuse_foreign_folder(&settings.out)?;
    let folder = root.join("target/site-source");
    if folder.exists() {
        fs::remove_dir_all(&folder).context("removing target/site-source")?;
    }
    copy_sources(root, sources, pages, &folder)?;
    let out = std::path::absolute(&settings.out)?;
    let mut command = Command::new(mdbook);
    command.arg("build").arg(&folder).arg("--dest-dir").arg(&out);
    // Only the page for what is not found needs it: it is shown under any address.
    command.env("MDBOOK_OUTPUT__HTML__SITE_URL", site_path(settings.base_url.as_deref()));
    let output = command.output().context("mdbook cannot be run")?;
    if !output.status.success() {
        bail!("mdbook failed:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    let repository = repository(root)?;
    for page in pages {
        finish(root, &repository, page, &out)?;
    }
    Ok(())
}

/// The path of the site on its host.
pub(super) fn site_path(base_url: Option<&str>) -> String {
    let path = base_url.and_then(|url| url.split_once("://")?.1.split_once('/'));
    path.map_or_else(|| "/".to_owned(), |(_, path)| format!("/{path}"))
}

/// The program of this checkout, or the one of the machine.
fn find_mdbook(root: &Path) -> Result<PathBuf> {
    let own = root.join(format!("target/tools/bin/mdbook{}", env::consts::EXE_SUFFIX));
    let mdbook = if own.exists() { own } else { PathBuf::from("mdbook") };
    let version = Command::new(&mdbook).arg("--version").output();
    let version = version.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let wanted = format!("mdbook v{MDBOOK_VERSION}");
    if version.as_ref().is_ok_and(|version| *version == wanted) {
        return Ok(mdbook);
    }
    let found = version.map_or_else(|_| "is not here".to_owned(), |version| format!("is {version}"));
    bail!(
        "mdbook {MDBOOK_VERSION} is needed, and {} {found}; to install it:\n  \
         cargo install --debug --locked mdbook@{MDBOOK_VERSION} --no-default-features --features search --root target/tools",
        mdbook.display()
    )
}

/// mdbook empties the folder that it writes to.
fn refuse_foreign_folder(out: &Path) -> Result<()> {
    let Ok(mut entries) = fs::read_dir(out) else {
        return Ok(());
    };
    if entries.next().is_none() || out.join(super::twins::FULL).exists() {
        return Ok(());
    }
    bail!(
        "{} has files that are not of a site, and would be emptied: name another folder",
        out.display()
    )
}

fn copy_sources(root: &Path, sources: &Sources, pages: &[SitePage], folder: &Path) -> Result<()> {
    for file in fs::read_dir(root.join(BOOK_FOLDER)).with_context(|| format!("reading {BOOK_FOLDER}"))? {
        let file = file?;
        let name = file.file_name();
        // mdbook looks for an icon there, and for the page of what is not found among the pages.
        let to = match name.to_str() {
            Some("favicon.svg") => Path::new("theme").join(&name),
            Some("404.md") => Path::new("src").join(&name),
            _ => PathBuf::from(&name),
        };
        write(&folder.join(to), &fs::read(file.path())?)?;
    }
    let src = folder.join("src");
    write(&src.join(LIST), list(sources).as_bytes())?;
    for page in pages {
        write(&src.join(&page.path), page.text.as_bytes())?;
        for link in markdown::links(&page.text) {
            let links::Target::File { path, .. } = links::resolve(&page.path, &link.target) else {
                continue;
            };
            if is_picture(&path) {
                let picture = fs::read(root.join(&path)).with_context(|| format!("{}: {path}", page.path))?;
                write(&src.join(&path), &picture)?;
            }
        }
    }
    Ok(())
}

fn write(path: &Path, content: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, content).with_context(|| format!("writing {}", path.display()))
}

/// The list of pages as mdbook reads it: below the root, and with the reference.
fn list(sources: &Sources) -> String {
    let mut text = String::from("# Summary\n\n");
    let mut is_first = true;
    for item in &sources.items {
        match item {
            Item::Part(title) => text += &format!("\n# {title}\n\n"),
            Item::Page(entry) if is_first => text += &format!("[{}]({})\n", entry.title, entry.path),
            Item::Page(entry) => text += &line(entry.depth, &entry.title, &entry.path),
            Item::Reference => {
                for page in &sources.reference {
                    text += &line(page.depth, &page.title, &page.path);
                }
            }
        }
        is_first = false;
    }
    text
}

fn line(depth: usize, title: &str, path: &str) -> String {
    format!("{}- [{title}]({path})\n", "  ".repeat(depth))
}

/// Puts right what mdbook wrote of a page: whence it is edited, its pictures, and that it has a twin.
fn finish(root: &Path, repository: &str, page: &SitePage, out: &Path) -> Result<()> {
    let path = out.join(page.html());
    let html = fs::read_to_string(&path).with_context(|| format!("mdbook wrote no {}", page.html()))?;
    let written = format!("{repository}/edit/main/src/{}", page.path);
    if !html.contains(&written) {
        bail!(
            "{} has no link {written}: {BOOK_FOLDER}/book.toml must name the repository of Cargo.toml",
            page.html()
        );
    }
    let html = html.replace(&written, &format!("{repository}/edit/main/{}", edited_file(&page.path)));
    let twin = page.twin();
    let name = twin.rsplit('/').next().unwrap_or(&twin);
    let html = html.replacen(
        "</head>",
        &format!("<link rel=\"alternate\" type=\"text/markdown\" href=\"{name}\"></head>"),
        1,
    );
    let diagrams: Vec<Diagram> = pictures::diagrams(&page.path, &page.text).map_err(anyhow::Error::msg)?;
    let html = pictures::with_pictures(&html, &diagrams, root);
    let html = html.with_context(|| format!("{} has other mermaid blocks than {}", page.html(), page.path))?;
    write(&path, html.as_bytes())
}

/// What somebody edits to change a page.
fn edited_file(page: &str) -> &str {
    match page {
        "docs/coverage.md" => "spec/surface.yaml",
        page if page.starts_with(reference::FOLDER) => "spec/rewards.yaml",
        page => page,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_a_site_is_that_of_its_address() {
        assert_eq!(site_path(None), "/");
        assert_eq!(site_path(Some("https://a.github.io/b/")), "/b/");
        assert_eq!(site_path(Some("https://a.example/")), "/");
    }

    #[test]
    fn a_folder_of_somebody_is_not_emptied() {
        let folder = tempfile::tempdir().unwrap();
        assert!(refuse_foreign_folder(folder.path()).is_ok());
        fs::write(folder.path().join("thesis.txt"), "").unwrap();
        assert!(refuse_foreign_folder(folder.path()).is_err());
        fs::write(folder.path().join(super::super::twins::FULL), "").unwrap();
        assert!(refuse_foreign_folder(folder.path()).is_ok());
    }
}
