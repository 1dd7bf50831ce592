//! What is known of each operation, and how well. The table in `operations.rs` is written by codegen
//! from the spec's evidence; the seam looks operations up in it, and so may a caller.

use std::fmt;

/// One operation of the spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// Its id, as a value.
    pub id: OperationId,
    /// The `operationId` of the spec, in camelCase.
    pub name: &'static str,
    /// The method of the generated client that calls it.
    pub rust_name: &'static str,
    /// The HTTP method, in capitals.
    pub method: &'static str,
    /// The path template. An artificial one where [`Evidence::path`] is unknown: it is never sent.
    pub path: &'static str,
    /// The tag, which decides the host.
    pub tag: &'static str,
    /// The documentation pages that describe it. Several pages may share one method and path.
    pub pages: &'static [DocPage],
    /// How well each part of it is known.
    pub evidence: Evidence,
}

/// A page of the documentation's navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DocPage {
    /// The page's id, such as `api-9796905`; `None` where only its name in the navigation is known.
    pub id: Option<&'static str>,
    /// The page's title.
    pub title: &'static str,
    /// The section of the navigation.
    pub section: &'static str,
}

/// How well each part of an operation is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Evidence {
    /// Method and path.
    pub path: EvidenceLevel,
    /// Parameters and body.
    pub request: EvidenceLevel,
    /// The response on success.
    pub response: EvidenceLevel,
    /// The responses on failure.
    pub errors: EvidenceLevel,
}

/// How a fact is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum EvidenceLevel {
    /// A page of the documentation states it.
    Documented,
    /// A recording of what was really sent and received shows it, and no page does.
    Observed,
    /// A sibling page or a public integration shows it.
    Inferred,
    /// Nobody saw it.
    Unknown,
}

impl fmt::Display for EvidenceLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Documented => "documented",
            Self::Observed => "observed",
            Self::Inferred => "inferred",
            Self::Unknown => "unknown",
        })
    }
}

impl Operation {
    /// The pages by name, for messages.
    pub(crate) fn page_names(&self) -> String {
        let names: Vec<_> = self
            .pages
            .iter()
            .map(|page| match page.id {
                Some(id) => format!("{:?} ({id})", page.title),
                None => format!("{:?} of section {}", page.title, page.section),
            })
            .collect();
        names.join(", ")
    }
}

impl OperationId {
    /// What is known of the operation.
    #[must_use]
    pub fn operation(self) -> &'static Operation {
        &OPERATIONS[self as usize]
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.operation().name)
    }
}

include!("operations.rs");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_stands_in_the_order_of_the_ids() {
        for operation in OPERATIONS {
            assert_eq!(operation.id.operation(), operation);
        }
    }
}
