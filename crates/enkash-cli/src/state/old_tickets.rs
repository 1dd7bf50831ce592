//! The file in which earlier versions kept the tickets of calls without a known outcome, one JSON object a line. The ledger
//! takes them in once, and what it has is taken out of the file.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use enkash::Ticket;

/// In the state folder.
const NAME: &str = "tickets.jsonl";
/// No earlier version wrote more.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// The file.
#[derive(Clone, Debug)]
pub(crate) struct OldTickets {
    path: PathBuf,
}

impl OldTickets {
    /// In this folder, whether it is there or not.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self {
            path: folder.join(NAME),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Those of its lines that are tickets of ours.
    pub(crate) fn tickets(&self) -> io::Result<Vec<Ticket>> {
        Ok(self.read()?.lines().filter_map(parse).collect())
    }

    /// Takes out the tickets that the ledger has. Lines that are none of ours stay; an empty file goes.
    pub(crate) fn remove(&self, taken: &[Ticket]) -> io::Result<()> {
        let text = self.read()?;
        let is_taken = |line: &&str| parse(line).is_some_and(|ticket| taken.contains(&ticket));
        let left: Vec<_> = text.lines().filter(|line| !is_taken(line)).collect();
        if left.is_empty() {
            return fs::remove_file(&self.path);
        }
        fs::write(&self.path, left.join("\n") + "\n")
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
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(text)
    }
}

fn parse(line: &str) -> Option<Ticket> {
    serde_json::from_str(line).ok()
}
