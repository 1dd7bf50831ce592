//! The commands as they are typed: output, exit codes, and what is written.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

fn xtask(root: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(arguments)
        .arg("--root")
        .arg(root)
        .output()
        .expect("xtask can be started")
}

/// The binary far from where it was built, and a workspace that it is run for. A link and no copy: while another test starts a
/// process, that one still has the copy open for writing, and the system runs no such file.
fn copied(name: &str) -> (PathBuf, PathBuf) {
    let root = real(name);
    fs::create_dir_all(root.join("xtask/src")).expect("the test folder can be written");
    fs::write(root.join("xtask/Cargo.toml"), "[package]\nname = \"xtask\"\n").expect("the test folder can be written");
    let binary = root.join("copied-xtask");
    fs::hard_link(env!("CARGO_BIN_EXE_xtask"), &binary).expect("the binary can be linked");
    (root, binary)
}

/// Where codegen of a copied binary writes, with this environment.
fn written(root: &Path, binary: &Path, current: &Path, manifest: Option<&Path>) {
    let table = root.join("crates/enkash/src/policy.json");
    let _ = fs::remove_dir_all(root.join("crates/enkash"));
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/enkash/src/policy.json");
    let before = fs::metadata(&here)
        .and_then(|found| found.modified())
        .expect("it is there");
    let mut command = Command::new(binary);
    command
        .arg("codegen")
        .current_dir(current)
        .env_remove("CARGO_MANIFEST_DIR");
    if let Some(manifest) = manifest {
        command.env("CARGO_MANIFEST_DIR", manifest);
    }
    let output = command.output().expect("it can be started");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(
        stdout(&output).contains("written   crates/enkash/src/policy.json"),
        "{}",
        stdout(&output)
    );
    assert!(table.exists());
    let after = fs::metadata(&here)
        .and_then(|found| found.modified())
        .expect("it is there");
    assert_eq!(before, after, "it wrote into the checkout where it was built");
}

#[test]
fn a_copied_binary_writes_where_it_is_run_and_not_where_it_was_built() {
    let (root, binary) = copied("copied");
    let elsewhere = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for current in [root.clone(), root.join("xtask/src")] {
        written(&root, &binary, &current, None);
    }
    // As `cargo xtask` starts it, from any folder.
    written(&root, &binary, elsewhere, Some(&root.join("xtask")));
    written(&root, &binary, &root, Some(Path::new("")));
}

#[test]
fn outside_of_any_workspace_it_says_so() {
    let (_, binary) = copied("copied_alone");
    let output = Command::new(binary)
        .arg("codegen")
        .current_dir("/")
        .env_remove("CARGO_MANIFEST_DIR")
        .output()
        .expect("it can be started");
    assert_eq!(output.status.code(), Some(1));
    let told = stderr(&output);
    // What `/` is depends on the system.
    let folder = told.strip_prefix("error: no workspace is at ");
    let folder =
        folder.and_then(|rest| rest.strip_suffix(" or above it: run it there, or name the repository with --root\n"));
    assert!(
        folder.is_some_and(|folder| Path::new(folder).parent().is_none()),
        "{told}"
    );
}

#[test]
fn leave_to_loosen_may_be_for_an_overlay_of_the_document() {
    let root = small("leave_to_move");
    let mine = overlay(
        &root,
        "mine.yaml",
        "  - target: $.paths['/api/v0/cart'].post\n    update: {operationId: mine}\n",
    );
    let output = xtask(&root, &["lint", "--overlay", &mine]);
    assert_eq!(output.status.code(), Some(1));
    let expected = "mine.yaml:5: operationId: addToCart → mine loosens addToCart: ";
    assert!(stderr(&output).starts_with(expected), "{}", stderr(&output));
    let output = xtask(
        &root,
        &["operations", "--overlay", &mine, "--allow-loosening", "addToCart"],
    );
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A repository of its own for a test, with the files of spec/ copied from `source`.
fn repository(name: &str, source: &Path) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("command_line").join(name);
    // What an earlier run left behind.
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(root.join("spec")).expect("the test folder can be written");
    for entry in fs::read_dir(source).expect("the source is there") {
        let path = entry.expect("the source can be listed").path();
        let name = path.file_name().expect("a file has a name");
        fs::copy(&path, root.join("spec").join(name)).expect("the test folder can be written");
    }
    root
}

fn small(name: &str) -> PathBuf {
    repository(
        name,
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/enkash-codegen/tests/broken_specs/base"),
    )
}

