//! Decides where a request goes: to the path of the spec, or to the one that the user gave. An
//! operation whose path nobody saw is never sent to its artificial path.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};

use reqwest::Url;

use super::BoxError;
use crate::{EvidenceLevel, Operation, OperationId, PathTemplate};

/// The path of the operation is unknown, and the user gave none (or not all of it).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{operation}: {problem}; the documentation page is {pages}. Give its method and path with `with_path`")]
#[non_exhaustive]
pub struct UnknownPath {
    /// The operation.
    pub operation: OperationId,
    problem: String,
    pages: String,
}

impl UnknownPath {
    fn new(operation: &'static Operation, problem: impl Into<String>) -> Self {
        Self {
            operation: operation.id,
            problem: problem.into(),
            pages: operation.page_names(),
        }
    }
}

/// Puts the user's method and path into the request, or checks that it needs none.
pub(super) fn apply_path(
    request: &mut reqwest::Request,
    base_url: &str,
    operation: &'static Operation,
    template: Option<&PathTemplate>,
) -> Result<(), BoxError> {
    let Some(template) = template else {
        return match operation.evidence.path {
            EvidenceLevel::Unknown => Err(UnknownPath::new(operation, "nobody saw the path of this operation").into()),
            _ => Ok(()),
        };
    };
    let parameters = path_parameters(operation, request.url());
    let path = template.path(&parameters).map_err(|name| {
        UnknownPath::new(
            operation,
            format!("the placeholder {{{name}}} of its path has no value"),
        )
    })?;
    let mut url = Url::parse(&format!("{base_url}{path}"))?;
    let pairs: Vec<_> = request.url().query_pairs().into_owned().collect();
    if !pairs.is_empty() || !template.query_pairs().is_empty() {
        url.query_pairs_mut()
            .extend_pairs(&pairs)
            .extend_pairs(template.query_pairs());
    }
    *request.url_mut() = url;
    *request.method_mut() = template.method().clone();
    Ok(())
}

/// The operation's own path parameters, still encoded, by name.
fn path_parameters<'a>(operation: &'a Operation, url: &Url) -> BTreeMap<&'a str, String> {
    let sent: Vec<_> = url.path().split('/').collect();
    let template: Vec<_> = operation.path.split('/').skip(1).collect();
    let Some(start) = sent.len().checked_sub(template.len()) else {
        return BTreeMap::new();
    };
    template
        .iter()
        .zip(&sent[start..])
        .filter_map(|(segment, value)| {
            let name = segment.strip_prefix('{')?.strip_suffix('}')?;
            Some((name, (*value).to_owned()))
        })
        .collect()
}

/// Remembers which inferred paths a transport has warned of.
#[derive(Debug, Default)]
pub(super) struct InferredPaths(Mutex<BTreeSet<OperationId>>);

impl InferredPaths {
    /// Says once for each operation that its path was inferred, not documented.
    pub(super) fn warn_once(&self, operation: &'static Operation) {
        if operation.evidence.path != EvidenceLevel::Inferred {
            return;
        }
        let first = match self.0.lock() {
            Ok(mut seen) => seen.insert(operation.id),
            Err(_) => false,
        };
        if first {
            tracing::warn!(
                operation = operation.name,
                path = operation.path,
                pages = operation.page_names(),
                "the path of this operation is inferred from a sibling page: check it against the documentation"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_path_known_as(level: EvidenceLevel) -> &'static Operation {
        let mut operation = *OperationId::GetCart.operation();
        operation.evidence.path = level;
        Box::leak(Box::new(operation))
    }

    #[test]
    fn an_inferred_path_is_remembered_for_its_warning_and_an_observed_one_is_not() {
        let known = [
            (EvidenceLevel::Documented, false),
            (EvidenceLevel::Observed, false),
            (EvidenceLevel::Inferred, true),
        ];
        for (level, warns) in known {
            let paths = InferredPaths::default();
            paths.warn_once(with_path_known_as(level));
            assert_eq!(!paths.0.lock().unwrap().is_empty(), warns, "{level}");
        }
    }

    #[test]
    fn an_observed_path_is_sent_and_an_unknown_one_is_not() {
        let url = "http://127.0.0.1/api/v0/cart";
        let mut request = reqwest::Request::new(reqwest::Method::GET, url.parse().unwrap());
        let mut apply = |level| apply_path(&mut request, "http://127.0.0.1", with_path_known_as(level), None);
        assert!(apply(EvidenceLevel::Observed).is_ok());
        assert!(apply(EvidenceLevel::Unknown).is_err());
    }
}
