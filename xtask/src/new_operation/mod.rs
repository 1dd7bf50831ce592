//! `cargo xtask new-operation`: makes of a page, or of a request and a response, what a new operation needs in the repository.
//!
//! The command calls [`plan`], which writes nothing: it returns every file as it would be, after the rules of the spec were held
//! against all of them. Whatever nobody stated is a marked sentence that lint refuses, or a question.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use enkash_codegen::lint::{self, MARK};
use enkash_codegen::spec::{Changes, Operation, Source, Sources, Spec};
use heck::{ToSnakeCase, ToUpperCamelCase};

mod evidence;
mod filled;
pub mod input;
pub mod insertion;
pub mod json;
pub mod known;
mod markdown;
mod operation;
pub mod page;
mod parameters;
mod schemas;
pub mod shape;
pub mod steps;
pub mod synthetic;
pub mod yaml;

use input::{Arguments, Input};
use insertion::{entries, inserted, last_content, prove};

const REWARDS: &str = "spec/rewards.yaml";
const POLICY: &str = "spec/policy.yaml";
const SURFACE: &str = "spec/surface.yaml";
const DISPATCH: &str = "crates/enkash-sandbox/src/operations/mod.rs";
const CONTRACT: &str = "tests/tests/contract/served.rs";

/// A file as it is and as it would be.
#[derive(Debug)]
pub struct FileChange {
    /// Below the root.
    pub path: &'static str,
    /// As it is.
    pub before: String,
    /// As it would be.
    pub after: String,
}

/// Everything that the command would do.
#[derive(Debug)]
pub struct Plan {
    /// The operationId.
    pub id: String,
    /// The files, written by hand until now.
    pub files: Vec<FileChange>,
    /// The spec as it would be, for what is generated from it.
    pub spec: Spec,
    /// How many sentences wait for a person.
    pub marks: usize,
    /// What could not be read, each with its place.
    pub faults: Vec<String>,
    /// What a person has to decide.
    pub questions: Vec<String>,
}

/// Plans a new operation.
///
/// # Errors
///
/// Something is missing or out of bounds, the operation exists, a file has no place for it, or the result would break a rule.
pub fn plan(root: &Path, arguments: &Arguments) -> Result<Plan> {
    let mut input = input::read(arguments)?;
    let present = lint::load(&Sources::in_repository(root), &Changes::default());
    let spec = present.map_err(|found| match found.first() {
        Some(first) => anyhow::anyhow!("spec/ has to be in order first: {first}; see cargo xtask lint"),
        None => anyhow::anyhow!("spec/ cannot be read; see cargo xtask lint"),
    })?;
    let id = input.id.clone();
    let path = input.path.clone().unwrap_or_else(|| format!("/-unknown-/{id}"));
    refuse_existing(root, &input, &path, &spec)?;
    let tag = tag(&input, &spec)?;

    let written = operation::written(&mut input, &path, &tag, &spec.document);
    let files = vec![
        rewards(root, &input, &path, &tag, &spec, &written)?,
        policy(root, &id, &tag, &spec)?,
        surface(root, &id, &tag, &spec)?,
        dispatch(root, &id)?,
        contract(root, &id)?,
    ];
    let (spec, marks) = checked(root, &files)?;
    let mut questions = written.questions;
    questions.extend(input.questions);
    Ok(Plan {
        id,
        files,
        spec,
        marks,
        faults: input.faults,
        questions,
    })
}

fn refuse_existing(root: &Path, input: &Input, path: &str, spec: &Spec) -> Result<()> {
    let text = read(root, REWARDS)?;
    let line = |id: &str| {
        let wanted = format!("operationId: {id}");
        text.lines()
            .position(|line| line.trim() == wanted)
            .map_or(0, |index| index + 1)
    };
    for Operation {
        id,
        rust_name,
        method,
        path: known,
        ..
    } in &spec.operations
    {
        let remedy = "edit it there, or give another --id";
        ensure!(
            *id != input.id && *rust_name != input.id.to_snake_case(),
            "{REWARDS}:{}: {id} exists already, {method} {known}: {remedy}",
            line(id)
        );
        ensure!(
            *method != input.method || *known != path,
            "{REWARDS}:{}: {method} {known} is {id} already: add the page to its `pages`, for several pages of one method and path \
             are one operation",
            line(id)
        );
    }
    Ok(())
}

