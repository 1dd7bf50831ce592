//! The forms that try an operation against this sandbox: one to log in, one for each operation, filled from the document's
//! examples with ids that are there. The page's script sends them; the token stays in its memory.

use std::collections::BTreeMap;

use maud::{Markup, html};
use serde_json::Value;

use super::operation::Operation;
use crate::credentials::Credentials;
use crate::server::Shared;

/// The login form, filled with what the sandbox announces. All of it is synthetic.
pub(super) fn login_form(shared: &Shared) -> Markup {
    let Credentials {
        client_id,
        client_secret,
        username,
        password,
        ..
    } = &shared.credentials;
    let fields = [
        ("username", "User name", "text", username),
        ("password", "Password", "password", password),
        ("client_id", "Client id", "text", client_id),
        ("client_secret", "Client secret", "password", client_secret),
    ];
    html! {
        section.panel.log-in aria-labelledby="log-in-title" {
            header.panel-head { h2 id="log-in-title" { "Log in" } }
            form.stack id="log-in" method="post" action="/oauth/token" {
                p.hint { "The synthetic credentials of this sandbox." }
                @for (name, label, kind, value) in fields {
                    label for={ "log-in-" (name) } { (label) }
                    input id={ "log-in-" (name) } name=(name) type=(kind) value=(value) required autocomplete="off"
                        spellcheck="false";
                }
                button.primary id="get-token" { "Get token" }
                p.token id="token" role="status" { "No token yet." }
                noscript { p.notice { "Trying operations needs JavaScript." } }
            }
        }
    }
}

/// The form of one operation.
pub(super) fn form(operation: &Operation<'_>, ids: &BTreeMap<&str, String>) -> Markup {
    let id = operation.id;
    let examples = operation.examples();
    let first = examples.first().map(|(_, _, value)| *value);
    let json = operation.content_type.is_none_or(|content| content.ends_with("json"));
    html! {
        form.attempt id={ "try-" (id) } method="post" action=(operation.path) data-method=(operation.method)
            data-path=(operation.path) data-type=[operation.content_type] data-proof=(operation.proof) {
            h3 { "Try it" }
            @if !operation.parameters.is_empty() {
                div.pairs {
                    @for parameter in &operation.parameters {
                        @let name = parameter.name;
                        @let field = format!("{id}-{name}");
                        label for=(field) { code { (name) } span.muted { " " (parameter.place) } }
                        input id=(field) data-name=(name) data-in=(parameter.place) required[parameter.required]
                            value=(prefilled(parameter.example, ids.get(name))) autocomplete="off" spellcheck="false";
                    }
                }
            }
            @if let (Some(first), true) = (first, json) {
                div.body-head {
                    label for={ (id) "-body" } { "Body" }
                    @if examples.len() > 1 {
                        select data-examples={ (id) "-body" } aria-label="Example" {
                            @for (name, summary, value) in &examples {
                                option value=(pretty(value)) title=(name) { (summary) }
                            }
                        }
                    }
                }
                textarea.code id={ (id) "-body" } data-body="" spellcheck="false" rows=(lines(first)) { (pretty(first)) }
            }
            @if let (Some(Value::Object(fields)), false) = (first, json) {
                div.pairs {
                    @for (name, value) in fields {
                        @let field = format!("{id}-{name}");
                        label for=(field) { code { (name) } span.muted { " form" } }
                        input id=(field) data-name=(name) data-in="form" value=(text(value)) autocomplete="off"
                            spellcheck="false" type=(if name == "password" { "password" } else { "text" });
                    }
                }
            }
            div.buttons {
                button.primary { "Send" }
                span.hint { "goes to this sandbox only" }
            }
            div.answer role="status" data-answer="" {}
        }
    }
}

fn prefilled(example: Option<&Value>, id: Option<&String>) -> String {
    id.cloned().or_else(|| example.map(text)).unwrap_or_default()
}

/// A value as it is typed into a field.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn lines(value: &Value) -> usize {
    pretty(value).lines().count().clamp(3, 16)
}
