//! `spec/accepted-changes.yaml`: breaking changes that somebody took responsibility for, each by the fingerprint of its finding,
//! with a reason and a date.

use serde::{Deserialize, Serialize};

use super::finding::{Finding, Severity};
use crate::spec::document::Document;
use crate::spec::pointer::Pointer;
use crate::spec::shape::Shape::{List, Object as Is, Text};
use crate::spec::shape::{self, Object, Others, Shape, required};
use crate::spec::{Diagnostic, Source};

static FILE: Shape = Is(&ACCEPTED);

static ACCEPTED: Object = Object {
    section: None,
    fields: &[required("accepted", List(&Is(&ENTRY)))],
    others: Others::Refused,
};

static ENTRY: Object = Object {
    section: None,
    fields: &[
        required("fingerprint", Text),
        required("reason", Text),
        required("date", Text),
    ],
    others: Others::Refused,
};

/// The changes that are accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// Each once.
    pub accepted: Vec<Acceptance>,
}

/// One change that is accepted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// The fingerprint of its finding.
    pub fingerprint: String,
    /// Why it may be.
    pub reason: String,
    /// Since when, as `YYYY-MM-DD`.
    pub date: String,
}

impl Accepted {
    /// Reads the file.
    ///
    /// ```
    /// use enkash_codegen::{diff::Accepted, spec::Source};
    ///
    /// let text = "accepted:\n  - {fingerprint: 0123456789abcdef, reason: Nobody has it., date: '2026-01-31'}\n";
    /// let file = Accepted::read(&Source::text("accepted-changes.yaml", text)).expect("it keeps the rules");
    /// assert_eq!(file.accepted[0].reason, "Nobody has it.");
    /// ```
    ///
    /// # Errors
    ///
    /// What is wrong with it, with the line.
    pub fn read(source: &Source) -> Result<Self, Vec<Diagnostic>> {
        let document = Document::read(source)?;
        let mut diagnostics = shape::check(&document, &FILE).diagnostics;
        if !diagnostics.is_empty() {
            return Err(diagnostics);
        }
        let file: Self = serde_json::from_value(document.value.clone())
            .map_err(|error| vec![document.diagnostic(&Pointer::root(), error.to_string())])?;
        for (index, entry) in file.accepted.iter().enumerate() {
            let at = Pointer::root().child("accepted").index(index);
            for (key, message) in entry.mistakes() {
                diagnostics.push(document.diagnostic(&at.child(key), message));
            }
            let is_twice = file.accepted[..index]
                .iter()
                .any(|other| other.fingerprint == entry.fingerprint);
            if is_twice {
                diagnostics.push(document.diagnostic(&at.child("fingerprint"), "this change is accepted already"));
            }
        }
        if diagnostics.is_empty() {
            Ok(file)
        } else {
            Err(diagnostics)
        }
    }

    /// The acceptance of a finding.
    #[must_use]
    pub fn of(&self, finding: &Finding) -> Option<&Acceptance> {
        self.accepted
            .iter()
            .find(|entry| entry.fingerprint == finding.fingerprint)
    }

    /// The worst of the findings that nobody accepted.
    #[must_use]
    pub fn worst(&self, findings: &[Finding]) -> Severity {
        let open = findings.iter().filter(|finding| self.of(finding).is_none());
        open.map(|finding| finding.severity).max().unwrap_or(Severity::None)
    }

    /// What is accepted and does not occur.
    #[must_use]
    pub fn stale(&self, findings: &[Finding]) -> Vec<&Acceptance> {
        let occurs = |entry: &Acceptance| findings.iter().any(|finding| finding.fingerprint == entry.fingerprint);
        self.accepted.iter().filter(|entry| !occurs(entry)).collect()
    }
}

impl Acceptance {
    fn mistakes(&self) -> Vec<(&'static str, &'static str)> {
        let is_hex =
            |text: &str| text.len() == 16 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let mut found = Vec::new();
        if !is_hex(&self.fingerprint) {
            found.push((
                "fingerprint",
                "a fingerprint has 16 hexadecimal digits, in quotes if all are decimal",
            ));
        }
        if self.reason.trim().is_empty() {
            found.push(("reason", "write why the change may be made"));
        }
        if !is_date(&self.date) {
            found.push(("date", "write the day as 'YYYY-MM-DD', in quotes"));
        }
        found
    }
}

fn is_date(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return false;
    };
    let number = |text: &str, digits: usize, most: u32| {
        text.len() == digits && text.parse::<u32>().is_ok_and(|number| (1..=most).contains(&number))
    };
    number(year, 4, 9999) && number(month, 2, 12) && number(day, 2, 31)
}
