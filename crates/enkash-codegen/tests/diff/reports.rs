//! How reports are shown: each form, the schema of the JSON, what is accepted, and the high level.

use std::path::Path;

use enkash_codegen::diff::{
    Accepted, Category, Description, Files, Finding, Format, Report, SCHEMA, Severity, SourceIndex, compare,
    compare_with_uses,
};
use enkash_codegen::spec::{Source, Sources};
use serde_json::{Value, json};

use crate::pairs::{Side, all};

fn repository() -> &'static Path {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    root.expect("the crate lies in the repository")
}

/// The report about the base after an edit of one type.
fn report(schema: &str, value: Value) -> Report {
    let old = Side::base();
    let mut new = old.clone();
    new.document["components"]["schemas"][schema]["properties"] = value;
    compare(&old.description(), &new.description())
}

fn gone() -> Report {
    report("Record", json!({"name": {"type": "string"}}))
}

fn accepting(finding: &Finding) -> Accepted {
    let text = format!(
        "accepted:\n  - {{fingerprint: '{}', reason: Nobody | has it., date: '2026-01-31'}}\n",
        finding.fingerprint
    );
    Accepted::read(&Source::text("accepted-changes.yaml", text)).expect("it keeps the rules")
}

#[test]
fn a_text_has_a_headline_and_a_line_for_each_category() {
    let report = gone();
    let print = &report.findings[0].fingerprint;
    assert_eq!(
        report.render(Format::Text, &Accepted::default()),
        format!(
            "1 change: 1 breaks at compile time\n\
             breaks at compile time  field removed  Record.count: was optional integer (int64)  [{print}]\n  \
             rust       types::Record::count\n"
        )
    );
}

#[test]
fn what_is_accepted_is_marked_and_no_longer_counts() {
    let report = gone();
    let accepted = accepting(&report.findings[0]);
    assert_eq!(Accepted::default().worst(&report.findings), Severity::CompileTime);
    assert_eq!(accepted.worst(&report.findings), Severity::None);
    let text = report.render(Format::Text, &accepted);
    assert!(text.contains("  accepted   Nobody | has it. (2026-01-31)\n"), "{text}");
}

#[test]
fn what_is_accepted_and_does_not_occur_is_reported() {
    let accepted = accepting(&gone().findings[0]);
    let base = Side::base().description();
    let report = compare(&base, &base);
    assert_eq!(accepted.stale(&report.findings).len(), 1);
    for format in [Format::Text, Format::Json, Format::Github] {
        let text = report.render(format, &accepted);
        assert!(text.contains("Nobody | has it."), "{text}");
    }
}

#[test]
fn a_file_of_accepted_changes_keeps_its_rules() {
    let mistakes = |entry: &str| {
        let text = format!("accepted:\n  - {entry}\n");
        let found = Accepted::read(&Source::text("a.yaml", text)).expect_err("it has a mistake");
        found.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        mistakes("{fingerprint: abc, reason: ' ', date: 'soon'}"),
        [
            "a.yaml:2: a fingerprint has 16 hexadecimal digits, in quotes if all are decimal",
            "a.yaml:2: write why the change may be made",
            "a.yaml:2: write the day as 'YYYY-MM-DD', in quotes",
        ]
    );
    let twice = "{fingerprint: 0123456789abcdef, reason: A., date: '2026-01-31'}\n  - {fingerprint: 0123456789abcdef, reason: A., date: '2026-01-31'}";
    assert_eq!(mistakes(twice), ["a.yaml:3: this change is accepted already"]);
}

#[test]
fn markdown_keeps_its_table_whole() {
    let report = gone();
    let text = report.render(Format::Markdown, &accepting(&report.findings[0]));
    let rows: Vec<_> = text.lines().filter(|line| line.starts_with('|')).collect();
    assert_eq!(rows.len(), 3, "{text}");
    let bars = |row: &str| row.replace("\\|", "").matches('|').count();
    assert!(rows.iter().all(|row| bars(row) == 8), "{text}");
}

