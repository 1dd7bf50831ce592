//! The form of a body: from a table of fields, from an example, and from both.
//!
//! Where the two contradict each other, the field becomes one of any JSON and the contradiction a sentence: which of them is right
//! is for a person to find out.

use super::json::Json;
use super::page::Row;

/// What stands at one place of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nobody saw it, or what was seen contradicts itself.
    Unseen,
    /// A text.
    Text,
    /// A whole number.
    Integer,
    /// A number that may have decimals.
    Number,
    /// `true` or `false`.
    Boolean,
    /// An object with these fields.
    Object(Vec<Field>),
    /// An object whose keys are data.
    Map(Box<Kind>),
    /// A list.
    List(Box<Kind>),
}

/// A field of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name on the wire.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether the page requires it, where that is said.
    pub required: Option<bool>,
    /// The page's own sentence.
    pub meaning: Option<String>,
    /// The values that the table names.
    pub values: Option<String>,
    /// Whether an example has it.
    pub is_in_example: bool,
    /// What contradicts itself about it.
    pub contradiction: Option<String>,
}

impl Field {
    fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind: Kind::Unseen,
            required: None,
            meaning: None,
            values: None,
            is_in_example: false,
            contradiction: None,
        }
    }
}

impl Kind {
    /// The kind in words.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self {
            Kind::Unseen => "of no type",
            Kind::Text => "a text",
            Kind::Integer => "a whole number",
            Kind::Number => "a number",
            Kind::Boolean => "true or false",
            Kind::Object(_) | Kind::Map(_) => "an object",
            Kind::List(_) => "a list",
        }
    }
}

/// The form that the rows of a table give; `None` without rows. What is wrong with a row enters `faults`, by its line.
pub fn from_rows(rows: &[Row], faults: &mut Vec<(usize, String)>) -> Option<Kind> {
    let mut body = Kind::Unseen;
    for row in rows {
        match steps(&row.name) {
            Some(steps) => insert(&mut body, &steps, row),
            None => faults.push((
                row.line,
                format!("`{}` is no name of a field, and the row is left out", row.name),
            )),
        }
    }
    (body != Kind::Unseen).then_some(body)
}

/// A step from a body to a field.
enum Step<'a> {
    Key(&'a str),
    Item,
    /// Any key of a map.
    Entry,
}

fn steps(name: &str) -> Option<Vec<Step<'_>>> {
    let mut steps = Vec::new();
    for part in name.split('.') {
        let (key, items) = part.find("[]").map_or((part, ""), |at| part.split_at(at));
        match key {
            "" => {}
            key if key.starts_with('{') && key.ends_with('}') => steps.push(Step::Entry),
            key if key
                .chars()
                .all(|next| next.is_ascii_alphanumeric() || matches!(next, '_' | '-')) =>
            {
                steps.push(Step::Key(key))
            }
            _ => return None,
        }
        if !items.replace("[]", "").is_empty() {
            return None;
        }
        steps.extend((0..items.len() / 2).map(|_| Step::Item));
    }
    (!steps.is_empty() && steps.len() <= 16).then_some(steps)
}

fn insert(kind: &mut Kind, steps: &[Step<'_>], row: &Row) {
    match steps {
        [] => {
            if *kind == Kind::Unseen {
                *kind = declared(&row.kind);
            }
        }
        [Step::Key(name), rest @ ..] => {
            // `payload.data.id` names a field of the items where `data` is a list.
            if let Kind::List(items) = kind {
                return insert(items, steps, row);
            }
            if !matches!(kind, Kind::Object(_)) {
                *kind = Kind::Object(Vec::new());
            }
            let Kind::Object(fields) = kind else { return };
            let known = fields.iter().position(|field| field.name == *name);
            let index = known.unwrap_or_else(|| {
                fields.push(Field::named(name));
                fields.len() - 1
            });
            let field = &mut fields[index];
            if rest.is_empty() {
                field.required = row.required;
                field.meaning.clone_from(&row.meaning);
                field.values.clone_from(&row.values);
            }
            insert(&mut field.kind, rest, row);
        }
        [Step::Item, rest @ ..] => {
            if !matches!(kind, Kind::List(_)) {
                *kind = Kind::List(Box::new(Kind::Unseen));
            }
            if let Kind::List(items) = kind {
                insert(items, rest, row);
            }
        }
        [Step::Entry, rest @ ..] => {
            if !matches!(kind, Kind::Map(_)) {
                *kind = Kind::Map(Box::new(Kind::Unseen));
            }
            if let Kind::Map(values) = kind {
                insert(values, rest, row);
            }
        }
    }
}

/// The kind that the words of a table's column name.
pub(super) fn declared(words: &str) -> Kind {
    let list = words.strip_prefix("array").or_else(|| words.strip_prefix("list"));
    if let Some(rest) = list {
        let items = rest.trim_start_matches([' ', '<', '[', '(']).trim_start_matches("of ");
        return Kind::List(Box::new(declared(items)));
    }
    let first = words
        .split(|next: char| !next.is_ascii_alphanumeric())
        .next()
        .unwrap_or_default();
    match first.trim_end_matches('s') {
        "string" | "text" | "str" => Kind::Text,
        "integer" | "int" | "long" | "int32" | "int64" => Kind::Integer,
        "number" | "decimal" | "float" | "double" => Kind::Number,
        "boolean" | "bool" => Kind::Boolean,
        "object" | "json" | "map" => Kind::Object(Vec::new()),
        _ => Kind::Unseen,
    }
}

/// The form of an example.
#[must_use]
pub fn from_example(value: &Json) -> Kind {
    match value {
        Json::Null => Kind::Unseen,
        Json::Bool(_) => Kind::Boolean,
        Json::Number(number) if number.contains(['.', 'e', 'E']) => Kind::Number,
        Json::Number(_) => Kind::Integer,
        Json::Text(_) => Kind::Text,
        Json::List(items) => {
            let kinds = items.iter().map(from_example);
            Kind::List(Box::new(kinds.reduce(unified).unwrap_or(Kind::Unseen)))
        }
        Json::Object(members) if is_map(members) => {
            let kinds = members.iter().map(|(_, value)| from_example(value));
            Kind::Map(Box::new(kinds.reduce(unified).unwrap_or(Kind::Unseen)))
        }
        Json::Object(members) => {
            let field = |(name, value): &(String, Json)| Field {
                kind: from_example(value),
                is_in_example: true,
                ..Field::named(name)
            };
            Kind::Object(members.iter().map(field).collect())
        }
    }
}

/// Whether the keys look like ids: a name of a field has lower case or no digits.
pub(super) fn is_map(members: &[(String, Json)]) -> bool {
    let is_id = |key: &str| {
        let digits = key.bytes().filter(u8::is_ascii_digit).count();
        digits >= 3 && (key.len() == digits || key.starts_with(|next: char| next.is_ascii_uppercase()))
    };
    !members.is_empty() && members.iter().all(|(key, _)| is_id(key))
}

/// The form of two items of one list.
fn unified(a: Kind, b: Kind) -> Kind {
    match (a, b) {
        (a, b) if a == b => a,
        (Kind::Unseen, other) | (other, Kind::Unseen) => other,
        (Kind::Integer, Kind::Number) | (Kind::Number, Kind::Integer) => Kind::Number,
        (Kind::Object(mut fields), Kind::Object(more)) => {
            for field in more {
                match fields.iter_mut().find(|known| known.name == field.name) {
                    Some(known) => known.kind = unified(std::mem::replace(&mut known.kind, Kind::Unseen), field.kind),
                    None => fields.push(field),
                }
            }
            Kind::Object(fields)
        }
        (Kind::Map(a), Kind::Map(b)) => Kind::Map(Box::new(unified(*a, *b))),
        (Kind::List(a), Kind::List(b)) => Kind::List(Box::new(unified(*a, *b))),
        _ => Kind::Unseen,
    }
}

/// What a comparison found.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Sentences about what table and example say against each other.
    pub contradictions: Vec<String>,
    /// Sentences about what only one of them has.
    pub gaps: Vec<String>,
}

