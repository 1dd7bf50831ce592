//! The whole state at one moment, and its form in a file: a line that says what it is, and a line of JSON. Tests save one and
//! go back to it; the control routes and the state file keep the same bytes.

use std::fmt;
use std::io;
use std::path::PathBuf;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::digest::{hex, sha256};
use crate::faults::{FaultPlan, FaultRule};
use crate::store::Store;
use crate::stored_number;
use crate::switches::Switches;

/// Of the form in a file. Another form of what the state holds is another version.
const VERSION: u32 = 1;

/// The largest snapshot that is written or read, in bytes.
pub(crate) const MAX_BYTES: usize = 256 << 20;

/// The first line is short.
pub(super) const MAX_HEADER: usize = 1_024;

/// Everything that decides what a sandbox answers: companies, cards, money, orders, carts and coins, the source of ids, logins
/// with their tokens and failures, the clock, the switches, and the faults with their counters. Not the log of calls.
///
/// It holds the secrets of the seed and the tokens in force. They are synthetic, and still a file of it is private.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use enkash_sandbox::{Sandbox, Snapshot, Switches, switches::DuplicateReference};
///
/// let sandbox = Sandbox::start().await?;
/// let before = sandbox.snapshot();
/// sandbox.set_switches(Switches::new().duplicate_reference(DuplicateReference::Refuse));
/// sandbox.restore(&before)?;
/// assert_eq!(sandbox.switches(), Switches::new());
///
/// // The same in bytes, for another process with the same seed.
/// let again = Snapshot::from_bytes(&before.to_bytes()?)?;
/// sandbox.restore(&again)?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Snapshot {
    pub(super) origin: String,
    pub(super) contents: Contents,
}

/// What a snapshot holds.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Contents {
    pub(super) store: Store,
    pub(super) controls: Controls,
    /// What the sandbox was started with: a state file that is started with something else has to know.
    #[serde(with = "by_name")]
    pub(super) start_switches: Switches,
    pub(super) start_faults: Vec<FaultRule>,
}

/// What is steered beside the store.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Controls {
    /// How far the clock is from its source.
    pub(super) clock_shift: SignedDuration,
    #[serde(with = "by_name")]
    pub(super) switches: Switches,
    pub(super) faults: FaultPlan,
    #[serde(deserialize_with = "stored_number::count")]
    pub(super) responses: u64,
}

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    enkash_sandbox_state: u32,
    /// Of the seed and of the numbers that everything else follows from.
    origin: String,
    /// Length and digest of the second line, without its end.
    bytes: usize,
    sha256: String,
}

/// What every version has.
#[derive(Deserialize)]
struct AnyHeader {
    enkash_sandbox_state: u32,
}

/// What a version has that is written as this one: a line after the first, of so many bytes.
#[derive(Deserialize)]
struct FramedHeader {
    enkash_sandbox_state: u32,
    bytes: u64,
}

/// A snapshot cannot be used. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// The bytes are something else.
    #[error("this is no snapshot of a sandbox: its first line does not say so")]
    NotASnapshot,
    /// Another build wrote it.
    #[error(
        "it has version {found} of the snapshot's form, and this build reads version {VERSION}: load it with the build that wrote \
         it, or save it anew"
    )]
    OtherVersion {
        /// Its version.
        found: u32,
    },
    /// It is of a sandbox with another seed, another `rng_seed`, or other bounds of what is kept.
    #[error(
        "it is of a sandbox with another seed: start the sandbox with the seed that it was saved with, or save it anew"
    )]
    OtherSeed,
    /// There are fewer bytes than its first line says, or more.
    #[error("line 2 has {found} bytes where line 1 says {expected}: it was cut or added to; take a whole copy")]
    WrongLength {
        /// What the first line says.
        expected: usize,
        /// What is there.
        found: usize,
    },
    /// The bytes are not those that were written.
    #[error("line 2 is not what was written: its digest differs; take a good copy")]
    Damaged,
    /// The JSON does not hold what a snapshot holds. The place is a column of line 2.
    #[error("line 2, column {column}, does not hold what this build reads there: load it with the build that wrote it")]
    Unreadable {
        /// Where.
        column: usize,
    },
    /// The parts do not fit together.
    #[error("its parts do not fit together: {0}; take a good copy")]
    Inconsistent(String),
    /// It is larger than any sandbox's that is bounded as it should be.
    #[error("it has more than {} MiB, the most that is written or read", MAX_BYTES >> 20)]
    TooLarge,
    /// It cannot be written as JSON, which is a bug of this crate.
    #[error("it cannot be written: {0}")]
    Unwritable(String),
    /// What stands in the file is not replaced: it is something else, or has more in it than a snapshot.
    #[error("{}: {reason}; name another file", path.display())]
    NotReplaced {
        /// The file.
        path: PathBuf,
        /// What it is.
        reason: &'static str,
    },
    /// A sandbox keeps its state in the file, or another snapshot is being written over such a one.
    #[error("{}: it is in use, by a sandbox that keeps its state there or by whoever writes a snapshot; name another file", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
}

