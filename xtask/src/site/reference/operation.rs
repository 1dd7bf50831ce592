//! The page of one operation: how it is called, how well that is known, what it does with value, and what travels.

use enkash_codegen::spec::{Fact, Level, Observation, Operation, PrintedExample, Reachable, Spec};
use serde_json::{Map, Value};

use super::schema::{component, fields_text, link, resolved, type_words};
use super::{address, cell, json_block, words};

pub(super) fn text(spec: &Spec, operation: &Operation) -> String {
    let wire = &spec.document["paths"][&operation.path][operation.method.to_lowercase()];
    let mut text = format!(
        "# {}\n\n{}.\n\n{}\n",
        operation.id,
        operation.summary,
        address(operation)
    );
    if let Some(description) = &operation.description {
        text += &format!("\n{}\n", description.trim());
    }
    text += &calls_text(spec, operation, wire);
    text += &evidence_text(operation);
    text += &policy_text(operation);
    text += &parameters_text(spec, wire);
    text += &request_text(spec, wire);
    text += &responses_text(spec, wire);
    text += &printed_text(operation);
    text
}

fn evidence_text(operation: &Operation) -> String {
    let evidence = &operation.evidence;
    let sides = [
        ("path", &evidence.path),
        ("request", &evidence.request),
        ("response", &evidence.response),
        ("errors", &evidence.errors),
    ];
    let mut text = String::from(
        "\n## How well it is known\n\n| part | evidence | page | what stands there |\n|---|---|---|---|\n",
    );
    for (side, fact) in sides {
        let page = fact.page.as_ref().map(|page| format!("`{page}`")).unwrap_or_default();
        let note = fact.note.as_deref().unwrap_or("");
        text += &format!("| {side} | {} | {page} | {} |\n", level_words(fact), cell(note));
    }
    let pages: Vec<_> = operation
        .pages
        .iter()
        .map(|page| {
            format!(
                "{}, *{}* ({})",
                page.section,
                page.title,
                page.id.as_deref().unwrap_or("id not known")
            )
        })
        .collect();
    text += &format!("\nEnKash's pages: {}.\n", pages.join("; "));
    if let Some(note) = &operation.note {
        text += &format!("\n{}\n", note.trim());
    }
    for observation in &operation.observed {
        text += &format!("\n* observed: {}\n", observation_words(observation));
    }
    text
}

fn level_words(fact: &Fact) -> String {
    let level = format!("**{}**", fact.level.as_str());
    match (&fact.date, fact.count) {
        (Some(date), Some(count)) => format!("{level}, {count} times until {date}"),
        _ => level,
    }
}

fn observation_words(observation: &Observation) -> String {
    let mut parts = vec![observation.side.as_str().to_owned()];
    parts.extend(observation.status.map(|status| format!("status {status}")));
    parts.extend(observation.field.as_ref().map(|field| format!("`{field}`")));
    parts.extend(observation.media_type.as_ref().map(|kind| format!("`{kind}`")));
    parts.extend((!observation.types.is_empty()).then(|| observation.types.join(" or ")));
    parts.extend((!observation.words.is_empty()).then(|| observation.words.join(", ")));
    parts.extend(observation.absent.then(|| "absent".to_owned()));
    format!(
        "{}; {} times until {}",
        parts.join(", "),
        observation.count,
        observation.date
    )
}

fn calls_text(spec: &Spec, operation: &Operation, wire: &Value) -> String {
    let mut rows = Vec::new();
    if let Some(reach) = spec.surface.operations.get(&operation.id) {
        rows.push(("the command", reachable(&reach.cli)));
        rows.push(("crate `enkash`", reachable(&reach.high_level)));
    }
    rows.push(("crate `enkash-api`", format!("`Client::{}`", operation.rust_name)));
    if let Some(reach) = spec.surface.operations.get(&operation.id) {
        rows.push(("the sandbox", reachable(&reach.sandbox)));
    }
    let servers = wire["servers"]
        .as_array()
        .or_else(|| spec.document["servers"].as_array());
    for server in servers.into_iter().flatten() {
        rows.push((
            "a host that was seen",
            format!("`{}`: {}", words(&server["url"]), cell(&words(&server["description"]))),
        ));
    }
    rows.push(("authorization", authorization(spec, wire)));
    let mut text = String::from("\n## How to call it\n\n| | |\n|---|---|\n");
    for (what, how) in rows {
        text += &format!("| {what} | {how} |\n");
    }
    if operation.evidence.path.level == Level::Unknown {
        text += "\nNobody saw the path, so there is none to call by default: give it to the command by the profile, to the crates by\n\
                 `with_path`. `enkash help paths` says how.\n";
    }
    text
}

fn reachable(reachable: &Reachable) -> String {
    match reachable {
        Reachable::Is(names) if names == "served" => "serves it".to_owned(),
        Reachable::Is(names) => {
            let names = names.split(", ").map(|name| match name {
                words if words.starts_with("with ") => words.to_owned(),
                code => format!("`{code}`"),
            });
            names.collect::<Vec<_>>().join(", ")
        }
        Reachable::Not(reason) => format!("no: {}", cell(reason)),
    }
}

fn authorization(spec: &Spec, wire: &Value) -> String {
    let schemes = wire["security"]
        .as_array()
        .or_else(|| spec.document["security"].as_array());
    let names = schemes
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .flat_map(Map::keys);
    let described = names.map(|name| {
        let scheme = &spec.document["components"]["securitySchemes"][name];
        format!("{}: {}", words(&scheme["scheme"]), cell(&words(&scheme["description"])))
    });
    let described: Vec<_> = described.collect();
    if described.is_empty() {
        "none".to_owned()
    } else {
        described.join(" or ")
    }
}

