//! What starting PostgreSQL and starting Redis have in common before there is a process: programs in PATH, their environment, and
//! what a test is told where they are missing.

use std::{
    env,
    ffi::OsStr,
    io::{self, Write},
    path::{Path, PathBuf},
    process::Command,
    thread,
};

/// A program with nothing of the caller's environment: no language, no settings of a client, no secret.
pub(crate) fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", "/usr/bin:/bin");
    command
}

/// Programs of this name in the folders of PATH.
pub(crate) fn in_path(path: &OsStr, name: &str) -> impl Iterator<Item = PathBuf> {
    let paths = env::split_paths(path).map(move |folder| folder.join(name));
    paths.filter(|program| program.is_file())
}

/// Looks for the programs of a server, and says so where there are none. The remedy says where they were looked for, and what
/// to install.
///
/// # Panics
///
/// There are none, and `CI=true` is set.
pub(crate) fn find_or_skip<T>(server: &str, remedy: &str, find: impl FnOnce(&OsStr) -> Option<T>) -> Option<T> {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = if cfg!(unix) { find(&path) } else { None };
    if found.is_none() {
        skip(
            &skipped(server, remedy),
            cfg!(unix) && env::var_os("CI").is_some_and(|ci| ci == "true"),
        );
    }
    found
}

/// Says it in one line, past the test harness, which would show it with `--nocapture` only.
fn skip(line: &str, is_ci: bool) {
    assert!(!is_ci, "{line}; with CI=true nothing is skipped");
    let _ = writeln!(io::stderr(), "{line}");
}

fn skipped(server: &str, remedy: &str) -> String {
    let thread = thread::current();
    let test = thread.name().unwrap_or("a test");
    let reason = if cfg!(unix) {
        remedy
    } else {
        "tests start it on Unix only"
    };
    format!("skipped: no {server} for {test}: {reason}")
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::panic;

    use super::*;

    #[test]
    fn nothing_is_skipped_in_ci() {
        let line = skipped("Database", "install it");
        assert_eq!(
            line,
            "skipped: no Database for programs::tests::nothing_is_skipped_in_ci: install it"
        );
        let refusal = panic::catch_unwind(|| skip(&line, true)).unwrap_err();
        let refusal = refusal.downcast_ref::<String>().unwrap();
        assert!(refusal.starts_with(&line), "{refusal}");
    }
}
