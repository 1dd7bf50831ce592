//! A place of which values are compared, and the change of what stands there.

use super::comparison::Comparison;
use super::finding::{Category, Change, Items, Severity};
use super::shape::Shape;
use super::usage::Usage;

/// A place of which values are compared: what it is called, and who sends or receives them.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub(super) subject: String,
    pub(super) usage: Usage,
    pub(super) form: Form,
    /// What the generator calls a type that has no name in the document.
    pub(super) hint: String,
    /// Whether a value may be missing, before and after.
    pub(super) is_optional: bool,
    pub(super) items: Items,
}

/// What holds the value in Rust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A field of a type.
    Field,
    /// Inside of a list or a map.
    Inside,
    /// What a setter of a call takes.
    Setter,
    /// What `send` returns.
    Result,
    /// The body of an error, whose type programs do not see.
    ErrorBody,
}

impl Spot {
    pub(super) fn inside(&self, suffix: &str) -> Self {
        Self {
            subject: format!("{}{suffix}", self.subject),
            form: match self.form {
                Form::ErrorBody => Form::ErrorBody,
                _ => Form::Inside,
            },
            is_optional: false,
            ..self.clone()
        }
    }
}

/// A change at a place, with what it does on the wire and in Rust.
pub(super) fn change(
    comparison: &Comparison<'_>,
    rule: &'static str,
    spot: &Spot,
    (old, new): (Option<&Shape<'_>>, Option<&Shape<'_>>),
    (wire, rust): (Severity, Severity),
) -> Change {
    let place = comparison.place(old.map(|shape| &shape.at), new.map(|shape| &shape.at));
    let rust_text = spot.items.path();
    let mut change = Change::new(rule, spot.subject.clone(), place)
        .of(&spot.usage.operations)
        .about(spot.items.clone())
        .effect(Category::Wire, wire, spot.usage.words())
        .effect(Category::Rust, rust, rust_text.clone());
    // What nothing uses is in the generated code all the same.
    if change.effects.is_empty() && spot.usage.is_none() {
        change = change.effect(Category::Rust, Severity::Compatible, rust_text);
    }
    change
}
