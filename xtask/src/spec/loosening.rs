//! Whether a user's policy overlay loosens the policy, and what must then be said.
//!
//! The loader asks this after it applied the files of `--policy-overlay`. A change is a tightening only if whatever was
//! checked is still checked and nothing more may be sent or concluded; what cannot be compared counts as loosening. The
//! table for people stands in spec/README.md.

use std::collections::BTreeSet;

use super::diagnostic::Diagnostic;
use super::document::Document;
use super::pointer::Pointer;
use super::policy::{After401, Effect, OperationPolicy, Policy, Reference, Repeat, SettlementEvidence, SettlementStep};
use super::suggestion::did_you_mean;

/// The policy before and after a user's overlays.
pub(crate) struct Comparison<'a> {
    pub(crate) before: &'a Policy,
    pub(crate) after: &'a Policy,
    /// The policy file after the overlays.
    pub(crate) document: &'a Document,
    /// The operations that exist. Entries of others are reported elsewhere.
    pub(crate) known: &'a [&'a str],
}

impl Comparison<'_> {
    /// Every loosening of an operation that is not among `allowed`, and every one of `allowed` that loosens nothing.
    pub(crate) fn findings(&self, allowed: &[String]) -> Vec<Diagnostic> {
        let entries = self.before.operations.keys().chain(self.after.operations.keys());
        let entries: BTreeSet<_> = entries.filter(|id| self.known.contains(&id.as_str())).collect();
        let mut findings = Vec::new();
        let mut used = BTreeSet::new();
        for id in entries {
            let found = self.loosenings(id);
            if allowed.contains(id) && !found.is_empty() {
                used.insert(id);
            } else {
                findings.extend(found.iter().map(|found| self.finding(id, found)));
            }
        }
        let idle = allowed.iter().filter(|id| !used.contains(id));
        findings.extend(idle.map(|id| self.idle(id)));
        findings
    }

    fn loosenings(&self, id: &str) -> Vec<Loosening> {
        // An operation without an entry counts as moving value, before as after.
        let strictest = OperationPolicy::strictest();
        let before = self.before.operations.get(id).unwrap_or(&strictest);
        let after = self.after.operations.get(id).unwrap_or(&strictest);
        let fields = [
            effect(before.effect, after.effect),
            repeat(before.repeat, after.repeat),
            after_401(before.after_401, after.after_401),
            evidence(before.settlement.evidence, after.settlement.evidence),
            absence(
                before.settlement.absence_proves_after_seconds,
                after.settlement.absence_proves_after_seconds,
            ),
            steps(before, after),
        ];
        let reference = reference(before.reference.as_ref(), after.reference.as_ref());
        fields.into_iter().flatten().chain(reference).collect()
    }

    fn finding(&self, id: &str, found: &Loosening) -> Diagnostic {
        let Loosening {
            field,
            before,
            after,
            meaning,
        } = found;
        let entry = Pointer::root().child("operations").child(id);
        let at = field.split('.').fold(entry, |at, key| at.child(key));
        let place = self.document.place_of_change(&at);
        Diagnostic {
            file: place.file.to_string(),
            line: place.line,
            message: format!(
                "{field}: {before} → {after} loosens {id}: {meaning}; to allow it, add --allow-loosening {id}"
            ),
        }
    }

    /// A permission that nothing needs would let the next mistake through.
    fn idle(&self, id: &str) -> Diagnostic {
        let at = Pointer::root().child("operations");
        if self.known.contains(&id) {
            let message = format!("--allow-loosening {id}: no policy overlay loosens it, so leave the flag out");
            return self.document.finding(&at.child(id), message);
        }
        let hint = did_you_mean(id, self.known.iter().copied());
        let message = format!("--allow-loosening {id}: there is no operation {id}{hint}");
        self.document.finding(&at, message)
    }
}

/// One field that allows more than before.
struct Loosening {
    /// Its keys below the operation, with dots.
    field: &'static str,
    before: String,
    after: String,
    /// What the client would do with it.
    meaning: String,
}

fn loosening(
    field: &'static str,
    before: impl Into<String>,
    after: impl Into<String>,
    meaning: impl Into<String>,
) -> Loosening {
    Loosening {
        field,
        before: before.into(),
        after: after.into(),
        meaning: meaning.into(),
    }
}

fn effect(before: Effect, after: Effect) -> Option<Loosening> {
    // The two in the middle guard against different things, so a change between them gives something up.
    let strictness = |effect| match effect {
        Effect::Reads => 0,
        Effect::Authenticates | Effect::ChangesState => 1,
        Effect::MovesValue => 2,
    };
    let meaning = match after {
        Effect::Reads => "the client would take it for a call that changes nothing",
        Effect::Authenticates => "the client would take it for a log-in, which is never encrypted",
        Effect::ChangesState => "the client would take it for a call that neither moves value nor logs in",
        Effect::MovesValue => return None,
    };
    (before != after && strictness(after) <= strictness(before))
        .then(|| loosening("effect", before.as_str(), after.as_str(), meaning))
}

