//! Changes to a response that was ready to be sent: one general fault in place of a kind for each oddity. A mutation names a
//! place in the response and what becomes of it; nothing in it is drawn, so the same list always gives the same bytes. Rules of
//! faults hold such lists, and the server applies them after the effect.

#[cfg(test)]
mod tests;
mod tree;

use serde::{Deserialize, Serialize};

use super::error::FaultError;
use tree::Node;

/// The most mutations of one response.
const MAX_MUTATIONS: usize = 32;

/// One change to a response.
///
/// `at` is a path of names and positions with dots between them, such as `payload.data.0.status`; `*` stands for every name
/// or position, and an empty path for the whole body. A name that stands twice means both. Where the path leads nowhere,
/// nothing changes. `raw` is the text that will stand there, as it is: `2e2`, `"QUEUED"` with its quotes, or no JSON at all.
///
/// In a file or for `POST /_sandbox/faults`:
///
/// ```
/// let rules = enkash_sandbox::FaultRule::list_from_yaml(r#"
/// - operation: createAllocatePoints
///   kind: mutated-response
///   mutations:
///     - status: 202
///     - double: {at: code, raw: '1', position: after}
///     - set: {at: payload.pgReferenceNumber, raw: '"SOMEBODY-ELSE"'}
///     - copy: {at: payload, to: paylod}
///     - drop: payload.otbBalance
///     - append: '{}'
/// "#)?;
/// assert_eq!(rules.len(), 1);
/// # Ok::<(), enkash_sandbox::faults::FaultError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Mutation {
    /// Puts a text in the place of a value. The last name need not be there yet; in a list, `-` is the place after the last.
    Set {
        /// Where.
        at: String,
        /// The text.
        raw: String,
    },
    /// Lets a name stand twice in its object.
    Double {
        /// Which.
        at: String,
        /// The value of the second; that of the first unless given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        raw: Option<String>,
        /// Where the second stands.
        #[serde(default)]
        position: Position,
    },
    /// Takes a name with its value away, or an entry of a list.
    Drop(String),
    /// Gives a name another spelling, in its place.
    Rename {
        /// Which.
        at: String,
        /// The new name.
        to: String,
    },
    /// Takes a value away, the first of that path, and adds it at the end of another place or the same, where a name may then
    /// stand twice.
    Move {
        /// From where.
        at: String,
        /// Where to: a path, as for `set`.
        to: String,
    },
    /// Puts the same value in another place as well.
    Copy {
        /// From where.
        at: String,
        /// Where to: a path, as for `set`.
        to: String,
    },
    /// Makes a text of a value: the JSON that stands there, in quotes.
    Text(String),
    /// Puts a value into a list of its own.
    List(String),
    /// Sends another status, from 200 to 599.
    Status(u16),
    /// Sends bytes before the body.
    Prepend(String),
    /// Sends bytes after the body.
    Append(String),
}

/// On which side of a name its double stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Position {
    /// Before it.
    Before,
    /// After it.
    #[default]
    After,
}

/// What a mutation is called and does, for help texts and pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct MutationInfo {
    /// Its name in a list of mutations.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// One, as it stands in a list.
    pub example: &'static str,
}

const fn info(name: &'static str, about: &'static str, example: &'static str) -> MutationInfo {
    MutationInfo { name, about, example }
}

impl Mutation {
    /// Every mutation.
    #[rustfmt::skip]
    pub const TABLE: &'static [MutationInfo] = &[
        info("set", "Puts a text in the place of a value, as it is. The last name need not be there yet; `-` is the place after the last of a list.", r#"{set: {at: message, raw: '"QUEUED"'}}"#),
        info("double", "Lets a name stand twice in its object, the second with the same value or another one, before the first or after it.", "{double: {at: code, raw: '1', position: after}}"),
        info("drop", "Takes a name with its value away, or an entry of a list.", "{drop: payload.otbBalance}"),
        info("rename", "Gives a name another spelling, in its place.", "{rename: {at: payload, to: paylod}}"),
        info("move", "Takes a value away and adds it in another place.", "{move: {at: payload.mobile, to: mobile}}"),
        info("copy", "Puts the same value in another place as well.", "{copy: {at: payload.data.0, to: payload.data.-}}"),
        info("text", "Makes a text of a value: the JSON that stands there, in quotes.", "{text: payload}"),
        info("list", "Puts a value into a list of its own.", "{list: payload}"),
        info("status", "Sends another status, from 200 to 599.", "{status: 202}"),
        info("prepend", "Sends bytes before the body.", "{prepend: ' '}"),
        info("append", "Sends bytes after the body.", "{append: '{}'}"),
    ];

    /// [`Set`](Self::Set).
    pub fn set(at: impl Into<String>, raw: impl Into<String>) -> Self {
        let (at, raw) = (at.into(), raw.into());
        Mutation::Set { at, raw }
    }

