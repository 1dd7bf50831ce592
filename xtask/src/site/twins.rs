//! The site for programs: each page's Markdown beside its HTML, `llms.txt` that lists them, `llms-full.txt` that holds them all,
//! and the map of the site.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::summary::Item;
use super::{SitePage, Sources, markdown};

/// All pages in one file.
pub(super) const FULL: &str = "llms-full.txt";

/// Who reads it reads it whole.
const MAX_FULL_BYTES: usize = 2 << 20;

pub(super) fn write(out: &Path, sources: &Sources, pages: &[SitePage], base_url: Option<&str>) -> Result<()> {
    for page in pages {
        write_file(out, &page.twin(), &page.text)?;
    }
    write_file(out, "llms.txt", &list(sources, pages, base_url.unwrap_or_default()))?;
    let full = full(pages);
    if full.len() > MAX_FULL_BYTES {
        bail!(
            "{FULL} has {} bytes, and may have {MAX_FULL_BYTES}: leave pages out of it",
            full.len()
        );
    }
    write_file(out, FULL, &full)?;
    match base_url {
        Some(base) => write_file(out, "sitemap.xml", &map(pages, base)),
        None => Ok(()),
    }
}

fn write_file(out: &Path, name: &str, content: &str) -> Result<()> {
    fs::write(out.join(name), content).with_context(|| format!("writing {name}"))
}

/// By the convention of llmstxt.org: a title, what it is, and the pages in parts.
fn list(sources: &Sources, pages: &[SitePage], base: &str) -> String {
    let about = pages
        .first()
        .and_then(|page| markdown::first_sentence(&page.text))
        .unwrap_or_default();
    let mut text = format!(
        "# enkash-rs\n\n> {about}\n\nEvery page is Markdown. [{FULL}]({base}{FULL}) has all of them in one file.\n\n## Start\n\n"
    );
    let line = |text: &mut String, path: &str| {
        let Some(page) = pages.iter().find(|page| page.path == path) else {
            return;
        };
        let about = markdown::first_sentence(&page.text)
            .map(|about| format!(": {about}"))
            .unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "- [{}]({base}{}){about}", page.title(), page.twin());
    };
    for item in &sources.items {
        match item {
            Item::Part(title) => text += &format!("\n## {title}\n\n"),
            Item::Page(entry) => line(&mut text, &entry.path),
            Item::Reference => sources.reference.iter().for_each(|page| line(&mut text, &page.path)),
        }
    }
    text
}

fn full(pages: &[SitePage]) -> String {
    pages
        .iter()
        .map(|page| format!("<!-- {} -->\n\n{}\n\n", page.twin(), page.text.trim()))
        .collect()
}

fn map(pages: &[SitePage], base: &str) -> String {
    let urls: String = pages
        .iter()
        .map(|page| format!("  <url><loc>{base}{}</loc></url>\n", page.html()))
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n{urls}</urlset>\n"
    )
}
