//! Every state that the moves lead to, breadth first, so that a promise that breaks is shown by the shortest way there.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use enkash_ledger::{RowState, Step};

use crate::{
    moves::{self, Move, Rules},
    world::{self, Broken, World},
};

/// A step in a state, of the row's attempt or of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Kind {
    pub(crate) state: RowState,
    /// `None` where it is paid anew.
    pub(crate) step: Option<Step>,
    pub(crate) is_of_last_attempt: bool,
}

/// Moves, each with the world that it leads to.
pub(crate) type Way = Vec<(Move, World)>;

/// What was reached.
pub(crate) struct Reached {
    pub(crate) worlds: Vec<World>,
    /// Each kind of step that happens, by the shortest way there.
    pub(crate) steps: HashMap<Kind, Way>,
    /// The promises that are broken, by the shortest way there.
    pub(crate) broken: HashMap<Broken, Way>,
    came_by: Vec<Option<(usize, Move)>>,
}

/// All that the project's own rules lead to, or the first that breaks a promise.
pub(crate) static BY_THE_RULES: LazyLock<Reached> = LazyLock::new(|| search(Rules::default(), &Broken::ALL));

/// Searches all states, or until one of these promises is broken.
pub(crate) fn search(rules: Rules, sought: &[Broken]) -> Reached {
    let mut seen = HashSet::from([World::new()]);
    let mut reached = Reached {
        worlds: vec![World::new()],
        steps: HashMap::new(),
        broken: HashMap::new(),
        came_by: vec![None],
    };
    let mut at = 0;
    while at < reached.worlds.len() && !sought.iter().any(|sought| reached.broken.contains_key(sought)) {
        let from = reached.worlds[at];
        for (how, to) in moves::from(&from, rules) {
            if how.step.is_some() || how.pays_anew() {
                let row = &from.rows[usize::from(how.row)];
                let kind = Kind {
                    state: row.state,
                    step: how.step,
                    is_of_last_attempt: how.attempt().is_none_or(|attempt| attempt == row.attempt),
                };
                if !reached.steps.contains_key(&kind) {
                    reached.steps.insert(kind, reached.way(at, how, to));
                }
            }
            if leaves_a_final_state(&from, &to) {
                reached.note(Broken::FinalStateLeft, at, how, to);
            }
            if seen.insert(to) {
                reached.worlds.push(to);
                reached.came_by.push(Some((at, how)));
                for what in to.broken() {
                    reached.note(what, at, how, to);
                }
            }
        }
        at += 1;
    }
    reached
}

fn leaves_a_final_state(from: &World, to: &World) -> bool {
    let mut rows = from.rows.iter().zip(&to.rows);
    rows.any(|(from, to)| world::is_final(from.state) && from.state != to.state)
}

impl Reached {
    pub(crate) fn has_state(&self, state: RowState) -> bool {
        self.worlds.iter().any(|world| world.rows[0].state == state)
    }

    fn note(&mut self, what: Broken, at: usize, how: Move, to: World) {
        if !self.broken.contains_key(&what) {
            self.broken.insert(what, self.way(at, how, to));
        }
    }

    fn way(&self, last: usize, how: Move, to: World) -> Way {
        let mut way = vec![(how, to)];
        let mut at = last;
        while let Some((before, how)) = self.came_by[at] {
            way.push((how, self.worlds[at]));
            at = before;
        }
        way.reverse();
        way
    }
}

/// The moves, one a line.
pub(crate) fn told(way: &[(Move, World)]) -> String {
    way.iter().map(|(how, _)| format!("{how}\n")).collect()
}
