//! Where PostgreSQL's programs are: in PATH, or where Debian keeps them outside of it.

use std::{
    cmp::Reverse,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use crate::programs::{find_or_skip, in_path};

/// What a folder must hold. Debian's `/usr/bin/psql` stands alone and does not do.
const NEEDED: [&str; 4] = ["initdb", "postgres", "psql", "pg_dump"];
/// Where Debian keeps the programs of each version, outside of PATH.
const DEBIAN_VERSIONS: &str = "/usr/lib/postgresql";
/// What a test is told.
const REMEDY: &str = "initdb, postgres, psql and pg_dump are neither in PATH nor in /usr/lib/postgresql/*/bin; \
                      install Debian's package `postgresql`";

/// The programs of one version.
#[derive(Clone, Debug)]
pub(super) struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// Says so where there are none.
    pub(super) fn find_or_skip() -> Option<Self> {
        find_or_skip("PostgreSQL", REMEDY, |path| {
            Self::find(path, Path::new(DEBIAN_VERSIONS))
        })
    }

    /// The first in PATH, else the newest of Debian's versions.
    fn find(path: &OsStr, versions: &Path) -> Option<Self> {
        // Where a link in PATH leads, there the others are too.
        let in_path =
            in_path(path, "postgres").filter_map(|program| Some(program.canonicalize().ok()?.parent()?.to_owned()));
        let mut versions: Vec<_> = fs::read_dir(versions).into_iter().flatten().flatten().collect();
        versions.sort_by_key(|entry| Reverse(entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok())));
        let of_versions = versions.into_iter().map(|entry| entry.path().join("bin"));
        let is_whole = |folder: &PathBuf| NEEDED.iter().all(|program| folder.join(program).is_file());
        let folder = in_path.chain(of_versions).find(is_whole)?;
        Some(Self { folder })
    }

    pub(super) fn path(&self, program: &str) -> PathBuf {
        self.folder.join(program)
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::env;

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
        fill(&root.join("versions/17/bin"), &["psql", "pg_dump"]);
        assert_eq!(find(OsStr::new("")), Some(root.join("versions/16/bin/psql")));

        fill(&root.join("own"), &NEEDED);
        fs::create_dir(root.join("links")).unwrap();
        std::os::unix::fs::symlink(root.join("own/postgres"), root.join("links/postgres")).unwrap();
        let path = env::join_paths([root.join("nowhere"), root.join("links")]).unwrap();
        assert_eq!(find(&path), Some(root.join("own/psql")));
    }
}
