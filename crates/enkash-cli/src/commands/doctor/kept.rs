//! The files that outlive a run: who may read them, and who may put others in their place.

use std::path::Path;

use super::check::Check;

const NAME: &str = "state";

#[cfg(unix)]
pub(super) fn check_files(folder: &Path) -> Check {
    use std::os::unix::fs::PermissionsExt;
    let shown = folder.display();
    let mode = |path: &Path| path.metadata().map(|found| found.permissions().mode() & 0o777);
    let of_folder = match mode(folder) {
        Ok(mode) => mode,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Check::ok(
                NAME,
                format!("nothing is kept yet; {shown} is made by the first live call"),
            );
        }
        Err(error) => return Check::fail(NAME, format!("{shown}: {error}")),
    };
    if !folder.is_dir() {
        return Check::fail(NAME, format!("{shown} is not a folder"));
    }
    let open: Vec<_> = crate::state::FILES
        .iter()
        .map(|name| folder.join(name))
        .filter(|path| mode(path).is_ok_and(|mode| mode & 0o077 != 0))
        .map(|path| path.display().to_string())
        .collect();
    if !open.is_empty() {
        let files = open.join(" ");
        return Check::fail(
            NAME,
            format!("can be read by others, and is not used: run chmod 600 {files}"),
        );
    }
    if of_folder & 0o022 != 0 {
        return Check::warn(
            NAME,
            format!("{shown} can be changed by others, who could put other files there: run chmod 700 {shown}"),
        );
    }
    Check::ok(NAME, format!("{shown}, for you only"))
}

#[cfg(not(unix))]
pub(super) fn check_files(_folder: &Path) -> Check {
    Check::note(
        NAME,
        "this platform has no permissions that keep a file to its owner: nothing is kept, each run logs in",
    )
}
