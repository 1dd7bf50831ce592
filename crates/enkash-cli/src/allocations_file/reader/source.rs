//! The bytes of a file on their way to the records: in one piece after the other, held to a limit and hashed as they pass,
//! because a pipe can be read only once.

use std::{
    fmt::Write,
    io::{self, Read},
};

use sha2::{Digest, Sha256};

use crate::input_file::check_length;

/// How many bytes are read at once.
pub(crate) const PIECE: usize = 64 * 1024;

/// A file that is read once, from its start to its end.
pub(crate) struct Source<S> {
    bytes: S,
    max_bytes: u64,
    length: u64,
    hash: Sha256,
    piece: Vec<u8>,
    piece_length: usize,
    /// How much of the piece is consumed.
    consumed: usize,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// The end was seen. A terminal would be asked for more otherwise.
    Ended,
    /// What follows a failure would not follow what came before it.
    Failed,
}

impl<S: Read> Source<S> {
    /// `piece` is what is in memory of it.
    pub(crate) fn new(bytes: S, max_bytes: u64, piece: usize) -> Self {
        Self {
            bytes,
            max_bytes,
            length: 0,
            hash: Sha256::new(),
            piece: Vec::with_capacity(piece),
            piece_length: piece,
            consumed: 0,
            state: State::Open,
        }
    }

    /// What is not consumed of the piece, or the next one; empty at the end.
    pub(super) fn fill(&mut self) -> io::Result<&[u8]> {
        if self.consumed == self.piece.len() {
            self.piece.clear();
            self.consumed = 0;
            match self.state {
                State::Open => self.read_piece().inspect_err(|_| self.state = State::Failed)?,
                State::Ended => {}
                State::Failed => return Err(io::Error::other("it could not be read to its end")),
            }
        }
        Ok(&self.piece[self.consumed..])
    }

    /// A whole piece unless the end comes first, however little a pipe gives at once.
    fn read_piece(&mut self) -> io::Result<()> {
        let read = (&mut self.bytes)
            .take(self.piece_length as u64)
            .read_to_end(&mut self.piece);
        self.length += self.piece.len() as u64;
        if let Err(error) = read.and_then(|_| check_length(self.length, self.max_bytes)) {
            self.piece.clear();
            return Err(error);
        }
        if self.piece.len() < self.piece_length {
            self.state = State::Ended;
        }
        self.hash.update(&self.piece);
        Ok(())
    }

    pub(super) fn consume(&mut self, length: usize) {
        self.consumed += length;
    }

    /// Reads to the end and gives the SHA-256 of all bytes, as hex.
    pub(crate) fn finish(mut self) -> io::Result<String> {
        loop {
            match self.fill()?.len() {
                0 => break,
                length => self.consume(length),
            }
        }
        let mut hex = String::with_capacity(64);
        for byte in self.hash.finalize() {
            // A text takes everything.
            let _ = write!(hex, "{byte:02x}");
        }
        Ok(hex)
    }
}
