//! What can happen next, by anyone, in any order: that is what pauses and crashes are made of. States change only by the
//! crate's own steps, and each mutation changes one rule.

use std::fmt;

use enkash_ledger::{Decision, RowState, Step};

use crate::world::{ATTEMPTS, End, LookUp, Request, Row, Saw, Worker, World};

/// Under which rules the world moves.
#[derive(Clone, Copy, Default)]
pub(crate) struct Rules {
    pub(crate) mutation: Option<Mutation>,
    /// Whether a row is paid anew of which a person wrongly says that it did not happen.
    pub(crate) trusts_false_words: bool,
}

/// A rule that somebody might give up, by mistake or to be helpful.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mutation {
    ResendOnResume,
    AbsenceIsNotSent,
    IntentWithoutCompare,
    IntentAfterSend,
    UnknownIsNotSent,
    OperatorSendsWhatIsAbsent,
    /// What was not received yet is taken for never received, while a worker that is paused may send it.
    ProofOfTheMoment,
    OutcomeWithoutAttempt,
    OutcomeOverFinalState,
    ExportWithoutCancel,
    ExportOfUnknown,
    /// It is exported, and its own reference is used anew as well.
    ExportOfFreeReference,
    CancelOnItsWay,
}

/// Who did what, to show the way to a broken promise.
#[derive(Clone, Copy)]
pub(crate) struct Move {
    who: Who,
    pub(crate) row: u8,
    what: &'static str,
    pub(crate) step: Option<Step>,
}

const PAYS_ANEW: &str = "pays it anew, with another row";

impl Move {
    /// The attempt that it is about, where somebody knows it.
    pub(crate) fn attempt(&self) -> Option<u8> {
        match self.who {
            Who::Worker(attempt) => attempt,
            Who::LookUp(attempt) => Some(attempt),
            Who::Api | Who::Resume | Who::Person => None,
        }
    }

    pub(crate) fn pays_anew(&self) -> bool {
        self.what == PAYS_ANEW
    }
}

#[derive(Clone, Copy)]
enum Who {
    /// With the number of its attempt, once it has one.
    Worker(Option<u8>),
    Api,
    Resume,
    /// Of this attempt.
    LookUp(u8),
    Person,
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.who {
            Who::Worker(None) => f.write_str("a worker")?,
            Who::Worker(Some(attempt)) => write!(f, "the worker of attempt {attempt}")?,
            Who::Api => f.write_str("API")?,
            Who::Resume => f.write_str("resume")?,
            Who::LookUp(attempt) => write!(f, "a look-up of attempt {attempt}")?,
            Who::Person => f.write_str("person")?,
        }
        write!(f, ", row {}: {}", self.row, self.what)
    }
}

/// The worlds that follow.
pub(crate) fn from(world: &World, rules: Rules) -> Vec<(Move, World)> {
    let mut moves = Moves {
        world: *world,
        rules,
        found: Vec::with_capacity(16),
    };
    for number in 0..world.workers.len() {
        moves.of_worker(number);
    }
    for row in [0, 1, 2] {
        if world.rows[usize::from(row)].exists {
            moves.of_api(row);
            moves.of_look_up(row);
            moves.of_person(row);
            moves.step(Who::Resume, row, "calls unknown what is on its way", Step::Interrupt);
        }
    }
    moves.found
}

struct Moves {
    world: World,
    rules: Rules,
    found: Vec<(Move, World)>,
}

impl Moves {
    fn add(&mut self, who: Who, row: u8, what: &'static str, step: Option<Step>, change: impl FnOnce(&mut World)) {
        let mut world = self.world;
        change(&mut world);
        // The workers are alike, so their order says nothing, and half of the states are enough.
        world.workers.sort_unstable();
        self.found.push((Move { who, row, what, step }, world));
    }

    /// A step that needs nothing but the state of the row.
    fn step(&mut self, who: Who, row: u8, what: &'static str, step: Step) {
        let rules = self.rules;
        self.add(who, row, what, Some(step), |world| {
            rules.change(world.row(row), None, step);
        });
    }

    fn who(&self, number: usize) -> Who {
        Who::Worker(match self.world.workers[number] {
            Worker::Idle | Worker::TookUp { .. } | Worker::SentFirst { .. } => None,
            Worker::Intended { attempt, .. } | Worker::Waiting { attempt, .. } | Worker::Knows { attempt, .. } => {
                Some(attempt)
            }
        })
    }