    /// [`Double`](Self::Double) with another value.
    pub fn double(at: impl Into<String>, raw: impl Into<String>, position: Position) -> Self {
        let (at, raw) = (at.into(), Some(raw.into()));
        Mutation::Double { at, raw, position }
    }

    /// [`Drop`](Self::Drop).
    pub fn drop(at: impl Into<String>) -> Self {
        Mutation::Drop(at.into())
    }

    /// [`Rename`](Self::Rename).
    pub fn rename(at: impl Into<String>, to: impl Into<String>) -> Self {
        let (at, to) = (at.into(), to.into());
        Mutation::Rename { at, to }
    }

    /// [`Move`](Self::Move).
    pub fn shift(at: impl Into<String>, to: impl Into<String>) -> Self {
        let (at, to) = (at.into(), to.into());
        Mutation::Move { at, to }
    }

    /// [`Copy`](Self::Copy).
    pub fn copy(at: impl Into<String>, to: impl Into<String>) -> Self {
        let (at, to) = (at.into(), to.into());
        Mutation::Copy { at, to }
    }

    /// [`Text`](Self::Text).
    pub fn text(at: impl Into<String>) -> Self {
        Mutation::Text(at.into())
    }

    /// [`List`](Self::List).
    pub fn list(at: impl Into<String>) -> Self {
        Mutation::List(at.into())
    }

    fn apply_to(&self, response: &mut DraftResponse) {
        match self {
            Mutation::Status(status) => response.status = *status,
            Mutation::Prepend(text) => response.before.insert_str(0, text),
            Mutation::Append(text) => response.after.push_str(text),
            Mutation::Set { at, raw } => response.tree.set(at, &Node::Raw(raw.clone())),
            Mutation::Double { at, raw, position } => {
                let value = raw.as_ref().map(|raw| Node::Raw(raw.clone()));
                response.tree.double(at, value.as_ref(), *position == Position::Before);
            }
            Mutation::Drop(at) => response.tree.drop(at),
            Mutation::Rename { at, to } => response.tree.rename(at, to),
            Mutation::Move { at, to } => {
                if let Some(value) = response.tree.take_first(at) {
                    response.tree.put(to, &value);
                }
            }
            Mutation::Copy { at, to } => {
                if let Some(value) = response.tree.first(at).cloned() {
                    response.tree.set(to, &value);
                }
            }
            Mutation::Text(at) => response
                .tree
                .each(at, |value| Node::Raw(tree::quoted(&value.to_string()))),
            Mutation::List(at) => response.tree.each(at, |value| Node::List(vec![value])),
        }
    }
}

/// A response that is being changed.
struct DraftResponse {
    status: u16,
    before: String,
    tree: tree::Tree,
    after: String,
}

/// The mutations of one response, in the order in which they are made: at most 32.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Mutation>", into = "Vec<Mutation>")]
pub struct Mutations(Vec<Mutation>);

impl Mutations {
    /// These, in this order.
    ///
    /// # Errors
    ///
    /// There is none, there are more than 32, or a status is not from 200 to 599.
    pub fn new(mutations: impl IntoIterator<Item = Mutation>) -> Result<Self, FaultError> {
        let mutations: Vec<_> = mutations.into_iter().collect();
        let wrong = |text: String| Err(FaultError(text));
        if mutations.is_empty() || mutations.len() > MAX_MUTATIONS {
            return wrong(format!(
                "a response has 1 to {MAX_MUTATIONS} mutations, not {}",
                mutations.len()
            ));
        }
        for mutation in &mutations {
            if let Mutation::Status(status) = mutation
                && !(200..=599).contains(status)
            {
                return wrong(format!("a mutated status is from 200 to 599, not {status}"));
            }
        }
        Ok(Mutations(mutations))
    }

    /// What becomes of a status and a body. A body that is no JSON keeps its bytes, with what is put before and after them.
    #[must_use]
    pub fn apply(&self, status: u16, body: &[u8]) -> (u16, Vec<u8>) {
        let read = std::str::from_utf8(body).ok().and_then(tree::Tree::read);
        let is_json = read.is_some();
        let mut response = DraftResponse {
            status,
            before: String::new(),
            tree: read.unwrap_or_default(),
            after: String::new(),
        };
        for mutation in &self.0 {
            mutation.apply_to(&mut response);
        }
        let mut bytes = response.before.into_bytes();
        if is_json {
            bytes.extend_from_slice(response.tree.to_string().as_bytes());
        } else {
            bytes.extend_from_slice(body);
        }
        bytes.extend_from_slice(response.after.as_bytes());
        (response.status, bytes)
    }
}

impl TryFrom<Vec<Mutation>> for Mutations {
    type Error = FaultError;

    fn try_from(mutations: Vec<Mutation>) -> Result<Self, FaultError> {
        Mutations::new(mutations)
    }
}

impl From<Mutations> for Vec<Mutation> {
    fn from(mutations: Mutations) -> Self {
        mutations.0
    }
}
