//! Reads the generated sources of enkash-api as text, with syn. The build script makes the dispatch from
//! it, and the snapshots print what it finds beside the spec; neither repeats a name by hand.

use std::{fs, path::Path};

use quote::ToTokens;
use syn::{
    Expr, Field, Fields, FnArg, GenericArgument, ImplItem, Item, ItemImpl, ItemMod, Lit, Meta, PathArguments,
    ReturnType, Type, TypeParamBound, WherePredicate, parse::Parser, punctuated::Punctuated,
};

/// A type as its tokens with spaces between them: syntax itself cannot be kept across threads.
pub type TypeTokens = String;

/// What stands in the generated files of enkash-api.
pub struct GeneratedSource {
    /// The structs of `types`, in the order of the file.
    pub types: Vec<GeneratedType>,
    /// The open enums, in the order of the file.
    pub enums: Vec<OpenEnum>,
    /// The methods of `Client` that call an operation, in the order of the file.
    pub operations: Vec<GeneratedCall>,
}

/// One struct of `types`.
pub struct GeneratedType {
    /// Its name.
    pub name: String,
    /// Its fields, or the one that it wraps.
    pub form: TypeForm,
}

/// What a generated struct holds.
pub enum TypeForm {
    /// Named fields.
    Fields(Vec<GeneratedField>),
    /// One value of this type, without a name.
    Wraps(TypeTokens),
}

/// One field of a generated struct.
pub struct GeneratedField {
    /// Its name in Rust.
    pub name: String,
    /// Its name on the wire.
    pub wire_name: String,
    /// Its type.
    pub ty: TypeTokens,
}

/// One entry of the list of open enums.
pub struct OpenEnum {
    /// Its name.
    pub name: String,
    /// Its variants, each with its word on the wire.
    pub variants: Vec<(String, String)>,
}

/// A method of `Client` with the builder that it returns.
pub struct GeneratedCall {
    /// The name of the method.
    pub method: String,
    /// The setters of the builder that take one value, in the order of the file.
    pub setters: Vec<Setter>,
    /// Whether the body can be given field by field.
    pub has_body_map: bool,
    /// What `send` returns.
    pub returns: TypeTokens,
}

/// One setter of a builder.
pub struct Setter {
    /// Its name.
    pub name: String,
    /// The type that its argument is converted into.
    pub takes: TypeTokens,
}

impl GeneratedSource {
    /// Reads the sources below the repository's root.
    pub fn read(root: &Path) -> Self {
        let sources = root.join("crates/enkash-api/src");
        let generated = parse_file(&sources.join("generated.rs"));
        let calls = parse_file(&sources.join("client/generated.rs"));
        let types = module(&generated.items, "types");
        let builders = module(&calls.items, "builder");
        Self {
            types: types.iter().filter_map(generated_type).collect(),
            enums: open_enums(&parse_file(&sources.join("open_enums_list.rs"))),
            operations: client_methods(&calls.items)
                .into_iter()
                .map(|(method, builder)| generated_call(method, &builder, builders))
                .collect(),
        }
    }
}

fn parse_file(path: &Path) -> syn::File {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn module<'a>(items: &'a [Item], name: &str) -> &'a [Item] {
    let is_it = |item: &'a Item| match item {
        Item::Mod(ItemMod {
            ident,
            content: Some((_, items)),
            ..
        }) if ident == name => Some(items),
        _ => None,
    };
    items
        .iter()
        .find_map(is_it)
        .unwrap_or_else(|| panic!("the generated code has no module {name}"))
}

fn generated_type(item: &Item) -> Option<GeneratedType> {
    let Item::Struct(item) = item else { return None };
    let form = match &item.fields {
        Fields::Named(fields) => TypeForm::Fields(fields.named.iter().map(generated_field).collect()),
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => TypeForm::Wraps(tokens(&fields.unnamed[0].ty)),
        _ => panic!("{}: a form of struct that this reader does not know", item.ident),
    };
    Some(GeneratedType {
        name: item.ident.to_string(),
        form,
    })
}

fn generated_field(field: &Field) -> GeneratedField {
    let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
    GeneratedField {
        wire_name: serde_rename(field).unwrap_or_else(|| name.clone()),
        name,
        ty: tokens(&field.ty),
    }
}

fn serde_rename(field: &Field) -> Option<String> {
    let serde = field
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"));
    let arguments = serde.filter_map(|attribute| {
        attribute
            .parse_args_with(Punctuated::<Meta, syn::Token![,]>::parse_terminated)
            .ok()
    });
    arguments.flatten().find_map(|argument| match argument {
        Meta::NameValue(pair) if pair.path.is_ident("rename") => string_literal(&pair.value),
        _ => None,
    })
}

