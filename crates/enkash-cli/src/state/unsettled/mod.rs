//! The tickets of live calls without a known outcome, one JSON object a line. Each is on the disk before its call
//! is sent, and goes when the outcome is known and shown; so what is there after a crash is what must be looked up. It has
//! the form of a `--tickets` file: `enkash settle --file` reads it, and takes out what it finds.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use enkash::Ticket;
use enkash_api::escape_controls;

/// In the state folder.
pub(super) const NAME: &str = "tickets.jsonl";
/// About ten thousand tickets. When the file is full, nothing is sent.
const MAX_BYTES: u64 = 4 * 1024 * 1024;
/// How long to wait for another process that holds the file; each holds it for two writes.
const LOCK_TIMEOUT: Duration = Duration::from_secs(20);
const LOCK_POLL: Duration = Duration::from_millis(5);

/// The file.
#[derive(Clone, Debug)]
pub(crate) struct UnsettledTickets {
    path: PathBuf,
}

impl UnsettledTickets {
    /// In this folder, whether it is there or not.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self {
            path: folder.join(NAME),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// How many there are.
    pub(crate) fn count(&self) -> io::Result<usize> {
        Ok(self.read()?.lines().count())
    }

    /// Takes away the tickets of calls whose outcome is known.
    pub(crate) fn remove(&self, known: &[Ticket]) -> io::Result<()> {
        if known.is_empty() || !self.path.exists() {
            return Ok(());
        }
        self.replace(known, &[])
    }

    /// Takes away those that are known, and puts new ones there to stay when the power fails, in one write. Lines that are no
    /// tickets of ours stay.
    pub(crate) fn replace(&self, known: &[Ticket], new: &[Ticket]) -> io::Result<()> {
        let _lock = self.lock()?;
        let before = self.read()?;
        let is_known = |line: &&str| serde_json::from_str(line).is_ok_and(|ticket| known.contains(&ticket));
        let mut after: String = before
            .lines()
            .filter(|line| known.is_empty() || !is_known(line))
            .map(|line| format!("{line}\n"))
            .collect();
        for ticket in new {
            after.push_str(&as_json(ticket)?);
            after.push('\n');
        }
        if after == before {
            return Ok(());
        }
        if !new.is_empty() && after.len() as u64 > MAX_BYTES {
            return Err(full());
        }
        self.write(&after)
    }

    /// Keeps other processes away until the lock is dropped.
    fn lock(&self) -> io::Result<File> {
        let lock = options().create(true).truncate(false).open(self.beside(".lock"))?;
        let mut waited = Duration::ZERO;
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(lock),
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) if waited >= LOCK_TIMEOUT => {
                    return Err(io::Error::new(io::ErrorKind::TimedOut, "another process holds it"));
                }
                Err(TryLockError::WouldBlock) => {
                    std::thread::sleep(LOCK_POLL);
                    waited += LOCK_POLL;
                }
            }
        }
    }

    fn read(&self) -> io::Result<String> {
        // A pipe or a device in its place might never end.
        match self.path.symlink_metadata() {
            Ok(found) if !found.is_file() => return Err(io::Error::other("it is not a regular file")),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
            Err(error) => return Err(error),
        }
        let mut text = String::new();
        let length = File::open(&self.path)?.take(MAX_BYTES + 1).read_to_string(&mut text)?;
        if length as u64 > MAX_BYTES {
            return Err(full());
        }
        Ok(text)
    }

    /// Replaces the file atomically. An empty file is removed: a file that exists holds tickets.
    fn write(&self, text: &str) -> io::Result<()> {
        if text.is_empty() {
            fs::remove_file(&self.path)?;
            return self.sync_folder();
        }
        let new = self.beside(".new");
        match fs::remove_file(&new) {
            // A run that was killed may leave it behind.
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = options().create_new(true).open(&new)?;
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
        written.and_then(|()| fs::rename(&new, &self.path)).inspect_err(|_| {
            let _ = fs::remove_file(&new);
        })?;
        self.sync_folder()
    }

    fn sync_folder(&self) -> io::Result<()> {
        match self.path.parent() {
            Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
            _ => Ok(()),
        }
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(suffix);
        name.into()
    }
}

/// A ticket in one line, as every file of tickets holds it.
pub(crate) fn as_json(ticket: &Ticket) -> serde_json::Result<String> {
    serde_json::to_string(ticket).map(|text| escape_controls(&text).into_owned())
}

fn full() -> io::Error {
    io::Error::new(
        io::ErrorKind::FileTooLarge,
        "it holds as many tickets as it may: look them up with `enkash settle --file`, and move it away when you know \
         about the rest",
    )
}

/// For its owner alone.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests;
