//! Files that the user names: allocations, tickets, request bodies, seeds, faults, profiles and secrets. Each is opened here, so
//! that a pipe nobody writes to cannot hang the command, and read up to a limit, so that no file takes all memory.

use std::{
    fs::{self, File, Metadata},
    io::{self, Read},
    path::Path,
};

use serde_json::Value;

use crate::exit::CliError;

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;
const GIB: u64 = 1024 * MIB;

/// The largest file of each kind, in bytes.
pub(crate) const MAX_ALLOCATIONS: u64 = 64 * MIB;
/// Of allocations that a ledger keeps: they are not in memory at once.
pub(crate) const MAX_RUN: u64 = 4 * GIB;
pub(crate) const MAX_PIPE: u64 = 256 * MIB;
pub(crate) const MAX_TICKETS: u64 = 64 * MIB;
pub(crate) const MAX_TICKET: u64 = 16 * KIB;
pub(crate) const MAX_BODY: u64 = MIB;
pub(crate) const MAX_SEED: u64 = 8 * MIB;
pub(crate) const MAX_FAULTS: u64 = MIB;
pub(crate) const MAX_PROFILES: u64 = 256 * KIB;
pub(crate) const MAX_OVERLAY: u64 = MIB;
pub(crate) const MAX_SECRET: u64 = 64 * KIB;

/// Opens a file for reading. It is a regular one, or one that cannot hang: what the shell hands over as a pipe
/// (`<(…)` and `/dev/stdin`) has its writer already, and `/dev/null` is empty.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    // Before it is opened: a named pipe that nobody writes to would wait for a writer.
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() && !is_handed_over(path) {
        return Err(not_regular(&metadata));
    }
    File::open(path)
}

/// Opens a regular file.
pub(crate) fn open_regular(path: &Path) -> io::Result<File> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(not_regular(&metadata));
    }
    File::open(path)
}

/// The whole text of a file.
pub(crate) fn read_text(path: &Path, max_bytes: u64) -> io::Result<String> {
    read_text_from(open(path)?, max_bytes)
}

/// The whole text of what is open already, such as standard input.
pub(crate) fn read_text_from(source: impl Read, max_bytes: u64) -> io::Result<String> {
    let mut text = String::new();
    let length = source.take(max_bytes + 1).read_to_string(&mut text)?;
    check_length(length as u64, max_bytes)?;
    Ok(text)
}

/// The JSON of a request's body. What is wrong is named by its place; nothing of the content is repeated.
pub(crate) fn read_json(path: &Path) -> Result<Value, CliError> {
    let shown = path.display();
    let text = read_text(path, MAX_BODY)
        .map_err(|error| CliError::bad_input(format!("{shown} cannot be read: {error}. Nothing was sent.")))?;
    serde_json::from_str(&text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        CliError::bad_input(format!("{shown}:{line}:{column}: it is not JSON. Nothing was sent."))
    })
}

/// Whether what was read of a file so far is within its limit.
pub(crate) fn check_length(length: u64, max_bytes: u64) -> io::Result<()> {
    if length <= max_bytes {
        return Ok(());
    }
    let limit = match max_bytes {
        bytes if bytes >= GIB => format!("{} GiB", bytes / GIB),
        bytes if bytes >= MIB => format!("{} MiB", bytes / MIB),
        bytes => format!("{} KiB", bytes / KIB),
    };
    let text =
        format!("it is larger than {limit}, the most that is read of such a file; name another one, or split it");
    Err(io::Error::new(io::ErrorKind::FileTooLarge, text))
}

fn is_handed_over(path: &Path) -> bool {
    ["/dev/fd", "/dev/stdin", "/dev/null", "/proc/self/fd"]
        .iter()
        .any(|known| path.starts_with(known))
}

