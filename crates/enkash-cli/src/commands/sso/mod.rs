//! `enkash sso`: sign-in of card holders. Whoever has what it issues is signed in as that person, so it is shown on request
//! only.

mod link;
pub(super) mod token;

use enkash::{OperationId, ids::EnKashCardId};

use super::evidence::show_record;
use crate::{
    command::command_table,
    exit::{CliError, ExitStatus},
    output::{List, Output},
};

pub(super) const ABOUT: &str = "Sign-in of card holders";

command_table! {
    pub(crate) enum Sso {
        Token(token::SsoToken),
        Link(link::Link),
    }
}

/// What was issued for the holder of a card.
struct SsoResult {
    card: EnKashCardId,
    name: &'static str,
    /// `None` where the response has no token that can be read.
    value: Option<String>,
}

impl SsoResult {
    /// Shows it, and says what is `missing` where there is nothing.
    fn show(self, reveal: bool, missing: &'static str, output: &mut Output) -> Result<ExitStatus, CliError> {
        let list = List::<Self>::new()
            .text("card", |issued| Some(issued.card.to_string()))
            .flag("issued", |issued| Some(issued.value.is_some()))
            .text(self.name, move |issued| issued.value.clone().filter(|_| reveal))
            .text("shown", move |issued| match &issued.value {
                Some(value) if reveal => Some(value.clone()),
                Some(_) => Some("issued; --reveal shows it".to_owned()),
                None => Some(missing.to_owned()),
            })
            .heading(self.name)
            .only_in_table()
            .in_table("card shown");
        show_record(OperationId::CreateSsoToken, &list, &self, output)?;
        // The API reports success; without a token that can be read the command misses its purpose.
        Ok(if self.value.is_some() {
            ExitStatus::Done
        } else {
            ExitStatus::Failure
        })
    }
}