/// The form that table and example have in common. The example is cut where `is_cut`: what it lacks is then no contradiction.
pub fn merged(table: Kind, example: Kind, at: &str, is_cut: bool, found: &mut Comparison) -> Kind {
    match (table, example) {
        (Kind::Unseen, other) | (other, Kind::Unseen) => other,
        (Kind::Number, Kind::Integer | Kind::Number) => Kind::Number,
        (Kind::Object(fields), Kind::Object(seen)) => Kind::Object(merged_fields(fields, seen, at, is_cut, found)),
        (Kind::Map(values), Kind::Object(seen)) => {
            let seen = seen
                .into_iter()
                .map(|field| field.kind)
                .reduce(unified)
                .unwrap_or(Kind::Unseen);
            Kind::Map(Box::new(merged(*values, seen, &format!("{at}.{{key}}"), is_cut, found)))
        }
        (Kind::Map(values), Kind::Map(seen)) => Kind::Map(Box::new(merged(
            *values,
            *seen,
            &format!("{at}.{{key}}"),
            is_cut,
            found,
        ))),
        (Kind::Object(fields), Kind::Map(seen)) if fields.is_empty() => Kind::Map(seen),
        (Kind::List(items), Kind::List(seen)) => {
            Kind::List(Box::new(merged(*items, *seen, &format!("{at}[]"), is_cut, found)))
        }
        (table, example) if table == example => table,
        (table, example) => {
            found.contradictions.push(difference(&table, &example, at));
            Kind::Unseen
        }
    }
}

fn difference(table: &Kind, example: &Kind, at: &str) -> String {
    format!(
        "{at} is {} in the table and {} in the example",
        table.words(),
        example.words()
    )
}

fn merged_fields(
    fields: Vec<Field>,
    mut seen: Vec<Field>,
    at: &str,
    is_cut: bool,
    found: &mut Comparison,
) -> Vec<Field> {
    if fields.is_empty() && !seen.is_empty() {
        found.gaps.push(format!("the fields of {at} stand in the example only"));
        return seen;
    }
    let mut all = Vec::new();
    for mut field in fields {
        let place = if at == BODY {
            field.name.clone()
        } else {
            format!("{at}.{}", field.name)
        };
        let other = seen
            .iter()
            .position(|other| other.name == field.name)
            .map(|index| seen.remove(index));
        match other {
            Some(other) => {
                let before = found.contradictions.len();
                field.kind = merged(field.kind, other.kind, &place, is_cut, found);
                field.is_in_example = true;
                let is_own = field.kind == Kind::Unseen && found.contradictions.len() > before;
                field.contradiction = is_own.then(|| found.contradictions.last().cloned()).flatten();
            }
            None if is_cut => found.gaps.push(format!(
                "{place} stands in the table, and not in what is left of the example"
            )),
            None if field.required == Some(true) => {
                found
                    .contradictions
                    .push(format!("{place} is required by the table and absent from the example"));
            }
            None => found.gaps.push(format!("{place} stands in the table only")),
        }
        all.push(field);
    }
    for field in &seen {
        let place = if at == BODY {
            field.name.clone()
        } else {
            format!("{at}.{}", field.name)
        };
        found.gaps.push(format!("{place} stands in the example only"));
    }
    all.extend(seen);
    all
}

/// The name of a body as a whole in sentences.
pub const BODY: &str = "the body";

#[cfg(test)]
mod tests;
