//! Where PostgreSQL's programs are, and what a test is told where they are not.

use std::{
    cmp::Reverse,
    env,
    ffi::OsStr,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::Command,
    thread,
};

/// What a folder must hold. Debian's `/usr/bin/psql` stands alone and does not do.
const NEEDED: [&str; 3] = ["initdb", "postgres", "psql"];
/// Where Debian keeps the programs of each version, outside of PATH.
const DEBIAN_VERSIONS: &str = "/usr/lib/postgresql";

/// The programs of one version.
#[derive(Clone, Debug)]
pub(crate) struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// Says so where there are none.
    pub(crate) fn find_or_skip() -> Option<Self> {
        let path = env::var_os("PATH").unwrap_or_default();
        let found = Self::find(&path, Path::new(DEBIAN_VERSIONS));
        if found.is_none() {
            skip(cfg!(unix) && env::var_os("CI").is_some_and(|ci| ci == "true"));
        }
        found
    }

    /// The first in PATH, else the newest of Debian's versions.
    pub(crate) fn find(path: &OsStr, versions: &Path) -> Option<Self> {
        if !cfg!(unix) {
            return None;
        }
        // Where a link in PATH leads, there the others are too.
        let in_path = env::split_paths(path).filter_map(|folder| {
            let postgres = folder.join("postgres").canonicalize().ok()?;
            Some(postgres.parent()?.to_owned())
        });
        let mut versions: Vec<_> = fs::read_dir(versions).into_iter().flatten().flatten().collect();
        versions.sort_by_key(|entry| Reverse(entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok())));
        let of_versions = versions.into_iter().map(|entry| entry.path().join("bin"));
        let is_whole = |folder: &PathBuf| NEEDED.iter().all(|program| folder.join(program).is_file());
        let folder = in_path.chain(of_versions).find(is_whole)?;
        Some(Self { folder })
    }

    pub(crate) fn path(&self, program: &str) -> PathBuf {
        self.folder.join(program)
    }
}

/// A program with nothing of the caller's environment: no language, no settings of a client, no secret.
pub(crate) fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", "/usr/bin:/bin");
    command
}

/// Says it in one line, past the test harness, which would show it with `--nocapture` only.
fn skip(is_ci: bool) {
    let line = skipped();
    assert!(!is_ci, "{line}; with CI=true nothing is skipped");
    let _ = writeln!(io::stderr(), "{line}");
}

fn skipped() -> String {
    let thread = thread::current();
    let test = thread.name().unwrap_or("a test");
    let reason = if cfg!(unix) {
        format!(
            "initdb, postgres and psql are neither in PATH nor in {DEBIAN_VERSIONS}/*/bin; \
             install Debian's package `postgresql`"
        )
    } else {
        "tests start it on Unix only".to_owned()
    };
    format!("skipped: no PostgreSQL for {test}: {reason}")
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::panic;

    use super::*;

    /// A folder in which these programs seem to be.
    fn fill(folder: &Path, programs: &[&str]) {
        fs::create_dir_all(folder).unwrap();
        for program in programs {
            fs::write(folder.join(program), "").unwrap();
        }
    }

    #[test]
    fn takes_the_first_in_path_else_the_newest_version() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        let find = |path: &OsStr| Some(Programs::find(path, &root.join("versions"))?.path("psql"));
        assert_eq!(find(OsStr::new("")), None);

        for version in ["9", "15", "16"] {
            fill(&root.join("versions").join(version).join("bin"), &NEEDED);
        }
        // The client alone, as where the package of the server was removed.
        fill(&root.join("versions/17/bin"), &["psql"]);
        assert_eq!(find(OsStr::new("")), Some(root.join("versions/16/bin/psql")));

        fill(&root.join("own"), &NEEDED);
        fs::create_dir(root.join("links")).unwrap();
        std::os::unix::fs::symlink(root.join("own/postgres"), root.join("links/postgres")).unwrap();
        let path = env::join_paths([root.join("nowhere"), root.join("links")]).unwrap();
        assert_eq!(find(&path), Some(root.join("own/psql")));
    }

    #[test]
    fn nothing_is_skipped_in_ci() {
        let refusal = panic::catch_unwind(|| skip(true)).unwrap_err();
        let refusal = refusal.downcast_ref::<String>().unwrap();
        assert!(
            refusal.starts_with("skipped: no PostgreSQL for programs::tests::nothing_is_skipped_in_ci: "),
            "{refusal}"
        );
    }
}
