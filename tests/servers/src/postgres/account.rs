//! Who the server runs as. PostgreSQL refuses root, so where the tests run as root it gets an account of its own.

#[cfg(not(unix))]
use std::process::Command;

#[cfg(unix)]
pub(super) use unix::Account;

#[cfg(unix)]
mod unix {
    use std::{
        fs, io,
        os::unix::{
            fs::{MetadataExt, chown},
            process::CommandExt,
        },
        path::Path,
        process::Command,
    };

    /// In this order. Debian's package makes the first.
    const NAMES: [&str; 2] = ["postgres", "nobody"];

    /// An account without rights.
    #[derive(Debug)]
    pub(crate) struct Account {
        user: u32,
        group: u32,
    }

    impl Account {
        /// Gives the new folder to an account if root made it. `None` if somebody else did, whom PostgreSQL accepts.
        pub(crate) fn take_over(folder: &Path) -> io::Result<Option<Self>> {
            if folder.metadata()?.uid() != 0 {
                return Ok(None);
            }
            let accounts = fs::read_to_string("/etc/passwd")?;
            let account = NAMES.iter().find_map(|name| Self::parse(&accounts, name));
            let account = account.ok_or_else(|| {
                io::Error::other(format!(
                    "PostgreSQL refuses root, and /etc/passwd has none of {NAMES:?}"
                ))
            })?;
            chown(folder, Some(account.user), Some(account.group))?;
            Ok(Some(account))
        }

        /// The account of this name in the text of `/etc/passwd`.
        fn parse(accounts: &str, name: &str) -> Option<Self> {
            let mut fields = accounts.lines().map(|line| line.split(':'));
            let mut fields = fields.find_map(|mut fields| (fields.next() == Some(name)).then_some(fields))?;
            let (user, group) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
            (user != 0).then_some(Self { user, group })
        }

        /// Root's other groups go too.
        pub(crate) fn apply(&self, command: &mut Command) {
            command.uid(self.user).gid(self.group);
        }
    }
}

/// Nothing is started elsewhere: `find_or_skip` finds nothing.
#[cfg(not(unix))]
#[derive(Debug)]
pub(super) struct Account;

#[cfg(not(unix))]
impl Account {
    pub(super) fn take_over(_folder: &std::path::Path) -> std::io::Result<Option<Self>> {
        Ok(None)
    }

    pub(super) fn apply(&self, _command: &mut Command) {}
}
