//! `cargo xtask diff` as it is typed, and as git calls it, in repositories of their own.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A repository with the real spec/ in its first commit.
fn repository(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("diff").join(name);
    // What an earlier run left behind.
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(root.join("spec")).expect("the test folder can be written");
    for file in ["rewards.yaml", "policy.yaml", "surface.yaml", "sandbox.overlay.yaml"] {
        fs::copy(here().join("spec").join(file), root.join("spec").join(file)).expect("the file can be copied");
    }
    fs::copy(here().join(".gitattributes"), root.join(".gitattributes")).expect("the file can be copied");
    write(&root, "CHANGELOG.md", "# Changelog\n\n## Unreleased\n\nNothing.\n");
    git(&root, &["init", "--quiet", "--initial-branch", "main"]);
    commit(&root, "first");
    root
}

fn write(root: &Path, path: &str, text: &str) {
    fs::write(root.join(path), text).expect("the test folder can be written");
}

/// A command whose git goes by the folder alone. A hook has `GIT_DIR` in its environment: with it, a commit of these tests would
/// go to the repository of whoever runs them. Settings of that person are none of theirs either.
fn alone(program: &str) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") {
            command.env_remove(name);
        }
    }
    command.env("GIT_CONFIG_GLOBAL", "/dev/null");
    command
}

fn git(root: &Path, arguments: &[&str]) -> String {
    let output = alone("git")
        .args([
            "-c",
            "user.name=Nobody",
            "-c",
            "user.email=nobody@example.com",
            "-c",
            "commit.gpgsign=false",
        ])
        .args(arguments)
        .current_dir(root)
        .output()
        .expect("git can be started");
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("git prints UTF-8")
}

fn commit(root: &Path, message: &str) {
    git(root, &["add", "--all"]);
    git(root, &["commit", "--quiet", "--message", message]);
}

/// Turns the first `before` of a file into `after`.
fn edit(root: &Path, path: &str, before: &str, after: &str) {
    let text = fs::read_to_string(root.join(path)).expect("the file is there");
    assert!(text.contains(before), "{before:?} is not in {path}");
    write(root, path, &text.replacen(before, after, 1));
}

