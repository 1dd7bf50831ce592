//! Rules about operations as a whole: names, tags, paths, parameters, security.

use std::collections::HashMap;

use heck::ToLowerCamelCase;
use serde_json::Value;

use super::context::{LintContext, OperationNode};
use crate::spec::Diagnostic;
use crate::spec::naming::function_name;
use crate::spec::openapi_shape::{PARAMETER, SECURITY_SCHEME};
use crate::spec::pointer::Pointer;
use crate::spec::references::resolve;
use crate::spec::suggestion::did_you_mean;

/// The generator reads OpenAPI 3.0 only, and sends `info.version` as a header.
pub(super) fn versions(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let text = |at: &Pointer| context.document().get(at).and_then(Value::as_str).unwrap_or_default();
    let openapi = Pointer::root().child("openapi");
    let version = Pointer::root().child("info").child("version");
    let mut diagnostics = Vec::new();
    if !text(&openapi).starts_with("3.0.") {
        let found = text(&openapi);
        diagnostics.push(context.diagnostic(
            &openapi,
            format!("openapi: {found} cannot be generated from, write 3.0.3"),
        ));
    }
    if text(&version).is_empty() || !text(&version).chars().all(|c| c.is_ascii_graphic()) {
        let message = "version: in info must be ASCII without spaces, it becomes a header";
        diagnostics.push(context.diagnostic(&version, message));
    }
    diagnostics
}

/// Equal names make two methods of one name, which shows up much later as a compile error.
pub(super) fn ids(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let mut first: HashMap<String, (&str, usize)> = HashMap::new();
    for site in &context.operations {
        let Some(id) = site.id() else {
            diagnostics.push(context.diagnostic(&site.at, format!("operationId: missing in {}", site.at)));
            continue;
        };
        let at = site.at.child("operationId");
        let is_camel_case =
            id.starts_with(|c: char| c.is_ascii_lowercase()) && id.chars().all(|c| c.is_ascii_alphanumeric());
        if !is_camel_case {
            let better = id.to_lower_camel_case();
            diagnostics.push(context.diagnostic(&at, format!("operationId: '{id}' is not camelCase, write {better}")));
        }
        let line = context.document().place(&at).line;
        let name = function_name(id);
        match first.get(&name) {
            None => {
                first.insert(name, (id, line));
            }
            Some((other, line)) if *other == id => {
                diagnostics
                    .push(context.diagnostic(&at, format!("operationId: {id} is used twice (first at line {line})")));
            }
            Some((other, line)) => {
                let message = format!("operationId: {id} and {other} (line {line}) are both {name} in Rust");
                diagnostics.push(context.diagnostic(&at, message));
            }
        }
    }
    diagnostics
}

/// The tag decides on host and token, so there is exactly one.
pub(super) fn one_tag(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let declared: Vec<_> = context
        .document()
        .get(&Pointer::root().child("tags"))
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|tag| tag.get("name")?.as_str())
        .collect();
    let mut diagnostics = Vec::new();
    for site in &context.operations {
        let at = site.at.child("tags");
        let tags = site
            .map
            .get("tags")
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default();
        match tags {
            [Value::String(tag)] if !declared.contains(&tag.as_str()) => {
                let hint = did_you_mean(tag, declared.iter().copied());
                let message = format!("tags: '{tag}' of {} is not declared under tags{hint}", site.name());
                diagnostics.push(context.diagnostic(&at, message));
            }
            [_] => {}
            other => {
                let message = format!("tags: {} has {} tags, write exactly one", site.name(), other.len());
                diagnostics.push(context.diagnostic(&at, message));
            }
        }
    }
    diagnostics
}

/// The client never sends an artificial path, so nothing else may look like one.
pub(super) fn unknown_paths(context: &LintContext<'_>) -> Vec<Diagnostic> {
    const ARTIFICIAL: &str = "/-unknown-/";
    let mut diagnostics = Vec::new();
    for site in &context.operations {
        let (Some(id), Some(level)) = (site.id(), site.level("path")) else {
            continue;
        };
        let artificial = format!("{ARTIFICIAL}{id}");
        if level == "unknown" && site.path != artificial {
            let message = format!(
                "the path of {id} is unknown, so it stands under {artificial}, not {}",
                site.path
            );
            diagnostics.push(context.diagnostic(&site.at, message));
        } else if level != "unknown" && site.path.starts_with(ARTIFICIAL) {
            let message = format!(
                "{id} stands under {}, but its path is {level}: write that path",
                site.path
            );
            diagnostics.push(context.diagnostic(&site.at, message));
        }
    }
    diagnostics
}

/// The generator panics on a parameter that the template does not name.
pub(super) fn path_parameters(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for site in &context.operations {
        let parameters = parameters_of(context, site);
        let in_path: Vec<_> = parameters.iter().filter(|(_, place, _)| *place == "path").collect();
        let Some(template) = template_names(&site.path) else {
            diagnostics.push(context.diagnostic(&site.at, format!("{}: the braces of the path do not match", site.at)));
            continue;
        };
        for name in &template {
            if !in_path.iter().any(|(_, _, parameter)| parameter == name) {
                let message = format!("{{{name}}} in the path of {} has no parameter", site.name());
                diagnostics.push(context.diagnostic(&site.at, message));
            }
        }
        for (at, _, name) in in_path {
            if !template.contains(name) {
                let message = format!("parameter {name} of {} is not in its path {}", site.name(), site.path);
                diagnostics.push(context.diagnostic(at, message));
            }
        }
    }
    diagnostics
}

