//! A description to compare: the files of spec/, or some of them. Nothing is held to a rule here, so that also what lint or the
//! generator refuses can be compared.

use serde_json::Value;

use super::tree::{Node, Tree};
use crate::spec::document::Document;
use crate::spec::pointer::METHODS;
use crate::spec::{Diagnostic, Source, Sources};

/// One side of a comparison. A file that is missing is empty.
#[derive(Clone, Debug)]
pub struct Description {
    pub(super) document: Tree,
    pub(super) policy: Tree,
    pub(super) surface: Tree,
    pub(super) sandbox: Tree,
}

/// The files of one side.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// The OpenAPI document.
    pub document: Option<Source>,
    /// What each operation does with value.
    pub policy: Option<Source>,
    /// Where each operation can be reached.
    pub surface: Option<Source>,
    /// What only the sandbox answers.
    pub sandbox: Option<Source>,
}

/// What a file of spec/ is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// An OpenAPI document.
    Document,
    /// A policy.
    Policy,
    /// A surface.
    Surface,
    /// An overlay, such as that of the sandbox.
    Overlay,
}

impl From<&Sources> for Files {
    fn from(sources: &Sources) -> Self {
        Self {
            document: Some(sources.document.clone()),
            policy: Some(sources.policy.clone()),
            surface: Some(sources.surface.clone()),
            sandbox: Some(sources.sandbox.clone()),
        }
    }
}

impl FileKind {
    /// What a file is, by what stands in it.
    ///
    /// ```
    /// use enkash_codegen::{diff::FileKind, spec::Source};
    ///
    /// let file = Source::text("mine.yaml", "openapi: 3.0.3\npaths: {}\n");
    /// assert_eq!(FileKind::of(&file).expect("it is YAML"), Some(FileKind::Document));
    /// ```
    ///
    /// # Errors
    ///
    /// It is no YAML.
    pub fn of(file: &Source) -> Result<Option<Self>, Vec<Diagnostic>> {
        let document = Document::read(file)?;
        let has = |key| document.value.get(key).is_some();
        let operations = document.value.get("operations").and_then(Value::as_object);
        let mut entries = operations.into_iter().flat_map(|all| all.values());
        Ok(if has("openapi") || has("paths") || has("components") {
            Some(Self::Document)
        } else if has("overlay") {
            Some(Self::Overlay)
        } else if entries.any(|entry| entry.get("high-level").is_some() || entry.get("cli").is_some()) {
            Some(Self::Surface)
        } else {
            operations.map(|_| Self::Policy)
        })
    }
}

impl Description {
    /// Reads the files.
    ///
    /// # Errors
    ///
    /// What is no YAML, with its line.
    pub fn read(files: &Files) -> Result<Self, Vec<Diagnostic>> {
        let mut diagnostics = Vec::new();
        let mut tree = |file: &Option<Source>| match file.as_ref().map(Document::read) {
            Some(Ok(document)) => Tree::File(document),
            Some(Err(found)) => {
                diagnostics.extend(found);
                Tree::Missing
            }
            None => Tree::Missing,
        };
        let description = Self {
            document: tree(&files.document),
            policy: tree(&files.policy),
            surface: tree(&files.surface),
            sandbox: tree(&files.sandbox),
        };
        if diagnostics.is_empty() {
            Ok(description)
        } else {
            Err(diagnostics)
        }
    }

    /// Files that a program holds as values: document, policy, surface and the sandbox's overlay. Null is a file that is missing.
    /// Findings about them have no lines.
    ///
    /// ```
    /// use enkash_codegen::diff::{compare, Description};
    /// use serde_json::{Value, json};
    ///
    /// let side = |methods: Value| {
    ///     let document = json!({"paths": {"/cart": methods}});
    ///     Description::from_values([document, Value::Null, Value::Null, Value::Null])
    /// };
    /// let report = compare(&side(json!({"get": {"operationId": "getCart"}})), &side(json!({})));
    /// assert_eq!(report.findings[0].rule, "operation-removed");
    /// ```
    #[must_use]
    pub fn from_values(files: [Value; 4]) -> Self {
        let [document, policy, surface, sandbox] = files.map(|file| match file {
            Value::Null => Tree::Missing,
            file => Tree::Value(file),
        });
        Self {
            document,
            policy,
            surface,
            sandbox,
        }
    }

    /// Every operation that has an id, in the order of their ids.
    pub(super) fn operations(&self) -> Vec<Operation<'_>> {
        let mut found = Vec::new();
        for (path, item) in self.document.root().below("paths").entries() {
            for (method, node) in item.entries() {
                if !METHODS.contains(&method) || !node.value.is_object() {
                    continue;
                }
                // The generator makes a name of method and path where there is no id.
                let id = node
                    .text("operationId")
                    .map_or_else(|| format!("{method} {path}"), str::to_owned);
                found.push(Operation {
                    id,
                    method,
                    path,
                    item: item.clone(),
                    node,
                });
            }
        }
        found.sort_by(|a, b| a.id.cmp(&b.id));
        found
    }
}

/// An operation of a document.
#[derive(Clone, Debug)]
pub(super) struct Operation<'a> {
    pub(super) id: String,
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    /// The path with its methods.
    pub(super) item: Node<'a>,
    pub(super) node: Node<'a>,
}

impl Operation<'_> {
    /// Method and path, with placeholders that have no names: what a request shows of them.
    pub(super) fn route(&self) -> String {
        let steps = self.path.split('/').map(|step| {
            let is_placeholder = step.starts_with('{') && step.ends_with('}');
            if is_placeholder { "{}" } else { step }
        });
        format!("{} {}", self.method.to_uppercase(), steps.collect::<Vec<_>>().join("/"))
    }

    /// Whether the path stands for one that nobody knows.
    pub(super) fn is_path_unknown(&self) -> bool {
        self.path.starts_with("/-unknown-/")
    }

    /// The names of the placeholders, in their order.
    pub(super) fn placeholders(&self) -> Vec<&str> {
        let steps = self.path.split('/');
        steps
            .filter_map(|step| step.strip_prefix('{')?.strip_suffix('}'))
            .collect()
    }
}
