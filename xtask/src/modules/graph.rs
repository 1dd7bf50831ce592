//! Finds circles among the modules of one folder. Called by the module graph.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::ModulePath;

/// Modules of one folder that import each other, directly or by way of others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Circle {
    /// The folder, as a module path; the crate's root is empty.
    pub folder: ModulePath,
    /// The names of its modules.
    pub members: Vec<String>,
}

impl fmt::Display for Circle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let folder = ["crate".to_owned()]
            .iter()
            .chain(&self.folder)
            .cloned()
            .collect::<Vec<_>>();
        write!(f, "{}: {}", folder.join("::"), self.members.join(" "))
    }
}

type Edges = BTreeMap<String, BTreeSet<String>>;

pub(super) fn circles(imports: &BTreeMap<ModulePath, BTreeSet<ModulePath>>) -> Vec<Circle> {
    let mut found: Vec<_> = by_folder(imports)
        .into_iter()
        .flat_map(|(folder, edges)| {
            let groups = groups(&edges).into_iter();
            groups.map(move |members| Circle {
                folder: folder.clone(),
                members,
            })
        })
        .collect();
    found.sort();
    found
}

/// The imports between the modules of each folder; a module stands for all below it.
fn by_folder(imports: &BTreeMap<ModulePath, BTreeSet<ModulePath>>) -> BTreeMap<ModulePath, Edges> {
    let mut folders: BTreeMap<ModulePath, Edges> = BTreeMap::new();
    for (from, targets) in imports {
        for to in targets {
            let shared = from.iter().zip(to).take_while(|(from, to)| from == to).count();
            // A folder's own file and the modules in it belong together.
            let (Some(one), Some(other)) = (from.get(shared), to.get(shared)) else {
                continue;
            };
            let edges = folders.entry(from[..shared].to_vec()).or_default();
            edges.entry(one.clone()).or_default().insert(other.clone());
        }
    }
    folders
}

/// The groups of modules that reach each other, each of two or more.
fn groups(edges: &Edges) -> Vec<Vec<String>> {
    let reached: BTreeMap<_, _> = edges.keys().map(|from| (from, reach(edges, from))).collect();
    let mut groups = BTreeSet::new();
    for (from, targets) in &reached {
        let back = |to: &&String| reached.get(to).is_some_and(|targets| targets.contains(*from));
        let mut group: Vec<_> = targets.iter().filter(back).cloned().collect();
        group.sort();
        if group.len() > 1 {
            groups.insert(group);
        }
    }
    groups.into_iter().collect()
}

fn reach(edges: &Edges, from: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut next = vec![from.to_owned()];
    while let Some(module) = next.pop() {
        for target in edges.get(&module).into_iter().flatten() {
            if found.insert(target.clone()) {
                next.push(target.clone());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> ModulePath {
        text.split("::").map(str::to_owned).collect()
    }

    fn found(imports: &[(&str, &str)]) -> Vec<String> {
        let mut graph: BTreeMap<ModulePath, BTreeSet<ModulePath>> = BTreeMap::new();
        for (from, to) in imports {
            graph.entry(path(from)).or_default().insert(path(to));
        }
        circles(&graph).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_circle_is_found_in_the_folder_where_it_closes() {
        assert_eq!(found(&[("a::x", "b::y"), ("b::z", "c"), ("c", "a")]), ["crate: a b c"]);
        assert_eq!(found(&[("a::x", "a::y"), ("a::y", "a::x")]), ["crate::a: x y"]);
    }

    #[test]
    fn a_one_way_import_and_a_folder_with_its_own_file_are_no_circle() {
        assert_eq!(found(&[("a", "b"), ("b", "c"), ("a", "c")]), [""; 0]);
        assert_eq!(found(&[("a", "a::x"), ("a::x", "a")]), [""; 0]);
    }
}
