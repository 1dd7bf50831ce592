//! `x-enkash`: how an operation's path, request, response and errors are known.
//!
//! The documentation contradicts itself and has holes, so every operation carries its evidence. The loader reads it
//! into these types; code generation, the coverage page and the snapshots print it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::shape::Shape::{Anything, Boolean, Count, List, NullOr, Object as Is, Text, Word};
use super::shape::{Object, Others, Shape, optional, required};

/// The key that holds it.
pub(crate) const KEY: &str = "x-enkash";

/// What may stand under the key.
pub(crate) const SHAPE: Shape = Is(&ENKASH);

const LEVELS: [&str; 4] = ["documented", "observed", "inferred", "unknown"];
const KINDS: [&str; 2] = ["request", "response"];
const SIDES: [&str; 3] = ["request", "response", "errors"];
const JSON_TYPES: [&str; 7] = ["array", "boolean", "integer", "null", "number", "object", "string"];

static ENKASH: Object = Object {
    section: None,
    fields: &[
        required("pages", List(&Is(&PAGE))),
        required("evidence", Is(&EVIDENCE)),
        optional("note", Text),
        optional("seen", List(&Is(&SEEN))),
        optional("observed", List(&Is(&OBSERVED))),
    ],
    others: Others::Refused,
};

static PAGE: Object = Object {
    section: None,
    fields: &[
        required("id", NullOr(&Text)),
        required("title", Text),
        required("section", Text),
    ],
    others: Others::Refused,
};

static EVIDENCE: Object = Object {
    section: None,
    fields: &[
        required("path", Is(&FACT)),
        required("request", Is(&FACT)),
        required("response", Is(&FACT)),
        required("errors", Is(&FACT)),
    ],
    others: Others::Refused,
};

static FACT: Object = Object {
    section: None,
    fields: &[
        required("level", Word(&LEVELS)),
        optional("date", Text),
        optional("count", Count),
        optional("page", Text),
        optional("note", Text),
    ],
    others: Others::Refused,
};

static OBSERVED: Object = Object {
    section: None,
    fields: &[
        required("side", Word(&SIDES)),
        optional("status", Count),
        optional("field", Text),
        optional("types", List(&Word(&JSON_TYPES))),
        optional("words", List(&Text)),
        optional("absent", Boolean),
        optional("media-type", Text),
        required("date", Text),
        required("count", Count),
    ],
    others: Others::Refused,
};

static SEEN: Object = Object {
    section: None,
    fields: &[
        required("kind", Word(&KINDS)),
        required("page", NullOr(&Text)),
        optional("status", Count),
        required("complete", Boolean),
        optional("note", Text),
        required("value", Anything),
    ],
    others: Others::Refused,
};

/// The whole `x-enkash` of one operation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnkashExtension {
    pub(crate) pages: Vec<DocPage>,
    pub(crate) evidence: Evidence,
    #[serde(default)]
    pub(crate) note: Option<String>,
    #[serde(default)]
    pub(crate) seen: Vec<PrintedExample>,
    #[serde(default)]
    pub(crate) observed: Vec<Observation>,
}

/// A page of the documentation's navigation that describes the operation.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DocPage {
    /// The documentation's id, such as `api-9796905`; `None` where it is not known.
    pub id: Option<String>,
    /// The page's title in the navigation.
    pub title: String,
    /// The section of the navigation that it stands in.
    pub section: String,
}

/// How well each of the four sides of an operation is known.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Method and path.
    pub path: Fact,
    /// Parameters and body.
    pub request: Fact,
    /// The response on success.
    pub response: Fact,
    /// The responses on failure.
    pub errors: Fact,
}

/// One side of an operation: how it is known, from where, and what a reader should know about that.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// How it is known.
    pub level: Level,
    /// The day of the newest exchange that showed it, such as `2026-11-28`. Of an observed fact alone.
    #[serde(default)]
    pub date: Option<String>,
    /// In how many exchanges it was seen. Of an observed fact alone.
    #[serde(default)]
    pub count: Option<u64>,
    /// The page that shows it, if there is one.
    #[serde(default)]
    pub page: Option<String>,
    /// A sentence or two on where the rest comes from.
    #[serde(default)]
    pub note: Option<String>,
}

/// How a fact is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// A page of the documentation states it.
    Documented,
    /// A recording of what was really sent and received shows it.
    Observed,
    /// A sibling page or a public integration shows it.
    Inferred,
    /// Nobody saw it.
    Unknown,
}

impl Level {
    /// The word that the spec uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Observed => "observed",
            Self::Inferred => "inferred",
            Self::Unknown => "unknown",
        }
    }
}

/// What recordings showed of one field or status, where no schema of the document can say it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Observation {
    /// The side of the operation.
    pub side: ObservedSide,
    /// The HTTP status, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The field, such as `payload.data[].cardId`. None where it is about the body as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The types of JSON that were seen there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
    /// The words that were seen there and that make no name of their own in Rust.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    /// Whether it was left out although it is required.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub absent: bool,
    /// The content type of the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// The day of the newest exchange that showed it.
    pub date: String,
    /// How many exchanges showed it.
    pub count: u64,
}

/// The side of an operation that an [`Observation`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ObservedSide {
    /// What was sent.
    Request,
    /// What came back on success.
    Response,
    /// What came back on failure.
    Errors,
}

impl ObservedSide {
    /// The word that the spec uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Errors => "errors",
        }
    }
}

/// An example as the documentation prints it, with everything personal made synthetic.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrintedExample {
    /// Whether it was sent or received.
    pub kind: PrintedExampleKind,
    /// The page that prints it; `None` where the page has no known id.
    #[serde(default)]
    pub page: Option<String>,
    /// The HTTP status of a response, where it is shown.
    #[serde(default)]
    pub status: Option<u16>,
    /// Whether the page shows all of it.
    pub complete: bool,
    /// What was cut or changed.
    #[serde(default)]
    pub note: Option<String>,
    /// The JSON itself.
    pub value: Value,
}

/// Which way an example travelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PrintedExampleKind {
    /// Sent to the API.
    Request,
    /// Received from it.
    Response,
}

impl PrintedExampleKind {
    /// The word that the spec uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{KINDS, LEVELS, Level, ObservedSide, PrintedExampleKind, SIDES};

    #[test]
    fn the_words_of_the_tables_are_those_of_the_types() {
        for word in LEVELS {
            let level: Level = serde_json::from_value(word.into()).unwrap();
            assert_eq!(level.as_str(), word);
        }
        for word in KINDS {
            let kind: PrintedExampleKind = serde_json::from_value(word.into()).unwrap();
            assert_eq!(kind.as_str(), word);
        }
        for word in SIDES {
            let side: ObservedSide = serde_json::from_value(word.into()).unwrap();
            assert_eq!(side.as_str(), word);
        }
    }
}
