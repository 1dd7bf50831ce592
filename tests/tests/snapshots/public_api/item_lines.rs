//! One public item as lines of the outline: its head, its variants or methods, and the traits that it has.

use std::collections::BTreeSet;

use syn::{
    Attribute, Expr, Fields, ImplItem, Item, ItemImpl, Lit, Meta, Path, TraitItem, Variant, punctuated::Punctuated,
};

use super::{
    macro_text::PLACEHOLDER,
    paths::Definition,
    sources::{Sources, head},
    surface::Surface,
};
use crate::{
    generated,
    rust_text::{is_public, item_text, path_text, public_method_text, signature_text, struct_text, type_text},
};

/// The lines of an item. What a macro writes is shown once, under all its names.
pub(super) fn item_lines(sources: &Sources, surface: &Surface<'_>, definition: &Definition<'_>) -> Vec<String> {
    let Definition::Item { names, item, .. } = definition else {
        panic!("{} is no item", definition.title());
    };
    let whole = *item;
    let mut lines = match whole {
        Item::Const(item) => vec![format!("const {}: {}", item.ident, type_text(&item.ty))],
        Item::Fn(item) => vec![signature_text(&item.sig)],
        Item::Type(item) => vec![format!(
            "type {}{} = {}",
            item.ident,
            generics(&item.generics),
            type_text(&item.ty)
        )],
        Item::Struct(item) => {
            let mut lines = vec![struct_text(item) + &marks(&item.attrs)];
            lines.extend(impl_lines(sources, surface, whole, &item.attrs));
            lines
        }
        Item::Enum(item) => {
            let mut lines = vec![format!("enum {}{}", item.ident, generics(&item.generics)) + &marks(&item.attrs)];
            lines.extend(variant_lines(&item.ident.to_string(), item.variants.iter()));
            lines.extend(impl_lines(sources, surface, whole, &item.attrs));
            lines
        }
        Item::Trait(item) => {
            let head = syn::ItemTrait {
                attrs: Vec::new(),
                items: Vec::new(),
                ..item.clone()
            };
            let head = item_text(Item::Trait(head));
            let mut lines = vec![head.trim_start_matches("pub ").trim_end_matches(" {}").to_owned()];
            lines.extend(item.items.iter().filter_map(|item| match item {
                TraitItem::Fn(method) => Some(format!("  {}", signature_text(&method.sig))),
                _ => None,
            }));
            lines
        }
        _ => panic!("{}: a kind of item that the outline does not know", definition.title()),
    };
    if head(whole).is_some_and(|(_, _, name)| name == PLACEHOLDER) {
        // The head alone names the type; everything below says `Self`.
        lines[0] = lines[0].replacen(PLACEHOLDER, &names.join(" / "), 1);
    }
    lines
}

/// The variants, unless the list of them is generated.
fn variant_lines<'a>(name: &str, variants: impl Iterator<Item = &'a Variant>) -> Vec<String> {
    if name == "OperationId" {
        return vec![format!(
            "  one for each of the {} operations",
            generated().operations.len()
        )];
    }
    let line = |variant: &Variant| match (variant.ident.to_string().as_str(), &variant.fields) {
        ("variant", Fields::Unit) => "  one for each of its words".to_owned(),
        (name, Fields::Unit) => format!("  {name}"),
        (name, Fields::Unnamed(fields)) => {
            let types: Vec<_> = fields.unnamed.iter().map(|field| type_text(&field.ty)).collect();
            format!("  {name}({})", types.join(", "))
        }
        (name, Fields::Named(fields)) => {
            let field = |field: &syn::Field| {
                let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
                format!("{name}: {}", type_text(&field.ty))
            };
            let fields: Vec<_> = fields.named.iter().map(field).collect();
            format!("  {name} {{ {} }}", fields.join(", ")).replace("{  }", "{}")
        }
    };
    variants.map(line).collect()
}

/// The public methods and constants of a type, in the order of the sources, and the traits that others can use it by.
fn impl_lines(sources: &Sources, surface: &Surface<'_>, item: &Item, attributes: &[Attribute]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut traits = derived(attributes);
    let mut calls = 0;
    for (module, block) in sources.impls_of(item) {
        if let Some((path, _)) = &block.trait_ {
            if surface.shows(block) {
                traits.insert(trait_text(path) + &associated_types(block) + &feature(&block.attrs));
            }
            continue;
        }
        for item in &block.items {
            match item {
                ImplItem::Fn(method)
                    if super::is_generated(module)
                        && generated()
                            .operations
                            .iter()
                            .any(|call| method.sig.ident == call.method) =>
                {
                    calls += 1;
                }
                ImplItem::Fn(method) => lines.extend(public_method_text(method).map(|text| format!("  {text}"))),
                ImplItem::Const(item) if is_public(&item.vis) => {
                    lines.push(format!("  const {}: {}", item.ident, type_text(&item.ty)));
                }
                _ => {}
            }
        }
    }
    if calls > 0 {
        lines.push(format!("  {calls} generated methods, one for each operation"));
    }
    if !traits.is_empty() {
        lines.push(format!("  impl {}", traits.into_iter().collect::<Vec<_>>().join(", ")));
    }
    lines
}

fn derived(attributes: &[Attribute]) -> BTreeSet<String> {
    let lists = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("derive"));
    let paths = lists.filter_map(|list| {
        list.parse_args_with(Punctuated::<Path, syn::Token![,]>::parse_terminated)
            .ok()
    });
    paths
        .flatten()
        .filter_map(|path| path.segments.last().map(|last| last.ident.to_string()))
        .collect()
}

/// ` (feature …)`, where a `cfg` asks for one.
fn feature(attributes: &[Attribute]) -> String {
    let cfg = attributes.iter().find(|attribute| attribute.path().is_ident("cfg"));
    let asked = cfg.and_then(|cfg| cfg.parse_args::<Meta>().ok());
    match asked {
        Some(Meta::NameValue(pair)) => match pair.value {
            Expr::Lit(syn::ExprLit {
                lit: Lit::Str(name), ..
            }) => format!(" (feature {})", name.value()),
            _ => String::new(),
        },
        _ => String::new(),
    }
}

fn marks(attributes: &[Attribute]) -> String {
    let non_exhaustive = attributes
        .iter()
        .any(|attribute| attribute.path().is_ident("non_exhaustive"));
    if non_exhaustive {
        "  #[non_exhaustive]".to_owned()
    } else {
        String::new()
    }
}

fn generics(generics: &syn::Generics) -> String {
    let empty: syn::ItemStruct = syn::parse_str("struct X;").expect("a struct");
    let text = item_text(Item::Struct(syn::ItemStruct {
        generics: generics.clone(),
        ..empty
    }));
    text.trim_start_matches("struct X").trim_end_matches(';').to_owned()
}

/// A trait without the way to it: `fmt::Debug` and a derived `Debug` are one, and so is `Deserialize<'de>`.
fn trait_text(path: &Path) -> String {
    let last = path.segments.last().cloned().into_iter().collect();
    let path = Path {
        leading_colon: None,
        segments: last,
    };
    path_text(&path).replace("<'de>", "")
}

/// ` (Target = T)`: what a trait gives for this type.
fn associated_types(block: &ItemImpl) -> String {
    let types = block.items.iter().filter_map(|item| match item {
        ImplItem::Type(item) => Some(format!("{} = {}", item.ident, type_text(&item.ty))),
        _ => None,
    });
    let types: Vec<_> = types.collect();
    if types.is_empty() {
        String::new()
    } else {
        format!(" ({})", types.join(", "))
    }
}
