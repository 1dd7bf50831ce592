//! Secrets come from the environment, from a file that only its owner can read, or from somebody at the terminal; never
//! from an argument, which every process of the machine can see.

use std::{
    fs,
    io::{self, IsTerminal},
    path::Path,
};

use enkash::Secret;

use super::key::SettingKey;
use crate::input_file::{self, MAX_SECRET};

/// Reads the secret of this setting from its file.
pub(super) fn read(key: SettingKey, path: &Path) -> Result<Secret, String> {
    match key {
        // Of one line or two; what they are is for `FleetKeys` to say.
        SettingKey::FleetKey => Ok(Secret::new(read_private(path)?)),
        _ => read_file(path),
    }
}

/// Reads a secret that a file holds, without the end of its line.
fn read_file(path: &Path) -> Result<Secret, String> {
    let shown = path.display();
    let text = read_private(path)?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() {
        return Err(format!("{shown} is empty"));
    }
    if text.contains(char::is_control) {
        return Err(format!("{shown} has a second line, or another control character"));
    }
    Ok(Secret::new(text))
}

/// The text of a file that no other user can read.
fn read_private(path: &Path) -> Result<String, String> {
    let unreadable = |error: io::Error| format!("{} cannot be read: {error}", path.display());
    let file = input_file::open_regular(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    refuse_readable_by_others(path, &metadata)?;
    input_file::read_text_from(file, MAX_SECRET).map_err(unreadable)
}

#[cfg(unix)]
fn refuse_readable_by_others(path: &Path, metadata: &fs::Metadata) -> Result<(), String> {
    use std::os::unix::fs::MetadataExt;
    let us = rustix::process::geteuid().as_raw();
    if is_kept_from_others(metadata.mode(), metadata.uid(), us) {
        return Ok(());
    }
    Err(format!(
        "{0} can be read by others, so the secret in it may be known: run `chmod 600 {0}`, and have the secret changed \
         if the machine has other users",
        path.display()
    ))
}

/// A file of its owner alone; or one that an administrator made, in a group that we are in, as Kubernetes mounts secrets.
#[cfg(unix)]
fn is_kept_from_others(mode: u32, owner: u32, us: u32) -> bool {
    const ROOT: u32 = 0;
    let access = mode & 0o777;
    access & 0o077 == 0 || (owner == ROOT && us != ROOT && access & 0o037 == 0)
}

#[cfg(not(unix))]
fn refuse_readable_by_others(path: &Path, _metadata: &fs::Metadata) -> Result<(), String> {
    Err(format!(
        "{}: this platform has no permissions that keep a file to its owner: set the secret in the environment",
        path.display()
    ))
}

/// Whether somebody can be asked.
pub(super) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks on the terminal, and does not show what is typed.
pub(super) fn ask(name: &str) -> Result<Secret, String> {
    let typed = rpassword::prompt_password(format!("{name}: "))
        .map_err(|error| format!("{name} cannot be read from the terminal: {error}"))?;
    if typed.is_empty() {
        return Err(format!("{name} is empty"));
    }
    Ok(typed.into())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::{env, os::unix::fs::PermissionsExt};

    use super::*;

    fn read(content: &str, mode: u32) -> Result<Secret, String> {
        let path = env::temp_dir().join(format!(
            "enkash-secret-{}-{mode:o}-{}",
            std::process::id(),
            content.len()
        ));
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let secret = read_file(&path);
        fs::remove_file(&path).unwrap();
        secret
    }

    #[test]
    fn only_the_owner_and_a_group_that_an_administrator_chose_may_read() {
        let (root, us, other) = (0, 1000, 1001);
        for (mode, owner, reader, is_kept) in [
            (0o100_600, us, us, true),
            (0o100_400, root, us, true),
            (0o100_440, root, us, true),
            (0o100_640, root, us, true),
            (0o100_440, us, us, false),
            (0o100_640, other, us, false),
            (0o100_660, root, us, false),
            (0o100_444, root, us, false),
            (0o100_440, root, root, false),
            (0o100_450, root, us, false),
        ] {
            assert_eq!(is_kept_from_others(mode, owner, reader), is_kept, "{mode:o} of {owner}");
        }
    }

    #[test]
    fn only_a_file_of_its_owner_is_read() {
        assert_eq!(read("opaque\n", 0o600).unwrap().expose(), "opaque");
        assert_eq!(read("opaque\r\n", 0o400).unwrap().expose(), "opaque");
        assert_eq!(read(" with spaces ", 0o600).unwrap().expose(), " with spaces ");
        for mode in [0o640, 0o604, 0o644, 0o620] {
            let problem = read("opaque", mode).unwrap_err();
            assert!(
                problem.contains("run `chmod 600 ") && !problem.contains("opaque"),
                "{problem}"
            );
        }
    }

    #[test]
    fn a_file_that_cannot_be_a_secret_is_refused_before_it_costs_a_log_in() {
        for (content, problem) in [
            ("", "is empty"),
            ("\n", "is empty"),
            ("one\ntwo\n", "has a second line"),
        ] {
            assert!(read(content, 0o600).unwrap_err().contains(problem), "{content:?}");
        }
        assert!(
            read_file(Path::new("/dev/zero"))
                .unwrap_err()
                .contains("it is a device, not a file")
        );
    }
}