fn policy_text(operation: &Operation) -> String {
    let policy = &operation.policy;
    let mut rows = vec![
        ("effect", policy.effect.as_str().replace('-', " ")),
        (
            "sent again after a failure",
            if policy.is_sent_once() {
                "never"
            } else {
                "yes, it is safe"
            }
            .to_owned(),
        ),
        ("after a 401", policy.after_401.as_str().to_owned()),
    ];
    if let Some(reference) = &policy.reference {
        let sent: Vec<_> = reference.sent_as.iter().map(|name| format!("`{name}`")).collect();
        let echo = reference
            .echoed_as
            .as_ref()
            .map_or("promised by no page".to_owned(), |name| format!("as `{name}`"));
        rows.push(("the caller's reference", format!("sent as {}", sent.join(" or "))));
        rows.push(("its echo", echo));
    }
    if !policy.settlement.steps.is_empty() {
        let steps = policy
            .settlement
            .steps
            .iter()
            .map(|step| format!("find the {} with `{}` by `{}`", step.find, step.operation, step.by));
        rows.push(("an unknown outcome", steps.collect::<Vec<_>>().join(", then ")));
    }
    let outcome = &policy.outcome;
    for (what, codes) in [
        ("done by code", &outcome.success_codes),
        ("refused by code", &outcome.refusal_codes),
    ] {
        if !codes.is_empty() {
            rows.push((what, codes.join(" or ")));
        }
    }
    rows.push((
        "evidence of the settlement",
        policy.settlement.evidence.as_str().to_owned(),
    ));
    let mut text = String::from("\n## What it does with value\n\n| | |\n|---|---|\n");
    for (what, how) in rows {
        text += &format!("| {what} | {how} |\n");
    }
    if let Some(note) = &policy.note {
        text += &format!("\n{}\n", note.trim());
    }
    text
}

fn parameters_text(spec: &Spec, wire: &Value) -> String {
    let parameters: Vec<_> = wire["parameters"].as_array().into_iter().flatten().collect();
    if parameters.is_empty() {
        return String::new();
    }
    let mut text = String::from("\n## Parameters\n\n| name | in | type | | what it is |\n|---|---|---|---|---|\n");
    for parameter in parameters {
        let parameter = resolved(&spec.document, parameter);
        let required = if parameter["required"] == true { "required" } else { "" };
        text += &format!(
            "| `{}` | {} | {} | {required} | {} |\n",
            words(&parameter["name"]),
            words(&parameter["in"]),
            type_words(&parameter["schema"]),
            cell(&words(&parameter["description"])),
        );
    }
    text
}

fn request_text(spec: &Spec, wire: &Value) -> String {
    let Some((media_type, content)) = content(&wire["requestBody"]) else {
        return "\n## Request\n\nNo body.\n".to_owned();
    };
    let mut text = format!("\n## Request\n\n{}", body_text(spec, media_type, &content["schema"]));
    let nothing = Map::new();
    let examples = content["examples"].as_object().unwrap_or(&nothing);
    if !examples.is_empty() {
        text += "\nEach example is sent to the sandbox and read back by the tests.\n";
    }
    for example in examples.values() {
        text += &format!("\n{}:\n\n{}", words(&example["summary"]), json_block(&example["value"]));
    }
    text
}

fn responses_text(spec: &Spec, wire: &Value) -> String {
    let mut text = String::from("\n## Responses\n");
    let nothing = Map::new();
    for (status, response) in wire["responses"].as_object().unwrap_or(&nothing) {
        let response = resolved(&spec.document, response);
        text += &format!("\n### {status}\n\n{}\n\n", words(&response["description"]));
        if let Some((media_type, content)) = content(response) {
            text += &match status.starts_with('2') {
                true => body_text(spec, media_type, &content["schema"]),
                false => format!("`{media_type}`, {}.\n", type_words(&content["schema"])),
            };
        }
    }
    text
}

fn content(body: &Value) -> Option<(&str, &Value)> {
    let (media_type, content) = body["content"].as_object()?.iter().next()?;
    Some((media_type, content))
}

fn body_text(spec: &Spec, media_type: &str, schema: &Value) -> String {
    let name = component(schema).map_or_else(|| type_words(schema), link);
    format!("`{media_type}`, {name}.\n\n{}", fields_text(&spec.document, schema))
}

fn printed_text(operation: &Operation) -> String {
    if operation.seen.is_empty() {
        return String::new();
    }
    let mut text = String::from(
        "\n## Examples on EnKash's pages\n\n\
         As the pages print them, with every credential, name, phone, mail and card number made up.\n",
    );
    for seen in &operation.seen {
        text += &format!("\n{}\n\n{}", printed_words(seen), json_block(&seen.value));
    }
    text
}

fn printed_words(seen: &PrintedExample) -> String {
    let kind = seen.kind.as_str();
    let status = seen
        .status
        .map(|status| format!(" with status {status}"))
        .unwrap_or_default();
    let page = seen.page.as_deref().unwrap_or("a page without an id");
    let whole = if seen.complete {
        ""
    } else {
        ", which does not show all of it"
    };
    let note = seen
        .note
        .as_ref()
        .map(|note| format!(" {}", note.trim()))
        .unwrap_or_default();
    format!("A {kind}{status} on {page}{whole}.{note}")
}