/// The names in braces, or nothing where the braces do not match.
fn template_names(path: &str) -> Option<Vec<&str>> {
    let mut names = Vec::new();
    let mut rest = path;
    while let Some(open) = rest.find(['{', '}']) {
        let inside = rest[open..].strip_prefix('{')?;
        let close = inside.find(['{', '}'])?;
        names.push(&inside[..close]);
        rest = inside[close..].strip_prefix('}')?;
    }
    names.iter().all(|name| !name.is_empty()).then_some(names)
}

/// Place, `in` and `name` of the parameters of an operation and of its path.
fn parameters_of<'a>(context: &LintContext<'a>, site: &OperationNode<'a>) -> Vec<(Pointer, &'a str, &'a str)> {
    let of_path = site.at.parent().unwrap_or_default();
    [of_path, site.at.clone()]
        .iter()
        .map(|owner| owner.child("parameters"))
        .flat_map(|list| {
            let count = context
                .document()
                .get(&list)
                .and_then(Value::as_array)
                .map_or(0, Vec::len);
            (0..count).map(move |index| list.index(index))
        })
        .filter_map(|at| {
            let (at, map) = resolve(context.document(), at)?;
            Some((at, map.get("in")?.as_str()?, map.get("name")?.as_str()?))
        })
        .collect()
}

/// Header parameters pass through `Display` in the generated code, so credentials must not be one.
pub(super) fn parameters(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for node in context.nodes(&PARAMETER) {
        let text = |key: &str| node.map.get(key).and_then(Value::as_str).unwrap_or_default();
        let (name, place) = (text("name"), text("in"));
        let mut report =
            |key: &str, message: String| diagnostics.push(context.diagnostic(&node.at.child(key), message));
        let remedy = match name.to_ascii_lowercase().as_str() {
            "authorization" => Some("it is a security scheme, write security: [bearerAuth: []]"),
            "content-type" => Some("the content of the request body says it"),
            "accept" => Some("the content of the responses says it"),
            "cookie" => Some("it is a leftover of a recorded call, leave it out"),
            _ => None,
        };
        if let Some(remedy) = remedy.filter(|_| place == "header") {
            report("name", format!("name: {name} is never a parameter: {remedy}"));
        }
        if place == "cookie" {
            report(
                "in",
                format!("in: parameter {name} is a cookie, which the generator does not know"),
            );
        }
        if place == "path" && node.map.get("required") != Some(&Value::Bool(true)) {
            report(
                "required",
                format!("required: path parameter {name} needs required: true"),
            );
        }
    }
    diagnostics
}

/// The token layer knows two ways to prove who calls.
pub(super) fn security(context: &LintContext<'_>) -> Vec<Diagnostic> {
    const SCHEMES: [(&str, &str); 2] = [("basicAuth", "basic"), ("bearerAuth", "bearer")];
    let mut diagnostics = Vec::new();
    let schemes = Pointer::root().child("components").child("securitySchemes");
    for node in context.nodes(&SECURITY_SCHEME) {
        let name = node.at.last_step();
        let kind = node.map.get("scheme").and_then(Value::as_str).unwrap_or_default();
        if !SCHEMES.contains(&(name.as_str(), kind)) {
            let message = format!("{name}: only basicAuth (scheme basic) and bearerAuth (scheme bearer) are known");
            diagnostics.push(context.diagnostic(&node.at, message));
        }
    }
    let declared: Vec<&str> = context
        .document()
        .get(&schemes)
        .and_then(Value::as_object)
        .map(|map| map.keys().map(String::as_str).collect())
        .unwrap_or_default();
    let everywhere = Pointer::root().child("security");
    let requirements = context.operations.iter().map(|site| site.at.child("security"));
    for list in requirements.chain([everywhere.clone()]) {
        let entries = context.document().get(&list).and_then(Value::as_array);
        for (index, entry) in entries.into_iter().flatten().enumerate() {
            for name in entry.as_object().into_iter().flat_map(|entry| entry.keys()) {
                if !declared.contains(&name.as_str()) {
                    let hint = did_you_mean(name, declared.iter().copied());
                    let message = format!("security: there is no scheme {name}{hint}");
                    diagnostics.push(context.diagnostic(&list.index(index).child(name), message));
                }
            }
        }
    }
    if context.document().get(&everywhere).is_none() {
        for site in context
            .operations
            .iter()
            .filter(|site| !site.map.contains_key("security"))
        {
            diagnostics.push(context.diagnostic(
                &site.at,
                format!("security: missing in {} and in the document", site.at),
            ));
        }
    }
    diagnostics
}

#[cfg(test)]
mod tests {
    use super::template_names;

    #[test]
    fn braces_are_read_or_refused() {
        assert_eq!(template_names("/a/{b}/c/{d}"), Some(vec!["b", "d"]));
        assert_eq!(template_names("/a"), Some(vec![]));
        for broken in ["/a/{b", "/a/b}", "/a/{}", "/a/{b{c}}"] {
            assert_eq!(template_names(broken), None, "{broken}");
        }
    }
}
