//! `docs/reviewing.md` is what happens: its commands run in a copy of the repository.

// The page runs in bash, for so long at most as coreutils' `timeout` allows.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may panic, and so may what it calls")]

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use enkash_test_pages::Page;

/// By the folder alone: a hook has `GIT_DIR` in its environment, and with it the commit would go to the repository of whoever runs
/// the tests.
fn git(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let mut command = Command::new("git");
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") {
            command.env_remove(name);
        }
    }
    let output = command.current_dir(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
    output.stdout
}

/// Every file that git knows, as it lies there, in a repository of its own.
fn copy(repository: &Path, to: &Path) {
    let known = git(
        repository,
        &["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    );
    let names = String::from_utf8(known).unwrap();
    for name in names.split_terminator('\0') {
        let from = repository.join(name);
        // One that was removed and not committed is still known.
        if !from.is_file() {
            continue;
        }
        let copy = to.join(name);
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(from, copy).unwrap();
    }
    git(to, &["init", "--quiet", "--initial-branch=main"]);
    git(to, &["add", "--all"]);
    let author = [
        "-c",
        "user.name=author",
        "-c",
        "user.email=author@example.com",
        "-c",
        "commit.gpgsign=false",
    ];
    git(to, &[&author[..], &["commit", "--quiet", "--message=before"]].concat());
}

/// A `cargo` that knows `cargo xtask`, as it was built for this test.
fn cargo(folder: &Path) -> PathBuf {
    let programs = folder.join("programs");
    fs::create_dir(&programs).unwrap();
    let text = format!(
        "#!/bin/sh\n[ \"$1\" = xtask ] || exit 101\nshift\nexec '{}' \"$@\"\n",
        env!("CARGO_BIN_EXE_xtask")
    );
    let file = programs.join("cargo");
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    programs
}

#[test]
fn the_page_on_reviewing_is_what_happens() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let copied = folder.path().join("repository");
    copy(repository, &copied);
    let page = Page {
        path: &repository.join("docs/reviewing.md"),
        folder: &copied,
        programs: &cargo(folder.path()),
        environment: Vec::new(),
        port: None,
    };
    assert_eq!(page.run(), 17);
}
