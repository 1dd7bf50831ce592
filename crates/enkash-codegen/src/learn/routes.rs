//! Finds the operation that a recorded call belongs to, by method and path, as the description has them after its overlays. A
//! call of no operation keeps a template of its path, and the operation whose path is nearest to it.

use crate::spec::{Level, Operation, Spec};

use super::{StatedPath, names};

/// Paths that agree in less than this are not called near.
const MIN_SIMILARITY: f64 = 0.7;

/// What a call belongs to.
pub(super) enum Route<'a> {
    /// An operation of the description.
    Known(&'a Operation),
    /// None.
    Unmatched(Unmatched),
}

/// A call of no operation.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Unmatched {
    /// The method, in upper case.
    pub(super) method: String,
    /// The path, with placeholders for what may be data.
    pub(super) template: String,
}

/// All paths of a description, and those that the user stated.
pub(super) struct Routes<'a> {
    routes: Vec<KnownRoute<'a>>,
}

struct KnownRoute<'a> {
    method: String,
    path: String,
    operation: &'a Operation,
}

impl<'a> Routes<'a> {
    pub(super) fn new(spec: &'a Spec, stated: &[StatedPath]) -> Self {
        let is_known = |operation: &&Operation| operation.evidence.path.level != Level::Unknown;
        let known = spec.operations.iter().filter(is_known).map(|operation| KnownRoute {
            method: operation.method.clone(),
            path: operation.path.clone(),
            operation,
        });
        let stated = stated.iter().filter_map(|path| {
            Some(KnownRoute {
                method: path.method.clone(),
                path: path.path.clone(),
                operation: spec
                    .operations
                    .iter()
                    .find(|operation| operation.id == path.operation)?,
            })
        });
        Self {
            routes: known.chain(stated).collect(),
        }
    }

    /// What a call belongs to. Of several paths that fit, the one with the fewest placeholders counts.
    pub(super) fn find(&self, method: &str, path: &str) -> Route<'a> {
        let fitting = self.routes.iter().filter(|route| route.method == method);
        let best = fitting
            .filter_map(|route| Some((placeholders_taken(&route.path, path)?, route.operation)))
            .min_by_key(|(placeholders, _)| *placeholders);
        match best {
            Some((_, operation)) => Route::Known(operation),
            None => Route::Unmatched(Unmatched {
                method: METHODS
                    .into_iter()
                    .find(|known| *known == method)
                    .unwrap_or(OTHER_METHOD)
                    .to_owned(),
                template: names::path_template(path),
            }),
        }
    }

    /// Whether a path begins as one of the description does: others belong to another API.
    pub(super) fn is_of_this_api(&self, path: &str) -> bool {
        let first = |path: &str| path.split('/').nth(1).unwrap_or_default().to_owned();
        self.routes.iter().any(|route| first(&route.path) == first(path))
    }

    /// The operation whose path this is, called with another method.
    pub(super) fn same_path(&self, unmatched: &Unmatched) -> Option<&'a Operation> {
        let mut routes = self.routes.iter();
        let route = routes.find(|route| placeholders_taken(&route.path, &unmatched.template).is_some())?;
        Some(route.operation)
    }

    /// The operation whose path looks most like it.
    pub(super) fn nearest(&self, unmatched: &Unmatched) -> Option<&'a Operation> {
        let similarity = |operation: &Operation| strsim::normalized_levenshtein(&operation.path, &unmatched.template);
        let near = self
            .routes
            .iter()
            .map(|route| (similarity(route.operation), route.operation));
        near.filter(|(similarity, _)| *similarity >= MIN_SIMILARITY)
            .max_by(|(one, _), (other, _)| one.total_cmp(other))
            .map(|(_, operation)| operation)
    }
}

/// What is written for a method that no operation can have.
pub(super) const OTHER_METHOD: &str = "OTHER";

/// The methods that an operation can have.
const METHODS: [&str; 5] = ["DELETE", "GET", "PATCH", "POST", "PUT"];

/// How many placeholders of a template a path fills, if it is of its form.
fn placeholders_taken(template: &str, path: &str) -> Option<usize> {
    let mut count = 0;
    let mut segments = path.split('/');
    for wanted in template.split('/') {
        let found = segments.next()?;
        let is_placeholder = wanted.starts_with('{') && wanted.ends_with('}');
        if is_placeholder && !found.is_empty() {
            count += 1;
        } else if wanted != found {
            return None;
        }
    }
    segments.next().is_none().then_some(count)
}

#[cfg(test)]
mod tests {
    use super::placeholders_taken;

    #[test]
    fn a_path_fits_a_template_segment_by_segment() {
        assert_eq!(placeholders_taken("/a/{id}/b", "/a/1/b"), Some(1));
        assert_eq!(placeholders_taken("/a/b", "/a/b"), Some(0));
        for other in ["/a/1", "/a/1/b/c", "/a//b", "/x/1/b"] {
            assert_eq!(placeholders_taken("/a/{id}/b", other), None, "{other}");
        }
    }
}
