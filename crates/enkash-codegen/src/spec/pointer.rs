//! Places inside a document: JSON pointers for the program, and names of places for people.
//!
//! Every part of the loader and of lint speaks of places by pointer. A message never shows a raw pointer but the
//! name that a reader of the spec would use: `POST /api/v0/cart`, `components.schemas.Card`.

use std::fmt;

/// The methods that a path can have, as OpenAPI spells them.
pub(crate) const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// A JSON pointer (RFC 6901). Its `Display` is the name for people; [`Pointer::as_str`] is the pointer itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Pointer(String);

impl Pointer {
    /// The whole document.
    pub(crate) fn root() -> Self {
        Self::default()
    }

    /// The pointer in `text`, which must be a valid one: it comes from a library or from a literal.
    pub(crate) fn from_valid(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The value under `key` in the mapping at this place.
    pub(crate) fn child(&self, key: &str) -> Self {
        Self(format!("{}/{}", self.0, key.replace('~', "~0").replace('/', "~1")))
    }

    /// The entry `index` of the list at this place.
    pub(crate) fn index(&self, index: usize) -> Self {
        Self(format!("{}/{index}", self.0))
    }

    /// The mapping or list that holds this place, and `None` for the whole document.
    pub(crate) fn parent(&self) -> Option<Self> {
        self.0.rfind('/').map(|end| Self(self.0[..end].to_owned()))
    }

    /// The steps from the document to this place.
    pub(crate) fn steps(&self) -> Vec<String> {
        self.0
            .split('/')
            .skip(1)
            .map(|step| match step.contains('~') {
                true => step.replace("~1", "/").replace("~0", "~"),
                false => step.to_owned(),
            })
            .collect()
    }

    /// The last step, which is empty for the whole document.
    pub(crate) fn last_step(&self) -> String {
        self.steps().pop().unwrap_or_default()
    }

    /// Whether this place is `other` or lies inside of it.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        self.0
            .strip_prefix(&other.0)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The same place after `from`, which it lies within, has become `to`.
    pub(crate) fn moved(&self, from: &Self, to: &Self) -> Option<Self> {
        self.is_within(from)
            .then(|| Self(format!("{}{}", to.0, &self.0[from.0.len()..])))
    }

    /// The pointer as RFC 6901 writes it.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The operation that this place lies in.
    pub(crate) fn operation(&self) -> Option<Self> {
        let steps = self.steps();
        match steps.as_slice() {
            [paths, path, method, ..] if paths == "paths" && METHODS.contains(&method.as_str()) => {
                Some(Self::root().child(paths).child(path).child(method))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps = self.steps();
        let (owner, inside) = match steps.as_slice() {
            [] => return f.write_str("the document"),
            [paths, path, method, inside @ ..] if paths == "paths" && METHODS.contains(&method.as_str()) => {
                (format!("{} {path}", method.to_uppercase()), inside)
            }
            [paths, path, inside @ ..] if paths == "paths" => (format!("path {path}"), inside),
            all => return f.write_str(&all.join(".")),
        };
        if inside.is_empty() {
            f.write_str(&owner)
        } else {
            write!(f, "{} of {owner}", inside.join("."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Pointer;

    #[test]
    fn keys_with_slashes_and_tildes_survive() {
        let pointer = Pointer::root().child("paths").child("/a~b/c").child("post");
        assert_eq!(pointer.as_str(), "/paths/~1a~0b~1c/post");
        assert_eq!(pointer.steps(), ["paths", "/a~b/c", "post"]);
    }

    #[test]
    fn a_place_is_named_as_a_reader_would() {
        let cart = Pointer::root().child("paths").child("/cart");
        assert_eq!(Pointer::root().to_string(), "the document");
        assert_eq!(cart.to_string(), "path /cart");
        assert_eq!(cart.child("post").to_string(), "POST /cart");
        assert_eq!(
            cart.child("post").child("tags").index(0).to_string(),
            "tags.0 of POST /cart"
        );
        assert_eq!(cart.child("parameters").to_string(), "parameters of path /cart");
        assert_eq!(
            Pointer::from_valid("/components/schemas/Card").to_string(),
            "components.schemas.Card"
        );
    }

    #[test]
    fn a_longer_name_is_not_inside_a_shorter_one() {
        let card = Pointer::from_valid("/components/schemas/Card");
        assert!(!Pointer::from_valid("/components/schemas/CardList").is_within(&card));
        assert!(card.child("type").is_within(&card));
        assert!(card.is_within(&card));
    }
}