/// The tag that was typed, or the one that the page's navigation names.
fn tag(input: &Input, spec: &Spec) -> Result<String> {
    let tags = spec.document["tags"].as_array().into_iter().flatten();
    let names: Vec<_> = tags.filter_map(|tag| tag["name"].as_str()).collect();
    let all = names.join(", ");
    if let Some(typed) = &input.tag {
        ensure!(
            names.contains(&typed.as_str()),
            "--tag {typed}: no tag of {REWARDS}; its tags are {all}"
        );
        return Ok(typed.clone());
    }
    let navigation = input.navigation.as_deref().unwrap_or_default();
    let found: Vec<_> = names.iter().filter(|name| navigation.contains(**name)).collect();
    match found.as_slice() {
        [only] => Ok((**only).to_owned()),
        _ => bail!("the page's section names no tag of {REWARDS}: give --tag, one of {all}"),
    }
}

fn read(root: &Path, path: &str) -> Result<String> {
    fs::read_to_string(root.join(path)).with_context(|| format!("{path} cannot be read"))
}

/// The ids of the operations that have this tag.
fn siblings<'s>(spec: &'s Spec, tag: &str) -> Vec<&'s Operation> {
    spec.operations
        .iter()
        .filter(|operation| operation.tag == tag)
        .collect()
}

fn rewards(
    root: &Path,
    input: &Input,
    path: &str,
    tag: &str,
    spec: &Spec,
    written: &operation::Written,
) -> Result<FileChange> {
    let before = read(root, REWARDS)?;
    let text: Vec<_> = before.lines().collect();
    let paths = entries(&text, 0, 0, "paths").with_context(|| format!("{REWARDS} has no `paths`"))?;
    let is_there = paths.keys.iter().any(|(known, _)| known == path);
    let of_tag = siblings(spec, tag);
    let place = if is_there {
        paths.behind(&text, |known| known == path)
    } else {
        paths.behind(&text, |known| of_tag.iter().any(|operation| operation.path == known))
    };
    let mut block = Vec::new();
    if !is_there {
        block.extend([String::new(), format!("  {path}:")]);
    }
    block.extend(written.operation.iter().map(|line| format!("    {line}")));
    let with_operation = inserted(&before, place, &block);

    let lines: Vec<_> = with_operation.lines().collect();
    let start = lines
        .iter()
        .position(|line| line.trim_end() == "components:")
        .with_context(|| format!("{REWARDS} has no `components`"))?;
    let schemas =
        entries(&lines, start, 2, "schemas").with_context(|| format!("{REWARDS} has no `components.schemas`"))?;
    let place = group_end(&lines, start, schemas.end, tag);
    let mut block = Vec::new();
    for (name, component) in &written.components {
        block.push(format!("    {name}:"));
        block.extend(component.iter().map(|line| format!("    {line}")));
    }
    let after = inserted(&with_operation, place, &block);

    let operation = match is_there {
        true => vec!["paths".to_owned(), path.to_owned(), input.method.to_lowercase()],
        false => vec!["paths".to_owned(), path.to_owned()],
    };
    let names = written.components.iter().map(|(name, _)| name);
    let mut added = vec![operation];
    added.extend(names.map(|name| vec!["components".to_owned(), "schemas".to_owned(), name.clone()]));
    prove(REWARDS, &before, &after, &added)?;
    Ok(FileChange {
        path: REWARDS,
        before,
        after,
    })
}

/// The index behind the schemas that stand under the comment of this tag; behind all of them where none has it.
fn group_end(lines: &[&str], start: usize, end: usize, tag: &str) -> usize {
    let is_head = |line: &&str| line.starts_with("    # ");
    let head = format!("    # {tag}.");
    let Some(from) = lines[start..end].iter().position(|line| line.trim_end() == head) else {
        return end;
    };
    let from = start + from + 1;
    let next = lines[from..end]
        .iter()
        .position(is_head)
        .map_or(end, |index| from + index);
    last_content(lines, next)
}

fn policy(root: &Path, id: &str, tag: &str, spec: &Spec) -> Result<FileChange> {
    let block = [
        String::new(),
        format!("  {id}:"),
        "    effect: moves-value".to_owned(),
        "    repeat: never".to_owned(),
        "    after-401: unknown".to_owned(),
        "    settlement:".to_owned(),
        "      evidence: none".to_owned(),
        format!(
            "    note: '{MARK} the strictest entry; say what the operation does with value, and how that is known'"
        ),
    ];
    entry(root, POLICY, id, &siblings(spec, tag), &block)
}