fn repeat(before: Repeat, after: Repeat) -> Option<Loosening> {
    (before == Repeat::Never && after == Repeat::Safe).then(|| {
        let meaning = "the client would send it again after a failure that does not tell whether it happened";
        loosening("repeat", before.as_str(), after.as_str(), meaning)
    })
}

fn after_401(before: After401, after: After401) -> Option<Loosening> {
    (before == After401::Unknown && after == After401::Replay).then(|| {
        let meaning = "the client would send it again after a 401, which may come after the effect";
        loosening("after-401", before.as_str(), after.as_str(), meaning)
    })
}

fn reference(before: Option<&Reference>, after: Option<&Reference>) -> Vec<Loosening> {
    let Some(before) = before else {
        // What had no reference gets one, and with it more to check.
        return Vec::new();
    };
    let Some(after) = after else {
        let meaning = "no echo would be checked, and an unknown outcome could not be looked up";
        return vec![loosening("reference", list(&before.sent_as), "none", meaning)];
    };
    [sent_as(before, after), echoed_as(before, after)]
        .into_iter()
        .flatten()
        .collect()
}

fn sent_as(before: &Reference, after: &Reference) -> Option<Loosening> {
    let added = after.sent_as.iter().find(|name| !before.sent_as.contains(name));
    let meaning = match (added, after.sent_as.first()) {
        (Some(added), _) => format!("the reference could go out as {added}, where no echo and no look-up may see it"),
        (None, Some(first)) if before.sent_as.first() != Some(first) => {
            format!("the reference would go out as {first}, while its echo and its look-up are about the other name")
        }
        // A name less to choose from. That one must be left is for lint to say.
        _ => return None,
    };
    Some(loosening(
        "reference.sent-as",
        list(&before.sent_as),
        list(&after.sent_as),
        meaning,
    ))
}

fn echoed_as(before: &Reference, after: &Reference) -> Option<Loosening> {
    let checked = before.echoed_as.as_ref()?;
    (after.echoed_as.as_ref() != Some(checked)).then(|| {
        let meaning = format!("an answer would count as done whatever stands in its {checked}");
        let after = after.echoed_as.as_deref().unwrap_or("null");
        loosening("reference.echoed-as", checked, after, meaning)
    })
}

fn evidence(before: SettlementEvidence, after: SettlementEvidence) -> Option<Loosening> {
    let trust = |evidence| match evidence {
        SettlementEvidence::None => 0,
        SettlementEvidence::Unverified => 1,
        SettlementEvidence::Verified => 2,
    };
    let meaning = match after {
        SettlementEvidence::Verified => {
            "verified says that EnKash confirmed to you that the steps find every call that happened, and how many \
             seconds one may take to appear; write that time beside it, as in {evidence: verified, \
             absence-proves-after-seconds: 3600}; the client then concludes from \"not found\", so long after the \
             intent, that the call did not happen and may be sent again, and if that is wrong, value moves twice; \
             without the time, \"not found\" still proves nothing"
        }
        _ => "the client would turn unknown into done where the steps find a match in everything",
    };
    (trust(after) > trust(before)).then(|| loosening("settlement.evidence", before.as_str(), after.as_str(), meaning))
}

fn absence(before: Option<u64>, after: Option<u64>) -> Option<Loosening> {
    let after = after?;
    if before.is_some_and(|before| before <= after) {
        return None;
    }
    let before = before.map_or_else(|| "none".to_owned(), |seconds| seconds.to_string());
    let meaning = format!(
        "what the steps do not find {after} s after the intent would count as proven not to have happened, and may be \
         sent again"
    );
    let field = "settlement.absence-proves-after-seconds";
    Some(loosening(field, before, after.to_string(), meaning))
}

fn steps(before: &OperationPolicy, after: &OperationPolicy) -> Option<Loosening> {
    let (before, after) = (&before.settlement, &after.settlement);
    let is_verified = |evidence| evidence == SettlementEvidence::Verified;
    // Where the evidence rises, its own finding covers the steps.
    let stays = is_verified(before.evidence) && is_verified(after.evidence);
    (stays && before.steps != after.steps).then(|| {
        let meaning =
            "what is verified are the steps as they were; write evidence: unverified unless the new ones are too";
        loosening("settlement.steps", recipe(&before.steps), recipe(&after.steps), meaning)
    })
}

fn recipe(steps: &[SettlementStep]) -> String {
    list(&steps.iter().map(SettlementStep::to_string).collect::<Vec<_>>())
}

fn list(entries: &[String]) -> String {
    format!("[{}]", entries.join(", "))
}
