//! A whole crate `enkash-api` for an API that differs: the files that are written by hand, those that are generated from the
//! changed spec, and a manifest that needs no workspace. A workspace takes it with `[patch]`.
//!
//! The command `enkash-codegen` calls it; a build of one's own can do the same.

mod changes;
mod folder;
mod policy;

use anyhow::Result;

pub use folder::Written;
pub use policy::check_at_run_time;

use crate::embedded::{API_FILES, API_MANIFEST};
use crate::generator::{self, API_FOLDER, GeneratedFile};
use crate::spec::{Diagnostic, Reachable, Spec};

/// What the first line of every file begins with, after the sign of a comment.
const MARKER: &str = "Written by enkash-codegen";

/// The crate, in memory.
///
/// ```no_run
/// use enkash_codegen::{api_crate::ApiCrate, lint, spec::{Changes, Source, Sources}};
///
/// let changes = Changes { overlays: vec![Source::file("mine.yaml")], ..Changes::default() };
/// match lint::load(&Sources::embedded(), &changes) {
///     Ok(spec) => {
///         let written = ApiCrate::generate(&spec)?.write("vendor/enkash-api".as_ref())?;
///         println!("{written:?}");
///     }
///     Err(diagnostics) => diagnostics.iter().for_each(|found| eprintln!("{found}")),
/// }
/// # Ok::<(), anyhow::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ApiCrate {
    /// By path.
    files: Vec<GeneratedFile>,
}

impl ApiCrate {
    /// Makes every file. The same spec gives the same bytes.
    ///
    /// # Errors
    ///
    /// The generator refuses the spec.
    pub fn generate(spec: &Spec) -> Result<Self> {
        let mut files = vec![marked("Cargo.toml", API_MANIFEST), marked("rustfmt.toml", RUSTFMT)];
        files.extend(API_FILES.iter().map(|(path, text)| marked(path, text)));
        for file in generator::api_files(spec)? {
            let path = file.path.strip_prefix(API_FOLDER).unwrap_or(&file.path);
            // The first line names the command of the repository.
            let (_, text) = file.content.split_once('\n').unwrap_or_default();
            files.push(marked(path, text));
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { files })
    }

    /// Every file, in the order of the paths.
    #[must_use]
    pub fn files(&self) -> &[GeneratedFile] {
        &self.files
    }
}

/// `cargo fmt --all` also formats the dependencies that have a path.
const RUSTFMT: &str = "disable_all_formatting = true\n";

/// A file of the crate, with the line by which it is known again.
fn marked(path: &str, text: &str) -> GeneratedFile {
    let version = env!("CARGO_PKG_VERSION");
    let line = format!("{MARKER} {version}. Do not edit: change the overlay and run it again.");
    let line = match path.rsplit('.').next() {
        Some("rs") => format!("// {line}"),
        Some("md") => format!("<!-- {line} -->"),
        _ => format!("# {line}"),
    };
    GeneratedFile {
        path: path.to_owned(),
        content: format!("{line}\n{text}"),
    }
}

/// The operations that an overlay took away although methods of the crate `enkash` call them: `enkash` does not compile
/// without.
#[must_use]
pub fn missing_for_high_level(spec: &Spec) -> Vec<Diagnostic> {
    let missing = spec.removed.iter().filter_map(|removed| {
        let reach = spec.surface.operations.get(&removed.id)?;
        let Reachable::Is(callers) = &reach.high_level else {
            return None;
        };
        let id = &removed.id;
        Some(Diagnostic {
            file: removed.file.clone(),
            line: removed.line,
            message: format!(
                "{id} is gone, but `enkash` calls it in {callers} and would not compile; keep it, or add --low-level-only for a \
                 crate that is used without `enkash`"
            ),
        })
    });
    missing.collect()
}

/// What the overlays changed, one line for each operation, type and field; the lines are for people.
#[must_use]
pub fn changes(spec: &Spec) -> Vec<String> {
    changes::lines(spec)
}
