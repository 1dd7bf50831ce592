//! A program that uses all of a generated client: it sets every field of what is sent by the builders, reads every field of what
//! is received with its type, names every word, and makes every call.

use std::collections::BTreeSet;
use std::fmt::Write;

use quote::ToTokens;
use serde_json::Value;
use syn::{Fields, File, GenericArgument, ImplItem, ImplItemFn, Item, ItemMod, PathArguments, ReturnType, Type};

use crate::pairs::Side;

/// Which types travel in which direction, by their Rust names.
pub(super) struct Directions {
    sent: BTreeSet<String>,
    received: BTreeSet<String>,
}

impl Directions {
    /// On either side.
    pub(super) fn of(old: &Side, new: &Side) -> Self {
        let mut found = Self {
            sent: BTreeSet::new(),
            received: BTreeSet::new(),
        };
        for document in [&old.document, &new.document] {
            for (_, item) in document["paths"].as_object().into_iter().flatten() {
                for (_, operation) in item.as_object().into_iter().flatten() {
                    follow(document, &operation["requestBody"], &mut found.sent);
                    follow(document, &operation["responses"], &mut found.received);
                }
            }
        }
        found
    }

    /// Programs read what is not only sent.
    fn is_read(&self, name: &str) -> bool {
        self.received.contains(name) || !self.sent.contains(name)
    }
}

fn follow(document: &Value, value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
                let name = reference.rsplit('/').next().unwrap_or_default().to_owned();
                if found.insert(name) {
                    let target = document.pointer(reference.trim_start_matches('#'));
                    follow(document, target.unwrap_or(&Value::Null), found);
                }
            }
            map.values().for_each(|value| follow(document, value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| follow(document, value, found)),
        _ => {}
    }
}

/// The program. It stands beside the modules `types` and `client`.
pub(super) fn caller(types: &str, calls: &str, directions: &Directions) -> String {
    let (types, calls) = (parsed(types), parsed(calls));
    let mut out = String::from("use super::client::Client;\nuse super::types::{self, *};\n");
    for item in items_of(&types, "types") {
        match item {
            Item::Struct(found) => {
                let name = found.ident.to_string();
                if directions.is_read(&name) {
                    reads(&mut out, &name, &found.fields);
                }
                if directions.sent.contains(&name) {
                    sets(&mut out, &name, &found.fields);
                }
            }
            Item::Enum(found) => {
                let name = &found.ident;
                for variant in &found.variants {
                    let fields: Vec<_> = variant.fields.iter().map(|field| text(&field.ty)).collect();
                    let (bound, variant) = (fields.len(), &variant.ident);
                    if bound == 1 {
                        _ = writeln!(
                            out,
                            "pub fn variant_{name}_{variant}(v: {}) -> types::{name} {{ types::{name}::{variant}(v) }}",
                            fields[0]
                        );
                    }
                }
            }
            Item::Type(found) => {
                _ = writeln!(
                    out,
                    "pub fn alias_{0}(v: {1}) -> types::{0} {{ v }}",
                    found.ident,
                    text(&found.ty)
                )
            }
            _ => {}
        }
    }
    operations(&mut out, &calls);
    out
}

/// Names every word of every enumeration.
pub(super) fn words(list: &str) -> String {
    let mut out = String::new();
    let mut name = String::new();
    for line in list.lines().map(str::trim) {
        if let Some(found) = line.strip_suffix(" {").filter(|found| !found.contains('!')) {
            found.clone_into(&mut name);
        } else if let Some((word, _)) = line.split_once(" = ").filter(|_| !line.starts_with('#')) {
            _ = writeln!(
                out,
                "pub fn word_{name}_{word}() -> types::{name} {{ types::{name}::{word} }}"
            );
        }
    }
    out
}

fn parsed(text: &str) -> File {
    syn::parse_file(text).expect("what is generated is Rust")
}

fn items_of<'f>(file: &'f File, module: &str) -> &'f [Item] {
    file.items
        .iter()
        .find_map(|item| in_module(item, module))
        .unwrap_or_default()
}

fn in_module<'f>(item: &'f Item, name: &str) -> Option<&'f [Item]> {
    match item {
        Item::Mod(ItemMod {
            ident,
            content: Some((_, items)),
            ..
        }) if ident == name => Some(items),
        _ => None,
    }
}