/// With the real spec, and of the crates what is copied into enkash-codegen.
fn real(name: &str) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let root = repository(name, &here.join("spec"));
    fs::create_dir_all(root.join("crates/enkash-api/src")).expect("the test folder can be written");
    for file in [
        "Cargo.toml",
        "crates/enkash-api/Cargo.toml",
        "crates/enkash-api/README.md",
        "crates/enkash-api/src/lib.rs",
    ] {
        fs::copy(here.join(file), root.join(file)).expect("the test folder can be written");
    }
    root
}

fn edit(path: &Path, before: &str, after: &str) {
    let text = fs::read_to_string(path).expect("the file is there");
    assert!(text.contains(before), "{before:?} is not in {}", path.display());
    fs::write(path, text.replace(before, after)).expect("the test folder can be written");
}

#[test]
fn lint_is_silent_where_there_is_nothing_to_say() {
    let output = xtask(&small("lint_silent"), &["lint"]);
    assert_eq!(
        (output.status.code(), stdout(&output), stderr(&output)),
        (Some(0), String::new(), String::new())
    );
}

#[test]
fn lint_prints_every_finding_and_fails() {
    let root = small("lint_findings");
    edit(
        &root.join("spec/rewards.yaml"),
        "operationId: addToCart",
        "operationID: addToCart",
    );
    edit(
        &root.join("spec/policy.yaml"),
        "effect: moves-value",
        "effect: move-value",
    );
    let output = xtask(&root, &["lint"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        stderr(&output),
        "spec/policy.yaml:3: effect: 'move-value' in operations.createAllocatePoints is none of authenticates, reads, \
         changes-state, moves-value, did you mean moves-value?\n\
         spec/rewards.yaml:76: operationID: unknown key in POST /api/v0/cart, did you mean operationId?\n\
         2 findings; spec/README.md has the rules\n"
    );
}

#[test]
fn lint_lists_its_rules() {
    let output = xtask(&small("lint_rules"), &["lint", "--rules"]);
    assert_eq!(output.status.code(), Some(0));
    for name in enkash_codegen::lint::RULES
        .iter()
        .map(|rule| rule.name)
        .chain(["credentials", "unfinished"])
    {
        assert!(stdout(&output).lines().any(|line| line.starts_with(name)), "{name}");
    }
}

#[test]
fn operations_are_printed_as_json() {
    let output = xtask(&small("operations_json"), &["operations", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    let operations: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(operations.as_array().map(Vec::len), Some(5));
    assert_eq!(
        operations[0],
        json!({
            "id": "createAllocatePoints",
            "method": "POST",
            "path": "/api/v0/create-allocate-points",
            "tag": "Reward Allocation",
            "pages": [{"id": "api-1", "title": "Create And Allocate Points", "section": "Reward Allocation"}],
            "evidence": {
                "path": "documented", "request": "documented", "response": "inferred", "errors": "unknown",
            },
            "policy": {
                "effect": "moves-value", "repeat": "never", "after401": "unknown", "settlement": "unverified",
            },
        })
    );
    assert_eq!(operations[1]["pages"][0]["id"], Value::Null);
}

#[test]
fn operations_are_printed_as_a_table() {
    let output = xtask(&small("operations_table"), &["operations"]);
    assert_eq!(output.status.code(), Some(0));
    let text = stdout(&output);
    assert!(text.lines().next().unwrap().starts_with("operation"), "{text}");
    let row = text.lines().find(|line| line.starts_with("updateCart")).unwrap();
    let cells: Vec<_> = row.split_whitespace().collect();
    assert_eq!(
        cells,
        [
            "updateCart",
            "Redemption",
            "PATCH",
            "/api/v0/cart",
            "diui",
            "changes-state",
            "never"
        ]
    );
}

#[test]
fn overlays_are_applied_in_the_order_in_which_they_are_typed() {
    let root = small("overlays");
    let overlay = |name: &str, target: &str, update: &str| {
        overlay(&root, name, &format!("  - target: {target}\n    update: {update}\n"))
    };
    let first = overlay("first.yaml", "$.components.schemas", "{Mine: {description: Mine.}}");
    let second = overlay("second.yaml", "$.components.schemas.Mine", "{description: Still mine.}");

    let output = xtask(&root, &["operations", "--overlay", &first, "--overlay", &second]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));

    let output = xtask(&root, &["operations", "--overlay", &second, "--overlay", &first]);
    assert_eq!(output.status.code(), Some(1));
    let expected = "second.yaml:4: target: '$.components.schemas.Mine' matches nothing\n";
    assert!(stderr(&output).starts_with(expected), "{}", stderr(&output));
}

/// An overlay beside spec/.
fn overlay(root: &Path, name: &str, actions: &str) -> String {
    let path = root.join(name);
    let head = "overlay: 1.0.0\ninfo: {title: Mine, version: '1'}\nactions:\n";
    fs::write(&path, format!("{head}{actions}")).expect("the folder is there");
    path.display().to_string()
}

#[test]
fn a_policy_overlay_that_tightens_is_generated_from_and_checked_against() {
    let root = real("policy_tightened");
    let mine = overlay(
        &root,
        "mine.yaml",
        "  - target: $.operations.addToCart\n    update: {effect: moves-value}\n",
    );
    let table = root.join("crates/enkash/src/policy.json");
    let says = |effect: &str| {
        let policy: serde_json::Value = serde_json::from_str(&fs::read_to_string(&table).unwrap()).unwrap();
        policy["operations"]["addToCart"]["effect"] == effect
    };

    assert_eq!(xtask(&root, &["codegen"]).status.code(), Some(0));
    assert!(says("changes-state"));
    let output = xtask(&root, &["codegen", "--check", "--policy-overlay", &mine]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        stderr(&output),
        format!("generated files differ from spec/; to fix it: cargo xtask codegen --policy-overlay {mine}\n")
    );

    let output = xtask(&root, &["codegen", "--policy-overlay", &mine]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(says("moves-value"));
    let output = xtask(&root, &["codegen", "--check", "--policy-overlay", &mine]);
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));
}

#[test]
fn a_policy_overlay_that_loosens_writes_nothing_without_leave_for_the_operation() {
    let root = real("policy_loosened");
    let mine = overlay(
        &root,
        "mine.yaml",
        "  - target: $.operations.createAllocatePoints.settlement
    update:
      evidence: verified
      absence-proves-after-seconds: 3600
",
    );
    let table = root.join("crates/enkash/src/policy.json");

    let output = xtask(&root, &["codegen", "--policy-overlay", &mine]);
    assert_eq!(output.status.code(), Some(1));
    let lines: Vec<_> = stderr(&output).lines().map(str::to_owned).collect();
    let [evidence, absence, count] = lines.as_slice() else {
        panic!("{lines:?}");
    };
    let loosened = "loosens createAllocatePoints: ";
    let flag = "; to allow it, add --allow-loosening createAllocatePoints";
    for (line, start) in [
        (evidence, "mine.yaml:6: settlement.evidence: unverified → verified "),
        (
            absence,
            "mine.yaml:7: settlement.absence-proves-after-seconds: none → 3600 ",
        ),
    ] {
        assert!(line.starts_with(&format!("{start}{loosened}")), "{line}");
        assert!(line.ends_with(flag), "{line}");
    }
    assert_eq!(count, "2 findings; spec/README.md has the rules");
    assert!(!table.exists());

    let allowed = ["--policy-overlay", &mine, "--allow-loosening", "createAllocatePoints"];
    let output = xtask(&root, &[&["codegen"], &allowed[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let settlement = || {
        let policy: serde_json::Value = serde_json::from_str(&fs::read_to_string(&table).unwrap()).unwrap();
        policy["operations"]["createAllocatePoints"]["settlement"].clone()
    };
    assert_eq!(settlement()["evidence"], "verified");
    assert_eq!(settlement()["absence-proves-after-seconds"], 3600);
    let output = xtask(&root, &[&["codegen", "--check"], &allowed[..]].concat());
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));

    let output = xtask(&root, &["codegen"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(settlement()["evidence"], "unverified");
}

#[test]
fn lint_and_operations_know_policy_overlays_too() {
    let root = small("policy_overlay_elsewhere");
    let mine = overlay(
        &root,
        "mine.yaml",
        "  - target: $.operations.addToCart\n    update: {effect: reads}\n",
    );
    let output = xtask(&root, &["lint", "--policy-overlay", &mine]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).starts_with("mine.yaml:5: effect: "),
        "{}",
        stderr(&output)
    );

    let allowed = ["--policy-overlay", &mine, "--allow-loosening", "addToCart"];
    let output = xtask(&root, &[&["lint"], &allowed[..]].concat());
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));
    let output = xtask(&root, &[&["operations", "--json"], &allowed[..]].concat());
    let operations: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(operations[2]["id"], "addToCart");
    assert_eq!(operations[2]["policy"]["effect"], "reads");
}

#[test]
fn leave_to_loosen_needs_a_policy_overlay() {
    let root = small("leave_alone");
    let output = xtask(&root, &["codegen", "--allow-loosening", "addToCart"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("--policy-overlay <FILE>"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn help_of_codegen_shows_how_a_policy_of_ones_own_is_typed() {
    let output = xtask(&small("help_codegen"), &["codegen", "--help"]);
    for shown in [
        "cargo xtask codegen --policy-overlay my-policy.yaml",
        "--allow-loosening createAllocatePoints",
        "spec/README.md",
    ] {
        assert!(stdout(&output).contains(shown), "{shown}");
    }
}

#[test]
fn wrong_usage_is_told_apart_from_findings() {
    let root = small("usage");
    assert_eq!(xtask(&root, &["lnt"]).status.code(), Some(2));
    assert_eq!(xtask(&root, &["lint", "--overlay"]).status.code(), Some(2));
}

#[test]
fn help_shows_how_each_command_is_typed() {
    let output = xtask(&small("help"), &["--help"]);
    for command in [
        "cargo xtask codegen --check",
        "cargo xtask operations",
        "cargo xtask lint",
    ] {
        assert!(stdout(&output).contains(command), "{command}");
    }
}

#[test]
fn codegen_writes_what_check_then_accepts_and_check_shows_what_a_renamed_field_changes() {
    let root = real("codegen");
    let generated = root.join("crates/enkash-api/src/generated.rs");

    let output = xtask(&root, &["codegen", "--check"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(!generated.exists(), "--check must not write");

    let output = xtask(&root, &["codegen"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(
        stdout(&output).contains("written   crates/enkash-api/src/generated.rs"),
        "{}",
        stdout(&output)
    );
    let first = fs::read(&generated).unwrap();

    let output = xtask(&root, &["codegen", "--check"]);
    assert_eq!(
        (output.status.code(), stdout(&output), stderr(&output)),
        (Some(0), String::new(), String::new())
    );

    edit(
        &root.join("spec/rewards.yaml"),
        "        maskedNumber:\n",
        "        maskedCardNumber:\n",
    );
    let output = xtask(&root, &["codegen", "--check"]);
    assert_eq!(output.status.code(), Some(1));
    let diff = stdout(&output);
    assert!(
        diff.contains("--- crates/enkash-api/src/generated.rs (checked in)"),
        "{diff}"
    );
    assert!(
        diff.lines()
            .any(|line| line.starts_with('-') && line.contains("masked_number")),
        "{diff}"
    );
    assert!(
        diff.lines()
            .any(|line| line.starts_with('+') && line.contains("masked_card_number")),
        "{diff}"
    );
    assert_eq!(
        stderr(&output),
        "generated files differ from spec/; to fix it: cargo xtask codegen\n"
    );
    assert_eq!(fs::read(&generated).unwrap(), first, "--check must not write");
}

#[test]
fn codegen_refuses_a_broken_spec_and_writes_nothing() {
    let root = small("codegen_broken");
    edit(&root.join("spec/rewards.yaml"), "          format: money\n", "");
    let output = xtask(&root, &["codegen"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).starts_with("spec/rewards.yaml:225: type: "),
        "{}",
        stderr(&output)
    );
    assert!(!root.join("crates").exists());
}

#[test]
fn codegen_keeps_the_copies_of_enkash_codegen_as_their_originals_are() {
    let root = real("copies");
    let copies = root.join("crates/enkash-codegen/embedded");
    assert_eq!(xtask(&root, &["codegen"]).status.code(), Some(0));
    let same = |copy: &str, original: &str| {
        let [copy, original] = [copies.join(copy), root.join(original)].map(|path| fs::read_to_string(path).unwrap());
        assert_eq!(copy, original);
    };
    same("spec/rewards.yaml", "spec/rewards.yaml");
    same("enkash-api/src/lib.rs", "crates/enkash-api/src/lib.rs");
    let manifest = fs::read_to_string(copies.join("enkash-api/manifest.toml")).unwrap();
    assert!(
        !manifest.contains("workspace") && !manifest.contains("path = "),
        "{manifest}"
    );
    assert!(
        manifest.contains("[dependencies.reqwest]\ndefault-features = false\nfeatures = [\"form\","),
        "{manifest}"
    );
    // What is generated is made anew each time.
    assert!(!copies.join("enkash-api/src/generated.rs").exists());

    edit(
        &root.join("crates/enkash-api/src/lib.rs"),
        "mod client;",
        "mod client ;",
    );
    let gone = copies.join("enkash-api/src/gone.rs");
    fs::write(&gone, "// Something.\n").unwrap();
    let output = xtask(&root, &["codegen", "--check"]);
    assert_eq!(output.status.code(), Some(1));
    for shown in [
        "+mod client ;\n",
        "+++ crates/enkash-codegen/embedded/enkash-api/src/gone.rs (gone, as its original is)\n",
    ] {
        assert!(stdout(&output).contains(shown), "{shown}: {}", stdout(&output));
    }
    assert!(gone.exists(), "--check must not write");
    assert_eq!(xtask(&root, &["codegen"]).status.code(), Some(0));
    assert!(!gone.exists());
    same("enkash-api/src/lib.rs", "crates/enkash-api/src/lib.rs");
}
