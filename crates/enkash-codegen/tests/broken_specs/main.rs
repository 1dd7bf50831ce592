//! Broken specs, and the exact messages about them.
//!
//! `base/` holds a small spec that keeps every rule. Each test breaks it in one way and states everything that is
//! reported, and whether code generation stops or only lint speaks up.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use enkash_codegen::{lint, spec};

mod evidence_and_policy;
mod files;
mod moves;
mod mutations;
mod operations;
mod overlays;
mod policy_loosened;
mod policy_overlays;
mod schemas;
mod shape;
mod surface;
mod syntax;

const REWARDS: &str = "spec/rewards.yaml";
const POLICY: &str = "spec/policy.yaml";
const SANDBOX: &str = "spec/sandbox.overlay.yaml";
const SURFACE: &str = "spec/surface.yaml";

/// The base spec with changes, in a folder of its own.
struct Repository {
    root: PathBuf,
    changes: spec::Changes,
}

fn base() -> Repository {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed).to_string();
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("broken_specs").join(number);
    // What an earlier run left behind.
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(root.join("spec")).expect("the test folder can be written");
    Repository {
        root,
        changes: spec::Changes::default(),
    }
    .and_replaced(REWARDS, include_str!("base/rewards.yaml"))
    .and_replaced(POLICY, include_str!("base/policy.yaml"))
    .and_replaced(SANDBOX, include_str!("base/sandbox.overlay.yaml"))
    .and_replaced(SURFACE, include_str!("base/surface.yaml"))
}

/// The base spec with the first `before` in a file turned into `after`.
fn edited(file: &str, before: &str, after: &str) -> Repository {
    base().and(file, before, after)
}

/// The base spec with another text in place of a file.
fn replaced(file: &str, text: impl AsRef<[u8]>) -> Repository {
    base().and_replaced(file, text)
}

impl Repository {
    fn and(self, file: &str, before: &str, after: &str) -> Self {
        let text = self.text(file);
        assert!(text.contains(before), "{before:?} is not in {file}");
        self.and_replaced(file, text.replacen(before, after, 1))
    }

    fn and_replaced(self, file: &str, text: impl AsRef<[u8]>) -> Self {
        fs::write(self.root.join(file), text).expect("the test folder can be written");
        self
    }

    /// Without the entry of an operation in surface.yaml.
    fn without_surface(self, operation: &str) -> Self {
        let lines = self.text(SURFACE);
        let (mut kept, mut is_gone) = (String::new(), false);
        for line in lines.lines() {
            if !line.starts_with("    ") {
                is_gone = line.trim() == format!("{operation}:");
            }
            if !is_gone {
                kept += line;
                kept.push('\n');
            }
        }
        assert_ne!(kept, lines, "{operation} has no entry in {SURFACE}");
        self.and_replaced(SURFACE, kept)
    }

    fn with_overlay(mut self, name: &str, actions: &str) -> Self {
        let path = self.overlay(name, actions);
        self.changes.overlays.push(spec::Source::file_below(&self.root, path));
        self
    }

    fn with_policy_overlay(mut self, name: &str, actions: &str) -> Self {
        let path = self.overlay(name, actions);
        self.changes
            .policy_overlays
            .push(spec::Source::file_below(&self.root, path));
        self
    }

    fn allowing(mut self, operation: &str) -> Self {
        self.changes.allow_loosening.push(operation.to_owned());
        self
    }

    fn overlay(&self, name: &str, actions: &str) -> PathBuf {
        let head = "overlay: 1.0.0\ninfo: {title: Mine, version: '1'}\nactions:\n";
        let path = self.root.join(name);
        fs::write(&path, format!("{head}{actions}")).expect("the test folder can be written");
        path
    }

    fn text(&self, file: &str) -> String {
        fs::read_to_string(self.root.join(file)).expect("the file is there")
    }

    fn sources(&self) -> spec::Sources {
        spec::Sources::in_repository(&self.root)
    }

    fn load(&self) -> Result<spec::Spec, Vec<spec::Diagnostic>> {
        lint::load(&self.sources(), &self.changes)
    }

    fn lint(&self) -> Vec<String> {
        printed(&lint::run(&self.sources(), &self.changes))
    }

    /// Neither code generation nor lint has anything to say.
    #[track_caller]
    fn is_fine(&self) -> spec::Spec {
        assert_eq!(self.lint(), Vec::<String>::new());
        self.load().expect("lint found nothing")
    }

    /// Code generation and lint both report exactly this.
    #[track_caller]
    fn stops_codegen(&self, expected: &[&str]) {
        let found = self.load().err().map(|found| printed(&found));
        assert_eq!(found.unwrap_or_default(), expected);
        assert_eq!(self.lint(), expected);
    }

    /// Lint reports exactly this, and code generation would run.
    #[track_caller]
    fn is_found_by_lint(&self, expected: &[&str]) {
        assert_eq!(self.lint(), expected);
        assert!(self.load().is_ok());
    }
}

fn printed(findings: &[spec::Diagnostic]) -> Vec<String> {
    findings.iter().map(ToString::to_string).collect()
}
