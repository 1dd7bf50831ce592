//! Where the tickets of live calls go before the calls are sent: into a file that `--tickets` names and that must not be there
//! yet, or else to standard error and, until the outcome is shown, into the state folder. They hold phone numbers, so the
//! files belong to their owner alone. `enkash settle --file` reads them.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use enkash::Ticket;

use super::call_report::OutcomeKind;
use crate::{
    exit::CliError,
    output::Output,
    session::Connection,
    state::{self, UnsettledTickets},
};

/// Receives every ticket before its call is sent.
pub(crate) enum TicketSink {
    /// The sandbox ends with the command: nothing could be looked up.
    Nowhere,
    Shown {
        /// `None` where the platform has no permissions that keep a file to its owner.
        kept: Option<UnsettledTickets>,
        /// Those in it whose outcome is shown. They go with the next write.
        known: Vec<Ticket>,
        /// Stands before each that is shown.
        introduction: &'static str,
    },
    File {
        path: PathBuf,
        file: File,
    },
}

impl TicketSink {
    /// Refuses a file that is there: it may be all that is known of an earlier run.
    pub(crate) fn refuse_existing(path: Option<&Path>) -> Result<(), CliError> {
        match path {
            Some(path) if path.symlink_metadata().is_ok() => Err(already_exists(path)),
            _ => Ok(()),
        }
    }

    /// For a single call, whose ticket is shown.
    pub(crate) fn for_call(connection: &Connection) -> Self {
        Self::shown(connection, "ticket, to look the call up with: ")
    }

    fn shown(connection: &Connection, introduction: &'static str) -> Self {
        match connection.live_host {
            None => Self::Nowhere,
            Some(_) => Self::Shown {
                kept: connection.state.as_ref().map(|state| state.unsettled_tickets()),
                known: Vec::new(),
                introduction,
            },
        }
    }

    /// For tickets that come one by one, each written to the disk before its call.
    pub(crate) fn open(connection: &Connection, path: Option<&Path>) -> Result<Self, CliError> {
        let Some(path) = path else {
            return Ok(Self::shown(connection, ""));
        };
        let file = create(path).map_err(|error| unwritable(path, &error))?;
        Ok(Self::File {
            path: path.to_owned(),
            file,
        })
    }

    /// For tickets that are known together: the file has all of them or is not there.
    pub(crate) fn open_with(
        connection: &Connection,
        path: Option<&Path>,
        tickets: &[Ticket],
        output: &mut Output,
    ) -> Result<Self, CliError> {
        let Some(path) = path else {
            let mut shown = Self::shown(connection, "");
            if let Err(failure) = shown.write(tickets, output) {
                shown.close(output);
                return Err(failure);
            }
            return Ok(shown);
        };
        let lines: Vec<_> = tickets.iter().map(line).collect::<Result<_, _>>()?;
        let file = write_whole(path, &lines.concat()).map_err(|error| unwritable(path, &error))?;
        Ok(Self::File {
            path: path.to_owned(),
            file,
        })
    }

    pub(crate) fn write(&mut self, tickets: &[Ticket], output: &mut Output) -> Result<(), CliError> {
        match self {
            Self::Nowhere => Ok(()),
            Self::Shown {
                kept,
                known,
                introduction,
            } => {
                if let Some(kept) = kept {
                    kept.replace(known, tickets).map_err(|error| not_kept(kept, &error))?;
                    known.clear();
                }
                let shown = tickets.iter().try_for_each(|ticket| {
                    let text = line(ticket)?;
                    output.ticket(&format!("{introduction}{}", text.trim_end()))
                });
                shown.inspect_err(|_| known.extend_from_slice(tickets))
            }
            Self::File { path, file } => {
                let lines: Vec<_> = tickets.iter().map(line).collect::<Result<_, _>>()?;
                append(file, lines.concat().as_bytes()).map_err(|error| unwritable(path, &error))
            }
        }
    }

    /// Once the outcome of a call is known and shown, nobody needs its ticket in the state folder.
    pub(crate) fn note_outcome(&mut self, ticket: &Ticket, outcome_kind: OutcomeKind, output: &Output) {
        if let Self::Shown { known, .. } = self
            && outcome_kind.is_final()
            && output.is_all_shown()
        {
            known.push(ticket.clone());
        }
    }

    /// Removes what is no longer needed: known tickets from the state folder, and a file without tickets.
    pub(crate) fn close(self, output: &mut Output) {
        match self {
            Self::Nowhere => {}
            Self::Shown { kept: None, .. } => {}
            Self::Shown {
                kept: Some(kept),
                known,
                ..
            } => forget(&kept, &known, output),
            Self::File { path, file } => {
                // Nothing was sent, and the next run may have the name.
                if file.metadata().is_ok_and(|found| found.len() == 0) {
                    let _ = fs::remove_file(path);
                }
            }
        }
    }

    /// How the tickets of a run are looked up.
    pub(crate) fn how_to_settle(&self) -> String {
        let path = match self {
            Self::File { path, .. } => path,
            Self::Shown { kept: Some(kept), .. } => kept.path(),
            Self::Shown { kept: None, .. } | Self::Nowhere => {
                return "enkash settle, with the tickets that were shown before the calls".to_owned();
            }
        };
        format!("enkash settle --file {}", path.display())
    }
}

/// Takes the tickets of calls whose outcome is shown out of the state folder.
pub(crate) fn forget(kept: &UnsettledTickets, known: &[Ticket], output: &mut Output) {
    if let Err(error) = kept.remove(known) {
        output.warn(&format!(
            "warning: {} still holds tickets of calls whose outcome is known: {error}",
            kept.path().display()
        ));
    }
}

/// A ticket as it stands in a file. Without it nothing may be sent.
fn line(ticket: &Ticket) -> Result<String, CliError> {
    match state::as_json(ticket) {
        Ok(text) => Ok(text + "\n"),
        Err(error) => Err(CliError::not_sent(format!(
            "the ticket cannot be written, so nothing was sent: {error}"
        ))),
    }
}

fn not_kept(kept: &UnsettledTickets, error: &io::Error) -> CliError {
    CliError::not_sent(format!(
        "the ticket cannot be kept in {}, and no call is sent without it: {error}",
        kept.path().display()
    ))
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

/// Writes a temporary file and renames it to the path, unless a file is there.
fn write_whole(path: &Path, text: &str) -> io::Result<File> {
    let mut file = tempfile::NamedTempFile::new_in(folder_of(path))?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    let file = file.persist_noclobber(path).map_err(|error| error.error)?;
    sync_folder(path)?;
    Ok(file)
}

fn already_exists(path: &Path) -> CliError {
    CliError::bad_input(format!(
        "{0} is there already, and may hold the tickets of an earlier run: nothing was sent. Settle it with `enkash settle \
         --file {0}`, or name another file.",
        path.display()
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
