//! Whether a verdict about compiling is true: for each pair the client of the new description is compiled with a caller of the
//! old one. All pairs are modules of one crate, so that the compiler starts a few times and not hundreds of times. A module with
//! an error leaves the crate before the next turn, because errors of one kind hide those of another.
//!
//! It takes minutes, so `cargo xtask release-check --only pairs` runs it.

mod callers;
mod crate_files;

use std::collections::{BTreeMap, BTreeSet};

use enkash_codegen::generator;
use enkash_codegen::lint;
use enkash_codegen::spec::{Changes, Source, Sources, Spec};

use crate::pairs::{Pair, Side, all};
use crate_files::CrateFiles;

/// What is generated for one description.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Generated {
    types: String,
    calls: String,
    enums: String,
}

fn spec(side: &Side) -> Option<Spec> {
    let source = |name: &str, value: &serde_json::Value| Source::text(name.to_owned(), value.to_string());
    let sources = Sources {
        document: source("spec/rewards.yaml", &side.document),
        policy: source("spec/policy.yaml", &side.policy),
        surface: source("spec/surface.yaml", &side.surface),
        sandbox: source("spec/sandbox.overlay.yaml", &side.sandbox),
        others: Vec::new(),
    };
    lint::load(&sources, &Changes::default()).ok()
}

/// `None` where lint or the generator refuses: then nobody has such a client.
fn generated(side: &Side) -> Option<Generated> {
    let files = generator::files(&spec(side)?).ok()?;
    let text = |path: &str| {
        let file = files
            .iter()
            .find(|file| file.path == format!("crates/enkash-api/src/{path}"));
        file.expect("it is generated").content.clone()
    };
    Some(Generated {
        types: text("generated.rs"),
        calls: text("client/generated.rs"),
        enums: text("open_enums_list.rs"),
    })
}

/// A pair that can be compiled.
struct Compiled<'p> {
    pair: &'p Pair,
    old: Generated,
    new: Generated,
    caller: String,
}

/// Every pair for which both sides have a client.
fn clients(pairs: &[Pair]) -> Vec<Compiled<'_>> {
    let mut known: BTreeMap<String, Option<Generated>> = BTreeMap::new();
    let mut of = |side: &Side| {
        let key = format!("{}{}{}", side.document, side.policy, side.surface);
        known.entry(key).or_insert_with(|| generated(side)).clone()
    };
    let mut found = Vec::new();
    for pair in pairs {
        let (Some(old), Some(new)) = (of(&pair.old), of(&pair.new)) else {
            continue;
        };
        let directions = callers::Directions::of(&pair.old, &pair.new);
        let caller = callers::caller(&old.types, &old.calls, &directions) + &callers::words(&old.enums);
        found.push(Compiled { pair, old, new, caller });
    }
    found
}

fn must_fail(pair: &Pair) -> bool {
    pair.expected.iter().any(|line| line.contains("rust=compile"))
}

#[test]
#[ignore = "takes minutes: `cargo xtask release-check --only pairs`"]
fn what_is_said_about_compiling_is_true() {
    let pairs = all();
    let clients = clients(&pairs);
    let base = spec(&Side::base()).expect("the base keeps the rules");
    let files = CrateFiles::write(&base);
    // What is generated from two pairs alike is compiled once.
    let mut modules: BTreeMap<(String, Generated), Vec<&Compiled<'_>>> = BTreeMap::new();
    for client in &clients {
        modules
            .entry((client.caller.clone(), client.new.clone()))
            .or_default()
            .push(client);
    }
    let modules: Vec<_> = modules.into_iter().collect();
    let callers = modules.iter().enumerate();
    let callers: Vec<_> = callers
        .map(|(index, ((caller, new), _))| files.module(index, new, caller))
        .collect();
    let broken = files.broken(modules.len());
    let mut wrong = Vec::new();
    for (index, (_, clients)) in modules.iter().enumerate() {
        for client in clients {
            let name = &client.pair.name;
            match (must_fail(client.pair), broken.get(&index)) {
                // Only an error in the program proves that the program breaks.
                (_, Some((line, error))) if *line < callers[index] => wrong.push(format!("{name}: no client: {error}")),
                (true, None) => wrong.push(format!("{name}: compiles (module {index})")),
                (false, Some((_, error))) => wrong.push(format!("{name}: does not compile: {error}")),
                _ => {}
            }
        }
    }
    let breaks = clients.iter().filter(|client| must_fail(client.pair)).count();
    let same = clients.iter().filter(|client| client.old == client.new).count();
    let names: BTreeSet<_> = clients.iter().map(|client| &client.pair.name).collect();
    let refused = pairs.iter().filter(|pair| !names.contains(&pair.name)).count();
    println!(
        "{} pairs in {} modules, {breaks} that break, {same} with the same client; {refused} have no client",
        clients.len(),
        modules.len()
    );
    assert!(
        wrong.is_empty(),
        "{} of {}\n{}",
        wrong.len(),
        clients.len(),
        wrong.join("\n")
    );
    assert!(
        clients.len() > 300 && breaks > 100,
        "{} pairs, {breaks} breaks",
        clients.len()
    );
}
