//! The crate that all pairs are compiled in: `enkash-api` as the command writes it, with a module for each pair. What is generated
//! for a pair refers to its own types and enumerations, and sends nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use enkash_codegen::api_crate::ApiCrate;
use enkash_codegen::spec::Spec;

use super::Generated;

/// A client that sends nothing.
const CLIENT: &str = "\
#[derive(Clone, Debug)]
pub struct Client { pub(crate) baseurl: String, pub(crate) client: reqwest::Client }
impl Client {
    pub(crate) async fn send<T>(&self, _: (), _: reqwest::Request, _: &[u16]) -> Result<ResponseValue<T>, crate::Error> {
        std::future::pending().await
    }
}
use progenitor_client::ResponseValue;
";

/// The crate on disk.
pub(super) struct CrateFiles {
    root: PathBuf,
    /// The text of `open_enums.rs`, without its list.
    open_enums: String,
}

impl CrateFiles {
    /// Writes the crate of the base.
    pub(super) fn write(base: &Spec) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("diff-pairs");
        // What an earlier run left behind.
        let _ = fs::remove_dir_all(&root);
        let api = ApiCrate::generate(base).expect("the base can be generated");
        api.write(&root).expect("the test folder can be written");
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .nth(2)
            .expect("it lies in the repository");
        // The versions that are here already.
        fs::copy(repository.join("Cargo.lock"), root.join("Cargo.lock")).expect("the test folder can be written");
        let files = Self {
            open_enums: read(&root, "src/open_enums.rs").replace("include!(\"open_enums_list.rs\");", ""),
            root,
        };
        let manifest = read(&files.root, "Cargo.toml") + "\n[workspace]\n";
        files.put("Cargo.toml", &manifest);
        let library = read(&files.root, "src/lib.rs") + "\n#[allow(warnings, missing_docs)]\nmod pairs;\n";
        files.put("src/lib.rs", &library);
        fs::create_dir_all(files.root.join("src/pairs")).expect("the test folder can be written");
        files
    }

    fn put(&self, path: &str, text: &str) {
        fs::write(self.root.join(path), text).expect("the test folder can be written");
    }

    /// Writes the module of a pair, and returns the line at which its caller begins.
    pub(super) fn module(&self, index: usize, new: &Generated, caller: &str) -> usize {
        let own = |text: &str| {
            let text = text.replace("crate :: ", "crate::");
            let here = format!("crate::pairs::p{index}");
            let text = text.replace("crate::open_enums", &format!("{here}::open_enums"));
            let text = text.replace("crate::types", &format!("{here}::types"));
            text.replace("use crate::client::Client;", "")
        };
        let calls = without_operation_ids(&own(&new.calls));
        let text = format!(
            "pub mod open_enums {{\n{}\n{}\n}}\n{}\npub mod client {{\n{CLIENT}\n{calls}\n}}\npub mod caller {{\n{}\n}}\n",
            without_docs(&self.open_enums),
            new.enums,
            own(&new.types),
            own(caller),
        );
        self.put(&format!("src/pairs/p{index}.rs"), &text);
        let caller = text.lines().position(|line| line == "pub mod caller {");
        caller.expect("it was written") + 1
    }

    /// The modules that do not compile, each with its first error and the line of it.
    pub(super) fn broken(&self, count: usize) -> BTreeMap<usize, (usize, String)> {
        let mut broken = BTreeMap::new();
        loop {
            let list: String = (0..count)
                .filter(|index| !broken.contains_key(index))
                .map(|index| format!("mod p{index};\n"))
                .collect();
            self.put("src/pairs/mod.rs", &list);
            let output = Command::new(env!("CARGO"))
                .args([
                    "check",
                    "--offline",
                    "--quiet",
                    "--message-format",
                    "short",
                    "--no-default-features",
                ])
                .current_dir(&self.root)
                // A folder that stays, so that the dependencies are compiled once.
                .env(
                    "CARGO_TARGET_DIR",
                    Path::new(env!("CARGO_TARGET_TMPDIR")).join("diff-pairs-target"),
                )
                .output()
                .expect("cargo can be started");
            if output.status.success() {
                return broken;
            }
            let text = String::from_utf8_lossy(&output.stderr);
            let before = broken.len();
            for line in text.lines().filter(|line| line.contains(": error")) {
                if let Some((index, at)) = place(line) {
                    let first = broken.entry(index).or_insert_with(|| (at, line.to_owned()));
                    if at < first.0 {
                        *first = (at, line.to_owned());
                    }
                }
            }
            assert!(
                broken.len() > before,
                "no error is in a pair: {}",
                text.chars().take(4000).collect::<String>()
            );
        }
    }
}

/// The number of a module and the line in it, from `src/pairs/p12.rs:34:5: error…`.
fn place(line: &str) -> Option<(usize, usize)> {
    let (index, rest) = line.strip_prefix("src/pairs/p")?.split_once(".rs:")?;
    Some((index.parse().ok()?, rest.split(':').next()?.parse().ok()?))
}

fn read(root: &Path, path: &str) -> String {
    fs::read_to_string(root.join(path)).expect("the crate has it")
}

/// Inner documentation may stand only at the start of a file.
fn without_docs(text: &str) -> String {
    text.lines()
        .filter(|line| !line.starts_with("//!"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The table of operations is that of the base.
fn without_operation_ids(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("crate::OperationId::") {
        out.push_str(&rest[..start]);
        out.push_str("()");
        let after = &rest[start + "crate::OperationId::".len()..];
        let end = after
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(after.len());
        rest = &after[end..];
    }
    out + rest
}
