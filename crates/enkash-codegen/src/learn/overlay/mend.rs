//! What mends the findings about operations that the description has. Findings of several operations may lead to one place of a
//! shared schema, so mends are collected by place before they become actions.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToUpperCamelCase;
use serde_json::{Map, Value, json};

use crate::lint::wanted_format;
use crate::spec::naming::field_name;
use crate::spec::pointer::Pointer;
use crate::spec::{Observation, Operation, Spec};

use super::super::finding::{Cause, Finding};
use super::super::sighting::{Key, Sight, Subject, Tally};
use super::super::wire;
use super::action::Action;
use super::error_response::ErrorResponses;

/// The mends of all findings, by what they change.
pub(super) struct Mends<'a> {
    spec: &'a Spec,
    /// Operations that another action moves.
    moved: &'a BTreeMap<&'a str, Pointer>,
    properties: BTreeMap<(Pointer, String), Place>,
    types: BTreeMap<Pointer, Place>,
    required: BTreeMap<Pointer, Place>,
    words: BTreeMap<Pointer, Place>,
    statuses: BTreeMap<(String, u16), Place>,
    facts: BTreeMap<(String, &'static str), (Value, String)>,
    observed: BTreeMap<String, (Vec<Observation>, Vec<String>)>,
}

/// What is known of one place.
#[derive(Default)]
struct Place {
    types: BTreeSet<&'static str>,
    /// Names that are no longer required, or words that are new.
    names: BTreeSet<String>,
    /// Whether a value of the documented type stood there, too.
    has_documented_type: bool,
    comments: Vec<String>,
}

impl<'a> Mends<'a> {
    pub(super) fn new(spec: &'a Spec, moved: &'a BTreeMap<&'a str, Pointer>) -> Self {
        Self {
            spec,
            moved,
            properties: BTreeMap::new(),
            types: BTreeMap::new(),
            required: BTreeMap::new(),
            words: BTreeMap::new(),
            statuses: BTreeMap::new(),
            facts: BTreeMap::new(),
            observed: BTreeMap::new(),
        }
    }

    pub(super) fn add(&mut self, finding: &Finding) {
        match &finding.cause {
            Cause::Evidence {
                operation,
                side,
                before,
            } => {
                let fact = observed_fact(finding.count, &finding.date, before.as_str());
                self.facts
                    .insert((operation.clone(), side.as_str()), (fact, finding.text.clone()));
            }
            Cause::Sighting {
                key,
                tally,
                documented_type_seen,
            } => {
                self.sighting(key, tally, *documented_type_seen, &finding.text);
            }
        }
    }

    fn sighting(&mut self, key: &Key, tally: &Tally, documented_type_seen: bool, text: &str) {
        let is_of_operation = matches!(key.subject, Subject::Operation(_));
        match &key.sight {
            Sight::UndocumentedField {
                owner: Some(owner),
                name,
            } if self.is_free_name(owner, name) => {
                let place = self.properties.entry((owner.clone(), name.clone())).or_default();
                place.types.extend(&tally.types);
                place.comments.push(text.to_owned());
                // The type of the property is the one that is not null.
                if tally.types.contains("null") && tally.types.len() > 1 {
                    self.observe(key, tally, BTreeSet::from(["null"]), text);
                }
            }
            Sight::Missing {
                required: Some(list),
                name,
            } => {
                let place = self.required.entry(list.clone()).or_default();
                place.names.insert(name.clone());
                place.comments.push(text.to_owned());
            }
            Sight::OtherType {
                schema,
                is_read_anyway: false,
            } if is_property(schema) => {
                let place = self.types.entry(schema.clone()).or_default();
                place.types.extend(&tally.types);
                place.has_documented_type |= documented_type_seen;
                place.comments.push(text.to_owned());
            }
            Sight::OtherWord { list } => self.word(key, tally, list, text),
            Sight::OtherStatus {
                status: status @ 400..=599,
                is_json: true,
            } if is_of_operation => {
                let place = self.statuses.entry((key.subject.name(), *status)).or_default();
                place.comments.push(text.to_owned());
            }
            Sight::UnknownPath => {}
            _ if is_of_operation => self.observe(key, tally, tally.types.clone(), text),
            _ => {}
        }
    }

