//! The bounds of everything that is read or written. A recording can come from anywhere, so each is checked before memory
//! is asked for by it.

/// Bytes of a recording's file, read or written.
pub const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;
/// Calls in a recording.
pub const MAX_ENTRIES: usize = 50_000;
/// Bytes of one body, after Base64. A larger one is kept as its size.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;
/// Headers of one message, and values of one query.
pub const MAX_HEADERS: usize = 200;
/// Bytes of a path, a header's value or a query value.
pub const MAX_TEXT_BYTES: usize = 64 * 1024;
/// How deep JSON may nest.
pub const MAX_DEPTH: usize = 100;
