//! The files that outlive a run: whose they are, who may read them, who may put others in their place, and what is in them to
//! be done.

use std::path::Path;

use super::check::Check;
use crate::state::UnsettledTickets;

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

/// Calls that ended without an outcome. `None` where there are none.
pub(super) fn check_tickets(folder: &Path) -> Option<Check> {
    const NAME: &str = "tickets";
    let tickets = UnsettledTickets::in_folder(folder);
    let path = tickets.path().display();
    match tickets.count() {
        Ok(0) => None,
        Ok(count) => {
            let calls = match count {
                1 => "1 call that moves value has".to_owned(),
                _ => format!("{count} calls that move value have"),
            };
            let text = format!(
                "{calls} no known outcome, unless another run is sending just now: enkash settle --file {path} looks them up"
            );
            Some(Check::warn(NAME, text))
        }
        Err(error) => Some(Check::fail(
            NAME,
            format!("{path} cannot be used, and no call that moves value is sent without it: {error}"),
        )),
    }
}
