//! Where the hand-written code uses what is generated, found in its tokens: which files name a type, read a member, write a type
//! as a literal; and which columns of the command come from which member. Names are all that it knows, so it may say a file too
//! many, where two types have a field of one name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A larger file is no source of ours.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// The use of generated items in the crates `enkash` and `enkash-cli`.
#[derive(Clone, Debug, Default)]
pub struct SourceIndex {
    /// By path below the repository.
    pub(super) files: BTreeMap<String, SourceFile>,
}

/// What one file uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SourceFile {
    /// Every name in it.
    pub(super) names: BTreeSet<String>,
    /// The generated types that it names, as `types::Name`.
    pub(super) types: BTreeSet<String>,
    /// Every text in it, for what is read from raw JSON by name.
    pub(super) texts: BTreeSet<String>,
    /// What stands behind a dot.
    pub(super) members: BTreeSet<String>,
    /// Types that are written as literals with all of their fields.
    pub(super) literals: BTreeSet<String>,
    /// Fields of our own types, with the members that they are made of.
    pub(super) made_of: BTreeMap<String, BTreeSet<String>>,
    /// Columns, with the members that they show, and the names of raw JSON that they read.
    pub(super) columns: BTreeMap<String, Column>,
    /// Types that are defined here.
    defined: BTreeSet<String>,
}

/// What a column shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) members: BTreeSet<String>,
    pub(super) texts: BTreeSet<String>,
}

impl SourceIndex {
    /// Reads the sources below the root of a repository. What is not there, or is no Rust, is left out.
    ///
    /// ```
    /// // A folder without crates has no uses.
    /// enkash_codegen::diff::SourceIndex::read(std::path::Path::new("/nowhere"));
    /// ```
    #[must_use]
    pub fn read(root: &Path) -> Self {
        let mut index = Self::default();
        let mut folders = vec![root.join("crates/enkash/src"), root.join("crates/enkash-cli/src")];
        while let Some(folder) = folders.pop() {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            for path in entries.map(|entry| entry.path()) {
                let is_test = path.file_stem().is_some_and(|name| name == "tests");
                if path.is_dir() && !is_test {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") && !is_test {
                    index.add(root, &path);
                }
            }
        }
        index
    }

    fn add(&mut self, root: &Path, path: &Path) {
        let is_small = fs::metadata(path).is_ok_and(|file| file.len() <= MAX_BYTES);
        let text = if is_small { fs::read_to_string(path).ok() } else { None };
        let Some(tokens) = text.and_then(|text| text.parse::<TokenStream>().ok()) else {
            return;
        };
        let name = path
            .strip_prefix(root)
            .unwrap_or(path)
            .display()
            .to_string()
            .replace('\\', "/");
        self.files.insert(name, SourceFile::of(tokens));
    }
}

impl SourceFile {
    pub(super) fn of(tokens: TokenStream) -> Self {
        let mut file = Self::default();
        file.walk(tokens);
        // A type of the same name is its own, and one that is imported is written without `types::`.
        let (types, defined) = (&file.types, &file.defined);
        file.literals.retain(|name| match name.strip_prefix("types::") {
            Some(_) => true,
            None => types.contains(name) && !defined.contains(name),
        });
        file.literals = file
            .literals
            .iter()
            .map(|name| name.trim_start_matches("types::").to_owned())
            .collect();
        file
    }

