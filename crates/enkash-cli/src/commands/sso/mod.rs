//! `enkash sso`: sign-in of card holders.

mod link;
pub(super) mod token;

use super::command::command_table;

pub(super) const ABOUT: &str = "Sign-in of card holders";

command_table! {
    pub(crate) enum Sso {
        Token(token::SsoToken),
        Link(link::Link),
    }
}