fn diff(root: &Path, arguments: &[&str]) -> Output {
    alone(env!("CARGO_BIN_EXE_xtask"))
        .arg("diff")
        .args(arguments)
        .arg("--root")
        .arg(root)
        .current_dir(root)
        .output()
        .expect("xtask can be started")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const RENAMED: (&str, &str) = ("        otbBalance:", "        cardBalance:");
const LOOSENED: (&str, &str) = ("    after-401: unknown", "    after-401: replay");

#[test]
fn the_exit_code_is_that_of_the_worst_change() {
    let root = repository("exit-codes");
    let code = |arguments: &[&str]| diff(&root, arguments).status.code();
    assert_eq!(stdout(&diff(&root, &[])), "no change\n");
    assert_eq!(code(&[]), Some(0));
    edit(
        &root,
        "spec/rewards.yaml",
        "summary: Log in and",
        "summary: Sign in and",
    );
    assert_eq!(stdout(&diff(&root, &[])), "no change\n");
    edit(&root, "spec/policy.yaml", LOOSENED.0, LOOSENED.1);
    assert_eq!(code(&[]), Some(3));
    edit(&root, "spec/rewards.yaml", "  /oauth/token:", "  /oauth/tokens:");
    assert_eq!(code(&[]), Some(4));
    edit(&root, "spec/rewards.yaml", RENAMED.0, RENAMED.1);
    assert_eq!(code(&[]), Some(5));
    edit(
        &root,
        "spec/rewards.yaml",
        "openapi: 3.0.3",
        "openapi: 3.0.3\nx-mode: strict",
    );
    assert_eq!(code(&[]), Some(6));
    edit(&root, "spec/rewards.yaml", "openapi: 3.0.3", "openapi: [");
    let broken = diff(&root, &[]);
    assert_eq!(broken.status.code(), Some(1));
    assert!(stderr(&broken).contains("spec/rewards.yaml:"), "{}", stderr(&broken));
    assert_eq!(code(&["only-one"]), Some(2));
}

#[test]
fn revisions_paths_at_revisions_files_and_folders_are_sides() {
    let root = repository("sides");
    edit(&root, "spec/rewards.yaml", RENAMED.0, RENAMED.1);
    commit(&root, "second");
    edit(&root, "spec/rewards.yaml", "  /oauth/token:", "  /oauth/tokens:");
    let report = |arguments: &[&str]| stdout(&diff(&root, arguments));
    let revisions = report(&["HEAD^", "HEAD"]);
    assert!(
        revisions.contains("field renamed  Card.otbBalance") && !revisions.contains("path changed"),
        "{revisions}"
    );
    assert_eq!(
        report(&["HEAD^:spec/rewards.yaml", "HEAD:spec/rewards.yaml"]),
        revisions
    );
    let files = report(&["HEAD:spec/rewards.yaml", "spec/rewards.yaml"]);
    assert!(
        files.contains("path changed  issueToken") && !files.contains("field renamed"),
        "{files}"
    );
    let both = report(&["HEAD^", "."]);
    assert!(
        both.contains("path changed") && both.contains("field renamed"),
        "{both}"
    );
    assert_eq!(report(&["--base", "HEAD^"]), both);
    let nothing = diff(&root, &["no-such-thing", "."]);
    assert_eq!(nothing.status.code(), Some(1));
    assert!(
        stderr(&nothing).contains("no-such-thing is no file, no folder and no revision"),
        "{}",
        stderr(&nothing)
    );
    let option = diff(&root, &["--base=--output=x"]);
    assert_eq!(option.status.code(), Some(1));
    assert!(!root.join("x").exists());
}

#[test]
fn a_branch_is_compared_with_where_it_left_main() {
    let root = repository("branch");
    git(&root, &["checkout", "--quiet", "-b", "topic"]);
    edit(&root, "spec/rewards.yaml", RENAMED.0, RENAMED.1);
    commit(&root, "a topic");
    git(&root, &["checkout", "--quiet", "main"]);
    edit(&root, "spec/rewards.yaml", "  /oauth/token:", "  /oauth/tokens:");
    commit(&root, "main goes on");
    // On main itself it is the commit before.
    let main = stdout(&diff(&root, &[]));
    assert!(
        main.contains("path changed") && !main.contains("field renamed"),
        "{main}"
    );
    git(&root, &["checkout", "--quiet", "topic"]);
    let topic = stdout(&diff(&root, &[]));
    assert!(
        topic.contains("field renamed") && !topic.contains("path changed"),
        "{topic}"
    );
}

#[test]
fn a_change_is_accepted_by_its_fingerprint_and_the_changelog_names_it() {
    let root = repository("accepted");
    edit(&root, "spec/rewards.yaml", RENAMED.0, RENAMED.1);
    let json: serde_json::Value =
        serde_json::from_str(&stdout(&diff(&root, &["--format", "json"]))).expect("it prints JSON");
    let print = json["changes"][0]["fingerprint"].as_str().expect("it has one");
    let accepted =
        format!("accepted:\n  - {{fingerprint: '{print}', reason: EnKash renamed it., date: '2026-01-31'}}\n");
    write(&root, "spec/accepted-changes.yaml", &accepted);
    assert_eq!(diff(&root, &[]).status.code(), Some(0));
    let unnamed = diff(&root, &["--check-changelog"]);
    assert_eq!(unnamed.status.code(), Some(1));
    assert!(
        stderr(&unnamed).contains("does not name `Card.otbBalance`"),
        "{}",
        stderr(&unnamed)
    );
    let draft = stdout(&diff(&root, &["--format", "changelog"]));
    write(
        &root,
        "CHANGELOG.md",
        &format!("# Changelog\n\n## Unreleased\n\n{draft}"),
    );
    assert_eq!(diff(&root, &["--check-changelog"]).status.code(), Some(0));
    edit(&root, "spec/rewards.yaml", RENAMED.1, RENAMED.0);
    let stale = stdout(&diff(&root, &[]));
    assert_eq!(
        stale,
        format!("no change\naccepted, and does not occur: {print} (EnKash renamed it.)\n")
    );
}

#[test]
fn git_shows_changes_of_the_spec_by_their_meaning() {
    let root = repository("driver");
    let driver = format!(
        "'{}' diff --root '{}' --git-driver",
        env!("CARGO_BIN_EXE_xtask"),
        root.display()
    );
    git(&root, &["config", "diff.enkash.command", &driver]);
    edit(&root, "spec/rewards.yaml", RENAMED.0, RENAMED.1);
    edit(&root, "spec/policy.yaml", LOOSENED.0, LOOSENED.1);
    write(&root, "spec/accepted-changes.yaml", "accepted: []\n");
    git(&root, &["add", "--all"]);
    let shown = git(&root, &["diff", "HEAD"]);
    assert!(
        shown.contains("spec: spec/rewards.yaml\n1 change: 1 breaks at compile time\n"),
        "{shown}"
    );
    assert!(
        shown.contains("field renamed  Card.otbBalance: otbBalance → cardBalance"),
        "{shown}"
    );
    assert!(
        shown.contains("spec: spec/policy.yaml\n1 change: 1 behaves otherwise\n"),
        "{shown}"
    );
    // What is no part of a description is shown by its lines.
    assert!(
        shown.contains("spec: spec/accepted-changes.yaml\n") && shown.contains("+accepted: []\n"),
        "{shown}"
    );
    // Each file alone: the policy of a commit is not mixed with the document of another.
    assert_eq!(shown.matches("policy loosened").count(), 1, "{shown}");
}

#[test]
fn the_schema_of_the_json_is_printed() {
    let output = diff(&repository("schema"), &["--schema"]);
    let schema: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("it is JSON");
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
}
