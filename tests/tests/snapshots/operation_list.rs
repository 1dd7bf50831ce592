//! The list of all operations: what each one is, how well it is known and what it does with value.

use enkash_codegen::spec::{DocPage, Evidence};
use enkash_tests::spec_view::operations;

use crate::columns::aligned;

/// The list, sorted like the pages of the operations.
pub(crate) fn text() -> String {
    let mut rows: Vec<_> = operations()
        .map(|operation| {
            let facts = operation.facts;
            [
                facts.tag.clone(),
                facts.id.clone(),
                facts.method.clone(),
                facts.path.clone(),
                evidence_letters(&facts.evidence),
                facts.policy.effect.as_str().to_owned(),
                facts.policy.repeat.as_str().to_owned(),
                facts.policy.settlement.evidence.as_str().to_owned(),
                facts.pages.iter().map(page_name).collect::<Vec<_>>().join(", "),
            ]
        })
        .collect();
    rows.sort();
    let heads = [
        "tag",
        "operation",
        "method",
        "path",
        "evidence",
        "effect",
        "repeat",
        "settlement",
        "pages",
    ];
    let count = rows.len();
    let table = aligned(0, std::iter::once(heads.map(str::to_owned)).chain(rows));
    format!(
        "{count} operations. Evidence of path, request, response, errors: d(ocumented), i(nferred), u(nknown).\n\n{table}"
    )
}

fn evidence_letters(evidence: &Evidence) -> String {
    let sides = [&evidence.path, &evidence.request, &evidence.response, &evidence.errors];
    sides.map(|fact| &fact.level.as_str()[..1]).join(" ")
}

fn page_name(page: &DocPage) -> String {
    page.id.clone().unwrap_or_else(|| format!("{:?}", page.title))
}
