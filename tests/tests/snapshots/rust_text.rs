//! Rust syntax on one line, as it would be written by hand: types and signatures for the pages.

use syn::{
    Field, Fields, FnArg, ImplItemFn, Item, ItemFn, ItemStruct, ItemType, Pat, Signature, Type, Visibility,
    punctuated::Punctuated,
};

/// Prefixes that say nothing to a reader.
const NOISE: [&str; 13] = [
    "::std::collections::",
    "::std::option::",
    "::std::result::",
    "::std::string::",
    "::std::vec::",
    "crate::open_enums::",
    "crate::types::builder::",
    "crate::types::",
    "super::",
    "::serde_json::",
    "types::builder::",
    "types::",
    "crate::",
];

/// A type.
pub(crate) fn type_text(ty: &Type) -> String {
    let alias: ItemType = syn::parse_str("type X = ();").expect("an alias");
    let text = item_text(Item::Type(ItemType {
        ty: Box::new(ty.clone()),
        ..alias
    }));
    let text = text.trim_start_matches("type X = ").trim_end_matches(';');
    text.replace("crate::", "")
}

/// A path as it is written.
pub(crate) fn path_text(path: &syn::Path) -> String {
    type_text(&Type::Path(syn::TypePath {
        attrs: Vec::new(),
        qself: None,
        path: path.clone(),
    }))
}

/// A type of the generated code, without the paths that are the same everywhere.
pub(crate) fn short_type_text(tokens: &str) -> String {
    let ty = syn::parse_str(tokens).unwrap_or_else(|error| panic!("{tokens}: {error}"));
    NOISE.iter().fold(type_text(&ty), |text, noise| text.replace(noise, ""))
}

/// A signature, as a caller sees it: `mut` before an argument is nobody's business.
pub(crate) fn signature_text(signature: &Signature) -> String {
    let mut sig = signature.clone();
    for argument in &mut sig.inputs {
        match argument {
            FnArg::Receiver(receiver) => receiver.mutability = None,
            FnArg::Typed(argument) => {
                if let Pat::Ident(name) = &mut *argument.pat {
                    name.mutability = None;
                }
            }
        }
    }
    let empty: ItemFn = syn::parse_str("fn empty() {}").expect("a function");
    let function = ItemFn { sig, ..empty };
    let text = item_text(Item::Fn(function));
    text.trim_end_matches("{}").trim_end().replace("crate::", "")
}

/// A method's signature, if it is public.
pub(crate) fn public_method_text(method: &ImplItemFn) -> Option<String> {
    is_public(&method.vis).then(|| signature_text(&method.sig))
}

/// The head of a struct with its public fields; `..` stands for others.
pub(crate) fn struct_text(item: &ItemStruct) -> String {
    let mut shown = item.clone();
    shown.attrs.clear();
    shown.vis = Visibility::Inherited;
    let public = |fields: &Punctuated<Field, syn::Token![,]>| {
        let public = fields.iter().filter(|field| is_public(&field.vis)).cloned();
        public
            .map(|field| Field {
                attrs: Vec::new(),
                vis: Visibility::Inherited,
                ..field
            })
            .collect()
    };
    let all = item.fields.len();
    match &mut shown.fields {
        Fields::Named(fields) => fields.named = public(&fields.named),
        Fields::Unnamed(fields) => fields.unnamed = public(&fields.unnamed),
        Fields::Unit => {}
    }
    let hidden = shown.fields.len() < all;
    let text = item_text(Item::Struct(shown));
    let text = text.trim_end_matches(';');
    match (hidden, &item.fields) {
        (false, _) | (_, Fields::Unit) => text.to_owned(),
        (true, Fields::Unnamed(_)) => text.replace("()", "(..)"),
        (true, Fields::Named(_)) => text
            .replace(" {}", " { .. }")
            .replace(", }", " }")
            .replace(" }", ", .. }")
            .replace("{ .., .. }", "{ .. }"),
    }
}

/// Any item, on one line.
pub(crate) fn item_text(item: Item) -> String {
    let file = syn::File {
        shebang: None,
        frontmatter: None,
        attrs: Vec::new(),
        items: vec![item],
    };
    let text = prettyplease::unparse(&file)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let broken = [
        ("( ", "("),
        (", )", ")"),
        (" )", ")"),
        ("< ", "<"),
        (", >", ">"),
        (", }", " }"),
    ];
    broken.iter().fold(text, |text, (from, to)| text.replace(from, to))
}

/// Whether everybody sees it.
pub(crate) fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}