    /// Whether a property of this name can be added: it is another one in Rust than those that are there.
    fn is_free_name(&self, owner: &Pointer, name: &str) -> bool {
        let added = self
            .properties
            .keys()
            .filter(|(place, _)| place == owner)
            .map(|(_, name)| name);
        !added
            .into_iter()
            .any(|other| other != name && field_name(other) == field_name(name))
    }

    fn word(&mut self, key: &Key, tally: &Tally, list: &Pointer, text: &str) {
        let existing: Vec<&str> = strings(self.spec.document.pointer(list.as_str()));
        let place = self.words.entry(list.clone()).or_default();
        let mut taken: BTreeSet<String> = existing.iter().map(|word| word.to_upper_camel_case()).collect();
        taken.extend(place.names.iter().map(|word| word.to_upper_camel_case()));
        let mut others = BTreeSet::new();
        for word in &tally.words {
            let variant = word.to_upper_camel_case();
            let is_name = variant.starts_with(|first: char| first.is_ascii_alphabetic()) && variant != "Unknown";
            if place.names.contains(word) || (is_name && taken.insert(variant)) {
                place.names.insert(word.clone());
            } else {
                others.insert(word.clone());
            }
        }
        if place.names.is_empty() {
            self.words.remove(list);
        } else {
            place.comments.push(text.to_owned());
        }
        if tally.has_hidden_words || !others.is_empty() {
            let types = if tally.has_hidden_words {
                BTreeSet::from(["string"])
            } else {
                BTreeSet::new()
            };
            let mut seen = observation(key, tally, types);
            seen.words = others.into_iter().collect();
            self.push_observation(key, seen, text);
        }
    }

    fn observe(&mut self, key: &Key, tally: &Tally, types: BTreeSet<&'static str>, text: &str) {
        self.push_observation(key, observation(key, tally, types), text);
    }

    fn push_observation(&mut self, key: &Key, seen: Observation, text: &str) {
        let (list, comments) = self.observed.entry(key.subject.name()).or_default();
        list.push(seen);
        comments.push(text.to_owned());
    }

    fn known(&self, id: &str) -> Option<&'a Operation> {
        self.spec.operations.iter().find(|operation| operation.id == id)
    }

    fn operation(&self, id: &str) -> Option<Pointer> {
        let found = self.known(id)?;
        Some(self.moved.get(id).cloned().unwrap_or_else(|| wire::place(found)))
    }

    /// The actions, schemas first.
    pub(super) fn actions(&self, errors: &mut ErrorResponses<'_>) -> Vec<Action> {
        let document = &self.spec.document;
        let mut actions = Vec::new();
        for ((owner, name), place) in &self.properties {
            let schema = property(name, &place.types, None);
            let update = json!({ "properties": { name: schema } });
            actions.push(Action::update(document, owner, update, place.comments.clone()));
        }
        for (at, place) in &self.types {
            actions.extend(self.retyped(at, place));
        }
        for (list, place) in &self.required {
            actions.extend(self.less_required(list, place));
        }
        for (list, place) in &self.words {
            let words = json!(place.names);
            let Some(owner) = list.parent() else { continue };
            actions.push(Action::update(
                document,
                &owner,
                json!({ "enum": words }),
                place.comments.clone(),
            ));
        }
        for ((id, status), place) in &self.statuses {
            let (Some(at), known) = (self.operation(id), self.known(id)) else {
                continue;
            };
            let update = json!({ status.to_string(): errors.get(known, *status) });
            actions.push(Action::update(
                document,
                &at.child("responses"),
                update,
                place.comments.clone(),
            ));
        }
        for ((id, side), (fact, text)) in &self.facts {
            let Some(at) = self.operation(id) else { continue };
            let at = at.child("x-enkash").child("evidence").child(side);
            actions.push(Action::update(document, &at, fact.clone(), vec![text.clone()]));
        }
        for (id, (list, comments)) in &self.observed {
            let Some(at) = self.operation(id) else { continue };
            let update = json!({ "observed": list });
            actions.push(Action::update(
                document,
                &at.child("x-enkash"),
                update,
                comments.clone(),
            ));
        }
        actions
    }

    /// Puts a property of another type in the place of one: the type that was seen, or any where there were several.
    fn retyped(&self, at: &Pointer, place: &Place) -> Vec<Action> {
        let document = &self.spec.document;
        let Some(owner) = at.parent() else { return Vec::new() };
        let name = at.last_step();
        let before = document
            .pointer(at.as_str())
            .and_then(|schema| schema.get("description"))
            .and_then(Value::as_str);
        let mut types = place.types.clone();
        if place.has_documented_type {
            // More than one type is any.
            types.extend(["string", "object"]);
        }
        let update = json!({ &name: property(&name, &types, before) });
        vec![
            Action::removal(document, at, place.comments.clone()),
            Action::update(document, &owner, update, Vec::new()),
        ]
    }

    fn less_required(&self, list: &Pointer, place: &Place) -> Vec<Action> {
        let document = &self.spec.document;
        let mut left = strings(document.pointer(list.as_str()));
        left.retain(|name| !place.names.contains(*name));
        let mut actions = vec![Action::removal(document, list, place.comments.clone())];
        if let (false, Some(owner)) = (left.is_empty(), list.parent()) {
            actions.push(Action::update(
                document,
                &owner,
                json!({ "required": left }),
                Vec::new(),
            ));
        }
        actions
    }
}

