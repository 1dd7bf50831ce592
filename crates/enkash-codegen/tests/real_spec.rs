//! The spec of this repository itself.

use std::path::Path;

use enkash_codegen::spec::{self, Changes, Source, Sources};
use enkash_codegen::{generator, lint};

fn repository() -> &'static Path {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    root.expect("the crate lies in the repository")
}

fn sources() -> Sources {
    Sources::in_repository(repository())
}

#[test]
fn it_keeps_every_rule() {
    let findings = lint::run(&sources(), &Changes::default());
    let lines: Vec<_> = findings.iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "\n{}", lines.join("\n"));
}

#[test]
fn the_policy_overlays_of_its_readme_do_what_it_says() {
    let readme = std::fs::read_to_string(repository().join("spec/README.md")).unwrap();
    let overlays: Vec<_> = readme
        .split("```yaml\n")
        .filter(|block| block.starts_with("overlay: "))
        .map(|block| block.split("```").next().unwrap_or_default())
        .collect();
    let [tightens, verifies] = overlays.as_slice() else {
        panic!("spec/README.md shows {} overlays", overlays.len());
    };
    let load = |text: &str, allowed: &[&str]| {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme_overlay.yaml");
        std::fs::write(&path, text).expect("the test folder can be written");
        let changes = Changes {
            policy_overlays: vec![Source::file(path)],
            allow_loosening: allowed.iter().map(ToString::to_string).collect(),
            ..Changes::default()
        };
        lint::load(&sources(), &changes)
    };
    let operation = |spec: spec::Spec, id: &str| spec.operations.into_iter().find(|operation| operation.id == id);
    let allocate = "createAllocatePoints";

    let tightened = load(tightens, &[]).expect("it tightens");
    let reference = operation(tightened, allocate).unwrap().policy.reference;
    assert_eq!(reference.unwrap().sent_as, ["uniqueReferenceNumber"]);

    assert_eq!(load(verifies, &[]).err().map(|found| found.len()), Some(2));
    let verified = load(verifies, &[allocate]).expect("it is allowed");
    let settlement = operation(verified, allocate).unwrap().policy.settlement;
    assert_eq!(settlement.absence_proves_after_seconds, Some(3600));
}

#[test]
fn an_operation_that_an_overlay_adds_is_reachable_by_the_low_level_only() {
    let guide = std::fs::read_to_string(repository().join("docs/guide/api-differs.md")).unwrap();
    let overlay = guide
        .split("```yaml\n")
        .nth(1)
        .and_then(|block| block.split("```").next());
    let changes = Changes {
        overlays: vec![Source::text("papers.yaml", overlay.unwrap().to_owned())],
        ..Changes::default()
    };
    assert_eq!(
        lint::run(&sources(), &changes),
        [],
        "the guide's overlay keeps every rule"
    );
    let files = generator::files(&lint::load(&sources(), &changes).unwrap()).unwrap();
    let content = |path: &str| &files.iter().find(|file| file.path == path).unwrap().content;
    let row = content("docs/coverage.md")
        .lines()
        .find(|line| line.contains("`getCardLimits`"));
    let reach =
        "`Client::get_card_limits` | no: added by an overlay | no: added by an overlay | no: added by an overlay |";
    assert!(row.is_some_and(|row| row.ends_with(reach)), "{row:?}");
    let policy: enkash_policy::Policy = serde_json::from_str(content("crates/enkash/src/policy.json")).unwrap();
    assert_eq!(
        policy.operations["getCardLimits"],
        enkash_policy::OperationPolicy::strictest()
    );
}

#[test]
fn its_operations_stand_in_the_order_of_the_document() {
    let text = std::fs::read_to_string(repository().join("spec/rewards.yaml")).unwrap();
    let written: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("      operationId: "))
        .collect();
    let spec = lint::load(&sources(), &Changes::default()).expect("the rules are tested apart");
    let loaded: Vec<_> = spec.operations.iter().map(|operation| operation.id.as_str()).collect();
    assert_eq!(loaded, written);
}
