//! Paths that a user supplies: for the operations whose path nobody saw, and for an API that differs
//! from the spec. The seam turns them into URLs; a template can never change the host.

use std::collections::BTreeMap;

use http::Method;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::{PathSegment, PathSegmentError};

/// What an operation of a JSON API can be. `CONNECT` opens a tunnel, `TRACE` sends the token back, and nobody knows what
/// any other word does.
const METHODS: [Method; 5] = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

/// What must be encoded so that a value stays within its segment.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// A method and a path template, such as `POST /api/v0/partner/search-catalog` or
/// `GET /api/v0/partner/products/{productCatalogId}`.
///
/// Placeholders take their values from [`fill`](Self::fill), or from the operation's own path parameters
/// of the same name.
///
/// ```
/// use enkash_api::{Method, PathTemplate};
///
/// let template = PathTemplate::new(Method::GET, "/api/v0/partner/products/{id}")?
///     .fill("id", "PC7513531244A681")?
///     .query("product", "VOUCHER");
///
/// assert!(PathTemplate::new(Method::GET, "https://elsewhere.example/").is_err());
/// assert!(PathTemplate::new(Method::GET, "/api/../admin").is_err());
/// # Ok::<(), enkash_api::PathTemplateError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathTemplate {
    method: Method,
    template: String,
    values: BTreeMap<String, PathSegment>,
    query: Vec<(String, String)>,
}

/// Why a text is not a path template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathTemplateError {
    /// A method that no operation has.
    #[error("{method} is no method for a call: use GET, POST, PUT, PATCH or DELETE")]
    Method {
        /// The method.
        method: String,
    },
    /// The host is a setting of the client, not of a path.
    #[error("{template:?} must start with one slash: a scheme or a host cannot stand in a path")]
    NotAPath {
        /// The text.
        template: String,
    },
    /// An empty segment, `.` or `..`.
    #[error("{template:?} has an empty segment, \".\" or \"..\": write the path out")]
    LeavesItsPlace {
        /// The text.
        template: String,
    },
    /// A character that has another meaning in a URL.
    #[error("{template:?} has {character:?}, which does not belong in a path; give queries with `query`")]
    Character {
        /// The text.
        template: String,
        /// The character.
        character: char,
    },
    /// A value that cannot stand in a path.
    #[error(transparent)]
    Value(#[from] PathSegmentError),
}

impl PathTemplate {
    /// Reads a template. Each segment is a text or one `{placeholder}`.
    ///
    /// # Errors
    ///
    /// A scheme, a host, `//`, `.` or `..` segments, a query, a fragment, white space and backslashes are refused, and so is
    /// every method but GET, POST, PUT, PATCH and DELETE.
    pub fn new(method: Method, template: &str) -> Result<Self, PathTemplateError> {
        if !METHODS.contains(&method) {
            return Err(PathTemplateError::Method {
                method: method.to_string(),
            });
        }
        let owned = || template.to_owned();
        let Some(segments) = template.strip_prefix('/') else {
            return Err(PathTemplateError::NotAPath { template: owned() });
        };
        if segments.starts_with('/') {
            return Err(PathTemplateError::NotAPath { template: owned() });
        }
        let stray = |c: &char| c.is_whitespace() || c.is_control() || "\\?#%:@".contains(*c);
        if let Some(character) = template.chars().find(stray) {
            return Err(PathTemplateError::Character {
                template: owned(),
                character,
            });
        }
        if segments.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
            return Err(PathTemplateError::LeavesItsPlace { template: owned() });
        }
        Ok(Self {
            method,
            template: template.to_owned(),
            values: BTreeMap::new(),
            query: Vec::new(),
        })
    }

    /// Gives the value of a placeholder. It is percent-encoded and stays within its segment.
    ///
    /// # Errors
    ///
    /// The value is empty, `.` or `..`, or has a backslash.
    pub fn fill(mut self, placeholder: &str, value: &str) -> Result<Self, PathTemplateError> {
        self.values.insert(placeholder.to_owned(), value.try_into()?);
        Ok(self)
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The path with its placeholders.
    #[must_use]
    pub fn template(&self) -> &str {
        &self.template
    }

    pub(crate) fn query_pairs(&self) -> &[(String, String)] {
        &self.query
    }

    /// The path with every placeholder filled, or the name of the first that has no value.
    pub(crate) fn path(&self, parameters: &BTreeMap<&str, String>) -> Result<String, String> {
        let mut path = String::new();
        for segment in self.template.split('/').skip(1) {
            path.push('/');
            let placeholder = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            match placeholder {
                None => path.extend(utf8_percent_encode(segment, SEGMENT)),
                Some(name) => match (self.values.get(name), parameters.get(name)) {
                    (Some(value), _) => path.extend(utf8_percent_encode(value.as_str(), SEGMENT)),
                    // Taken from a URL: encoded already.
                    (None, Some(encoded)) => path.push_str(encoded),
                    (None, None) => return Err(name.to_owned()),
                },
            }
        }
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_names_a_path_and_nothing_else() {
        for bad in [
            "",
            "api/v0",
            "//host/x",
            "https://host/x",
            "/a//b",
            "/a/../b",
            "/a/.",
            "/a?b=c",
            "/a#b",
            "/a\\b",
            "/a b",
            "/%2e%2e/b",
            "/user@host",
        ] {
            assert!(PathTemplate::new(Method::POST, bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_method_is_one_that_operations_have() {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            assert!(PathTemplate::new(method.parse().unwrap(), "/a").is_ok(), "{method}");
        }
        for method in ["CONNECT", "TRACE", "HEAD", "OPTIONS", "get", "PURGE", "X"] {
            let refused = PathTemplate::new(method.parse().unwrap(), "/a").unwrap_err();
            assert!(matches!(refused, PathTemplateError::Method { .. }), "{method}");
        }
    }

    #[test]
    fn a_value_stays_in_its_segment() {
        let template = PathTemplate::new(Method::GET, "/products/{id}/x").unwrap();
        assert!(template.clone().fill("id", "..").is_err());
        let filled = template.fill("id", "../a?b/ü").unwrap();
        assert_eq!(
            filled.path(&BTreeMap::new()).unwrap(),
            "/products/..%2Fa%3Fb%2F%C3%BC/x"
        );
    }

    #[test]
    fn a_placeholder_without_a_value_is_named() {
        let template = PathTemplate::new(Method::GET, "/products/{id}").unwrap();
        assert_eq!(template.path(&BTreeMap::new()), Err("id".to_owned()));
    }
}
