//! The files that outlive a run: whose they are, who may read them, and who may put others in their place.

use std::path::Path;

use super::check::Check;

const NAME: &str = "state";

#[cfg(unix)]
pub(super) fn check_files(folder: &Path) -> Check {
    let shown = folder.display();
    match crate::state::check(folder) {
        Err(reason) => Check::fail(NAME, reason),
        Ok(()) if folder.exists() => Check::ok(NAME, format!("{shown}, which nobody else can change")),
        Ok(()) => Check::ok(
            NAME,
            format!("nothing is kept yet; {shown} is made by the first live call"),
        ),
    }
}

#[cfg(not(unix))]
pub(super) fn check_files(_folder: &Path) -> Check {
    Check::note(
        NAME,
        "this platform has no permissions that keep a file to its owner: nothing is kept, each run logs in",
    )
}