/// Evidence that was seen.
pub(super) fn observed_fact(count: u64, date: &str, before: &str) -> Value {
    let note = format!("Seen in a recording. Before, it was {before}.");
    json!({ "level": "observed", "date": date, "count": count, "note": note })
}

/// What a sighting is, where no schema can say it.
pub(super) fn observation(key: &Key, tally: &Tally, types: BTreeSet<&'static str>) -> Observation {
    let (mut status, mut media_type) = (None, None);
    match &key.sight {
        Sight::OtherStatus { status: seen, .. } => status = Some(*seen),
        Sight::OtherContentType { media_type: seen } => media_type = Some(seen.clone()),
        _ => {}
    }
    Observation {
        side: key.side,
        status,
        field: (!key.field.is_empty()).then(|| key.field.clone()),
        types: types.into_iter().map(str::to_owned).collect(),
        words: Vec::new(),
        absent: matches!(key.sight, Sight::Missing { .. }),
        media_type,
        date: tally.date.clone(),
        count: tally.count,
    }
}

fn is_property(schema: &Pointer) -> bool {
    schema.parent().is_some_and(|owner| owner.last_step() == "properties")
}

/// The schema of a property that was seen with these types.
fn property(name: &str, types: &BTreeSet<&str>, before: Option<&str>) -> Value {
    let seen = "Seen in a recording.";
    let description = before.map_or_else(|| seen.to_owned(), |before| format!("{before} {seen}"));
    let mut kinds: Vec<&str> = types.iter().copied().filter(|kind| *kind != "null").collect();
    if kinds == ["integer", "number"] {
        kinds = vec!["number"];
    }
    let mut schema = Map::new();
    match kinds.as_slice() {
        ["string"] => {
            schema.insert("type".to_owned(), "string".into());
            // Nobody knows yet whether it is somebody's: what is not printed does no harm.
            schema.insert("format".to_owned(), wanted_format(name).unwrap_or("personal").into());
        }
        ["integer"] => {
            schema.insert("type".to_owned(), "integer".into());
            schema.insert("format".to_owned(), "int64".into());
        }
        ["number"] => {
            schema.insert("type".to_owned(), "number".into());
            schema.insert("format".to_owned(), "money".into());
        }
        ["boolean"] => {
            schema.insert("type".to_owned(), "boolean".into());
        }
        _ => {
            schema.insert(
                "allOf".to_owned(),
                json!([{ "$ref": "#/components/schemas/UnseenBody" }]),
            );
        }
    }
    schema.insert("description".to_owned(), description.into());
    Value::Object(schema)
}

fn strings(list: Option<&Value>) -> Vec<&str> {
    let values = list.and_then(Value::as_array).into_iter().flatten();
    values.filter_map(Value::as_str).collect()
}
