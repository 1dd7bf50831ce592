//! The file that `--tickets` names: each ticket stands there before its call is sent. The ledger remembers the calls in any
//! case; the file is for whoever settles them elsewhere. It holds phone numbers, so it belongs to its owner alone.
//! `enkash settle --file` reads it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use enkash::Ticket;
use enkash_api::escape_controls;

use crate::{command_line::option, doubt, exit::CliError};

/// A new file for tickets, or none.
pub(crate) struct TicketExport(Option<(PathBuf, File)>);

impl TicketExport {
    /// Refuses a file that is there: it may be all that is known of an earlier run.
    pub(crate) fn refuse_existing(path: Option<&Path>) -> Result<(), CliError> {
        match path {
            Some(path) if path.symlink_metadata().is_ok() => Err(already_exists(path)),
            _ => Ok(()),
        }
    }

    pub(crate) fn create(path: Option<&Path>) -> Result<Self, CliError> {
        let Some(path) = path else { return Ok(Self(None)) };
        let file = create(path).map_err(|error| unwritable(path, &error))?;
        Ok(Self(Some((path.to_owned(), file))))
    }

    /// Writes the tickets to the disk, all or none.
    pub(crate) fn write(&mut self, tickets: &[Ticket]) -> Result<(), CliError> {
        let Some((path, file)) = &mut self.0 else { return Ok(()) };
        let lines: Vec<_> = tickets.iter().map(line).collect::<Result<_, _>>()?;
        append(file, lines.concat().as_bytes()).map_err(|error| unwritable(path, &error))
    }
}

/// A file without tickets goes: nothing was sent, and the next run may have the name.
impl Drop for TicketExport {
    fn drop(&mut self) {
        if let Some((path, file)) = &self.0
            && file.metadata().is_ok_and(|found| found.len() == 0)
        {
            let _ = fs::remove_file(path);
        }
    }
}

/// A ticket as it stands in a file. Without it nothing may be sent.
fn line(ticket: &Ticket) -> Result<String, CliError> {
    match serde_json::to_string(ticket) {
        Ok(text) => Ok(format!("{}\n", escape_controls(&text))),
        Err(error) => Err(CliError::not_sent(format!(
            "the ticket cannot be written, so nothing was sent: {error}"
        ))),
    }
}

/// Writes a line to the disk, or leaves the file as it was.
fn append(file: &mut File, line: &[u8]) -> io::Result<()> {
    let length = file.metadata()?.len();
    file.write_all(line).and_then(|()| file.sync_data()).inspect_err(|_| {
        // Half a line would be taken for a broken ticket.
        let _ = file.set_len(length);
    })
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Syncs the folder, so that the new file survives a power failure, where the platform can.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder_of(path))?.sync_all()?;
    }
    Ok(())
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    sync_folder(path)?;
    Ok(file)
}

fn already_exists(path: &Path) -> CliError {
    let shown = path.display().to_string();
    CliError::bad_input(format!(
        "{shown} is there already, and may hold the tickets of an earlier run: nothing was sent. Settle it with `{} {}`, or name \
         another file.",
        doubt::settle(),
        option("--file", &shown)
    ))
}

fn unwritable(path: &Path, error: &io::Error) -> CliError {
    if error.kind() == io::ErrorKind::AlreadyExists {
        return already_exists(path);
    }
    CliError::not_sent(format!(
        "{} cannot be written, and no call is sent without its ticket: {error}",
        path.display()
    ))
}
