//! An example made of a form alone, where the page has a table and no example: the rules want one of every body that is sent.

use super::json::Json;
use super::known::KnownFields;
use super::shape::Kind;

/// A value of this form, under this name.
pub(super) fn value(name: &str, kind: &Kind, known: &KnownFields) -> Json {
    match kind {
        Kind::Unseen | Kind::Text => Json::Text(text(name, known)),
        Kind::Integer => Json::Number("1".to_owned()),
        Kind::Number => Json::Number("100".to_owned()),
        Kind::Boolean => Json::Bool(true),
        Kind::List(items) => Json::List(vec![value(name, items, known)]),
        Kind::Map(values) => Json::Object(vec![("ID00001".to_owned(), value(name, values, known))]),
        Kind::Object(fields) => {
            let members = fields
                .iter()
                .map(|field| (field.name.clone(), value(&field.name, &field.kind, known)));
            Json::Object(members.collect())
        }
    }
}

/// A text under this name.
pub(super) fn text(name: &str, known: &KnownFields) -> String {
    let lower = name.to_lowercase();
    let text = match known.text_format(name) {
        Some("password") => "Synthetic-0001",
        Some(_) if lower.contains("mail") => "asha.rao@example.com",
        Some(_)
            if ["mobile", "phone", "msisdn"]
                .into_iter()
                .any(|word| lower.contains(word)) =>
        {
            "9000000001"
        }
        Some(_) => "Asha",
        None if lower.ends_with("id") => "ID00001",
        None => "TEXT",
    };
    text.to_owned()
}
