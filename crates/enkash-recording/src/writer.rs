//! Appends redacted exchanges to a HAR. The file is whole JSON after each entry: the entry is written over the end of the file,
//! with the end behind it, in one call. Where a kill leaves half of that, the whole entries are still known by their lines.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::error::RecordingError;
use crate::limits::{MAX_ENTRIES, MAX_FILE_BYTES};
use crate::recording::har::{PREFIX, entry_counts, to_entry, whole_lines};
use crate::redactor::RedactedExchange;

/// Bytes that the end of a file may take.
const MAX_END_BYTES: u64 = 8 * 1024;

/// Writes a recording.
#[derive(Debug)]
pub struct RecordingWriter {
    path: PathBuf,
    file: File,
    /// Where the last entry ends.
    end: u64,
    entries: usize,
    counts: BTreeMap<String, u64>,
}

impl RecordingWriter {
    /// Opens a recording to append to it, or makes a new one that only its owner can read. One process writes to a file.
    ///
    /// # Errors
    ///
    /// The file is there and this crate did not write it, others can read it, somebody else writes to it, or the system refuses.
    pub fn open(path: impl AsRef<Path>) -> Result<RecordingWriter, RecordingError> {
        let path = path.as_ref();
        match open_new(path) {
            Ok(file) => RecordingWriter::start(path, file),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                let file = open_existing(path)?;
                RecordingWriter::resume(path, file)
            }
            Err(error) => Err(RecordingError::io(path, error)),
        }
    }

    fn start(path: &Path, file: File) -> Result<RecordingWriter, RecordingError> {
        lock(path, &file)?;
        let mut writer = RecordingWriter {
            path: path.to_owned(),
            file,
            end: PREFIX.len() as u64,
            entries: 0,
            counts: BTreeMap::new(),
        };
        writer.write_at(0, PREFIX.as_bytes().to_vec())?;
        Ok(writer)
    }

    fn resume(path: &Path, mut file: File) -> Result<RecordingWriter, RecordingError> {
        lock(path, &file)?;
        let io = |error| RecordingError::io(path, error);
        let foreign = |problem: &str| RecordingError::ForeignFile {
            path: path.display().to_string(),
            problem: problem.to_owned(),
        };
        let mut bytes = Vec::new();
        (&mut file)
            .take(MAX_FILE_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(io)?;
        if bytes.is_empty() {
            return Err(foreign("is there and empty"));
        }
        // A kill can leave half a character behind the whole lines.
        let text = String::from_utf8_lossy(&bytes);
        let lines = whole_lines(&text).ok_or_else(|| foreign("was not written by `enkash record`"))?;
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for (rule, count) in lines.iter().flat_map(|line| entry_counts(line)) {
            let total = counts.entry(rule).or_default();
            *total = total.saturating_add(count);
        }
        // A comma before each but the first, and a line end behind each.
        let separators = (lines.len() * 2).saturating_sub(1) as u64;
        let length: u64 = lines.iter().map(|line| line.len() as u64).sum();
        let entries = lines.len();
        let mut writer = RecordingWriter {
            path: path.to_owned(),
            file,
            end: PREFIX.len() as u64 + length + separators,
            entries,
            counts,
        };
        // Writes the end anew, in case that it is not whole.
        writer.write_at(writer.end, Vec::new())?;
        Ok(writer)
    }

    /// The number of entries in the file.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.entries
    }

    /// How often each rule was applied to the entries of the file.
    #[must_use]
    pub fn counts(&self) -> &BTreeMap<String, u64> {
        &self.counts
    }

    /// Appends one exchange. After an error the file is as it was, or is cut off behind its whole entries.
    ///
    /// # Errors
    ///
    /// The file is full, or the system refuses.
    pub fn append(&mut self, redacted: &RedactedExchange) -> Result<(), RecordingError> {
        if self.entries >= MAX_ENTRIES {
            return Err(RecordingError::TooLarge {
                limit: MAX_ENTRIES as u64,
                what: "entries",
            });
        }
        let entry = to_entry(redacted.exchange(), &redacted.manifest().as_map()).to_string();
        let mut text = Vec::with_capacity(entry.len() + 2);
        if self.entries > 0 {
            text.push(b',');
        }
        text.extend_from_slice(entry.as_bytes());
        text.push(b'\n');
        if self.end + text.len() as u64 + MAX_END_BYTES > MAX_FILE_BYTES {
            return Err(RecordingError::TooLarge {
                limit: MAX_FILE_BYTES,
                what: "bytes",
            });
        }
        let length = text.len() as u64;
        let before = self.counts.clone();
        for (rule, count) in redacted.manifest().counts() {
            *self.counts.entry(rule.to_owned()).or_default() += count;
        }
        if let Err(error) = self.write_at(self.end, text) {
            self.counts = before;
            return Err(error);
        }
        self.end += length;
        self.entries += 1;
        Ok(())
    }

    /// Writes this text and the end of the file behind it, in one call.
    fn write_at(&mut self, at: u64, mut text: Vec<u8>) -> Result<(), RecordingError> {
        let manifest = json!({
            "comment": "How often each rule was applied. Rules that begin with `kept` left a value as it was.",
            "rules": self.counts,
        });
        text.extend_from_slice(format!("],\"_redaction\":{manifest}}}}}\n").as_bytes());
        let length = at + text.len() as u64;
        let mut write = || {
            self.file.seek(SeekFrom::Start(at))?;
            self.file.write_all(&text)?;
            self.file.set_len(length)
        };
        write().map_err(|error| RecordingError::io(&self.path, error))
    }
}

fn lock(path: &Path, file: &File) -> Result<(), RecordingError> {
    file.try_lock().map_err(|error| match error {
        std::fs::TryLockError::WouldBlock => RecordingError::ForeignFile {
            path: path.display().to_string(),
            problem: "is written by another process".to_owned(),
        },
        std::fs::TryLockError::Error(error) => RecordingError::io(path, error),
    })
}

fn open_new(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(unix)]
fn open_existing(path: &Path) -> Result<File, RecordingError> {
    use std::os::unix::fs::{MetadataExt, OpenOptionsExt};

    use rustix::fs::OFlags;

    let foreign = |problem: &str| RecordingError::ForeignFile {
        path: path.display().to_string(),
        problem: problem.to_owned(),
    };
    // Neither a link is followed, nor a FIFO or a device waited for.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    let mut options = OpenOptions::new();
    options.read(true).write(true).custom_flags(flags.bits().cast_signed());
    let file = options.open(path).map_err(|error| RecordingError::io(path, error))?;
    let metadata = file.metadata().map_err(|error| RecordingError::io(path, error))?;
    if !metadata.is_file() {
        return Err(foreign("is no file"));
    }
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(foreign("belongs to another user"));
    }
    if metadata.mode() & 0o077 != 0 {
        return Err(foreign("can be read by others; run `chmod 600` on it if it is yours"));
    }
    Ok(file)
}

#[cfg(not(unix))]
fn open_existing(path: &Path) -> Result<File, RecordingError> {
    let file = OpenOptions::new().read(true).write(true).open(path);
    file.map_err(|error| RecordingError::io(path, error))
}
