//! The files that outlive a run: whose they are, who may read them, who may put others in their place, and what is in them to
//! be done.

use std::path::Path;

use enkash::Secret;
use enkash_ledger::{HistoryFilter, RowState};

use super::check::Check;
use crate::{doubt, ledger};

const NAME: &str = "state";
/// How many calls are counted.
const MAX_UNKNOWN: u32 = 1000;

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

/// Calls without a known outcome. `None` where there is no ledger yet, or none is unknown.
pub(super) async fn check_ledger(folder: &Path, url: Option<&Secret>) -> Option<Check> {
    const NAME: &str = "ledger";
    if url.is_none() && !ledger::path_in(folder).exists() {
        return None;
    }
    let mut filter = HistoryFilter::default();
    filter.states = vec![RowState::Unknown, RowState::Sending];
    let ledger = match ledger::open_at(folder, url).await {
        Ok(ledger) => ledger,
        Err(failure) => return Some(Check::fail(NAME, failure.message)),
    };
    match ledger.history(&filter, None, MAX_UNKNOWN).await {
        Ok(rows) if rows.is_empty() => Some(Check::ok(NAME, format!("{}, no call is unknown", ledger.place()))),
        Ok(rows) => {
            let calls = match rows.len() {
                1 => "1 call that moves value has".to_owned(),
                count if count == MAX_UNKNOWN as usize => format!("{count} calls or more that move value have"),
                count => format!("{count} calls that move value have"),
            };
            let text = format!(
                "{calls} no known outcome, unless another process is sending just now: {} looks them up",
                doubt::settle()
            );
            Some(Check::warn(NAME, text))
        }
        Err(error) => Some(Check::fail(
            NAME,
            format!("{error}; no call that moves value is sent without it"),
        )),
    }
}
