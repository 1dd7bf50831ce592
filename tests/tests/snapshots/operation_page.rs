//! The page of one operation: its wire form and evidence as the spec has them, what may be done
//! with it, and how it is called in Rust.

use enkash_codegen::spec::{Fact, PrintedExample, PrintedExampleKind};
use enkash_policy::{OperationPolicy, PayloadKind, SettlementStep};
use enkash_tests::spec_view::{Body, Operation, properties, remove_undocumented, resolved, schema_words};
use serde_json::Value;

use crate::{columns::aligned, generated, rust_text::short_type_text};

/// The page.
pub(crate) fn text(operation: &Operation) -> String {
    let facts = operation.facts;
    let mut text = format!("{}  {} {}\n{}\n\n", facts.id, facts.method, facts.path, facts.summary);

    let mut head = vec![
        ["tag".to_owned(), facts.tag.clone()],
        ["security".to_owned(), operation.security().to_owned()],
    ];
    head.extend(
        operation
            .own_servers()
            .into_iter()
            .map(|host| ["host".to_owned(), host.to_owned()]),
    );
    for page in &facts.pages {
        let id = page.id.as_deref().unwrap_or("(no id)");
        head.push(["page".to_owned(), format!("{id}  {} / {}", page.section, page.title)]);
    }
    text += &aligned(0, head);

    let evidence = &facts.evidence;
    let sides = [
        ("path", &evidence.path),
        ("request", &evidence.request),
        ("response", &evidence.response),
        ("errors", &evidence.errors),
    ];
    text += "\nevidence\n";
    text += &aligned(2, sides.map(|(side, fact)| evidence_row(side, fact)));

    text += "\npolicy\n";
    text += &aligned(2, policy_rows(&facts.policy));

    text += "\nparameters\n";
    let parameters = operation.parameters();
    text += &aligned(
        2,
        parameters.iter().map(|parameter| {
            let required = if parameter.required { "required" } else { "" };
            [
                parameter.name,
                parameter.place,
                &schema_words(parameter.schema),
                required,
            ]
            .map(str::to_owned)
        }),
    );
    if parameters.is_empty() {
        text += "  none\n";
    }

    match operation.request_body() {
        None => text += "\nrequest  no body\n",
        Some(body) => {
            let required = if body.required { "required" } else { "optional" };
            text += &format!("\nrequest  {required}  {}", body_text(&body));
            let names: Vec<_> = body.examples.keys().copied().collect();
            text += &format!("examples  {}\n", names.join(", "));
        }
    }
    for (status, body) in operation.answers() {
        match status.starts_with('2') {
            true => text += &format!("\nresponse {status}  {}", body_text(&body)),
            false => text += &format!("error {status}  {}  {}\n", body.media_type, schema_words(body.schema)),
        }
    }

    if !facts.seen.is_empty() {
        text += "\nseen in the documentation\n";
        text += &aligned(2, facts.seen.iter().map(|seen| seen_row(operation, seen)));
    }
    text + "\nRust\n" + &call_text(&facts.rust_name)
}

fn evidence_row(side: &str, fact: &Fact) -> [String; 3] {
    [
        side.to_owned(),
        fact.level.as_str().to_owned(),
        fact.page.clone().unwrap_or_default(),
    ]
}

fn policy_rows(policy: &OperationPolicy) -> Vec<[String; 2]> {
    let reference = match &policy.reference {
        None => "none".to_owned(),
        Some(reference) => {
            let echo = reference.echoed_as.as_deref().unwrap_or("nothing");
            format!("sent as {}; echoed as {echo}", reference.sent_as.join(" or "))
        }
    };
    let step = |step: &SettlementStep| format!("{} with {} by {}", step.find, step.operation, step.by);
    let steps: Vec<_> = policy.settlement.steps.iter().map(step).collect();
    let settlement = [policy.settlement.evidence.as_str(), &steps.join(", then ")].join("  ");
    let mut rows = vec![
        ("effect", policy.effect.as_str().to_owned()),
        ("repeat", policy.repeat.as_str().to_owned()),
        ("after 401", policy.after_401.as_str().to_owned()),
        ("reference", reference),
        ("settlement", settlement.trim_end().to_owned()),
    ];
    let (outcome, entry) = (&policy.outcome, &policy.settlement.entry);
    let payload = outcome.success_payload.map_or("", PayloadKind::as_str);
    let lists = [
        ("done by code", outcome.success_codes.join(" or ")),
        ("done by message", outcome.success_messages.join(" or ")),
        ("done by payload", payload.to_owned()),
        ("done by text", outcome.success_texts.join(" or ")),
        ("refused by code", outcome.refusal_codes.join(" or ")),
        ("refused by text", outcome.refusal_texts.join(" or ")),
        ("ignored fields", outcome.other_fields.join(", ")),
        ("good states", entry.states.join(" or ")),
        ("good credits", entry.credit_kinds.join(" or ")),
        ("good debits", entry.debit_kinds.join(" or ")),
        ("good descriptions", entry.descriptions.join(" or ")),
        ("same dates", entry.same_dates.join(", ")),
        ("later dates", entry.later_dates.join(", ")),
        ("ignored entry fields", entry.other_fields.join(", ")),
    ];
    rows.extend(lists.into_iter().filter(|(_, list)| !list.is_empty()));
    rows.into_iter().map(|(name, value)| [name.to_owned(), value]).collect()
}

/// The type and its fields; of a list those of its items.
fn body_text(body: &Body) -> String {
    let mut text = format!("{}  {}\n", body.media_type, schema_words(body.schema));
    let mut schema = resolved(body.schema);
    if schema["type"] == "array" {
        text += &format!("  {}, each\n", schema_words(schema));
        schema = resolved(&schema["items"]);
    }
    let fields = properties(schema).into_iter().map(|(name, property)| {
        let required = if property.required { "required" } else { "" };
        [name, &schema_words(property.schema), required].map(str::to_owned)
    });
    text + &aligned(2, fields)
}

fn seen_row(operation: &Operation, seen: &PrintedExample) -> [String; 4] {
    let schema = match seen.kind {
        PrintedExampleKind::Request => operation.request_body().map(|body| body.schema),
        PrintedExampleKind::Response => Some(operation.success().schema),
    };
    let unknown = schema
        .map(|schema| undocumented_fields(schema, &seen.value))
        .unwrap_or_default();
    [
        seen.kind.as_str().to_owned(),
        seen.page.clone().unwrap_or_else(|| "(no id)".to_owned()),
        if seen.complete { "complete" } else { "cut" }.to_owned(),
        if unknown.is_empty() {
            unknown
        } else {
            format!("not in the schema: {unknown}")
        },
    ]
}

fn undocumented_fields(schema: &'static Value, value: &Value) -> String {
    remove_undocumented(schema, &mut value.clone()).join(", ")
}

/// The call as its builder offers it.
fn call_text(method: &str) -> String {
    let call = generated().operations.iter().find(|call| call.method == method);
    let call = call.unwrap_or_else(|| panic!("generated.rs has no {method}"));
    let mut text = format!("  client.{method}()\n");
    for setter in &call.setters {
        text += &format!("    .{}({})\n", setter.name, short_type_text(&setter.takes));
    }
    if call.has_body_map {
        text += "    .body_map(|builder| builder)\n";
    }
    text + &format!("    .send() -> {}\n", short_type_text(&call.returns))
}
