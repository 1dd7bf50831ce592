//! The spec of this repository itself.

use std::path::Path;

use xtask::{lint, spec};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in the repository")
}

#[test]
fn it_keeps_every_rule() {
    let findings = lint::run(repository(), &[]);
    let lines: Vec<_> = findings.iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "\n{}", lines.join("\n"));
}

#[test]
fn its_operations_stand_in_the_order_of_the_document() {
    let text = std::fs::read_to_string(repository().join("spec/rewards.yaml")).unwrap();
    let written: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("      operationId: "))
        .collect();
    let spec = spec::load(repository(), &[]).expect("the rules are tested apart");
    let loaded: Vec<_> = spec.operations.iter().map(|operation| operation.id.as_str()).collect();
    assert_eq!(loaded, written);
}
