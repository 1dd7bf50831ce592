//! Whether the quotes of a record are whole: behind one that closes a value comes a comma, or the end of the line or of the file, and
//! at the end of the file none is open. Anything else is a file that was cut, or a value that was meant otherwise.

/// What is wrong with the quotes of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QuoteMistake {
    /// Something stands behind the end of this value; values are counted from 1.
    AfterEnd(usize),
    /// The file ends within this value.
    LeftOpen(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Start,
    Plain,
    Quoted,
    /// Behind a quote within quotes: one more makes it part of the value.
    AfterQuote,
}

/// Follows the bytes as csv-core does.
pub(super) struct Quotes {
    state: State,
    /// The number of the value.
    value: usize,
    mistake: Option<QuoteMistake>,
}

impl Quotes {
    pub(super) fn new() -> Self {
        Self {
            state: State::Start,
            value: 1,
            mistake: None,
        }
    }

    pub(super) fn begin_record(&mut self) {
        *self = Self::new();
    }

    pub(super) fn pass(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.state = match (self.state, byte) {
                (State::Start, b'"') | (State::AfterQuote, b'"') => State::Quoted,
                (State::Quoted, b'"') => State::AfterQuote,
                (State::Quoted, _) => State::Quoted,
                (_, b',') => {
                    self.value += 1;
                    State::Start
                }
                (_, b'\r' | b'\n') => State::Start,
                (State::AfterQuote, _) => {
                    self.mistake.get_or_insert(QuoteMistake::AfterEnd(self.value));
                    State::Plain
                }
                (State::Start | State::Plain, _) => State::Plain,
            };
        }
    }

    /// What is wrong with the record that was passed, which may end with the file.
    pub(super) fn mistake(&self, is_at_end: bool) -> Option<QuoteMistake> {
        let open = (is_at_end && self.state == State::Quoted).then_some(QuoteMistake::LeftOpen(self.value));
        self.mistake.or(open)
    }
}
