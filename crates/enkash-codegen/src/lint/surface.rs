//! The rule about surface.yaml: that every operation has an entry.

use super::context::LintContext;
use crate::spec::Diagnostic;
use crate::spec::source::SURFACE;

/// Without an entry nobody decided whether the operation needs a method, a command and the sandbox.
///
/// An operation that a user's overlay adds has no entry and needs none: the low level alone has it.
pub(super) fn present(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let document = context.document();
    let is_missing = |id: &str| !context.parsed.surface.operations.contains_key(id);
    context
        .operations
        .iter()
        .filter(|site| site.id().is_some_and(is_missing))
        .filter(|site| document.place(&site.at.child("operationId")).file == document.file)
        .map(|site| {
            let message = format!(
                "{} has no entry in {SURFACE}, write under high-level, cli and sandbox where it can be reached, each as \
                 {{is: NAME}} or {{not: REASON}}",
                site.name()
            );
            context.diagnostic(&site.at, message)
        })
        .collect()
}
