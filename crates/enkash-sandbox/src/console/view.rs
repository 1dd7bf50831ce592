//! What of the state an address of the console asks for: whose name, which operation's requests, which allocations. The
//! page and its parts read it from their query, so that a link can show a part.

use crate::allocations::AllocationState;
use crate::operation::Operation;

/// What the console's page shows. By default all of everything.
#[derive(Default)]
pub(super) struct View {
    /// A part of a name or mobile.
    pub(super) person: String,
    pub(super) operation: Option<Operation>,
    pub(super) state: Option<AllocationState>,
}

impl View {
    /// From the query of an address. What it does not know, it passes over.
    pub(super) fn from_query(query: &str) -> View {
        let mut view = View::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "person" => view.person = value.into_owned(),
                "operation" => view.operation = value.parse().ok(),
                "state" => view.state = state(&value),
                _ => {}
            }
        }
        view
    }
}

/// The word of a state in an address and in a class.
pub(super) fn state_word(state: AllocationState) -> &'static str {
    match state {
        AllocationState::InFlight => "in-flight",
        _ => state.as_str(),
    }
}

fn state(word: &str) -> Option<AllocationState> {
    AllocationState::ALL
        .into_iter()
        .find(|state| state_word(*state) == word)
}