fn surface(root: &Path, id: &str, tag: &str, spec: &Spec) -> Result<FileChange> {
    let open = |words: &str| format!("{{not: '{MARK} {words}'}}");
    let block = [
        format!("  {id}:"),
        format!("    high-level: {}", open("name the method, or say why there is none")),
        format!("    cli: {}", open("name the command, or say why there is none")),
        format!("    sandbox: {}", open("is served, or say why it is not")),
    ];
    entry(root, SURFACE, id, &siblings(spec, tag), &block)
}

/// A file of spec/ with an entry more among its operations, behind those of the same tag.
fn entry(root: &Path, path: &'static str, id: &str, of_tag: &[&Operation], block: &[String]) -> Result<FileChange> {
    let before = read(root, path)?;
    let lines: Vec<_> = before.lines().collect();
    let operations = entries(&lines, 0, 0, "operations").with_context(|| format!("{path} has no `operations`"))?;
    let place = operations.behind(&lines, |key| of_tag.iter().any(|operation| operation.id == key));
    let after = inserted(&before, place, block);
    prove(path, &before, &after, &[vec!["operations".to_owned(), id.to_owned()]])?;
    Ok(FileChange { path, before, after })
}

/// The sandbox with an arm that says that nobody wrote it yet, so that everything compiles.
fn dispatch(root: &Path, id: &str) -> Result<FileChange> {
    let before = read(root, DISPATCH)?;
    let lines: Vec<_> = before.lines().collect();
    let remedy = "has no `fn dispatch` with a match over the operations, so the arm has no place";
    let start = lines
        .iter()
        .position(|line| line.contains("fn dispatch("))
        .with_context(|| format!("{DISPATCH} {remedy}"))?;
    let end = lines[start..]
        .iter()
        .position(|line| line.trim_end() == "    }")
        .with_context(|| format!("{DISPATCH} {remedy}"))?;
    let arm = [
        format!(
            "        Operation::{} => Err(Refusal::status(",
            id.to_upper_camel_case()
        ),
        "            StatusCode::NOT_IMPLEMENTED,".to_owned(),
        format!("            \"{id} is not written yet\","),
        "        )),".to_owned(),
    ];
    let after = inserted(&before, start + end, &arm);
    Ok(FileChange {
        path: DISPATCH,
        before,
        after,
    })
}

/// The contract test that fails until the operation is served.
fn contract(root: &Path, id: &str) -> Result<FileChange> {
    let before = read(root, CONTRACT)?;
    let name = format!("{}_is_served", id.to_snake_case());
    ensure!(
        !before.contains(&format!("fn {name}(")),
        "{CONTRACT}: {name} is there already"
    );
    let test = [
        String::new(),
        "#[tokio::test]".to_owned(),
        format!("async fn {name}() {{"),
        format!("    assert_served(\"{id}\").await;"),
        "}".to_owned(),
    ];
    let after = inserted(&before, before.lines().count(), &test);
    Ok(FileChange {
        path: CONTRACT,
        before,
        after,
    })
}

/// The spec as it would be, and the number of its marks. All other rules have to hold.
fn checked(root: &Path, files: &[FileChange]) -> Result<(Spec, usize)> {
    let changed = |path: &str, source: Source| {
        let file = files.iter().find(|file| file.path == path);
        file.map_or(source, |file| Source::text(path, file.after.clone()))
    };
    let present = Sources::in_repository(root);
    let sources = Sources {
        document: changed(REWARDS, present.document),
        policy: changed(POLICY, present.policy),
        surface: changed(SURFACE, present.surface),
        ..present
    };
    let found = lint::run(&sources, &Changes::default());
    let (marks, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|found| found.message.starts_with(MARK));
    if !others.is_empty() {
        let lines: Vec<_> = others.iter().map(ToString::to_string).collect();
        bail!(
            "the result would break rules of spec/README.md, and nothing is written (lines are those of the new text):\n{}",
            lines.join("\n")
        );
    }
    let spec = lint::load(&sources, &Changes::default())
        .ok()
        .context("lint found nothing, and the spec cannot be loaded")?;
    Ok((spec, marks.len()))
}
