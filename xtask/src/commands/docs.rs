//! `cargo xtask docs`: writes the documentation site, or checks what it is made from.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;

use super::{Overlays, Status, load, print_line};
use crate::site::{self, Settings, Sources};

const EXAMPLES: &str = "\
Examples:
  cargo xtask docs             write the site to target/site; open target/site/index.html
  cargo xtask docs --check     write nothing: is every page in docs/SUMMARY.md, does every link lead somewhere
  cargo xtask docs --base-url https://enkash-rs.github.io/enkash-rs/
                               write the site for that address, with a sitemap.xml

The site needs mdbook; without it the command says how to install it. Links to others are held against a list of hosts and not \
fetched.";

/// Write the documentation site, and check every link of it
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Docs {
    /// Write nothing: check the list of pages, the links between them, and the pictures
    #[arg(long, conflicts_with_all = ["out", "base_url"])]
    check: bool,
    /// The folder of the site, which is emptied first
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Where the site will be
    #[arg(long, value_name = "URL", value_parser = base_url)]
    base_url: Option<String>,
}

fn base_url(text: &str) -> Result<String, String> {
    let is_plain = |rest: &str| rest.ends_with('/') && !rest.contains(['?', '#', '"', '<', '&', ' ']);
    match text.strip_prefix("https://") {
        Some(rest) if is_plain(rest) => Ok(text.to_owned()),
        _ => Err("it begins with https:// and ends with /".to_owned()),
    }
}

impl Docs {
    pub(super) fn run(self, root: &Path) -> Result<Status> {
        let Some(spec) = load(root, &Overlays::default())? else {
            return Ok(Status::Failure);
        };
        let sources = Sources::read(root, &spec)?;
        if !report(&sources.mistakes()?, "the pages")? {
            return Ok(Status::Failure);
        }
        if self.check {
            print_line(&format!(
                "{} pages, and every link of them leads somewhere",
                sources.page_count()
            ))?;
            return Ok(Status::Success);
        }
        let settings = Settings {
            out: self.out.unwrap_or_else(|| root.join("target/site")),
            base_url: self.base_url,
        };
        sources.build(&settings)?;
        if !report(
            &site::built::mistakes(root, &settings.out, settings.base_url.as_deref())?,
            "the site",
        )? {
            return Ok(Status::Failure);
        }
        print_line(&format!("{} pages in {}", sources.page_count(), settings.out.display()))?;
        Ok(Status::Success)
    }
}

/// Prints what is wrong, and says whether nothing is.
fn report(mistakes: &[String], of: &str) -> Result<bool> {
    let mut out = io::stderr().lock();
    for mistake in mistakes {
        writeln!(out, "{mistake}")?;
    }
    match mistakes.len() {
        0 => {}
        1 => writeln!(out, "1 mistake in {of}")?,
        count => writeln!(out, "{count} mistakes in {of}")?,
    }
    Ok(mistakes.is_empty())
}
