//! What there is in the model, small enough to be compared and stored a million times: the rows for one payment, two workers,
//! the requests that left, and a look-up. And what must be true of it.

use enkash_ledger::{Decision, RowState, Step};

/// How often a row is attempted, and how many requests of it can leave, in the model.
pub(crate) const ATTEMPTS: usize = 2;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct World {
    /// The second is made when the first is paid anew. Under the project's rules there is no third.
    pub(crate) rows: [Row; 3],
    pub(crate) workers: [Worker; 2],
    pub(crate) look_up: Option<LookUp>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Row {
    pub(crate) exists: bool,
    pub(crate) state: RowState,
    pub(crate) attempt: u8,
    pub(crate) decision: Option<Decision>,
    pub(crate) requests: [Request; ATTEMPTS],
}

/// A request, as nobody but the API knows it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Request {
    /// It has not left.
    No,
    /// It left. It arrives now, later or never, whoever still waits for it.
    InFlight,
    Lost,
    Executed,
    Refused,
}

/// A process that sends. Its bytes and its memory end with it; a pause is that the others move first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Worker {
    Idle,
    /// It read that the row is pending.
    TookUp {
        row: u8,
    },
    /// Only without the project's rules: its request left without an intent.
    SentFirst {
        row: u8,
        request: u8,
    },
    /// Its intent is committed.
    Intended {
        row: u8,
        attempt: u8,
    },
    /// Its request left.
    Waiting {
        row: u8,
        attempt: u8,
        request: u8,
    },
    /// It knows how its attempt ended, and has yet to record it, or records it once more.
    Knows {
        row: u8,
        attempt: u8,
        request: u8,
        end: End,
    },
}

/// How an attempt ended for its worker.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum End {
    Done,
    Refused,
    NotSent,
    Unknown,
}

impl End {
    pub(crate) fn step(self) -> Step {
        match self {
            Self::Done => Step::AttemptDone,
            Self::Refused => Step::AttemptRefused,
            Self::NotSent => Step::AttemptNotSent,
            Self::Unknown => Step::AttemptUnknown,
        }
    }
}

/// What a look-up saw some time ago, about the attempt of that time.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct LookUp {
    pub(crate) row: u8,
    pub(crate) attempt: u8,
    pub(crate) saw: Saw,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Saw {
    Nothing,
    /// The execution: it proves itself.
    Execution,
    /// Only a recipe that is verified: the refusal.
    Refusal,
    /// Only a recipe that is verified: that it was not received and never will be.
    NeverReceived,
}

/// A promise that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Broken {
    /// The person has the value twice.
    PaidTwice,
    /// Two requests of a row reached the API or may yet.
    SentTwice,
    /// An outcome that was told is not true.
    UntrueOutcome,
    /// A row left a state that is final.
    FinalStateLeft,
}

impl Broken {
    pub(crate) const ALL: [Self; 4] = [
        Self::PaidTwice,
        Self::SentTwice,
        Self::UntrueOutcome,
        Self::FinalStateLeft,
    ];
}

impl World {
    pub(crate) fn new() -> Self {
        let row = |exists| Row {
            exists,
            state: RowState::Pending,
            attempt: 0,
            decision: None,
            requests: [Request::No; ATTEMPTS],
        };
        Self {
            rows: [row(true), row(false), row(false)],
            workers: [Worker::Idle; 2],
            look_up: None,
        }
    }

    /// How often the person got the value.
    pub(crate) fn payments(&self) -> usize {
        self.rows.iter().map(|row| row.count(&[Request::Executed])).sum()
    }

    /// Whether a request of this row can leave or arrive yet.
    pub(crate) fn may_yet_arrive(&self, row: u8) -> bool {
        self.rows[usize::from(row)].count(&[Request::InFlight]) > 0
            || self
                .workers
                .iter()
                .any(|worker| matches!(worker, Worker::Intended { row: of, .. } if *of == row))
    }

    /// The promises that do not hold here.
    pub(crate) fn broken(&self) -> impl Iterator<Item = Broken> {
        let rows = self.rows.iter();
        let reached = [Request::InFlight, Request::Executed, Request::Refused];
        let checks = [
            (self.payments() > 1, Broken::PaidTwice),
            (rows.clone().any(|row| row.count(&reached) > 1), Broken::SentTwice),
            (rows.clone().any(|row| !row.is_true()), Broken::UntrueOutcome),
        ];
        checks
            .into_iter()
            .filter_map(|(is_broken, what)| is_broken.then_some(what))
    }
}

impl Row {
    pub(crate) fn count(&self, which: &[Request]) -> usize {
        self.requests.iter().filter(|request| which.contains(request)).count()
    }

    pub(crate) fn was_executed(&self) -> bool {
        self.count(&[Request::Executed]) > 0
    }

    /// Whether what the ledger tells of this row is so, now and from now on. A person's word is theirs.
    fn is_true(&self) -> bool {
        let may_have_arrived = self.count(&[Request::InFlight, Request::Executed, Request::Refused]) > 0;
        match self.state {
            _ if self.decision == Some(Decision::Person) => true,
            RowState::Done => self.was_executed(),
            RowState::Refused => self.count(&[Request::InFlight, Request::Executed]) == 0 && may_have_arrived,
            // It may be sent, or was canceled: nothing of it is with the API.
            RowState::Pending | RowState::Canceled => !may_have_arrived,
            // Only a person says so.
            RowState::NotDone => false,
            _ => true,
        }
    }
}

/// The states that nothing may leave, said here once more so that a changed table is noticed.
pub(crate) fn is_final(state: RowState) -> bool {
    matches!(
        state,
        RowState::Done | RowState::Refused | RowState::NotDone | RowState::Canceled
    )
}
