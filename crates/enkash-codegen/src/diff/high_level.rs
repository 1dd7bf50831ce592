//! Which wrappers, commands and columns a change touches: those that the surface file names for its operations, narrowed by
//! where the hand-written code uses the generated item.

use std::collections::BTreeSet;

use heck::ToUpperCamelCase;

use super::comparison::Comparison;
use super::finding::{Category, Change, Severity};
use super::rust_names::function_name;
use super::source_index::{SourceFile, SourceIndex};
use super::surface;
use super::usage::shortened;

const WRAPPERS: &str = "crates/enkash/src/";
const COMMANDS: &str = "crates/enkash-cli/src/";

/// Adds the effect on the high level to every change that touches it.
pub(super) fn add(comparison: &Comparison<'_>, index: &SourceIndex, changes: &mut [Change]) {
    for change in changes {
        let is_said = change
            .effects
            .iter()
            .any(|effect| effect.category == Category::HighLevel);
        if !is_said {
            touched(comparison, index, change);
        }
    }
}

fn severity_of(change: &Change, category: Category) -> Severity {
    let effect = change.effects.iter().find(|effect| effect.category == category);
    effect.map_or(Severity::None, |effect| effect.severity)
}

fn touched(comparison: &Comparison<'_>, index: &SourceIndex, change: &mut Change) {
    let named = |key: &str| -> BTreeSet<String> {
        let sides = [&comparison.new.surface, &comparison.old.surface];
        let ids = change.operations.iter();
        ids.flat_map(|id| {
            let mut sides = sides.iter().map(|side| surface::names(side, id, key));
            sides.find(|names| !names.is_empty()).unwrap_or_default()
        })
        .collect()
    };
    let (wrappers, commands) = (named("high-level"), named("cli"));
    let uses = uses(index, change);
    let in_use = if index.files.is_empty() {
        !wrappers.is_empty()
    } else {
        !uses.is_empty()
    };
    let others = [Category::Wire, Category::Evidence, Category::Policy];
    let of_calls = others.into_iter().map(|category| severity_of(change, category)).max();
    let of_calls = of_calls.filter(|_| !wrappers.is_empty()).unwrap_or(Severity::None);
    let mut of_code = if in_use {
        severity_of(change, Category::Rust)
    } else {
        Severity::None
    };
    let literals = literals(index, change);
    if change.rule == "field-added" && !literals.is_empty() {
        of_code = Severity::CompileTime;
    }
    let severity = of_calls.max(of_code);
    if severity == Severity::None {
        return;
    }
    let mut parts = Vec::new();
    if !wrappers.is_empty() {
        parts.push(shortened(&wrappers));
    }
    if !commands.is_empty() {
        parts.push(shortened(&commands));
    }
    let columns = columns(index, change, &uses, &commands);
    if !columns.is_empty() {
        parts.push(format!("columns {}", shortened(&columns)));
    }
    if of_code > Severity::Compatible && !uses.is_empty() {
        parts.push(shortened(&uses));
    } else if !literals.is_empty() {
        parts.push(format!("literals in {}", shortened(&literals)));
    }
    *change = change.clone().effect(Category::HighLevel, severity, parts.join("; "));
}

/// The last part of a path of Rust.
fn last(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

/// The files that use the item of a change.
fn uses(index: &SourceIndex, change: &Change) -> BTreeSet<String> {
    let items = &change.items;
    let type_name = items.type_name.as_deref().map(last);
    let function = items.function.as_deref().map(last);
    let functions: Vec<_> = change.operations.iter().map(|id| function_name(id)).collect();
    let variants: Vec<_> = change.operations.iter().map(|id| id.to_upper_camel_case()).collect();
    let names_type = |file: &SourceFile| type_name.is_some_and(|name| file.types.contains(name));
    // What is read from a response has its type without naming it.
    let calls = |file: &SourceFile| functions.iter().any(|name| file.members.contains(name));
    let is_use = |file: &SourceFile| match (type_name, function, items.member.as_deref()) {
        // A variant of words stands behind its type.
        (Some(_), _, Some(member)) if member.starts_with(char::is_uppercase) => {
            names_type(file) && file.names.contains(member)
        }
        (Some(_), _, Some(member)) => {
            let is_set = file.made_of.contains_key(member) && names_type(file);
            let is_read_raw = items.wire_name.as_ref().is_some_and(|name| file.texts.contains(name));
            ((file.members.contains(member) || is_read_raw) && (names_type(file) || calls(file))) || is_set
        }
        (Some(_), _, None) => names_type(file),
        (None, Some(function), None) => {
            file.members.contains(function) || variants.iter().any(|variant| file.names.contains(variant))
        }
        (None, Some(function), Some(member)) => {
            file.members.contains(function) && (member == "send" || file.members.contains(member))
        }
        (None, None, _) => false,
    };
    let files = index.files.iter().filter(|(name, _)| name.starts_with(WRAPPERS));
    files
        .filter(|(_, file)| is_use(file))
        .map(|(name, _)| name.clone())
        .collect()
}

/// The files that write the type of a change with all of its fields.
fn literals(index: &SourceIndex, change: &Change) -> BTreeSet<String> {
    let Some(name) = change.items.type_name.as_deref().map(last) else {
        return BTreeSet::new();
    };
    let files = index.files.iter().filter(|(_, file)| file.literals.contains(name));
    files.map(|(name, _)| name.clone()).collect()
}

/// The columns of the commands that show the member of a change, through the fields of the high level that are made of it.
fn columns(
    index: &SourceIndex,
    change: &Change,
    uses: &BTreeSet<String>,
    commands: &BTreeSet<String>,
) -> BTreeSet<String> {
    let Some(member) = change.items.member.as_deref() else {
        return BTreeSet::new();
    };
    let wire_name = change.items.wire_name.as_deref().unwrap_or(member);
    let wrappers = uses.iter().filter_map(|name| index.files.get(name));
    let made: BTreeSet<_> = wrappers
        .flat_map(|file| {
            file.made_of
                .iter()
                .filter(|(_, from)| from.contains(member) || from.contains(wire_name))
        })
        .map(|(name, _)| name)
        .collect();
    let mut found = BTreeSet::new();
    for (path, file) in &index.files {
        let Some(command) = command_of(path, commands) else {
            continue;
        };
        for (column, shown) in &file.columns {
            if shown.texts.contains(wire_name) || shown.members.iter().any(|member| made.contains(member)) {
                found.insert(format!("{column} ({command})"));
            }
        }
    }
    found
}

/// The command whose file this is, if it is one of these: `enkash order show` stands in `commands/order/show.rs`.
fn command_of<'c>(path: &str, commands: &'c BTreeSet<String>) -> Option<&'c str> {
    let path = path
        .strip_prefix(COMMANDS)?
        .strip_prefix("commands/")?
        .strip_suffix(".rs")?;
    let steps: Vec<_> = path.split('/').filter(|step| *step != "mod").collect();
    let fits = |command: &&String| {
        let words: Vec<_> = command
            .split(' ')
            .skip(1)
            .filter(|word| !word.starts_with('-'))
            .collect();
        !words.is_empty()
            && steps.first() == words.first()
            && (steps.len() < 2 || words.len() < 2 || steps[1] == words[1])
    };
    // What several commands of a folder share is named by the first.
    let shared = |command: &&String| {
        let words: Vec<_> = command.split(' ').skip(1).collect();
        steps.len() == 2 && words.first() == steps.first() && steps[1].contains('_')
    };
    let found = commands.iter().find(fits).or_else(|| commands.iter().find(shared));
    found.map(String::as_str)
}
