//! Where Redis's program is. It is one program with several names, which does what its name says: Debian's package `redis-tools` has
//! it as `redis-check-rdb`, and `redis-server` adds a link and a service.

use std::{
    ffi::OsStr,
    io,
    path::{self, Path, PathBuf},
};

use crate::programs::{find_or_skip, in_path};

/// In this order.
const NAMES: [&str; 2] = ["redis-server", "redis-check-rdb"];
/// What a test is told.
const REMEDY: &str =
    "neither redis-server nor redis-check-rdb, its other name, is in PATH; install Debian's package `redis-tools`";

/// Redis under one of its names.
#[derive(Clone, Debug)]
pub(super) struct Program {
    path: PathBuf,
}

impl Program {
    /// Says so where there is none.
    pub(super) fn find_or_skip() -> Option<Self> {
        find_or_skip("Redis", REMEDY, Self::find)
    }

    fn find(path: &OsStr) -> Option<Self> {
        let found = NAMES.iter().find_map(|name| in_path(path, name).next())?;
        let path = path::absolute(found).ok()?;
        Some(Self { path })
    }

    /// Gives the program another name.
    pub(super) fn link(&self, link: &Path) -> io::Result<()> {
        #[cfg(unix)]
        return std::os::unix::fs::symlink(&self.path, link);
        #[cfg(not(unix))]
        return Err(io::Error::other(format!(
            "no link to {} at {}",
            self.path.display(),
            link.display()
        )));
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::{env, fs};

    use super::*;

    impl Program {
        /// The same program under the name that does not say what it serves as.
        pub(in crate::redis) fn of_debian_tools(&self) -> Option<Self> {
            let path = self.path.with_file_name(NAMES[1]);
            path.is_file().then_some(Self { path })
        }
    }

    #[test]
    fn takes_the_other_name_only_where_the_first_is_nowhere() {
        let root = tempfile::tempdir().unwrap();
        let folders = [root.path().join("a"), root.path().join("b")];
        let path = env::join_paths(&folders).unwrap();
        assert!(Program::find(&path).is_none());
        for (folder, name) in folders.iter().zip(["redis-check-rdb", "redis-server"]) {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join(name), "").unwrap();
            assert_eq!(Program::find(&path).unwrap().path, folder.join(name));
        }
    }
}
