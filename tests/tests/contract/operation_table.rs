//! The spec, the operation table of enkash-api and the methods of the generated client name the
//! same operations and say the same of them.

use std::collections::BTreeSet;

use enkash_api::{Evidence, EvidenceLevel, OPERATIONS};
use enkash_codegen::spec::Level;
use enkash_tests::{
    calls::calls,
    spec_view::{operations, spec},
};

#[test]
fn the_table_holds_the_operations_of_the_description_and_no_others() {
    let described: Vec<_> = spec()
        .operations
        .iter()
        .map(|operation| operation.id.as_str())
        .collect();
    let table: Vec<_> = OPERATIONS.iter().map(|row| row.name).collect();
    assert_eq!(table, described);
    assert_eq!(
        described.iter().collect::<BTreeSet<_>>().len(),
        described.len(),
        "an id stands twice"
    );
}

#[test]
fn the_table_says_of_each_operation_what_the_description_says() {
    for (row, operation) in OPERATIONS.iter().zip(operations()) {
        let facts = operation.facts;
        assert_eq!(row.id.operation(), row, "{}: the id leads to another row", row.name);
        assert_eq!(row.id.to_string(), facts.id);
        assert_eq!(
            (row.rust_name, row.method, row.path),
            (&*facts.rust_name, &*facts.method, &*facts.path)
        );
        assert_eq!(row.tag, facts.tag, "{}", row.name);

        let pages: Vec<_> = row
            .pages
            .iter()
            .map(|page| (page.id, page.title, page.section))
            .collect();
        let described = facts
            .pages
            .iter()
            .map(|page| (page.id.as_deref(), &*page.title, &*page.section));
        assert_eq!(pages, described.collect::<Vec<_>>(), "{}", row.name);

        let Evidence {
            path,
            request,
            response,
            errors,
            ..
        } = row.evidence;
        let described = &facts.evidence;
        let sides = [
            &described.path,
            &described.request,
            &described.response,
            &described.errors,
        ];
        let described = sides.map(|fact| match fact.level {
            Level::Documented => EvidenceLevel::Documented,
            Level::Observed => EvidenceLevel::Observed,
            Level::Inferred => EvidenceLevel::Inferred,
            Level::Unknown => EvidenceLevel::Unknown,
        });
        assert_eq!([path, request, response, errors], described, "{}", row.name);
    }
}

#[test]
fn the_client_has_one_method_for_each_operation_and_no_others() {
    let methods: BTreeSet<_> = calls().iter().map(|call| call.method).collect();
    let described: BTreeSet<_> = spec()
        .operations
        .iter()
        .map(|operation| operation.rust_name.as_str())
        .collect();
    assert_eq!(methods, described);
    assert_eq!(calls().len(), described.len());
}

#[test]
fn an_artificial_path_stands_exactly_where_the_path_is_unknown() {
    for operation in operations() {
        let facts = operation.facts;
        let artificial = facts.path.starts_with("/-unknown-/");
        assert_eq!(
            artificial,
            facts.evidence.path.level == Level::Unknown,
            "{}: {}",
            facts.id,
            facts.path
        );
    }
}
