//! The rules of redaction, and how often each was applied. The counts stand in the file, so that whoever gets a recording sees
//! what was kept and what was not.

use std::collections::BTreeMap;

/// What was done with one value or one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// Kept: a documented result code of few digits.
    KeptCode,
    /// Kept: a word that the document enumerates, or one in capitals where it has words.
    KeptWord,
    /// Kept: a documented count of few digits.
    KeptCount,
    /// Kept: a documented yes or no.
    KeptFlag,
    /// Kept: a message whose every word is in the list of plain words.
    KeptMessage,
    /// Kept: a header of the list, with a value of the form that it should have.
    KeptHeader,
    /// Kept: a segment of an undocumented path that looks like a word.
    KeptSegment,
    /// A secret, by its documented format or its header.
    Secret,
    /// A person's data, by its documented format.
    Personal,
    /// An id, a reference or another documented text.
    Reference,
    /// A documented amount or another documented number.
    Amount,
    /// Words of a message that are not in the list of plain words.
    MessageWords,
    /// The value of a field that the document does not have.
    UndocumentedValue,
    /// The name of a field, a header or a query value that does not look like one, or is data.
    Name,
    /// The value of a header that is not in the list.
    Header,
    /// A parameter in a path, or a segment that does not look like a word.
    PathSegment,
    /// A host that the document does not name.
    Host,
    /// A method that HTTP does not name.
    Method,
    /// A body that is not JSON.
    BodyNotJson,
    /// An encrypted body.
    BodyEncrypted,
    /// A body that is too large, or was not there whole.
    BodyOmitted,
}

impl Rule {
    /// The name of the rule in a recording.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Rule::KeptCode => "kept-code",
            Rule::KeptWord => "kept-word",
            Rule::KeptCount => "kept-count",
            Rule::KeptFlag => "kept-flag",
            Rule::KeptMessage => "kept-message",
            Rule::KeptHeader => "kept-header",
            Rule::KeptSegment => "kept-segment",
            Rule::Secret => "secret",
            Rule::Personal => "personal",
            Rule::Reference => "reference",
            Rule::Amount => "amount",
            Rule::MessageWords => "message-words",
            Rule::UndocumentedValue => "undocumented-value",
            Rule::Name => "name",
            Rule::Header => "header",
            Rule::PathSegment => "path-segment",
            Rule::Host => "host",
            Rule::Method => "method",
            Rule::BodyNotJson => "body-not-json",
            Rule::BodyEncrypted => "body-encrypted",
            Rule::BodyOmitted => "body-omitted",
        }
    }
}

/// How often each rule was applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    counts: BTreeMap<&'static str, u64>,
}

impl Manifest {
    /// The rules that were applied, by name, with how often.
    pub fn counts(&self) -> impl Iterator<Item = (&str, u64)> {
        self.counts.iter().map(|(rule, count)| (*rule, *count))
    }

    /// How often one rule was applied.
    #[must_use]
    pub fn count(&self, rule: Rule) -> u64 {
        self.counts.get(rule.as_str()).copied().unwrap_or(0)
    }

    pub(super) fn add(&mut self, rule: Rule) {
        *self.counts.entry(rule.as_str()).or_default() += 1;
    }

    pub(crate) fn as_map(&self) -> BTreeMap<&str, u64> {
        self.counts().collect()
    }
}