#[test]
fn annotations_name_file_and_line_and_stay_on_their_line() {
    let document = |kind: &str| {
        let text = format!(
            "components:\n  schemas:\n    Card:\n      type: object\n      properties:\n        id: {{type: {kind}}}\n"
        );
        let document = Some(Source::text("spec/rewards.yaml", text));
        let files = Files {
            document,
            ..Files::default()
        };
        Description::read(&files).expect("it is YAML")
    };
    let report = compare(&document("string"), &document("integer"));
    let text = report.render(Format::Github, &Accepted::default());
    let head = "::error file=spec/rewards.yaml,line=6,title=breaks at compile time%3A type changed Card.id::string → integer (int64)%0A";
    assert!(text.starts_with(head), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    let accepted = report.render(Format::Github, &accepting(&report.findings[0]));
    assert!(accepted.starts_with("::notice "), "{accepted}");
}

#[test]
fn the_changelog_must_name_what_is_accepted_and_breaks() {
    let report = gone();
    let accepted = accepting(&report.findings[0]);
    let draft = report.render(Format::Changelog, &accepted);
    assert!(
        draft.starts_with("### Breaking\n\n* `Record.count`: field removed"),
        "{draft}"
    );
    let changelog = |entry: &str| format!("# Changelog\n\n## Unreleased\n\n{entry}\n\n## 0.1.0\n\n* `Record.count`\n");
    assert!(report.missing_in_changelog(&changelog(&draft), &accepted).is_empty());
    assert_eq!(report.missing_in_changelog(&changelog("Nothing."), &accepted).len(), 1);
    // What nobody accepted stops the check by itself.
    assert!(
        report
            .missing_in_changelog(&changelog("Nothing."), &Accepted::default())
            .is_empty()
    );
}

#[test]
fn the_json_of_every_pair_keeps_the_published_schema() {
    let schema: Value = serde_json::from_str(SCHEMA).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    for pair in all().iter().step_by(5) {
        let report = compare(&pair.old.description(), &pair.new.description());
        let accepted = report.findings.first().map(accepting).unwrap_or_default();
        let json: Value = serde_json::from_str(&report.render(Format::Json, &accepted)).expect("it is JSON");
        let found: Vec<_> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
        assert!(found.is_empty(), "{}: {found:?}", pair.name);
    }
    assert!(!validator.is_valid(&json!({"version": 1})));
}

#[test]
fn fingerprints_are_the_same_wherever_a_change_stands() {
    let alone = gone();
    let beside = {
        let old = Side::base();
        let mut new = old.clone();
        new.document["components"]["schemas"]["Record"]["properties"] = json!({"name": {"type": "string"}});
        new.document["components"]["schemas"]["Item"]["properties"]["more"] = json!({"type": "string"});
        compare(&old.description(), &new.description())
    };
    assert_eq!(beside.findings.len(), 2);
    assert_eq!(alone.findings[0].fingerprint, beside.findings[0].fingerprint);
}

/// The effect on the high level of a change of the real document.
fn high_level(edit: fn(&mut Value)) -> (Severity, String) {
    let files = Files::from(&Sources::in_repository(repository()));
    let old = Description::read(&files).expect("spec/ is YAML");
    let text = std::fs::read_to_string(repository().join("spec/rewards.yaml")).expect("it is there");
    let mut document = enkash_codegen::spec::yaml_to_json(&text).expect("it is YAML");
    edit(&mut document);
    let files = Files {
        document: Some(Source::text("spec/rewards.yaml", document.to_string())),
        ..files
    };
    let new = Description::read(&files).expect("JSON is YAML");
    let report = compare_with_uses(&old, &new, &SourceIndex::read(repository()));
    let [finding] = report.findings.as_slice() else {
        panic!("{:?}", report.findings)
    };
    let effect = finding
        .effects
        .iter()
        .find(|effect| effect.category == Category::HighLevel);
    effect.map_or((Severity::None, String::new()), |effect| {
        (effect.severity, effect.text.clone())
    })
}

fn take(document: &mut Value, schema: &str, field: &str) {
    let fields = document["components"]["schemas"][schema]["properties"].as_object_mut();
    fields
        .and_then(|fields| fields.remove(field))
        .expect("the field is there");
}

#[test]
fn a_field_names_the_wrappers_columns_and_files_that_read_it() {
    let (severity, text) = high_level(|document| take(document, "Card", "otbBalance"));
    assert_eq!(severity, Severity::CompileTime);
    for part in [
        "Rewards::cards",
        "enkash cards",
        "balance (enkash cards)",
        "crates/enkash/src/rewards/cards.rs",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_field_that_no_wrapper_reads_breaks_no_wrapper_at_compile_time() {
    let (severity, text) = high_level(|document| take(document, "Card", "expiryYear"));
    assert!(severity < Severity::CompileTime, "{severity} {text}");
}

#[test]
fn a_column_that_reads_raw_json_is_found_by_the_name_on_the_wire() {
    let (_, text) = high_level(|document| take(document, "OrderInfo", "orderStatus"));
    assert!(text.contains("status (enkash order"), "{text}");
}

#[test]
fn a_new_field_breaks_what_writes_its_type_as_a_literal() {
    let add = |document: &mut Value| {
        document["components"]["schemas"]["BulkAllocateRow"]["properties"]["extra"] = json!({"type": "boolean"});
    };
    let (severity, text) = high_level(add);
    assert_eq!(severity, Severity::CompileTime);
    assert!(text.contains("literals in crates/enkash/src/rewards/bulk.rs"), "{text}");
}