    fn walk(&mut self, tokens: TokenStream) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        for (index, token) in tokens.iter().enumerate() {
            let before = |steps: usize| index.checked_sub(steps).and_then(|index| tokens.get(index));
            match token {
                TokenTree::Ident(ident) => {
                    let name = ident.to_string();
                    if is_dot(before(1)) {
                        self.members.insert(name.clone());
                    }
                    if is_colon(before(1)) && is_colon(before(2)) && is_ident(before(3), "types") {
                        self.types.insert(name.clone());
                    }
                    if ["struct", "enum"].iter().any(|word| is_ident(before(1), word)) {
                        self.defined.insert(name.clone());
                    }
                    self.names.insert(name);
                }
                TokenTree::Group(group) => {
                    match (group.delimiter(), before(1)) {
                        (Delimiter::Brace, Some(TokenTree::Ident(name))) if !is_ident(before(2), "struct") => {
                            let is_generated =
                                is_colon(before(2)) && is_colon(before(3)) && is_ident(before(4), "types");
                            let prefix = if is_generated { "types::" } else { "" };
                            self.literal(&format!("{prefix}{name}"), group.stream());
                        }
                        (Delimiter::Brace, _) if is_colon(before(1)) && is_ident(before(3), "types") => {
                            let imported = group.stream().into_iter().filter_map(|token| match token {
                                TokenTree::Ident(name) => Some(name.to_string()),
                                _ => None,
                            });
                            self.types.extend(imported);
                        }
                        (Delimiter::Parenthesis, Some(TokenTree::Ident(_))) => self.column(group.stream()),
                        _ => {}
                    }
                    self.walk(group.stream());
                }
                TokenTree::Literal(text) => self.texts.extend(unquoted(&text.to_string())),
                TokenTree::Punct(_) => {}
            }
        }
    }

    /// `Name { field: value, … }`.
    fn literal(&mut self, name: &str, content: TokenStream) {
        if !name.trim_start_matches("types::").starts_with(char::is_uppercase) {
            return;
        }
        let mut has_rest = false;
        let mut has_fields = false;
        for part in split_at_commas(content) {
            has_rest |= is_dot(part.first()) && is_dot(part.get(1));
            let [TokenTree::Ident(field), TokenTree::Punct(colon), value @ ..] = part.as_slice() else {
                continue;
            };
            if colon.as_char() != ':' || is_path(value) {
                continue;
            }
            has_fields = true;
            let mut inner = Self::default();
            inner.walk(value.iter().cloned().collect());
            let made_of = self.made_of.entry(field.to_string()).or_default();
            made_of.extend(inner.members);
            made_of.extend(inner.texts);
        }
        if has_fields && !has_rest {
            self.literals.insert(name.to_owned());
        }
    }

    /// `("key", |row| row.member)`.
    fn column(&mut self, arguments: TokenStream) {
        let parts = split_at_commas(arguments);
        let [key, read] = parts.as_slice() else { return };
        let [TokenTree::Literal(key)] = key.as_slice() else {
            return;
        };
        let Some(key) = unquoted(&key.to_string()) else { return };
        let is_closure = read
            .iter()
            .take(2)
            .any(|token| matches!(token, TokenTree::Punct(bar) if bar.as_char() == '|'));
        if is_closure {
            let mut inner = Self::default();
            inner.walk(read.iter().cloned().collect());
            let column = self.columns.entry(key).or_default();
            column.members.extend(inner.members);
            column.texts.extend(inner.texts);
        }
    }
}

fn is_dot(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Punct(dot)) if dot.as_char() == '.')
}

fn is_colon(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Punct(colon)) if colon.as_char() == ':')
}

fn is_ident(token: Option<&TokenTree>, name: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if ident == name)
}

fn unquoted(literal: &str) -> Option<String> {
    let text = literal.strip_prefix('"')?.strip_suffix('"')?;
    Some(text.to_owned())
}

/// Whether `name:` goes on as `name::more`.
fn is_path(rest: &[TokenTree]) -> bool {
    is_colon(rest.first())
}

fn split_at_commas(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut parts = vec![Vec::new()];
    for token in tokens {
        match &token {
            TokenTree::Punct(comma) if comma.as_char() == ',' => parts.push(Vec::new()),
            _ => {
                if let Some(part) = parts.last_mut() {
                    part.push(token);
                }
            }
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::SourceFile;

    fn file(text: &str) -> SourceFile {
        SourceFile::of(text.parse().unwrap())
    }

    #[test]
    fn members_types_and_literals_are_found() {
        let found =
            file("fn f(c: types::Card) -> Card { Card { balance: c.otb_balance, id: c.id } } struct Card { id: Id }");
        assert!(found.types.contains("Card") && found.members.contains("otb_balance"));
        assert!(found.made_of["balance"].contains("otb_balance"));
        // `Card` is the file's own.
        assert!(found.literals.is_empty());
    }

    #[test]
    fn a_generated_type_as_a_literal_is_found_by_its_path_and_by_its_import() {
        assert!(file("fn f() { types::Row { id: None } }").literals.contains("Row"));
        assert!(
            file("use api::types::{self, Row}; fn f() { Row { id: None } }")
                .literals
                .contains("Row")
        );
    }

    #[test]
    fn a_literal_with_a_rest_takes_more_fields() {
        assert!(
            file("fn f() { types::Card { id: None, ..Default::default() } }")
                .literals
                .is_empty()
        );
    }

    #[test]
    fn columns_know_what_they_show() {
        let found = file(
            "fn l() { new().text(\"card\", |c: &Card| c.id.as_ref()).amount(\"total\", |c| raw(c, \"orderTotal\")) }",
        );
        assert!(found.columns["card"].members.contains("id"));
        assert!(found.columns["total"].texts.contains("orderTotal"));
    }
}
