//! Where snapshots lie and when a run fails: a text that differs from its file, a text without a file, a
//! file without a text, and a file that waits for review. All of it without cargo-insta.

use std::{
    collections::BTreeSet,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

const ACCEPT: &str = "INSTA_UPDATE=always cargo test -p enkash-tests --test snapshots";

/// A text and the place of its file.
pub(crate) struct Snapshot {
    /// The folder below `snapshots/`.
    pub(crate) folder: &'static str,
    /// The name of the file, without `.snap`.
    pub(crate) name: String,
    /// What it holds.
    pub(crate) text: String,
}

impl Snapshot {
    fn file(&self) -> PathBuf {
        root().join(self.folder).join(format!("{}.snap", self.name))
    }
}

fn root() -> PathBuf {
    enkash_tests::package().join("snapshots")
}

/// Compares every text with its file. insta shows each difference; all of them are named at the end.
pub(crate) fn assert_reviewed(snapshots: Vec<Snapshot>) {
    let differs = |snapshot: &Snapshot| {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(root().join(snapshot.folder));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        let compare = || settings.bind(|| insta::assert_snapshot!(snapshot.name.as_str(), &snapshot.text));
        catch_unwind(AssertUnwindSafe(compare)).is_err()
    };
    let changed: Vec<_> = snapshots
        .into_iter()
        .filter(differs)
        .map(|snapshot| snapshot.name)
        .collect();
    assert!(
        changed.is_empty(),
        "not as reviewed: {changed:#?}\nIf this is meant, run `{ACCEPT}` and review the diff"
    );
}

/// Fails on files that no text belongs to. One that waits for review, `….snap.new`, belongs to its text: the
/// comparison fails on it, or removes it.
pub(crate) fn assert_no_strays(snapshots: impl Iterator<Item = Snapshot>) {
    let used: BTreeSet<_> = snapshots.map(|snapshot| snapshot.file()).collect();
    let is_stray = |file: &PathBuf| {
        let reviewed = match file.extension().is_some_and(|extension| extension == "new") {
            true => file.with_extension(""),
            false => file.clone(),
        };
        !used.contains(&reviewed)
    };
    let strays: Vec<_> = files_below(&root()).into_iter().filter(is_stray).collect();
    assert!(
        strays.is_empty(),
        "these files belong to no snapshot, remove them: {strays:#?}"
    );
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("an entry of the folder").path();
        match path.is_dir() {
            true => found.extend(files_below(&path)),
            false => found.push(path),
        }
    }
    found
}
