//! What is left to do by hand after `cargo xtask new-operation`, in order.
//!
//! CONTRIBUTING.md, "Add an operation", explains the same steps; a test holds the page to this list.

/// A step: its title on the page, the files that it is about, and what to do there.
#[derive(Debug)]
pub struct Step {
    /// The title.
    pub title: &'static str,
    /// The files or folders.
    pub files: &'static [&'static str],
    /// What to do.
    pub what: &'static str,
}

/// The steps, in order.
pub const STEPS: [Step; 8] = [
    Step {
        title: "The spec",
        files: &["spec/rewards.yaml"],
        what: "write each marked sentence in words of the project and answer the questions above; cargo xtask lint",
    },
    Step {
        title: "The policy",
        files: &["spec/policy.yaml"],
        what: "the entry is the strictest; say what the operation does with value, and why",
    },
    Step {
        title: "The surface",
        files: &["spec/surface.yaml"],
        what: "name the method, the command and the sandbox, or say why there is none",
    },
    Step {
        title: "The generated files",
        files: &[],
        what: "cargo xtask codegen, after each edit of spec/",
    },
    Step {
        title: "The sandbox",
        files: &[
            "crates/enkash-sandbox/src/operations/mod.rs",
            "crates/enkash-sandbox/tests",
        ],
        what: "replace the arm of dispatch that answers 501, and test what takes its place",
    },
    Step {
        title: "The wrapper",
        files: &[
            "crates/enkash/src",
            "crates/enkash/src/layers/dry_run/mod.rs",
            "crates/enkash/src/transport/response_limits.rs",
            "crates/enkash/tests/against_sandbox",
        ],
        what: "a method of a handle, what a dry run shows of it, whether it returns a list, and a test",
    },
    Step {
        title: "The command",
        files: &[
            "crates/enkash-cli/src/commands",
            "commands/mod.rs",
            "commands/schema.rs",
            "crates/enkash-cli/README.md",
            "crates/enkash-cli/tests/cli/reads.rs",
        ],
        what: "a file with arguments, help and run, a line in the table, its fields in the README, and a test",
    },
    Step {
        title: "The snapshots",
        files: &["tests/snapshots", "tests/tests/contract/served.rs"],
        what: "INSTA_UPDATE=always cargo test -p enkash-tests --test snapshots; review the new pages, run the contract test, add a \
               line to CHANGELOG.md",
    },
];

/// The steps as the command prints them.
#[must_use]
pub fn printed() -> String {
    let mut text = String::new();
    for (index, step) in STEPS.iter().enumerate() {
        text += &format!("  {}. {}: {}\n", index + 1, step.title, step.what);
        for file in step.files {
            text += &format!("     {file}\n");
        }
    }
    text
}