    fn of_worker(&mut self, number: usize) {
        let who = self.who(number);
        match self.world.workers[number] {
            Worker::Idle => self.take_up(number),
            Worker::TookUp { row } if self.rules.is(Mutation::IntentAfterSend) => {
                self.send(number, row, |request| Worker::SentFirst { row, request });
            }
            Worker::TookUp { row } => self.commit_intent(number, row, |attempt| Worker::Intended { row, attempt }),
            Worker::SentFirst { row, request } => {
                self.commit_intent(number, row, |attempt| Worker::Waiting { row, attempt, request });
            }
            Worker::Intended { row, attempt } => {
                self.send(number, row, |request| Worker::Waiting { row, attempt, request });
                self.learn(number, "cannot connect", (row, attempt, 0), End::NotSent);
            }
            Worker::Waiting { row, attempt, request } => self.wait(number, (row, attempt, request)),
            Worker::Knows {
                row,
                attempt,
                request,
                end,
            } => {
                self.record(number, row, attempt, end);
                if end == End::Unknown {
                    self.receive(number, (row, attempt, request));
                }
            }
        }
        if self.world.workers[number] != Worker::Idle {
            self.add(who, 0, "crashes", None, |world| world.workers[number] = Worker::Idle);
        }
    }

    fn take_up(&mut self, number: usize) {
        for row in [0, 1, 2] {
            let found = self.world.rows[usize::from(row)];
            if found.exists && found.state == RowState::Pending {
                self.add(self.who(number), row, "takes it up", None, |world| {
                    world.workers[number] = Worker::TookUp { row };
                });
            }
        }
    }

    fn commit_intent(&mut self, number: usize, row: u8, then: impl FnOnce(u8) -> Worker) {
        let rules = self.rules;
        if usize::from(self.world.rows[usize::from(row)].attempt) == ATTEMPTS {
            return;
        }
        self.add(
            self.who(number),
            row,
            "commits its intent",
            Some(Step::CommitIntent),
            |world| {
                let found = world.row(row);
                world.workers[number] = if rules.change(found, None, Step::CommitIntent) {
                    found.attempt += 1;
                    then(found.attempt)
                } else {
                    Worker::Idle
                };
            },
        );
    }

    fn send(&mut self, number: usize, row: u8, then: impl FnOnce(u8) -> Worker) {
        let requests = self.world.rows[usize::from(row)].requests;
        let Some(free) = (0..)
            .zip(requests)
            .find_map(|(n, request)| (request == Request::No).then_some(n))
        else {
            return;
        };
        self.add(self.who(number), row, "sends", None, |world| {
            world.row(row).requests[usize::from(free)] = Request::InFlight;
            world.workers[number] = then(free);
        });
    }

    fn wait(&mut self, number: usize, call: (u8, u8, u8)) {
        let end = match self.rules.mutation {
            Some(Mutation::UnknownIsNotSent) => End::NotSent,
            _ => End::Unknown,
        };
        self.learn(number, "gives up waiting", call, end);
        self.receive(number, call);
    }

    /// The response, at once or late. It can also be lost: then the worker gives up.
    fn receive(&mut self, number: usize, call: (u8, u8, u8)) {
        match self.world.rows[usize::from(call.0)].requests[usize::from(call.2)] {
            Request::Executed => self.learn(number, "gets the response: done", call, End::Done),
            Request::Refused => self.learn(number, "gets the response: refused", call, End::Refused),
            Request::No | Request::InFlight | Request::Lost => {}
        }
    }

    fn learn(&mut self, number: usize, what: &'static str, (row, attempt, request): (u8, u8, u8), end: End) {
        // Only a late response makes the request matter any more.
        let request = if end == End::Unknown { request } else { 0 };
        self.add(self.who(number), row, what, None, |world| {
            world.workers[number] = Worker::Knows {
                row,
                attempt,
                request,
                end,
            };
        });
    }

    /// The commit's own response can be lost: then the worker records it once more.
    fn record(&mut self, number: usize, row: u8, attempt: u8, end: End) {
        let rules = self.rules;
        for is_known in [true, false] {
            let what = if is_known {
                "records how it ended"
            } else {
                "records how it ended, and does not hear that it did"
            };
            self.add(self.who(number), row, what, Some(end.step()), |world| {
                rules.change(world.row(row), Some(attempt), end.step());
                if is_known {
                    world.workers[number] = Worker::Idle;
                }
            });
        }
    }

    fn of_api(&mut self, row: u8) {
        for (n, request) in self.world.rows[usize::from(row)].requests.into_iter().enumerate() {
            if request == Request::InFlight {
                for (what, end) in [
                    ("executes it", Request::Executed),
                    ("refuses it", Request::Refused),
                    ("never gets it", Request::Lost),
                ] {
                    self.add(Who::Api, row, what, None, |world| world.row(row).requests[n] = end);
                }
            }
        }
    }

