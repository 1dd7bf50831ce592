//! Paths that a user gives must not turn one operation into another: what may be done with a call is decided by its operation,
//! and the path decides what happens. The builder asks for each path it is given, and the pipeline once more for the URL that
//! comes of it, because the values of placeholders are known only then, and the low level takes paths too.

use std::sync::Arc;

use enkash_api::{Method, OPERATIONS, OperationId, PathTemplate};
use enkash_policy::Effect;
use enkash_policy::Repeat;
use percent_encoding::percent_decode_str;
use reqwest::Url;

use crate::policy::Policies;

/// How often a path may have been encoded. Who does it more often than this means something by it.
const DECODINGS: usize = 8;

/// A call was about to go where another operation is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the path given for {operation} is, or can become, that of {other}, which {danger}")]
pub(crate) struct Misdirected {
    operation: OperationId,
    other: OperationId,
    danger: &'static str,
}

/// A part of a path, as servers compare them.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    /// A placeholder: whatever is put there.
    Any,
    Text(String),
}

impl Segment {
    fn can_be(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(one), Self::Text(other)) => one == other,
            _ => true,
        }
    }
}

/// Where an operation is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    operation: OperationId,
    method: Method,
    segments: Vec<Segment>,
    /// By the user, and not by the spec.
    is_given: bool,
}

/// Every place that a call could be led to.
#[derive(Debug)]
pub(crate) struct PathGuard {
    places: Vec<Place>,
    policies: Arc<Policies>,
}

impl PathGuard {
    /// Knows the paths of the spec, and those that the user gives.
    pub(crate) fn new(given: &[(OperationId, PathTemplate)], policies: Arc<Policies>) -> Self {
        let described = OPERATIONS.iter().filter_map(|operation| {
            Some(Place {
                operation: operation.id,
                method: Method::from_bytes(operation.method.as_bytes()).ok()?,
                segments: segments_of_template(operation.path),
                is_given: false,
            })
        });
        let given = given.iter().map(|(operation, path)| Place {
            operation: *operation,
            method: path.method().clone(),
            segments: segments_of_template(path.template()),
            is_given: true,
        });
        Self {
            places: described.chain(given).collect(),
            policies,
        }
    }

    /// Whether this path may be given for the operation, whatever its placeholders become.
    pub(crate) fn check_template(
        &self,
        operation: OperationId,
        base: &Url,
        path: &PathTemplate,
    ) -> Result<(), Misdirected> {
        let described = operation.operation();
        let own = segments_of_template(path.template());
        if path.method() == described.method && own == segments_of_template(described.path) {
            return Ok(());
        }
        let mut segments = segments_of_text(base.path());
        segments.extend(own);
        self.check(operation, path.method(), &segments)
    }

    /// Whether the operation may be called at this URL.
    pub(crate) fn check_url(&self, operation: OperationId, method: &Method, url: &Url) -> Result<(), Misdirected> {
        self.check(operation, method, &segments_of_text(url.path()))
    }

    fn check(&self, operation: OperationId, method: &Method, segments: &[Segment]) -> Result<(), Misdirected> {
        let policy = self.policies.of(operation);
        if policy.effect == Effect::MovesValue {
            // Its outcome is judged, and it is sent once, wherever it goes.
            return Ok(());
        }
        // `GET /api/v0/cart` is a read, beside those that change the cart.
        let is_reads = |segments: &[Segment]| {
            self.places.iter().any(|place| {
                !place.is_given
                    && place.method == *method
                    && place.segments == segments
                    && self.policies.of(place.operation).repeat == Repeat::Safe
            })
        };
        let others = self.places.iter().filter(|place| place.operation != operation);
        for place in others.filter(|place| ends_with(segments, &place.segments)) {
            let there = self.policies.of(place.operation);
            let danger = if there.effect == Effect::MovesValue {
                "moves value"
            } else if policy.effect == Effect::Reads && there.repeat == Repeat::Never && !is_reads(&place.segments) {
                "is never repeated"
            } else {
                continue;
            };
            return Err(Misdirected {
                operation,
                other: place.operation,
                danger,
            });
        }
        Ok(())
    }
}

/// Whether the path can end as this place does: a base URL may have a path of its own, and a gateway may add one.
fn ends_with(path: &[Segment], place: &[Segment]) -> bool {
    let Some(start) = path.len().checked_sub(place.len()) else {
        return false;
    };
    !place.is_empty() && path[start..].iter().zip(place).all(|(one, other)| one.can_be(other))
}

fn segments_of_template(template: &str) -> Vec<Segment> {
    let is_placeholder = |text: &str| text.starts_with('{') && text.ends_with('}');
    let parts = template.split('/').filter(|text| !text.is_empty());
    let segments = parts.flat_map(|text| match is_placeholder(text) {
        true => vec![Segment::Any],
        false => segments_of_text(text),
    });
    segments.collect()
}

/// Reads a path as the most lenient server would: decoded as often as it can be, in small letters, without parameters and
/// endings such as `;v=1` and `.json`, and with `.` and `..` carried out.
fn segments_of_text(path: &str) -> Vec<Segment> {
    let mut path = path.to_owned();
    for _ in 0..DECODINGS {
        let decoded = percent_decode_str(&path).decode_utf8_lossy().into_owned();
        if decoded == path {
            break;
        }
        path = decoded;
    }
    let mut segments = Vec::new();
    for part in path.to_lowercase().split(['/', '\\']) {
        match part.trim() {
            "" | "." => {}
            ".." => drop(segments.pop()),
            part => segments.push(Segment::Text(stem(part).to_owned())),
        }
    }
    segments
}

fn stem(part: &str) -> &str {
    match part.split([';', '.']).next() {
        Some(stem) if !stem.trim().is_empty() => stem.trim(),
        _ => part,
    }
}

#[cfg(test)]
mod tests;
