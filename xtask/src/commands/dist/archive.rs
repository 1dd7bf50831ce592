//! Archives whose bytes follow from their content alone: names in order, one time, one owner, fixed modes.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::{Compression, GzBuilder};
use sha2::{Digest, Sha256};
use tar::{Builder, Header};

/// A file of an archive.
pub(super) struct Entry {
    /// With slashes, from the top.
    name: String,
    path: PathBuf,
}

impl Entry {
    /// All files below the folder, in the order of their names.
    pub(super) fn below(folder: &Path) -> Result<Vec<Self>> {
        let mut entries = Vec::new();
        collect(folder, "", &mut entries).with_context(|| format!("reading {}", folder.display()))?;
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(entries)
    }

    /// What runs is at the top, and nothing else there is without an ending or a name in capitals.
    fn mode(&self) -> u32 {
        let is_program = self.name == super::release::BINARY || self.name.ends_with(".exe");
        if is_program { 0o755 } else { 0o644 }
    }
}

fn collect(folder: &Path, prefix: &str, entries: &mut Vec<Entry>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), entries)?;
        } else {
            entries.push(Entry {
                name,
                path: entry.path(),
            });
        }
    }
    Ok(())
}

/// Writes the archive, in which everything stands below one folder.
pub(super) fn write(archive: &Path, folder: &str, entries: &[Entry], time: u64) -> Result<()> {
    let context = || format!("writing {}", archive.display());
    let file = File::create(archive).with_context(context)?;
    // Its header has neither name nor time.
    let zip = GzBuilder::new().write(file, Compression::best());
    let mut builder = Builder::new(zip);
    for entry in entries {
        let content = fs::read(&entry.path).with_context(context)?;
        let mut header = Header::new_ustar();
        header.set_size(u64::try_from(content.len())?);
        header.set_mode(entry.mode());
        header.set_mtime(time);
        header.set_uid(0);
        header.set_gid(0);
        builder
            .append_data(&mut header, format!("{folder}/{}", entry.name), content.as_slice())
            .with_context(context)?;
    }
    builder.into_inner()?.finish()?.flush().with_context(context)
}

/// Writes `SHA256SUMS`, as `sha256sum --check` reads it.
pub(super) fn write_checksums(out: &Path, files: &[PathBuf]) -> Result<PathBuf> {
    let mut text = String::new();
    for file in files {
        let content = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
        for byte in Sha256::digest(content) {
            write!(text, "{byte:02x}")?;
        }
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        writeln!(text, "  {name}")?;
    }
    let sums = out.join("SHA256SUMS");
    fs::write(&sums, text).with_context(|| format!("writing {}", sums.display()))?;
    Ok(sums)
}
