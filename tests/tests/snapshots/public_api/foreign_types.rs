//! What enkash must not show: types of the generated client, of progenitor and of reqwest-middleware. They change
//! when the spec or a dependency does, and a user's code must not break with them. Only `enkash::raw` is made
//! of them.

use super::{
    sources::Sources,
    surface::{Mention, Surface},
};

/// The one module that shows the generated client, as its documentation says.
const RAW: &str = "raw";

/// What enkash may show of enkash-api: values and tables that are written by hand, each re-exported by name.
const HAND_WRITTEN: [&str; 19] = [
    "enkash_api::Evidence",
    "enkash_api::EvidenceLevel",
    "enkash_api::Method",
    "enkash_api::Money",
    "enkash_api::MoneyError",
    "enkash_api::OPERATIONS",
    "enkash_api::Operation",
    "enkash_api::OperationId",
    "enkash_api::DocPage",
    "enkash_api::PathTemplate",
    "enkash_api::PathTemplateError",
    "enkash_api::PersonalData",
    "enkash_api::Secret",
    "enkash_api::http_client_builder",
    "enkash_api::types::CoinConfiguration",
    "enkash_api::types::Gender",
    "enkash_api::types::Title",
    "enkash_api::types::TransactionType",
    // The crate, in the version that the client uses.
    "enkash_api::reqwest",
];

/// Crates that enkash shows nothing of. Of enkash-api it shows what is named above.
const HIDDEN: [&str; 4] = ["enkash_api", "progenitor", "progenitor_client", "reqwest_middleware"];

/// The feature `middleware` is this impl of a trait of reqwest-middleware, and nothing else of that crate.
const MIDDLEWARE: &str = "impl Middleware for TokenMiddleware";

impl Mention {
    fn is_hidden(&self) -> bool {
        let owner = self.path.split("::").next().unwrap_or_default();
        let is_hand_written = HAND_WRITTEN.iter().any(|allowed| is_within(&self.path, allowed));
        let is_middleware = owner == "reqwest_middleware" && self.item == MIDDLEWARE;
        self.module != RAW && HIDDEN.contains(&owner) && !is_hand_written && !is_middleware
    }

    fn remedy(&self) -> &'static str {
        if self.item.starts_with("pub use ") {
            "re-export it from crates/enkash/src/raw.rs only; a value type that is written by hand, and stays when the \
             description changes, may be entered into HAND_WRITTEN"
        } else if self.item.starts_with("impl ") {
            "a trait impl is public: write a private function, `fn from_wire(row: types::X) -> Self`"
        } else {
            "take or return a type of enkash's own, and convert it in a private function; who wants the wire itself has \
             enkash::raw"
        }
    }
}