impl Snapshot {
    /// The snapshot in the form of a file.
    ///
    /// # Errors
    ///
    /// When it is larger than 256 MiB.
    pub fn to_bytes(&self) -> Result<Vec<u8>, SnapshotError> {
        let body = serde_json::to_vec(&self.contents).map_err(|error| SnapshotError::Unwritable(error.to_string()))?;
        if body.len() > MAX_BYTES {
            return Err(SnapshotError::TooLarge);
        }
        let header = Header {
            enkash_sandbox_state: VERSION,
            origin: self.origin.clone(),
            bytes: body.len(),
            sha256: hex(&sha256(&[&body])),
        };
        let mut bytes = serde_json::to_vec(&header).map_err(|error| SnapshotError::Unwritable(error.to_string()))?;
        bytes.reserve(body.len() + 2);
        bytes.push(b'\n');
        bytes.extend_from_slice(&body);
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    ///
    /// When they are not those of a whole snapshot of this version, with what is wrong and what helps. Whether it is of a
    /// sandbox's seed, [`Sandbox::restore`](crate::Sandbox::restore) says.
    pub fn from_bytes(bytes: &[u8]) -> Result<Snapshot, SnapshotError> {
        let (snapshot, rest) = Snapshot::split_from(bytes)?;
        if rest.is_empty() {
            return Ok(snapshot);
        }
        let expected = bytes.len() - rest.len();
        Err(SnapshotError::WrongLength {
            expected,
            found: bytes.len(),
        })
    }

    /// Reads a snapshot at the start of these bytes, and gives what comes after it.
    pub(super) fn split_from(bytes: &[u8]) -> Result<(Snapshot, &[u8]), SnapshotError> {
        let (any, line, rest) = first_line(bytes)?;
        if any.enkash_sandbox_state != VERSION {
            return Err(SnapshotError::OtherVersion {
                found: any.enkash_sandbox_state,
            });
        }
        let header: Header = serde_json::from_slice(line).map_err(|_| SnapshotError::NotASnapshot)?;
        if header.bytes > MAX_BYTES {
            return Err(SnapshotError::TooLarge);
        }
        let cut = SnapshotError::WrongLength {
            expected: header.bytes,
            found: rest.len(),
        };
        let Some((body, rest)) = rest.split_at_checked(header.bytes) else {
            return Err(cut);
        };
        let Some(rest) = rest.strip_prefix(b"\n") else {
            return Err(cut);
        };
        if hex(&sha256(&[body])) != header.sha256 {
            return Err(SnapshotError::Damaged);
        }
        // The message of serde may repeat a value, which may be a secret.
        let contents: Contents =
            serde_json::from_slice(body).map_err(|error| SnapshotError::Unreadable { column: error.column() })?;
        super::check::check(&contents.store).map_err(SnapshotError::Inconsistent)?;
        let origin = header.origin;
        Ok((Snapshot { origin, contents }, rest))
    }

    /// How many rules of faults it brings.
    pub(crate) fn fault_rules(&self) -> usize {
        self.contents.controls.faults.rules().count()
    }
}

/// What the first line says, the line, and what comes after it.
fn first_line(bytes: &[u8]) -> Result<(AnyHeader, &[u8], &[u8]), SnapshotError> {
    let start = bytes.get(..MAX_HEADER).unwrap_or(bytes);
    let end = start.iter().position(|byte| *byte == b'\n');
    let (line, rest) = end
        .and_then(|end| bytes.split_at_checked(end))
        .ok_or(SnapshotError::NotASnapshot)?;
    let any = serde_json::from_slice(line).map_err(|_| SnapshotError::NotASnapshot)?;
    Ok((any, line, rest.strip_prefix(b"\n").unwrap_or(rest)))
}

/// Whether a file that begins with these bytes says that it is a snapshot, of whatever version.
pub(super) fn check_first_line(start: &[u8]) -> Result<(), SnapshotError> {
    first_line(start).map(drop)
}

/// The length of a file that has a snapshot and nothing else, by its first line. `None` where the line does not prove a snapshot:
/// one of this version has all its fields, one of another version the length at least.
pub(super) fn length_of_whole(start: &[u8]) -> Option<u64> {
    let (_, line, _) = first_line(start).ok()?;
    let framed: FramedHeader = serde_json::from_slice(line).ok()?;
    if framed.enkash_sandbox_state == VERSION {
        serde_json::from_slice::<Header>(line).ok()?;
    }
    framed.bytes.checked_add(u64::try_from(line.len()).ok()? + 2)
}

/// It shows no secret and no person.
impl fmt::Debug for Snapshot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Snapshot")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

/// Switches by their names. One that is missing has its default.
mod by_name {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer, de};

    use crate::switches::Switches;

    pub(super) fn serialize<S: Serializer>(switches: &Switches, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(switches.settings())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Switches, D::Error> {
        let mut switches = Switches::new();
        for (name, value) in BTreeMap::<String, String>::deserialize(deserializer)? {
            switches.set(&name, &value).map_err(de::Error::custom)?;
        }
        Ok(switches)
    }
}