fn text(ty: &Type) -> String {
    ty.to_token_stream().to_string()
}

/// `T` of `Option<T>`, or the type itself.
fn inner(ty: &Type) -> String {
    argument(ty, "Option").map_or_else(|| text(ty), text)
}

fn argument<'t>(ty: &'t Type, name: &str) -> Option<&'t Type> {
    let Type::Path(path) = ty else { return None };
    let segment = path.path.segments.last().filter(|segment| segment.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

fn reads(out: &mut String, name: &str, fields: &Fields) {
    _ = writeln!(out, "pub fn read_{name}(v: types::{name}) {{");
    for (index, field) in fields.iter().enumerate() {
        let member = field
            .ident
            .as_ref()
            .map_or_else(|| index.to_string(), ToString::to_string);
        _ = writeln!(out, "    let _: {} = v.{member};", text(&field.ty));
    }
    out.push_str("}\n");
}

fn sets(out: &mut String, name: &str, fields: &Fields) {
    if !matches!(fields, Fields::Named(_)) {
        return;
    }
    let named: Vec<_> = fields
        .iter()
        .filter_map(|field| Some((field.ident.as_ref()?, inner(&field.ty))))
        .collect();
    let parameters: Vec<_> = named.iter().map(|(name, ty)| format!("{name}: {ty}")).collect();
    let setters: String = named.iter().map(|(name, _)| format!(".{name}({name})")).collect();
    let parameters = parameters.join(", ");
    _ = writeln!(
        out,
        "pub fn set_{name}({parameters}) -> types::builder::{name} {{ types::{name}::builder(){setters} }}"
    );
}

fn operations(out: &mut String, calls: &File) {
    let builders = items_of(calls, "builder");
    for item in &calls.items {
        let Item::Impl(block) = item else { continue };
        for method in functions(&block.items) {
            let ReturnType::Type(_, builder) = &method.sig.output else {
                continue;
            };
            let Type::Path(builder) = &**builder else { continue };
            let builder = &builder.path.segments.last().expect("a path has a name").ident;
            let of_builder = builders.iter().filter_map(|item| match item {
                Item::Impl(block) if text(&block.self_ty).starts_with(&format!("{builder} <")) => Some(&block.items),
                _ => None,
            });
            call(
                out,
                &method.sig.ident.to_string(),
                of_builder.flat_map(|items| functions(items)),
            );
        }
    }
}

fn functions(items: &[ImplItem]) -> impl Iterator<Item = &ImplItemFn> {
    items.iter().filter_map(|item| match item {
        ImplItem::Fn(function) => Some(function),
        _ => None,
    })
}

fn call<'f>(out: &mut String, name: &str, functions: impl Iterator<Item = &'f ImplItemFn>) {
    let (mut parameters, mut setters, mut result) = (String::new(), String::new(), String::new());
    for function in functions {
        let setter = function.sig.ident.to_string();
        if setter == "send" {
            if let ReturnType::Type(_, ty) = &function.sig.output {
                result = text(ty);
            }
        } else if let Some(ty) = taken(function).filter(|_| !setter.ends_with("_map")) {
            _ = write!(parameters, ", {setter}: {ty}");
            _ = write!(setters, ".{setter}({setter})");
        }
    }
    let result = result.replace("ResponseValue", "progenitor_client :: ResponseValue");
    _ = writeln!(
        out,
        "pub async fn call_{name}(client: &Client{parameters}) {{ let _: {result} = client.{name}(){setters}.send().await; }}"
    );
}

/// `T` of `where V: TryInto<T>`. Programs give texts for parts of a path.
fn taken(function: &ImplItemFn) -> Option<String> {
    let clause = function
        .sig
        .generics
        .where_clause
        .as_ref()?
        .to_token_stream()
        .to_string();
    let start = clause.find("TryInto <")? + "TryInto <".len();
    let mut depth = 1;
    let end = clause[start..].char_indices().find_map(|(index, c)| {
        depth += match c {
            '<' => 1,
            '>' => -1,
            _ => 0,
        };
        (depth == 0).then_some(start + index)
    })?;
    let ty = clause[start..end].trim();
    Some(ty.replace("crate :: PathSegment", "String"))
}
