//! The API reference at `/docs`: every operation of the bundled document with its evidence and a form to try it. It is
//! rendered from the document as the sandbox serves it, so it cannot differ from what the sandbox does.

mod operation;
pub(in crate::console) mod prose;
mod schema;
mod try_it;

use maud::{Markup, html};
use serde_json::Value;

use super::layout::{self, Page};
use crate::server::Shared;
use operation::{Operation, badge};

/// The whole page.
pub(super) fn page(shared: &Shared) -> Markup {
    let ids = shared.known_ids();
    let document = shared.document.served(shared.url(), &ids);
    let operations: Vec<Operation<'_>> = shared
        .document
        .operations()
        .filter_map(|spec| Operation::from_spec(spec, &document))
        .collect();
    let tags = document
        .get("tags")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let groups: Vec<(String, String, Vec<&Operation<'_>>)> = tags
        .iter()
        .map(|tag| {
            let name = text(tag, "name");
            let of_tag = operations.iter().filter(|operation| operation.tag == name).collect();
            (name, text(tag, "description"), of_tag)
        })
        .collect();
    let about = document
        .get("info")
        .map(|info| text(info, "description"))
        .unwrap_or_default();
    let calls = |operation| shared.state().log.calls(operation);
    let content = html! {
        div.columns {
            aside aria-label="Log-in and contents" {
                (try_it::login_form(shared))
                nav.contents.panel aria-label="Operations" {
                    @for (name, _, operations) in &groups {
                        h2 { (name) }
                        ul { @for operation in operations { (entry(operation)) } }
                    }
                }
            }
            div.main {
                section.intro {
                    h1 { "Reward APIs" }
                    (prose::block(&about))
                    (legend())
                    p.hint {
                        "The same in JSON: "
                        a href="/_sandbox/openapi.json" { code { "/_sandbox/openapi.json" } }
                    }
                }
                @for (name, about, operations) in &groups {
                    section.group aria-label=(name) {
                        h2 { (name) }
                        (prose::block(about))
                        @for operation in operations { (operation.show(calls(operation.operation), &try_it::form(operation, &ids))) }
                    }
                }
            }
        }
    };
    layout::page(shared, Page::Reference, &content)
}

fn entry(operation: &Operation<'_>) -> Markup {
    html! {
        li {
            a href={ "#" (operation.id) } {
                span.method.(operation.method) { (operation.method) }
                span { (operation.id) }
            }
        }
    }
}

fn legend() -> Markup {
    let levels = [
        ("documented", "A docs page states it."),
        ("observed", "A recording of what was really sent and received shows it."),
        ("inferred", "A sibling page or a public integration shows it."),
        ("unknown", "Nobody saw it."),
    ];
    html! {
        dl.evidence {
            @for (level, meaning) in levels {
                dt { (badge("", level)) }
                dd { (meaning) }
            }
        }
    }
}
