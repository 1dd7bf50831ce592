//! Where a file of the spec comes from: from disk, or as a text that a program holds.
//!
//! Callers of the library name the files of the spec and their overlays by it; the loader reads it into a document.

use std::borrow::Cow;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::embedded;

/// A larger file is no spec.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// A YAML file: its name in diagnostics, and where its text is.
///
/// ```
/// use enkash_codegen::spec::Source;
///
/// let file = Source::file("overlays/mine.yaml");
/// assert_eq!(file.name(), "overlays/mine.yaml");
/// let text = Source::text("mine.yaml", "overlay: 1.0.0\n");
/// assert_eq!(text.name(), "mine.yaml");
/// ```
#[derive(Clone, Debug)]
pub struct Source {
    name: String,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    File(PathBuf),
    Text(Cow<'static, str>),
}

impl Source {
    /// A file on disk, with its path as its name. It is read when the spec is loaded.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self {
            name: shown(&path),
            content: Content::File(path),
        }
    }

    /// A file on disk whose name leaves out the folder, where the file is below it.
    pub fn file_below(folder: &Path, path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self {
            name: shown(path.strip_prefix(folder).unwrap_or(&path)),
            content: Content::File(path),
        }
    }

    /// A text under a name.
    pub fn text(name: impl Into<String>, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            name: name.into(),
            content: Content::Text(text.into()),
        }
    }

    /// The name in diagnostics.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn bytes(&self) -> io::Result<Cow<'_, [u8]>> {
        let path = match &self.content {
            Content::Text(text) => return Ok(Cow::Borrowed(text.as_bytes())),
            Content::File(path) => path,
        };
        let mut bytes = Vec::new();
        fs::File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_BYTES {
            let megabytes = MAX_BYTES / 1024 / 1024;
            return Err(io::Error::other(format!("it is larger than {megabytes} MiB")));
        }
        Ok(Cow::Owned(bytes))
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

/// The files of a spec.
#[derive(Clone, Debug)]
pub struct Sources {
    /// The OpenAPI document.
    pub document: Source,
    /// What each operation does with value.
    pub policy: Source,
    /// Where each operation can be reached beside the low level.
    pub surface: Source,
    /// What only the sandbox answers: an OpenAPI Overlay of the document.
    pub sandbox: Source,
    /// What else is checked in beside them. It is searched for credentials.
    pub others: Vec<Source>,
}

/// The OpenAPI document, below the root of a repository.
const DOCUMENT: &str = "spec/rewards.yaml";
/// What each operation does with value.
pub(crate) const POLICY: &str = "spec/policy.yaml";
/// Where each operation can be reached.
pub(crate) const SURFACE: &str = "spec/surface.yaml";
/// What only the sandbox answers.
const SANDBOX: &str = "spec/sandbox.overlay.yaml";

impl Sources {
    /// Those of spec/ in a repository of this project.
    #[must_use]
    pub fn in_repository(root: &Path) -> Self {
        let file = |path: &str| Source::file_below(root, root.join(path));
        Self {
            document: file(DOCUMENT),
            policy: file(POLICY),
            surface: file(SURFACE),
            sandbox: file(SANDBOX),
            others: others(root),
        }
    }

    /// The spec that this crate was released with.
    ///
    /// ```
    /// use enkash_codegen::{lint, spec::{Changes, Sources}};
    ///
    /// let spec = lint::load(&Sources::embedded(), &Changes::default()).expect("it is released only if it can be read");
    /// assert!(spec.operations.iter().any(|operation| operation.id == "createAllocatePoints"));
    /// ```
    #[must_use]
    pub fn embedded() -> Self {
        // No file of a user's has such a name, so that nobody's overlay is taken for a part of it.
        let text = |path: &str, text| Source::text(format!("<built-in>/{path}"), text);
        Self {
            document: text(DOCUMENT, embedded::DOCUMENT),
            policy: text(POLICY, embedded::POLICY),
            surface: text(SURFACE, embedded::SURFACE),
            sandbox: text(SANDBOX, embedded::SANDBOX),
            others: Vec::new(),
        }
    }

    /// Every file.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Source> {
        [&self.document, &self.policy, &self.surface, &self.sandbox]
            .into_iter()
            .chain(&self.others)
    }
}

/// Those that this crate was released with.
impl Default for Sources {
    fn default() -> Self {
        Self::embedded()
    }
}

fn others(root: &Path) -> Vec<Source> {
    let known = [DOCUMENT, POLICY, SURFACE, SANDBOX].map(|path| root.join(path));
    let mut found = Vec::new();
    let mut folders = vec![root.join("spec")];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        for path in entries.map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if !known.contains(&path) {
                found.push(Source::file_below(root, path));
            }
        }
    }
    found
}
