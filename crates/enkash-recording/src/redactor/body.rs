//! Redacts bodies: JSON field by field, forms likewise, an encrypted body to its shape, and all else to its size.

use super::{Rule, Work};
use crate::document::SchemaView;
use crate::exchange::{Body, Message};
use crate::json::Json;
use crate::limits::{MAX_BODY_BYTES, MAX_HEADERS};

/// The field that carries an encrypted text.
const WRAPPER: &str = "request";

/// Base64 shorter than this is no encrypted body: one block of AES has 24 characters.
const MIN_ENCRYPTED: usize = 24;

const FORM: &str = "application/x-www-form-urlencoded";

impl Work<'_> {
    pub(super) fn body(&mut self, message: &Message, view: SchemaView<'_>) -> Body {
        let bytes = match &message.body {
            Body::None => return Body::None,
            Body::Omitted { size, .. } => return self.omitted(*size, "not recorded whole", Rule::BodyOmitted),
            Body::Bytes(bytes) if bytes.len() > MAX_BODY_BYTES => {
                return self.omitted(bytes.len() as u64, "too large", Rule::BodyOmitted);
            }
            Body::Bytes(bytes) => bytes,
        };
        let size = bytes.len() as u64;
        if message.media_type().as_deref() == Some(FORM) {
            return self.form(bytes, &view);
        }
        match Json::from_slice(bytes) {
            Ok(json) => {
                let json = match encrypted(&json) {
                    Some(shape) => {
                        self.count(Rule::BodyEncrypted);
                        shape
                    }
                    // A text alone is what a payload is that has no fields.
                    None => self.json(&view, "payload", &json),
                };
                Body::Bytes(json.to_string().into_bytes())
            }
            Err(_) => self.omitted(size, "not JSON", Rule::BodyNotJson),
        }
    }

    fn omitted(&mut self, size: u64, reason: &str, rule: Rule) -> Body {
        self.count(rule);
        Body::Omitted {
            size,
            reason: reason.to_owned(),
        }
    }

    fn form(&mut self, bytes: &[u8], view: &SchemaView<'_>) -> Body {
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (name, value) in form_urlencoded::parse(bytes).take(MAX_HEADERS) {
            let value = self.text(&view.field(&name).view, &name, &value);
            let name = self.documented_name(view, &name, false);
            form.append_pair(&name, &value);
        }
        Body::Bytes(form.finish().into_bytes())
    }

    fn json(&mut self, view: &SchemaView<'_>, name: &str, json: &Json) -> Json {
        match json {
            Json::Null => Json::Null,
            Json::Bool(flag) => self.flag(view, *flag),
            Json::Number(number) => self.number(view, name, number),
            Json::Text(text) => Json::Text(self.text(view, name, text)),
            Json::List(items) => {
                let item = view.item();
                Json::List(items.iter().map(|value| self.json(&item, name, value)).collect())
            }
            Json::Object(fields) => Json::Object(
                fields
                    .iter()
                    .map(|(name, value)| {
                        let field = view.field(name);
                        let value = self.json(&field.view, name, value);
                        (self.documented_name(view, name, field.name_is_data), value)
                    })
                    .collect(),
            ),
        }
    }

    fn documented_name(&mut self, view: &SchemaView<'_>, name: &str, is_data: bool) -> String {
        if view.has_field(name) {
            return name.to_owned();
        }
        self.name(name, is_data)
    }
}

/// The shape of an encrypted body: `{"request": "…"}`, or a text alone.
fn encrypted(json: &Json) -> Option<Json> {
    let shape = |text: &str| Json::Text(format!("[encrypted, {} characters]", text.len()));
    match json {
        Json::Text(text) if is_base64(text) => Some(shape(text)),
        Json::Object(fields) => match fields.as_slice() {
            [(name, Json::Text(text))] if name == WRAPPER && is_base64(text) => {
                Some(Json::Object(vec![(WRAPPER.to_owned(), shape(text))]))
            }
            _ => None,
        },
        _ => None,
    }
}

fn is_base64(text: &str) -> bool {
    text.len() >= MIN_ENCRYPTED
        && text.len().is_multiple_of(4)
        && text
            .trim_end_matches('=')
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}
