//! Whether one policy allows more than another. A change is a tightening only if whatever was checked is still checked
//! and nothing more may be sent or concluded; what cannot be compared counts as loosening. The generator asks this of
//! `--policy-overlay`, the client of an overlay at run time.

use std::collections::BTreeSet;

use crate::{
    After401, Effect, EntryRules, OperationPolicy, OutcomeRules, Policy, Reference, Repeat, Settlement,
    SettlementEvidence, SettlementStep,
};

/// One field of one operation that allows more than before.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loosening {
    /// The operation, by operationId.
    pub operation: String,
    /// The keys of the field below the operation, with dots.
    pub field: &'static str,
    /// What it said.
    pub before: String,
    /// What it says.
    pub after: String,
    /// What the client would do with it.
    pub meaning: String,
}

/// Every loosening from `before` to `after`, in the order of the operations.
///
/// An operation without an entry counts as moving value, before as after.
///
/// ```
/// # use serde_json::json;
/// let policy = |repeat: &str| -> Result<enkash_policy::Policy, _> {
///     let entry = json!({"effect": "reads", "repeat": repeat, "after-401": "unknown"});
///     serde_json::from_value(json!({"operations": {"getCart": entry}}))
/// };
/// let found = enkash_policy::loosenings(&policy("never")?, &policy("safe")?);
/// assert_eq!((found.len(), found[0].field), (1, "repeat"));
/// assert!(enkash_policy::loosenings(&policy("safe")?, &policy("never")?).is_empty());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn loosenings(before: &Policy, after: &Policy) -> Vec<Loosening> {
    let ids: BTreeSet<_> = before.operations.keys().chain(after.operations.keys()).collect();
    let strictest = OperationPolicy::strictest();
    let entry = |policy: &'_ Policy, id: &String| policy.operations.get(id).cloned();
    ids.into_iter()
        .flat_map(|id| {
            let before = entry(before, id).unwrap_or_else(|| strictest.clone());
            let after = entry(after, id).unwrap_or_else(|| strictest.clone());
            of_operation(&before, &after).into_iter().map(|found| Loosening {
                operation: id.clone(),
                ..found
            })
        })
        .collect()
}

fn of_operation(before: &OperationPolicy, after: &OperationPolicy) -> Vec<Loosening> {
    let fields = [
        effect(before.effect, after.effect),
        repeat(before.repeat, after.repeat),
        after_401(before.after_401, after.after_401),
        evidence(before.settlement.evidence, after.settlement.evidence),
        absence(
            before.settlement.absence_proves_after_seconds,
            after.settlement.absence_proves_after_seconds,
        ),
        steps(&before.settlement, &after.settlement),
    ];
    fields
        .into_iter()
        .flatten()
        .chain(reference(before.reference.as_ref(), after.reference.as_ref()))
        .chain(outcome(&before.outcome, &after.outcome))
        .chain(entry(&before.settlement.entry, &after.settlement.entry))
        .collect()
}

fn loosening(
    field: &'static str,
    before: impl Into<String>,
    after: impl Into<String>,
    meaning: impl Into<String>,
) -> Loosening {
    Loosening {
        operation: String::new(),
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

fn steps(before: &Settlement, after: &Settlement) -> Option<Loosening> {
    let is_verified = |evidence| evidence == SettlementEvidence::Verified;
    // Where the evidence rises, its own finding covers the steps.
    let stays = is_verified(before.evidence) && is_verified(after.evidence);
    (stays && before.steps != after.steps).then(|| {
        let meaning =
            "what is verified are the steps as they were; write evidence: unverified unless the new ones are too";
        loosening("settlement.steps", recipe(&before.steps), recipe(&after.steps), meaning)
    })
}

fn outcome(before: &OutcomeRules, after: &OutcomeRules) -> Vec<Loosening> {
    let done = |what: &str| format!("a call would count as done by an answer with this {what}");
    let refusal = "a call would count as refused, and may be made anew, by an answer with this code";
    let other = "an answer would count although this field stands in it, whatever it says";
    let payload = match (before.success_payload, after.success_payload) {
        (before, Some(after)) if before != Some(after) => {
            let before = before.map_or("none", crate::PayloadKind::as_str);
            let meaning = "a call would count as done by an answer with a payload of another kind";
            Some(loosening("outcome.success-payload", before, after.as_str(), meaning))
        }
        _ => None,
    };
    let lists = [
        added(
            "outcome.success-codes",
            &before.success_codes,
            &after.success_codes,
            &done("code"),
        ),
        added(
            "outcome.success-messages",
            &before.success_messages,
            &after.success_messages,
            &done("message"),
        ),
        added(
            "outcome.success-texts",
            &before.success_texts,
            &after.success_texts,
            &done("text"),
        ),
        added(
            "outcome.refusal-codes",
            &before.refusal_codes,
            &after.refusal_codes,
            refusal,
        ),
        added(
            "outcome.refusal-texts",
            &before.refusal_texts,
            &after.refusal_texts,
            "a call would count as refused, and may be made anew, by an answer with this text",
        ),
        added("outcome.other-fields", &before.other_fields, &after.other_fields, other),
    ];
    lists.into_iter().flatten().chain(payload).collect()
}

fn entry(before: &EntryRules, after: &EntryRules) -> Vec<Loosening> {
    let found = "an entry with this word would prove that the call happened";
    let date = "an entry would be a proof whatever stands in this date";
    [
        added("settlement.entry.states", &before.states, &after.states, found),
        added(
            "settlement.entry.credit-kinds",
            &before.credit_kinds,
            &after.credit_kinds,
            found,
        ),
        added(
            "settlement.entry.debit-kinds",
            &before.debit_kinds,
            &after.debit_kinds,
            found,
        ),
        added(
            "settlement.entry.descriptions",
            &before.descriptions,
            &after.descriptions,
            "an entry with this description would prove that the call happened",
        ),
        removed(
            "settlement.entry.same-dates",
            &before.same_dates,
            &after.same_dates,
            date,
        ),
        removed(
            "settlement.entry.later-dates",
            &before.later_dates,
            &after.later_dates,
            date,
        ),
        added(
            "settlement.entry.other-fields",
            &before.other_fields,
            &after.other_fields,
            "an entry would be a proof whatever stands in this field",
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A list of what counts that grew.
fn added(field: &'static str, before: &[String], after: &[String], meaning: &str) -> Option<Loosening> {
    let grew = after.iter().any(|word| !before.contains(word));
    grew.then(|| loosening(field, list(before), list(after), meaning))
}

/// A list of what is checked that shrank.
fn removed(field: &'static str, before: &[String], after: &[String], meaning: &str) -> Option<Loosening> {
    let shrank = before.iter().any(|word| !after.contains(word));
    shrank.then(|| loosening(field, list(before), list(after), meaning))
}

fn recipe(steps: &[SettlementStep]) -> String {
    list(&steps.iter().map(SettlementStep::to_string).collect::<Vec<_>>())
}

fn list(entries: &[String]) -> String {
    format!("[{}]", entries.join(", "))
}