/// Whether a path is this one, or leads to something that belongs to it.
fn is_within(path: &str, whole: &str) -> bool {
    path.strip_prefix(whole)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn leaks(sources: &Sources) -> Vec<String> {
    let surface = Surface::new(sources);
    let leaks = surface.mentions.iter().filter(|mention| mention.is_hidden());
    leaks
        .map(|leak| {
            let Mention { file, item, path, .. } = leak;
            format!("{}: `{item}` shows `{path}`: {}", file.display(), leak.remedy())
        })
        .collect()
}

#[test]
fn enkash_shows_no_generated_type_and_none_of_progenitor_or_reqwest_middleware() {
    let leaks = leaks(&Sources::read("enkash"));
    assert!(
        leaks.is_empty(),
        "the public surface of enkash shows what it has to hide:\n{}",
        leaks.join("\n")
    );
}

#[test]
fn what_enkash_may_show_of_enkash_api_is_what_it_re_exports_by_name() {
    let sources = Sources::read("enkash");
    let surface = Surface::new(&sources);
    let is_re_exported = |path: &&str| {
        surface
            .mentions
            .iter()
            .any(|mention| mention.module != RAW && mention.item == format!("pub use {path}"))
    };
    let missing: Vec<_> = HAND_WRITTEN.iter().filter(|path| !is_re_exported(path)).collect();
    assert!(
        missing.is_empty(),
        "enkash does not re-export {missing:?}: remove them from HAND_WRITTEN, or re-export them, so that a user can name \
         what the signatures show"
    );
}

/// One leak of each kind, with the item that has it; and, in the second crate, what looks like one and is none.
#[test]
fn each_kind_of_leak_is_found() {
    let leaky = "
        mod inner {
            use enkash_api::{types::{self, Card as WireCard}, Client as LowLevel, Money};
            pub struct Card { pub wire: Option<Vec<types::Card>>, amount: Money }
            pub struct Bound<T: enkash_api::Executor>(T);
            pub enum Answer { Known(Money), Raw { value: WireCard } }
            pub trait Calls: enkash_api::Executor {
                type Wire: Into<types::CartRow>;
                fn call(&self) -> impl Future<Output = enkash_api::ResponseValue<()>>;
            }
            impl Card {
                pub const ERROR: Option<enkash_api::Error> = None;
                pub fn of(client: &LowLevel) -> Self { loop {} }
                pub async fn read<F>(f: F) -> Hidden where F: AsyncFnOnce(super::raw::Client) { loop {} }
            }
            impl From<types::Card> for Card { fn from(card: types::Card) -> Self { loop {} } }
            impl From<Card> for types::Card { fn from(card: Card) -> Self { loop {} } }
            impl std::ops::Deref for Card { type Target = types::Card; fn deref(&self) -> &types::Card { loop {} } }
            impl reqwest_middleware::Middleware for Card {}
            pub struct Failure(#[from] enkash_api::Error);
            macro_rules! id { ($name:ident) => { pub struct $name(String); impl From<LowLevel> for $name {} } }
            id! { CardId }
            /// Nobody can name it, but whoever calls `read` has one.
            pub struct Hidden;
            impl Hidden { pub fn page(&self) -> crate::alias::Alias { loop {} } }
        }
        mod alias { pub(crate) type Alias = Result<(), progenitor_client::Error<()>>; }
        pub mod raw { pub use enkash_api::Client; }
        pub use crate::inner::{Answer, Bound, Calls, Card, CardId, Failure};
        pub use enkash_api::{builder, types::OrderInfo};
        pub use crate::raw::Client;
        pub fn call(call: builder::GetCart) {}
    ";
    let found: Vec<_> = Surface::new(&Sources::of_text(leaky))
        .mentions
        .into_iter()
        .filter(Mention::is_hidden)
        .map(|leak| format!("{} shows {}", leak.item, leak.path))
        .collect();
    let expected = [
        "call shows enkash_api::builder::GetCart",
        "pub use enkash_api::Client shows enkash_api::Client",
        "pub use enkash_api::builder shows enkash_api::builder",
        "pub use enkash_api::types::OrderInfo shows enkash_api::types::OrderInfo",
        "Answer::Raw shows enkash_api::types::Card",
        "Bound shows enkash_api::Executor",
        "Calls shows enkash_api::Executor",
        "Calls shows enkash_api::types::CartRow",
        "Calls::call shows enkash_api::ResponseValue",
        "Card.wire shows enkash_api::types::Card",
        "Card::ERROR shows enkash_api::Error",
        "Card::of shows enkash_api::Client",
        "Card::read shows enkash_api::Client",
        "Failure.0 shows enkash_api::Error",
        "Hidden::page shows progenitor_client::Error",
        "impl From<Card> for types::Card shows enkash_api::types::Card",
        "impl From<LowLevel> for $name shows enkash_api::Client",
        "impl From<types::Card> for Card shows enkash_api::types::Card",
        "impl reqwest_middleware::Middleware for Card shows reqwest_middleware::Middleware",
        "impl std::ops::Deref for Card shows enkash_api::types::Card",
    ];
    assert_eq!(found, expected);

    let tight = "
        mod inner {
            use enkash_api::{Money, types::{self, Title}};
            use reqwest_middleware::Middleware;
            pub struct Card { wire: types::Card, pub(crate) row: types::CartRow, pub title: Title, pub amount: Money }
            impl Card {
                fn from_wire(card: types::Card) -> Self { loop {} }
                pub(crate) fn row(&self) -> types::CartRow { loop {} }
                #[cfg(test)]
                pub fn wire(&self) -> types::Card { loop {} }
            }
            trait Read { fn read(self) -> Card; }
            impl Read for types::Card { fn read(self) -> Card { loop {} } }
            struct Row;
            impl From<types::CartRow> for Row { fn from(row: types::CartRow) -> Self { Self } }
            pub struct TokenMiddleware;
            impl Middleware for TokenMiddleware {
                fn handle(&self, next: reqwest_middleware::Next<'_>) {}
            }
        }
        #[cfg(test)]
        pub mod tests { pub use enkash_api::types; }
        pub mod raw { pub use enkash_api::{Client, types}; pub fn client() -> Client { loop {} } }
        pub use crate::inner::{Card, TokenMiddleware};
    ";
    assert_eq!(leaks(&Sources::of_text(tight)), [""; 0]);
}
