//! The list of checks stays one list.

use std::{fs, path::PathBuf};

use super::*;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn ci_run_has_no_check_of_its_own() {
    let script = read(".ci/run");
    assert!(script.lines().any(|line| line == "cargo xtask ci"), "{script}");
    for command in ["test", "fmt", "clippy", "doc", "check", "run"] {
        let own = format!("cargo {command}");
        assert!(
            !script.lines().any(|line| line.starts_with(&own)),
            "{own}: put it into STEPS"
        );
    }
}

#[test]
fn the_list_names_every_script_and_the_test_command_of_the_readme() {
    let scripts = fs::read_dir(repository().join(".ci")).unwrap();
    let scripts = scripts.map(|entry| format!(".ci/{}", entry.unwrap().file_name().to_string_lossy()));
    for script in scripts.filter(|script| !script.contains('.') || script.starts_with(".ci/test-")) {
        assert!(STEPS.iter().any(|step| step.command == script), "no step runs {script}");
    }
    let command = "cargo test --workspace";
    assert!(read("README.md").contains(command) && read(".ci/test-workspace").contains(command));
}

#[test]
fn what_a_step_needs_is_installed_by_ci_run() {
    let script = read(".ci/run");
    for step in STEPS.iter().filter(|step| step.command.starts_with("target/")) {
        let tool = step.command.split([' ', '/']).nth(3).unwrap();
        assert!(script.contains(&format!("{tool}==")), ".ci/run does not install {tool}");
    }
}

#[test]
fn every_script_installs_the_mdbook_that_the_site_is_written_with() {
    let wanted = format!("mdbook@{} ", crate::site::MDBOOK_VERSION);
    for script in [".ci/test-docs", ".github/workflows/docs.yml"] {
        assert!(read(script).contains(&wanted), "{script} does not install {wanted}");
    }
}

/// The features of a release, wherever everything is compiled on another system, by another Rust or with other dependencies.
#[test]
fn the_workflow_compiles_what_is_released() {
    let workflow = read(".github/workflows/ci.yml");
    let whole = workflow
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- run: cargo "))
        .filter(|command| command.contains("--workspace"));
    let whole: Vec<_> = whole.collect();
    assert_eq!(whole.len(), 4, "{whole:?}");
    for command in whole {
        assert!(command.contains(" --features enkash-cli/full"), "cargo {command}");
    }
}

#[test]
fn every_workflow_is_held_to_its_schema() {
    let step = STEPS.iter().find(|step| step.name == "workflows").unwrap();
    for workflow in fs::read_dir(repository().join(".github/workflows")).unwrap() {
        let name = workflow.unwrap().file_name().into_string().unwrap();
        assert!(
            step.command.contains(&format!(".github/workflows/{name}")),
            "{name} is not checked"
        );
    }
}
