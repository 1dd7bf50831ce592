//! What of a recorded request is replaced before it is sent to a sandbox: whose account it is, and every id that an earlier
//! response gave. The player asks here for each text that it sends.

use std::collections::BTreeMap;

use enkash_sandbox::Credentials;
use serde_json::Value;

/// More pairs of ids than this are not remembered.
const MAX_IDS: usize = 20_000;

/// Deeper values are sent as they are.
const MAX_DEPTH: usize = 32;

/// The replacements of one play.
pub(crate) struct Substitution {
    own: BTreeMap<&'static str, String>,
    /// The sandbox's text for each of the recording's.
    ids: BTreeMap<String, String>,
    /// What exists in the sandbox, by field, for an id that the recording's responses do not show.
    existing: Vec<(&'static str, String)>,
}

impl Substitution {
    pub(crate) fn new(credentials: &Credentials, existing: Vec<(&'static str, String)>) -> Self {
        let own = BTreeMap::from([
            ("companyId", credentials.company_id.clone()),
            ("cardAccountId", credentials.card_account_id.clone()),
            ("partnerId", credentials.partner_id.clone()),
            ("clientId", credentials.client_id.clone()),
        ]);
        Self {
            own,
            ids: BTreeMap::new(),
            existing,
        }
    }

    /// A text of a request, by the name of its field.
    pub(crate) fn text(&self, name: &str, text: &str) -> String {
        if let Some(own) = self.own.get(name) {
            return own.clone();
        }
        if let Some(known) = self.ids.get(text) {
            return known.clone();
        }
        let mut existing = self.existing.iter();
        let found = existing.find(|(known, _)| name.eq_ignore_ascii_case(known));
        found.map_or_else(|| text.to_owned(), |(_, id)| id.clone())
    }

    /// A body of a request.
    pub(crate) fn body(&self, name: &str, value: &Value, depth: usize) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(name, text)),
            Value::Array(values) if depth < MAX_DEPTH => {
                Value::Array(values.iter().map(|value| self.body(name, value, depth + 1)).collect())
            }
            Value::Object(map) if depth < MAX_DEPTH => {
                let fields = map.iter();
                let fields = fields.map(|(name, value)| (name.clone(), self.body(name, value, depth + 1)));
                Value::Object(fields.collect())
            }
            other => other.clone(),
        }
    }

    /// Remembers what the sandbox said in place of each text of a recorded response.
    pub(crate) fn learn(&mut self, recorded: &Value, sandbox: &Value, depth: usize) {
        match (recorded, sandbox) {
            (Value::String(one), Value::String(other)) if one != other && self.ids.len() < MAX_IDS => {
                self.ids.entry(one.clone()).or_insert_with(|| other.clone());
            }
            (Value::Array(one), Value::Array(other)) if depth < MAX_DEPTH => {
                one.iter()
                    .zip(other)
                    .for_each(|(one, other)| self.learn(one, other, depth + 1));
            }
            (Value::Object(one), Value::Object(other)) if depth < MAX_DEPTH => {
                for (name, one) in one.iter().filter(|(name, _)| is_id(name)) {
                    if let Some(other) = other.get(name) {
                        self.learn(one, other, depth + 1);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Whether a field may hold an id, or something that does. Words, names and messages stay what they are.
fn is_id(name: &str) -> bool {
    const CONTAINERS: [&str; 5] = ["payload", "paylod", "data", "items", "card"];
    let lower = name.to_ascii_lowercase();
    CONTAINERS.contains(&lower.as_str()) || ["id", "number", "dtos", "list"].iter().any(|end| lower.ends_with(end))
}

#[cfg(test)]
mod tests {
    use enkash_sandbox::Sandbox;
    use serde_json::json;

    use super::Substitution;

    #[tokio::test(flavor = "current_thread")]
    async fn ids_of_earlier_responses_are_replaced_and_other_texts_are_not() {
        let sandbox = Sandbox::start().await.unwrap();
        let mut substitution = Substitution::new(sandbox.credentials(), vec![("enKashCardId", "CARD".to_owned())]);
        let recorded =
            json!({"message": "ok", "payload": {"enKashCardId": "theirs", "cardStatus": "ACTIVE", "rows": []}});
        let answered = json!({"message": "Success", "payload": {"enKashCardId": "ours", "cardStatus": "BLOCKED"}});
        substitution.learn(&recorded, &answered, 0);
        let body = json!({"companyId": "x", "enKashCardId": "theirs", "other": "theirs", "words": ["ACTIVE", "ok"]});
        let sent = substitution.body("", &body, 0);
        let company = &sandbox.credentials().company_id;
        assert_eq!(
            sent,
            json!({"companyId": company, "enKashCardId": "ours", "other": "ours", "words": ["ACTIVE", "ok"]})
        );
        assert_eq!(substitution.text("enkashCardId", "unknown"), "CARD");
    }
}
