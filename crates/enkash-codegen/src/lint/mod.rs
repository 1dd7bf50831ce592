//! The rules of spec/README.md that no general linter has.
//!
//! `cargo xtask lint` runs all of them. [`load`] runs those that guard the generator, because breaking one
//! of them makes progenitor panic, drop an operation or lose an amount's exactness without a word.

use crate::spec::load::{ParsedSpec, parse};
use crate::spec::{Changes, Diagnostic, Sources, Spec, sorted};

mod bodies;
mod components;
mod context;
mod credentials;
mod descriptions;
mod evidence;
mod fields;
mod formats;
mod operations;
mod policy;
mod responses;
mod schemas;
mod surface;
mod unfinished;

use context::LintContext;

pub use credentials::kinds as sensitive_kinds;
pub use formats::wanted_format;
pub use unfinished::MARK;

/// One rule.
pub struct Rule {
    /// Its name, for the list of rules.
    pub name: &'static str,
    /// What it asks for, in one line.
    pub purpose: &'static str,
    /// Whether code generation relies on it.
    pub guards_generator: bool,
    /// Whether it speaks up only where no other rule does: what it finds is often the consequence of another mistake.
    is_last: bool,
    check: fn(&LintContext<'_>) -> Vec<Diagnostic>,
}

const fn guard(name: &'static str, purpose: &'static str, check: fn(&LintContext<'_>) -> Vec<Diagnostic>) -> Rule {
    Rule {
        name,
        purpose,
        guards_generator: true,
        is_last: false,
        check,
    }
}

const fn style(name: &'static str, purpose: &'static str, check: fn(&LintContext<'_>) -> Vec<Diagnostic>) -> Rule {
    Rule {
        name,
        purpose,
        guards_generator: false,
        is_last: false,
        check,
    }
}

const fn last(name: &'static str, purpose: &'static str, check: fn(&LintContext<'_>) -> Vec<Diagnostic>) -> Rule {
    Rule {
        is_last: true,
        ..style(name, purpose, check)
    }
}

/// All rules, one a line. Those of [`TEXT_RULES`] are apart: they need no readable spec.
#[rustfmt::skip]
pub const RULES: &[Rule] = &[
    guard("version", "OpenAPI 3.0, and an info.version that fits into a header", operations::versions),
    guard("operation-ids", "operationIds are camelCase and unique, in Rust too", operations::ids),
    guard("one-tag", "an operation has exactly one tag, which is declared", operations::one_tag),
    guard("unknown-paths", "an unknown path stands under /-unknown-/<operationId>", operations::unknown_paths),
    guard("path-parameters", "the path template and the path parameters agree", operations::path_parameters),
    guard("parameters", "parameters are typed; no credentials, content types or cookies", operations::parameters),
    guard("security", "basicAuth and bearerAuth are the only security schemes", operations::security),
    guard("one-success", "an operation has one success status, with JSON content", responses::one_success),
    guard("no-default-response", "responses are named by status", responses::no_default),
    guard("error-body", "every error status answers with ErrorBody", responses::error_body),
    guard("body-components", "bodies are components, of one content type", bodies::components),
    guard("unseen-body", "what nobody saw is UnseenBody, and nothing else is", bodies::unseen),
    guard("money", "a number has format money and nothing else beside it", formats::money),
    guard("formats", "only formats that have a type here", formats::known),
    guard("enums", "enums are components of strings, with names that differ in Rust", schemas::enums),
    guard("alternatives", "oneOf only as ResultCode or payload; no anyOf, not, discriminator", schemas::one_of),
    guard("no-default", "no default in bodies: it would be sent always, in a PATCH too", schemas::no_default),
    guard("no-constraints", "no bounds, lengths, patterns or closed objects in bodies", schemas::no_constraints),
    guard("lists", "a list says what it holds", schemas::array_items),
    guard("required-exists", "what is required is a property", schemas::required_exists),
    guard("optional-answers", "properties of answers are all optional", schemas::optional_answers),
    guard("component-names", "schemas are named in PascalCase", schemas::component_names),
    guard("field-names", "two properties of one schema differ in Rust too", schemas::field_names),
    guard("evidence", "every operation has its pages and its evidence", evidence::present),
    guard("observed", "observed evidence has its day and its count, and no other has", evidence::observed),
    guard("policy", "every operation has a policy", policy::present),
    guard("policy-sense", "policies fit together, name what exists, and can be settled by the client", policy::consistency),
    guard("surface", "every operation says where it can be reached", surface::present),
    style("envelope", "an answer with a payload is allOf Envelope and the payload", responses::envelope),
    style("evidence-sources", "each fact names its page, or its source in a note", evidence::sources),
    style("seen", "what is documented has an example as the documentation prints it", evidence::seen),
    style("examples", "every request body has examples of what is sent", bodies::examples),
    style("descriptions", "operations, parameters, schemas and properties are described", descriptions::present),
    last("orphans", "a component is used by an operation, or named by its evidence", components::orphans),
    style("redacted", "what looks secret or personal has format password or personal", formats::redacted),
];

/// The rules that [`RULES`] leaves out, as the list of rules shows them: name and purpose.
pub const TEXT_RULES: [(&str, &str); 2] = [
    (
        "credentials",
        "nothing in spec/ looks like a credential or like somebody's number or address",
    ),
    (
        "unfinished",
        "no sentence in spec/ is marked as a page's own or as left to write",
    ),
];

/// Holds a spec, after `changes`, to all rules.
#[must_use]
pub fn run(sources: &Sources, changes: &Changes) -> Vec<Diagnostic> {
    let mut diagnostics = match parse(sources, changes) {
        Ok(parsed) => {
            let mut diagnostics = [parsed.diagnostics.clone(), check(&parsed, |rule| !rule.is_last)].concat();
            if diagnostics.is_empty() {
                diagnostics = check(&parsed, |rule| rule.is_last);
            }
            diagnostics
        }
        Err(diagnostics) => diagnostics,
    };
    diagnostics.extend(credentials::check(sources));
    diagnostics.extend(unfinished::check(sources));
    sorted(diagnostics)
}

/// Reads a spec, applies the changes, and checks everything that code generation relies on.
///
/// # Errors
///
/// All diagnostics, in the order in which they are printed.
pub fn load(sources: &Sources, changes: &Changes) -> Result<Spec, Vec<Diagnostic>> {
    let parsed = parse(sources, changes).map_err(sorted)?;
    let diagnostics = [parsed.diagnostics.clone(), check(&parsed, |rule| rule.guards_generator)].concat();
    if diagnostics.is_empty() {
        return Ok(parsed.into());
    }
    Err(sorted(diagnostics))
}

fn check(parsed: &ParsedSpec, wanted: fn(&Rule) -> bool) -> Vec<Diagnostic> {
    let context = LintContext::new(parsed);
    RULES
        .iter()
        .filter(|rule| wanted(rule))
        .flat_map(|rule| (rule.check)(&context))
        .collect()
}
