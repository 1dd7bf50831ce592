//! What a round does, drawn from its number: the faults of the API, how the run is sent, and when which process meets what.
//! A plan is plain data that prints as it was drawn.

use std::time::Duration;

use enkash_sandbox::{Fault, FaultRule, Operation, When, faults::RedirectTo};
use rustix::process::Signal;

/// How many machines send a run that is handed out.
pub(crate) const MACHINES: usize = 3;
/// Mishaps of one round.
const MISHAPS: usize = 14;
/// A refusal as the pages have it; nothing moved.
const REFUSAL: &str = r#"[{"set": {"at": "code", "raw": "1"}}, {"drop": "payload"},
    {"set": {"at": "message", "raw": "\"Insufficient balance in card account\""}}]"#;

#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) rows: usize,
    pub(crate) machines: usize,
    pub(crate) concurrency: u16,
    /// Whether a token is there before the first process starts.
    pub(crate) starts_logged_in: bool,
    pub(crate) faults: Vec<FaultRule>,
    pub(crate) mishaps: Vec<Mishap>,
}

/// What one process of the run meets.
#[derive(Debug)]
pub(crate) struct Mishap {
    pub(crate) way: Way,
    pub(crate) machine: usize,
    pub(crate) moment: Moment,
    /// From the moment on.
    pub(crate) delay: Duration,
    pub(crate) blow: Blow,
}

/// How the run is begun or continued.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    /// The command with the file.
    File,
    /// `run resume`.
    Resume,
    /// The command with the file, for workers.
    HandOut,
    /// A worker.
    Work,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Moment {
    /// While it starts, imports or logs in.
    Start,
    /// While it looks up what is unknown.
    LookUp,
    /// It has told so many rows.
    Rows(usize),
    /// It has told its rows, and asks for the balance.
    End,
}

#[derive(Debug)]
pub(crate) enum Blow {
    Kill,
    /// It is asked to stop, once or twice, and ends by itself.
    Ask {
        signals: Vec<Signal>,
        between: Duration,
    },
    /// It is paused, and another process tries to continue the run. Then it goes on for so many rows and is killed, or is
    /// killed at once.
    Pause {
        goes_on_for: Option<usize>,
    },
}

impl Plan {
    pub(crate) fn draw(seed: u64, rows: usize, machines: usize) -> Self {
        let random = &mut fastrand::Rng::with_seed(seed);
        Self {
            seed,
            rows,
            machines,
            concurrency: random.choice([1, 2, 4, 8, 8, 16, 32]).unwrap_or(8),
            starts_logged_in: random.u8(..4) > 0,
            faults: faults(random),
            mishaps: (0..MISHAPS)
                .map(|number| Mishap::draw(random, number, rows, machines))
                .collect(),
        }
    }
}

impl Mishap {
    fn draw(random: &mut fastrand::Rng, number: usize, rows: usize, machines: usize) -> Self {
        let way = match random.bool() {
            // There is no run yet.
            _ if number == 0 => Way::File,
            true => Way::File,
            false => Way::Resume,
        };
        // Together the mishaps take most of the rows.
        let some_rows = |random: &mut fastrand::Rng| random.usize(0..=2 * rows / MISHAPS);
        let moment = match random.u8(..16) {
            0..3 => Moment::Start,
            3..5 => Moment::LookUp,
            5..7 if number > MISHAPS / 2 => Moment::End,
            _ => Moment::Rows(some_rows(random)),
        };
        // From a microsecond to a second: each power of ten as often as the others.
        let most = match moment {
            Moment::Start => 6.0,
            _ => 4.0,
        };
        let delay = Duration::from_micros(10_f64.powf(random.f64() * most) as u64);
        let blow = match random.u8(..16) {
            0..2 => Blow::Ask {
                signals: (0..random.u8(1..=2))
                    .filter_map(|_| random.choice([Signal::INT, Signal::TERM, Signal::HUP]))
                    .collect(),
                between: Duration::from_micros(random.u64(0..20_000)),
            },
            2..4 => Blow::Pause {
                goes_on_for: random.bool().then(|| some_rows(random) / 2),
            },
            _ => Blow::Kill,
        };
        Self {
            way,
            machine: random.usize(..machines),
            moment,
            delay,
            blow,
        }
    }
}

/// Faults that leave outcomes true: what happened is never said to be refused, and the other way round. None of them meets a
/// login, because that would lock the account.
fn faults(random: &mut fastrand::Rng) -> Vec<FaultRule> {
    let mut rules = Vec::new();
    for kind in 0..KINDS {
        if random.u8(..5) < 2 {
            let fault = fault_of_call(random, kind);
            let probability = 0.002 + random.f64() * 0.03;
            let rule = FaultRule::on(Operation::CreateAllocatePoints, fault).probability(probability);
            rules.push(match kind {
                // Each of these stops the whole client for a while.
                0..2 => rule.times(random.u64(1..=3)),
                _ => rule,
            });
        }
    }
    for operation in [
        Operation::SearchTransactions,
        Operation::SearchCards,
        Operation::GetRewardAccount,
    ] {
        let fault = match random.u8(..8) {
            0 => Fault::ServerError(When::After),
            1 => Fault::Reset(When::After),
            2 => Fault::TornBody,
            3 => Fault::Delay(Duration::from_millis(random.u64(1..200)), When::Before),
            _ => continue,
        };
        rules.push(FaultRule::on(operation, fault).probability(0.02 + random.f64() * 0.1));
    }
    if random.bool() {
        let time = Duration::from_millis(random.u64(1..20));
        rules.push(FaultRule::everywhere(Fault::Delay(time, When::Before)));
    }
    rules
}

const KINDS: u8 = 16;

fn fault_of_call(random: &mut fastrand::Rng, kind: u8) -> Fault {
    let when = match random.bool() {
        true => When::Before,
        false => When::After,
    };
    match kind {
        0 => Fault::Refused(Duration::from_millis(random.u64(5..120))),
        1 => Fault::Unauthorized(when),
        2 => Fault::Delay(Duration::from_millis(random.u64(1..40)), when),
        // It outlasts the process: the effect comes while another one looks it up.
        3 => Fault::Delay(Duration::from_millis(random.u64(100..1500)), When::Before),
        4 => Fault::Reset(When::Before),
        5 => Fault::Reset(When::After),
        6 => Fault::TornBody,
        7 => Fault::BadGateway(when),
        8 => Fault::ServerError(when),
        9 => Fault::Forbidden(when),
        10 => Fault::TooManyRequests(0),
        11 => Fault::DuplicateAnswer,
        12 => Fault::OtherReference,
        13 => Fault::IdleClose,
        14 => Fault::Redirect(307, RedirectTo::DeadHost, when),
        _ => Fault::MutatedResponse(serde_json::from_str(REFUSAL).unwrap(), When::Before),
    }
}
