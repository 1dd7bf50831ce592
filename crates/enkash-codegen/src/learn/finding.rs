//! One thing that a recording shows and the description does not say, or a fact whose evidence it raises. A person reads the
//! sentence and decides; a program reads the fields. No text in it is a value of the recording, except words that look like
//! those of an enumeration.

use serde::Serialize;

use crate::spec::{Level, ObservedSide};

use super::observe::EvidenceSide;
use super::routes::Unmatched;
use super::sighting::{Key, Sight, Subject, Tally};

/// What kind of thing a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FindingKind {
    /// A field that the description does not have.
    UndocumentedField,
    /// A field that the description requires was left out of an accepted request.
    Missing,
    /// A value of another type.
    OtherType,
    /// `null` where the description does not allow it.
    Null,
    /// A word that an enumeration does not list.
    OtherWord,
    /// A status that is not documented.
    OtherStatus,
    /// Another content type.
    OtherContentType,
    /// A call of no operation that was accepted.
    UnknownPath,
    /// A known path, called with another method.
    UnknownMethod,
    /// A fact that was inferred or unknown was seen.
    Evidence,
}

/// A finding.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// What kind of thing it is.
    pub kind: FindingKind,
    /// The operationId, or method and path of a call of no operation.
    pub operation: String,
    /// The side of the operation, or `path`.
    pub side: String,
    /// The path of the field, such as `payload.data[].cardId`; empty where it is about the whole.
    pub field: String,
    /// The types of JSON that were seen.
    pub types: Vec<String>,
    /// The words that were seen, where they look like those of an enumeration.
    pub words: Vec<String>,
    /// How many exchanges showed it.
    pub count: u64,
    /// Where the first of them stands.
    pub first: String,
    /// The day of the newest.
    pub date: String,
    /// The finding as a sentence.
    pub text: String,
    #[serde(skip)]
    pub(super) cause: Cause,
}

/// What a finding was made from; its mends are made from it.
#[derive(Clone)]
pub(super) enum Cause {
    Sighting {
        key: Box<Key>,
        tally: Box<Tally>,
        documented_type_seen: bool,
    },
    Evidence {
        operation: String,
        side: EvidenceSide,
        before: Level,
    },
}

impl std::fmt::Debug for Cause {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Sighting { .. } => "Sighting",
            Self::Evidence { .. } => "Evidence",
        })
    }
}

impl FindingKind {
    /// The word of reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UndocumentedField => "undocumented field",
            Self::Missing => "missing",
            Self::OtherType => "other type",
            Self::Null => "null",
            Self::OtherWord => "other word",
            Self::OtherStatus => "other status",
            Self::OtherContentType => "other content type",
            Self::UnknownPath => "unknown path",
            Self::UnknownMethod => "unknown method",
            Self::Evidence => "evidence",
        }
    }
}

impl EvidenceSide {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Request => "request",
            Self::Response => "response",
            Self::Errors => "errors",
        }
    }
}

impl Unmatched {
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.template)
    }
}

impl Subject {
    pub(super) fn name(&self) -> String {
        match self {
            Self::Operation(id) => id.clone(),
            Self::Unmatched(unmatched) => unmatched.name(),
        }
    }
}

impl Finding {
    /// The finding that a tally is. `hint` says what a person should know beside it.
    pub(super) fn from_tally(
        key: Key,
        tally: Tally,
        documented_type_seen: bool,
        kind: FindingKind,
        hint: &str,
    ) -> Self {
        let types: Vec<String> = tally.types.iter().map(|name| (*name).to_owned()).collect();
        let words: Vec<String> = tally.words.iter().cloned().collect();
        let side = match key.sight {
            Sight::UnknownPath => "path".to_owned(),
            _ => key.side.as_str().to_owned(),
        };
        let what = what(&key, &tally, &types, &words);
        let text = format!(
            "{}{}: {what}{hint}, in {}, first in {}",
            key.subject.name(),
            place(&key),
            exchanges(tally.count),
            tally.first
        );
        Self {
            kind,
            operation: key.subject.name(),
            side,
            field: key.field.clone(),
            types,
            words,
            count: tally.count,
            first: tally.first.clone(),
            date: tally.date.clone(),
            text,
            cause: Cause::Sighting {
                key: Box::new(key),
                tally: Box::new(tally),
                documented_type_seen,
            },
        }
    }

    /// The finding that a fact was seen.
    pub(super) fn from_evidence(operation: &str, side: EvidenceSide, before: Level, count: u64, date: String) -> Self {
        let what = match side {
            EvidenceSide::Path | EvidenceSide::Request => "was accepted",
            EvidenceSide::Response | EvidenceSide::Errors => "was seen",
        };
        let (name, level) = (side.as_str(), before.as_str());
        Self {
            kind: FindingKind::Evidence,
            operation: operation.to_owned(),
            side: name.to_owned(),
            field: String::new(),
            types: Vec::new(),
            words: Vec::new(),
            count,
            first: String::new(),
            text: format!("{operation}, {name}: is {level} and {what}, in {}", exchanges(count)),
            date,
            cause: Cause::Evidence {
                operation: operation.to_owned(),
                side,
                before,
            },
        }
    }
}

fn exchanges(count: u64) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} exchange{plural}")
}

fn place(key: &Key) -> String {
    match (&key.sight, key.field.as_str()) {
        (Sight::UnknownPath, _) => String::new(),
        (_, "") => format!(", {}", key.side.as_str()),
        (_, field) => format!(", {} {field}", key.side.as_str()),
    }
}

fn what(key: &Key, tally: &Tally, types: &[String], words: &[String]) -> String {
    let types = types.join(" or ");
    match &key.sight {
        Sight::UndocumentedField { .. } => format!("undocumented field, {types}"),
        Sight::Missing { .. } => "required, and was left out of an accepted request".to_owned(),
        Sight::OtherType { .. } => format!("other type, {types}"),
        Sight::Null => "null".to_owned(),
        Sight::OtherWord { .. } => {
            let hidden = tally.has_hidden_words.then(|| "texts that are not shown".to_owned());
            let shown: Vec<_> = words.iter().cloned().chain(hidden).collect();
            format!("other word, {}", shown.join(", "))
        }
        Sight::OtherStatus { status, .. } => format!("other status, {status}"),
        Sight::OtherContentType { media_type } => format!("other content type, {media_type}"),
        Sight::UnknownPath => match (&key.subject, key.side) {
            (Subject::Operation(_), ObservedSide::Request) => "its path was unknown and is seen".to_owned(),
            _ => "no operation has this path".to_owned(),
        },
    }
}
