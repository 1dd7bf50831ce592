//! The pages of the guide that are made from something else have to be as that is: the one about faults as the tables of the code,
//! the Testcontainers recipe as the package that CI compiles.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

use std::fmt::Write;
use std::path::Path;

use enkash_sandbox::{Fault, Preset, Switches, faults::Mutation};

const INTRO: &str = "# Faults and bad days

What the sandbox can let go wrong. A preset is a whole bad day by name. A rule is one fault and the calls that it meets. The
switches say what becomes of transactions and orders.

<!-- This page is made from the code's own tables by `cargo test -p enkash-sandbox --test guide`; ENKASH_WRITE_GUIDE=1 writes it. -->

Nothing here says how the real API behaves: the pages show one good state of a transaction and of an order, and no fault at all.

## Presets

`enkash sandbox --preset payday-from-hell`, `Sandbox::builder().preset(Preset::PaydayFromHell)`, or for a sandbox that runs
`POST /_sandbox/presets` with `{\"name\": \"payday-from-hell\"}`; `GET` lists them with their switches and rules. A preset takes the
place of the switches and rules before it. The same seed number gives the same faults for the same calls in the same order.

| preset | what happens |
|---|---|
";

const RULES: &str = "
## Rules

A file of `--faults` and the body of `POST /_sandbox/faults` are a list of rules, in YAML or JSON. Beside its `kind` a rule has the
words of that kind, and may have:

| word | which calls it meets |
|---|---|
| `operation` | those of this operation; without it, those of all |
| `nth` | only the n-th of them, counted from 1 and from when the rule was set |
| `from` | only the n-th and those after it |
| `times` | so many at most; with `from` it is a burst |
| `probability` | each with this probability from 0 to 1, drawn from the sandbox's seed number |

`when: before` puts the fault in the place of the effect, `when: after` lets the call take effect and spoils its response.

| kind | what it does | its words | example |
|---|---|---|---|
";

const MUTATIONS: &str = "
## Mutations

A rule of kind `mutated-response` changes a response name by name, in the order of its list, up to 32 times. `at` is a path such as
`payload.data.0.status`; `*` stands for every name or position. `raw` is the text that will stand there. A mutation changes nothing
that happened.

| mutation | what it does | example |
|---|---|---|
";

const STATES: &str = "
## Pending, failed and reversed

The pages show the state `CREATED` of a transaction and `SUCCESS` of an order, and no other. So everything else is off unless a
switch asks for it, and its words are the sandbox's own. The points of a pending transaction are held: they are neither in the
account nor on the card.
";

const CONTROL: &str = "
By hand, whatever the switches say: `POST /_sandbox/transactions` and `POST /_sandbox/orders` with
`{\"reference\": \"REF1\", \"change\": \"fail\"}`. The changes are `finish` and `fail` of what is pending, `reverse` of what is done, and
`add-reversal`, a second transaction that takes the points back. In a test it is `sandbox.change_transactions(\"REF1\",
EntryChange::Fail)`. Points that are spent are not reversed.
";

fn page() -> String {
    let mut page = INTRO.to_owned();
    for preset in Preset::ALL {
        writeln!(page, "| `{preset}` | {} |", preset.about()).unwrap();
    }
    page += RULES;
    for kind in Fault::TABLE {
        let keys: Vec<_> = kind.keys.iter().map(|key| format!("`{key}`")).collect();
        let (name, about, keys, example) = (kind.name, kind.about, keys.join(", "), kind.example);
        writeln!(page, "| `{name}` | {about} | {keys} | `{example}` |").unwrap();
    }
    page += MUTATIONS;
    for mutation in Mutation::TABLE {
        let (name, about, example) = (mutation.name, mutation.about, mutation.example);
        writeln!(page, "| `{name}` | {about} | `{example}` |").unwrap();
    }
    page += STATES;
    for name in ["transaction_progress", "order_progress"] {
        let switch = Switches::TABLE.iter().find(|switch| switch.name == name).unwrap();
        writeln!(
            page,
            "\n`{name}`: {}\n\n| value | what it does |\n|---|---|",
            switch.about
        )
        .unwrap();
        for (value, about) in switch.values {
            writeln!(page, "| `{value}` | {about} |").unwrap();
        }
    }
    page + CONTROL
}

#[test]
fn the_page_about_faults_is_as_the_tables_are() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/faults.md");
    let page = page();
    if std::env::var_os("ENKASH_WRITE_GUIDE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == page,
        "docs/guide/faults.md is not as the tables are; write it with\n  ENKASH_WRITE_GUIDE=1 cargo test -p enkash-sandbox --test guide"
    );
}

#[test]
fn the_recipe_on_its_page_is_the_file_that_ci_compiles() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let read = |path: &str| std::fs::read_to_string(docs.join(path)).unwrap();
    let recipe = read("recipes/testcontainers/tests/sandbox_in_a_container.rs");
    let page = read("guide/testcontainers.md");
    assert!(
        page.contains(&format!("```rust,ignore\n{recipe}```\n")),
        "docs/guide/testcontainers.md has another recipe than docs/recipes/testcontainers"
    );
    let manifest = read("recipes/testcontainers/Cargo.toml");
    let dependency = page.lines().find(|line| line.starts_with("testcontainers = ")).unwrap();
    assert!(manifest.lines().any(|line| line == dependency), "{dependency}");
}
