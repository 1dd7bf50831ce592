//! One action of an overlay: a target, what happens to it, and the findings that it mends as comments. The overlay is a list of
//! these.

use serde_json::Value;

use crate::spec::pointer::Pointer;

use super::yaml_text;

/// An action.
pub(super) struct Action {
    target: String,
    /// What is merged into the target; `None` removes it.
    update: Option<Value>,
    comments: Vec<String>,
}

impl Action {
    pub(super) fn update(document: &Value, target: &Pointer, update: Value, comments: Vec<String>) -> Self {
        Self {
            target: json_path(document, target),
            update: Some(update),
            comments,
        }
    }

    pub(super) fn removal(document: &Value, target: &Pointer, comments: Vec<String>) -> Self {
        Self {
            target: json_path(document, target),
            update: None,
            comments,
        }
    }

    /// The action as an entry of the list, with its comments above it.
    pub(super) fn text(&self) -> String {
        let mut text = String::from("\n");
        for comment in &self.comments {
            text.push_str(&format!("  # {}\n", one_line(comment)));
        }
        text.push_str(&format!("  - target: {}\n", yaml_text::scalar_text(&self.target)));
        match &self.update {
            Some(update) => text.push_str(&format!("    update:\n{}", yaml_text::block(update, 6))),
            None => text.push_str("    remove: true\n"),
        }
        text
    }
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The JSONPath of a place.
fn json_path(document: &Value, at: &Pointer) -> String {
    let mut path = String::from("$");
    let mut value = Some(document);
    for step in at.steps() {
        let index = value
            .filter(|value| value.is_array())
            .and_then(|_| step.parse::<usize>().ok());
        match index {
            Some(index) => path.push_str(&format!("[{index}]")),
            None => path.push_str(&format!("['{}']", step.replace('\\', "\\\\").replace('\'', "\\'"))),
        }
        value = value.and_then(|value| match index {
            Some(index) => value.get(index),
            None => value.get(&step),
        });
    }
    path
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Pointer, json_path};

    #[test]
    fn lists_are_indexed_and_names_are_quoted() {
        let document = json!({"a/b": {"allOf": [{"it's": 1}]}});
        let at = Pointer::root().child("a/b").child("allOf").index(0).child("it's");
        assert_eq!(json_path(&document, &at), r"$['a/b']['allOf'][0]['it\'s']");
    }
}
