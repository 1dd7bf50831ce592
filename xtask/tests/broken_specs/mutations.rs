//! No text makes the loader or lint panic: every line of the base spec is broken in several ways.

use std::panic::catch_unwind;

use crate::*;

/// What can happen to a line while somebody edits it.
const MUTATIONS: [(&str, fn(&str) -> String); 7] = [
    ("deleted", |_| String::new()),
    ("doubled", |line| format!("{line}\n{line}")),
    ("indented", |line| format!(" {line}")),
    ("cut in half", |line| {
        line.chars().take(line.chars().count() / 2).collect()
    }),
    ("without its value", |line| {
        line.split_inclusive(':').next().unwrap_or_default().to_owned()
    }),
    ("with a list as value", |line| {
        line.split_inclusive(':').next().unwrap_or_default().to_owned() + " [[]]"
    }),
    ("with odd characters", |line| line.replace(['a', 'e'], "&*\u{e9}\t")),
];

#[test]
fn no_broken_line_makes_anything_panic() {
    for file in [REWARDS, POLICY, SANDBOX] {
        let repository = base();
        let text = repository.text(file);
        let lines: Vec<_> = text.lines().collect();
        for (mutation, mutate) in MUTATIONS {
            for (index, line) in lines.iter().enumerate() {
                let mut mutated: Vec<_> = lines.iter().map(ToString::to_string).collect();
                mutated[index] = mutate(line);
                fs::write(repository.root.join(file), mutated.join("\n")).unwrap();
                let root = repository.root.clone();
                let what = format!("{file}:{}: {mutation}", index + 1);
                match catch_unwind(|| lint::run(&root, &[])) {
                    Ok(findings) => findings
                        .iter()
                        .for_each(|found| assert_is_useful(found, mutated.len(), &what)),
                    Err(_) => panic!("{what} made it panic"),
                }
            }
        }
    }
}

fn assert_is_useful(found: &spec::Diagnostic, lines: usize, what: &str) {
    assert!(
        [REWARDS, POLICY, SANDBOX].contains(&found.file.as_str()),
        "{what}: {found}"
    );
    assert!(!found.message.trim().is_empty(), "{what}: {found}");
    assert!(found.line >= 1, "{what}: {found}");
    // A finding in another file than the broken one has that file's lines.
    let longest = include_str!("base/rewards.yaml").lines().count().max(lines) + 2;
    assert!(found.line <= longest, "{what}: {found}");
}
