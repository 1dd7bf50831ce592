//! No text makes the loader or lint panic: every line of the base spec is damaged in turn.

use std::panic::catch_unwind;

use crate::*;

type Damage = fn(&str) -> String;

/// What happens to a line while somebody edits it, or when somebody means harm.
const DAMAGE: [(&str, Damage); 5] = [
    ("doubled", |line| format!("{line}\n{line}")),
    ("cut in half", |line| {
        line.chars().take(line.chars().count() / 2).collect()
    }),
    ("without its value", |line| key_of(line).to_owned()),
    ("with a list as value", |line| format!("{} [[]]", key_of(line))),
    ("with odd characters", |line| line.replace(['a', 'e'], "&*\u{e9}\t")),
];

fn key_of(line: &str) -> &str {
    line.split_inclusive(':').next().unwrap_or_default()
}

#[test]
fn no_deleted_line_makes_anything_panic() {
    damage_every_line(|_, _| ("deleted", String::new()));
}

#[test]
fn no_indented_line_makes_anything_panic() {
    damage_every_line(|_, line| ("indented", format!(" {line}")));
}

#[test]
fn no_other_damage_makes_anything_panic() {
    damage_every_line(|index, line| {
        let (name, damage) = DAMAGE[index % DAMAGE.len()];
        (name, damage(line))
    });
}

fn damage_every_line(damage: fn(usize, &str) -> (&'static str, String)) {
    for file in [REWARDS, POLICY, SANDBOX] {
        let repository = base();
        let text = repository.text(file);
        let lines: Vec<_> = text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let (name, damaged) = damage(index, line);
            let mut edited: Vec<_> = lines.iter().map(ToString::to_string).collect();
            edited[index] = damaged;
            fs::write(repository.root.join(file), edited.join("\n")).expect("the test folder can be written");
            let root = repository.root.clone();
            let what = format!("{file}:{} {name}", index + 1);
            let findings = catch_unwind(|| lint::run(&root, &[]));
            let findings = findings.unwrap_or_else(|_| panic!("{what} makes it panic"));
            for found in &findings {
                assert_is_useful(found, &what);
            }
        }
    }
}

fn assert_is_useful(found: &spec::Diagnostic, what: &str) {
    let lines = match found.file.as_str() {
        REWARDS => include_str!("base/rewards.yaml").lines().count(),
        POLICY => include_str!("base/policy.yaml").lines().count(),
        SANDBOX => include_str!("base/sandbox.overlay.yaml").lines().count(),
        other => panic!("{what}: {other} is no file of the spec"),
    };
    // A doubled line is one line more, and a text can end after its last line.
    assert!((1..=lines + 2).contains(&found.line), "{what}: {found}");
    assert!(!found.message.trim().is_empty(), "{what}: {found}");
}
