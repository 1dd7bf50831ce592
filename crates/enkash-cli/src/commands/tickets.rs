//! Where the tickets of a run go before its calls are sent: to standard error, one JSON object a line, or into a file
//! that must not be there yet. They hold phone numbers, so the file belongs to its owner alone. `enkash settle --file`
//! reads it.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use enkash::Ticket;

use super::move_value::as_json;
use crate::{exit::Failure, output::Output, session::Connection};

/// Takes every ticket before its call is sent.
pub(super) enum Tickets {
    /// The sandbox ends with the command: nothing could be looked up.
    Nowhere,
    StandardError,
    File {
        path: PathBuf,
        file: File,
    },
}

impl Tickets {
    /// Refuses a file that is there: it may be all that is known of an earlier run.
    pub(super) fn check(path: Option<&Path>) -> Result<(), Failure> {
        match path {
            Some(path) if path.symlink_metadata().is_ok() => Err(there_already(path)),
            _ => Ok(()),
        }
    }

    /// For tickets that come one by one, each written to the disk before its call.
    pub(super) fn open(connection: &Connection, path: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = path else {
            return Ok(match connection.live_host {
                Some(_) => Self::StandardError,
                None => Self::Nowhere,
            });
        };
        let file = create(path).map_err(|error| unwritable(path, &error))?;
        Ok(Self::File {
            path: path.to_owned(),
            file,
        })
    }

    pub(super) fn put(&mut self, ticket: &Ticket, output: &mut Output) -> Result<(), Failure> {
        match self {
            Self::Nowhere => Ok(()),
            Self::StandardError => output.ticket(&as_json(ticket)?),
            Self::File { path, file } => {
                let line = format!("{}\n", as_json(ticket)?);
                append(file, line.as_bytes()).map_err(|error| unwritable(path, &error))
            }
        }
    }

    /// For tickets that are known together: the file has all of them or is not there.
    pub(super) fn put_all(
        connection: &Connection,
        path: Option<&Path>,
        tickets: &[Ticket],
        output: &mut Output,
    ) -> Result<(), Failure> {
        let Some(path) = path else {
            let mut tickets_to = Self::open(connection, None)?;
            return tickets.iter().try_for_each(|ticket| tickets_to.put(ticket, output));
        };
        let mut text = String::new();
        for ticket in tickets {
            text.push_str(&as_json(ticket)?);
            text.push('\n');
        }
        write_whole(path, &text).map_err(|error| unwritable(path, &error))
    }
}

/// How the tickets of a run are looked up.
pub(super) fn how_to_settle(path: Option<&Path>) -> String {
    match path {
        Some(path) => format!("enkash settle --file {}", path.display()),
        None => "enkash settle, with the tickets that were shown before the calls".to_owned(),
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

/// Lets the name of a new file outlive a loss of power, where the platform has a way.
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

/// Writes beside the path and moves it there, if nothing is there.
fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(folder_of(path))?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map_err(|error| error.error)?;
    sync_folder(path)
}

fn there_already(path: &Path) -> Failure {
    Failure::bad_input(format!(
        "{0} is there already, and may hold the tickets of an earlier run: nothing was sent. Settle it with `enkash settle \
         --file {0}`, or name another file.",
        path.display()
    ))
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::AlreadyExists {
        return there_already(path);
    }
    Failure::not_sent(format!(
        "{} cannot be written, and no call is sent without its ticket: {error}",
        path.display()
    ))
}
