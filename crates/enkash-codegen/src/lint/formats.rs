//! Rules about the formats that have a type of their own: amounts, secrets, personal data.
//!
//! The generator recognises a format only when nothing but a description stands beside it. With one more key it falls
//! back to `f64` or `String` without a word.

use heck::ToSnakeCase;
use serde_json::{Map, Value};

use super::context::LintContext;
use crate::spec::Diagnostic;
use crate::spec::openapi_shape::{PARAMETER, SCHEMA};
use crate::spec::pointer::Pointer;
use crate::spec::references::resolve;

/// The keys that may stand in a schema with one of our formats.
const BESIDE_A_FORMAT: [&str; 3] = ["type", "format", "description"];

/// Whether a schema has a format that this module watches over.
pub(super) fn is_our_own(schema: &Map<String, Value>) -> bool {
    matches!(text(schema, "format"), Some("money" | "password" | "personal"))
}

fn text<'a>(map: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    map.get(key)?.as_str()
}

/// An amount in `f64` loses paise.
pub(super) fn money(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for node in context.nodes(&SCHEMA) {
        let at = &node.at;
        match (text(node.map, "type"), text(node.map, "format")) {
            (Some("number"), Some("money")) => {
                for key in node.map.keys().filter(|key| !BESIDE_A_FORMAT.contains(&key.as_str())) {
                    let message = format!("{key}: beside format money in {at} the amount stops being exact, remove it");
                    diagnostics.push(context.diagnostic(&at.child(key), message));
                }
            }
            (Some("number"), Some(other)) => {
                let message = format!("format: {other} in {at} is not exact, a number has format: money");
                diagnostics.push(context.diagnostic(&at.child("format"), message));
            }
            (Some("number"), None) => {
                let message = format!("type: {at} is a number without format: money, so it would not be exact");
                diagnostics.push(context.diagnostic(&at.child("type"), message));
            }
            (_, Some("money")) => {
                let message = format!("format: money in {at} belongs to type: number");
                diagnostics.push(context.diagnostic(&at.child("format"), message));
            }
            _ => {}
        }
    }
    diagnostics
}

/// A format without a type here either means nothing or pulls a crate into the generated code.
pub(super) fn known(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for node in context.nodes(&SCHEMA) {
        let Some(format) = text(node.map, "format") else {
            continue;
        };
        let at = &node.at;
        match (text(node.map, "type"), format) {
            // The rule about money speaks of these.
            (Some("number"), _) | (_, "money") | (Some("integer"), "int32" | "int64") => {}
            (Some("string"), "password" | "personal") => {
                for key in node.map.keys().filter(|key| !BESIDE_A_FORMAT.contains(&key.as_str())) {
                    let message =
                        format!("{key}: beside format {format} in {at} the text is no longer redacted, remove it");
                    diagnostics.push(context.diagnostic(&at.child(key), message));
                }
            }
            (_, "password" | "personal") => {
                let message = format!("format: {format} in {at} belongs to type: string");
                diagnostics.push(context.diagnostic(&at.child("format"), message));
            }
            (kind, _) => {
                let kind = kind.unwrap_or("no type");
                let message = format!("format: {format} in {at} has no type here for {kind}, describe it in words");
                diagnostics.push(context.diagnostic(&at.child("format"), message));
            }
        }
    }
    diagnostics
}

/// A secret that is a plain text is printed by `Debug`, errors and logs.
pub(super) fn redacted(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let mut check = |name: &str, at: Pointer| {
        let Some(format) = wanted_format(name) else {
            return;
        };
        let Some((_, schema)) = resolve(context.document(), at.clone()) else {
            return;
        };
        let is_plain = text(schema, "type") == Some("string") && !schema.contains_key("enum");
        if is_plain && !matches!(text(schema, "format"), Some("password" | "personal")) {
            let message = format!("{name}: looks like something that must not be printed, write format: {format}");
            diagnostics.push(context.diagnostic(&at, message));
        }
    };
    for node in context.nodes(&SCHEMA) {
        let properties = node.map.get("properties").and_then(Value::as_object);
        for name in properties.into_iter().flat_map(Map::keys) {
            check(name, node.at.child("properties").child(name));
        }
    }
    for node in context.nodes(&PARAMETER) {
        check(text(node.map, "name").unwrap_or_default(), node.at.child("schema"));
    }
    diagnostics
}

/// The format that the name of a text asks for, where it asks for one.
///
/// ```
/// assert_eq!(enkash_codegen::lint::wanted_format("voucherPin"), Some("password"));
/// assert_eq!(enkash_codegen::lint::wanted_format("companyName"), None);
/// ```
#[must_use]
pub fn wanted_format(name: &str) -> Option<&'static str> {
    const SECRET: [&str; 9] = [
        "password",
        "passwd",
        "passcode",
        "token",
        "secret",
        "pin",
        "otp",
        "cvv",
        "credential",
    ];
    const PERSONAL: [&str; 6] = ["email", "mobile", "phone", "username", "dob", "msisdn"];
    const PERSONAL_PAIRS: [[&str; 2]; 10] = [
        ["first", "name"],
        ["last", "name"],
        ["middle", "name"],
        ["full", "name"],
        ["user", "name"],
        ["holder", "name"],
        ["e", "mail"],
        ["masked", "number"],
        ["card", "number"],
        ["card", "no"],
    ];
    /// What is said about a secret is not the secret.
    const ABOUT: [&str; 9] = [
        "type", "expiry", "expires", "id", "status", "count", "verified", "required", "enabled",
    ];

    let snake = name.to_snake_case();
    let words: Vec<&str> = snake.split('_').collect();
    if words.last().is_some_and(|last| ABOUT.contains(last)) {
        return None;
    }
    if words.iter().any(|word| SECRET.contains(word)) {
        return Some("password");
    }
    let is_pair = |pair: &[&str]| PERSONAL_PAIRS.iter().any(|known| known == pair);
    (words.iter().any(|word| PERSONAL.contains(word)) || words.windows(2).any(is_pair)).then_some("personal")
}

#[cfg(test)]
mod tests {
    use super::wanted_format;

    #[test]
    fn names_of_secrets_and_of_persons_are_recognised() {
        for name in [
            "password",
            "access_token",
            "refreshToken",
            "voucherPin",
            "cardPin",
            "clientSecret",
            "token",
        ] {
            assert_eq!(wanted_format(name), Some("password"), "{name}");
        }
        for name in [
            "email",
            "mobile",
            "userMobile",
            "firstName",
            "username",
            "userName",
            "maskedNumber",
            "cardNumber",
        ] {
            assert_eq!(wanted_format(name), Some("personal"), "{name}");
        }
    }

    #[test]
    fn what_is_only_about_them_is_not() {
        for name in [
            "token_type",
            "tokenExpiry",
            "companyName",
            "productName",
            "shipping",
            "userId",
            "opinion",
            "emailVerified",
        ] {
            assert_eq!(wanted_format(name), None, "{name}");
        }
    }
}
