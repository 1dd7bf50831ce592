//! The crate on disk: what is there, how it differs, and how it is replaced as a whole.
//!
//! Nothing is overwritten that this program did not write: every file of a folder has to begin with its line.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::{ApiCrate, MARKER};
use crate::generator::GeneratedFile;

/// The longest sign of a comment, and the marker behind it.
const MARKED_BYTES: u64 = 64;
/// A larger file was not written by this program.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// What cargo makes in the folder of a crate, and makes again.
const OF_CARGO: [&str; 2] = ["Cargo.lock", "target"];

/// What became of the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// There was none.
    New,
    /// It holds something else now.
    Replaced,
    /// It held the same already, and was not touched.
    Unchanged,
}

impl ApiCrate {
    /// The unified diff from the folder to this crate; empty where they are the same.
    ///
    /// # Errors
    ///
    /// The folder holds a file that this program did not write, or cannot be read.
    pub fn diff(&self, folder: &Path) -> Result<String> {
        let mut present = present(folder)?;
        let mut diff = String::new();
        for file in &self.files {
            let text = present.remove(&file.path).unwrap_or_default();
            diff += &file.diff(&text, "present", "generated");
        }
        for (path, text) in present {
            let nothing = GeneratedFile {
                path,
                content: String::new(),
            };
            diff += &nothing.diff(&text, "present", "not generated");
        }
        Ok(diff)
    }

    /// Makes the folder hold this crate and nothing else. The crate is written beside it and moved into its place, so that a
    /// failure leaves what was there; a folder that holds the same already is not touched.
    ///
    /// # Errors
    ///
    /// The folder holds a file that this program did not write, or something cannot be read or written.
    pub fn write(&self, folder: &Path) -> Result<Written> {
        // This also refuses what is foreign.
        let is_same = self.diff(folder)?.is_empty();
        if folder.is_dir() && is_same {
            return Ok(Written::Unchanged);
        }
        // The folder itself is replaced, and not a link to it.
        let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        let parent = match folder.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            Some(_) => Path::new("."),
            None => bail!(
                "{} has no folder above it, name another one with --out",
                folder.display()
            ),
        };
        let shown = folder.display();
        fs::create_dir_all(parent).with_context(|| format!("making {}", parent.display()))?;
        let beside = tempfile::Builder::new()
            .prefix(".enkash-codegen-")
            .tempdir_in(parent)
            .with_context(|| format!("making a folder in {}", parent.display()))?;
        let (new, old) = (beside.path().join("new"), beside.path().join("old"));
        self.write_into(&new)
            .with_context(|| format!("writing beside {shown}"))?;
        let was_there = folder.is_dir();
        if was_there {
            fs::rename(&folder, &old).with_context(|| format!("moving {shown} away"))?;
        }
        if let Err(error) = fs::rename(&new, &folder) {
            if was_there {
                fs::rename(&old, &folder).with_context(|| format!("putting {shown} back"))?;
            }
            return Err(error).with_context(|| format!("moving the new crate to {shown}"));
        }
        Ok(if was_there { Written::Replaced } else { Written::New })
    }

    fn write_into(&self, folder: &Path) -> io::Result<()> {
        for file in &self.files {
            let path = folder.join(&file.path);
            fs::create_dir_all(path.parent().unwrap_or(folder))?;
            fs::write(path, &file.content)?;
        }
        Ok(())
    }
}

/// The files of a folder, by path. None where there is no folder.
fn present(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    match fs::metadata(folder) {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => bail!("{} is no folder, name another one with --out", folder.display()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        Err(error) => return Err(error).with_context(|| format!("reading {}", folder.display())),
    }
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let entries = fs::read_dir(&next).with_context(|| format!("reading {}", next.display()))?;
        for entry in entries {
            let entry = entry.with_context(|| format!("reading {}", next.display()))?;
            let path = entry.path();
            if next == folder && OF_CARGO.iter().any(|name| entry.file_name() == *name) {
                continue;
            }
            let kind = entry
                .file_type()
                .with_context(|| format!("reading {}", path.display()))?;
            if kind.is_dir() {
                folders.push(path);
                continue;
            }
            let text = if kind.is_file() { own_text(&path)? } else { None };
            let text = text.with_context(|| foreign(&path))?;
            let below = path.strip_prefix(folder).unwrap_or(&path);
            found.insert(below.display().to_string().replace('\\', "/"), text);
        }
    }
    Ok(found)
}

fn foreign(path: &Path) -> String {
    format!(
        "{} was not written by enkash-codegen, and would be lost: move it away, or name another folder with --out",
        path.display()
    )
}

/// The text of a file, where it begins with the marker.
fn own_text(path: &Path) -> Result<Option<String>> {
    let context = || format!("reading {}", path.display());
    let mut file = File::open(path).with_context(context)?;
    let mut bytes = Vec::new();
    (&mut file)
        .take(MARKED_BYTES)
        .read_to_end(&mut bytes)
        .with_context(context)?;
    let start = String::from_utf8_lossy(&bytes);
    let first = start.lines().next().unwrap_or_default();
    if !["// ", "# ", "<!-- "]
        .iter()
        .any(|sign| first.strip_prefix(sign).is_some_and(|line| line.starts_with(MARKER)))
    {
        return Ok(None);
    }
    file.take(MAX_BYTES).read_to_end(&mut bytes).with_context(context)?;
    Ok(String::from_utf8(bytes).ok())
}