fn string_literal(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(syn::ExprLit {
            lit: Lit::Str(text), ..
        }) => Some(text.value()),
        _ => None,
    }
}

/// The methods of `Client` that return a builder, with the name of the builder.
fn client_methods(items: &[Item]) -> Vec<(String, String)> {
    let of_client = items.iter().filter_map(|item| match item {
        Item::Impl(block) if block.trait_.is_none() && self_name(block) == "Client" => Some(block),
        _ => None,
    });
    let mut methods = Vec::new();
    for item in of_client.flat_map(|block| &block.items) {
        let ImplItem::Fn(method) = item else { continue };
        let ReturnType::Type(_, returned) = &method.sig.output else {
            continue;
        };
        if let Type::Path(path) = &**returned
            && path
                .path
                .segments
                .first()
                .is_some_and(|segment| segment.ident == "builder")
        {
            methods.push((method.sig.ident.to_string(), last_segment(returned)));
        }
    }
    methods
}

fn generated_call(method: String, builder: &str, builders: &[Item]) -> GeneratedCall {
    let mut setters = Vec::new();
    let mut returns = None;
    let mut has_body_map = false;
    let blocks = builders.iter().filter_map(|item| match item {
        Item::Impl(block) if self_name(block) == builder => Some(block),
        _ => None,
    });
    for item in blocks.flat_map(|block| &block.items) {
        let ImplItem::Fn(function) = item else { continue };
        match function.sig.ident.to_string().as_str() {
            "new" | "request" => {}
            "body_map" => has_body_map = true,
            "send" => match &function.sig.output {
                ReturnType::Type(_, returned) => returns = Some(tokens(returned)),
                ReturnType::Default => {}
            },
            name => {
                assert_eq!(
                    value_arguments(function),
                    1,
                    "{builder}::{name} does not take one value"
                );
                let takes = try_into_target(function).unwrap_or_else(|| panic!("{builder}::{name} takes no `TryInto`"));
                setters.push(Setter {
                    name: name.to_owned(),
                    takes,
                });
            }
        }
    }
    let returns = returns.unwrap_or_else(|| panic!("the builder {builder} has no `send`"));
    GeneratedCall {
        method,
        setters,
        has_body_map,
        returns,
    }
}

fn value_arguments(function: &syn::ImplItemFn) -> usize {
    function
        .sig
        .inputs
        .iter()
        .filter(|argument| matches!(argument, FnArg::Typed(_)))
        .count()
}

/// The `T` of `where V: TryInto<T>`.
fn try_into_target(function: &syn::ImplItemFn) -> Option<TypeTokens> {
    let predicates = &function.sig.generics.where_clause.as_ref()?.predicates;
    let bounds = predicates.iter().filter_map(|predicate| match predicate {
        WherePredicate::Type(predicate) => Some(&predicate.bounds),
        _ => None,
    });
    bounds.flatten().find_map(|bound| {
        let TypeParamBound::Trait(bound) = bound else {
            return None;
        };
        let segment = bound
            .path
            .segments
            .last()
            .filter(|segment| segment.ident == "TryInto")?;
        let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
            return None;
        };
        match arguments.args.first() {
            Some(GenericArgument::Type(target)) => Some(tokens(target)),
            _ => None,
        }
    })
}

fn tokens(ty: &Type) -> TypeTokens {
    ty.to_token_stream().to_string()
}

fn self_name(block: &ItemImpl) -> String {
    last_segment(&block.self_ty)
}

fn last_segment(ty: &Type) -> String {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .map(|segment| segment.ident.to_string())
            .unwrap_or_default(),
        _ => String::new(),
    }
}

/// The entries of the one macro call in open_enums_list.rs.
fn open_enums(file: &syn::File) -> Vec<OpenEnum> {
    let [Item::Macro(list)] = file.items.as_slice() else {
        panic!("open_enums_list.rs does not hold one macro call");
    };
    let entries = |input: syn::parse::ParseStream<'_>| {
        let mut found = Vec::new();
        while !input.is_empty() {
            input.call(syn::Attribute::parse_outer)?;
            let name: syn::Ident = input.parse()?;
            let body;
            syn::braced!(body in input);
            let variants = body.parse_terminated(variant, syn::Token![,])?;
            found.push(OpenEnum {
                name: name.to_string(),
                variants: variants.into_iter().collect(),
            });
        }
        Ok(found)
    };
    entries
        .parse2(list.mac.tokens.clone())
        .expect("open_enums_list.rs has a form that this reader does not know")
}

fn variant(input: syn::parse::ParseStream<'_>) -> syn::Result<(String, String)> {
    let name: syn::Ident = input.parse()?;
    input.parse::<syn::Token![=]>()?;
    let word: syn::LitStr = input.parse()?;
    Ok((name.to_string(), word.value()))
}