fn not_regular(metadata: &Metadata) -> io::Error {
    let what = match file_kind(metadata) {
        Some("a named pipe") => {
            "it is a named pipe, not a file: write to a file first, or let the shell hand the pipe over as /dev/stdin"
                .to_owned()
        }
        Some(kind) => format!("it is {kind}, not a file"),
        None => "it is not a file".to_owned(),
    };
    io::Error::new(io::ErrorKind::InvalidInput, what)
}

fn file_kind(metadata: &Metadata) -> Option<&'static str> {
    if metadata.is_dir() {
        return Some("a folder");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let kind = metadata.file_type();
        if kind.is_fifo() {
            return Some("a named pipe");
        }
        if kind.is_char_device() || kind.is_block_device() {
            return Some("a device");
        }
        if kind.is_socket() {
            return Some("a socket");
        }
    }
    None
}

/// The first items of a list that may be long, and how many there were beside them.
#[derive(Debug)]
pub(crate) struct CappedList<T> {
    pub(crate) items: Vec<T>,
    more: usize,
}

/// How many mistakes of one file are shown.
pub(crate) const MAX_ITEMS: usize = 100;

impl<T> CappedList<T> {
    pub(crate) fn new() -> Self {
        Self {
            items: Vec::new(),
            more: 0,
        }
    }

    /// Keeps the item, or counts it.
    pub(crate) fn push(&mut self, item: T) {
        if self.items.len() < MAX_ITEMS {
            self.items.push(item);
        } else {
            self.more += 1;
        }
    }

    /// With others, in the order of this key.
    pub(crate) fn merge<K: Ord>(mut self, others: impl IntoIterator<Item = T>, key: impl Fn(&T) -> K) -> Self {
        self.items.extend(others);
        self.items.sort_by_key(key);
        self.more += self.items.len().saturating_sub(MAX_ITEMS);
        self.items.truncate(MAX_ITEMS);
        self
    }

    /// All there were, kept or not.
    pub(crate) fn count(&self) -> usize {
        self.items.len() + self.more
    }

    /// A line for those that are not kept.
    pub(crate) fn more(&self) -> Option<String> {
        (self.more > 0).then(|| format!("and {} more", self.more))
    }
}

impl<T> Extend<T> for CappedList<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        items.into_iter().for_each(|item| self.push(item));
    }
}

impl<T> FromIterator<T> for CappedList<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut list = Self::new();
        list.extend(items);
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_just_the_limit_is_read_and_one_byte_more_is_refused_with_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("body.json");
        for (length, is_read) in [(MAX_TICKET, true), (MAX_TICKET + 1, false)] {
            fs::write(&path, vec![b' '; usize::try_from(length).unwrap()]).unwrap();
            let text = read_text(&path, MAX_TICKET);
            assert_eq!(text.is_ok(), is_read);
            assert_eq!(check_length(length, MAX_TICKET).is_ok(), is_read);
            if let Err(error) = text {
                assert!(error.to_string().starts_with("it is larger than 16 KiB, "), "{error}");
            }
        }
    }

    #[test]
    fn what_is_no_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = read_text(folder.path(), MAX_BODY).unwrap_err();
        assert_eq!(error.to_string(), "it is a folder, not a file");
        #[cfg(unix)]
        {
            let error = read_text(Path::new("/dev/zero"), MAX_BODY).unwrap_err();
            assert_eq!(error.to_string(), "it is a device, not a file");
            assert_eq!(read_text(Path::new("/dev/null"), MAX_BODY).unwrap(), "");
            let socket = folder.path().join("socket");
            let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
            assert_eq!(
                read_text(&socket, MAX_BODY).unwrap_err().to_string(),
                "it is a socket, not a file"
            );
        }
    }

    #[test]
    fn a_long_list_is_shortened_and_counted() {
        let list: CappedList<_> = (1..=102).collect();
        assert_eq!((list.items.last(), list.count()), (Some(&100), 102));
        assert_eq!(list.more().as_deref(), Some("and 2 more"));
        assert_eq!((1..=100).collect::<CappedList<_>>().more(), None);
    }
}
