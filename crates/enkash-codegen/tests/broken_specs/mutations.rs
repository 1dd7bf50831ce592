//! What no list of mistakes can show: that no text makes the loader panic, and that no mistyped key passes in silence.

use std::panic::catch_unwind;

use crate::*;

/// Damage to one line.
type Damage = fn(&str) -> String;

/// What happens to a line while somebody edits it, or when somebody means harm.
const DAMAGE: [(&str, Damage); 6] = [
    ("indented", |line| format!(" {line}")),
    ("doubled", |line| format!("{line}\n{line}")),
    ("cut in half", |line| {
        line.chars().take(line.chars().count() / 2).collect()
    }),
    ("without its value", |line| key_of(line).to_owned()),
    ("with a list as value", |line| format!("{} [[]]", key_of(line))),
    ("with odd characters", |line| line.replace(['a', 'e'], "&*\u{e9}\t")),
];

fn key_of(line: &str) -> &str {
    line.split_inclusive(':').next().unwrap_or_default()
}

#[test]
fn no_deleted_line_makes_anything_panic() {
    damage_every_line(|_, _| ("deleted", String::new()));
}

#[test]
fn no_damaged_line_makes_anything_panic() {
    damage_every_line(|index, line| {
        let (name, damage) = DAMAGE[index % DAMAGE.len()];
        (name, damage(line))
    });
}

fn damage_every_line(damage: fn(usize, &str) -> (&'static str, String)) {
    for file in [REWARDS, POLICY, SANDBOX, SURFACE] {
        let mut repository = base();
        let text = repository.text(file);
        let lines: Vec<_> = text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let (name, damaged) = damage(index, line);
            let mut edited: Vec<_> = lines.iter().map(ToString::to_string).collect();
            edited[index] = damaged;
            repository = repository.and_replaced(file, edited.join("\n"));
            let root = repository.root.clone();
            let what = format!("{file}:{} {name}", index + 1);
            let findings = catch_unwind(|| lint::run(&spec::Sources::in_repository(&root), &spec::Changes::default()));
            let findings = findings.unwrap_or_else(|_| panic!("{what} makes it panic"));
            for found in &findings {
                assert_is_useful(found, &what);
            }
        }
    }
}

fn assert_is_useful(found: &spec::Diagnostic, what: &str) {
    let lines = match found.file.as_str() {
        REWARDS => include_str!("base/rewards.yaml").lines().count(),
        POLICY => include_str!("base/policy.yaml").lines().count(),
        SANDBOX => include_str!("base/sandbox.overlay.yaml").lines().count(),
        SURFACE => include_str!("base/surface.yaml").lines().count(),
        other => panic!("{what}: {other} is no file of the spec"),
    };
    // A doubled line is one line more, and a text can end after its last line.
    assert!((1..=lines + 2).contains(&found.line), "{what}: {found}");
    assert!(!found.message.trim().is_empty(), "{what}: {found}");
}

/// The keys that OpenAPI, evidence, policy and overlays give a meaning to.
#[rustfmt::skip]
const KEYS: [&str; 60] = [
    "openapi", "info", "title", "version", "security", "tags", "paths", "get", "post", "patch", "operationId",
    "summary", "description", "parameters", "requestBody", "required", "content", "schema", "examples", "responses",
    "x-enkash", "pages", "id", "section", "evidence", "path", "request", "response", "errors", "level", "page", "note",
    "seen", "kind", "complete", "components", "securitySchemes", "scheme", "schemas", "properties", "type", "format",
    "enum", "allOf", "oneOf", "items", "operations", "effect", "repeat", "after-401", "reference", "sent-as",
    "settlement", "steps", "find", "high-level", "cli", "sandbox", "is", "not",
];

#[test]
fn no_mistyped_key_passes_in_silence() {
    let mut tried = 0;
    for file in [REWARDS, POLICY, SANDBOX, SURFACE] {
        let mut repository = base();
        let text = repository.text(file);
        for key in KEYS {
            for (start, _) in text.match_indices(&format!("{key}:")) {
                let before = &text[..start];
                let is_whole_key = before.ends_with([' ', '{', '\n']) || before.is_empty();
                // The two properties that are named like keys may have any name.
                let is_property = text[start..].starts_with("tags:\n          type")
                    || text[start..].starts_with("reference:\n          type");
                // Inside of an example everything is somebody's data.
                let is_data = before.ends_with("amount: 11, ");
                if !is_whole_key || is_property || is_data {
                    continue;
                }
                let mistyped = format!("{before}{}{}", &key[..key.len() - 1], &text[start + key.len()..]);
                repository = repository.and_replaced(file, mistyped);
                let line = 1 + before.matches('\n').count();
                assert!(
                    !repository.lint().is_empty(),
                    "{file}:{line}: nothing is said about a mistyped {key}"
                );
                tried += 1;
            }
        }
    }
    assert!(tried > 200, "only {tried} keys were found");
}
