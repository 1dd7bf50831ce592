//! Every state that the moves lead to, breadth first, so that a promise that breaks is shown by the shortest way there.

use std::collections::{HashMap, HashSet};

use enkash_ledger::{RowState, Step};

use crate::{
    moves::{self, Move, Rules},
    world::{self, Broken, World},
};

/// What was reached.
pub(crate) struct Reached {
    pub(crate) worlds: Vec<World>,
    /// The steps that changed a row.
    pub(crate) steps: HashSet<Step>,
    /// The first world in which each promise is broken, with the moves that lead there.
    pub(crate) broken: HashMap<Broken, String>,
}

/// Searches all states, or until one of these promises is broken.
pub(crate) fn search(rules: Rules, sought: &[Broken]) -> Reached {
    let mut seen = HashSet::from([World::new()]);
    let mut worlds = vec![World::new()];
    let mut came_by: Vec<Option<(usize, Move)>> = vec![None];
    let (mut steps, mut broken) = (HashSet::new(), HashMap::new());
    let mut at = 0;
    while at < worlds.len() && !sought.iter().any(|sought| broken.contains_key(sought)) {
        let from = worlds[at];
        for (how, to) in moves::from(&from, rules) {
            steps.extend(how.step.filter(|_| from.rows != to.rows));
            if leaves_a_final_state(&from, &to) {
                broken
                    .entry(Broken::FinalStateLeft)
                    .or_insert_with(|| way(&came_by, at, how));
            }
            if !seen.insert(to) {
                continue;
            }
            worlds.push(to);
            came_by.push(Some((at, how)));
            for what in to.broken() {
                broken.entry(what).or_insert_with(|| way(&came_by, at, how));
            }
        }
        at += 1;
    }
    Reached { worlds, steps, broken }
}

fn leaves_a_final_state(from: &World, to: &World) -> bool {
    let mut rows = from.rows.iter().zip(&to.rows);
    rows.any(|(from, to)| world::is_final(from.state) && from.state != to.state)
}

fn way(came_by: &[Option<(usize, Move)>], last: usize, how: Move) -> String {
    let mut moves = vec![how];
    let mut at = last;
    while let Some((before, how)) = came_by[at] {
        moves.push(how);
        at = before;
    }
    let lines: Vec<_> = moves.iter().rev().map(ToString::to_string).collect();
    lines.join("\n")
}

impl Reached {
    pub(crate) fn has_state(&self, state: RowState) -> bool {
        self.worlds.iter().any(|world| world.rows[0].state == state)
    }
}
