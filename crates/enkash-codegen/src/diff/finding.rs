//! What a comparison says: one finding for each change of meaning, with its effect in each category. The rules of the other
//! modules make them, the renderings print them.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

/// What a change touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// What goes over the wire between the API and a client that was built before.
    Wire,
    /// The generated code, as programs use it: builders for what is sent, fields for what is received.
    Rust,
    /// The wrappers of `enkash`, and the commands and columns of `enkash-cli`.
    HighLevel,
    /// How well the operation is known.
    Evidence,
    /// What the operation does with value.
    Policy,
}

impl Category {
    /// Every category, in the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::Wire, Self::Rust, Self::HighLevel, Self::Evidence, Self::Policy];

    /// The word for it, in JSON as for people.
    ///
    /// ```
    /// assert_eq!(enkash_codegen::diff::Category::HighLevel.as_str(), "high-level");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wire => "wire",
            Self::Rust => "rust",
            Self::HighLevel => "high-level",
            Self::Evidence => "evidence",
            Self::Policy => "policy",
        }
    }
}

/// How bad a change is. The order is that of badness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Nobody notices it.
    None,
    /// Programs and requests go on as before.
    Compatible,
    /// Programs go on, and something happens otherwise than before.
    Behaviour,
    /// Programs compile, and a call fails that went well before.
    RunTime,
    /// Programs do not compile any more.
    CompileTime,
    /// No rule knows this kind of change, so it counts as breaking until somebody writes one.
    Unclassified,
}

impl Severity {
    /// Every severity, the worst first.
    pub const WORST_FIRST: [Self; 6] = [
        Self::Unclassified,
        Self::CompileTime,
        Self::RunTime,
        Self::Behaviour,
        Self::Compatible,
        Self::None,
    ];

    /// The word for it in JSON.
    ///
    /// ```
    /// assert_eq!(enkash_codegen::diff::Severity::RunTime.as_str(), "run-time");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Compatible => "compatible",
            Self::Behaviour => "behaviour",
            Self::RunTime => "run-time",
            Self::CompileTime => "compile-time",
            Self::Unclassified => "unclassified",
        }
    }

    /// Whether it breaks somebody.
    ///
    /// ```
    /// use enkash_codegen::diff::Severity;
    /// assert!(Severity::RunTime.is_breaking() && !Severity::Behaviour.is_breaking());
    /// ```
    #[must_use]
    pub fn is_breaking(self) -> bool {
        self >= Self::RunTime
    }

    /// What it says to a reader.
    pub(super) const fn phrase(self) -> &'static str {
        match self {
            Self::None => "no change",
            Self::Compatible => "compatible",
            Self::Behaviour => "behaves otherwise",
            Self::RunTime => "breaks at run time",
            Self::CompileTime => "breaks at compile time",
            Self::Unclassified => "unclassified, counts as breaking",
        }
    }
}

impl Severity {
    /// The same about several changes.
    pub(super) const fn phrase_of_many(self) -> &'static str {
        match self {
            Self::Behaviour => "behave otherwise",
            Self::RunTime => "break at run time",
            Self::CompileTime => "break at compile time",
            Self::Unclassified => "unclassified, count as breaking",
            one => one.phrase(),
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a change does in one category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// What is touched.
    pub category: Category,
    /// How badly.
    pub severity: Severity,
    /// Who is touched, and how.
    pub text: String,
}

/// One change of meaning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The same for the same change, whatever else changes and wherever it stands.
    pub fingerprint: String,
    /// The rule that found it, such as `field-removed`.
    pub rule: &'static str,
    /// The worst of its effects.
    pub severity: Severity,
    /// What changed, such as `Card.otbBalance` or `getCart query product`.
    pub subject: String,
    /// What it was.
    pub before: Option<String>,
    /// What it is.
    pub after: Option<String>,
    /// What it touches, in the order of the categories. At least one.
    pub effects: Vec<Effect>,
    /// The operations whose requests or responses have it.
    pub operations: BTreeSet<String>,
    /// The file that says so.
    pub file: String,
    /// Its line: of the new file, or of the old one for what is gone.
    pub line: usize,
}

impl Finding {
    /// How badly it touches a category.
    #[must_use]
    pub fn severity_of(&self, category: Category) -> Severity {
        let effect = self.effects.iter().find(|effect| effect.category == category);
        effect.map_or(Severity::None, |effect| effect.severity)
    }

    /// The rule in words: `field removed`.
    pub(super) fn title(&self) -> String {
        self.rule.replace('-', " ")
    }

    /// From what to what, where that says something.
    pub(super) fn transition(&self) -> String {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => format!("{before} → {after}"),
            (Some(before), None) => format!("was {before}"),
            (None, Some(after)) => after.clone(),
            (None, None) => String::new(),
        }
    }
}

/// A finding in the making.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) rule: &'static str,
    pub(super) subject: String,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    pub(super) effects: Vec<Effect>,
    pub(super) operations: BTreeSet<String>,
    pub(super) place: Place,
    /// The Rust items that it is about, for the search of what uses them.
    pub(super) items: Items,
}

/// Where a change is written, in the new description or, for what is gone, in the old one.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    pub(super) file: String,
    pub(super) line: usize,
}

/// Generated items of Rust by which the use of a change can be found.
#[derive(Clone, Debug, Default)]
pub(super) struct Items {
    /// The type.
    pub(super) type_name: Option<String>,
    /// Its field, or the setter of a parameter.
    pub(super) member: Option<String>,
    /// The method of the client.
    pub(super) function: Option<String>,
    /// The field in JSON.
    pub(super) wire_name: Option<String>,
}

impl Items {
    /// The item as Rust names it.
    pub(super) fn path(&self) -> String {
        let parts = [&self.function, &self.type_name, &self.member];
        let parts: Vec<_> = parts.into_iter().flatten().map(String::as_str).collect();
        parts.join("::")
    }
}

impl Change {
    pub(super) fn new(rule: &'static str, subject: impl Into<String>, place: Place) -> Self {
        Self {
            rule,
            subject: subject.into(),
            before: None,
            after: None,
            effects: Vec::new(),
            operations: BTreeSet::new(),
            place,
            items: Items::default(),
        }
    }

    pub(super) fn with_transition(mut self, before: Option<String>, after: Option<String>) -> Self {
        (self.before, self.after) = (before, after);
        self
    }

    pub(super) fn of(mut self, operations: &BTreeSet<String>) -> Self {
        self.operations.extend(operations.iter().cloned());
        self
    }

    pub(super) fn effect(mut self, category: Category, severity: Severity, text: impl Into<String>) -> Self {
        if severity == Severity::None {
            return self;
        }
        let text = text.into();
        match self.effects.iter_mut().find(|effect| effect.category == category) {
            Some(effect) if effect.severity >= severity => {}
            Some(effect) => (effect.severity, effect.text) = (severity, text),
            None => self.effects.push(Effect {
                category,
                severity,
                text,
            }),
        }
        self
    }

    pub(super) fn about(mut self, items: Items) -> Self {
        self.items = items;
        self
    }

    pub(super) fn worst(&self) -> Severity {
        let severities = self.effects.iter().map(|effect| effect.severity);
        severities.max().unwrap_or(Severity::None)
    }
}
