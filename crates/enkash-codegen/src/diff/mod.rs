//! Compares two descriptions by what they mean: what changed, and whom that breaks. `cargo xtask diff` prints
//! it.
//!
//! Both sides are read without being held to any rule, references are followed, and the envelope's `allOf` becomes the one object
//! that it stands for. Every key of both documents either has a rule, or only people read it, or it is reported as
//! `unclassified`: no difference passes in silence because nobody thought of it.
//!
//! A program is taken to build what it sends with the builders and to read the fields of what it receives. One that writes a
//! generated type as a literal, or takes it apart as a whole, breaks with every new field.

mod accepted;
mod access;
mod bodies;
mod comparison;
mod components;
mod description;
mod evidence;
mod fields;
mod finding;
mod fingerprint;
mod high_level;
mod operations;
mod pair;
mod parameters;
mod policy;
mod relation;
mod renames;
mod render;
mod rust_names;
mod shape;
mod source_index;
mod spot;
mod surface;
mod tree;
mod usage;
mod values;
mod words;

pub use accepted::{Acceptance, Accepted};
pub use description::{Description, FileKind, Files};
pub use finding::{Category, Effect, Finding, Severity};
pub use render::{Format, SCHEMA};
pub use source_index::SourceIndex;

use comparison::Comparison;
use finding::Change;

/// What a comparison found.
#[derive(Clone, Debug)]
pub struct Report {
    /// All changes, the worst first.
    pub findings: Vec<Finding>,
}

/// Compares two descriptions.
///
/// ```
/// use enkash_codegen::diff::{compare, Description, Files, Severity};
/// use enkash_codegen::spec::Source;
///
/// let side = |kind: &str| {
///     let text = format!("components: {{schemas: {{Card: {{type: object, properties: {{id: {{type: {kind}}}}}}}}}}}");
///     let document = Some(Source::text("rewards.yaml", text));
///     Description::read(&Files { document, ..Files::default() }).expect("it is YAML")
/// };
/// let report = compare(&side("string"), &side("integer"));
/// assert_eq!(report.findings[0].subject, "Card.id");
/// assert_eq!(report.findings[0].severity, Severity::CompileTime);
/// assert!(compare(&side("string"), &side("string")).findings.is_empty());
/// ```
#[must_use]
pub fn compare(old: &Description, new: &Description) -> Report {
    compare_with_uses(old, new, &SourceIndex::default())
}

/// Compares two descriptions, and says which files of the repository, and which columns of the command, use what changed.
#[must_use]
pub fn compare_with_uses(old: &Description, new: &Description, uses: &SourceIndex) -> Report {
    let mut comparison = Comparison::new(old, new);
    components::compare(&mut comparison);
    operations::compare(&mut comparison);
    surface::compare(&mut comparison);
    let mut changes = comparison.take_changes();
    high_level::add(&comparison, uses, &mut changes);
    let mut findings: Vec<_> = changes.into_iter().map(finding).collect();
    findings.sort_by(|a, b| {
        b.severity
            .cmp(&a.severity)
            .then_with(|| (&a.subject, a.rule).cmp(&(&b.subject, b.rule)))
    });
    Report { findings }
}

fn finding(mut change: Change) -> Finding {
    change.effects.sort_by_key(|effect| effect.category);
    let (before, after) = (change.before.as_deref(), change.after.as_deref());
    Finding {
        fingerprint: fingerprint::fingerprint(change.rule, &change.subject, before, after),
        rule: change.rule,
        severity: change.worst(),
        subject: change.subject,
        before: change.before,
        after: change.after,
        effects: change.effects,
        operations: change.operations,
        file: change.place.file,
        line: change.place.line,
    }
}
