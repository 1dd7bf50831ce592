//! The two sides of a comparison: files, folders, revisions of git, or a path at a revision.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use enkash_codegen::diff::{FileKind, Files};
use enkash_codegen::spec::{Source, Sources};

const SPEC: [(FileKind, &str); 4] = [
    (FileKind::Document, "spec/rewards.yaml"),
    (FileKind::Policy, "spec/policy.yaml"),
    (FileKind::Surface, "spec/surface.yaml"),
    (FileKind::Overlay, "spec/sandbox.overlay.yaml"),
];

/// One side, with the files that were named.
#[derive(Debug, Default)]
pub(super) struct Side {
    pub(super) files: Files,
}

impl Side {
    /// What somebody typed for a side.
    pub(super) fn parse(root: &Path, text: &str) -> Result<Self> {
        let path = Path::new(text);
        if path.is_file() {
            let source = Source::file(text);
            let kind = kind(&source)?;
            return Ok(Self::file(kind, source));
        }
        if path.is_dir() {
            return Ok(Self::folder(path));
        }
        match text.split_once(':') {
            Some((revision, path)) if !path.is_empty() => {
                let source = show(root, revision, path)?;
                let source = source.with_context(|| format!("{revision} has no file {path}"))?;
                let kind = kind(&source)?;
                Ok(Self::file(kind, source))
            }
            _ => Self::revision(root, text),
        }
    }

    /// One file.
    pub(super) fn file(kind: FileKind, source: Source) -> Self {
        let mut side = Self::default();
        side.set(kind, source);
        side
    }

    /// spec/ as it lies there.
    pub(super) fn working_tree(root: &Path) -> Self {
        Self {
            files: Files::from(&Sources::in_repository(root)),
        }
    }

    fn folder(path: &Path) -> Self {
        let mut side = Self::default();
        for (kind, file) in SPEC {
            let name = file.trim_start_matches("spec/");
            let found = [path.join(file), path.join(name)]
                .into_iter()
                .find(|path| path.is_file());
            if let Some(found) = found {
                side.set(kind, Source::file(found));
            }
        }
        side
    }

    /// spec/ at a revision.
    fn revision(root: &Path, revision: &str) -> Result<Self> {
        let mut side = Self::default();
        git(
            root,
            &["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")],
        )?
        .with_context(|| format!("{revision} is no file, no folder and no revision"))?;
        for (kind, path) in SPEC {
            if let Some(source) = show(root, revision, path)? {
                side.set(kind, source);
            }
        }
        ensure!(side.files.document.is_some(), "{revision} has no {}", SPEC[0].1);
        Ok(side)
    }

    /// spec/ at the base of the branch: where it left a revision, or `main` where none is named. On `main` itself it is the
    /// commit before, unless spec/ was changed since the last commit.
    pub(super) fn base(root: &Path, named: Option<&str>) -> Result<Self> {
        if let Some(revision) = named {
            let base = git(root, &["merge-base", revision, "HEAD"])?;
            return Self::revision(root, base.as_deref().unwrap_or(revision));
        }
        let mut found = None;
        for branch in ["origin/main", "main"] {
            found = found.or(git(root, &["merge-base", branch, "HEAD"])?);
        }
        let Some(base) = found else {
            bail!("the base of the branch is not known: fetch main with its history, or name a revision with --base");
        };
        let head = git(root, &["rev-parse", "HEAD"])?;
        let is_changed = git(root, &["status", "--porcelain", "--", "spec"])?.is_some_and(|lines| !lines.is_empty());
        if head.as_ref() != Some(&base) || is_changed {
            return Self::revision(root, &base);
        }
        // The first commit of all is compared with itself.
        let parent = git(root, &["rev-parse", "--verify", "--quiet", "HEAD^"])?;
        Self::revision(root, parent.as_deref().unwrap_or(&base))
    }

    fn set(&mut self, kind: FileKind, source: Source) {
        let place = match kind {
            FileKind::Document => &mut self.files.document,
            FileKind::Policy => &mut self.files.policy,
            FileKind::Surface => &mut self.files.surface,
            FileKind::Overlay => &mut self.files.sandbox,
        };
        *place = Some(source);
    }
}

/// Both sides with the files that neither of them names, from the repository: they say who uses what changed.
pub(super) fn completed(root: &Path, mut old: Side, mut new: Side) -> (Side, Side) {
    let here = Files::from(&Sources::in_repository(root));
    let fill = |old: &mut Option<Source>, new: &mut Option<Source>, path: &str, source: Option<Source>| {
        if old.is_none() && new.is_none() && root.join(path).is_file() {
            old.clone_from(&source);
            *new = source;
        }
    };
    fill(
        &mut old.files.document,
        &mut new.files.document,
        SPEC[0].1,
        here.document,
    );
    fill(&mut old.files.policy, &mut new.files.policy, SPEC[1].1, here.policy);
    fill(&mut old.files.surface, &mut new.files.surface, SPEC[2].1, here.surface);
    fill(&mut old.files.sandbox, &mut new.files.sandbox, SPEC[3].1, here.sandbox);
    (old, new)
}

fn kind(source: &Source) -> Result<FileKind> {
    match FileKind::of(source) {
        Ok(Some(kind)) => Ok(kind),
        Ok(None) => bail!("{} is no document, policy, surface or overlay", source.name()),
        Err(diagnostics) => {
            let lines: Vec<_> = diagnostics.iter().map(ToString::to_string).collect();
            bail!("{}", lines.join("\n"))
        }
    }
}

/// A file at a revision, under its own name; `None` where it is not there.
fn show(root: &Path, revision: &str, path: &str) -> Result<Option<Source>> {
    let text = git(root, &["show", &format!("{revision}:{path}")])?;
    Ok(text.map(|text| Source::text(path.to_owned(), text)))
}

/// What git prints, without the line end; `None` where it fails.
fn git(root: &Path, arguments: &[&str]) -> Result<Option<String>> {
    // A word of the user's is never taken for an option.
    ensure!(
        arguments
            .iter()
            .skip(1)
            .all(|word| !word.starts_with('-') || ["--verify", "--quiet", "--porcelain", "--"].contains(word)),
        "a revision does not begin with a dash"
    );
    let output = Command::new("git")
        .args(arguments)
        .current_dir(root)
        .output()
        .context("git cannot be run")?;
    if !output.status.success() {
        return Ok(None);
    }
    let text = String::from_utf8(output.stdout).context("git printed what is not UTF-8")?;
    Ok(Some(text.trim_end().to_owned()))
}