    /// A look-up sees the API as it was some time ago, and is recorded some time later.
    fn of_look_up(&mut self, row: u8) {
        let rules = self.rules;
        let found = self.world.rows[usize::from(row)];
        match self.world.look_up {
            None if found.state == RowState::Unknown => {
                for (what, saw) in self.sights(row) {
                    let look_up = LookUp {
                        row,
                        attempt: found.attempt,
                        saw,
                    };
                    self.add(Who::LookUp(found.attempt), row, what, None, |world| {
                        world.look_up = Some(look_up)
                    });
                }
            }
            Some(look_up) if look_up.row == row => {
                let step = match look_up.saw {
                    Saw::Execution => Some(Step::SettleDone),
                    Saw::Refusal => Some(Step::SettleRefused),
                    Saw::NeverReceived => Some(Step::SettleNotSent),
                    Saw::Nothing => rules.is(Mutation::AbsenceIsNotSent).then_some(Step::SettleNotSent),
                };
                self.add(Who::LookUp(look_up.attempt), row, "is recorded", step, |world| {
                    world.look_up = None;
                    if let Some(step) = step {
                        rules.change(world.row(row), Some(look_up.attempt), step);
                    }
                });
            }
            _ => {}
        }
    }

    fn sights(&self, row: u8) -> Vec<(&'static str, Saw)> {
        let found = self.world.rows[usize::from(row)];
        let may_yet_arrive = self.world.may_yet_arrive(row) && !self.rules.is(Mutation::ProofOfTheMoment);
        let mut sights = vec![("finds nothing", Saw::Nothing)];
        if found.was_executed() {
            sights.push(("finds it", Saw::Execution));
        } else if !may_yet_arrive {
            if found.count(&[Request::Refused]) > 0 {
                sights.push(("proves that it was refused", Saw::Refusal));
            } else if found.count(&[Request::InFlight]) == 0 {
                sights.push(("proves that it was never received", Saw::NeverReceived));
            }
        }
        sights
    }

    /// What a person says may be true or false.
    fn of_person(&mut self, row: u8) {
        let found = self.world.rows[usize::from(row)];
        if found.state == RowState::Unknown {
            self.step(Who::Person, row, "says that it happened", Step::ResolveDone);
            self.step(Who::Person, row, "says that it did not happen", Step::ResolveNotDone);
            let is_absent = self
                .world
                .look_up
                .is_some_and(|look_up| look_up.row == row && look_up.saw == Saw::Nothing);
            if is_absent && self.rules.is(Mutation::OperatorSendsWhatIsAbsent) {
                self.add(Who::Person, row, "sends what is absent once more", None, |world| {
                    world.row(row).state = RowState::Pending;
                });
            }
        }
        self.step(Who::Person, row, "cancels it", Step::Cancel);
        let replacements = if self.rules.is(Mutation::ExportOfFreeReference) {
            2
        } else {
            1
        };
        let next = (1..=replacements).find(|next| !self.world.rows[*next].exists);
        if let Some(next) = next.filter(|_| row == 0) {
            self.pay_anew(found, next);
        }
    }

    /// Another row for the same payment, under a new reference, which keeps the old one used. Or under the old one, which is
    /// free where the row was canceled or makes way: then it can no longer be exported.
    fn pay_anew(&mut self, found: Row, next: usize) {
        let rules = self.rules;
        let is_false_word = found.state == RowState::NotDone && (found.was_executed() || self.world.may_yet_arrive(0));
        let may =
            found.state.can_be_exported() || rules.is(Mutation::ExportOfUnknown) && found.state == RowState::Unknown;
        if may && (rules.trusts_false_words || !is_false_word) {
            self.add(Who::Person, 0, PAYS_ANEW, None, |world| {
                if !rules.is(Mutation::ExportWithoutCancel) {
                    rules.change(world.row(0), None, Step::Cancel);
                }
                world.rows[next].exists = true;
            });
        }
    }
}

impl Rules {
    fn is(self, mutation: Mutation) -> bool {
        self.mutation == Some(mutation)
    }

    /// The ledger's compare-and-set, by the crate's own table.
    fn change(self, row: &mut Row, attempt: Option<u8>, step: Step) -> bool {
        let is_own_outcome = step.decision() == Some(Decision::Attempt);
        let compares = !(is_own_outcome && self.is(Mutation::OutcomeWithoutAttempt));
        if compares && attempt.is_some_and(|attempt| attempt != row.attempt) {
            return false;
        }
        let Some(state) = self.after(row.state, step) else {
            return false;
        };
        row.state = state;
        row.decision = step.decision().or(row.decision);
        true
    }

    fn after(self, state: RowState, step: Step) -> Option<RowState> {
        let target = state.after(step);
        match (self.mutation, step) {
            (Some(Mutation::ResendOnResume), Step::Interrupt) => target.map(|_| RowState::Pending),
            (Some(Mutation::IntentWithoutCompare), Step::CommitIntent) => Some(step.target()),
            (Some(Mutation::OutcomeOverFinalState), _) if step.decision() == Some(Decision::Attempt) => {
                Some(step.target())
            }
            (Some(Mutation::CancelOnItsWay), Step::Cancel) if state == RowState::Sending => Some(step.target()),
            _ => target,
        }
    }
}

impl World {
    fn row(&mut self, row: u8) -> &mut Row {
        &mut self.rows[usize::from(row)]
    }
}
